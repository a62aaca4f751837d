"""reversePayment: a merchant-accepted payment turns out to be worthless (autobill §6.27, account §3.4).

The payment is taken back as a whole, on every invoice it touched, with linked corrections. Credit that its overage had
created is revoked as far as unspent; the spent part is owed through the subscriptionBalance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cashbox_service.app import books
from cashbox_service.app.collection import settlement
from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import Reference
from cashbox_service.app.engine import notices, standing
from cashbox_service.app.sales import transactions
from cashbox_service.app.subscriptions import autobill_lookup
from cashbox_service.domain import ledger
from cashbox_service.domain.errors import InvalidRequest, PaymentNotFound
from cashbox_service.domain.invoice import InvoiceEvent, InvoiceState, transition
from cashbox_service.domain.money import Money
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.store.entities import Account, Allocation, AutoBill, Invoice, Transaction

MERCHANT_ACCEPTED = "MerchantAcceptedPayment"


@dataclass(frozen=True, slots=True)
class ReversalRequest:
    """Which payment is taken back: by its paymentId, else by invoice and position on it (from 1)."""

    payment_id: str | None = None
    invoice_id: str | None = None
    index_number: int | None = None
    timestamp: datetime | None = None
    note: str | None = None


def reverse_on_autobill(work: Work, reference: Reference, request: ReversalRequest) -> None:
    """Take back a payment on an invoice of this AutoBill. Raises AutoBillNotFound, InvalidRequest."""
    autobill = autobill_lookup.resolve(work, reference)
    with work.writing():
        account = accounts.lock(work, autobill.account_vid)
        invoices = work.uow.invoices.of_autobill(autobill.vid)
        _reverse(work, account, invoices, request)


def reverse_on_account(work: Work, reference: Reference, request: ReversalRequest) -> None:
    """Take back a payment on an invoice of any AutoBill of the account. Raises AccountNotFound, InvalidRequest."""
    found = accounts.resolve(work, reference)
    with work.writing():
        account = accounts.lock(work, found.vid)
        invoices = work.uow.invoices.of_account(account.vid)
        _reverse(work, account, invoices, request)


def _reverse(work: Work, account: Account, invoices: Sequence[Invoice], request: ReversalRequest) -> None:
    transaction = _find(work, account, {invoice.vid for invoice in invoices}, invoices, request)
    if transaction.payment_method_type != MERCHANT_ACCEPTED:
        raise InvalidRequest("Only MerchantAcceptedPayment payments may be reversed.")
    if transaction.status != TransactionStatusType.CAPTURED.value:
        raise InvalidRequest("Payment has already been reversed.")
    transactions.move(work, transaction, TransactionStatusType.REFUNDED, at=request.timestamp)
    if request.note:
        transaction.note = f"{transaction.note}\n{request.note}" if transaction.note else request.note
    undo(work, account, transaction)


def undo(work: Work, account: Account, transaction: Transaction) -> None:
    """Take a payment's money off every invoice and credit it went to."""
    allocations = _standing_allocations(work, transaction)
    touched = [(allocation, allocation.invoice) for allocation in allocations]
    reopened = []
    for allocation, invoice in touched:
        books.take_back(work, allocation, invoice)
        if _reopen(work, invoice):
            reopened.append(invoice)
            if invoice.by_hand and invoice.autobill is not None:
                notices.expect_reminders(work, invoice.autobill, invoice)
    autobills = {
        invoice.autobill.vid: invoice.autobill for _, invoice in touched if invoice.autobill is not None
    }
    if transaction.autobill is not None:
        autobills.setdefault(transaction.autobill.vid, transaction.autobill)
    uses, spent = crediting.take_back_overpayment(work, account, autobills, transaction)
    if spent and transaction.autobill is not None:
        transaction.autobill.subscription_balance += spent
    books.post(work, _entry(transaction, touched, uses, spent), transaction)
    for autobill in autobills.values():
        of_this = [invoice for invoice in reopened if invoice.autobill_vid == autobill.vid]
        if of_this:
            standing.after_loss(work, autobill, of_this)


def _find(
    work: Work,
    account: Account,
    owned: set[str],
    invoices: Sequence[Invoice],
    request: ReversalRequest,
) -> Transaction:
    if request.payment_id:
        found = work.uow.transactions.by_payment_id(account.vid, request.payment_id)
        if found is None or not _touches(work, found, owned):
            raise InvalidRequest("Payment not found.") from PaymentNotFound("paymentId", request.payment_id)
        return found
    if not request.invoice_id:
        raise InvalidRequest("Must specify paymentId or invoiceId.")
    invoice = next((one for one in invoices if one.invoice_id == request.invoice_id), None)
    payments = work.uow.invoices.payments_on(invoice.vid) if invoice is not None else []
    if request.index_number is not None:
        if not 1 <= request.index_number <= len(payments):
            raise InvalidRequest("Payment not found.")
        return payments[request.index_number - 1][1]
    standing_ones = [entry for _, entry in payments if entry.status != TransactionStatusType.REFUNDED.value]
    if not standing_ones:
        raise InvalidRequest("Payment not found." if not payments else "Payment has already been reversed.")
    return standing_ones[-1]


def _touches(work: Work, transaction: Transaction, owned: set[str]) -> bool:
    """Whether the payment was made on, or went to, one of the invoices in question."""
    if transaction.invoice_vid in owned:
        return True
    allocations = work.uow.invoices.allocations_of_transaction(transaction.vid)
    return any(allocation.invoice_vid in owned for allocation in allocations)


def _standing_allocations(work: Work, transaction: Transaction) -> list[Allocation]:
    rows = work.uow.invoices.allocations_of_transaction(transaction.vid)
    reversed_ids = {row.reverses_id for row in rows if row.reverses_id is not None}
    return [row for row in rows if row.reverses_id is None and row.row_id not in reversed_ids]


def _reopen(work: Work, invoice: Invoice) -> bool:
    """A Paid invoice is owed again: whether it is. Written Off and Closed keep their state."""
    was_paid = invoice.state == InvoiceState.PAID
    past_due = invoice.overdue_on is not None and work.today >= invoice.overdue_on
    invoice.state = transition(
        invoice.invoice_id,
        InvoiceState(invoice.state),
        InvoiceEvent.MONEY_TAKEN_BACK,
        balance=Money.of(invoice.balance, invoice.currency),
        past_due=past_due,
    ).value
    return was_paid and invoice.state != InvoiceState.PAID


def _entry(
    transaction: Transaction,
    touched: Sequence[tuple[Allocation, Invoice]],
    uses: Sequence[crediting.Use],
    spent: Decimal,
) -> ledger.Entry:
    currency = transaction.currency
    return ledger.payment_reversed(
        processor=books.cash_subject(transaction),
        allocations=[(invoice.vid, Money.of(allocation.amount, currency)) for allocation, invoice in touched],
        credit_taken_back=[(crediting.owner_of(use.grant), Money.of(use.amount, currency)) for use in uses],
        owed_by=_debtor(transaction),
        spent=Money.of(spent, currency),
        fee=Money.of(settlement.fee_in(transaction), currency),
    )


def _debtor(transaction: Transaction) -> str:
    autobill: AutoBill | None = transaction.autobill
    return autobill.vid if autobill is not None else (transaction.account_vid or "")
