"""Days of the business zone, months that do not drift, nights in which the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain import calendar as c

PACIFIC = ZoneInfo("America/Los_Angeles")
ZONES = [
    PACIFIC,
    UTC,
    ZoneInfo("Europe/Berlin"),
    ZoneInfo("America/Havana"),  # falls back from 1:00 to midnight: midnight comes twice
    ZoneInfo(
        "America/Asuncion"
    ),  # changed at midnight: a day without midnight, an evening with two last hours
    ZoneInfo("Australia/Lord_Howe"),  # half an hour of daylight saving
]
DATES = st.dates(date(1990, 1, 1), date(2100, 12, 31))


def test_a_day_begins_at_midnight_and_ends_at_23_59_59_of_the_business_zone() -> None:
    assert c.midnight(date(2016, 12, 1), PACIFIC).isoformat() == "2016-12-01T00:00:00-08:00"
    assert c.end_of_day(date(2024, 6, 29), PACIFIC).isoformat() == "2024-06-29T23:59:59-07:00"


@pytest.mark.parametrize(
    ("day", "begins", "ends"),
    [
        (date(2024, 3, 9), "2024-03-09T00:00:00-08:00", "2024-03-09T23:59:59-08:00"),
        (date(2024, 3, 10), "2024-03-10T00:00:00-08:00", "2024-03-10T23:59:59-07:00"),
        (date(2024, 11, 3), "2024-11-03T00:00:00-07:00", "2024-11-03T23:59:59-08:00"),
    ],
)
def test_the_offset_changes_within_a_daylight_saving_day(day: date, begins: str, ends: str) -> None:
    assert c.midnight(day, PACIFIC).isoformat() == begins
    assert c.end_of_day(day, PACIFIC).isoformat() == ends


def test_a_midnight_that_comes_twice_is_the_first_and_a_last_second_that_comes_twice_is_the_last() -> None:
    havana, asuncion = ZoneInfo("America/Havana"), ZoneInfo("America/Asuncion")
    assert c.midnight(date(2023, 11, 5), havana).astimezone(UTC).hour == 4
    assert (
        c.end_of_day(date(2023, 3, 25), asuncion).astimezone(UTC).isoformat() == "2023-03-26T03:59:59+00:00"
    )


@given(DATES, st.sampled_from(ZONES))
def test_days_follow_each_other_without_gap_or_overlap(day: date, zone: ZoneInfo) -> None:
    begins = c.midnight(day, zone).astimezone(UTC)
    ends = c.end_of_day(day, zone).astimezone(UTC)
    assert c.midnight(day + timedelta(days=1), zone).astimezone(UTC) - ends == timedelta(seconds=1)
    assert timedelta(hours=22) < ends - begins < timedelta(hours=26)


@given(DATES, st.sampled_from(ZONES))
def test_both_ends_of_a_day_belong_to_it(day: date, zone: ZoneInfo) -> None:
    assert c.local_date(c.midnight(day, zone).astimezone(UTC), zone) == day
    assert c.local_date(c.end_of_day(day, zone).astimezone(UTC), zone) == day


def test_the_local_date_is_that_of_the_business_zone() -> None:
    assert c.local_date(datetime(2024, 5, 1, 6, 59, tzinfo=UTC), PACIFIC) == date(2024, 4, 30)
    assert c.local_date(datetime(2024, 5, 1, 7, 0, tzinfo=UTC), PACIFIC) == date(2024, 5, 1)


def test_a_moment_without_a_zone_has_no_local_date() -> None:
    with pytest.raises(ValueError, match="time zone"):
        c.local_date(datetime(2024, 5, 1), PACIFIC)  # noqa: DTZ001  the naive moment is the point


@pytest.mark.parametrize(
    ("minutes_ahead", "imminent"),
    [(-100_000, True), (0, True), (24 * 60 + 59, True), (25 * 60, True), (25 * 60 + 1, False)],
)
def test_a_start_at_most_25_hours_ahead_is_imminent(minutes_ahead: int, imminent: bool) -> None:
    now = datetime(2024, 1, 31, 10, tzinfo=UTC)
    assert c.is_imminent(now + timedelta(minutes=minutes_ahead), now) is imminent


def test_the_25_hours_are_real_hours_also_over_a_night_with_a_clock_change() -> None:
    evening = datetime(2024, 3, 9, 12, tzinfo=PACIFIC)
    assert c.is_imminent(
        datetime(2024, 3, 10, 14, tzinfo=PACIFIC), evening
    )  # 26 by the clock, 25 that passed
    evening = datetime(2024, 11, 2, 12, tzinfo=PACIFIC)
    assert not c.is_imminent(
        datetime(2024, 11, 3, 13, tzinfo=PACIFIC), evening
    )  # 25 by the clock, 26 that passed


@pytest.mark.parametrize(
    ("day", "months", "anchor", "expected"),
    [
        (date(2024, 1, 31), 1, None, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, None, date(2023, 2, 28)),
        (date(2024, 1, 31), 2, None, date(2024, 3, 31)),
        (date(2024, 2, 29), 1, 31, date(2024, 3, 31)),
        (date(2024, 2, 29), 12, None, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, None, date(2028, 2, 29)),
        (date(2024, 11, 30), 3, None, date(2025, 2, 28)),
        (date(2024, 1, 15), -1, None, date(2023, 12, 15)),
        (date(2024, 3, 31), -1, None, date(2024, 2, 29)),
        (date(2024, 12, 15), 0, 31, date(2024, 12, 31)),
    ],
)
def test_months_are_added_to_the_anchor_day(
    day: date, months: int, anchor: int | None, expected: date
) -> None:
    assert c.add_months(day, months, anchor) == expected


def test_arithmetic_beyond_the_calendar_stops_at_never() -> None:
    assert c.add_months(date(2024, 1, 1), 12 * 8000) == c.NEVER
    assert c.add_days(date(2024, 1, 1), 10**7) == c.NEVER
    assert c.day_before(c.NEVER) == c.NEVER
    assert c.day_before(date(2024, 3, 1)) == date(2024, 2, 29)


def test_a_length_counts_years_and_months_first_and_then_weeks_and_days() -> None:
    assert c.add_length(date(2024, 1, 31), months=1, days=3) == date(2024, 3, 3)
    assert c.add_length(date(2024, 2, 29), years=1, weeks=1) == date(2025, 3, 7)


@pytest.mark.parametrize(
    ("day", "day_of_month", "after", "before"),
    [
        (date(2024, 2, 10), 1, date(2024, 3, 1), date(2024, 2, 1)),
        (date(2024, 2, 10), 10, date(2024, 2, 10), date(2024, 2, 10)),
        (date(2024, 2, 10), 31, date(2024, 2, 29), date(2024, 1, 31)),
        (date(2024, 2, 29), 31, date(2024, 2, 29), date(2024, 2, 29)),
        (date(2024, 3, 15), 30, date(2024, 3, 30), date(2024, 2, 29)),
        (date(2023, 12, 20), 5, date(2024, 1, 5), date(2023, 12, 5)),
    ],
)
def test_a_day_of_the_month_is_found_in_both_directions(
    day: date, day_of_month: int, after: date, before: date
) -> None:
    assert c.first_on_or_after(day, day_of_month) == after
    assert c.last_on_or_before(day, day_of_month) == before


@given(DATES, st.integers(1, 31))
def test_the_day_found_is_the_nearest_in_its_direction(day: date, day_of_month: int) -> None:
    def matches(candidate: date) -> bool:
        return candidate.day == day_of_month or (
            candidate.day < day_of_month and (candidate + timedelta(days=1)).day == 1
        )

    forward, backward = day, day
    while not matches(forward):
        forward += timedelta(days=1)
    while not matches(backward):
        backward -= timedelta(days=1)
    assert c.first_on_or_after(day, day_of_month) == forward
    assert c.last_on_or_before(day, day_of_month) == backward


def test_days_of_a_period_count_both_ends() -> None:
    assert c.days_inclusive(date(2024, 4, 1), date(2024, 4, 30)) == 30
    assert c.days_inclusive(date(2024, 4, 1), date(2024, 4, 1)) == 1
    assert c.days_inclusive(date(2024, 4, 2), date(2024, 4, 1)) == 0
