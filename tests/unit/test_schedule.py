"""Which days a cycle serves and when it is billed: plans, short months, moved billings, repeated passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.calendar import end_of_day, local_date, midnight
from cashbox_service.domain.catalog import PeriodType, PlanPeriod
from cashbox_service.domain.interval import parse_interval
from cashbox_service.domain.schedule import (
    Cycle,
    Move,
    Terms,
    cycle_at,
    cycles,
    last_cycle,
    last_day,
    left_in_pass,
    pass_start,
)

PACIFIC = ZoneInfo("America/Los_Angeles")
DAY = timedelta(days=1)
LAST_OF_JANUARY = date(2024, 1, 31)


def _period(type_: str, cycles_: int = 0, quantity: int = 1, *, free: bool = False) -> PlanPeriod:
    return PlanPeriod(PeriodType(type_), quantity=quantity, cycles=cycles_, free=free)


MONTHLY = _period("Month")


def _terms(*periods: PlanPeriod, start: date = LAST_OF_JANUARY, every: str = "", **more: object) -> Terms:
    repeat = parse_interval(every, field="repeatEvery") if every else None
    return replace(Terms(start, periods, repeat_every=repeat), **more)  # type: ignore[arg-type]


def _first(terms: Terms, count: int) -> list[Cycle]:
    return list(islice(cycles(terms), count))


def _starts(terms: Terms, count: int) -> list[str]:
    return [cycle.service_start.isoformat() for cycle in _first(terms, count)]


def _bills(terms: Terms, count: int) -> list[str]:
    return [cycle.billing_date.isoformat() for cycle in _first(terms, count)]


def _serves(terms: Terms, count: int) -> list[str]:
    return [f"{cycle.service_start}…{cycle.service_end}" for cycle in _first(terms, count)]


# ---- plain plans ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2024-01-31", ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"]),
        ("2023-01-31", ["2023-01-31", "2023-02-28", "2023-03-31", "2023-04-30", "2023-05-31"]),
        ("2024-01-30", ["2024-01-30", "2024-02-29", "2024-03-30", "2024-04-30", "2024-05-30"]),
        ("2024-02-29", ["2024-02-29", "2024-03-29", "2024-04-29", "2024-05-29", "2024-06-29"]),
        ("2016-03-24", ["2016-03-24", "2016-04-24", "2016-05-24", "2016-06-24", "2016-07-24"]),
        ("2024-11-30", ["2024-11-30", "2024-12-30", "2025-01-30", "2025-02-28", "2025-03-30"]),
    ],
)
def test_a_monthly_plan_does_not_drift_after_short_months(start: str, expected: list[str]) -> None:
    assert _starts(_terms(MONTHLY, start=date.fromisoformat(start)), 5) == expected


def test_29_february_is_billed_on_the_28th_in_common_years_and_comes_back() -> None:
    terms = _terms(_period("Year"), start=date(2024, 2, 29))
    assert _starts(terms, 6) == [
        *("2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29", "2029-02-28"),
    ]


def test_a_service_period_ends_the_day_before_the_next_begins() -> None:
    assert _serves(_terms(MONTHLY, start=date(2016, 3, 24)), 2) == [
        *("2016-03-24…2016-04-23", "2016-04-24…2016-05-23"),
    ]


def test_quarters_weeks_and_fortnights_have_their_own_steps() -> None:
    assert _starts(_terms(_period("Month", quantity=3), start=date(2023, 11, 30)), 4) == [
        *("2023-11-30", "2024-02-29", "2024-05-30", "2024-08-30"),
    ]
    assert _starts(_terms(_period("Week", quantity=2)), 3) == ["2024-01-31", "2024-02-14", "2024-02-28"]
    assert _starts(_terms(_period("Day", quantity=10)), 3) == ["2024-01-31", "2024-02-10", "2024-02-20"]


def test_a_finite_plan_ends_with_its_last_period() -> None:
    year = _terms(_period("Year", 1), start=date(2024, 2, 29))
    assert _serves(year, 5) == ["2024-02-29…2025-02-27"]
    assert cycle_at(year, 1) is None
    assert last_day(year) == date(2025, 2, 27)
    last = last_cycle(_terms(_period("Month", 12)))
    assert last is not None
    assert (last.index, last.service_start, last.service_end) == (11, date(2024, 12, 31), date(2025, 1, 30))


def test_a_plan_without_end_has_no_last_day() -> None:
    assert last_day(_terms(MONTHLY)) is None
    assert last_cycle(_terms(MONTHLY)) is None
    assert last_day(_terms(_period("Month", 1), times_to_run="unlimited")) is None


def test_a_schedule_that_leaves_the_calendar_stops_and_has_no_last_day() -> None:
    terms = _terms(_period("Year", 3, quantity=5000))
    assert _starts(terms, 5) == ["2024-01-31", "7024-01-31"]
    assert last_day(terms) is None
    assert _starts(_terms(_period("Year", 0, quantity=5000)), 5) == ["2024-01-31", "7024-01-31"]
    assert _starts(_terms(_period("Year", 2, quantity=5000), MONTHLY), 5) == ["2024-01-31", "7024-01-31"]


# ---- several periods --------------------------------------------------------------------------------------


def test_the_worked_example_of_a_free_month_two_cheap_ones_and_the_list_price() -> None:
    tri = _terms(_period("Month", 1, free=True), _period("Month", 2), MONTHLY)
    shown = [
        (c.index, c.period_index, c.free, c.opens_period, f"{c.service_start}…{c.service_end}")
        for c in _first(tri, 6)
    ]
    assert shown == [
        (0, 0, True, True, "2024-01-31…2024-02-28"),
        (1, 1, False, True, "2024-02-29…2024-03-30"),
        (2, 1, False, False, "2024-03-31…2024-04-29"),
        (3, 2, False, True, "2024-04-30…2024-05-30"),
        (4, 2, False, False, "2024-05-31…2024-06-29"),
        (5, 2, False, False, "2024-06-30…2024-07-30"),
    ]


def test_a_monthly_period_after_a_trial_in_days_is_anchored_where_it_starts() -> None:
    terms = _terms(_period("Day", 1, quantity=7), MONTHLY, start=date(2024, 1, 24))
    assert _starts(terms, 4) == ["2024-01-24", "2024-01-31", "2024-02-29", "2024-03-31"]


def test_days_between_two_monthly_periods_break_the_anchor() -> None:
    terms = _terms(_period("Month", 1), _period("Day", 1, quantity=1), MONTHLY)
    assert _starts(terms, 4) == ["2024-01-31", "2024-02-29", "2024-03-01", "2024-04-01"]


def test_the_anchor_is_carried_from_months_to_years() -> None:
    terms = _terms(_period("Month", 1), _period("Year"))
    assert _starts(terms, 3) == ["2024-01-31", "2024-02-29", "2025-02-28"]
    terms = _terms(_period("Month", 1), _period("Year"), start=date(2023, 3, 31))
    assert _starts(terms, 3) == ["2023-03-31", "2023-04-30", "2024-04-30"]
    terms = _terms(_period("Month", 2), _period("Year"), start=date(2023, 12, 31))
    assert _starts(terms, 4) == ["2023-12-31", "2024-01-31", "2024-02-29", "2025-02-28"]


# ---- the billing day ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "billing_day", "expected"),
    [
        ("2024-01-10", 1, ["2024-01-10", "2024-03-01", "2024-04-01"]),
        ("2024-01-10", 15, ["2024-01-10", "2024-02-15", "2024-03-15"]),
        ("2024-01-10", 31, ["2024-01-10", "2024-02-29", "2024-03-31"]),
        ("2024-01-31", 31, ["2024-01-31", "2024-02-29", "2024-03-31"]),
        ("2024-01-31", 1, ["2024-01-31", "2024-03-01", "2024-04-01"]),
        ("2024-04-30", 31, ["2024-04-30", "2024-05-31", "2024-06-30"]),
    ],
)
def test_a_billing_day_lengthens_the_first_cycle_and_then_holds(
    start: str, billing_day: int, expected: list[str]
) -> None:
    terms = _terms(MONTHLY, start=date.fromisoformat(start), billing_day=billing_day)
    assert _starts(terms, 3) == expected


def test_a_billing_day_lengthens_a_trial_in_days_before_a_monthly_period() -> None:
    terms = _terms(_period("Day", 1, quantity=7, free=True), MONTHLY, start=date(2024, 1, 24), billing_day=15)
    assert _serves(terms, 3) == ["2024-01-24…2024-02-14", "2024-02-15…2024-03-14", "2024-03-15…2024-04-14"]


def test_a_billing_day_means_nothing_to_days_and_weeks() -> None:
    terms = _terms(_period("Week"), billing_day=15)
    assert _starts(terms, 3) == ["2024-01-31", "2024-02-07", "2024-02-14"]


def test_a_billing_day_bends_yearly_plans_too() -> None:
    terms = _terms(_period("Year"), start=date(2024, 1, 10), billing_day=1)
    assert _starts(terms, 3) == ["2024-01-10", "2025-02-01", "2026-02-01"]


# ---- billing dates beside service dates ---------------------------------------------------------------------


def test_renewals_can_be_billed_some_days_ahead_and_the_first_cycle_never_is() -> None:
    terms = _terms(MONTHLY, lead_days=21)
    assert _bills(terms, 3) == ["2024-01-31", "2024-02-08", "2024-03-10"]
    assert _starts(terms, 3) == ["2024-01-31", "2024-02-29", "2024-03-31"]


def test_no_billing_lies_before_the_start() -> None:
    assert _bills(_terms(_period("Day"), lead_days=3), 5) == [
        *("2024-01-31", "2024-01-31", "2024-01-31", "2024-01-31", "2024-02-01"),
    ]


@pytest.mark.parametrize(
    ("rule", "day", "expected"),
    [
        ("Advance", 15, ["2024-01-31", "2024-02-15", "2024-03-15", "2024-04-15"]),
        (None, 15, ["2024-01-31", "2024-02-15", "2024-03-15", "2024-04-15"]),
        ("Advance", 31, ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]),
        ("Arrears", 15, ["2024-02-15", "2024-03-15", "2024-04-15", "2024-05-15"]),
        ("Arrears", 30, ["2024-02-29", "2024-02-29", "2024-04-30", "2024-04-30"]),
    ],
)
def test_a_specified_billing_day_moves_the_billing_and_not_the_service(
    rule: str | None, day: int, expected: list[str]
) -> None:
    terms = _terms(MONTHLY, specified_billing_day=day, billing_rule=rule, lead_days=5)
    assert _bills(terms, 4) == expected
    assert _starts(terms, 2) == ["2024-01-31", "2024-02-29"]


# ---- repeated passes ------------------------------------------------------------------------------------------


def test_three_instalments_at_the_start_of_each_of_five_years() -> None:
    terms = _terms(_period("Month", 3), times_to_run="5", every="1 year")
    found = _first(terms, 100)
    assert len(found) == 15
    assert _starts(terms, 5) == ["2024-01-31", "2024-02-29", "2024-03-31", "2025-01-31", "2025-02-28"]
    assert [cycle.pass_index for cycle in found] == [n // 3 for n in range(15)]
    assert last_day(terms) == date(2028, 4, 29)


def test_a_pause_between_passes_is_not_served() -> None:
    terms = _terms(_period("Month", 1), times_to_run="2", every="1 year")
    assert _serves(terms, 3) == ["2024-01-31…2024-02-28", "2025-01-31…2025-02-27"]


def test_without_repeat_every_a_pass_starts_where_the_last_ended_and_keeps_the_anchor() -> None:
    terms = _terms(_period("Month", 1), times_to_run="unlimited")
    assert _serves(terms, 3) == ["2024-01-31…2024-02-28", "2024-02-29…2024-03-30", "2024-03-31…2024-04-29"]
    assert [cycle.pass_index for cycle in _first(terms, 3)] == [0, 1, 2]


def test_an_interval_shorter_than_the_pass_repeats_where_the_pass_ended() -> None:
    terms = _terms(_period("Month", 3), times_to_run="2", every="1 month")
    assert _starts(terms, 6) == [
        *("2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31", "2024-06-30"),
    ]


def test_an_interval_as_long_as_the_pass_leaves_no_gap() -> None:
    terms = _terms(_period("Month", 2), times_to_run="2", every="2 months")
    assert _serves(terms, 4) == [
        *("2024-01-31…2024-02-28", "2024-02-29…2024-03-30", "2024-03-31…2024-04-29", "2024-04-30…2024-05-30"),
    ]


def test_passes_of_a_leap_day_come_back_to_it() -> None:
    terms = _terms(_period("Month", 2), start=date(2024, 2, 29), times_to_run="5", every="1 year")
    assert [str(pass_start(terms, n)) for n in range(6)] == [
        *("2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29", "None"),
    ]
    assert _starts(terms, 4)[2:] == ["2025-02-28", "2025-03-29"]


def test_after_a_pause_of_days_a_monthly_period_is_anchored_where_it_starts() -> None:
    terms = _terms(_period("Month", 2), times_to_run="2", every="100 days")
    assert _starts(terms, 4) == ["2024-01-31", "2024-02-29", "2024-05-10", "2024-06-10"]


def test_free_periods_at_the_head_are_for_the_first_pass_only() -> None:
    periods = (_period("Day", 1, quantity=14, free=True), _period("Month", 1), _period("Month", 1, free=True))
    terms = _terms(*periods, times_to_run="2")
    assert [cycle.period_index for cycle in _first(terms, 9)] == [0, 1, 2, 1, 2]
    kept = replace(terms, skip_initial_free=False)
    assert [cycle.period_index for cycle in _first(kept, 9)] == [0, 1, 2, 0, 1, 2]


def test_a_plan_that_is_free_altogether_keeps_its_periods() -> None:
    terms = _terms(_period("Month", 1, free=True), times_to_run="3")
    assert len(_first(terms, 9)) == 3


def test_the_second_pass_without_its_trial_starts_with_the_charged_period_on_the_day_of_the_pass() -> None:
    periods = (_period("Month", 1, free=True), _period("Month", 2))
    terms = _terms(*periods, times_to_run="2", every="1 year")
    assert _starts(terms, 9) == ["2024-01-31", "2024-02-29", "2024-03-31", "2025-01-31", "2025-02-28"]


def test_what_is_left_of_a_pass_counts_the_cycle_itself() -> None:
    terms = _terms(_period("Month", 1), _period("Month", 3), times_to_run="2")
    assert [left_in_pass(terms, index) for index in range(9)] == [4, 3, 2, 1, 4, 3, 2, 1, 0]
    assert left_in_pass(_terms(_period("Month", 1), MONTHLY), 0) is None


# ---- moved billings ---------------------------------------------------------------------------------------------


def test_a_billing_moved_once_returns_to_the_old_grid() -> None:
    terms = _terms(MONTHLY, moves=(Move(2, date(2024, 4, 10)),))
    assert _serves(terms, 4) == [
        *("2024-01-31…2024-02-28", "2024-02-29…2024-04-09", "2024-04-10…2024-04-29", "2024-04-30…2024-05-30"),
    ]


def test_a_billing_moved_for_good_moves_all_that_follow() -> None:
    terms = _terms(MONTHLY, moves=(Move(2, date(2024, 4, 10), permanent=True),))
    assert _serves(terms, 4) == [
        *("2024-01-31…2024-02-28", "2024-02-29…2024-04-09", "2024-04-10…2024-05-09", "2024-05-10…2024-06-09"),
    ]


def test_a_billing_moved_beyond_the_next_date_of_the_grid_skips_that_date() -> None:
    terms = _terms(MONTHLY, moves=(Move(1, date(2024, 4, 15)),))
    assert _starts(terms, 4) == ["2024-01-31", "2024-04-15", "2024-04-30", "2024-05-31"]


def test_a_changed_billing_day_holds_through_short_months() -> None:
    terms = _terms(
        MONTHLY, start=date(2024, 1, 10), moves=(Move(1, date(2024, 2, 29), permanent=True, anchor_day=31),)
    )
    assert _starts(terms, 4) == ["2024-01-10", "2024-02-29", "2024-03-31", "2024-04-30"]


def test_a_changed_billing_day_replaces_the_one_of_the_creation_also_in_later_periods() -> None:
    terms = _terms(
        _period("Month", 2),
        MONTHLY,
        start=date(2024, 1, 10),
        billing_day=15,
        moves=(Move(1, date(2024, 2, 20), permanent=True),),
    )
    assert _starts(terms, 4) == ["2024-01-10", "2024-02-20", "2024-03-20", "2024-04-20"]


def test_a_time_credit_of_ten_days_moves_the_next_billing_and_counts_no_cycle() -> None:
    terms = _terms(MONTHLY, start=date(2024, 3, 5), moves=(Move(1, date(2024, 4, 15), permanent=True),))
    assert [(c.index, str(c.service_start)) for c in _first(terms, 3)] == [
        *((0, "2024-03-05"), (1, "2024-04-15"), (2, "2024-05-15")),
    ]
    assert _serves(terms, 1) == ["2024-03-05…2024-04-14"]


def test_of_several_moves_of_one_cycle_the_last_counts() -> None:
    first, second = Move(1, date(2024, 3, 5), permanent=True), Move(1, date(2024, 3, 10), permanent=True)
    assert _starts(_terms(MONTHLY, moves=(first, second)), 3) == ["2024-01-31", "2024-03-10", "2024-04-10"]
    once = Move(1, date(2024, 3, 15))
    assert _starts(_terms(MONTHLY, moves=(first, once)), 3) == ["2024-01-31", "2024-03-15", "2024-04-05"]
    assert _starts(_terms(MONTHLY, moves=(once, first)), 3) == ["2024-01-31", "2024-03-05", "2024-04-05"]


def test_weeks_can_be_moved_too() -> None:
    weekly = _terms(_period("Week"), moves=(Move(1, date(2024, 2, 10)),))
    assert _starts(weekly, 4) == ["2024-01-31", "2024-02-10", "2024-02-14", "2024-02-21"]
    weekly = _terms(_period("Week"), moves=(Move(1, date(2024, 2, 10), permanent=True),))
    assert _starts(weekly, 4) == ["2024-01-31", "2024-02-10", "2024-02-17", "2024-02-24"]


def test_moving_the_last_cycle_extends_a_finite_plan() -> None:
    plain = _terms(_period("Month", 2), start=date(2024, 1, 10))
    assert last_day(plain) == date(2024, 3, 9)
    assert last_day(replace(plain, moves=(Move(1, date(2024, 2, 20)),))) == date(2024, 3, 9)
    assert last_day(replace(plain, moves=(Move(1, date(2024, 3, 20)),))) == date(2024, 4, 9)
    assert last_day(replace(plain, moves=(Move(1, date(2024, 2, 20), permanent=True),))) == date(2024, 3, 19)


def test_a_move_into_the_next_period_of_the_plan() -> None:
    tri = _terms(
        _period("Month", 1, free=True), MONTHLY, moves=(Move(1, date(2024, 3, 20)), Move(3, date(2024, 5, 1)))
    )
    assert _serves(tri, 4) == [
        *("2024-01-31…2024-03-19", "2024-03-20…2024-03-30", "2024-03-31…2024-04-30", "2024-05-01…2024-05-30"),
    ]
    assert [cycle.opens_period for cycle in _first(tri, 3)] == [True, True, False]


def test_a_permanent_move_carries_later_passes_along() -> None:
    terms = _terms(
        _period("Month", 2),
        start=date(2024, 1, 10),
        times_to_run="2",
        every="1 year",
        moves=(Move(1, date(2024, 2, 15), permanent=True),),
    )
    assert _starts(terms, 4) == ["2024-01-10", "2024-02-15", "2025-01-15", "2025-02-15"]


def test_a_schedule_after_a_change_of_plan_goes_on_counting_cycles() -> None:
    terms = _terms(MONTHLY, start=date(2024, 4, 16), first_index=3, moves=(Move(4, date(2024, 5, 20)),))
    assert [(c.index, c.plan_cycle, str(c.service_start)) for c in _first(terms, 3)] == [
        *((3, 0, "2024-04-16"), (4, 1, "2024-05-20"), (5, 2, "2024-06-16")),
    ]
    assert cycle_at(terms, 2) is None
    assert cycle_at(terms, 4) == _first(terms, 2)[1]


# ---- properties ---------------------------------------------------------------------------------------------------

DATES = st.dates(date(2000, 1, 1), date(2060, 12, 31))
PERIODS = st.builds(
    PlanPeriod,
    type=st.sampled_from(PeriodType),
    quantity=st.integers(1, 7),
    cycles=st.integers(1, 4),
    free=st.booleans(),
)
INTERVALS = st.sampled_from([None, "1 year", "1 month", "45 days", "10 weeks"]).map(
    lambda text: parse_interval(text, field="repeatEvery") if text else None
)


@st.composite
def _any_terms(draw: st.DrawFn, *, moves: bool = False) -> Terms:
    periods = draw(st.lists(PERIODS, min_size=1, max_size=3))
    if draw(st.booleans()):
        periods[-1] = replace(periods[-1], cycles=0)
    terms = Terms(
        start=draw(DATES),
        periods=tuple(periods),
        times_to_run=draw(st.sampled_from(["1", "2", "5", "unlimited"])),
        repeat_every=draw(INTERVALS),
        skip_initial_free=draw(st.booleans()),
        billing_day=draw(st.none() | st.integers(1, 31)),
        specified_billing_day=draw(st.none() | st.integers(1, 31)),
        billing_rule=draw(st.sampled_from([None, "Advance", "Arrears"])),
        lead_days=draw(st.integers(0, 30)),
    )
    while moves and len(terms.moves) < 3:
        cycle = cycle_at(terms, draw(st.integers(1, 8)))
        if cycle is None:
            break
        move = Move(
            cycle.index, cycle.service_start + draw(st.integers(0, 400)) * DAY, permanent=draw(st.booleans())
        )
        later = tuple(entry for entry in terms.moves if entry.index < move.index)
        terms = replace(terms, moves=(*later, move))
    return terms


@given(_any_terms(moves=True))
def test_cycles_are_counted_in_order_and_billed_in_order(terms: Terms) -> None:
    found = _first(terms, 30)
    assert found[0].service_start == found[0].billing_date or terms.billing_rule == "Arrears"
    assert found[0].service_start == terms.start
    assert [cycle.index for cycle in found] == list(range(len(found)))
    for before, after in pairwise(found):
        assert before.service_start <= before.service_end < after.service_start
        assert before.billing_date <= after.billing_date
        assert (before.pass_index, before.period_index) <= (after.pass_index, after.period_index)


@given(_any_terms(moves=True))
def test_service_periods_have_no_gaps_within_a_pass(terms: Terms) -> None:
    for before, after in pairwise(_first(terms, 30)):
        if before.pass_index == after.pass_index or terms.repeat_every is None:
            assert after.service_start == before.service_end + DAY


@given(_any_terms(moves=True), st.integers(0, 40))
def test_a_cycle_found_directly_is_the_one_met_on_the_way(terms: Terms, index: int) -> None:
    walked = next(islice(cycles(terms), index, None), None)
    assert cycle_at(terms, index) == walked
    assert next(cycles(terms, index), None) == walked


@given(_any_terms(moves=True))
def test_a_finite_schedule_ends_with_its_last_cycle(terms: Terms) -> None:
    last = last_cycle(terms)
    if last is None:
        assert terms.times_to_run == "unlimited" or terms.periods[-1].cycles == 0
        return
    found = list(cycles(terms))
    assert found[-1] == last
    assert last_day(terms) == last.service_end
    opening = {cycle.pass_index: cycle.service_start for cycle in reversed(found)}
    assert [pass_start(terms, n) for n in range(int(terms.times_to_run))] == [
        opening[n] for n in sorted(opening)
    ]


@given(_any_terms())
def test_each_period_is_billed_as_often_as_the_plan_says(terms: Terms) -> None:
    found = [cycle for cycle in _first(terms, 40) if cycle.pass_index == 0]
    for index, period in enumerate(terms.periods):
        billed = [cycle for cycle in found if cycle.period_index == index]
        if billed and period.cycles and found[-1].period_index > index:
            assert len(billed) == period.cycles
        assert [cycle.opens_period for cycle in billed] == [n == 0 for n in range(len(billed))]
        assert all(cycle.free is period.free for cycle in billed)


@given(DATES, st.sampled_from(PeriodType), st.integers(1, 6), st.none() | st.integers(1, 31))
def test_a_walk_over_every_day_finds_the_same_service_dates(
    start: date, type_: PeriodType, quantity: int, billing_day: int | None
) -> None:
    terms = _terms(PlanPeriod(type_, quantity), start=start, billing_day=billing_day)
    limit = 1500
    walked = [day for day in (start + n * DAY for n in range(limit)) if _is_service_date(day, terms)]
    found = [cycle.service_start for cycle in _first(terms, len(walked))]
    if billing_day is None or type_ in (PeriodType.DAY, PeriodType.WEEK):
        assert found == walked
    else:
        months = quantity * (12 if type_ is PeriodType.YEAR else 1)
        assert found == [start, *_on_billing_day(start, months, billing_day)][: len(found)]


def _is_service_date(day: date, terms: Terms) -> bool:
    """Whether a day is a service date of a plan of one period, judged from that day alone."""
    start, period = terms.start, terms.periods[0]
    if period.type in (PeriodType.DAY, PeriodType.WEEK):
        return (day - start).days % (period.quantity * (7 if period.type is PeriodType.WEEK else 1)) == 0
    months = (day.year - start.year) * 12 + day.month - start.month
    step = period.quantity * (12 if period.type is PeriodType.YEAR else 1)
    return months % step == 0 and _is_day_of_month(day, start.day)


def _is_day_of_month(day: date, wanted: int) -> bool:
    return day.day == wanted or (day.day < wanted and (day + DAY).month != day.month)


def _on_billing_day(start: date, months: int, billing_day: int) -> list[date]:
    """The first billing day at least ``months`` after the start, then every ``months``-th one; day by day."""
    natural = start
    for _ in range(months):  # a month at a time, to the same day or the end of the month
        natural = _next_day_of_month(natural, start.day)
    day = natural
    while not _is_day_of_month(day, billing_day):
        day += DAY
    found = [day]
    while len(found) < 2000:
        for _ in range(months):
            day = _next_day_of_month(day, billing_day)
        found.append(day)
        if (day - start).days > 1500:
            break
    return found


def _next_day_of_month(day: date, wanted: int) -> date:
    month = day.month
    while day.month == month:
        day += DAY
    while not _is_day_of_month(day, wanted):
        day += DAY
    return day


@given(DATES, st.integers(0, 23))
def test_nights_with_a_clock_change_bill_each_date_once(start: date, minute_offset: int) -> None:
    terms = _terms(_period("Day"), start=start)
    pending = cycles(terms)
    coming = next(pending)
    billed: list[date] = []
    moment = midnight(start, PACIFIC).astimezone(UTC) + timedelta(minutes=minute_offset)
    for _ in range(24 * 400 // 20):  # a run every 20 hours over a year, and so over both clock changes
        while coming.billing_date <= local_date(moment, PACIFIC):
            billed.append(coming.billing_date)
            coming = next(pending)
        moment += timedelta(hours=20)
    assert billed == [start + n * DAY for n in range(len(billed))]
    assert len(billed) > 390


def test_a_cycle_over_a_clock_change_ends_at_23_59_59_local_time() -> None:
    terms = _terms(MONTHLY, start=date(2024, 2, 11))
    (first, second) = _first(terms, 2)
    assert end_of_day(first.service_end, PACIFIC).isoformat() == "2024-03-10T23:59:59-07:00"
    assert end_of_day(second.service_end, PACIFIC).isoformat() == "2024-04-10T23:59:59-07:00"
    assert midnight(second.service_start, PACIFIC) - end_of_day(first.service_end, PACIFIC) == timedelta(
        seconds=1
    )


@given(DATES)
def test_over_decades_a_monthly_plan_keeps_its_day(start: date) -> None:
    for cycle in islice(cycles(_terms(MONTHLY, start=start)), 400):
        assert _is_day_of_month(cycle.service_start, start.day)


def test_the_moment_of_creation_decides_the_first_service_day() -> None:
    created = datetime(2024, 2, 1, 7, 59, tzinfo=UTC)  # still 31 January in the business zone
    assert _starts(_terms(MONTHLY, start=local_date(created, PACIFIC)), 2) == ["2024-01-31", "2024-02-29"]
