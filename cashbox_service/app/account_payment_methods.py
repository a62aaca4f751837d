"""Account.updatePaymentMethod: a payment method put on an account, and on its AutoBills (account §3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cashbox_service.app import (
    accounts,
    autobill_change,
    collecting,
    invoicing,
    payment_methods,
    validating,
)
from cashbox_service.app.context import Work
from cashbox_service.app.drafts import PaymentMethodDraft, Reference
from cashbox_service.domain.autobill_state import ENDED
from cashbox_service.domain.errors import (
    CashboxError,
    DataValidation,
    InvalidRequest,
    MissingField,
    NotFound,
    PaymentRefused,
)
from cashbox_service.domain.instruments import Secret
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


def update(work: Work, change: Change) -> Changed:
    """Store, perhaps after a check, and put the payment method on the AutoBills in scope.

    Raises AccountNotFound, DataValidation, PaymentRefused, PolicyRefused, CatchUpFailed.
    """
    account = accounts.resolve(work, change.account)
    if change.payment_method is None:
        raise MissingField("paymentMethod")
    if change.behavior == "CatchUp":
        return _catch_up(work, account, change)
    validated = _validate(work, account, change) if change.behavior == "Validate" else False
    with work.writing():
        account = accounts.lock(work, account.vid)
        method = _store(work, account, change)
        not_replaced = _put_on_autobills(work, account, method, change)
    return Changed(account, validated, not_replaced=not_replaced)


def _store(work: Work, account: Account, change: Change) -> PaymentMethod:
    assert change.payment_method is not None
    try:
        return payment_methods.attach(work, account, change.payment_method, append=False).payment_method
    except DataValidation:
        raise
    except (InvalidRequest, NotFound) as error:
        raise DataValidation(str(error)) from error


def _validate(work: Work, account: Account, change: Change) -> bool:
    """Ask the processor about the payment method as it would be stored. Raises PaymentRefused, PolicyRefused."""
    with work.rehearsing():
        locked = accounts.lock(work, account.vid)
        method = _store(work, locked, change)
        type_ = method.type
        checked = type_ in validating.CHECKED_WITH_PROCESSOR
        prepared = validating.plan(work, method, _cvn(change)) if checked else None
    work.views.clear()
    if prepared is None:
        return type_ in validating.ALWAYS_VALID
    outcome = validating.carry_out(work, prepared, change.policy)
    if outcome.refusal is not None:
        raise outcome.refusal
    return True


def _catch_up(work: Work, account: Account, change: Change) -> Changed:
    """Collect the unpaid cycles in scope with the new method, oldest first; that is its validation."""
    with work.rehearsing():
        locked = accounts.lock(work, account.vid)
        method = _store(work, locked, change)
        due = [
            (invoice.autobill_vid, invoice.vid)
            for autobill in _in_scope(work, locked, method, change)
            if autobill.status in IN_SERVICE
            for invoice in work.uow.invoices.unpaid_of_autobill(autobill.vid)
        ]
    work.views.clear()
    if not due:
        validated = _validate(work, account, change)
        with work.writing():
            account = accounts.lock(work, account.vid)
            not_replaced = _put_on_autobills(work, account, _store(work, account, change), change)
        return Changed(account, validated, not_replaced=not_replaced)
    return _bill_and_store(work, account, change, due)


def _bill_and_store(work: Work, account: Account, change: Change, due: Sequence[tuple[str, str]]) -> Changed:
    with work.writing():
        stored = _store(work, accounts.lock(work, account.vid), change)
        created = stored.created_at == work.now
    names: dict[str, str] = {}
    failed: set[str] = set()
    last: CashboxError = PaymentRefused("", hard=False)
    for autobill_vid, invoice_vid in due:
        collection = collecting.collect(work, autobill_vid, invoice_vid, stored)
        autobill = work.uow.autobills.by_vid(autobill_vid)
        assert autobill is not None
        names[autobill_vid] = autobill.merchant_autobill_id
        if not collection.paid:
            failed.add(autobill_vid)
            if collection.result is not None:
                last = PaymentRefused(collection.result.auth_code or "", collection.result.is_hard)
    successes = tuple(name for vid, name in names.items() if vid not in failed)
    failures = tuple(name for vid, name in names.items() if vid in failed)
    if not successes:
        _retire(work, stored, created)
        raise CatchUpFailed(last, failures)
    with work.writing():
        account = accounts.lock(work, account.vid)
        not_replaced = _put_on_autobills(work, account, stored, change)
        for vid in names:
            work.uow.events.record_autobill(vid, "CATCHUP_BILLING", work.now)
    return Changed(account, True, successes, failures, not_replaced)


def _retire(work: Work, method: PaymentMethod, created: bool) -> None:
    """Take a payment method that failed catch-up off the account; its attempts stay on record."""
    if not created:
        return
    with work.writing():
        stored = work.uow.payment_methods.by_vid(method.vid)
        if stored is not None:
            stored.active = False


def _put_on_autobills(work: Work, account: Account, method: PaymentMethod, change: Change) -> bool:
    """Switch the AutoBills in scope; whether some could not be switched because of their state."""
    left_out = False
    for autobill in _in_scope(work, account, method, change):
        if autobill.status in ENDED:
            left_out = True
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
