"""Lines of changes in the middle of a period: which days they charge or give back, and of what (autobill §6.35)."""

from __future__ import annotations

from collections.abc import Iterator

from cashbox_service.app.bills.explanation import Reason
from cashbox_service.app.context import Work
from cashbox_service.domain.calendar import days_inclusive
from cashbox_service.domain.lines import ItemType, Line
from cashbox_service.domain.proration import BALANCE
from cashbox_service.store.entities import Invoice


def why_changed(work: Work, invoice: Invoice, line: Line) -> Iterator[Reason]:
    """Nothing for a line that bills a whole cycle."""
    if line.item_type is ItemType.MODIFICATION_REFUND and line.name == BALANCE:
        yield Reason("unused service", "What was left of the plan before pays for this cycle.")
    elif line.item_type is ItemType.MODIFICATION_REFUND:
        yield _given_back(line)
    elif invoice.cycle is None and not invoice.by_hand and line.item_type is ItemType.PURCHASE:
        yield from _charged(work, invoice, line)


def _given_back(line: Line) -> Reason:
    days = _days(line)
    billed = ", ".join(line.related_transactions)
    text = f"Gives back {days} day(s), {line.service_start} to {line.service_end}"
    text += f", of what {billed} billed." if billed else " of what was billed."
    if not line.total:
        text += " Nothing is left of that."
    return Reason(
        "unused service",
        text,
        {
            "days": days,
            "serviceStart": line.service_start,
            "serviceEnd": line.service_end,
            "billedBy": line.related_transactions,
        },
    )


def _charged(work: Work, invoice: Invoice, line: Line) -> Iterator[Reason]:
    """By the day, for what is left of the cycle in which the change was made."""
    running = _running(work, invoice, line)
    if line.service_start is None or running is None or running.service_start is None:
        return
    days, whole = _days(line), _days(running)
    yield Reason(
        "proration",
        f"Charged for {days} of the {whole} days of {running.service_start} to {running.service_end}, "
        f"unless it is something sold once.",
        {"days": days, "of": whole, "cycle": running.cycle},
    )


def _running(work: Work, invoice: Invoice, line: Line) -> Invoice | None:
    """The cycle in which the change was made."""
    assert invoice.autobill_vid is not None
    cycles = (one for one in work.uow.invoices.of_autobill(invoice.autobill_vid) if one.cycle is not None)
    return next((one for one in cycles if one.service_end == line.service_end), None)


def _days(served: Line | Invoice) -> int:
    if served.service_start is None or served.service_end is None:
        return 0
    return days_inclusive(served.service_start, served.service_end)
