"""Where billing goes on after another system (autobill §6.36)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain import migrated_cycles as rules
from cashbox_service.domain.catalog import PeriodType, PlanPeriod
from cashbox_service.domain.errors import InvalidRequest, InvalidValue
from cashbox_service.domain.migrated_cycles import MigratedAttempt
from cashbox_service.domain.schedule import Move, Terms, cycle_at

START = date(2024, 1, 31)
MONTHLY = Terms(START, (PlanPeriod(PeriodType.MONTH),))


def _paid(cycle: int, plan_cycle: int | None = None) -> MigratedAttempt:
    return MigratedAttempt(cycle, cycle if plan_cycle is None else plan_cycle, "Captured")


@pytest.mark.parametrize(
    ("cycle", "plan_cycle"), [(None, 0), (0, None), (-1, 0), (0, -1), (3, 4), (10**6, 0)]
)
def test_cycles_are_counted_from_0_and_a_plan_is_no_older_than_its_autobill(
    cycle: int | None, plan_cycle: int | None
) -> None:
    with pytest.raises(InvalidRequest):
        rules.checked(cycle, plan_cycle, "Captured")


def test_a_cycle_is_paid_once_however_often_it_was_tried() -> None:
    failed = MigratedAttempt(3, 3, "Cancelled")
    rules.check_paid_once([failed, failed, _paid(3), _paid(4)])
    with pytest.raises(InvalidValue):
        rules.check_paid_once([_paid(3), MigratedAttempt(3, 3, "Refunded")])


@pytest.mark.parametrize(
    ("told", "by_hand", "expected"),
    [
        ([], False, 5),  # 31 January, 29 February, 31 March, 30 April, 31 May
        ([], True, 5),
        ([_paid(7)], False, 8),
        ([_paid(2)], False, 3),
        ([_paid(2)], True, 5),
        ([_paid(7)], True, 8),
    ],
)
def test_the_next_cycle_follows_what_is_told_or_the_calendar(
    told: list[MigratedAttempt], by_hand: bool, expected: int
) -> None:
    assert rules.next_index(told, MONTHLY, date(2024, 6, 30), by_hand=by_hand) == expected


def test_the_present_plan_began_where_its_count_says() -> None:
    assert rules.offset([]) == 0
    assert rules.offset([_paid(8, 0), _paid(9, 1), _paid(2)]) == 8


def test_a_date_on_the_schedule_moves_nothing_and_any_other_one_moves_it_for_good() -> None:
    assert rules.move_to(MONTHLY, 5, date(2024, 6, 30)) is None
    assert rules.move_to(MONTHLY, 5, date(2024, 7, 4)) == Move(5, date(2024, 7, 4), permanent=True)
    short = Terms(START, (PlanPeriod(PeriodType.MONTH, cycles=3),))
    with pytest.raises(InvalidValue):
        rules.move_to(short, 3, date(2024, 7, 4))


@given(index=st.integers(1, 40), days=st.integers(-20, 200))
def test_the_next_cycle_begins_on_the_day_it_was_told_to(index: int, days: int) -> None:
    planned = cycle_at(MONTHLY, index)
    assert planned is not None
    day = planned.service_start + timedelta(days)
    move = rules.move_to(MONTHLY, index, day)
    moved = Terms(START, MONTHLY.periods, moves=(move,) if move else ())
    following, before = cycle_at(moved, index), cycle_at(moved, index - 1)
    assert following is not None
    assert before is not None
    assert following.service_start == day
    assert before.service_end == day - timedelta(1)


def test_past_cycles_end_with_the_plan() -> None:
    short = Terms(START, (PlanPeriod(PeriodType.MONTH, cycles=3),))
    assert [one.index for one in rules.past_cycles(short, 1, 9)] == [1, 2]
    assert [one.index for one in rules.past_cycles(MONTHLY, 1, 4)] == [1, 2, 3]
