"""What a change gives back of what was billed, and what it charges for the rest, line by line (autobill §6.35)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cashbox_service.app.context import Work
from cashbox_service.app.engine import projecting
from cashbox_service.app.engine.running_service import Running
from cashbox_service.app.subscriptions import paid_service
from cashbox_service.domain.discount import before_billing
from cashbox_service.domain.lines import Line, ServicePeriod
from cashbox_service.domain.proration import Span, credit_line, debit_line, left_from
from cashbox_service.domain.schedule import Cycle
from cashbox_service.domain.tax import TaxAssessor
from cashbox_service.store.entities import AutoBill, AutoBillItem, Invoice

ONE_TIME = 1
"""Cycles of an item that is sold once: it is not paid by the day."""


def credits_of(
    work: Work,
    autobill: AutoBill,
    running: Running,
    items: Iterable[AutoBillItem],
    *,
    with_plan: bool = False,
) -> list[Line]:
    """What is given back of items, and of the plan; items sold once are not paid by the day."""
    vids = {item.vid for item in items if item.cycles != ONE_TIME}
    lines: list[Line] = []
    for one in running.periods:
        credited = [
            (paid, line)
            for paid in running.lines_of(one)
            if ((with_plan and paid.is_plan) or paid.line.autobill_item_vid in vids)
            and (line := credit_line(paid, work.today, autobill.currency)) is not None
        ]
        if credited:
            money = paid_service.paid_with(work, autobill, one.invoices)
            lines += paid_service.still_there(work, credited, money)
    return lines


def debits_of(
    work: Work,
    autobill: AutoBill,
    running: Running,
    items: Sequence[AutoBillItem],
    assessor: TaxAssessor,
    *,
    in_full: bool,
) -> list[Line]:
    """What items cost for the rest of what has been billed: by the day, or ``in_full`` once, at the prices of today."""
    lines = []
    for one in running.periods[-1:] if in_full else running.periods:
        span = left_from(one.period, work.today)
        by_item = _whole_lines(work, autobill, one.invoice, one.period, assessor)
        for item in items:
            full = by_item.get(item.vid)
            if full is None:
                continue
            whole = in_full or item.cycles == ONE_TIME
            lines.append(debit_line(full, Span(span.of, span.of) if whole else span, assessor))
            if item.cycles == ONE_TIME:
                del by_item[item.vid]
    return lines


def _whole_lines(
    work: Work, autobill: AutoBill, invoice: Invoice, period: ServicePeriod, assessor: TaxAssessor
) -> dict[str, Line]:
    """What each item active today would cost for a whole cycle, as lines of the days that are left."""
    start = max(work.today, period.first)
    at = Cycle(
        index=invoice.cycle or 0,
        plan_cycle=invoice.plan_cycle or 0,
        period_index=0,
        pass_index=0,
        service_start=start,
        service_end=period.last,
        billing_date=work.today,
        free=invoice.free,
        opens_period=False,
    )
    discounts = before_billing(autobill.discounts, invoice.lines)
    return {
        line.autobill_item_vid: line
        for line in projecting.charges(work, autobill, at, assessor, discounts=discounts)
        if line.autobill_item_vid is not None and line.service_start == start and line.units_used is None
    }
