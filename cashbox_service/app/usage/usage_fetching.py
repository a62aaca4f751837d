"""Usage as merchants ask for it: events, and what is unbilled of each item (catalog §5.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.offers import products, rate_plans
from cashbox_service.app.paging import Page, page
from cashbox_service.app.subscriptions import autobill_lookup
from cashbox_service.app.usage import usage_recording
from cashbox_service.app.usage.drafts import EventDraft, UsageQuery
from cashbox_service.domain import rating
from cashbox_service.domain.errors import InvalidWindow, MissingField, ProductNotFound
from cashbox_service.store.entities import RatedEvent, RatePlan
from cashbox_service.store.repositories.usage import NOTHING, RatedItem, UsageFilter

PAGE_SIZE = 50
"""Of these searches when none is given (catalog §5.5)."""


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """An event and the item it belongs to."""

    event: RatedEvent
    item: RatedItem


@dataclass(frozen=True, slots=True)
class UsageTotal:
    """What an item would be billed for its unbilled units; ``tier`` is the highest one they reach."""

    item: RatedItem
    plan: RatePlan
    units: Decimal
    events: int
    amount: Decimal
    tier: str | None


def events(work: Work, query: UsageQuery, *, unbilled: bool = False) -> list[ShownEvent]:
    """Billed ones too unless told otherwise, by the moment of the event.

    Raises InvalidWindow, MissingField for a part without identifier, NotFound for one that does not exist.
    """
    wanted, limits = _page(work, query), _filter(work, query)
    found = work.uow.usage.page(wanted.number, wanted.size, limits, unbilled=unbilled)
    return _shown(work, found)


def event_by_vid(work: Work, vid: str | None) -> ShownEvent:
    """Raises MissingField, EventNotFound."""
    if not vid:
        raise MissingField("vid")
    return _shown(work, [usage_recording.find(work, EventDraft(vid=vid))])[0]


def event_by_merchant_id(work: Work, merchant_event_id: str | None) -> ShownEvent:
    """Raises MissingField, EventNotFound."""
    if not merchant_event_id:
        raise MissingField("merchantEventId")
    return _shown(work, [usage_recording.find(work, EventDraft(merchant_event_id=merchant_event_id))])[0]


def totals(work: Work, query: UsageQuery) -> list[UsageTotal]:
    """One for each usage-based item that fits, also without an event. Raises as `events`."""
    wanted, limits = _page(work, query), _filter(work, query)
    items = work.uow.usage.rated_items(wanted.number, wanted.size, limits)
    units = work.uow.usage.unbilled([item.autobill_item_vid for item in items], limits)
    plans: dict[str | None, RatePlan] = {}
    result: list[UsageTotal] = []
    for item in items:
        vid = item.rate_plan_vid
        if vid not in plans:
            plans[vid] = rate_plans.by_vid(work, vid)
        plan = plans[vid]
        counted = units.get(item.autobill_item_vid, NOTHING)
        rated = rating.rate(rate_plans.terms_of(plan), max(counted.units, Decimal(0)), item.currency)
        result.append(UsageTotal(item, plan, counted.units, counted.events, rated.amount, rated.tier))
    return result


def _shown(work: Work, found: Sequence[RatedEvent]) -> list[ShownEvent]:
    items = work.uow.usage.items_named(event.autobill_item_vid for event in found)
    return [ShownEvent(event, items[event.autobill_item_vid]) for event in found]


def _page(work: Work, query: UsageQuery) -> Page:
    size = PAGE_SIZE if query.page_size is None else query.page_size
    return page(query.page, size, work.settings.max_page_size)


def _filter(work: Work, query: UsageQuery) -> UsageFilter:
    if query.since is not None and query.until is not None and query.since > query.until:
        raise InvalidWindow("startTimestamp", query.since.isoformat(), "lies after endTimestamp")
    return UsageFilter(
        account_vid=accounts.resolve(work, query.account).vid if query.account is not None else None,
        autobill_vid=autobill_lookup.resolve(work, query.autobill).vid
        if query.autobill is not None
        else None,
        product_vid=_product_vid(work, query),
        rate_plan_vid=(
            rate_plans.by_reference(work, query.rate_plan).vid if query.rate_plan is not None else None
        ),
        since=query.since,
        until=query.until,
    )


def _product_vid(work: Work, query: UsageQuery) -> str | None:
    named = query.product
    if named is None:
        return None
    if named.vid is None and named.merchant_product_id is None:
        raise MissingField("product")
    found = products.find(work, named)
    if found is None:
        raise ProductNotFound("merchantProductId", named.merchant_product_id)
    return found.vid
