"""PaymentMethod.update and validate: a payment method that stands alone (payment-method §3)."""

from __future__ import annotations

from dataclasses import dataclass

from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.engine import invoicing
from cashbox_service.app.sales import scoring
from cashbox_service.app.subscriptions import autobill_change
from cashbox_service.app.wallet import payment_methods, validating
from cashbox_service.app.wallet.drafts import PaymentMethodDraft
from cashbox_service.domain.autobill_state import ENDED
from cashbox_service.domain.errors import CashboxError, MissingField
from cashbox_service.domain.instruments import Secret, chargeable_alone
from cashbox_service.domain.scoring import UNSCORED, WORST, Verdict
from cashbox_service.store.entities import Account, PaymentMethod, TransactionStatusEntry

LEFT_OUT = ("Expired", "Legacy Suspended")
"""States of AutoBills that ought to switch and cannot (conventions §3.3, code 261)."""


@dataclass(frozen=True, slots=True)
class UpdateOptions:
    """The parameters of the call beside the payment method."""

    validate: bool = False
    risk_limit: int = 100
    source_ip: str | None = None
    replace_on_autobills: bool = False
    replace_on_child_autobills: bool = False
    ignore_avs: bool = False
    ignore_cvn: bool = False

    @property
    def policy(self) -> validating.Policy:
        return validating.Policy(self.ignore_avs, self.ignore_cvn)


@dataclass(frozen=True, slots=True)
class Updated:
    """The stored payment method and what was done with it.

    ``missing_account``: it belongs to nobody, so no AutoBill could be switched; ``not_replaced``: some could not.
    """

    payment_method: PaymentMethod
    created: bool
    validated: bool
    auth_status: TransactionStatusEntry | None = None
    missing_account: bool = False
    not_replaced: bool = False
    verdict: Verdict = UNSCORED


@dataclass(frozen=True, slots=True)
class Checked:
    """What a validation without storing came to; no ``outcome`` for types that nobody is asked about."""

    valid: bool
    outcome: validating.Validation | None = None
    verdict: Verdict = UNSCORED


@dataclass(frozen=True, slots=True)
class _Rehearsed:
    """What is known before the processor is asked: the score, and what to ask, if anything."""

    verdict: Verdict
    valid: bool
    plan: validating.Plan | None = None


class ValidationRefused(CashboxError):
    """The payment method was not stored; ``auth_status`` tells what the processor said, ``verdict`` how risky it is."""

    def __init__(self, error: CashboxError, auth_status: TransactionStatusEntry, verdict: Verdict) -> None:
        super().__init__(str(error))
        self.error = error
        self.auth_status = auth_status
        self.verdict = verdict


def update(work: Work, draft: PaymentMethodDraft | None, options: UpdateOptions) -> Updated:
    """Create or change, after a check by the processor when asked for.

    Raises PaymentMethodNotFound for an unknown VID, InvalidRequest and its kinds, RiskRefused, ValidationRefused.
    """
    if draft is None:
        raise MissingField("paymentMethod")
    scoring.check_limit(options.risk_limit)
    before = _Rehearsed(UNSCORED, valid=False)
    if options.validate or options.risk_limit < WORST:
        before = _rehearse(work, draft, options.risk_limit, options.source_ip, validate=options.validate)
    prepared, valid, outcome = before.plan, before.valid, None
    if prepared is not None:
        outcome = validating.carry_out(work, prepared, options.policy)
        if outcome.refusal is not None:
            raise ValidationRefused(outcome.refusal, outcome.status, before.verdict)
        valid = True

    def stored() -> Updated:
        with work.writing():
            account = _owner(work, draft)
            put = payment_methods.put(work, draft)
            if prepared is not None and outcome is not None:
                validating.record(work, prepared, outcome, account, put.payment_method)
            not_replaced = _replace(work, account, put.payment_method, options)
            if account is not None:
                work.uow.events.enqueue("accounts", "data change", account.vid, work.now)
        return Updated(
            put.payment_method,
            put.created,
            valid,
            outcome.status if outcome is not None else None,
            missing_account=options.replace_on_autobills and account is None,
            not_replaced=not_replaced,
            verdict=before.verdict,
        )

    return starting_over(stored)


def validate(work: Work, draft: PaymentMethodDraft | None, options: UpdateOptions) -> Checked:
    """Check without storing anything. Raises PaymentMethodNotFound, RiskRefused, InvalidRequest and its kinds."""
    if draft is None:
        raise MissingField("paymentMethod")
    scoring.check_limit(options.risk_limit)
    before = _rehearse(work, draft, options.risk_limit, options.source_ip, validate=True)
    if before.plan is None:
        return Checked(before.valid, verdict=before.verdict)
    outcome = validating.carry_out(work, before.plan, options.policy)
    return Checked(outcome.refusal is None, outcome, before.verdict)


def _rehearse(
    work: Work, draft: PaymentMethodDraft, risk_limit: int, source_ip: str | None, *, validate: bool
) -> _Rehearsed:
    """Score the payment method as it would be stored, then prepare its check. Raises RiskRefused."""
    with work.rehearsing():
        method = payment_methods.put(work, draft).payment_method
        facts = scoring.ScoringFacts(method.account, method, source_ip)
        verdict = scoring.gate(work, facts, risk_limit)
        if not validate:
            return _Rehearsed(verdict, valid=False)
        checked = method.type in validating.CHECKED_WITH_PROCESSOR
        plan = validating.plan(work, method, _cvn(draft)) if checked else None
        return _Rehearsed(verdict, method.type in validating.ALWAYS_VALID, plan)


def _owner(work: Work, draft: PaymentMethodDraft) -> Account | None:
    """The account of a stored payment method, locked before it changes."""
    known = payment_methods.find(work, draft)
    if known is None or known.account_vid is None:
        return None
    return accounts.lock(work, known.account_vid)


def _replace(work: Work, account: Account | None, method: PaymentMethod, options: UpdateOptions) -> bool:
    """Put it on all active AutoBills of its account and, when asked for, of the children."""
    if not options.replace_on_autobills or account is None:
        return False
    owners = accounts.with_children(work, account, options.replace_on_child_autobills)
    left_out = False
    usable = chargeable_alone(method.type, method.details)
    for autobill in work.uow.autobills.of_accounts(owners):
        if autobill.status in ENDED:
            left_out = left_out or (autobill.status in LEFT_OUT and autobill.payment_method_vid != method.vid)
            continue
        if not usable:
            left_out = left_out or autobill.payment_method_vid != method.vid
            continue
        autobill_change.replace_payment_method(work, autobill, method)
        invoicing.refresh_open(work, autobill)
    return left_out


def _cvn(draft: PaymentMethodDraft) -> Secret | None:
    number = payment_methods.cvn_of(draft)
    return Secret(number) if number else None
