"""Collecting an unpaid invoice: credit first, then the payment method (billing-engine §7, §9).

The same steps serve the billing run and catch-up billing. The account is locked while intent and outcome are committed,
never while the processor is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cashbox_service.app import books
from cashbox_service.app.collection import charging, settlement
from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.app.customers import accounts
from cashbox_service.app.engine import entitling, invoicing, notices, projecting, standing
from cashbox_service.app.engine.schedule import MERCHANT_ACCEPTED, paid_by_hand
from cashbox_service.app.sales import transactions
from cashbox_service.app.taxes import taxing
from cashbox_service.domain import autobill_state, ledger, retry
from cashbox_service.domain import invoice as invoice_rules
from cashbox_service.domain.autobill_state import AutoBillEvent, BillingState
from cashbox_service.domain.calendar import midnight
from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.instruments import chargeable_alone
from cashbox_service.domain.lines import BookedPayment, with_settlements
from cashbox_service.domain.money import Money
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.faults import FaultPoint
from cashbox_service.processors.protocol import OutcomeKind, PaymentResult
from cashbox_service.store.entities import AutoBill, Invoice, PaymentMethod, Transaction

PURPOSE = "recurring"
ZERO_CODE = "VIN_900"
INTERNAL = "Vindicia"


@dataclass(frozen=True, slots=True)
class Collection:
    """What an attempt came to: ``paid``, and its transaction when one was made."""

    paid: bool
    transaction: Transaction | None = None
    result: PaymentResult | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """An attempt of which everything is stored but its outcome: a processor has to be asked."""

    autobill_vid: str
    transaction: Transaction
    intent: charging.Intent


def collect(
    work: Work, autobill_vid: str, invoice_vid: str, method: PaymentMethod | None = None
) -> Collection:
    """One attempt at an unpaid invoice with the AutoBill's payment method, or with ``method`` instead."""
    with work.writing():
        autobill, invoice = _locked(work, autobill_vid, invoice_vid)
        started = attempt(work, autobill, invoice, method)
    if isinstance(started, Collection):
        return started
    result = charging.ask(work, started.intent)
    with work.writing():
        settled = settle(work, started.intent.request_key, result)
        work.reach(FaultPoint.OUTCOME_WRITTEN)
    work.reach(FaultPoint.OUTCOME_COMMITTED)
    if not settled:
        charging.return_late(work, started.intent.request_key, result)
        return Collection(False, started.transaction)
    return Collection(result.kind is OutcomeKind.APPROVED, started.transaction, result)


def attempt(
    work: Work, autobill: AutoBill, invoice: Invoice, method: PaymentMethod | None = None
) -> Collection | Asking:
    """Begin an attempt inside the caller's transaction; it is over at once where no processor has to be asked."""
    if invoice.state not in invoice_rules.UNPAID:
        return Collection(invoice.state == "Paid")
    if has_pending_payment(work, invoice):
        autobill.retry_on = work.today  # waits for the outcome, see billing_steps
        return Collection(False)
    payer = _chargeable(method or autobill.payment_method)
    if payer is not None and payer.type == MERCHANT_ACCEPTED:
        autobill.retry_on = None  # the customer pays by hand now, and nobody can be charged
        return Collection(False)
    uses = crediting.planned(work, autobill, Money.of(invoice.balance, invoice.currency))
    owed = Money.of(invoice.balance, invoice.currency) - crediting.total(uses, invoice.currency)
    if owed.is_zero:
        transaction = settle_without_money(work, autobill, invoice, uses)
        return Collection(True, transaction)
    if payer is None:
        attempt_failed(work, autobill, invoice, hard=False)
        notices.failed(work, autobill, invoice, None, hard=False)
        work.uow.events.mention("invoices", "unpaid", invoice.vid, work.now, next=autobill.retry_on)
        return Collection(False)
    transaction, intent = _begin(work, autobill, invoice, payer, owed, uses)
    return Asking(autobill.vid, transaction, intent)


def _chargeable(method: PaymentMethod | None) -> PaymentMethod | None:
    """The payment method; None for one that needs the customer to be there, as if there were none."""
    return method if method is not None and chargeable_alone(method.type, method.details) else None


def settle(work: Work, request_key: str, result: PaymentResult, *, captured: bool = True) -> bool:
    """Book the outcome of an attempt, now or after a crash; False when that was done before.

    Unless ``captured``, what was approved is still to be captured.
    """
    attempt = work.uow.transactions.attempt(request_key)
    assert attempt is not None
    assert attempt.transaction_vid is not None
    transaction = work.uow.transactions.by_vid(attempt.transaction_vid)
    assert transaction is not None
    assert transaction.autobill_vid is not None
    assert transaction.invoice_vid
    autobill, invoice = _locked(work, transaction.autobill_vid, transaction.invoice_vid)
    if not charging.settle(work, request_key, result):
        return False
    charging.log_outcome(work, transaction, result, captured=captured)
    if result.kind is OutcomeKind.UNKNOWN:
        work.uow.events.mention("transactions", "attempt unanswered", transaction.vid, work.now)
        return True
    if result.kind is OutcomeKind.PENDING:
        deposit_submitted(work, autobill, invoice)
        work.uow.events.mention("transactions", "attempt pending", transaction.vid, work.now)
        return True
    uses = crediting.reserved(work, attempt.context.get("credits", []))
    if result.kind is OutcomeKind.APPROVED:
        book_success(work, autobill, invoice, transaction, uses)
    else:
        crediting.release(uses)
        attempt_failed(work, autobill, invoice, hard=result.is_hard)
        notices.failed(work, autobill, invoice, transaction, hard=result.is_hard)
        work.uow.events.enqueue("transactions", "attempt failed", transaction.vid, work.now)
    work.uow.events.record_autobill(autobill.vid, "TRANSACTION", work.now)
    return True


def withdraw(work: Work, request_key: str) -> bool:
    """An attempt that nobody was asked about is off; the next run makes another one. False when it was settled before.

    It counts for nothing: the AutoBill stands as it did.
    """
    kept = work.uow.transactions.attempt(request_key)
    assert kept is not None
    assert kept.transaction_vid is not None
    transaction = work.uow.transactions.by_vid(kept.transaction_vid)
    assert transaction is not None
    assert transaction.autobill_vid is not None
    assert transaction.invoice_vid
    autobill, invoice = _locked(work, transaction.autobill_vid, transaction.invoice_vid)
    result = PaymentResult.never_received()
    if not charging.settle(work, request_key, result):
        return False
    charging.log_outcome(work, transaction, result)
    crediting.release(crediting.reserved(work, kept.context.get("credits", [])))
    if invoice.state in invoice_rules.UNPAID:
        autobill.retry_on = work.today
    return True


def book_success(
    work: Work, autobill: AutoBill, invoice: Invoice, transaction: Transaction, uses: list[crediting.Use]
) -> None:
    """An approved attempt: credit is consumed, the money goes on the invoice, the AutoBill is in good standing.

    When the invoice was paid otherwise in the meantime, credit stays unused and the money that it cannot take becomes
    credit.
    """
    room = max(invoice.balance, Decimal(0)) if invoice.state in invoice_rules.UNPAID else Decimal(0)
    amount = min(transaction.amount, room)
    used, unused = crediting.within(uses, room - amount)
    crediting.release(unused)
    crediting.consume(work, autobill.account, autobill, invoice, used)
    transaction.credit_uses = crediting.remembered(used)
    currency = transaction.currency
    if amount > 0:
        books.allocate(work, transaction, invoice, amount, 0)
        settlement.mark_paid(invoice)
    remainder = Money.of(transaction.amount - amount, currency)
    remainder_to = settlement.grant_unneeded(work, autobill, remainder, transaction)
    books.post(
        work,
        ledger.payment_received(
            processor=transaction.payment_processor or "",
            allocations=[(invoice.vid, Money.of(amount, currency))],
            remainder=remainder,
            remainder_to=remainder_to,
        ),
        transaction,
    )
    work.uow.events.mention("transactions", "attempt succeeded", transaction.vid, work.now)
    if transaction.status == TransactionStatusType.CAPTURED.value:  # else the capture batch tells of it
        work.uow.events.record_told("transactions", "attempt succeeded", transaction.vid, work.now)
    if invoice.state in invoice_rules.UNPAID:
        attempt_failed(work, autobill, invoice, hard=False)  # the processor approved less than was asked
    else:
        billing_succeeded(work, autobill, invoice)
        notices.charged(work, autobill, invoice, transaction)


def settle_without_money(
    work: Work, autobill: AutoBill, invoice: Invoice, uses: list[crediting.Use]
) -> Transaction:
    """A cycle of which nothing is left to collect: Paid at once, with a transaction of 0 (billing-engine §4.4)."""
    crediting.reserve(uses)
    transaction = outline(
        work,
        autobill,
        invoice,
        autobill.payment_method,
        Money.zero(invoice.currency),
        uses,
        processor=INTERNAL,
        name_values=(NameValue("vin:payment_processor", INTERNAL),),
    )
    transactions.move(work, transaction, TransactionStatusType.CAPTURED, auth_code=ZERO_CODE)
    crediting.consume(work, autobill.account, autobill, invoice, uses)
    transaction.credit_uses = crediting.remembered(uses)
    settlement.mark_paid(invoice)
    billing_succeeded(work, autobill, invoice)
    work.uow.events.record_autobill(autobill.vid, "TRANSACTION", work.now)
    work.uow.events.mention("transactions", "attempt succeeded", transaction.vid, work.now)
    return transaction


def billing_succeeded(work: Work, autobill: AutoBill, invoice: Invoice) -> None:
    """A cycle is billed and paid: what follows for standing, entitlements and credit that products grant.

    Cycles that waited behind it are collected next, oldest first (billing-engine §9.2).
    """
    work.uow.flush()
    waiting = standing.charged_unpaid(work, autobill)
    if not waiting:
        healed = autobill_state.after_billing(standing.of(autobill), free=invoice.free)
        standing.settled(work, autobill, healed)
    elif waiting[0].number > invoice.number and not paid_by_hand(autobill):
        autobill.retry_on = work.today
    invoicing.grant_product_credit(work, autobill, invoice)
    entitling.refresh(work, autobill)


def outline(
    work: Work,
    autobill: AutoBill,
    invoice: Invoice,
    method: PaymentMethod | None,
    amount: Money,
    uses: list[crediting.Use],
    *,
    processor: str,
    vid: str | None = None,
    merchant_transaction_id: str | None = None,
    name_values: tuple[NameValue, ...] = (),
) -> Transaction:
    """The transaction of one attempt at a cycle (billing-engine §7)."""
    retry_number = invoice.attempts
    invoice.attempts += 1
    activity: datetime | None = midnight(invoice.service_start, work.zone) if invoice.service_start else None
    return transactions.create(
        work,
        transactions.Outline(
            kind="recurring",
            vid=vid,
            merchant_transaction_id=merchant_transaction_id,
            account=autobill.account,
            payment_method=method,
            payment_method_type=method.type if method is not None else "MerchantAcceptedPayment",
            currency=amount.currency,
            amount=amount.amount,
            lines=with_settlements(
                invoice.lines,
                invoice.currency,
                _payments(work, invoice),
                [crediting.used_credit(use) for use in uses],
            ),
            processor=processor,
            autobill=autobill,
            invoice=invoice,
            name_values=(
                *cycle_names(autobill, invoice, retry_number),
                *taxing.error_pairs(invoice.tax_errors),
                *name_values,
            ),
            statement_identifier=statement_identifier(work, autobill),
            autobill_cycle=invoice.cycle,
            billing_plan_cycle=invoice.plan_cycle,
            original_activity_at=activity,
            retry_number=retry_number,
            details=transactions.OrderDetails(
                source_ip=autobill.source_ip, sales_tax_address=invoice.sales_tax_address
            ),
        ),
    )


def statement_identifier(work: Work, autobill: AutoBill) -> str | None:
    """What the customer's card statement says: the AutoBill's text, the primary product's, the plan's."""
    primary = projecting.primary_product(autobill, work.today)
    return (
        autobill.billing_statement_identifier
        or (primary.billing_statement_identifier if primary is not None else None)
        or autobill.billing_plan.billing_statement_identifier
    )


def has_pending_payment(work: Work, invoice: Invoice) -> bool:
    """Whether money for the invoice is on its way: then no attempt is made (billing-engine §7)."""
    return work.uow.transactions.unsettled_on(invoice.vid)


def _begin(
    work: Work,
    autobill: AutoBill,
    invoice: Invoice,
    method: PaymentMethod,
    owed: Money,
    uses: list[crediting.Use],
) -> tuple[Transaction, charging.Intent]:
    processor = work.env.processors.for_type(method.type)
    transaction = outline(work, autobill, invoice, method, owed, uses, processor=processor.wire_name)
    autobill.retry_on = None  # what comes next follows from the outcome
    work.uow.flush()
    intent = charging.intend(
        work,
        purpose=PURPOSE,
        operation="authorize",
        method=method,
        amount=owed,
        transaction_vid=transaction.vid,
        reference=transaction.merchant_transaction_id,
        statement_identifier=transaction.billing_statement_identifier,
        context={"credits": crediting.reserve(uses)},
        capture=True,
        unattended=True,
    )
    return transaction, intent


def deposit_submitted(work: Work, autobill: AutoBill, invoice: Invoice) -> None:
    """The bank will tell in some days; the AutoBill entitles in the meantime (billing-engine §7)."""
    healed = autobill_state.after_billing(standing.of(autobill), free=invoice.free)
    standing.settled(work, autobill, healed)
    work.uow.flush()
    if work.settings.entitle_on_pending_deposit:
        entitling.refresh(work, autobill)


def attempt_failed(work: Work, autobill: AutoBill, invoice: Invoice, *, hard: bool) -> None:
    """A failed attempt: the AutoBill goes into retry, or waits for another payment method (billing-engine §9)."""
    standing.change(work, autobill, autobill_state.after_failed_attempt(standing.of(autobill), hard=hard))
    autobill.retry_on = None
    since = invoice.unpaid_since
    if autobill.billing_state == BillingState.IN_RETRY and since is not None:
        autobill.retry_on = retry.next_retry(since, work.settings.retry_days, after=work.today)
        if autobill.retry_on is None:
            exhausted = AutoBillEvent.RETRIES_EXHAUSTED
            standing.change(work, autobill, autobill_state.after(standing.of(autobill), exhausted))
    if invoice.overdue_on is None:
        invoice.overdue_on = invoice_rules.overdue_from(
            invoice.due_on, paid_by_hand=False, first_failure_on=work.today
        )
    standing.expect_end(work, autobill)
    entitling.refresh(work, autobill)


def _locked(work: Work, autobill_vid: str, invoice_vid: str) -> tuple[AutoBill, Invoice]:
    found = work.uow.autobills.by_vid(autobill_vid)
    assert found is not None
    accounts.lock(work, found.account_vid)
    autobill = work.uow.autobills.lock(autobill_vid)
    invoice = work.uow.invoices.lock(invoice_vid)
    assert autobill is not None
    assert invoice is not None
    return autobill, invoice


def _payments(work: Work, invoice: Invoice) -> list[BookedPayment]:
    return invoicing.payments_booked(work, invoice)


def cycle_names(autobill: AutoBill, invoice: Invoice, retry_number: int) -> tuple[NameValue, ...]:
    """The pairs that every recurring transaction carries (transaction §2.1)."""
    activity = f"{invoice.service_start} 00:00:00" if invoice.service_start is not None else ""
    return (
        NameValue("vin:AutoBillVID", autobill.vid),
        NameValue("vin:MerchantAutoBillIdentifier", autobill.merchant_autobill_id),
        NameValue("vin:OriginalActivityDate", activity),
        NameValue("vin:RetryNumber", str(retry_number)),
        *((NameValue("vin:BillingCycle", str(invoice.cycle)),) if invoice.cycle is not None else ()),
    )
