"""Which grant of a right an extension means, and to when (account §9.4, §9.5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain import account_grant as rules
from cashbox_service.domain.account_grant import Period
from cashbox_service.domain.errors import InvalidRequest, InvalidValue
from cashbox_service.domain.interval import Length

ZONE = ZoneInfo("America/Los_Angeles")
NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)


def _days(first: int, last: int | None) -> Period:
    """From so many days after now to so many."""
    return Period(NOW + timedelta(first), NOW + timedelta(last) if last is not None else None)


@pytest.mark.parametrize(
    ("periods", "meant"),
    [
        ([], None),
        ([_days(-9, -5)], 0),
        ([_days(-9, -5), _days(-8, -2), _days(-20, -6)], 1),  # the one that ended last
        ([_days(-9, -5), _days(3, 9)], 1),  # one to come before one that is over
        ([_days(3, 9), _days(1, 30), _days(4, 5)], 1),
        ([_days(3, 90), _days(-1, 1), _days(-9, -5)], 1),  # the active one before all others
        ([_days(-1, 5), _days(-2, 9), _days(-3, 7)], 1),
        ([_days(-1, 5), _days(-2, None)], 1),  # no end is later than any
    ],
)
def test_the_grant_that_is_meant(periods: list[Period], meant: int | None) -> None:
    assert rules.to_extend(periods, NOW) == meant


def test_a_right_is_good_from_its_start_and_before_its_end() -> None:
    period = _days(0, 1)
    assert [period.is_active(NOW + timedelta(hours=hours)) for hours in (-1, 0, 23, 24)] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("end", "length", "expected"),
    [
        ("2024-03-31T10:00", Length(months=1), "2024-04-30T10:00"),  # the day is clipped
        ("2024-01-31T00:00", Length(days=1), "2024-03-02T04:00"),  # over: counted from now
        ("2024-03-09T23:59", Length(days=1), "2024-03-10T23:59"),  # a day of 23 hours is a day
        ("2024-03-31T10:00", Length(years=1, months=1, weeks=1, days=1), "2025-05-08T10:00"),
        ("2024-02-29T10:00", Length(years=1), "2025-03-01T04:00"),
    ],
)
def test_an_interval_counts_by_the_calendar(end: str, length: Length, expected: str) -> None:
    period = Period(NOW - timedelta(90), datetime.fromisoformat(end).replace(tzinfo=ZONE))
    found = rules.extended_by(period, length, NOW, ZONE)
    assert found.isoformat()[:16] == expected


@pytest.mark.parametrize("length", [Length(), Length(days=-1), Length(months=1, days=-1), Length(years=9000)])
def test_no_time_less_time_and_too_much_time_are_refused(length: Length) -> None:
    with pytest.raises(InvalidValue):
        rules.extended_by(_days(-1, 1), length, NOW, ZONE)


def test_a_right_without_end_cannot_be_extended() -> None:
    with pytest.raises(InvalidRequest):
        rules.extended_by(_days(-1, None), Length(days=1), NOW, ZONE)
    with pytest.raises(InvalidRequest):
        rules.extended_to(_days(-1, None), NOW)


def test_an_end_may_be_moved_to_itself_but_not_back() -> None:
    period = _days(-1, 1)
    assert period.end is not None
    assert rules.extended_to(period, period.end) == period.end
    with pytest.raises(InvalidValue):
        rules.extended_to(period, period.end - timedelta(seconds=1))


@given(
    end=st.integers(-900, 900),
    parts=st.tuples(*[st.integers(0, 40)] * 4).filter(any),
)
def test_an_extension_always_ends_later_and_in_the_future(end: int, parts: tuple[int, int, int, int]) -> None:
    period = _days(-1000, end)
    assert period.end is not None
    found = rules.extended_by(period, Length(*parts), NOW, ZONE)
    assert found > period.end
    assert found > NOW


def test_a_right_ends_after_it_begins() -> None:
    rules.check_period(NOW, None)
    rules.check_period(NOW, NOW + timedelta(seconds=1))
    with pytest.raises(InvalidValue):
        rules.check_period(NOW, NOW)
