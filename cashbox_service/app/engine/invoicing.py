"""From the terms of an AutoBill to its invoices: schedule, projection, billing (billing-engine §2 – §7).

Everything that writes runs inside the caller's write transaction with the account locked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from cashbox_service.app import books
from cashbox_service.app.bills import origins
from cashbox_service.app.collection import settlement
from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.app.engine import entitling, notices, projecting, standing
from cashbox_service.app.engine.schedule import cycle, paid_by_hand, service_end
from cashbox_service.app.offers import bundles
from cashbox_service.app.taxes import taxing
from cashbox_service.app.usage import rated_items
from cashbox_service.domain import autobill_state, ledger
from cashbox_service.domain import invoice as invoice_rules
from cashbox_service.domain.calendar import add_days
from cashbox_service.domain.discount import after_billing
from cashbox_service.domain.errors import PriceMissing
from cashbox_service.domain.invoice import InvoiceEvent, InvoiceState, transition
from cashbox_service.domain.lines import (
    BookedPayment,
    ItemType,
    charges_of,
    exclusive_tax_of,
    inclusive_tax_of,
)
from cashbox_service.domain.money import Money
from cashbox_service.domain.schedule import Cycle
from cashbox_service.ids import new_row_id, new_vid
from cashbox_service.store.direct import fresh
from cashbox_service.store.entities import AutoBill, AutoBillItem, Invoice


def open_invoice(work: Work, autobill: AutoBill, index: int) -> Invoice | None:
    """The Open invoice of a coming cycle, with its projection; None when no such cycle will come."""
    coming = cycle(work, autobill, index)
    if coming is None:
        autobill.next_cycle = None
        autobill.next_billing_on = None
        notices.plan_ahead(autobill, None)
        return None
    number = autobill.next_invoice_number
    autobill.next_invoice_number = number + 1
    autobill.next_cycle = index
    autobill.next_billing_on = coming.billing_date
    terms = autobill.invoice_terms
    by_hand = paid_by_hand(autobill)
    invoice = fresh(
        Invoice,
        vid=new_vid(),
        account_vid=autobill.account_vid,
        autobill_vid=autobill.vid,
        number=number,
        invoice_id=invoice_rules.invoice_id(autobill.merchant_autobill_id, number),
        state=InvoiceState.OPEN.value,
        cycle=index,
        plan_cycle=coming.plan_cycle,
        free=coming.free,
        by_hand=by_hand,
        currency=autobill.currency,
        charges=Decimal(0),
        exclusive_tax=Decimal(0),
        credits_used=Decimal(0),
        allocated=Decimal(0),
        invoice_on=coming.billing_date,
        due_on=invoice_rules.due_on(coming.billing_date, paid_by_hand=by_hand, terms=terms),
        service_start=coming.service_start,
        service_end=coming.service_end,
        lines=(),
        previous_balance=Decimal(0),
        attempts=0,
        created_at=work.now,
        overdue_on=None,
        lost_on=None,
        sales_tax_address=None,
        origin=None,
        tax_errors=(),
        billed_on=None,
        billed_mark=None,
        related={"autobill": autobill, "account": autobill.account},
    )
    work.uow.invoices.add(invoice)
    _project_coming(work, autobill, invoice, coming)
    notices.plan_ahead(autobill, coming)
    return invoice


def project(work: Work, autobill: AutoBill, invoice: Invoice, at: Cycle) -> None:
    """Recompute what an Open invoice would charge if its day were today. Raises PriceMissing."""
    assessment = taxing.of_autobill(work, autobill)
    invoice.lines = projecting.charges(work, autobill, at, assessment.assessor)
    invoice.sales_tax_address = assessment.sales_tax_address
    invoice.tax_errors = assessment.complaints
    invoice.exclusive_tax = exclusive_tax_of(invoice.lines, invoice.currency)
    invoice.charges = charges_of(invoice.lines, invoice.currency) - invoice.exclusive_tax


def payments_booked(work: Work, invoice: Invoice) -> list[BookedPayment]:
    """Payments that stand on an invoice, in order of booking."""
    return [
        BookedPayment(transaction.merchant_transaction_id, allocation.amount)
        for allocation, transaction in settlement.standing_payments(work, invoice)
    ]


def refresh_open(work: Work, autobill: AutoBill) -> None:
    """Recompute the Open invoice after terms, items or prices changed."""
    invoice = work.uow.invoices.open_of(autobill.vid)
    if invoice is None or invoice.cycle is None:
        return
    coming = cycle(work, autobill, invoice.cycle)
    if coming is None:
        return
    invoice.invoice_on = coming.billing_date
    invoice.due_on = invoice_rules.due_on(
        coming.billing_date, paid_by_hand=paid_by_hand(autobill), terms=autobill.invoice_terms
    )
    invoice.service_start = coming.service_start
    invoice.service_end = coming.service_end
    invoice.plan_cycle = coming.plan_cycle
    invoice.free = coming.free
    autobill.next_billing_on = None if autobill.awaits_customer else coming.billing_date
    _project_coming(work, autobill, invoice, coming)
    notices.plan_ahead(autobill, coming)


def _project_coming(work: Work, autobill: AutoBill, invoice: Invoice, at: Cycle) -> None:
    """The same, with no lines while a price is missing: that is for its own day to find out (billing-engine §4.1)."""
    try:
        project(work, autobill, invoice, at)
    except PriceMissing:
        invoice.lines = ()
        invoice.charges = invoice.exclusive_tax = Decimal(0)


@dataclass(frozen=True, slots=True)
class Billed:
    """An invoice whose day has come, and what is left to collect of it before credit."""

    invoice: Invoice
    owed: Money


def bill(work: Work, autobill: AutoBill, invoice: Invoice) -> Billed:
    """The day of an Open invoice has come: its lines and total become facts, and the next one opens.

    Payments booked on it while it was Open count; what they exceed the total by becomes credit of the AutoBill
    (billing-engine §7). Credit and the payment method are the caller's.
    """
    assert invoice.cycle is not None
    at = cycle(work, autobill, invoice.cycle)
    assert at is not None
    project(work, autobill, invoice, at)
    invoice.previous_balance = sum(
        (other.balance for other in work.uow.invoices.unpaid_of_autobill(autobill.vid)), Decimal(0)
    )
    rated_items.mark_billed(work, invoice, at)
    invoice.origin = origins.of_cycle(work, autobill, at, invoice.lines)
    invoice.billed_on, invoice.billed_mark = work.today, new_row_id()
    currency = invoice.currency
    books.post(
        work,
        ledger.invoice_billed(
            invoice.vid,
            Money.of(invoice.charges, currency),
            Money.of(invoice.exclusive_tax, currency),
            Money.of(inclusive_tax_of(invoice.lines, currency), currency),
        ),
    )
    settlement.release_excess(work, invoice)
    for charge in work.uow.autobills.pending_charges(autobill.vid):
        charge.invoice_vid = invoice.vid
    for item in projecting.billed_items(work, autobill, at):
        _count_cycle(work, autobill, item, at)
    if autobill.discounts:
        autobill.discounts = after_billing(autobill.discounts, invoice.lines)
    invoice.by_hand = paid_by_hand(autobill)
    invoice.overdue_on = invoice_rules.overdue_from(
        invoice.due_on, paid_by_hand=invoice.by_hand, first_failure_on=None
    )
    invoice.state = transition(
        invoice.invoice_id,
        InvoiceState(invoice.state),
        InvoiceEvent.INVOICE_DATE,
        balance=Money.of(invoice.balance, currency),
    ).value
    work.uow.flush()
    notices.expect_end_of_period(autobill, at, cycle(work, autobill, invoice.cycle + 1))
    open_invoice(work, autobill, invoice.cycle + 1)
    return Billed(invoice, Money.of(max(invoice.balance, Decimal(0)), currency))


def close_open(work: Work, autobill: AutoBill) -> None:
    """The AutoBill ends: no cycle will come. Payments booked on the Open invoice become account credit."""
    invoice = work.uow.invoices.open_of(autobill.vid)
    if invoice is not None:
        invoice.state = transition(
            invoice.invoice_id,
            InvoiceState.OPEN,
            InvoiceEvent.CLOSE,
            balance=Money.of(invoice.balance, invoice.currency),
        ).value
        settlement.release_closed(work, invoice)
    autobill.next_cycle = None
    autobill.next_billing_on = None
    autobill.retry_on = None
    autobill.closes_on = None
    notices.stop(autobill)


def _count_cycle(work: Work, autobill: AutoBill, item: AutoBillItem, at: Cycle) -> None:
    counted = projecting.timing(work, autobill, item).after_billing(at.service_end)
    item.cycles_billed = counted.cycles_billed
    item.removed_on = counted.removed_on


def issue_by_hand(work: Work, autobill: AutoBill, invoice: Invoice, uses: Sequence[crediting.Use]) -> None:
    """An invoice for the customer to pay: credit is applied, nothing is charged (billing-engine §7)."""
    crediting.reserve(uses)
    crediting.consume(work, autobill.account, autobill, invoice, uses)
    settlement.mark_paid(invoice)
    notices.issued_by_hand(work, autobill, invoice)
    standing.change(work, autobill, autobill_state.after_billing(standing.of(autobill), free=invoice.free))
    grant_product_credit(work, autobill, invoice)
    standing.expect_end(work, autobill)
    entitling.refresh(work, autobill)


def grant_product_credit(work: Work, autobill: AutoBill, invoice: Invoice) -> None:
    """Credit that the products of a billed cycle grant goes to the AutoBill (billing-engine §8)."""
    billed = {line.autobill_item_vid for line in invoice.lines if line.item_type is ItemType.PURCHASE}
    if invoice.cycle is None:  # an item that was edited was billed before
        billed -= {
            line.autobill_item_vid for line in invoice.lines if line.item_type is not ItemType.PURCHASE
        }
    for item in autobill.items:
        if item.vid not in billed:
            continue
        for product in bundles.with_parts(work, item.product):
            if product.credit_granted:
                crediting.grant_from_product(work, autobill, product, invoice)


def restart_plan(work: Work, autobill: AutoBill) -> None:
    """Another plan takes effect with the coming cycle: its schedule is counted from there (autobill §6.1).

    To be called while the old plan still counts.
    """
    invoice = work.uow.invoices.open_of(autobill.vid)
    if invoice is not None and invoice.cycle is not None:
        autobill.plan_cycle_offset, autobill.plan_start_on = invoice.cycle, invoice.service_start
        # A coming billing that was moved has found its day; the new schedule starts from there.
        autobill.moves = tuple(move for move in autobill.moves if move.index < autobill.plan_cycle_offset)
        return
    # The old plan's last period runs: the new one follows it.
    billed = [one for one in work.uow.invoices.of_autobill(autobill.vid) if one.cycle is not None]
    last = billed[-1]
    assert last.cycle is not None
    end = service_end(work, autobill, last)
    autobill.plan_start_on = add_days(end, 1) if end is not None else work.today
    autobill.plan_cycle_offset = last.cycle + 1


def try_again(work: Work, autobill: AutoBill) -> None:
    """After a change of payment method an unpaid balance is tried at the next billing run (billing-engine §9.3).

    A change from or to payment by hand takes effect with the next invoice: for an earlier one nobody is charged then.
    """
    work.uow.flush()
    if not standing.charged_unpaid(work, autobill):
        return
    autobill.retry_on = None if paid_by_hand(autobill) else work.today
    event = autobill_state.AutoBillEvent.PAYMENT_METHOD_REPLACED
    standing.change(work, autobill, autobill_state.after(standing.of(autobill), event))
