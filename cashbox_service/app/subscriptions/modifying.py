"""AutoBill.modify as a call: the change, and the money it moves (autobill §6.35).

As with a first bill the whole change is computed in one transaction; when a processor has to be asked, that one is
rolled back, the intent is committed, the processor is asked, and the change is made once more together with the
outcome. So a charge that is declined leaves everything as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from cashbox_service.app.collection import charging, instructing, settlement
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import Reference
from cashbox_service.app.engine import collecting, entitling, standing
from cashbox_service.app.engine.running_service import MODIFY
from cashbox_service.app.offers import bundles
from cashbox_service.app.sales import transactions
from cashbox_service.app.subscriptions import autobill_lookup, giving_back, modification
from cashbox_service.app.subscriptions.modification import Change, Modification
from cashbox_service.app.taxes import taxing
from cashbox_service.app.wallet import validating
from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.errors import (
    CashboxError,
    ConcurrentChange,
    InvalidRequest,
    NoPaymentMethod,
    PaymentRefused,
)
from cashbox_service.domain.instruments import chargeable_alone
from cashbox_service.domain.lines import with_settlements
from cashbox_service.domain.money import Money
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.faults import FaultPoint
from cashbox_service.ids import new_vid
from cashbox_service.processors.protocol import OutcomeKind, PaymentResult
from cashbox_service.store.entities import AutoBill, PaymentMethod, Refund, Transaction

PURPOSE = "modification"
REASON = "Modification"
"""What credit is called that a change gives back, and the note of its refunds."""


@dataclass(frozen=True, slots=True)
class Modified:
    """The AutoBill after the change, or after one that was only rehearsed, and the money that was moved."""

    autobill: AutoBill
    transaction: Transaction | None = None
    refunds: Sequence[Refund] = ()
    dryrun: bool = False
    would_be_new: Collection[str] = ()


class _AskFirst(Exception):
    """Rolls the change back: a processor has to be asked."""

    def __init__(self, plan: validating.Plan) -> None:
        self.plan = plan


Make = Callable[[], Change]


@contextmanager
def modify(work: Work, reference: Reference, wanted: Modification, *, dryrun: bool) -> Iterator[Modified]:
    """Change an AutoBill; the answer must be built before the context is left (a dry run is rolled back then).

    Raises MissingField, AutoBillNotFound, InvalidRequest and its kinds, NotFound for unknown VIDs, NoPaymentMethod, and
    PaymentRefused when the charge was declined: nothing has changed then.
    """
    found = autobill_lookup.resolve(work, reference)
    vid, account_vid = found.vid, found.account_vid

    def make() -> Change:
        accounts.lock(work, account_vid)
        return modification.apply(work, vid, wanted)

    if not dryrun:
        yield _carried_out(work, make)
        return
    with work.rehearsing() as would_be_new:
        yield replace(_rehearsed(work, make()), dryrun=True, would_be_new=would_be_new)


def _carried_out(work: Work, make: Make) -> Modified:
    def without_processor() -> Modified:
        _forget(work)
        with work.writing():
            return _finished(work, make())

    try:
        return starting_over(without_processor)
    except _AskFirst as stop:
        plan = stop.plan
    _forget(work)
    return _after_charge(work, make, plan)


def _forget(work: Work) -> None:
    work.uow.session.expunge_all()
    work.views.clear()


def _finished(work: Work, change: Change) -> Modified:
    """All that needs no processor. Raises _AskFirst, NoPaymentMethod."""
    autobill, net = change.autobill, change.net
    if net is None:
        _follow_up(work, autobill)
        return Modified(autobill)
    if not net.is_positive:
        return _settled(work, change, -net)
    uses = crediting.planned(work, autobill, net)
    owed = net - crediting.total(uses, net.currency)
    if owed.is_zero:
        return Modified(autobill, _paid_with_credit(work, change, uses))
    method = autobill.payment_method
    if method is None or not chargeable_alone(method.type, method.details):
        raise NoPaymentMethod
    raise _AskFirst(_charge_plan(work, autobill, method, owed))


def _rehearsed(work: Work, change: Change) -> Modified:
    """What would come of it, without asking anybody."""
    autobill, net = change.autobill, change.net
    if net is None:
        _follow_up(work, autobill)
        return Modified(autobill)
    if not net.is_positive:
        return _settled(work, change, -net)
    uses = crediting.planned(work, autobill, net)
    owed = net - crediting.total(uses, net.currency)
    transaction = _outline(work, change, owed, uses, processor=collecting.INTERNAL)
    assert change.invoice is not None
    crediting.reserve(uses)
    crediting.consume(work, autobill.account, autobill, change.invoice, uses)
    change.invoice.allocated += owed.amount
    settlement.mark_paid(change.invoice)
    _grant_product_credit(work, change)
    _follow_up(work, autobill)
    return Modified(autobill, transaction)


def _settled(work: Work, change: Change, back: Money) -> Modified:
    """Nothing is to be paid: what is left over goes back, and a transaction of 0 carries the lines."""
    transaction = _zero(work, change, [])
    refunds = giving_back.give_back(work, change.autobill, back, change.sources, REASON)
    _grant_product_credit(work, change)
    _follow_up(work, change.autobill)
    return Modified(change.autobill, transaction, refunds)


def _paid_with_credit(work: Work, change: Change, uses: list[crediting.Use]) -> Transaction:
    """Credit pays all of it."""
    invoice, autobill = change.invoice, change.autobill
    assert invoice is not None
    crediting.reserve(uses)
    transaction = _zero(work, change, uses)
    crediting.consume(work, autobill.account, autobill, invoice, uses)
    transaction.credit_uses = crediting.remembered(uses)
    settlement.mark_paid(invoice)
    _grant_product_credit(work, change)
    _follow_up(work, autobill)
    return transaction


def _zero(work: Work, change: Change, uses: list[crediting.Use]) -> Transaction:
    """A transaction of 0, done at once (billing-engine §4.4)."""
    nothing = Money.zero(change.autobill.currency)
    transaction = _outline(work, change, nothing, uses, processor=collecting.INTERNAL)
    captured = TransactionStatusType.CAPTURED
    transactions.move(work, transaction, captured, auth_code=collecting.ZERO_CODE)
    work.uow.events.record_autobill(change.autobill.vid, "NON_RECURRING_TRANSACTION", work.now)
    return transaction


def _grant_product_credit(work: Work, change: Change) -> None:
    """Credit that the products of items billed for the first time grant."""
    invoice = change.invoice or (change.sources[-1] if change.sources else None)
    if invoice is None:
        return
    for item in change.billed:
        for product in bundles.with_parts(work, item.product):
            if product.credit_granted:
                crediting.grant_from_product(work, change.autobill, product, invoice)


def _follow_up(work: Work, autobill: AutoBill) -> None:
    """What the change means for its end and its entitlements."""
    standing.expect_end(work, autobill)
    entitling.refresh(work, autobill)
    work.uow.flush()


def _outline(
    work: Work,
    change: Change,
    amount: Money,
    uses: list[crediting.Use],
    *,
    processor: str,
    plan: validating.Plan | None = None,
) -> Transaction:
    """The transaction of the change: outside of the schedule, so without cycle and retry number (billing-engine §2)."""
    autobill, invoice = change.autobill, change.invoice
    method = autobill.payment_method
    return transactions.create(
        work,
        transactions.Outline(
            kind="recurring",
            vid=plan.transaction_vid if plan is not None else None,
            merchant_transaction_id=plan.merchant_transaction_id if plan is not None else None,
            account=autobill.account,
            payment_method=method,
            payment_method_type=method.type if method is not None else "MerchantAcceptedPayment",
            currency=amount.currency,
            amount=amount.amount,
            lines=with_settlements(
                change.lines or (),
                amount.currency,
                credits_used=[crediting.used_credit(use) for use in uses],
            ),
            processor=processor,
            autobill=autobill,
            invoice=invoice,
            name_values=(
                NameValue("vin:AutoBillVID", autobill.vid),
                NameValue("vin:MerchantAutoBillIdentifier", autobill.merchant_autobill_id),
                MODIFY,
                *taxing.error_pairs(invoice.tax_errors if invoice is not None else ()),
            ),
            statement_identifier=collecting.statement_identifier(work, autobill),
            billing_plan_cycle=change.plan_cycle,
            details=transactions.OrderDetails(
                source_ip=autobill.source_ip,
                sales_tax_address=invoice.sales_tax_address if invoice is not None else None,
            ),
        ),
    )


def _charge_plan(work: Work, autobill: AutoBill, method: PaymentMethod, owed: Money) -> validating.Plan:
    key, reference = new_vid(), work.next_transaction_id()
    request = instructing.prepare(
        work,
        key,
        method,
        owed,
        reference,
        statement_identifier=collecting.statement_identifier(work, autobill),
        unattended=True,
    )
    processor = work.env.processors.for_type(method.type).name
    return validating.Plan(key, processor, request, method.type, new_vid(), reference)


def _after_charge(work: Work, make: Make, plan: validating.Plan) -> Modified:
    with work.writing():
        validating.note_attempt(work, plan, "authorize", PURPOSE)
    result = charging.ask(work, charging.Intent(plan.key, plan.processor, "authorize", plan.request))
    refusal = _refusal(result)
    if refusal is not None:
        charging.call_off(work, plan.key, result)
        raise refusal
    try:
        modified = _store_outcome(work, make, plan, result)
    except CashboxError:
        # Somebody else changed the AutoBill in the meantime: the money must not stay.
        charging.call_off(work, plan.key, result)
        raise
    work.reach(FaultPoint.OUTCOME_COMMITTED)
    return modified


def _refusal(result: PaymentResult) -> PaymentRefused | None:
    """Nothing less than the whole amount will do: half a change cannot be made."""
    if result.kind is OutcomeKind.UNKNOWN:
        return PaymentRefused("", hard=False, message="Unable to authorize payment method: no answer")
    if result.kind is OutcomeKind.DECLINED or result.is_partial:
        return PaymentRefused(result.auth_code or "", hard=result.is_hard)
    return None


def _store_outcome(work: Work, make: Make, plan: validating.Plan, result: PaymentResult) -> Modified:
    with work.writing():
        change = make()
        autobill, invoice, net = change.autobill, change.invoice, change.net
        if net is None or invoice is None or not net.is_positive:
            raise InvalidRequest("The AutoBill changed while the payment method was charged.")
        uses = crediting.planned(work, autobill, net)
        owed = net - crediting.total(uses, net.currency)
        if owed != plan.request.amount:
            raise InvalidRequest("The amount changed while the payment method was charged.")
        attempt = work.uow.transactions.attempt(plan.key)
        if attempt is None or not charging.settle(work, plan.key, result):
            raise ConcurrentChange
        attempt.context = {"credits": crediting.reserve(uses)}
        processor = work.env.processors.for_type(plan.method_type).wire_name
        transaction = _outline(work, change, owed, uses, processor=processor, plan=plan)
        charging.log_outcome(work, transaction, result)
        if result.kind is OutcomeKind.APPROVED:
            collecting.book_success(work, autobill, invoice, transaction, uses)
        else:
            collecting.deposit_submitted(work, autobill, invoice)
        work.uow.events.record_autobill(autobill.vid, "NON_RECURRING_TRANSACTION", work.now)
        _follow_up(work, autobill)
        work.reach(FaultPoint.OUTCOME_WRITTEN)
    return Modified(autobill, transaction)
