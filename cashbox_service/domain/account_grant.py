"""Rights that a merchant grants to an account by itself: which one an extension means, and to when (account §9).

Several grants of the same right are periods of their own. An extension means the active one, else the one to come,
else the one that ended last; among several the one with the latest end:

::

    now                                    │
    ended        ├───────┤                 │                      third choice
    active                       ├─────────┼──────┤               first choice
    to come                                │         ├──────┤     second choice
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from cashbox_service.domain.calendar import NEVER, add_length
from cashbox_service.domain.errors import InvalidRequest, InvalidValue
from cashbox_service.domain.interval import Length


@dataclass(frozen=True, slots=True)
class Period:
    """When a right is good; without ``end`` for ever."""

    start: datetime
    end: datetime | None

    def is_active(self, now: datetime) -> bool:
        """Whether it is good at that moment: from its start on, and before its end (account §1.6)."""
        return self.start <= now and not self.is_over(now)

    def is_over(self, now: datetime) -> bool:
        return self.end is not None and self.end <= now


def to_extend(periods: Sequence[Period], now: datetime) -> int | None:
    """The place of the period that an extension means; None when there is none."""
    active = [period.is_active(now) for period in periods]
    coming = [period.start > now for period in periods]
    for chosen in (active, coming, [True] * len(periods)):
        places = [place for place, is_meant in enumerate(chosen) if is_meant]
        if places:
            return max(places, key=lambda place: _latest_end(periods[place]))
    return None


def check_period(start: datetime, end: datetime | None) -> None:
    """Raises InvalidValue for a right that would end before it begins."""
    if end is not None and end <= start:
        raise InvalidValue("endTimestamp", end.isoformat(), "does not lie after startTimestamp")


def extended_to(period: Period, end: datetime) -> datetime:
    """The new end. Raises InvalidRequest for a right without end, InvalidValue for an end that is earlier."""
    if end < _closed(period):
        raise InvalidValue("extensionDate", end.isoformat(), "lies before the present end")
    return end


def extended_by(period: Period, length: Length, now: datetime, zone: ZoneInfo) -> datetime:
    """The present end, or now where that has passed, and so much more by the calendar of ``zone``.

    Raises InvalidRequest for a right without end, InvalidValue for no length and for one beyond the calendar.
    """
    parts = (length.years, length.months, length.weeks, length.days)
    if min(parts) < 0 or not any(parts):
        raise InvalidValue("interval", " ".join(map(str, parts)), "is not a positive length of time")
    begins = max(_closed(period), now).astimezone(zone)
    day = add_length(begins.date(), *parts)
    if day.year >= NEVER.year:
        raise InvalidValue("interval", " ".join(map(str, parts)), "leads beyond the calendar")
    return datetime.combine(day, begins.time(), zone)


def _closed(period: Period) -> datetime:
    if period.end is None:
        raise InvalidRequest("The entitlement has no end.")
    return period.end


def _latest_end(period: Period) -> tuple[bool, float]:
    return (period.end is None, period.end.timestamp() if period.end is not None else 0)
