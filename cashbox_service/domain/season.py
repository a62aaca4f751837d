"""Seasons: when a seasonal plan bills, and which days it entitles to (catalog §3, billing-engine §5).

The periods of the plan run anew in every season. A season opens for billing some days before it begins, ``lead``; an
AutoBill that starts later opens it at its own start. It closes with its last day, or earlier where the next one opens:

::

    seasons            ├──── A ────┤        ├──── B ────┤├──── C ────┤
    lead            ┄┄┄┤         ┄┄┄┄┄┄┄┄┄┄┄┤         ┄┄┄┤
    windows         ├──── A ───────┤     ├──── B ─────┤├──── C ──────┤

    start in A           ▲├─ A ────┤     …            the first cycle begins at once, at the full price
    start after A                    ▲   ├──── B …    and waits for B
    start in C's lead                               ▲├─ C …      what is left of B is not billed any more

What a season entitles to reaches from some days before it to some days after it; where two such spans meet, they are
one:

::

    entitled         ├─┼──── A ────┼─┤    ├─┼──── B ────┼┼──── C ────┼─┤
                  before           after
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from cashbox_service.domain.calendar import add_days, day_before
from cashbox_service.domain.catalog import Season
from cashbox_service.domain.errors import InvalidValue


@dataclass(frozen=True, slots=True)
class Window:
    """The days on which cycles of a season may begin, both included. ``last`` is also the last day they serve."""

    season: Season
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Span:
    """Days of entitlement, both included."""

    first: date
    last: date


def windows(seasons: Sequence[Season], start: date, lead: int = 0) -> tuple[Window, ...]:
    """The seasons that a plan bills which starts on that day, in order of time."""
    found = []
    for place, season in enumerate(seasons):
        last = season.end_date
        if place + 1 < len(seasons):
            last = min(last, day_before(_opens(seasons[place + 1], lead)))
        if last >= start:
            found.append(Window(season, max(_opens(season, lead), start), last))
    return tuple(found)


def season_on(seasons: Iterable[Season], day: date) -> Season | None:
    """The season that holds the day."""
    return next((season for season in seasons if season.start_date <= day <= season.end_date), None)


def following(seasons: Iterable[Season], day: date) -> Season | None:
    """The earliest season that starts after the day."""
    later = [season for season in seasons if season.start_date > day]
    return min(later, key=lambda season: season.start_date, default=None)


def starts_of(seasons: Sequence[Season], start: date, lead: int = 0) -> tuple[date, ...]:
    """When the seasons to come are first billed; item starts are counted in them (autobill §1.1)."""
    return tuple(window.first for window in windows(seasons, start, lead))


def span(window: Window, before: int, after: int) -> Span:
    """What a season entitles to once it is billed."""
    return Span(add_days(window.season.start_date, -before), add_days(window.season.end_date, after))


def shortened(whole: Span, window: Window, paid_to: date) -> Span:
    """What is left of it when nothing beyond ``paid_to`` will be paid: all of it where that is the whole season."""
    return whole if paid_to >= window.last else replace(whole, last=min(whole.last, paid_to))


@dataclass(frozen=True, slots=True)
class Standing:
    """How the seasons of a plan are paid, each named by the place of its window.

    ``paid_to`` is the last day that is paid of a season; ``unpaid`` the season of the oldest unpaid cycle, and the day
    through which it is served nevertheless. ``has_ended``: nothing beyond will be paid.
    """

    paid_to: Mapping[int, date]
    unpaid: tuple[int, date] | None = None
    has_ended: bool = False


def entitled(passes: Sequence[Window], standing: Standing, before: int, after: int) -> tuple[Span, ...]:
    """The days that seasons entitle to. A season entitles once it is billed with success (billing-engine §5).

    Only the very first one is served while it is unpaid, as any first billing that is kept (§9.4).
    """
    found = []
    for place, window in enumerate(passes):
        whole, paid_to = span(window, before, after), standing.paid_to.get(place)
        if standing.unpaid is not None and place == standing.unpaid[0]:
            if paid_to is not None or place == 0:
                found.append(replace(whole, last=min(whole.last, standing.unpaid[1])))
        elif paid_to is not None:
            found.append(shortened(whole, window, paid_to) if standing.has_ended else whole)
    return tuple(joined(one for one in found if one.first <= one.last))


def joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Spans in order of time, those that overlap or follow one another made one."""
    current: Span | None = None
    for one in sorted(spans, key=lambda each: each.first):
        if current is None:
            current = one
        elif one.first <= add_days(current.last, 1):
            current = replace(current, last=max(current.last, one.last))
        else:
            yield current
            current = one
    if current is not None:
        yield current


def check_kept(before: Sequence[Season], after: Sequence[Season], billed_to: date | None, lead: int) -> None:
    """Raises InvalidValue when a season that was billed, or one before it, gets other dates (catalog §3).

    ``billed_to`` is the last service date that was billed on the set.
    """
    if billed_to is None:
        return
    billed = [season for season in before if _opens(season, lead) <= billed_to]
    for place, season in enumerate(billed):
        kept = after[place] if place < len(after) else None
        if kept is None or _dates(kept) != _dates(season):
            raise InvalidValue(
                "seasons.startDate", season.start_date, "is of a season that was billed already"
            )


def _opens(season: Season, lead: int) -> date:
    return add_days(season.start_date, -lead)


def _dates(season: Season) -> tuple[date, date]:
    return season.start_date, season.end_date
