"""The invoices of AutoBill.modify: the Open one that is closed, and the one of what the change charges.

A change that takes effect today closes the running Open invoice and opens another one with the next number, to which
added charges and booked payments go over. What the change charges stands on an invoice of its own, numbered between the
two. Source: billing-engine §14.
"""

from __future__ import annotations

from decimal import Decimal

from cashbox_service.app import books
from cashbox_service.app.bills import origins
from cashbox_service.app.collection import settlement
from cashbox_service.app.context import Work
from cashbox_service.app.taxes import taxing
from cashbox_service.domain import invoice as invoice_rules
from cashbox_service.domain import ledger
from cashbox_service.domain.invoice import InvoiceEvent, InvoiceState, transition
from cashbox_service.domain.lines import Line, charges_of, exclusive_tax_of, inclusive_tax_of
from cashbox_service.domain.money import Money
from cashbox_service.domain.schedule import Cycle
from cashbox_service.ids import new_row_id, new_vid
from cashbox_service.store.entities import AutoBill, Invoice


def close_open(work: Work, autobill: AutoBill) -> Invoice | None:
    """The running Open invoice is closed; its cycle will be billed by another one (billing-engine §14)."""
    invoice = work.uow.invoices.open_of(autobill.vid)
    if invoice is None:
        return None
    balance = Money.of(invoice.balance, invoice.currency)
    invoice.state = transition(
        invoice.invoice_id, InvoiceState.OPEN, InvoiceEvent.CLOSE, balance=balance
    ).value
    invoice.cycle = None
    work.uow.flush()
    return invoice


def move_payments(work: Work, closed: Invoice | None, opened: Invoice | None) -> None:
    """Payments booked ahead go over to the new Open invoice; where there is none they become credit."""
    if closed is None:
        return
    if opened is None:
        settlement.release_closed(work, closed)
        return
    for allocation, transaction in settlement.standing_payments(work, closed):
        amount = Money.of(allocation.amount, closed.currency)
        books.take_back(work, allocation, closed)
        books.allocate(work, transaction, opened, amount.amount, allocation.position)
        books.post(work, ledger.prepayment_moved(closed.vid, opened.vid, amount), transaction)


def bill(
    work: Work,
    autobill: AutoBill,
    lines: tuple[Line, ...],
    at: Cycle | None,
    plan_cycle: int,
    *,
    free: bool,
) -> Invoice:
    """The invoice of what the change charges, with the next number; Due until its payment is booked."""
    currency, number = autobill.currency, autobill.next_invoice_number
    autobill.next_invoice_number = number + 1
    tax = exclusive_tax_of(lines, currency)
    assessment = taxing.of_autobill(work, autobill)
    invoice = Invoice(
        vid=new_vid(),
        account_vid=autobill.account_vid,
        autobill_vid=autobill.vid,
        number=number,
        invoice_id=invoice_rules.invoice_id(autobill.merchant_autobill_id, number),
        state=InvoiceState.OPEN.value,
        cycle=at.index if at is not None else None,
        plan_cycle=plan_cycle,
        free=free,
        by_hand=False,
        currency=currency,
        charges=charges_of(lines, currency) - tax,
        exclusive_tax=tax,
        credits_used=Decimal(0),
        allocated=Decimal(0),
        invoice_on=work.today,
        due_on=work.today,
        service_start=work.today,
        service_end=at.service_end if at is not None else lines[-1].service_end,
        lines=lines,
        sales_tax_address=assessment.sales_tax_address,
        tax_errors=assessment.complaints,
        origin=(
            origins.of_cycle(work, autobill, at, lines)
            if at is not None
            else origins.of_change(work, autobill, lines)
        ),
        previous_balance=Decimal(0),
        attempts=0,
        billed_on=work.today,
        billed_mark=new_row_id(),
        created_at=work.now,
        autobill=autobill,
    )
    work.uow.invoices.add(invoice)
    invoice.state = transition(
        invoice.invoice_id,
        InvoiceState.OPEN,
        InvoiceEvent.INVOICE_DATE,
        balance=Money.of(invoice.balance, currency),
    ).value
    books.post(
        work,
        ledger.invoice_billed(
            invoice.vid,
            Money.of(invoice.charges, currency),
            Money.of(tax, currency),
            Money.of(inclusive_tax_of(lines, currency), currency),
        ),
    )
    work.uow.flush()
    return invoice
