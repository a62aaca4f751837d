"""RatePlan.update and the fetches of plans (catalog §5.1, §5.5)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.services import shop, usage
from tests.services.records import plain
from tests.services.shop import Client
from tests.services.wire import Wire

D = Decimal
UNKNOWN = "0" * 40


def update(client: Client, rate_plan: Any, *, expecting: int = 200, **options: Any) -> Any:
    return client("RatePlan").expecting(expecting).update(ratePlan=rate_plan, **options)


def fetched(client: Client, rate_plan: Any) -> Any:
    return client("RatePlan").fetchByVid(vid=rate_plan.VID).ratePlan


def test_a_plan_is_stored_and_returned_in_full(shared: Client) -> None:
    given = usage.terms(
        {
            "name": "first",
            "ratePrice": [{"amount": D("0.004"), "currency": "USD"}, {"amount": D("1"), "currency": "JPY"}],
            "chargeCustomer": "PerUnit",
            "beginsAtLevel": D("0.001"),
        },
        {
            "name": "bulk",
            "ratePrice": [{"amount": D("2.50"), "currency": "USD"}, {"amount": D("300"), "currency": "JPY"}],
            "chargeCustomer": "FlatFee",
            "beginsAtLevel": D("10"),
        },
        multiplyRatedUnitsBy="HighestApplicableTier",
        roundingDecimals=3,
        includedUnits=D("5.5"),
        minimumFee=[{"amount": D("1.00"), "currency": "USD"}],
        maximumFee=[{"amount": D("60.00"), "currency": "USD"}],
        status="Suspended",
        nameValues=[{"name": "tariff", "value": "night"}],
    )

    answered = update(shared, given).ratePlan

    stored = plain(answered)
    assert stored.pop("VID")
    assert stored.pop("hasEventRecorded") is False
    assert stored == given
    assert plain(fetched(shared, answered)) == plain(answered)
    by_id = shared("RatePlan").fetchByMerchantRatePlanId(merchantRatePlanId=given["merchantRatePlanId"])
    assert plain(by_id.ratePlan) == plain(answered)


def test_what_is_not_given_takes_its_default(shared: Client) -> None:
    stored = update(shared, usage.terms()).ratePlan

    assert stored.multiplyRatedUnitsBy == "EachRespectiveTier"
    assert (stored.roundingDecimals, stored.includedUnits, stored.status) == (0, 0, "Active")
    assert [(tier.name, tier.chargeCustomer) for tier in stored.tier] == [
        ("Tier 1", "PerUnit"),
        ("Tier 2", "PerUnit"),
    ]
    assert (stored.minimumFee, stored.maximumFee, stored.nameValues) == ([], [], [])


def test_a_known_id_changes_the_plan_and_absent_parts_stay(shared: Client) -> None:
    first = usage.plan(shared, includedUnits="5", minimumFee=[{"amount": "1.00"}])

    changed = update(
        shared, {"merchantRatePlanId": first.merchantRatePlanId, "tier": [usage.tier("0", "9.00")]}
    ).ratePlan

    assert changed.VID == first.VID
    assert [str(tier.ratePrice[0].amount) for tier in changed.tier] == ["9.00"]
    assert (changed.includedUnits, len(changed.minimumFee), changed.description) == (5, 1, "Calls")


def test_a_plan_takes_a_new_id_and_loses_its_description(shared: Client) -> None:
    first, own_id = usage.plan(shared), shop.new_id("rate")

    changed = update(shared, {"VID": first.VID, "merchantRatePlanId": own_id, "description": ""}).ratePlan

    assert (changed.VID, changed.merchantRatePlanId, changed.description) == (first.VID, own_id, None)
    shared("RatePlan").expecting(404).fetchByMerchantRatePlanId(merchantRatePlanId=first.merchantRatePlanId)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"merchantRatePlanId": None}, "Missing required parameter 'merchantRatePlanId'."),
        ({"ratePlanModel": None}, "Missing required parameter 'ratePlanModel'."),
        ({"ratedUnit": None}, "Missing required parameter 'ratedUnit'."),
        ({"ratedUnit": {"nameSingular": "hour"}}, "Missing required parameter 'ratedUnit.namePlural'."),
        ({"ratedUnit": {"namePlural": "hours"}}, "Missing required parameter 'ratedUnit.nameSingular'."),
        ({"tier": []}, "Unable to create RatePlan without a tier"),
        (
            {"tier": [usage.tier("5", "1"), usage.tier("5", "1")]},
            'tier.beginsAtLevel "5.000000" is not above the tier before it.',
        ),
        (
            {"tier": [usage.tier("5", "1"), usage.tier("4", "1")]},
            'tier.beginsAtLevel "4.000000" is not above the tier before it.',
        ),
        (
            {"tier": [usage.tier("-1", "1")]},
            'tier.beginsAtLevel "-1.000000" is not above the tier before it.',
        ),
        ({"tier": [usage.tier("0", "-1")]}, 'tier.ratePrice.amount "-1.000000" must not be negative.'),
        ({"tier": [usage.tier("0", "1", "2")]}, 'tier.ratePrice.currency "USD" is given twice.'),
        (
            {"tier": [usage.tier("0", "1", currency="QQQ")]},
            'tier.ratePrice.currency "QQQ" is not a currency.',
        ),
        (
            {"tier": [{"beginsAtLevel": "0", "ratePrice": [{"currency": "USD"}]}]},
            "Missing required parameter 'tier.ratePrice.amount'.",
        ),
        ({"roundingDecimals": 7}, 'roundingDecimals "7" is not between -9 and 6.'),
        ({"roundingDecimals": -10}, 'roundingDecimals "-10" is not between -9 and 6.'),
        ({"includedUnits": "-1"}, 'includedUnits "-1.000000" must not be negative.'),
        ({"includedUnits": "1000000001"}, 'includedUnits "1000000001" is more than 1000000000.'),
        ({"minimumFee": [{"amount": "-1"}]}, 'minimumFee.amount "-1.00" must not be negative.'),
        (
            {"minimumFee": [{"amount": "5"}], "maximumFee": [{"amount": "4"}]},
            'minimumFee "5.00" is more than maximumFee.',
        ),
        ({"maximumFee": [{"amount": "5"}, {"amount": "4"}]}, 'maximumFee.currency "USD" is given twice.'),
        ({"merchantRatePlanId": "a/b"}, 'merchantRatePlanId "a/b" must not contain a slash.'),
    ],
)
def test_what_is_no_plan_is_refused(shared: Client, changes: dict[str, Any], text: str) -> None:
    given = usage.terms(**changes)

    answer = update(shared, given, expecting=400)

    assert shop.text(answer) == f"Unable to update RatePlan: {text}"
    if changes.get("merchantRatePlanId", "") == "":
        service = shared("RatePlan").expecting(404)
        service.fetchByMerchantRatePlanId(merchantRatePlanId=given["merchantRatePlanId"])


def test_no_plan_at_all_is_refused(shared_wire: Wire) -> None:
    reply = shared_wire.call("RatePlan", "update")

    assert (reply.code, reply.text) == (
        400,
        "Unable to update RatePlan: Missing required parameter 'ratePlan'.",
    )
    assert not reply.has("created")


def test_an_unknown_vid_is_not_created(shared: Client) -> None:
    answer = update(shared, usage.terms(VID=UNKNOWN), expecting=404)

    assert shop.text(answer) == f'No match found for VID "{UNKNOWN}"'


def test_vid_and_id_of_two_plans_are_refused(shared: Client) -> None:
    first, second = usage.plan(shared), usage.plan(shared)
    both = {"VID": first.VID, "merchantRatePlanId": second.merchantRatePlanId}

    answer = update(shared, both, expecting=400)

    assert shop.text(answer).endswith("VID and merchantRatePlanId belong to different objects.")


class TestWithEvents:
    """A plan with recorded events can be changed only with force."""

    def test_force_is_needed(self, client: Client) -> None:
        rate_plan = usage.plan(client)
        bill = usage.subscribe(client, rate_plan)
        assert fetched(client, rate_plan).hasEventRecorded is False
        usage.record(client, bill, "1", event_id="e-1")
        assert fetched(client, rate_plan).hasEventRecorded is True
        change = {"VID": rate_plan.VID, "tier": [usage.tier("0", "5.00")]}

        answer = update(client, change, expecting=400)

        text = "RatePlan has recorded events; it can be changed only with force."
        assert shop.text(answer) == f"Unable to update RatePlan: {text}"
        assert str(usage.waiting(client, bill).currentTotalRatedUnitsBill) == "2.00"
        update(client, change, force=True)
        assert str(usage.waiting(client, bill).currentTotalRatedUnitsBill) == "5.00"

    def test_what_was_fetched_may_be_sent_back(self, client: Client) -> None:
        rate_plan = usage.plan(client, usage.tier("0", "0.004"), nameValues=[{"name": "a", "value": "b"}])
        usage.record(client, usage.subscribe(client, rate_plan), "1")

        update(client, fetched(client, rate_plan))

    def test_events_that_were_taken_back_do_not_count(self, client: Client) -> None:
        rate_plan = usage.plan(client)
        usage.record(client, usage.subscribe(client, rate_plan), "1", event_id="e-1")
        usage.reverse(client, "e-1")

        assert update(client, {"VID": rate_plan.VID, "status": "Suspended"}).ratePlan.status == "Suspended"


class TestInUse:
    """What a running AutoBill is billed by keeps its model and the prices it needs."""

    def test_the_model_stays(self, client: Client) -> None:
        rate_plan = usage.plan(client)
        usage.subscribe(client, rate_plan)

        change = {"VID": rate_plan.VID, "ratePlanModel": "LicenseBased"}
        answer = update(client, change, expecting=400, force=True)

        assert 'ratePlanModel "LicenseBased" cannot be set: the RatePlan is in use.' in shop.text(answer)

    def test_a_plan_that_is_not_in_use_may_change_its_model(self, client: Client) -> None:
        rate_plan = usage.plan(client)

        change = {"VID": rate_plan.VID, "ratePlanModel": "LicenseBased"}
        assert update(client, change).ratePlan.ratePlanModel == "LicenseBased"

    def test_a_price_that_is_needed_stays(self, client: Client) -> None:
        rate_plan = usage.plan(client)
        usage.subscribe(client, rate_plan)

        change = {"VID": rate_plan.VID, "tier": [usage.tier("0", "1", currency="EUR")]}
        answer = update(client, change, expecting=400)

        assert 'tier.ratePrice "USD" is needed by a running AutoBill.' in shop.text(answer)

    def test_an_autobill_needs_a_price_in_its_currency(self, client: Client) -> None:
        euros = usage.plan(client, usage.tier("0", "1", currency="EUR"))

        refused = usage.order(client, euros)
        answer = shop.update(client, refused, expecting=400)
        assert 'currency "USD" has no price in tier Tier 1 of the rate plan.' in shop.text(answer)
        assert usage.subscribe(client, euros, currency="EUR").status == "Active"

    def test_a_products_plan_is_not_exchanged_for_one_without_the_price(self, client: Client) -> None:
        sold = usage.product(client, usage.plan(client))
        items = [{"index": 0, "product": shop.reference(sold)}]
        usage.subscribe(client, None, items=items)
        service = client("Product").expecting(400)
        for other, text in (
            (usage.plan(client, usage.tier("0", "1", currency="EUR")), "tier.ratePrice"),
            (usage.plan(client, ratePlanModel="LicenseBased"), "is another model than running AutoBills are"),
        ):
            change = {"VID": sold.VID, "defaultRatePlan": shop.reference(other)}
            assert text in shop.text(service.update(product=change))
        better = usage.plan(client, usage.tier("0", "1"))
        change = {"VID": sold.VID, "defaultRatePlan": shop.reference(better)}
        assert client("Product").update(product=change).product.defaultRatePlan.VID == better.VID


class TestPages:
    """fetchAll, oldest first."""

    def test_all_plans_by_page(self, client: Client) -> None:
        made = [usage.plan(client).VID for _ in range(3)]

        def page(number: int, size: int) -> list[str]:
            return [one.VID for one in client("RatePlan").fetchAll(page=number, pageSize=size).ratePlans]

        assert page(0, 10) == made
        assert [page(number, 2) for number in range(3)] == [made[:2], made[2:], []]

    def test_a_page_that_is_none_is_refused(self, shared_wire: Wire) -> None:
        for arguments in ("<page>-1</page>", "<pageSize>0</pageSize>"):
            assert shared_wire.call("RatePlan", "fetchAll", arguments).code == 400
        assert shared_wire.call("RatePlan", "fetchAll").code == 200


@pytest.mark.parametrize(
    ("operation", "arguments", "code", "text"),
    [
        ("fetchByVid", "", 400, "Missing required parameter 'vid'."),
        ("fetchByVid", "<vid>none</vid>", 404, 'No match found for VID "none"'),
        ("fetchByMerchantRatePlanId", "", 400, "Missing required parameter 'merchantRatePlanId'."),
        (
            "fetchByMerchantRatePlanId",
            "<merchantRatePlanId>none</merchantRatePlanId>",
            404,
            'No match found for merchantRatePlanId "none"',
        ),
    ],
)
def test_a_plan_that_does_not_exist(
    shared_wire: Wire, operation: str, arguments: str, code: int, text: str
) -> None:
    reply = shared_wire.call("RatePlan", operation, arguments)

    assert (reply.code, reply.text, reply.has("ratePlan")) == (code, text, False)
