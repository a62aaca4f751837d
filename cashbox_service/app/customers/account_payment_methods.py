"""Account.updatePaymentMethod: a payment method put on an account, and on its AutoBills (account §3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import Reference
from cashbox_service.app.engine import invoicing
from cashbox_service.app.subscriptions import autobill_change
from cashbox_service.app.wallet import catching_up, payment_methods, validating
from cashbox_service.app.wallet.drafts import PaymentMethodDraft
from cashbox_service.domain.autobill_state import ENDED
from cashbox_service.domain.errors import (
    CashboxError,
    DataValidation,
    InvalidRequest,
    MissingField,
)
from cashbox_service.domain.instruments import Secret, agreement_of, chargeable_alone
from cashbox_service.store.entities import Account, AutoBill, PaymentMethod

IN_SERVICE = ("Processing", "Pending Activation", "Active")


@dataclass(slots=True)
class Change:
    """The parameters of the call."""

    account: Reference
    payment_method: PaymentMethodDraft | None
    behavior: str = "Update"
    scope: str = "None"
    scope_on_children: str = "None"
    ignore_avs: bool = False
    ignore_cvn: bool = False

    @property
    def policy(self) -> validating.Policy:
        return validating.Policy(self.ignore_avs, self.ignore_cvn)


@dataclass(frozen=True, slots=True)
class Changed:
    """The account afterwards; ``successes`` and ``failures`` are AutoBills billed and not billed by catch-up."""

    account: Account
    validated: bool = False
    successes: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    not_replaced: bool = False


class CatchUpFailed(CashboxError):
    """No unpaid cycle could be collected with the new payment method; it was not saved."""

    def __init__(self, error: CashboxError, failures: tuple[str, ...]) -> None:
        super().__init__(str(error))
        self.error = error
        self.failures = failures


@dataclass(frozen=True, slots=True)
class _Proof:
    """What a validation came to, if there was one."""

    valid: bool = False
    plan: validating.Plan | None = None
    outcome: validating.Validation | None = None


_UNPROVEN = _Proof()


def update(work: Work, change: Change) -> Changed:
    """Store, perhaps after a check, and put the payment method on the AutoBills in scope.

    Raises AccountNotFound, PaymentMethodNotFound, DataValidation, PaymentRefused, PolicyRefused, CatchUpFailed.
    """
    vid = accounts.resolve(work, change.account).vid
    if change.payment_method is None:
        raise MissingField("paymentMethod")
    cycles: list[catching_up.Cycle] = []
    if change.behavior == "CatchUp":
        cycles = _cycles(work, vid, change)
        caught_up = _catch_up(work, vid, change, cycles) if cycles else None
        if caught_up is not None:
            return caught_up
    proof = _UNPROVEN if change.behavior == "Update" else _proven(work, vid, change)
    with work.writing():
        account = accounts.lock(work, vid)
        method = _store(work, account, change)
        if proof.plan is not None and proof.outcome is not None:
            validating.record(work, proof.plan, proof.outcome, account, method)
        not_replaced = _put_on_autobills(work, account, method, change)
    changed = Changed(account, proof.valid, not_replaced=not_replaced)
    if not cycles:
        return changed
    caught = catching_up.use_credit(work, cycles, method)
    return replace(changed, successes=caught.successes, failures=caught.failures)


def _store(work: Work, account: Account, change: Change) -> PaymentMethod:
    assert change.payment_method is not None
    try:
        return payment_methods.attach(work, account, change.payment_method, append=False).payment_method
    except DataValidation:
        raise
    except InvalidRequest as error:
        raise DataValidation(str(error)) from error


def _proven(work: Work, account_vid: str, change: Change) -> _Proof:
    """Ask the processor about the payment method as it would be stored. Raises PaymentRefused, PolicyRefused."""
    with work.rehearsing():
        method = _store(work, accounts.lock(work, account_vid), change)
        type_ = method.type
        checked = type_ in validating.CHECKED_WITH_PROCESSOR
        plan = validating.plan(work, method, _cvn(change)) if checked else None
    work.views.clear()
    if plan is None:
        return _Proof(type_ in validating.ALWAYS_VALID)
    outcome = validating.carry_out(work, plan, change.policy)
    if outcome.refusal is not None:
        raise outcome.refusal
    return _Proof(True, plan, outcome)


def _cycles(work: Work, account_vid: str, change: Change) -> list[catching_up.Cycle]:
    """The unpaid cycles in scope; none for a payment method that cannot be charged on the spot."""
    with work.rehearsing():
        locked = accounts.lock(work, account_vid)
        method = _store(work, locked, change)
        in_scope = _in_scope(work, locked, method, change)
        chargeable = _chargeable(method)
        cycles = catching_up.unpaid_cycles(work, [one for one in in_scope if one.status in IN_SERVICE])
    work.views.clear()
    return cycles if chargeable else []


def _chargeable(method: PaymentMethod) -> bool:
    at_once = (*validating.CHECKED_WITH_PROCESSOR, "ExternalBilling")
    return method.type in at_once or agreement_of(method.details) is not None


def _catch_up(
    work: Work, account_vid: str, change: Change, cycles: Sequence[catching_up.Cycle]
) -> Changed | None:
    """Collect the unpaid cycles in scope with the new payment method, oldest first; that is its validation.

    None where credit covers them all, which proves nothing.
    """
    saved: list[Changed] = []

    def rehearse() -> PaymentMethod:
        return _store(work, accounts.lock(work, account_vid), change)

    def save() -> PaymentMethod:
        locked = accounts.lock(work, account_vid)
        method = _store(work, locked, change)
        saved.append(Changed(locked, True, not_replaced=_put_on_autobills(work, locked, method, change)))
        for vid in dict.fromkeys(cycle.autobill_vid for cycle in cycles):
            work.uow.events.record_autobill(vid, "CATCHUP_BILLING", work.now)
        return method

    caught = catching_up.run(work, cycles, change.policy, _cvn(change), rehearse, save)
    if caught.is_unproven:
        return None
    if caught.refusal is not None:
        raise CatchUpFailed(caught.refusal, caught.failures)
    return replace(saved[-1], successes=caught.successes, failures=caught.failures)


def _put_on_autobills(work: Work, account: Account, method: PaymentMethod, change: Change) -> bool:
    """Switch the AutoBills in scope; whether some could not be switched because of their state, or its own."""
    left_out = False
    usable = chargeable_alone(method.type, method.details)
    for autobill in _in_scope(work, account, method, change):
        if autobill.status in ENDED or not usable:
            left_out = left_out or autobill.payment_method_vid != method.vid
            continue
        autobill_change.replace_payment_method(work, autobill, method)
        invoicing.refresh_open(work, autobill)
    work.uow.events.enqueue("accounts", "data change", account.vid, work.now)
    return left_out


def _in_scope(work: Work, account: Account, method: PaymentMethod, change: Change) -> list[AutoBill]:
    chosen = {autobill.vid: autobill for autobill in _scoped(work, [account.vid], method, change.scope)}
    children = [child.vid for child in work.uow.accounts.children_of(account.vid)]
    if children:
        for autobill in _scoped(work, children, method, change.scope_on_children):
            chosen[autobill.vid] = autobill
    return list(chosen.values())


def _scoped(work: Work, owners: Sequence[str], method: PaymentMethod, scope: str) -> list[AutoBill]:
    """The AutoBills that an UpdateScope names (account §3.1)."""
    if scope == "None":
        return []
    found = work.uow.autobills.of_accounts(owners)
    matching = [one for one in found if one.payment_method_vid == method.vid]
    due = [one for one in found if work.uow.invoices.unpaid_of_autobill(one.vid)]
    if scope == "MatchingPaymentMethod":
        return matching
    if scope == "AllDue":
        return due
    if scope == "AllDueAndMatching":
        return [one for one in found if one in matching or one in due]
    return [one for one in found if one.status in IN_SERVICE]


def _cvn(change: Change) -> Secret | None:
    assert change.payment_method is not None
    number = payment_methods.cvn_of(change.payment_method)
    return Secret(number) if number else None
