"""Bills that are to come, and bills of the day, as merchants ask for them (autobill §6.15, §6.33, §6.34).

Reads only: nothing that is shown here exists as a transaction.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice, takewhile

from cashbox_service.app.bills import invoices
from cashbox_service.app.context import Work
from cashbox_service.app.drafts import Reference
from cashbox_service.app.engine import forecasting, invoicing, schedule
from cashbox_service.app.engine.forecasting import Forecast
from cashbox_service.app.paging import page
from cashbox_service.app.subscriptions import autobill_lookup
from cashbox_service.domain.calendar import add_days
from cashbox_service.domain.errors import IllegalState, InvalidValue, InvalidWindow
from cashbox_service.domain.lines import Line, UsedCredit, projected_amount, with_settlements
from cashbox_service.domain.schedule import left_in_pass
from cashbox_service.store.entities import AutoBill, AutoBillItem, Invoice


@dataclass(frozen=True, slots=True)
class Bill:
    """A billing that is no transaction: to come, or issued to a customer who pays by hand."""

    autobill: AutoBill
    on: date
    amount: Decimal
    lines: tuple[Line, ...]
    cycle: int | None
    plan_cycle: int | None
    service_start: date | None


@dataclass(frozen=True, slots=True)
class ItemRemainder:
    """What is left to pay for one item in the running pass."""

    item: AutoBillItem
    balance: Decimal
    payments: int


@dataclass(frozen=True, slots=True)
class Remainder:
    """What is left to pay in the running pass of the plan, before tax."""

    autobill: AutoBill
    plan_balance: Decimal
    plan_payments: int
    items: tuple[ItemRemainder, ...] = ()

    @property
    def balance(self) -> Decimal:
        return self.plan_balance + sum((one.balance for one in self.items), Decimal(0))


def future_bills(work: Work, reference: Reference, quantity: int | None) -> list[Bill]:
    """The next billings, fewer where the plan ends first.

    Raises InvalidValue, MissingField, AutoBillNotFound, IllegalState for an AutoBill that bills no more.
    """
    if quantity is None or quantity < 1:
        raise InvalidValue("quantity", quantity, "must be positive")
    autobill = autobill_lookup.resolve(work, reference)
    if autobill_lookup.has_ended(autobill):
        raise IllegalState("AutoBill", autobill.merchant_autobill_id, autobill.status)
    return list(islice(_coming(work, autobill), min(quantity, work.settings.max_page_size)))


def remaining(work: Work, reference: Reference) -> Remainder:
    """Instalments that are left in the running pass; nothing where it has no end.

    Raises MissingField, AutoBillNotFound.
    """
    autobill = autobill_lookup.resolve(work, reference)
    left = list(islice(forecasting.coming(work, autobill), _left_in_pass(work, autobill)))
    items = tuple([_item_remainder(item, left) for item in autobill.items])
    plan = sum(
        (line.net for one in left for line in _recurring(one) if not line.autobill_item_vid), Decimal(0)
    )
    return Remainder(autobill, plan, len(left), tuple([one for one in items if one.payments]))


def daily_bills(
    work: Work, start: datetime | None, end: datetime | None, number: int | None, size: int | None
) -> list[Bill]:
    """Bills to be paid by hand that fall on the days from ``start`` to ``end``, by day; yesterday's by default.

    Raises InvalidWindow.
    """
    wanted = page(number, size, work.settings.max_page_size)
    first = start.astimezone(work.zone).date() if start is not None else add_days(work.today, -1)
    last = end.astimezone(work.zone).date() if end is not None else first
    if last < first:
        raise InvalidWindow("startTimestamp", first.isoformat(), "lies after endTimestamp")
    issued = work.uow.invoices.issued_by_hand(first, last)
    streams: list[Iterator[Bill]] = [iter([_issued(work, invoice) for invoice in issued])]
    streams += [
        takewhile(lambda bill: bill.on <= last, _coming(work, autobill, first))
        for autobill in work.uow.autobills.billed_by_hand(last)
    ]
    merged = heapq.merge(*streams, key=lambda bill: (bill.on, bill.autobill.created_at, bill.autobill.vid))
    return list(islice(merged, wanted.number * wanted.size, (wanted.number + 1) * wanted.size))


def _coming(work: Work, autobill: AutoBill, first: date | None = None) -> Iterator[Bill]:
    """The billings to come, from a day on."""
    for asked in forecasting.asked(work, autobill):
        at = asked.cycle
        if first is None or at.billing_date >= first:
            yield Bill(
                autobill,
                at.billing_date,
                asked.amount,
                asked.lines,
                at.index,
                at.plan_cycle,
                at.service_start,
            )


def _issued(work: Work, invoice: Invoice) -> Bill:
    """An issued invoice with what was paid and what credit was used; its amount is what is left to pay."""
    credit = [UsedCredit(entry.amount, entry.text) for entry in invoices.credits_on(work, invoice)]
    payments = invoicing.payments_booked(work, invoice)
    lines = with_settlements(invoice.lines, invoice.currency, payments, credit)
    assert invoice.autobill is not None
    return Bill(
        invoice.autobill,
        invoice.invoice_on,
        projected_amount(lines, invoice.currency),
        lines,
        invoice.cycle,
        invoice.plan_cycle,
        invoice.service_start,
    )


def _left_in_pass(work: Work, autobill: AutoBill) -> int:
    """How many cycles of the pass that was billed last, or will be billed first, are still to be billed."""
    terms, coming = schedule.terms_of(work, autobill), autobill.next_cycle
    if coming is None:
        return 0
    if coming > terms.first_index:
        left = left_in_pass(terms, coming - 1)
        return left - 1 if left is not None else 0
    return left_in_pass(terms, coming) or 0


def _recurring(forecast: Forecast) -> list[Line]:
    return [line for line in forecast.lines if line.service_start is not None and not line.is_tax_summary]


def _item_remainder(item: AutoBillItem, left: Sequence[Forecast]) -> ItemRemainder:
    lines = [line for one in left for line in _recurring(one) if line.autobill_item_vid == item.vid]
    return ItemRemainder(item, sum((line.net for line in lines), Decimal(0)), len(lines))
