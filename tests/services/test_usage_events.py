"""Usage as merchants report it: recordEvent, deductEvent, reverseEvent (catalog §5.4, §5.5)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.servers import Server
from tests.services import shop, usage
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.soap_client import Login, ServiceClient

D = Decimal
Check = Callable[[], None]


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Check) -> Any:
    sandbox.set_clock("2024-01-10T10:00:00")
    yield
    books_are_right()


def total(client: Client, autobill: Any) -> Decimal:
    units: Decimal = usage.waiting(client, autobill).ratedUnitTotal
    return units


def test_events_add_up(client: Client) -> None:
    bill = usage.subscribe(client, usage.plan(client))

    usage.record(client, bill, "4", "8.5", "2.5")

    summary = usage.waiting(client, bill)
    assert (summary.ratedUnitTotal, summary.eventCount) == (15, 3)
    assert (str(summary.currentTotalRatedUnitsBill), summary.currentTier) == ("24.00", "Tier 2")


def test_an_event_keeps_what_was_sent_and_gets_all_ids(client: Client) -> None:
    rate_plan = usage.plan(client)
    sold = usage.product(client, rate_plan)
    items = [{"index": 0, "product": shop.reference(sold), "merchantAutoBillItemId": "line"}]
    bill = usage.subscribe(client, rate_plan, items=items)

    usage.record(
        client,
        bill,
        "2.25",
        event_id="e-1",
        eventDate="2024-01-09T08:00:00-08:00",
        description="Call",
        nameValues=[{"name": "to", "value": "Leeds"}],
    )

    event = usage.found(client, "e-1")
    assert event.merchantEventId == "e-1"
    assert (str(event.amount), event.description, event.billedStatus) == ("2.25", "Call", "Unbilled")
    assert event.eventDate.isoformat() == "2024-01-09T08:00:00-08:00"
    assert event.dateReceived.isoformat().startswith("2024-01-10T10:00:")
    assert shop.names(event) == {"to": "Leeds"}
    assert (event.merchantAutoBillItemId, event.autoBillItemVid) == ("line", bill["items"][0].VID)
    assert (event.merchantAccountId, event.accountVid) == (bill.account.merchantAccountId, bill.account.VID)
    assert (event.merchantAutoBillId, event.autoBillVid) == (bill.merchantAutoBillId, bill.VID)
    assert (event.merchantProductId, event.productVid) == (sold.merchantProductId, sold.VID)
    assert client("RatePlan").fetchEventByVid(vid=event.VID).event == event
    assert list(client("NameValuePair").fetchNameValueNames(type="Event").names) == ["to"]


def test_an_event_without_id_and_date_gets_them(client: Client) -> None:
    bill = usage.subscribe(client, usage.plan(client))

    usage.record(client, bill, "1")

    (event,) = usage.events(client)
    assert event.merchantEventId == event.VID
    assert event.eventDate == event.dateReceived
    assert usage.found(client, event.VID) == event


@pytest.mark.parametrize("sent", ["0.1000000000000000055511151231257827", "0.0000006", "999999999.999999"])
def test_fractions_are_kept_to_six_decimals(client: Client, sent: str) -> None:
    bill = usage.subscribe(client, usage.plan(client, usage.tier("0", "0.01"), roundingDecimals=2))

    usage.record(client, bill, sent)

    (event,) = usage.events(client)
    assert event.amount == D(sent).quantize(D("0.000001"))


@pytest.mark.parametrize("amount", ["0", "-1", "0.0000001", "1000000001"])
def test_an_amount_that_is_none_is_refused(client: Client, amount: str) -> None:
    bill = usage.subscribe(client, usage.plan(client))

    answer = usage.record(client, bill, "1", amount, expecting=400)

    assert shop.text(answer).startswith("event.amount ")
    assert usage.events(client) == []


def test_units_that_nobody_could_pay_are_refused(client: Client) -> None:
    bill = usage.subscribe(client, usage.plan(client, usage.tier("0", "1000000")))

    answer = usage.record(client, bill, *["1000000000"] * 2, expecting=400)

    assert "costs more than" in shop.text(answer)
    assert usage.events(client) == []


def test_an_id_counts_once(client: Client) -> None:
    bill = usage.subscribe(client, usage.plan(client))
    usage.record(client, bill, "1", event_id="e-1")

    for call in (usage.record, usage.deduct):
        answer = call(client, bill, "1", event_id="e-1", expecting=400)
        assert shop.text(answer) == 'event.merchantEventId "e-1" has been used before.'
    assert total(client, bill) == 1


def test_an_id_twice_in_one_call_is_refused(client: Client) -> None:
    bill = usage.subscribe(client, usage.plan(client))

    usage.record(client, bill, "1", "2", event_id="e-1", expecting=400)

    assert usage.events(client) == []


def test_a_call_is_all_or_nothing(client: Client) -> None:
    bill = usage.subscribe(client, usage.plan(client))
    events = [usage.event(bill, "1", "e-1"), usage.event(bill, "1", "e/2")]

    client("RatePlan").expecting(400).recordEvent(event=events)

    assert usage.events(client) == []


def test_fifty_events_are_taken_and_no_more(client: Client) -> None:
    bill = usage.subscribe(client, usage.plan(client))

    usage.record(client, bill, *["1"] * 50)
    answer = usage.record(client, bill, *["1"] * 51, expecting=400)

    assert shop.text(answer) == 'event "51" exceeds the limit of 50.'
    assert total(client, bill) == 50


class TestIdentification:
    """The ids together match exactly one rated item of a running AutoBill."""

    def two_items(self, client: Client) -> tuple[Any, Any, Any]:
        rate_plan = usage.plan(client)
        one, other = usage.product(client, rate_plan), usage.product(client, rate_plan)
        items = [
            {"index": 0, "product": shop.reference(one), "merchantAutoBillItemId": shop.new_id("one")},
            {"index": 1, "product": shop.reference(other), "merchantAutoBillItemId": shop.new_id("other")},
        ]
        return usage.subscribe(client, rate_plan, items=items), one, other

    def test_any_ids_that_single_an_item_out_do(self, client: Client) -> None:
        bill, one, other = self.two_items(client)
        first, second = bill["items"]
        whose: list[dict[str, str]] = [
            {"autoBillItemVid": first.VID},
            {"merchantAutoBillItemId": first.merchantAutoBillItemId},
            {"autoBillVid": bill.VID, "productVid": one.VID},
            {"merchantAutoBillId": bill.merchantAutoBillId, "merchantProductId": one.merchantProductId},
            {"accountVid": bill.account.VID, "productVid": one.VID},
            {
                "merchantAccountId": bill.account.merchantAccountId,
                "merchantProductId": other.merchantProductId,
            },
            {"accountVid": bill.account.VID, "autoBillVid": bill.VID, "autoBillItemVid": second.VID},
        ]
        for named in whose:
            client("RatePlan").recordEvent(event=[{"amount": "1", **named}])

        by_item = {each.autobillItemVid: each.ratedUnitTotal for each in usage.totals(client)}
        assert by_item == {first.VID: 5, second.VID: 2}

    def test_ids_that_fit_two_items_are_refused(self, client: Client) -> None:
        bill, _, _ = self.two_items(client)

        answer = usage.record(client, bill, "1", expecting=400)

        expected = (
            f'Several rated AutoBillItems match the event: merchantAutoBillId "{bill.merchantAutoBillId}".'
        )
        assert shop.text(answer) == expected

    def test_ids_that_contradict_each_other_are_refused(self, client: Client) -> None:
        bill, _, other = self.two_items(client)
        named = {"autoBillItemVid": bill["items"][0].VID, "merchantProductId": other.merchantProductId}

        answer = client("RatePlan").expecting(400).recordEvent(event=[{"amount": "1", **named}])

        assert shop.text(answer).startswith("No rated AutoBillItem matches the event: autoBillItemVid ")

    def test_a_product_alone_says_not_whose_usage_it_is(self, client: Client) -> None:
        _, one, _ = self.two_items(client)

        answer = client("RatePlan").expecting(400).recordEvent(event=[{"amount": "1", "productVid": one.VID}])

        assert "neither an account nor an AutoBill" in shop.text(answer)

    def test_an_item_that_is_not_rated_takes_no_events(self, client: Client) -> None:
        fixed = shop.subscribe(client).autobill
        licensed = usage.subscribe(client, usage.plan(client, ratePlanModel="LicenseBased"))
        overridden = usage.subscribe(
            client,
            None,
            items=[
                {
                    "index": 0,
                    "product": shop.reference(usage.product(client, usage.plan(client))),
                    "amount": "5.00",
                }
            ],
        )
        for bill in (fixed, licensed, overridden):
            answer = usage.record(client, bill, "1", expecting=400)
            assert shop.text(answer).startswith("No rated AutoBillItem matches the event")

    def test_the_rate_plan_of_the_item_wins_over_the_products(self, client: Client) -> None:
        sold = usage.product(client, usage.plan(client))
        dear = usage.plan(client, usage.tier("0", "7.00"))
        items = [{"index": 0, "product": shop.reference(sold), "ratePlan": shop.reference(dear)}]
        bill = usage.subscribe(client, None, items=items)

        usage.record(client, bill, "1")

        summary = usage.waiting(client, bill)
        assert (summary.ratePlanVid, str(summary.currentTotalRatedUnitsBill)) == (dear.VID, "7.00")
        assert bill["items"][0].ratePlan.VID == dear.VID

    def test_an_autobill_before_its_start_takes_events(self, client: Client, sandbox: Sandbox) -> None:
        bill = usage.subscribe(client, usage.plan(client), startTimestamp="2024-03-01T00:00:00-08:00")
        assert bill.status == "Pending Activation"

        usage.record(client, bill, "1", eventDate="2024-03-05T00:00:00-08:00")

        assert total(client, bill) == 1


class TestDeduction:
    """deductEvent takes units off the unbilled total of an item."""

    def test_it_is_an_event_with_a_negative_amount(self, client: Client) -> None:
        bill = usage.subscribe(client, usage.plan(client))
        usage.record(client, bill, "15")

        usage.deduct(client, bill, "5", event_id="d-1", description="Dropped call")

        event = usage.found(client, "d-1")
        assert (event.amount, event.description, event.billedStatus) == (-5, "Dropped call", "Unbilled")
        summary = usage.waiting(client, bill)
        assert (summary.ratedUnitTotal, summary.eventCount) == (10, 2)
        assert str(summary.currentTotalRatedUnitsBill) == "19.00"

    def test_no_more_can_be_deducted_than_is_unbilled(self, client: Client) -> None:
        bill = usage.subscribe(client, usage.plan(client))
        usage.record(client, bill, "15")

        usage.deduct(client, bill, "15.01", expecting=400)
        two = [usage.event(bill, "10"), usage.event(bill, "10")]
        answer = client("RatePlan").expecting(400).deductEvent(event=two)

        assert shop.text(answer) == 'event.amount "10" is more than the unbilled units of the item.'
        assert total(client, bill) == 15
        usage.deduct(client, bill, "15")
        assert total(client, bill) == 0


class TestReversal:
    """reverseEvent takes single events back."""

    def test_an_event_taken_back_is_gone_and_its_id_stays_taken(self, client: Client) -> None:
        bill = usage.subscribe(client, usage.plan(client))
        usage.record(client, bill, "5", event_id="e-1")
        usage.record(client, bill, "3", event_id="e-2")

        usage.reverse(client, "e-1")

        assert total(client, bill) == 3
        assert [event.merchantEventId for event in usage.events(client)] == ["e-2"]
        client("RatePlan").expecting(404).fetchEventById(merchantEventId="e-1")
        usage.reverse(client, "e-1", expecting=404)
        usage.record(client, bill, "5", event_id="e-1", expecting=400)

    def test_by_vid_and_several_at_once(self, client: Client) -> None:
        bill = usage.subscribe(client, usage.plan(client))
        usage.record(client, bill, "5", "6")
        first, second = usage.events(client)

        client("RatePlan").reverseEvent(event=[{"VID": first.VID}, {"VID": second.VID}])

        assert total(client, bill) == 0

    def test_all_or_nothing(self, client: Client) -> None:
        bill = usage.subscribe(client, usage.plan(client))
        usage.record(client, bill, "5", event_id="e-1")

        answer = usage.reverse(client, "e-1", "none", expecting=404)

        assert shop.text(answer) == 'No match found for merchantEventId "none"'
        answer = usage.reverse(client, "e-1", "e-1", expecting=400)
        assert shop.text(answer) == 'event.merchantEventId "e-1" is named twice.'
        assert total(client, bill) == 5

    def test_of_a_deduction_gives_its_units_back(self, client: Client) -> None:
        bill = usage.subscribe(client, usage.plan(client))
        usage.record(client, bill, "5")
        usage.deduct(client, bill, "2", event_id="d-1")

        usage.reverse(client, "d-1")

        assert total(client, bill) == 5

    def test_not_when_more_was_deducted_than_would_be_left(self, client: Client) -> None:
        bill = usage.subscribe(client, usage.plan(client))
        usage.record(client, bill, "5", event_id="e-1")
        usage.deduct(client, bill, "3", event_id="d-1")

        answer = usage.reverse(client, "e-1", expecting=400)

        assert "more units were deducted than would be left" in shop.text(answer)
        usage.reverse(client, "e-1", "d-1")
        assert total(client, bill) == 0

    def test_ids_of_two_events_are_refused(self, client: Client) -> None:
        bill = usage.subscribe(client, usage.plan(client))
        usage.record(client, bill, "5", event_id="e-1")
        usage.record(client, bill, "5", event_id="e-2")
        both = {"VID": usage.found(client, "e-1").VID, "merchantEventId": "e-2"}

        answer = client("RatePlan").expecting(400).reverseEvent(event=[both])

        assert shop.text(answer) == "VID and merchantEventId belong to different events."
        assert total(client, bill) == 10


class TestBilled:
    """What was billed is settled: it is neither taken back nor deducted from."""

    def bill_it(self, client: Client, sandbox: Sandbox) -> Any:
        bill = usage.subscribe(client, usage.plan(client))
        usage.record(client, bill, "15", event_id="e-1")
        sandbox.bill_on("2024-02-10T08:00:00")
        return bill

    def test_a_billed_event_is_not_reversed(self, client: Client, sandbox: Sandbox) -> None:
        self.bill_it(client, sandbox)

        answer = usage.reverse(client, "e-1", expecting=400)

        assert shop.text(answer) == 'Event with merchantEventId "e-1" is billed and cannot be reversed.'
        assert usage.found(client, "e-1").billedStatus == "Billed"

    def test_nothing_is_deducted_from_billed_units(self, client: Client, sandbox: Sandbox) -> None:
        bill = self.bill_it(client, sandbox)

        usage.deduct(client, bill, "1", expecting=400)
        usage.record(client, bill, "4")
        usage.deduct(client, bill, "1")

        assert total(client, bill) == 3

    def test_its_id_stays_taken(self, client: Client, sandbox: Sandbox) -> None:
        bill = self.bill_it(client, sandbox)

        usage.record(client, bill, "15", event_id="e-1", expecting=400)


def test_an_ended_autobill_takes_no_events(client: Client, sandbox: Sandbox) -> None:
    once = shop.reference(shop.plan(client, shop.month(cycles=1)))
    bill = usage.subscribe(client, usage.plan(client), billingPlan=once)
    usage.record(client, bill, "3", event_id="e-1")
    sandbox.advance(40)
    assert shop.fetched(client, bill).status == "Expired"

    usage.record(client, bill, "1", expecting=400)

    assert usage.found(client, "e-1").billedStatus == "Billed"
    assert usage.totals(client) == []


def test_usage_goes_with_its_autobill_to_another_account(client: Client, sandbox: Sandbox) -> None:
    bill, target = usage.subscribe(client, usage.plan(client)), shop.account(client)
    usage.record(client, bill, "5", event_id="e-1")

    client("Account").transfer(
        targetAccount=shop.reference(target), sourceAccount=shop.reference(bill.account)
    )

    assert usage.found(client, "e-1").accountVid == target.VID
    assert [event.VID for event in usage.events(client, account=shop.reference(target))] == [
        usage.found(client, "e-1").VID
    ]
    usage.record(client, bill, "10")
    sandbox.bill_on("2024-02-10T12:00:00")
    assert shop.transactions(client, bill)[-1].amount == D("24.00")


def test_a_client_of_version_4_3_records_and_deducts_by_one_call(
    client: Client, server: Server, merchant: Login
) -> None:
    bill = usage.subscribe(client, usage.plan(client))
    older = ServiceClient(server, merchant, "RatePlan", version="4.3")

    for amount, method in (("15", "Add"), ("5", "Deduct")):
        answer = older.recordEvent(event=[usage.event(bill, amount, recordMethod=method)])
        assert shop.text(answer) == "OK"

    assert total(client, bill) == 10
    found = older.fetchUnbilledEvents(autobill={"VID": bill.VID}).event
    assert sorted((event.recordMethod, event.amount) for event in found) == [("Add", 15), ("Deduct", 5)]
