"""The billings to come of an AutoBill, one after the other, as if the days had come (autobill §6.5, §6.15).

Reads only. Every cycle sees the items as those before it will have left them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.app.engine import invoicing, projecting, time_credit
from cashbox_service.app.taxes import taxing
from cashbox_service.domain.discount import after_billing
from cashbox_service.domain.errors import PriceMissing
from cashbox_service.domain.item_timing import ItemTiming
from cashbox_service.domain.lines import Line, amount_of, projected_amount, with_settlements
from cashbox_service.domain.money import Money
from cashbox_service.domain.schedule import Cycle, cycles
from cashbox_service.store.entities import AutoBill


@dataclass(frozen=True, slots=True)
class Forecast:
    """A cycle to come and what it charges, before payments and credit."""

    cycle: Cycle
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A cycle to come, and what its payment method will be asked for."""

    cycle: Cycle
    lines: tuple[Line, ...]
    amount: Decimal


def coming(work: Work, autobill: AutoBill) -> Iterator[Forecast]:
    """The cycles that are still to be billed, the next one first; lazily, as a schedule may be without end.

    Nothing can be said from a cycle on that lacks a price.
    """
    if autobill.next_cycle is None:
        return
    assessor = taxing.of_autobill(work, autobill).assessor
    timings = {item.vid: projecting.timing(work, autobill, item) for item in autobill.items}
    added, discounts = projecting.added_charges(work, autobill), autobill.discounts
    for at in cycles(time_credit.projected_terms(work, autobill), autobill.next_cycle):
        items = [item for item in autobill.items if timings[item.vid].is_billed(at.service_start)]
        try:
            lines = projecting.charges(
                work, autobill, at, assessor, items=items, added=added, discounts=discounts
            )
        except PriceMissing:
            return
        yield Forecast(at, lines)
        added, discounts = (), after_billing(discounts, lines)
        for item in items:
            timings[item.vid] = _after(timings[item.vid], at)


def asked(work: Work, autobill: AutoBill) -> Iterator[Asked]:
    """The cycles to come less payments booked on the first one and the credit that will be left for each."""
    used: dict[str, Decimal] = {}
    opened = work.uow.invoices.open_of(autobill.vid)
    payments = invoicing.payments_booked(work, opened) if opened is not None else []
    for forecast in coming(work, autobill):
        currency = autobill.currency
        owed = amount_of(with_settlements(forecast.lines, currency, payments), currency)
        uses = crediting.planned(work, autobill, Money.of(owed, currency), used)
        for use in uses:
            used[use.grant.vid] = used.get(use.grant.vid, Decimal(0)) + use.amount
        credit = [crediting.used_credit(use) for use in uses]
        lines = with_settlements(forecast.lines, currency, payments, credit)
        yield Asked(forecast.cycle, lines, projected_amount(lines, currency))
        payments = []


def _after(timing: ItemTiming, at: Cycle) -> ItemTiming:
    return timing.after_billing(at.service_end)
