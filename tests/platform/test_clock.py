"""Clocks: real, frozen, and a merchant's own."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from cashbox_service.clock import FrozenClock, MerchantClock, SystemClock, business_day

PACIFIC = ZoneInfo("America/Los_Angeles")
NOON = datetime(2024, 2, 29, 12, 0, tzinfo=UTC)


def test_system_clock_gives_aware_utc_moments() -> None:
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert abs(datetime.now(UTC) - now) < timedelta(seconds=5)


def test_frozen_clock_moves_only_when_told() -> None:
    clock = FrozenClock(NOON)
    assert clock.now() == clock.now() == NOON
    clock.advance(timedelta(days=1))
    assert clock.now() == NOON + timedelta(days=1)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        FrozenClock(datetime(2024, 1, 1))  # noqa: DTZ001  that is the point


def test_merchant_clock_shows_the_moment_it_was_set_to_and_runs_on() -> None:
    base = FrozenClock(NOON)
    set_to = datetime(2016, 3, 24, 5, 0, tzinfo=timezone(timedelta(hours=-7)))
    clock = MerchantClock.showing(set_to, base)
    assert clock.now() == set_to
    base.advance(timedelta(minutes=90))
    assert clock.now() == set_to + timedelta(minutes=90)
    assert clock.now().tzinfo is UTC


def test_merchant_clock_without_an_offset_is_the_base_clock() -> None:
    base = FrozenClock(NOON)
    assert MerchantClock(base).now() == base.now()


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2024, 3, 1, 7, 59, 59, tzinfo=UTC), date(2024, 2, 29)),
        (datetime(2024, 3, 1, 8, 0, 0, tzinfo=UTC), date(2024, 3, 1)),
        (datetime(2024, 7, 1, 6, 59, 59, tzinfo=UTC), date(2024, 6, 30)),
        (datetime(2024, 7, 1, 7, 0, 0, tzinfo=UTC), date(2024, 7, 1)),
    ],
)
def test_days_begin_at_midnight_of_the_business_zone_winter_and_summer(moment: datetime, day: date) -> None:
    assert business_day(moment, PACIFIC) == day
    assert MerchantClock(FrozenClock(moment)).today(PACIFIC) == day
