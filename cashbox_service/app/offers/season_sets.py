"""Season sets as objects of their own: create, change, find, and what season it is (catalog §3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.drafts import Reference
from cashbox_service.app.engine import seasons
from cashbox_service.app.offers import catalog
from cashbox_service.app.offers.drafts import SeasonSetDraft
from cashbox_service.app.paging import page
from cashbox_service.domain import season as rules
from cashbox_service.domain.catalog import Season
from cashbox_service.domain.errors import MissingField, SeasonNotFound, SeasonSetNotFound
from cashbox_service.store.entities import SeasonSet


@dataclass(frozen=True, slots=True)
class Stored:
    """A season set as it is now, and whether it did not exist before."""

    season_set: SeasonSet
    created: bool


def update(work: Work, draft: SeasonSetDraft | None) -> Stored:
    """Create or change. Raises InvalidRequest and its kinds, SeasonSetNotFound for an unknown VID."""
    if draft is None:
        raise MissingField("seasonSet")

    def stored() -> Stored:
        with work.writing():
            is_new = catalog.find_season_set(work, draft) is None
            return Stored(seasons.put(work, draft, may_be_empty=True), is_new)

    return starting_over(stored)


def by_vid(work: Work, vid: str | None) -> SeasonSet:
    """Raises MissingField, SeasonSetNotFound."""
    return find(work, Reference(vid=vid))


def by_merchant_id(work: Work, merchant_season_set_id: str | None) -> SeasonSet:
    """Raises MissingField, SeasonSetNotFound."""
    return find(work, Reference(merchant_id=merchant_season_set_id))


def find(work: Work, reference: Reference) -> SeasonSet:
    """By VID, else by id. Raises MissingField without either, SeasonSetNotFound, InvalidRequest for two sets."""
    if reference.vid is None and reference.merchant_id is None:
        raise MissingField("seasonSet")
    found = catalog.find_season_set(
        work, SeasonSetDraft(vid=reference.vid, merchant_season_set_id=reference.merchant_id)
    )
    if found is None:
        raise SeasonSetNotFound("merchantSeasonSetId", reference.merchant_id or "")
    return found


def all_sets(work: Work, number: int | None, size: int | None) -> Sequence[SeasonSet]:
    """Oldest first. Raises InvalidWindow."""
    wanted = page(number, size, work.settings.max_page_size)
    return work.uow.catalog.season_sets(wanted.number, wanted.size)


def all_by_season(
    work: Work, number: int | None, size: int | None, day: date | None, *, in_season: bool
) -> Sequence[SeasonSet]:
    """Those that have the day in a season, or the others, oldest first. Raises InvalidWindow."""
    wanted = page(number, size, work.settings.max_page_size)
    asked = day or work.today
    found = [
        each
        for each in work.uow.catalog.every_season_set()
        if (rules.season_on(each.seasons, asked) is not None) is in_season
    ]
    start = wanted.number * wanted.size
    return found[start : start + wanted.size]


def is_in_season(work: Work, reference: Reference, day: date | None) -> bool:
    """Raises what ``find`` raises."""
    return rules.season_on(find(work, reference).seasons, day or work.today) is not None


def current_season(work: Work, reference: Reference, day: date | None) -> Season:
    """Raises what ``find`` raises, and SeasonNotFound out of season."""
    found = find(work, reference)
    return _there(found, rules.season_on(found.seasons, day or work.today))


def next_season(work: Work, reference: Reference, day: date | None) -> Season:
    """Raises what ``find`` raises, and SeasonNotFound after the last season."""
    found = find(work, reference)
    return _there(found, rules.following(found.seasons, day or work.today))


def _there(season_set: SeasonSet, season: Season | None) -> Season:
    if season is None:
        raise SeasonNotFound("season", season_set.merchant_season_set_id or season_set.vid)
    return season
