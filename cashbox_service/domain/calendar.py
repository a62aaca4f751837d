"""Days of the business zone: when a day begins and ends, and arithmetic on dates that never drifts.

Billing is counted in calendar days of one zone, never in steps of 24 hours, so a night in which the clocks
change is a night like any other. Dates are plain ``date`` values; a moment is an aware ``datetime``.
Arithmetic that would leave the calendar stops at ``date.max``, which stands for "never".
Source: billing-engine §1, §3.1; conventions §6.1.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

NEVER: Final = date.max
"""A date nobody reaches: where arithmetic stops."""

DAYS_PER_WEEK: Final = 7
MONTHS_PER_YEAR: Final = 12
_ONE_DAY: Final = timedelta(days=1)
_LAST_SECOND: Final = time(23, 59, 59, fold=1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of ``day`` in ``zone``; the earlier one where the clock shows midnight twice."""
    return datetime.combine(day, time.min, zone)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """23:59:59 of ``day`` in ``zone``, the last entitled second; the later one where it comes twice."""
    return datetime.combine(day, _LAST_SECOND, zone)


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """The day that ``moment`` belongs to in ``zone``; ``ValueError`` for a naive moment."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(zone).date()


def is_imminent(start: datetime, now: datetime, hours: int = 25) -> bool:
    """Whether ``start`` is past or at most ``hours`` real hours ahead: it is then billed within the call.

    Source: autobill §5.1.
    """
    return start.astimezone(UTC) - now.astimezone(UTC) <= timedelta(hours=hours)


def add_days(day: date, days: int) -> date:
    """``day`` moved by ``days``, backwards when negative; `NEVER` beyond the end of the calendar."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return NEVER if days > 0 else date.min


def day_before(day: date) -> date:
    """The last day of a period that is followed by one beginning on ``day``."""
    return day if day == NEVER else day - _ONE_DAY


def on_day(year: int, month: int, day_of_month: int) -> date:
    """That day of the month, or the month's last day where the month is shorter."""
    return date(year, month, min(day_of_month, monthrange(year, month)[1]))


def add_months(day: date, months: int, anchor_day: int | None = None) -> date:
    """The anchor day ``months`` months on, clamped to the end of a short month; `NEVER` beyond the calendar.

    The anchor day is the day of ``day`` itself unless another is given, which keeps 31 January, 29 February,
    31 March on the 31st.
    """
    year, month = divmod(day.year * MONTHS_PER_YEAR + day.month - 1 + months, MONTHS_PER_YEAR)
    if year > NEVER.year:
        return NEVER
    return on_day(year, month + 1, anchor_day or day.day)


def add_length(day: date, years: int = 0, months: int = 0, weeks: int = 0, days: int = 0) -> date:
    """``day`` plus years and months together (clamped once), then weeks and days. Source: account §9.5."""
    moved = add_months(day, years * MONTHS_PER_YEAR + months)
    return add_days(moved, weeks * DAYS_PER_WEEK + days)


def first_on_or_after(day: date, day_of_month: int) -> date:
    """The first date not before ``day`` that is that day of its month, or the end of a month without it."""
    found = on_day(day.year, day.month, day_of_month)
    return found if found >= day else add_months(day, 1, day_of_month)


def last_on_or_before(day: date, day_of_month: int) -> date:
    """The last date not after ``day`` that is that day of its month, or the end of a month without it."""
    found = on_day(day.year, day.month, day_of_month)
    return found if found <= day else add_months(day, -1, day_of_month)


def days_inclusive(first: date, last: date) -> int:
    """How many days from ``first`` to ``last``, both counted; 0 when ``last`` lies before."""
    return max(0, (last - first).days + 1)
