"""Lengths of time in words."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.calendar import NEVER
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.interval import MAX_COUNT, Interval, IntervalUnit, is_forever, parse_interval


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 days", Interval(3, IntervalUnit.DAY)),
        ("1 day", Interval(1, IntervalUnit.DAY)),
        ("1 days", Interval(1, IntervalUnit.DAY)),
        ("2 Weeks", Interval(2, IntervalUnit.WEEK)),
        ("6 MONTHS", Interval(6, IntervalUnit.MONTH)),
        ("  1   year ", Interval(1, IntervalUnit.YEAR)),
        ("0012 months", Interval(12, IntervalUnit.MONTH)),
    ],
)
def test_an_interval_is_a_number_and_a_unit_in_any_letter_case(text: str, expected: Interval) -> None:
    assert parse_interval(text, field="repeatEvery") == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "6", "months", "6months", "-1 day", "1.5 years", "one year", "0 days", "5001 days", "1 hour"),
        *("1 year 2 months", "forever", "3 dayss", "٣ days", "12345 days"),
    ],
)
def test_anything_else_is_refused_with_the_name_of_the_field(text: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        parse_interval(text, field="repeatEvery")
    assert refusal.value.field == "repeatEvery"
    assert refusal.value.value == text


def test_seasons_are_counted_only_where_they_make_sense() -> None:
    assert parse_interval("2 seasons", field="startDate", seasons=True) == Interval(2, IntervalUnit.SEASON)
    with pytest.raises(InvalidValue):
        parse_interval("2 seasons", field="repeatEvery")


@pytest.mark.parametrize(
    ("interval", "times", "expected"),
    [
        (Interval(10, IntervalUnit.DAY), 1, date(2024, 2, 10)),
        (Interval(2, IntervalUnit.WEEK), 1, date(2024, 2, 14)),
        (Interval(1, IntervalUnit.MONTH), 1, date(2024, 2, 29)),
        (Interval(1, IntervalUnit.MONTH), 2, date(2024, 3, 31)),
        (Interval(1, IntervalUnit.YEAR), 1, date(2025, 1, 31)),
        (Interval(MAX_COUNT, IntervalUnit.YEAR), 2, NEVER),
    ],
)
def test_an_interval_is_counted_from_the_day_it_starts(
    interval: Interval, times: int, expected: date
) -> None:
    assert interval.after(date(2024, 1, 31), times) == expected


def test_the_length_of_a_season_is_not_known_without_its_season_set() -> None:
    with pytest.raises(ValueError, match="season set"):
        Interval(2, IntervalUnit.SEASON).after(date(2024, 1, 31))


def test_only_months_and_years_keep_the_day_of_the_month() -> None:
    assert [unit for unit in IntervalUnit if Interval(1, unit).keeps_day_of_month] == ["month", "year"]


@pytest.mark.parametrize(("text", "expected"), [("forever", True), (" Forever ", True), ("6 months", False)])
def test_forever_is_a_word_of_its_own(text: str, expected: bool) -> None:
    assert is_forever(text) is expected


@given(st.text(max_size=30))
def test_no_text_breaks_the_grammar(text: str) -> None:
    try:
        interval = parse_interval(text, field="repeatEvery")
    except InvalidValue:
        return
    assert 1 <= interval.count <= MAX_COUNT
