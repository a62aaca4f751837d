"""What an AutoBill's customer has been billed for and has not used yet: the ground on which a change is reckoned.

Usually that is one period. Where renewals are billed ahead there can be two, and none while a billing is due.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from cashbox_service.app.collection import settlement
from cashbox_service.app.context import Work
from cashbox_service.app.engine import schedule
from cashbox_service.app.subscriptions import item_history
from cashbox_service.domain import season
from cashbox_service.domain.calendar import day_before
from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.lines import ItemType, Line, ServicePeriod
from cashbox_service.domain.proration import PaidLine, in_force
from cashbox_service.store.entities import AutoBill, Invoice, Transaction

MODIFY = NameValue("vin:type", "modify")
"""What a transaction of AutoBill.modify carries (transaction §2.1)."""

_STANDS = frozenset({"Authorized", "AuthorizedPending", "Pending", "Captured", "Refunded"})


@dataclass(frozen=True, slots=True)
class RunningPeriod:
    """A billed cycle of which days are left, and the days it serves now.

    ``changes`` are the invoices of what was charged for changes within it.
    """

    invoice: Invoice
    period: ServicePeriod
    changes: tuple[Invoice, ...] = ()

    @property
    def invoices(self) -> tuple[Invoice, ...]:
        """The invoices on which its service stands."""
        return (self.invoice, *self.changes)

    @property
    def cycle(self) -> int:
        """The autoBillCycle that was billed."""
        return self.invoice.cycle or 0

    def began_before(self, day: date) -> bool:
        """Whether the cycle runs, or its season lasts, on a day."""
        billed_from = self.invoice.service_start
        return billed_from is not None and billed_from <= day and _holds(self.period, day)


@dataclass(frozen=True, slots=True)
class Running:
    """Billed periods that are not over, oldest first, and the lines in force in them.

    ``last_index`` is the autoBillCycle billed last, ``plan_cycle`` its billingPlanCycle. ``given_back`` are the lines
    by which changes gave back service in these periods, the latest first.
    """

    periods: tuple[RunningPeriod, ...]
    lines: tuple[PaidLine, ...]
    last_index: int
    plan_cycle: int
    given_back: tuple[Line, ...] = ()

    @property
    def invoices(self) -> tuple[Invoice, ...]:
        """The invoices on which the service stands."""
        return tuple({invoice.vid: invoice for one in self.periods for invoice in one.invoices}.values())

    def lines_of(self, period: RunningPeriod) -> tuple[PaidLine, ...]:
        """The lines in force in one of the periods."""
        return tuple(paid for paid in self.lines if paid.cycle == period.cycle)

    @property
    def last_day(self) -> date | None:
        """The last day that has been billed for."""
        return self.periods[-1].period.last if self.periods else None

    @property
    def is_free(self) -> bool:
        """Whether the plan serves for nothing now."""
        return bool(self.periods) and self.periods[0].invoice.free


def of(work: Work, autobill: AutoBill, *, by_season: bool = False) -> Running:
    """What runs today; to be asked before anything is changed.

    ``by_season``: every cycle of a season counts as serving all days that the season entitles to (billing-engine §5).
    """
    billed = [one for one in work.uow.invoices.of_autobill(autobill.vid) if one.billed_on is not None]
    cycles = sorted((one for one in billed if one.cycle is not None), key=lambda one: one.cycle or 0)
    between = [one for one in billed if one.cycle is None]
    periods = tuple((_seasons if by_season else _running)(work, autobill, cycles, between))
    if not cycles:  # what another system billed is known by its counters alone
        return Running((), (), (autobill.next_cycle or 0) - 1, 0)
    if not periods:
        last = cycles[-1]
        return Running((), (), last.cycle or 0, last.plan_cycle or 0)
    first = min(one.invoice.created_at for one in periods)
    made = work.uow.autobill_history.billings_since(autobill.vid, first)
    changes = [one for one in made if MODIFY in one.name_values and one.status in _STANDS]
    return Running(
        periods=periods,
        lines=in_force((*_cycle_lines(work, periods, made), *_change_lines(periods, changes))),
        last_index=cycles[-1].cycle or 0,
        plan_cycle=cycles[-1].plan_cycle or 0,
        given_back=tuple(
            line
            for one in reversed(changes)
            for line in one.lines
            if line.item_type is ItemType.MODIFICATION_REFUND
        ),
    )


def _running(
    work: Work, autobill: AutoBill, cycles: Sequence[Invoice], between: Sequence[Invoice]
) -> Iterator[RunningPeriod]:
    """Billed cycles that serve today or later; one that another plan cut short ends where that begins."""
    for place, invoice in enumerate(cycles):
        end = schedule.service_end(work, autobill, invoice)
        if end is None or invoice.service_start is None:
            continue
        following = cycles[place + 1].service_start if place + 1 < len(cycles) else None
        if following is not None:
            end = min(end, day_before(following))
        if end >= max(work.today, invoice.service_start):
            period = ServicePeriod(invoice.service_start, end)
            changes = (one for one in between if one.service_start and _holds(period, one.service_start))
            yield RunningPeriod(invoice, period, tuple(changes))


def _seasons(
    work: Work, autobill: AutoBill, cycles: Sequence[Invoice], between: Sequence[Invoice]
) -> Iterator[RunningPeriod]:
    """Billed cycles of the season that entitles today, or of one to come, each for all its entitled days."""
    plan = item_history.plan_in_force(work, autobill)
    if plan.season_set is None:
        yield from _running(work, autobill, cycles, between)
        return
    begins = autobill.plan_start_on or autobill.start_at.astimezone(work.zone).date()
    for window in season.windows(plan.season_set.seasons, begins, plan.days_before_season_to_bill):
        span = season.span(window, plan.days_entitled_before_season, plan.days_entitled_after_season)
        period = ServicePeriod(max(span.first, begins), span.last)
        if period.last < work.today:
            continue
        for invoice in cycles:
            start = invoice.service_start
            if start is not None and window.first <= start <= window.last:
                changes = (one for one in between if one.service_start and _holds(period, one.service_start))
                yield RunningPeriod(invoice, period, tuple(changes))


def _cycle_lines(
    work: Work, periods: Sequence[RunningPeriod], made: Sequence[Transaction]
) -> Iterator[PaidLine]:
    for running in periods:
        invoice = running.invoice
        ids = [
            transaction.merchant_transaction_id
            for _, transaction in settlement.standing_payments(work, invoice)
        ]
        if not ids:  # nothing was to be paid, or credit paid all of it
            ids = [
                one.merchant_transaction_id
                for one in made
                if one.invoice_vid == invoice.vid and one.status in _STANDS
            ]
        for line in invoice.lines:
            if line.service_start == invoice.service_start:
                yield PaidLine(line, running.period, tuple(ids), running.cycle)


def _change_lines(periods: Sequence[RunningPeriod], changes: Sequence[Transaction]) -> Iterator[PaidLine]:
    """What earlier changes charged for the rest of a period; they serve to its end, wherever that is now."""
    for transaction in changes:
        for line in transaction.lines:
            start = line.service_start
            if start is None:
                continue
            running = next((one for one in reversed(periods) if one.began_before(start)), None)
            if running is not None:
                served = ServicePeriod(start, running.period.last)
                yield PaidLine(line, served, (transaction.merchant_transaction_id,), running.cycle)


def invoices_behind(work: Work, autobill: AutoBill, invoices: Sequence[Invoice]) -> list[Invoice]:
    """The invoices, and those that paid for them: service that was given back paid for what came in its place."""
    found = {invoice.vid: invoice for invoice in invoices}
    waiting = list(invoices)
    while waiting:
        for billing in work.uow.transactions.of_invoice(waiting.pop().vid):
            for vid in _exchanged(work, billing):
                earlier = work.uow.invoices.by_vid(vid) if vid not in found else None
                if earlier is not None and earlier.autobill_vid == autobill.vid:
                    found[vid] = earlier
                    waiting.append(earlier)
    return list(found.values())


def _exchanged(work: Work, billing: Transaction) -> Iterator[str]:
    """The VIDs of invoices whose service a transaction gave back."""
    for own_id in {own_id for line in billing.lines for own_id in line.related_transactions}:
        earlier = work.uow.transactions.by_merchant_id(own_id)
        if earlier is not None:
            yield from (row.invoice_vid for row in work.uow.invoices.allocations_of_transaction(earlier.vid))
            if earlier.invoice_vid is not None:
                yield earlier.invoice_vid


def _holds(period: ServicePeriod, day: date) -> bool:
    return period.first <= day <= period.last
