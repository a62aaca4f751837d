"""Lengths of time as merchants write them: ``6 months``, ``1 Year``, ``2 seasons``, ``forever``.

Source: catalog §1.1, autobill §1.1, billing-engine §10.6.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from cashbox_service.domain.calendar import DAYS_PER_WEEK, MONTHS_PER_YEAR, add_days, add_length, add_months
from cashbox_service.domain.errors import InvalidValue

FOREVER: Final = "forever"
MAX_COUNT: Final = 5000
"""Largest number an interval may have; more is a slip of the keyboard."""

_PATTERN: Final = re.compile(r"\s*(\d{1,4})\s+(day|week|month|year|season)s?\s*", re.ASCII | re.IGNORECASE)


class IntervalUnit(StrEnum):
    """What an interval counts."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    SEASON = "season"


@dataclass(frozen=True, slots=True)
class Interval:
    """``count`` units, at least one."""

    count: int
    unit: IntervalUnit

    @property
    def keeps_day_of_month(self) -> bool:
        """Whether adding it lands on the same day of another month, short months aside."""
        return self.unit in (IntervalUnit.MONTH, IntervalUnit.YEAR)

    def after(self, day: date, times: int = 1) -> date:
        """``day`` plus this interval ``times`` times, months counted from ``day`` so that it does not drift.

        ``ValueError`` for seasons, whose length depends on the season set.
        """
        steps = self.count * times
        match self.unit:
            case IntervalUnit.DAY:
                return add_days(day, steps)
            case IntervalUnit.WEEK:
                return add_days(day, steps * DAYS_PER_WEEK)
            case IntervalUnit.MONTH:
                return add_months(day, steps)
            case IntervalUnit.YEAR:
                return add_months(day, steps * MONTHS_PER_YEAR)
            case IntervalUnit.SEASON:
                raise ValueError("seasons are counted in a season set, not on the calendar")


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time in several units, which are added together: years and months first, then weeks and days."""

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0

    def after(self, day: date) -> date:
        """The day that much later; one that a month lacks becomes the last of the month. Source: account §9.5."""
        return add_length(day, self.years, self.months, self.weeks, self.days)

    @property
    def keeps_day_of_month(self) -> bool:
        """Whether the day of the month stays, short months aside."""
        return not (self.weeks or self.days)


def parse_interval(text: str, *, field: str, seasons: bool = False) -> Interval:
    """``<n> day|week|month|year(s)`` in any letter case, with ``seasons`` also ``<n> season(s)``.

    `InvalidValue` naming ``field`` for anything else, for 0 and for a number above `MAX_COUNT`.
    """
    match = _PATTERN.fullmatch(text)
    interval = Interval(int(match[1]), IntervalUnit(match[2].lower())) if match else None
    if interval is None or (interval.unit is IntervalUnit.SEASON and not seasons):
        raise InvalidValue(field, text, "is not an interval such as 3 days or 1 year")
    if not 1 <= interval.count <= MAX_COUNT:
        raise InvalidValue(field, text, f"is not between 1 and {MAX_COUNT}")
    return interval


def is_forever(text: str) -> bool:
    """Whether the text means without end."""
    return text.strip().lower() == FOREVER
