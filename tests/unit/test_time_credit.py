"""Time credit puts a billing off; later cycles follow from the new day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.catalog import UNLIMITED, PeriodType, PlanPeriod
from cashbox_service.domain.interval import Length
from cashbox_service.domain.schedule import Terms, cycles
from cashbox_service.domain.time_credit import free_time, postponed, postponement


def terms(start: date, kind: PeriodType = PeriodType.MONTH, times: str = UNLIMITED, count: int = 0) -> Terms:
    return Terms(start=start, periods=(PlanPeriod(type=kind, cycles=count),), times_to_run=times)


def days(given_terms: Terms, count: int) -> list[str]:
    return [one.billing_date.isoformat() for one in islice(cycles(given_terms), count)]


@pytest.mark.parametrize(
    ("start", "index", "length", "expected"),
    [
        (date(2024, 1, 15), 1, Length(days=10), ["2024-01-15", "2024-02-25", "2024-03-25"]),
        (date(2024, 1, 15), 1, Length(months=1), ["2024-01-15", "2024-03-15", "2024-04-15"]),
        (date(2024, 1, 15), 2, Length(weeks=2, days=1), ["2024-01-15", "2024-02-15", "2024-03-30"]),
        (date(2023, 12, 31), 1, Length(months=1), ["2023-12-31", "2024-02-29", "2024-03-31"]),
        (date(2024, 1, 15), 1, Length(years=1, months=1, days=1), ["2024-01-15", "2025-03-16", "2025-04-16"]),
    ],
)
def test_the_cycle_moves_and_those_after_it_follow(
    start: date, index: int, length: Length, expected: list[str]
) -> None:
    move = postponement(terms(start), index, length)
    assert move is not None
    assert days(replace(terms(start), moves=(move,)), 3) == expected


def test_several_credits_add_up_one_after_the_other() -> None:
    later = postponed(terms(date(2024, 1, 15)), 1, [Length(days=10), Length(months=1)])
    assert days(later, 3) == ["2024-01-15", "2024-03-25", "2024-04-25"]


def test_the_first_billing_and_one_that_will_not_come_are_not_put_off() -> None:
    assert postponement(terms(date(2024, 1, 15)), 0, Length(days=3)) is None
    assert postponement(terms(date(2024, 1, 15), times="1", count=2), 2, Length(days=3)) is None


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        (date(2024, 1, 15), Length(days=10), ["2024-01-25", "2024-02-25", "2024-03-25"]),
        (date(2024, 1, 31), Length(months=1), ["2024-02-29", "2024-03-31", "2024-04-30"]),
        (date(2024, 1, 15), Length(months=3), ["2024-04-15", "2024-05-15", "2024-06-15"]),
    ],
)
def test_free_time_puts_the_first_billing_off(start: date, length: Length, expected: list[str]) -> None:
    move = free_time(terms(start), 0, length)
    assert move is not None
    assert days(replace(terms(start), moves=(move,)), 3) == expected


@given(
    start=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    kind=st.sampled_from(PeriodType),
    index=st.integers(1, 30),
    length=st.builds(Length, st.integers(0, 2), st.integers(0, 14), st.integers(0, 9), st.integers(0, 60)),
)
def test_no_day_is_served_twice_and_none_is_left_out(
    start: date, kind: PeriodType, index: int, length: Length
) -> None:
    before = terms(start, kind)
    move = postponement(before, index, length)
    assert move is not None
    after = replace(before, moves=(move,))
    served = list(islice(cycles(after), index + 4))
    for one, following in pairwise(served):
        assert (following.service_start - one.service_end).days == 1
    planned = list(islice(cycles(before), index + 1))
    assert [one.service_start for one in served[:index]] == [one.service_start for one in planned[:index]]
    assert served[index].service_start == length.after(planned[index].service_start)
