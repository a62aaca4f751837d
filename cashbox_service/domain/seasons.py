"""Which season a day falls into, which one follows, and which may no longer be moved (catalog §3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from cashbox_service.domain.catalog import Season
from cashbox_service.domain.errors import InvalidValue


def current(seasons: Sequence[Season], day: date) -> Season | None:
    """The season that holds the day, its first and last day included."""
    return next((season for season in seasons if season.start_date <= day <= season.end_date), None)


def following(seasons: Sequence[Season], day: date) -> Season | None:
    """The earliest season that starts after the day."""
    later = [season for season in seasons if season.start_date > day]
    return min(later, key=lambda season: season.start_date, default=None)


def check_begun_stay(before: Sequence[Season], after: Sequence[Season], day: date) -> None:
    """Seasons that have begun keep their dates; their descriptions may change. Raises InvalidValue."""
    kept = {(season.start_date, season.end_date) for season in after}
    for season in before:
        if season.start_date <= day and (season.start_date, season.end_date) not in kept:
            raise InvalidValue(
                "seasons.startDate", season.start_date, "has begun and is billed: its dates stay as they are"
            )
