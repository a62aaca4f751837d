"""What an AutoBill's customer has been billed for and has not used yet: the ground on which a change is reckoned.

Usually that is one period. Where renewals are billed ahead there can be two, and none while a billing is due.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from cashbox_service.app import schedule, settlement
from cashbox_service.app.context import Work
from cashbox_service.domain.calendar import day_before
from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.lines import ServicePeriod
from cashbox_service.domain.proration import PaidLine, in_force
from cashbox_service.store.entities import AutoBill, Invoice, Transaction

MODIFY = NameValue("vin:type", "modify")
"""What a transaction of AutoBill.modify carries (transaction §2.1)."""

_STANDS = frozenset({"Authorized", "AuthorizedPending", "Pending", "Captured", "Refunded"})


@dataclass(frozen=True, slots=True)
class RunningPeriod:
    """A billed cycle of which days are left, and the days it serves now."""

    invoice: Invoice
    period: ServicePeriod


@dataclass(frozen=True, slots=True)
class Running:
    """Billed periods that are not over, oldest first, the lines in force in them, and the invoices behind these.

    ``last_index`` is the autoBillCycle billed last, ``plan_cycle`` its billingPlanCycle.
    """

    periods: tuple[RunningPeriod, ...]
    lines: tuple[PaidLine, ...]
    invoices: tuple[Invoice, ...]
    last_index: int
    plan_cycle: int

    @property
    def last_day(self) -> date | None:
        """The last day that has been billed for."""
        return self.periods[-1].period.last if self.periods else None

    @property
    def is_free(self) -> bool:
        """Whether the plan serves for nothing now."""
        return bool(self.periods) and self.periods[0].invoice.free


def of(work: Work, autobill: AutoBill) -> Running:
    """What runs today; to be asked before anything is changed."""
    billed = [one for one in work.uow.invoices.of_autobill(autobill.vid) if one.billed_on is not None]
    cycles = sorted((one for one in billed if one.cycle is not None), key=lambda one: one.cycle or 0)
    periods = tuple(_running(work, autobill, cycles))
    if not cycles:  # what another system billed is known by its counters alone
        return Running((), (), (), (autobill.next_cycle or 0) - 1, 0)
    if not periods:
        last = cycles[-1]
        return Running((), (), (), last.cycle or 0, last.plan_cycle or 0)
    first = min(one.invoice.created_at for one in periods)
    made = work.uow.autobill_history.billings_since(autobill.vid, first)
    changes = [one for one in made if MODIFY in one.name_values and one.status in _STANDS]
    return Running(
        periods=periods,
        lines=in_force((*_cycle_lines(work, periods, made), *_change_lines(periods, changes))),
        invoices=tuple(_behind(periods, billed, changes)),
        last_index=cycles[-1].cycle or 0,
        plan_cycle=cycles[-1].plan_cycle or 0,
    )


def _running(work: Work, autobill: AutoBill, cycles: Sequence[Invoice]) -> Iterator[RunningPeriod]:
    """Billed cycles that serve today or later; one that another plan cut short ends where that begins."""
    for place, invoice in enumerate(cycles):
        end = schedule.service_end(work, autobill, invoice)
        if end is None or invoice.service_start is None:
            continue
        following = cycles[place + 1].service_start if place + 1 < len(cycles) else None
        if following is not None:
            end = min(end, day_before(following))
        if end >= max(work.today, invoice.service_start):
            yield RunningPeriod(invoice, ServicePeriod(invoice.service_start, end))


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
                yield PaidLine(line, running.period, tuple(ids))


def _change_lines(periods: Sequence[RunningPeriod], changes: Sequence[Transaction]) -> Iterator[PaidLine]:
    """What earlier changes charged for the rest of a period; they serve to its end, wherever that is now."""
    for transaction in changes:
        for line in transaction.lines:
            start = line.service_start
            running = next((one for one in periods if start and _holds(one.period, start)), None)
            if running is not None and start is not None:
                served = ServicePeriod(start, running.period.last)
                yield PaidLine(line, served, (transaction.merchant_transaction_id,))


def _behind(
    periods: Sequence[RunningPeriod], billed: Sequence[Invoice], changes: Sequence[Transaction]
) -> Iterator[Invoice]:
    """The invoices of the running periods, and those of changes within them."""
    vids = {one.invoice.vid for one in periods} | {one.invoice_vid for one in changes}
    return (invoice for invoice in billed if invoice.vid in vids)


def _holds(period: ServicePeriod, day: date) -> bool:
    return period.first <= day <= period.last
