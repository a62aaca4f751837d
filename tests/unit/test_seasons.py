"""What season a day is in, which one comes next, and which may no longer be moved (catalog §3)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.catalog import Season, check_seasons
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.seasons import check_begun_stay, current, following

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
    assert (current(SEASONS, day), following(SEASONS, day)) == (now, then)


@given(
    st.lists(st.dates(date(2020, 1, 1), date(2030, 1, 1)), min_size=2, max_size=12, unique=True), st.dates()
)
def test_the_season_after_the_present_one_is_the_earliest_that_is_ahead(days: list[date], day: date) -> None:
    ordered = sorted(days)[: len(days) // 2 * 2]
    seasons = check_seasons(
        [Season(None, first, last) for first, last in zip(ordered[::2], ordered[1::2], strict=True)]
    )
    now, then = current(seasons, day), following(seasons, day)
    assert now is None or now.start_date <= day <= now.end_date
    assert [season for season in seasons if season.start_date > day][:1] == (
        [then] if then is not None else []
    )


def test_a_season_that_has_begun_keeps_its_dates_and_may_change_its_description() -> None:
    today = date(2025, 1, 1)
    check_begun_stay(SEASONS, (Season("Snow", SKI.start_date, SKI.end_date),), today)
    check_begun_stay(SEASONS, (SKI, Season(None, date(2025, 7, 1), date(2025, 7, 2))), today)
    check_begun_stay(SEASONS, (), date(2024, 11, 30))
    with pytest.raises(InvalidValue, match="2024-12-01"):
        check_begun_stay(SEASONS, (SURF,), today)
    with pytest.raises(InvalidValue, match="2024-12-01"):
        check_begun_stay(SEASONS, (Season("Ski", SKI.start_date, date(2025, 3, 30)), SURF), today)
