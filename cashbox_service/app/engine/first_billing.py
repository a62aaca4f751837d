"""The first bill of an AutoBill inside the call that makes it, or that moves its start near (autobill §5).

The whole change is computed in one transaction. When it turns out that a processor has to be asked first, that
transaction is rolled back, the intent is committed, the processor is asked, and the change is made once more together
with the outcome; so nothing is stored that the outcome forbids, and no transaction is open during the call.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from cashbox_service.app.collection import charging, instructing
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.app.engine import collecting, invoicing, notices
from cashbox_service.app.engine.schedule import paid_by_hand
from cashbox_service.app.sales import scoring
from cashbox_service.app.subscriptions import activating
from cashbox_service.app.subscriptions.autobill_build import Built
from cashbox_service.app.subscriptions.drafts import AutoBillDraft
from cashbox_service.app.wallet import payment_methods, validating
from cashbox_service.domain import autobill_state
from cashbox_service.domain.autobill_state import AutoBillStatus, FirstBilling, ImmediateAuthFailurePolicy
from cashbox_service.domain.errors import (
    CashboxError,
    ConcurrentChange,
    InvalidRequest,
    NoPaymentMethod,
    PaymentRefused,
    RiskRefused,
    RiskScoreExceeded,
)
from cashbox_service.domain.instruments import Secret
from cashbox_service.domain.money import Money
from cashbox_service.domain.scoring import UNSCORED, Verdict
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.faults import FaultPoint
from cashbox_service.ids import new_vid
from cashbox_service.processors.protocol import OutcomeKind, PaymentResult
from cashbox_service.store.entities import AutoBill, PaymentAttempt, Transaction, TransactionStatusEntry

PURPOSE = "first billing"


@dataclass(frozen=True, slots=True)
class UpdateOptions:
    """The parameters of the call beside the AutoBill (autobill §6.1)."""

    failure_policy: str = ImmediateAuthFailurePolicy.DO_NOT_SAVE.value
    validate: bool = False
    risk_limit: int = 100
    ignore_avs: bool = False
    ignore_cvn: bool = False
    campaign_code: str | None = None
    dryrun: bool = False
    initial_auth: str = "AuthImminentBilling"

    @property
    def policy(self) -> validating.Policy:
        return validating.Policy(self.ignore_avs, self.ignore_cvn)


@dataclass(frozen=True, slots=True)
class Updated:
    """The AutoBill as it is now, or would be after a dry run."""

    autobill: AutoBill
    auth_status: TransactionStatusEntry | None = None
    initial_transaction: Transaction | None = None
    dryrun: bool = False
    verdict: Verdict = UNSCORED
    would_be_new: Collection[str] = ()
    """In a dry run, the VIDs of what does not exist."""
    created: bool = False
    """Whether the AutoBill did not exist before the call."""


class UpdateRefused(CashboxError):
    """The AutoBill was not saved; ``verdict`` tells how risky the payment looked before it was refused."""

    def __init__(
        self,
        error: CashboxError,
        auth_status: TransactionStatusEntry | None,
        verdict: Verdict = UNSCORED,
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.auth_status = auth_status
        self.verdict = verdict


class _AskFirst(Exception):
    """Rolls the change back: a processor has to be asked."""

    def __init__(self, prepared: _Prepared) -> None:
        self.prepared = prepared


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What is known before the processor is asked; the change afterwards uses the same identities."""

    plan: validating.Plan
    validates: bool = False
    visits: bool = False


Make = Callable[[], Built]
"""Makes or changes the AutoBill inside a write transaction; called once more after a processor was asked."""


def carry_out(work: Work, make: Make, draft: AutoBillDraft, options: UpdateOptions) -> Updated:
    """Store what ``make`` makes, and bill it when its first bill belongs to the call.

    Raises what ``make`` raises, NoPaymentMethod, and UpdateRefused when the payment method or its risk was refused.
    """
    verdict = UNSCORED

    def without_processor() -> Updated:
        nonlocal verdict
        work.uow.session.expunge_all()
        work.views.clear()
        with work.writing():
            built = make()
            verdict = assess_risk(work, built, draft, options.risk_limit)
            return _finish_without_processor(work, built, draft, options)

    try:
        return replace(starting_over(without_processor), verdict=verdict)
    except _AskFirst as stop:
        prepared = stop.prepared
    work.uow.session.expunge_all()
    work.views.clear()
    carry_on = _after_validation if prepared.validates else _after_charge
    if prepared.visits:
        carry_on = _after_visit_was_asked_for
    try:
        return replace(carry_on(work, make, options, prepared), verdict=verdict)
    except UpdateRefused as refused:
        refused.verdict = verdict
        raise


def assess_risk(work: Work, built: Built, draft: AutoBillDraft, limit: int) -> Verdict:
    """The score of a new AutoBill, or of one that gets another payment method (autobill §5.4).

    Raises UpdateRefused with RiskScoreExceeded when it is above the limit.
    """
    autobill = built.autobill
    if not built.is_new and draft.payment_method is None:
        return UNSCORED
    facts = scoring.ScoringFacts(
        autobill.account, autobill.payment_method, autobill.source_ip, autobill.name_values
    )
    try:
        return scoring.gate(work, facts, limit)
    except RiskRefused as refused:
        verdict = Verdict(refused.score, refused.codes)
        error = RiskScoreExceeded(refused.score, limit, refused.codes)
        raise UpdateRefused(error, None, verdict) from refused


def _finish_without_processor(
    work: Work, built: Built, draft: AutoBillDraft, options: UpdateOptions
) -> Updated:
    """Store what needs no processor: future starts, invoiced customers, nothing to pay. Else raises _AskFirst."""
    autobill = built.autobill
    method = autobill.payment_method
    if _asks_customer(built, draft):
        assert method is not None
        raise _AskFirst(_Prepared(activating.plan(work, method, _owed_at_once(work, built)), visits=True))
    if autobill.awaits_customer:
        return Updated(autobill)
    checkable = method is not None and method.type in validating.CHECKED_WITH_PROCESSOR
    if not built.immediate:
        proven = options.validate and (built.is_new or draft.payment_method is not None)
        if proven and checkable and method is not None:
            raise _AskFirst(_Prepared(validating.plan(work, method, _cvn(draft)), validates=True))
        return Updated(autobill)
    billed = invoicing.bill(work, autobill, built.due)
    uses = crediting.planned(work, autobill, billed.owed)
    owed = billed.owed - crediting.total(uses, autobill.currency)
    if owed.is_zero:
        if options.validate and checkable and method is not None:
            raise _AskFirst(_Prepared(validating.plan(work, method, _cvn(draft)), validates=True))
        return Updated(autobill, None, collecting.settle_without_money(work, autobill, built.due, uses))
    if paid_by_hand(autobill):
        invoicing.issue_by_hand(work, autobill, built.due, uses)
        return Updated(autobill)
    if method is None:
        return _without_payment_method(work, built, options)
    raise _AskFirst(_Prepared(_charge_plan(work, built, draft, owed), validates=False))


def _without_payment_method(work: Work, built: Built, options: UpdateOptions) -> Updated:
    """An amount is due and nobody can be charged: kept only when the caller wants it in the retry cycle."""
    if ImmediateAuthFailurePolicy(options.failure_policy) is not ImmediateAuthFailurePolicy.RETRY:
        raise NoPaymentMethod
    collecting.attempt_failed(work, built.autobill, built.due, hard=False)
    notices.failed(work, built.autobill, built.due, None, hard=False)
    return Updated(built.autobill)


def _charge_plan(work: Work, built: Built, draft: AutoBillDraft, owed: Money) -> validating.Plan:
    method = built.autobill.payment_method
    assert method is not None
    key, reference = new_vid(), work.next_transaction_id()
    request = instructing.prepare(
        work,
        key,
        method,
        owed,
        reference,
        _cvn(draft),
        collecting.statement_identifier(work, built.autobill),
    )
    processor = work.env.processors.for_type(method.type).name
    return validating.Plan(key, processor, request, method.type, new_vid(), reference)


def _after_validation(work: Work, make: Make, options: UpdateOptions, prepared: _Prepared) -> Updated:
    outcome = validating.carry_out(work, prepared.plan, options.policy)
    if outcome.refusal is not None:
        raise UpdateRefused(outcome.refusal, outcome.status)
    with work.writing():
        built = make()
        autobill = built.autobill
        assert autobill.payment_method is not None
        validating.record(work, prepared.plan, outcome, autobill.account, autobill.payment_method)
        initial = None
        if built.immediate:
            billed = invoicing.bill(work, autobill, built.due)
            uses = crediting.planned(work, autobill, billed.owed)
            initial = collecting.settle_without_money(work, autobill, built.due, uses)
    return Updated(autobill, outcome.status, initial)


def _asks_customer(built: Built, draft: AutoBillDraft) -> bool:
    """Whether the customer is sent to a page: for a new AutoBill, or once more for one that has not begun."""
    autobill = built.autobill
    if autobill.status != AutoBillStatus.PENDING_ACTIVATION or autobill.awaits_customer:
        return False
    asked_for = built.is_new or draft.payment_method is not None
    return asked_for and activating.needs_customer(autobill.payment_method)


def _owed_at_once(work: Work, built: Built) -> Money:
    """What the first bill asks of the customer, when it is due now."""
    if not built.immediate:
        return Money.zero(built.autobill.currency)
    return built.owed - crediting.total(
        crediting.planned(work, built.autobill, built.owed), built.owed.currency
    )


def _after_visit_was_asked_for(
    work: Work, make: Make, options: UpdateOptions, prepared: _Prepared
) -> Updated:
    """The AutoBill is saved and waits for its customer (autobill §5.2)."""
    plan = prepared.plan
    with work.writing():
        validating.note_attempt(work, plan, "authorize", activating.PURPOSE)
    result = charging.ask(work, charging.Intent(plan.key, plan.processor, "authorize", plan.request))
    refusal = validating.judge(work, result, options.policy, plan.method_type)
    if refusal is not None:
        charging.call_off(work, plan.key, result)
        raise UpdateRefused(refusal, _refused_status(work, plan, result))
    return _store_waiting(work, make, plan, result)


def _store_waiting(work: Work, make: Make, plan: validating.Plan, result: PaymentResult) -> Updated:
    try:
        with work.writing():
            built = make()
            owed = _owed_at_once(work, built)
            if owed.is_positive and owed != plan.request.amount:
                raise InvalidRequest("The amount changed while the payment method was authorized.")
            transaction = activating.begin(work, built.autobill, plan, result, owed)
    except CashboxError:
        # Someone else took the id in the meantime: nobody waits for the customer.
        charging.call_off(work, plan.key, result)
        raise
    return Updated(built.autobill, transaction.status_log[0], transaction if built.immediate else None)


def _after_charge(work: Work, make: Make, options: UpdateOptions, prepared: _Prepared) -> Updated:
    plan = prepared.plan
    with work.writing():
        work.uow.transactions.add(
            PaymentAttempt(
                request_key=plan.key,
                transaction_vid=plan.transaction_vid,
                processor=plan.processor,
                operation="authorize",
                purpose=PURPOSE,
                context={},
                amount=plan.request.amount.amount,
                currency=plan.request.amount.currency,
                state=charging.OPEN,
                created_at=work.env.clock.now(),
            )
        )
    intent = charging.Intent(plan.key, plan.processor, "authorize", plan.request)
    result = charging.ask(work, intent)
    refusal = validating.judge(work, result, options.policy, plan.method_type)
    if refusal is not None and not _kept(refusal, result, options):
        charging.call_off(work, plan.key, result)
        raise UpdateRefused(refusal, _refused_status(work, plan, result))
    if activating.waits(result):
        return _store_waiting(work, make, plan, result)
    try:
        updated = _store_outcome(work, make, plan, result)
    except CashboxError:
        # Someone else took the id in the meantime: the money must not stay.
        charging.call_off(work, plan.key, result)
        raise
    work.reach(FaultPoint.OUTCOME_COMMITTED)
    return updated


def _kept(refusal: CashboxError, result: PaymentResult, options: UpdateOptions) -> bool:
    """Whether the failure policy keeps the AutoBill all the same (autobill §5.3)."""
    if not isinstance(refusal, PaymentRefused) or result.kind is not OutcomeKind.DECLINED:
        return False
    outcome = FirstBilling.DECLINED_HARD if result.is_hard else FirstBilling.DECLINED_SOFT
    policy = ImmediateAuthFailurePolicy(options.failure_policy)
    return autobill_state.after_first_billing(outcome, policy) is not None


def _store_outcome(work: Work, make: Make, plan: validating.Plan, result: PaymentResult) -> Updated:
    with work.writing():
        built = make()
        autobill, invoice = built.autobill, built.due
        billed = invoicing.bill(work, autobill, invoice)
        uses = crediting.planned(work, autobill, billed.owed)
        owed = billed.owed - crediting.total(uses, autobill.currency)
        if owed != plan.request.amount:
            raise InvalidRequest("The amount changed while the payment method was authorized.")
        attempt = work.uow.transactions.attempt(plan.key)
        if attempt is None or not charging.settle(work, plan.key, result):
            raise ConcurrentChange
        attempt.context = {"credits": crediting.reserve(uses)}
        transaction = collecting.outline(
            work,
            autobill,
            invoice,
            autobill.payment_method,
            owed,
            uses,
            processor=work.env.processors.for_type(plan.method_type).wire_name,
            vid=plan.transaction_vid,
            merchant_transaction_id=plan.merchant_transaction_id,
        )
        charging.log_outcome(work, transaction, result)
        if result.kind is OutcomeKind.APPROVED:
            collecting.book_success(work, autobill, invoice, transaction, uses)
        elif result.kind is OutcomeKind.PENDING:
            collecting.deposit_submitted(work, autobill, invoice)
        elif result.kind is OutcomeKind.DECLINED:
            crediting.release(uses)
            collecting.attempt_failed(work, autobill, invoice, hard=result.is_hard)
            notices.failed(work, autobill, invoice, transaction, hard=result.is_hard)
        work.uow.events.record_autobill(autobill.vid, "TRANSACTION", work.now)
        work.uow.flush()
        work.reach(FaultPoint.OUTCOME_WRITTEN)
    return Updated(autobill, transaction.status_log[0], transaction)


def _refused_status(work: Work, plan: validating.Plan, result: PaymentResult) -> TransactionStatusEntry:
    return validating.status_entry(work, plan.method_type, TransactionStatusType.CANCELLED, result)


def _cvn(draft: AutoBillDraft) -> Secret | None:
    number = payment_methods.cvn_of(draft.payment_method) if draft.payment_method is not None else None
    return Secret(number) if number else None
