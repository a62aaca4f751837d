"""An AutoBill that waits for its customer: its first payment has to be approved on a page of the processor.

The AutoBill is stored Pending Activation / Unbilled with a transaction in AuthorizationPending, which is no billing
yet: its Open invoice stays as it is, and no billing run touches it. Once the customer has agreed, the payment method
has the agreement by which it is charged from then on, the first cycle is billed, and the transaction is that of the
first cycle. Where nothing is due yet the visit only proves the payment method, and its money is given back.

What was not approved leaves the AutoBill as it is, for another attempt by AutoBill.update; one that nobody approves is
cancelled after `PATIENCE`. Source: autobill §3.3, §5.2, §6.22 – §6.24.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from cashbox_service.app import (
    charging,
    collecting,
    crediting,
    customer_visits,
    entitling,
    invoicing,
    standing,
    transaction_outcome,
    transactions,
    validating,
)
from cashbox_service.app.autobill_build import Built
from cashbox_service.app.context import Work
from cashbox_service.domain.autobill_state import AutoBillStatus
from cashbox_service.domain.calendar import add_days
from cashbox_service.domain.errors import ConcurrentChange, InvalidRequest, PaymentRefused
from cashbox_service.domain.instruments import PaymentMethodType
from cashbox_service.domain.lines import validation_lines
from cashbox_service.domain.money import Money
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.faults import FaultPoint
from cashbox_service.ids import new_vid
from cashbox_service.processors.protocol import OutcomeKind, PaymentResult
from cashbox_service.store.entities import AutoBill, PaymentMethod, Transaction

PURPOSE = "activation"
KIND = "activation"
PATIENCE = 30
"""Days after which an AutoBill that its customer never approved is cancelled (autobill §3.3)."""

_COMPLETED_BY_CALL = frozenset({PaymentMethodType.PAYPAL, PaymentMethodType.CARRIER_BILLING})


@dataclass(frozen=True, slots=True)
class Settled:
    """``first``: this outcome was recorded, nobody had been before. ``returns``: its money has to be given back."""

    first: bool
    returns: bool = False


def plan(work: Work, autobill: AutoBill, method: PaymentMethod, owed: Money) -> validating.Plan:
    """Prepare the customer's visit for what is owed, or for 1.00 that only proves the payment method.

    Raises InvalidRequest where there is no page, or nowhere to come back to.
    """
    key, reference, vid = new_vid(), work.next_transaction_id(), new_vid()
    visit = customer_visits.to_page(method, vid)
    if visit is None:
        raise InvalidRequest(f"{method.type} payment method has no billing agreement.")
    amount = owed if owed.is_positive else Money.of(Decimal(1), autobill.currency)
    statement = collecting.statement_identifier(work, autobill)
    request = charging.prepare(
        work, key, method, amount, reference, statement_identifier=statement, visit=visit
    )
    processor = work.env.processors.for_type(method.type).name
    return validating.Plan(key, processor, request, method.type, vid, reference)


def begin(
    work: Work, make: Callable[[], Built], prepared: validating.Plan, *, in_full: bool
) -> tuple[AutoBill, Transaction]:
    """Ask the processor for its page, and store the AutoBill with the transaction that waits.

    Raises what ``make`` raises, and PaymentRefused when there is no page to be had; nothing is stored then.
    """
    with work.writing():
        validating.note_attempt(work, prepared, "authorize", PURPOSE)
    intent = charging.Intent(prepared.key, prepared.processor, "authorize", prepared.request)
    result = charging.ask(work, intent)
    if result.kind is not OutcomeKind.PENDING:
        _give_up(work, prepared.key, result)
        raise PaymentRefused(result.auth_code or "", hard=result.is_hard)
    with work.writing():
        built = make()
        attempt = work.uow.transactions.attempt(prepared.key)
        if attempt is None or not charging.settle(work, prepared.key, result):
            raise ConcurrentChange
        attempt.context = {"in_full": in_full}
        transaction = _waiting_transaction(work, built, prepared, in_full=in_full)
        charging.log_outcome(work, transaction, result)
        _wait(work, transaction)
        _let_wait(work, built.autobill, transaction)
        work.uow.flush()
        work.reach(FaultPoint.OUTCOME_WRITTEN)
    return built.autobill, transaction


def _give_up(work: Work, request_key: str, result: PaymentResult) -> None:
    if result.kind is OutcomeKind.APPROVED:
        charging.give_back(work, request_key)
        return
    with work.writing():
        charging.settle(work, request_key, result)


def _waiting_transaction(
    work: Work, built: Built, prepared: validating.Plan, *, in_full: bool
) -> Transaction:
    autobill, amount = built.autobill, prepared.request.amount
    method = autobill.payment_method
    assert method is not None
    wire_name = work.env.processors.for_type(prepared.method_type).wire_name
    if not in_full:
        outline = transactions.Outline(
            kind=KIND,
            vid=prepared.transaction_vid,
            merchant_transaction_id=prepared.merchant_transaction_id,
            account=autobill.account,
            payment_method=method,
            payment_method_type=method.type,
            currency=amount.currency,
            amount=amount.amount,
            lines=validation_lines(amount),
            processor=wire_name,
            autobill=autobill,
        )
        return transactions.create(work, outline)
    transaction = collecting.outline(
        work,
        autobill,
        built.due,
        method,
        amount,
        [],
        processor=wire_name,
        vid=prepared.transaction_vid,
        merchant_transaction_id=prepared.merchant_transaction_id,
    )
    # No attempt at the invoice yet: that it is once the customer has agreed.
    transaction.kind, transaction.invoice_vid = KIND, None
    built.due.attempts = 0
    return transaction


def _wait(work: Work, transaction: Transaction) -> None:
    """Until when the customer is waited for; where the provider knows what he did, the batch asks."""
    transaction.lapses_at = work.now + timedelta(hours=work.settings.pending_expiration_hours)
    asks = transaction.payment_method_type not in _COMPLETED_BY_CALL
    transaction.capture_at = work.now if asks else None


def _let_wait(work: Work, autobill: AutoBill, transaction: Transaction) -> None:
    autobill.awaits_vid = transaction.vid
    autobill.next_billing_on = None
    autobill.closes_on = add_days(work.today, PATIENCE)


def call_off(work: Work, autobill: AutoBill) -> None:
    """Another attempt, or another payment method, takes the place of the one that waits."""
    waiting = work.uow.transactions.by_vid(autobill.awaits_vid or "")
    autobill.awaits_vid = autobill.closes_on = None
    if waiting is not None and waiting.status == TransactionStatusType.AUTHORIZATION_PENDING:
        transaction_outcome.cancel(work, waiting)


def carry_out(work: Work, intent: charging.Intent) -> None:
    """Ask for the money once more, now that the customer agreed. Without an answer it goes on waiting."""
    key, result = intent.request_key, charging.ask(work, intent)
    with work.writing():
        settled = settle(work, key, result)
        work.reach(FaultPoint.OUTCOME_WRITTEN)
    work.reach(FaultPoint.OUTCOME_COMMITTED)
    if not settled.first:
        charging.return_late(work, key, result)
    elif settled.returns:
        charging.give_back(work, key)


def settle(work: Work, request_key: str, result: PaymentResult) -> Settled:
    """Book what the customer's visit came to, now, after a crash, or when the provider knows."""
    attempt = work.uow.transactions.attempt(request_key)
    assert attempt is not None
    assert attempt.transaction_vid is not None
    transaction = transactions.locked(work, attempt.transaction_vid)
    assert transaction.autobill_vid is not None
    autobill = work.uow.autobills.lock(transaction.autobill_vid)
    assert autobill is not None
    if not charging.settle(work, request_key, result):
        return Settled(first=False)
    if result.kind is OutcomeKind.UNKNOWN:
        return Settled(first=True)
    if result.kind is OutcomeKind.APPROVED:
        wanted = (
            autobill.awaits_vid == transaction.vid and autobill.status == AutoBillStatus.PENDING_ACTIVATION
        )
        if not wanted:
            transactions.move(work, transaction, TransactionStatusType.CANCELLED, auth_code=result.auth_code)
            charging.mark_for_return(work, request_key)
            return Settled(True, returns=True)
        _learn_agreement(transaction, result)
        autobill.awaits_vid = autobill.closes_on = None
        if attempt.context.get("in_full"):
            _activate(work, autobill, transaction, result)
            return Settled(True)
        _prove(work, autobill, transaction, result)
        charging.mark_for_return(work, request_key)
        return Settled(True, returns=True)
    charging.log_outcome(work, transaction, result)
    if result.kind is OutcomeKind.PENDING:
        _wait(work, transaction)
    else:
        work.uow.events.enqueue("transactions", "attempt failed", transaction.vid, work.now)
    return Settled(True)


def _learn_agreement(transaction: Transaction, result: PaymentResult) -> None:
    """The payment method can be charged without the customer from now on (autobill §6.23)."""
    method = transaction.payment_method
    assert method is not None
    agreement = result.agreement or result.processor_transaction_id or transaction.merchant_transaction_id
    told = {"payer_id": result.payer_id, "paypal_email": result.payer_email, "reference_id": agreement}
    method.details = method.details | {name: text for name, text in told.items() if text is not None}


def _activate(work: Work, autobill: AutoBill, transaction: Transaction, result: PaymentResult) -> None:
    """The first cycle is billed, and paid with what the customer approved."""
    invoice = work.uow.invoices.open_of(autobill.vid)
    assert invoice is not None
    transaction.kind, transaction.invoice_vid = "recurring", invoice.vid
    invoice.attempts = 1
    charging.log_outcome(work, transaction, result)
    billed = invoicing.bill(work, autobill, invoice)
    paid = Money.of(transaction.amount, transaction.currency)
    uses = crediting.planned(work, autobill, billed.owed - paid) if billed.owed > paid else []
    crediting.reserve(uses)
    collecting.book_success(work, autobill, invoice, transaction, uses)
    work.uow.events.record_autobill(autobill.vid, "TRANSACTION", work.now)


def _prove(work: Work, autobill: AutoBill, transaction: Transaction, result: PaymentResult) -> None:
    """The payment method is good: bill what is free now; anything else the billing run does on its day."""
    transaction.kind = "validation"
    validated = TransactionStatusType.AUTHORIZED_FOR_VALIDATION
    transactions.move(work, transaction, validated, auth_code=result.auth_code)
    work.uow.flush()
    invoicing.refresh_open(work, autobill)
    invoice = work.uow.invoices.open_of(autobill.vid)
    if invoice is None or autobill.start_at > work.now or invoice.balance > 0:
        return
    invoicing.bill(work, autobill, invoice)
    collecting.settle_without_money(work, autobill, invoice, [])
    standing.expect_end(work, autobill)
    entitling.refresh(work, autobill)
