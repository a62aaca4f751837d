"""Rated products in tests: plans by quantity, AutoBills that sell them, and usage that is reported.

bill = usage.subscribe(client, usage.plan(client))       an AutoBill of one product by usage: 2.00, from 10 on 1.00
usage.record(client, bill, "15")                         15 units of it
usage.waiting(client, bill).currentTotalRatedUnitsBill   24.00
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.services import shop
from tests.services.shop import Client

MINUTE = {"nameSingular": "minute", "namePlural": "minutes"}


def tier(level: str, *prices: str, currency: str = "USD", **fields: Any) -> dict[str, Any]:
    """A tier with a price, in one currency unless told otherwise."""
    made = [{"amount": price, "currency": currency} for price in prices]
    return {"ratePrice": made, "beginsAtLevel": level} | fields


def terms(*tiers: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """A rate plan to be stored: 2.00 a unit, from the tenth on 1.00, by usage, unless told otherwise."""
    given: dict[str, Any] = {
        "merchantRatePlanId": shop.new_id("rate"),
        "description": "Calls",
        "ratedUnit": MINUTE,
        "tier": [dict(each) for each in tiers] or [tier("0", "2.00"), tier("10", "1.00")],
        "ratePlanModel": "UsageBased",
    }
    return given | fields


def plan(client: Client, *tiers: Mapping[str, Any], **fields: Any) -> Any:
    """A stored rate plan."""
    return client("RatePlan").update(ratePlan=terms(*tiers, **fields)).ratePlan


def product(client: Client, rate_plan: Any, **fields: Any) -> Any:
    """A product that is priced by a rate plan alone."""
    return shop.product(client, None, defaultRatePlan=shop.reference(rate_plan), **fields)


def order(client: Client, rate_plan: Any, method: Any = None, **fields: Any) -> dict[str, Any]:
    """An AutoBill to be created: one product by that plan, billed monthly."""
    if "items" not in fields:
        fields["items"] = [{"index": 0, "product": shop.reference(product(client, rate_plan))}]
    return shop.order(client, shop.card() if method is None else method, **fields)


def subscribe(client: Client, rate_plan: Any, method: Any = None, **fields: Any) -> Any:
    """A new AutoBill of one product by that plan, by card unless told otherwise."""
    return shop.update(client, order(client, rate_plan, method, **fields)).autobill


def event(autobill: Any, amount: str, event_id: str | None = None, **fields: Any) -> dict[str, Any]:
    """Usage of an AutoBill with one rated item."""
    named = {"merchantEventId": event_id} if event_id is not None else {}
    return {"merchantAutoBillId": autobill.merchantAutoBillId, "amount": amount} | named | fields


def record(client: Client, autobill: Any, *amounts: str, expecting: int = 200, **fields: Any) -> Any:
    """RatePlan.recordEvent, one event for each amount; its Return."""
    events = [event(autobill, amount, **fields) for amount in amounts]
    return client("RatePlan").expecting(expecting).recordEvent(event=events)


def deduct(client: Client, autobill: Any, amount: str, expecting: int = 200, **fields: Any) -> Any:
    """RatePlan.deductEvent; its Return."""
    return client("RatePlan").expecting(expecting).deductEvent(event=[event(autobill, amount, **fields)])


def reverse(client: Client, *event_ids: str, expecting: int = 200) -> Any:
    """RatePlan.reverseEvent; its Return."""
    named = [{"merchantEventId": event_id} for event_id in event_ids]
    return client("RatePlan").expecting(expecting).reverseEvent(event=named)


def totals(client: Client, **filters: Any) -> list[Any]:
    """RatePlan.fetchUnbilledRatedUnitsTotal."""
    return list(client("RatePlan").fetchUnbilledRatedUnitsTotal(**filters).ratedUnitSummary)


def waiting(client: Client, autobill: Any, **filters: Any) -> Any:
    """The summary of the only rated item of an AutoBill."""
    (summary,) = totals(client, autobill=shop.reference(autobill), **filters)
    return summary


def events(client: Client, *, unbilled: bool = False, **filters: Any) -> list[Any]:
    """RatePlan.fetchEvents, or fetchUnbilledEvents."""
    service = client("RatePlan")
    answer = service.fetchUnbilledEvents(**filters) if unbilled else service.fetchEvents(**filters)
    return list(answer.event)


def found(client: Client, event_id: str) -> Any:
    """RatePlan.fetchEventById."""
    return client("RatePlan").fetchEventById(merchantEventId=event_id).event
