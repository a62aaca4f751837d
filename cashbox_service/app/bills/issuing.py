"""What is owed without an AutoBill becomes a bill: at once, or by being paid (dialects §2)."""

from __future__ import annotations

from cashbox_service.app import books
from cashbox_service.app.context import Work
from cashbox_service.domain import ledger
from cashbox_service.domain.invoice import InvoiceEvent, InvoiceState, transition
from cashbox_service.domain.money import Money
from cashbox_service.ids import new_row_id
from cashbox_service.store.entities import Invoice


def issue(work: Work, invoice: Invoice) -> None:
    """An Open document is due from today on, and enters the ledger; inside the caller's write transaction."""
    assert invoice.document is not None
    currency = invoice.currency
    invoice.invoice_on = work.today
    invoice.due_on = max(invoice.due_on, work.today)
    invoice.billed_on, invoice.billed_mark = work.today, new_row_id()
    charges = Money.of(invoice.charges, currency)
    books.post(work, ledger.invoice_billed(invoice.vid, charges, Money.zero(currency)))
    invoice.state = transition(
        invoice.invoice_id,
        InvoiceState(invoice.state),
        InvoiceEvent.INVOICE_DATE,
        balance=Money.of(invoice.balance, currency),
    ).value
    work.uow.invoices.changed(invoice)


def is_to_be_issued(invoice: Invoice) -> bool:
    """Whether paying it makes it due first: an order or proforma that nobody paid yet."""
    return invoice.document is not None and invoice.state == InvoiceState.OPEN
