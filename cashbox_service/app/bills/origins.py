"""Keeps with an invoice what decided its lines, at the moment it is billed (see ``domain.origin``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cashbox_service.app.context import Work
from cashbox_service.app.engine import projecting, schedule
from cashbox_service.app.usage import rated_items
from cashbox_service.domain.item_timing import ItemTiming
from cashbox_service.domain.lines import ItemType, Line
from cashbox_service.domain.origin import (
    InvoiceOrigin,
    LineOrigin,
    PriceSource,
    cycle_origin,
    plan_line,
    product_price,
)
from cashbox_service.domain.schedule import Cycle
from cashbox_service.store.entities import AutoBill, AutoBillCharge, AutoBillItem


def of_cycle(work: Work, autobill: AutoBill, at: Cycle, lines: Sequence[Line]) -> InvoiceOrigin:
    """What decided the lines of a cycle; to be asked while plan, items and charges are as they were used."""
    plan = autobill.billing_plan
    cycle = cycle_origin(plan.vid, plan.merchant_billing_plan_id, schedule.terms_of(work, autobill), at)
    return InvoiceOrigin(cycle, tuple(_line_origins(work, autobill, at, lines)))


def of_change(work: Work, autobill: AutoBill, lines: Sequence[Line]) -> InvoiceOrigin:
    """What decided the lines of items that a change charges in the middle of a cycle; they are counted already."""
    items = {item.vid: item for item in autobill.items}
    return InvoiceOrigin(
        None,
        tuple(
            _of_item(number, autobill, item, line, projecting.timing(work, autobill, item), counted=True)
            for number, line in enumerate(lines, start=1)
            if line.item_type is ItemType.PURCHASE
            and (item := items.get(line.autobill_item_vid or "")) is not None
        ),
    )


def _line_origins(work: Work, autobill: AutoBill, at: Cycle, lines: Sequence[Line]) -> Iterator[LineOrigin]:
    items = {item.vid: item for item in autobill.items}
    added = iter(work.uow.autobills.pending_charges(autobill.vid))
    plan_is_told = False
    for position, line in enumerate(lines):
        number = line.index_number or position + 1
        if line.is_tax_summary or line.item_type is not ItemType.PURCHASE:
            continue
        item = items.get(line.autobill_item_vid or "")
        if item is not None:
            yield _of_item(number, autobill, item, line, projecting.timing(work, autobill, item))
        elif not plan_is_told:
            plan_is_told = True
            yield plan_line(number, autobill.billing_plan.periods[at.period_index], autobill.currency)
        else:
            yield _of_charge(number, work, next(added, None))


def _of_item(
    number: int,
    autobill: AutoBill,
    item: AutoBillItem,
    line: Line,
    timing: ItemTiming,
    *,
    counted: bool = False,
) -> LineOrigin:
    source, row, price = product_price(item.product.prices, autobill.currency)
    if item.amount is not None:
        source, row, price = PriceSource.ITEM, None, item.amount
    rating = rated_items.origin_of(autobill, item, line)
    if rating is not None:
        source, row, price = PriceSource.RATED, None, line.price
    return LineOrigin(
        number,
        source,
        price=price,
        row=row,
        product_vid=item.product_vid,
        since=timing.starts_on,
        start_text=item.start_text,
        billing=max(timing.cycles_billed, 1) if counted else timing.cycles_billed + 1,
        cycles=timing.cycles,
        rating=rating,
    )


def _of_charge(number: int, work: Work, charge: AutoBillCharge | None) -> LineOrigin:
    since = charge.added_at.astimezone(work.zone).date() if charge is not None else None
    return LineOrigin(
        number, PriceSource.CHARGE, price=charge.price if charge is not None else None, since=since
    )
