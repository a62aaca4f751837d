"""Campaign: create, change, copy, switch on and off, find (campaign §2, §6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Client
from tests.services import campaigns, shop
from tests.services.sandbox import Sandbox

D = Decimal


def refused(client: Client, operation: str, campaign: dict[str, Any], code: int = 400, **rest: Any) -> str:
    answer = getattr(client("Campaign").expecting(code), operation)(campaign=campaign, **rest)
    return shop.text(answer)


def state(client: Client, campaign: Any) -> str:
    found: str = campaigns.fetched(client, campaign).state
    return found


def test_a_promotion_comes_back_as_it_was_given(shared: Client) -> None:
    product, plan = shop.product(shared), shop.plan(shared)
    code, alias = shop.new_id("CODE"), shop.new_id("ALIAS")

    made = campaigns.create(
        shared,
        description="Half price",
        note="n",
        promotionCode=f" {code} ",
        promotionCodeAliases=[alias, alias],
        percentageDiscount="12.50",
        eligibleProducts=[{"merchantProductId": product.merchantProductId}],
        eligibleBillingPlans=[shop.reference(plan)],
        cycles=3,
        offerEndDate="2099-01-01T00:00:00Z",
    )

    assert made == shared("Campaign").fetchByCampaignId(campaignId=made.campaignId).campaign
    assert (made.state, made.name, made.description, made.note) == ("Inactive", "Spring", "Half price", "n")
    assert (made.promotionCode, list(made.promotionCodeAliases)) == (code, [alias])
    assert (made.percentageDiscount, made.cycles, made.restrictToNewSubscription) == (D("12.5"), 3, False)
    assert [one.VID for one in made.eligibleProducts] == [product.VID]
    assert [one.merchantBillingPlanId for one in made.eligibleBillingPlans] == [plan.merchantBillingPlanId]
    assert (made.flatAmountDiscount, made.timeGrant, made.maxRedemptions) == (None, None, None)


def test_a_coupon_campaign_has_its_defaults(shared: Client) -> None:
    made = campaigns.create(shared, "Coupon", **campaigns.flat("5"))

    assert (made.flatAmountDiscount.amount, made.flatAmountDiscount.currency) == (D("5.00"), "USD")
    assert (made.maxRedemptions, made.couponCodeQuantity, made.couponCodePrefix) == (1, 1, None)
    assert made.couponCodeRequiresActivation is False


NOTHING = {"percentageDiscount": None}


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("Promotion", {"name": None}, "name"),
        ("Promotion", {"campaignId": None}, "campaignId"),
        ("Promotion", {"campaignType": None}, "campaignType"),
        ("Promotion", {"campaignType": "Undefined"}, "campaignType"),
        ("Promotion", {"percentageDiscount": None}, "exactly one"),
        ("Promotion", campaigns.flat("1") | {"percentageDiscount": "5"}, "exactly one"),
        ("Promotion", {"percentageDiscount": "0"}, "percentageDiscount"),
        ("Promotion", {"percentageDiscount": "100.1"}, "percentageDiscount"),
        ("Promotion", {"percentageDiscount": "0.0000001"}, "percentageDiscount"),
        ("Promotion", campaigns.flat("0"), "flatAmountDiscount.amount"),
        ("Promotion", campaigns.flat("1", "ZZZ"), "flatAmountDiscount.currency"),
        ("Promotion", campaigns.free(0, "Month"), "timeGrant.quantity"),
        ("Promotion", {"timeGrant": {"quantity": 1}}, "timeGrant.type"),
        ("Promotion", campaigns.free(1, "Month") | {"cycles": 2}, "timeGrant"),
        ("Promotion", {"cycles": 0}, "cycles"),
        ("Promotion", {"cycles": 10**30}, "cycles"),
        ("Promotion", {"cycles": 1, "expirationDate": "2099-01-01T00:00:00Z"}, "cycles"),
        ("Promotion", {"promotionCode": None}, "promotionCode"),
        ("Promotion", {"promotionCode": "x" * 256}, "promotionCode"),
        ("Promotion", {"maxRedemptions": 2}, "maxRedemptions"),
        ("Promotion", {"couponCodePrefix": "x"}, "couponCodePrefix"),
        ("Coupon", {"promotionCode": "x"}, "promotionCode"),
        ("Coupon", {"promotionCodeAliases": ["x"]}, "promotionCodeAliases"),
        ("Coupon", {"maxRedemptions": 0}, "maxRedemptions"),
        ("Coupon", {"couponCodeQuantity": 100_001}, "couponCodeQuantity"),
        (
            "Promotion",
            {"offerStartDate": "2030-01-01T00:00:00Z", "offerEndDate": "2030-01-01T00:00:00Z"},
            "offerEndDate",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(
    shared: Client, kind: str, fields: dict[str, Any], said: str
) -> None:
    given = {"name": "n", "campaignId": shop.new_id("campaign"), "campaignType": kind}
    if not fields.keys() & {"flatAmountDiscount", "percentageDiscount", "timeGrant"}:
        given["percentageDiscount"] = "5"
    if kind == "Promotion":
        given["promotionCode"] = shop.new_id("CODE")

    text = refused(shared, "createCampaign", given | fields)

    assert text.startswith("Campaign object is invalid: ")
    assert said in text
    shared("Campaign").expecting(404).fetchByCampaignId(campaignId=given["campaignId"])


def test_ids_codes_aliases_and_prefixes_are_used_once(shared: Client) -> None:
    spring = campaigns.create(shared, promotionCodeAliases=[shop.new_id("ALIAS")])
    coupons = campaigns.create(shared, "Coupon", couponCodePrefix=shop.new_id("PRE"))
    shared("Campaign").cancelCampaign(campaign=shop.reference(spring))
    sound = {"name": "n", "campaignType": "Promotion", "percentageDiscount": "5", "promotionCode": "x"}

    for taken in (spring.promotionCode, spring.promotionCodeAliases[0], coupons.couponCodePrefix):
        text = refused(
            shared, "createCampaign", sound | {"campaignId": shop.new_id("c"), "promotionCode": taken}
        )
        assert f'promotionCode "{taken}" is used by a campaign already.' in text
    text = refused(shared, "createCampaign", sound | {"campaignId": spring.campaignId})
    assert f'campaignId "{spring.campaignId}" has been used before.' in text


def test_an_update_takes_what_may_change_and_the_rest_as_it_is(shared: Client) -> None:
    made = campaigns.create(shared, cycles=3, promotionCodeAliases=[shop.new_id("ALIAS")])
    alias = shop.new_id("OTHER")
    made.name, made.description, made.cycles = "Summer", "Less", 4
    made.promotionCodeAliases, made.state = [alias], "Complete"

    changed = shared("Campaign").updateCampaign(campaign=made).campaign

    assert (changed.name, changed.description, changed.cycles) == ("Summer", "Less", 4)
    assert (list(changed.promotionCodeAliases), changed.state) == ([alias], "Inactive")
    assert shared("Campaign").validateCode(code=alias, activateCodeNow=False).valid is False
    again = shared("Campaign").updateCampaign(campaign=shop.reference(made)).campaign
    assert again == changed


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("campaignId", "another"),
        ("campaignType", "Coupon"),
        ("flatAmountDiscount", {"amount": "1", "currency": "USD"}),
        ("percentageDiscount", "51"),
        ("timeGrant", {"quantity": 1, "type": "Day"}),
        ("restrictToNewSubscription", True),
        ("promotionCode", "another"),
        ("maxRedemptions", 7),
        ("couponCodePrefix", "another"),
        ("expirationDate", "2099-01-01T00:00:00Z"),
    ],
)
def test_what_must_stay_is_named(shared: Client, field: str, value: Any) -> None:
    made = campaigns.create(shared, cycles=3)
    text = refused(shared, "updateCampaign", {"VID": made.VID, field: value})
    assert text == f"Campaign field {field} cannot be changed"


def test_an_active_campaign_is_not_changed(shared: Client) -> None:
    spring = campaigns.promotion(shared)
    text = refused(shared, "updateCampaign", {"VID": spring.VID, "note": "n"})
    assert text == f'Campaign "{spring.campaignId}" cannot be changed in state Active'


def test_two_campaigns_are_not_one(shared: Client) -> None:
    one, other = campaigns.create(shared), campaigns.create(shared)
    text = refused(shared, "activateCampaign", {"VID": one.VID, "campaignId": other.campaignId})
    assert text == "VID and campaignId belong to different objects."
    assert refused(shared, "cancelCampaign", {}) == "Must specify campaign VID or campaignId"


def test_the_clock_begins_and_ends_an_offer(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-15T10:00:00")
    later = {"offerStartDate": "2024-02-01T00:00:00", "offerEndDate": "2024-03-01T00:00:00"}
    spring, never = campaigns.create(client, **later), campaigns.create(client, **later)
    campaigns.activate(client, spring)
    assert state(client, spring) == "Pending"
    text = refused(client, "activateCampaign", shop.reference(spring))
    assert text == f'Campaign "{spring.campaignId}" cannot be activated in state Pending'

    sandbox.set_clock("2024-02-01T00:00:00")
    assert (state(client, spring), state(client, never)) == ("Active", "Inactive")
    assert client("Campaign").validateCode(code=spring.promotionCode, activateCodeNow=False).valid

    sandbox.set_clock("2024-03-01T00:00:01")
    assert (state(client, spring), state(client, never)) == ("Complete", "Inactive")
    for verb in ("activate", "deactivate"):
        text = refused(client, f"{verb}Campaign", shop.reference(spring))
        assert text == f'Campaign "{spring.campaignId}" cannot be {verb}d in state Complete'
    assert "offerEndDate has passed" in refused(client, "activateCampaign", shop.reference(never))
    assert not client("Campaign").validateCode(code=spring.promotionCode, activateCodeNow=False).valid


def test_force_begins_an_offer_at_once(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-15T10:00:00")
    for pending in (True, False):
        spring = campaigns.create(client, offerStartDate="2024-02-01T00:00:00")
        if pending:
            campaigns.activate(client, spring)
        client("Campaign").activateCampaign(campaign=shop.reference(spring), forcePending=True)
        begun = campaigns.fetched(client, spring)
        assert (begun.state, begun.offerStartDate.isoformat()) == ("Active", "2024-01-15T10:00:00-08:00")


def test_a_pending_campaign_whose_start_comes_near_is_active(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-15T10:00:00")
    spring = campaigns.create(client, offerStartDate="2024-02-01T00:00:00")
    campaigns.activate(client, spring)
    changed = client("Campaign").updateCampaign(
        campaign={"VID": spring.VID, "offerStartDate": "2024-01-10T00:00:00"}
    )
    assert changed.campaign.state == "Active"


def test_switching_off_and_on_again_and_off_for_good(shared: Client) -> None:
    spring = campaigns.promotion(shared)
    campaigns.activate(shared, spring)
    for _ in range(2):
        shared("Campaign").deactivateCampaign(campaign=shop.reference(spring))
        assert state(shared, spring) == "Inactive"
    campaigns.activate(shared, spring)
    assert state(shared, spring) == "Active"
    for _ in range(2):
        shared("Campaign").cancelCampaign(campaign=shop.reference(spring))
        assert state(shared, spring) == "Undefined"
    assert "in state Undefined" in refused(shared, "activateCampaign", shop.reference(spring))
    assert "in state Undefined" in refused(shared, "updateCampaign", shop.reference(spring))


def test_a_copy_has_the_terms_and_names_of_its_own(shared: Client) -> None:
    spring = campaigns.promotion(shared, cycles=6, promotionCodeAliases=[shop.new_id("ALIAS")])
    shared("Campaign").cancelCampaign(campaign=shop.reference(spring))
    own_id, series = shop.new_id("copy"), shop.new_id("SERIES")
    copy = (
        shared("Campaign")
        .cloneCampaign(campaign=shop.reference(spring), newCampaignId=own_id, newCampaignSeries=series)
        .campaign
    )

    assert (copy.campaignId, copy.promotionCode, copy.state) == (own_id, series, "Inactive")
    assert (copy.cycles, copy.percentageDiscount, list(copy.promotionCodeAliases)) == (6, D("50"), [])
    taken = {"newCampaignId": shop.new_id("copy"), "newCampaignSeries": spring.promotionCode}
    assert "is used by a campaign already" in refused(
        shared, "cloneCampaign", shop.reference(spring), **taken
    )


def test_a_copy_of_coupons_has_a_prefix_and_no_codes(shared: Client) -> None:
    coupons, _ = campaigns.coupons(shared, couponCodePrefix=shop.new_id("PRE"), maxRedemptions=4)
    series = shop.new_id("SERIES")
    copy = (
        shared("Campaign")
        .cloneCampaign(
            campaign=shop.reference(coupons), newCampaignId=shop.new_id("copy"), newCampaignSeries=series
        )
        .campaign
    )
    assert (copy.couponCodePrefix, copy.maxRedemptions) == (series, 4)
    assert campaigns.codes(shared, copy) == []


def test_campaigns_are_listed_by_age_and_state(client: Client) -> None:
    active, idle, over = campaigns.promotion(client), campaigns.create(client), campaigns.create(client)
    pending = campaigns.create(client, offerStartDate="2098-01-01T00:00:00Z")
    campaigns.activate(client, pending)
    client("Campaign").cancelCampaign(campaign=shop.reference(over))

    def listed(status: str, page: int = 0, size: int = 10) -> list[str]:
        found = client("Campaign").fetchAllCampaigns(status=status, page=page, pageSize=size).campaign
        return [one.VID for one in found]

    everything = [active.VID, idle.VID, over.VID, pending.VID]
    assert listed("MatchAnyState") == everything
    assert listed("MatchAnyState", 1, 3) == everything[3:]
    assert listed("Active") == [active.VID]
    assert listed("Inactive") == [idle.VID]
    assert listed("Pending") == [pending.VID]
    assert listed("Undefined") == [over.VID]
    assert listed("Complete") == []
    client("Campaign").expecting(400).fetchAllCampaigns(status="Active", page=-1, pageSize=10)


def test_sparse_answers(shared: Client, shared_wire: Any) -> None:
    product = shop.product(shared)
    made = campaigns.create(shared, eligibleProducts=[shop.reference(product)], **campaigns.flat("1"))
    description = '{"campaign":{"eligibleProducts":{"status":""},"flatAmountDiscount":["amount"]}}'
    reply = shared_wire.call("Campaign", "fetchByVid", f"<vid>{made.VID}</vid>", srd=description)
    assert set(reply.children("campaign")) == {
        "campaignId",
        "VID",
        "flatAmountDiscount",
        "eligibleProducts",
    }
    assert reply.children("campaign/flatAmountDiscount") == ["amount"]
    assert set(reply.children("campaign/eligibleProducts")) == {"VID", "merchantProductId", "status"}
