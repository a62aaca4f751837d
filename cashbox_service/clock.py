"""Time: what "now" means for the service, for a merchant with a test clock, and for a test.

A clock gives aware UTC moments. Nothing else in the service asks the machine for the time of day, except the ids
of append-only rows and the time windows of security checks, which are about real time. Source: conventions §6.1,
billing-engine §1.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

BUSINESS_ZONE = "America/Los_Angeles"
"""Where days begin and end unless a merchant's settings say otherwise."""


class Clock(Protocol):
    """Something that knows the time."""

    def now(self) -> datetime:
        """The present moment: aware, UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FrozenClock:
    """A clock that stands still until it is set, for tests and simulations.

    Raises ValueError for a moment without a time zone.
    """

    def __init__(self, moment: datetime) -> None:
        self._moment = as_utc(moment)

    def now(self) -> datetime:
        return self._moment

    def set(self, moment: datetime) -> None:
        self._moment = as_utc(moment)

    def advance(self, step: timedelta) -> None:
        self._moment += step


class MerchantClock:
    """A merchant's test clock: the base clock moved by a fixed amount.

    Over the system clock it runs on from the moment it was set to; over a `FrozenClock` it stands still.
    """

    def __init__(self, base: Clock, offset: timedelta = timedelta()) -> None:
        self._base = base
        self.offset = offset

    @classmethod
    def showing(cls, moment: datetime, base: Clock) -> MerchantClock:
        """The clock that shows ``moment`` now. Raises ValueError for a moment without a time zone."""
        return cls(base, as_utc(moment) - base.now())

    def now(self) -> datetime:
        return self._base.now() + self.offset

    def today(self, zone: ZoneInfo) -> date:
        return business_day(self.now(), zone)


def business_day(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day of a moment in the business zone; days begin at midnight there."""
    return moment.astimezone(zone).date()


def as_utc(moment: datetime) -> datetime:
    """The same moment in UTC. Raises ValueError for one without a time zone: it names no moment."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC)


def parse_moment(text: str, zone: ZoneInfo) -> datetime:
    """The moment a person wrote in ISO 8601; without an offset it is in ``zone`` (conventions §6.1).

    Raises ValueError for text that is no moment.
    """
    moment = datetime.fromisoformat(text)
    return as_utc(moment if moment.tzinfo else moment.replace(tzinfo=zone))
