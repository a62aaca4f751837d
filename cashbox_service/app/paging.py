"""Paging and time windows, as all fetch calls take them (conventions §6.1, §7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cashbox_service.domain.errors import InvalidWindow

DEFAULT_PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class Page:
    """Records ``number``·``size``+1 onwards, ``size`` of them."""

    number: int
    size: int


def page(number: int | None, size: int | None, largest: int) -> Page:
    """The page asked for; absent parts take their defaults, sizes above ``largest`` are capped.

    Raises InvalidWindow for a negative page and a size below 1.
    """
    number = 0 if number is None else number
    size = DEFAULT_PAGE_SIZE if size is None else size
    if number < 0:
        raise InvalidWindow("page", number, "must not be negative")
    if size <= 0:
        raise InvalidWindow("pageSize", size, "must be greater than 0")
    return Page(number, min(size, largest))


def window(since: datetime | None, until: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """Lower limit inclusive, upper limit exclusive; a missing upper limit is now.

    Raises InvalidWindow for a missing lower limit and when it lies after the upper one.
    """
    if since is None:
        raise InvalidWindow("timestamp", "", "is missing")
    upper = now if until is None else until
    if since > upper:
        raise InvalidWindow("timestamp", since.isoformat(), "lies after endTimestamp")
    return since, upper
