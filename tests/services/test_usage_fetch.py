"""Finding usage: events by page and filter, one event, totals of what is unbilled (catalog §5.5)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services import shop, usage
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.services.wire import Wire

UNKNOWN = "0" * 40
SEARCHES = ("fetchEvents", "fetchUnbilledEvents", "fetchUnbilledRatedUnitsTotal")


def ids(events: list[Any]) -> list[str]:
    return [event.merchantEventId for event in events]


class Shelf:
    """Two AutoBills of one account by two rate plans, one of another account; an event a day for each."""

    def __init__(self, client: Client) -> None:
        self.plan, self.other_plan = usage.plan(client), usage.plan(client, usage.tier("0", "5.00"))
        first = usage.product(client, self.plan)
        owner = shop.reference(shop.account(client))

        def bill(sold: Any, **fields: Any) -> Any:
            items = [{"index": 0, "product": shop.reference(sold)}]
            return usage.subscribe(client, None, items=items, **fields)

        self.first = bill(first, account=owner)
        self.second = bill(usage.product(client, self.other_plan), account=owner)
        self.strange = bill(first)
        self.product = first
        for autobill, kind in ((self.first, "a"), (self.second, "b"), (self.strange, "c")):
            for day in (3, 1, 2):
                date = f"2024-01-0{day}T12:00:00-08:00"
                usage.record(client, autobill, str(day), event_id=f"{kind}{day}", eventDate=date)


@pytest.fixture
def shelf(client: Client, sandbox: Sandbox) -> Shelf:
    sandbox.set_clock("2024-01-10T10:00:00")
    return Shelf(client)


def test_events_come_by_their_date_then_vid(client: Client, shelf: Shelf) -> None:
    found = usage.events(client)

    assert [event.eventDate.day for event in found] == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert [event.VID for event in found] == [
        event.VID for event in sorted(found, key=lambda each: (each.eventDate, each.VID))
    ]


def test_filters_restrict_all_together(client: Client, shelf: Shelf) -> None:
    account, product = shop.reference(shelf.first.account), shop.reference(shelf.product)
    by_id = {"merchantAccountId": shelf.first.account.merchantAccountId}
    since, until = "2024-01-02T12:00:00-08:00", "2024-01-03T12:00:00-08:00"
    for filters, expected in (
        ({"account": account}, "a1 a2 a3 b1 b2 b3"),
        ({"account": by_id}, "a1 a2 a3 b1 b2 b3"),
        ({"autobill": shop.reference(shelf.second)}, "b1 b2 b3"),
        ({"autobill": {"merchantAutoBillId": shelf.second.merchantAutoBillId}}, "b1 b2 b3"),
        ({"product": product}, "a1 a2 a3 c1 c2 c3"),
        ({"product": {"merchantProductId": shelf.product.merchantProductId}}, "a1 a2 a3 c1 c2 c3"),
        ({"ratePlan": shop.reference(shelf.plan)}, "a1 a2 a3 c1 c2 c3"),
        ({"ratePlan": {"merchantRatePlanId": shelf.other_plan.merchantRatePlanId}}, "b1 b2 b3"),
        ({"account": account, "product": product}, "a1 a2 a3"),
        ({"account": account, "ratePlan": shop.reference(shelf.other_plan)}, "b1 b2 b3"),
        ({"autobill": shop.reference(shelf.strange), "account": account}, ""),
        ({"startTimestamp": since}, "a2 a3 b2 b3 c2 c3"),
        ({"endTimestamp": until}, "a1 a2 b1 b2 c1 c2"),
        ({"startTimestamp": since, "endTimestamp": until}, "a2 b2 c2"),
        ({"startTimestamp": since, "endTimestamp": since}, ""),
    ):
        for unbilled in (False, True):
            assert sorted(ids(usage.events(client, unbilled=unbilled, **filters))) == expected.split(), (
                filters
            )


def test_pages_follow_each_other(client: Client, shelf: Shelf) -> None:
    whole = ids(usage.events(client))

    pages = [ids(usage.events(client, page=page, pageSize=4)) for page in range(4)]

    assert pages == [whole[:4], whole[4:8], whole[8:], []]


def test_a_page_has_fifty_unless_told_otherwise(client: Client, shelf: Shelf) -> None:
    usage.record(client, shelf.first, *["1"] * 50)

    assert len(usage.events(client)) == len(usage.events(client, unbilled=True)) == 50
    assert len(usage.events(client, page=1)) == 9
    assert len(usage.events(client, pageSize=100)) == 59


def test_billed_events_are_told_apart(client: Client, shelf: Shelf, sandbox: Sandbox) -> None:
    sandbox.bill_on("2024-02-10T12:00:00")
    usage.record(client, shelf.first, "9", event_id="new")

    assert ids(usage.events(client, unbilled=True)) == ["new"]
    status = {event.merchantEventId: event.billedStatus for event in usage.events(client)}
    assert status.pop("new") == "Unbilled"
    assert set(status.values()) == {"Billed"}


def test_totals_are_one_for_each_rated_item(client: Client, shelf: Shelf) -> None:
    idle = usage.subscribe(client, shelf.plan)
    shop.subscribe(client)

    found = {summary.merchantAutoBillId: summary for summary in usage.totals(client)}

    assert len(found) == 4
    first, second = found[shelf.first.merchantAutoBillId], found[shelf.second.merchantAutoBillId]
    assert (first.ratedUnitTotal, first.eventCount, str(first.currentTotalRatedUnitsBill)) == (6, 3, "12.00")
    assert (second.ratedUnitTotal, str(second.currentTotalRatedUnitsBill)) == (6, "30.00")
    nothing = found[idle.merchantAutoBillId]
    assert (nothing.ratedUnitTotal, nothing.eventCount, nothing.currentTier) == (0, 0, None)
    assert str(nothing.currentTotalRatedUnitsBill) == "0.00"


def test_a_total_names_everything_it_belongs_to(client: Client, shelf: Shelf) -> None:
    summary = usage.waiting(client, shelf.first)

    item = shelf.first["items"][0]
    assert (summary.merchantAccountId, summary.accountVid) == (
        shelf.first.account.merchantAccountId,
        shelf.first.account.VID,
    )
    assert (summary.merchantAutoBillId, summary.autobillVid) == (
        shelf.first.merchantAutoBillId,
        shelf.first.VID,
    )
    assert (summary.merchantAutoBillItemId, summary.autobillItemVid) == (None, item.VID)
    assert (summary.merchantProductId, summary.productVid) == (
        shelf.product.merchantProductId,
        shelf.product.VID,
    )
    assert (summary.merchantRatePlanId, summary.ratePlanVid) == (
        shelf.plan.merchantRatePlanId,
        shelf.plan.VID,
    )
    assert (summary.ratedUnit.nameSingular, summary.ratedUnit.namePlural) == ("minute", "minutes")
    assert summary.currentTier == "Tier 1"


def test_totals_take_the_filters_and_pages(client: Client, shelf: Shelf) -> None:
    account = shop.reference(shelf.first.account)
    assert len(usage.totals(client, account=account)) == 2
    assert len(usage.totals(client, product=shop.reference(shelf.product))) == 2
    assert len(usage.totals(client, ratePlan=shop.reference(shelf.other_plan))) == 1
    assert len(usage.totals(client, account=account, ratePlan=shop.reference(shelf.plan))) == 1
    window = {"startTimestamp": "2024-01-02T00:00:00-08:00", "endTimestamp": "2024-01-03T00:00:00-08:00"}
    assert {summary.ratedUnitTotal for summary in usage.totals(client, **window)} == {2}
    pages = [usage.totals(client, page=page, pageSize=2) for page in range(3)]
    assert [len(page) for page in pages] == [2, 1, 0]
    assert len({summary.autobillItemVid for page in pages for summary in page}) == 3


@pytest.mark.parametrize("operation", SEARCHES)
@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (f"<account><VID>{UNKNOWN}</VID></account>", 404, f'No match found for VID "{UNKNOWN}"'),
        (
            "<autobill><merchantAutoBillId>none</merchantAutoBillId></autobill>",
            404,
            'No match found for merchantAutoBillId "none"',
        ),
        (
            "<product><merchantProductId>none</merchantProductId></product>",
            404,
            'No match found for merchantProductId "none"',
        ),
        (f"<ratePlan><VID>{UNKNOWN}</VID></ratePlan>", 404, f'No match found for VID "{UNKNOWN}"'),
        ("<account><name>Ada</name></account>", 400, "Account not specified."),
        ("<product><status>Active</status></product>", 400, "Missing required parameter 'product'."),
        (
            "<startTimestamp>2024-01-02</startTimestamp><endTimestamp>2024-01-01</endTimestamp>",
            400,
            'startTimestamp "2024-01-02T00:00:00-08:00" lies after endTimestamp.',
        ),
        ("<page>-1</page>", 400, 'page "-1" must not be negative.'),
        ("<pageSize>0</pageSize>", 400, 'pageSize "0" must be greater than 0.'),
    ],
)
def test_what_cannot_be_searched_by_is_refused(
    shared_wire: Wire, operation: str, arguments: str, code: int, text: str
) -> None:
    reply = shared_wire.call("RatePlan", operation, arguments)

    assert (reply.code, reply.text) == (code, text)


@pytest.mark.parametrize("operation", SEARCHES)
def test_empty_parts_restrict_nothing(shared_wire: Wire, operation: str) -> None:
    reply = shared_wire.call(
        "RatePlan", operation, "<account/><autobill/><product/><ratePlan/><startTimestamp/><page/><pageSize/>"
    )

    assert (reply.code, reply.text) == (200, "OK")


@pytest.mark.parametrize(
    ("operation", "arguments", "code", "text"),
    [
        ("fetchEventById", "", 400, "Missing required parameter 'merchantEventId'."),
        (
            "fetchEventById",
            "<merchantEventId>none</merchantEventId>",
            404,
            'No match found for merchantEventId "none"',
        ),
        ("fetchEventByVid", "", 400, "Missing required parameter 'vid'."),
        ("fetchEventByVid", "<vid>none</vid>", 404, 'No match found for VID "none"'),
    ],
)
def test_an_event_that_does_not_exist(
    shared_wire: Wire, operation: str, arguments: str, code: int, text: str
) -> None:
    reply = shared_wire.call("RatePlan", operation, arguments)

    assert (reply.code, reply.text, reply.has("event")) == (code, text, False)
