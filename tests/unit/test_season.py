"""When seasonal plans bill and which days seasons entitle to (catalog §3, billing-engine §5)."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain import season as rules
from cashbox_service.domain.catalog import UNLIMITED, PeriodType, PlanPeriod, Season, check_seasons
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.item_timing import item_starts_on
from cashbox_service.domain.schedule import Terms, cycle_at, cycles, last_day, left_in_pass
from cashbox_service.domain.season import Span, Standing, Window

MONTHLY = PlanPeriod(PeriodType.MONTH)


def _day(text: str) -> date:
    return date.fromisoformat(f"2024-{text}" if len(text) == 5 else text)


def _season(first: str, last: str) -> Season:
    return Season(None, _day(first), _day(last))


AUTUMN = _season("09-01", "12-31")
NEXT_AUTUMN = _season("2025-09-01", "2025-12-31")


def _terms(
    start: str, *periods: PlanPeriod, lead: int = 0, times: str = UNLIMITED, **fields: object
) -> Terms:
    given_seasons: dict[str, object] = {"seasons": (AUTUMN, NEXT_AUTUMN)}
    return Terms(
        start=_day(start),
        periods=periods or (MONTHLY,),
        times_to_run=times,
        season_lead=lead,
        **(given_seasons | fields),  # type: ignore[arg-type]
    )


def _billed(terms: Terms) -> list[str]:
    return [cycle.billing_date.isoformat() for cycle in cycles(terms)]


def test_a_plan_of_two_months_bills_two_months_of_every_season() -> None:
    terms = _terms("03-10", PlanPeriod(PeriodType.MONTH, cycles=2))
    assert _billed(terms) == ["2024-09-01", "2024-10-01", "2025-09-01", "2025-10-01"]
    assert [(one.service_end.isoformat(), one.pass_index, one.plan_cycle) for one in cycles(terms)] == [
        ("2024-09-30", 0, 0),
        ("2024-12-31", 0, 1),
        ("2025-09-30", 1, 2),
        ("2025-12-31", 1, 3),
    ]


def test_no_cycle_begins_after_the_season_and_the_last_one_is_cut() -> None:
    terms = _terms("09-20", seasons=(_season("09-01", "11-25"),))
    assert [(one.service_start.isoformat(), one.service_end.isoformat()) for one in cycles(terms)] == [
        ("2024-09-20", "2024-10-19"),
        ("2024-10-20", "2024-11-19"),
        ("2024-11-20", "2024-11-25"),
    ]


def test_a_start_within_a_season_bills_at_once_and_one_before_waits() -> None:
    assert _billed(_terms("10-15"))[0] == "2024-10-15"
    assert _billed(_terms("01-15"))[0] == "2024-09-01"
    assert _billed(_terms("2025-01-15"))[0] == "2025-09-01"
    assert _billed(_terms("2026-01-15")) == []


def test_the_lead_brings_the_season_forward_but_never_before_the_start() -> None:
    assert _billed(_terms("01-15", PlanPeriod(PeriodType.MONTH, cycles=1), lead=5)) == [
        "2024-08-27",
        "2025-08-27",
    ]
    assert _billed(_terms("08-30", lead=5))[0] == "2024-08-30"


def test_free_periods_at_the_head_are_for_the_first_season() -> None:
    trial = PlanPeriod(PeriodType.MONTH, cycles=1, free=True)
    terms = _terms("01-01", trial, PlanPeriod(PeriodType.MONTH, cycles=1))
    assert [(one.billing_date.isoformat(), one.free) for one in cycles(terms)] == [
        ("2024-09-01", True),
        ("2024-10-01", False),
        ("2025-09-01", False),
    ]


def test_times_to_run_counts_seasons_and_a_plan_without_its_last_season_has_no_end() -> None:
    assert _billed(_terms("01-01", times="1"))[-1] == "2024-12-01"
    assert last_day(_terms("01-01", times="1")) == AUTUMN.end_date
    assert last_day(_terms("01-01", times="2")) == NEXT_AUTUMN.end_date
    assert last_day(_terms("01-01", times="3")) is None
    assert last_day(_terms("01-01")) is None
    assert last_day(_terms("01-01", seasons=())) is None


def test_cycles_are_found_by_their_number_and_counted_within_their_season() -> None:
    terms = _terms("01-01")
    assert [cycle_at(terms, one.index) for one in cycles(terms)] == list(cycles(terms))
    assert [left_in_pass(terms, index) for index in range(9)] == [4, 3, 2, 1, 4, 3, 2, 1, 0]


def test_a_billing_day_bends_the_months_of_a_season_not_its_start() -> None:
    terms = _terms("01-01", billing_day=15)
    assert _billed(terms)[:5] == ["2024-09-01", "2024-10-15", "2024-11-15", "2024-12-15", "2025-09-01"]


def test_items_wait_for_seasons_counted_from_the_start() -> None:
    starts = rules.starts_of((AUTUMN, NEXT_AUTUMN), _day("10-15"))
    assert starts == (_day("10-15"), _day("2025-09-01"))
    assert item_starts_on("1 season", _day("10-15"), starts) == _day("2025-09-01")
    assert item_starts_on("2 seasons", _day("10-15"), starts) == date.max
    with pytest.raises(InvalidValue):
        item_starts_on("1 season", _day("10-15"))


@st.composite
def season_sets(draw: st.DrawFn) -> tuple[Season, ...]:
    """Seasons in order of time, some of them one right after the other."""
    found, begins = [], date(2024, 1, 1)
    for _ in range(draw(st.integers(0, 5))):
        begins += timedelta(draw(st.integers(0, 200)))
        ends = begins + timedelta(draw(st.integers(0, 150)))
        found.append(Season(None, begins, ends))
        begins = ends + timedelta(1)
    return tuple(found)


starts = st.dates(date(2023, 6, 1), date(2027, 1, 1))
leads = st.integers(0, 60)
periods = st.builds(
    PlanPeriod,
    st.sampled_from(PeriodType),
    quantity=st.integers(1, 3),
    cycles=st.integers(1, 4),
)


@given(seasons=season_sets(), start=starts, lead=leads)
def test_windows_follow_one_another_and_hold_the_days_of_their_season(
    seasons: tuple[Season, ...], start: date, lead: int
) -> None:
    found = rules.windows(seasons, start, lead)
    for window in found:
        assert start <= window.first <= window.last <= window.season.end_date
        assert window.first >= window.season.start_date - timedelta(lead)
    for one, other in pairwise(found):
        assert one.last < other.first
    if lead == 0:
        assert {window.season for window in found} == {one for one in seasons if one.end_date >= start}


@given(
    seasons=season_sets(),
    start=starts,
    lead=leads,
    first=st.lists(periods, min_size=1, max_size=3),
    ends=st.booleans(),
)
def test_every_cycle_begins_in_the_window_of_its_season_in_order_and_without_overlap(
    seasons: tuple[Season, ...], start: date, lead: int, first: list[PlanPeriod], ends: bool
) -> None:
    last = () if ends else (MONTHLY,)
    terms = Terms(start, (*first, *last), UNLIMITED, seasons=seasons, season_lead=lead)
    windows = terms.windows
    billed = list(islice(cycles(terms), 2000))
    assert [one.index for one in billed] == list(range(len(billed)))
    for one in billed:
        window = windows[one.pass_index]
        assert window.first <= one.service_start <= one.service_end <= window.last
    for one, other in pairwise(billed):
        assert one.service_end < other.service_start
        if one.pass_index == other.pass_index:
            assert one.service_end + timedelta(1) == other.service_start
    for place, window in enumerate(windows):
        of_season = [one for one in billed if one.pass_index == place]
        assert of_season[0].service_start == window.first
        assert of_season[-1].service_end == window.last


WINDOWS = (
    Window(AUTUMN, AUTUMN.start_date, AUTUMN.end_date),
    Window(NEXT_AUTUMN, NEXT_AUTUMN.start_date, NEXT_AUTUMN.end_date),
)
ALL_AUTUMN = Span(_day("08-25"), _day("2025-01-03"))


@pytest.mark.parametrize(
    ("standing", "spans"),
    [
        (Standing({}), []),
        (Standing({0: _day("09-30")}), [ALL_AUTUMN]),  # payments are expected to go on
        (Standing({0: _day("09-30")}, has_ended=True), [Span(_day("08-25"), _day("09-30"))]),
        (Standing({0: AUTUMN.end_date}, has_ended=True), [ALL_AUTUMN]),
        (Standing({0: _day("09-30")}, unpaid=(0, _day("10-21"))), [Span(_day("08-25"), _day("10-21"))]),
        (
            Standing({}, unpaid=(0, _day("09-21"))),
            [Span(_day("08-25"), _day("09-21"))],
        ),  # a first billing that is kept
        (
            Standing({0: AUTUMN.end_date}, unpaid=(1, _day("2025-09-21"))),
            [ALL_AUTUMN],
        ),  # no season without its billing
        (
            Standing({0: AUTUMN.end_date, 1: _day("2025-09-30")}),
            [ALL_AUTUMN, Span(_day("2025-08-25"), _day("2026-01-03"))],
        ),
    ],
)
def test_a_season_entitles_once_it_is_billed(standing: Standing, spans: list[Span]) -> None:
    assert list(rules.entitled(WINDOWS, standing, before=7, after=3)) == spans


def test_seasons_whose_days_meet_entitle_without_a_break() -> None:
    spring, summer = _season("03-01", "05-31"), _season("06-10", "08-31")
    passes = rules.windows((spring, summer), _day("01-01"))
    paid = Standing({0: spring.end_date, 1: summer.end_date})
    assert rules.entitled(passes, paid, 3, 7) == (Span(_day("02-27"), _day("09-07")),)
    assert len(rules.entitled(passes, paid, 2, 6)) == 2


@given(st.lists(st.tuples(starts, st.integers(0, 90)), max_size=8))
def test_joined_spans_hold_the_same_days_and_lie_apart(given_spans: list[tuple[date, int]]) -> None:
    spans = [Span(first, first + timedelta(days)) for first, days in given_spans]

    def days(some: list[Span]) -> set[date]:
        return {
            one.first + timedelta(step) for one in some for step in range((one.last - one.first).days + 1)
        }

    found = list(rules.joined(spans))
    assert days(found) == days(spans)
    for one, other in pairwise(found):
        assert one.last + timedelta(1) < other.first


def test_seasons_that_were_billed_keep_their_dates() -> None:
    before = (AUTUMN, NEXT_AUTUMN)
    moved = (AUTUMN, _season("2025-10-01", "2025-12-31"))
    renamed = (Season("Autumn", AUTUMN.start_date, AUTUMN.end_date), NEXT_AUTUMN)
    rules.check_kept(before, moved, AUTUMN.start_date, lead=0)
    rules.check_kept(before, renamed, AUTUMN.start_date, lead=0)
    rules.check_kept(before, (), None, lead=0)
    for after in (moved[1:], (_season("09-02", "12-31"),), (_season("02-01", "03-01"), *before)):
        with pytest.raises(InvalidValue):
            rules.check_kept(before, after, AUTUMN.start_date, lead=0)
    with pytest.raises(InvalidValue):
        rules.check_kept(before, moved, _day("2025-08-27"), lead=5)


SKI = Season("Ski", date(2024, 12, 1), date(2025, 3, 31))
SURF = Season("Surf", date(2025, 6, 1), date(2025, 8, 31))
SEASONS = (SKI, SURF)


@pytest.mark.parametrize(
    ("day", "now", "then"),
    [
        (date(2024, 11, 30), None, SKI),
        (date(2024, 12, 1), SKI, SURF),
        (date(2025, 3, 31), SKI, SURF),
        (date(2025, 4, 1), None, SURF),
        (date(2025, 6, 1), SURF, None),
        (date(2025, 9, 1), None, None),
    ],
)
def test_both_ends_belong_to_a_season(day: date, now: Season | None, then: Season | None) -> None:
    assert (rules.season_on(SEASONS, day), rules.following(SEASONS, day)) == (now, then)


@given(
    st.lists(st.dates(date(2020, 1, 1), date(2030, 1, 1)), min_size=2, max_size=12, unique=True), st.dates()
)
def test_the_season_after_the_present_one_is_the_earliest_that_is_ahead(days: list[date], day: date) -> None:
    ordered = sorted(days)[: len(days) // 2 * 2]
    seasons = check_seasons(
        [Season(None, first, last) for first, last in zip(ordered[::2], ordered[1::2], strict=True)]
    )
    now, then = rules.season_on(seasons, day), rules.following(seasons, day)
    assert now is None or now.start_date <= day <= now.end_date
    assert [season for season in seasons if season.start_date > day][:1] == (
        [then] if then is not None else []
    )
