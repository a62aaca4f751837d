"""In which cycles an item of an AutoBill is billed.

Source: billing-engine §4.2; autobill §1.1 (startDate, cycles, removedDate).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from cashbox_service.domain.calendar import NEVER, add_days
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.interval import IntervalUnit, parse_interval

_FIELD: Final = "items.startDate"
_DATE: Final = re.compile(r"(\d{4}-\d\d-\d\d)(T.*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class ItemTiming:
    """When an item is billed: from a day on, ``cycles`` times (None = always), until the day it is removed.

    ``cycles_billed`` counts its billings so far, those that were free or discounted to nothing included.
    """

    starts_on: date
    cycles: int | None = None
    cycles_billed: int = 0
    removed_on: date | None = None

    @property
    def cycles_remaining(self) -> int | None:
        """How often it will still be billed; None without limit."""
        return None if self.cycles is None else max(0, self.cycles - self.cycles_billed)

    def is_billed(self, service_start: date) -> bool:
        """Whether the cycle whose service starts on that day bills the item."""
        if self.removed_on is not None and service_start >= self.removed_on:
            return False
        return self.starts_on <= service_start and self.cycles_remaining != 0

    def serves(self, service_start: date) -> bool:
        """Whether the item is part of the cycle that begins on that day, also when its last billing was that one's."""
        return self.starts_on <= service_start and (
            self.removed_on is None or service_start < self.removed_on
        )

    def after_billing(self, service_end: date) -> ItemTiming:
        """The item once a cycle that serves to ``service_end`` was invoiced: after its last one it is removed."""
        billed = replace(self, cycles_billed=self.cycles_billed + 1)
        if billed.cycles_remaining == 0:
            billed = replace(billed, removed_on=add_days(service_end, 1))
        return billed


def item_starts_on(text: str | None, autobill_start: date, seasons: Sequence[date] | None = None) -> date:
    """The day from which an item is billed, from startDate as the merchant wrote it.

    Empty: with the AutoBill. A date, also in the dateTime form in which it is sent back, or an interval from the
    AutoBill's start. ``seasons`` are the days on which its seasons are first billed, None on a plan without: after so
    many of them an item may start too; `NEVER` as long as there are not so many. `InvalidValue` for anything else.
    """
    value = (text or "").strip()
    if not value:
        return autobill_start
    match = _DATE.fullmatch(value)
    if match:
        try:
            return date.fromisoformat(match[1])
        except ValueError:
            raise InvalidValue(_FIELD, value, "is not a date") from None
    interval = parse_interval(value, field=_FIELD, seasons=True)
    if interval.unit is IntervalUnit.SEASON:
        if seasons is None:
            raise InvalidValue(_FIELD, value, "needs a plan with seasons")
        return seasons[interval.count] if interval.count < len(seasons) else NEVER
    return interval.after(autobill_start)
