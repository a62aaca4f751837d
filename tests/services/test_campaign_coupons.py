"""Coupon codes: made in numbers, handed out, tried, activated, taken out of use (campaign §3, §6.7 – §6.11)."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.conftest import Client
from tests.servers import Server
from tests.services import campaigns, shop
from tests.services.sandbox import Sandbox


def states(client: Client, campaign: Any) -> list[str]:
    return [code.state for code in campaigns.codes(client, campaign)]


def generate(client: Client, campaign: Any, code: int = 200, **flag: bool) -> str:
    answer = client("Campaign").expecting(code).generateCouponCodes(campaign=shop.reference(campaign), **flag)
    return shop.text(answer)


def is_valid(client: Client, code: str, *, now: bool = False) -> bool:
    valid: bool = client("Campaign").validateCode(code=code, activateCodeNow=now).valid
    return valid


def why_not(client: Client, code: str, expected: int = 400) -> str:
    return shop.text(client("Campaign").expecting(expected).activateCode(code=code))


def test_codes_are_numbered_random_and_carry_their_prefix(shared: Client) -> None:
    prefix = shop.new_id("Pre")
    made = campaigns.create(
        shared, "Coupon", couponCodeQuantity=50, couponCodePrefix=prefix, couponCodeSeparator="-"
    )
    generate(shared, made)

    codes = campaigns.codes(shared, made)

    assert [code.sequence for code in codes] == list(range(1, 51))
    assert len({code.code for code in codes}) == len({code.VID for code in codes}) == 50
    pattern = re.escape(prefix) + "-[A-HJ-NP-Z2-9]{16}"
    assert all(re.fullmatch(pattern, code.code) for code in codes)
    assert {code.campaignId for code in codes} == {made.campaignId}


def test_the_log_tells_how_far_a_generation_is(shared: Client, server: Server) -> None:
    made = campaigns.create(shared, "Coupon", couponCodeQuantity=3)

    generate(shared, made)

    events = [json.loads(line) for line in server.log.read_text().splitlines() if "coupon codes made" in line]
    assert [(one["made"], one["wanted"]) for one in events if one["campaign"] == made.VID] == [(3, 3)]


def test_a_code_goes_through_its_states(shared: Client) -> None:
    made = campaigns.create(shared, "Coupon", couponCodeQuantity=2)
    generate(shared, made)
    assert states(shared, made) == ["Retrieved", "Retrieved"]
    code = campaigns.codes(shared, made)[0].code
    assert not is_valid(shared, code)
    assert why_not(shared, code) == f'Campaign "{made.campaignId}" is not active'

    campaigns.activate(shared, made)
    assert states(shared, made) == ["Activated", "Activated"]
    assert is_valid(shared, code)
    shared("Campaign").activateCode(code=code)

    shared("Campaign").deactivateCampaign(campaign=shop.reference(made))
    assert states(shared, made) == ["Activated", "Activated"]
    assert not is_valid(shared, code)

    campaigns.activate(shared, made)
    for _ in range(2):
        shared("Campaign").markAllCouponsUsed(campaign=shop.reference(made))
        assert states(shared, made) == ["Marked Used", "Marked Used"]
    assert why_not(shared, code) == f'Coupon code "{code}" is no longer valid'
    assert not is_valid(shared, code)


def test_codes_that_need_it_are_activated_one_by_one(shared: Client) -> None:
    made, (first, second, third) = campaigns.coupons(shared, 3, couponCodeRequiresActivation=True)
    assert states(shared, made) == ["Not Yet Activated"] * 3
    assert not is_valid(shared, first)
    assert states(shared, made)[0] == "Not Yet Activated"

    assert is_valid(shared, first, now=True)
    shared("Campaign").activateCode(code=f" {second.lower()} ")

    assert states(shared, made) == ["Activated", "Activated", "Not Yet Activated"]
    shared("Campaign").deactivateCampaign(campaign=shop.reference(made))
    assert not is_valid(shared, third, now=True)
    assert why_not(shared, third) == f'Campaign "{made.campaignId}" is not active'


def test_the_random_part_ignores_case_and_the_prefix_does_not(shared: Client) -> None:
    prefix = shop.new_id("Pre")
    _, (code,) = campaigns.coupons(shared, couponCodePrefix=prefix)
    assert is_valid(shared, prefix + code[len(prefix) :].lower())
    assert not is_valid(shared, code.lower())


def test_a_new_set_takes_the_place_of_the_old_one_only_when_told(shared: Client) -> None:
    made, (old,) = campaigns.coupons(shared)
    assert "has coupon codes already" in generate(shared, made, 400)
    assert "has coupon codes already" in generate(shared, made, 400, invalidateAnyExistingCodes=False)

    generate(shared, made, invalidateAnyExistingCodes=True)

    (new,) = campaigns.codes(shared, made)
    assert (new.sequence, new.state) == (2, "Activated")
    assert why_not(shared, old) == f'Coupon code "{old}" is no longer valid'
    assert is_valid(shared, new.code)


def test_what_was_marked_used_stays_so_when_a_new_set_is_made_and_marked(shared: Client) -> None:
    made, _ = campaigns.coupons(shared)
    shared("Campaign").markAllCouponsUsed(campaign=shop.reference(made))
    generate(shared, made, invalidateAnyExistingCodes=True)
    assert states(shared, made) == ["Marked Used", "Activated"]
    shared("Campaign").markAllCouponsUsed(campaign=shop.reference(made))
    assert states(shared, made) == ["Marked Used", "Marked Used"]


def test_codes_of_a_cancelled_campaign_are_worth_nothing(shared: Client) -> None:
    made, (code,) = campaigns.coupons(shared)
    shared("Campaign").cancelCampaign(campaign=shop.reference(made))
    assert campaigns.codes(shared, made) == []
    assert why_not(shared, code) == f'Campaign "{made.campaignId}" is not active'
    assert "in state Undefined" in generate(shared, made, 400, invalidateAnyExistingCodes=True)
    used = shared("Campaign").expecting(400).markAllCouponsUsed(campaign=shop.reference(made))
    assert "in state Undefined" in shop.text(used)


def test_codes_expire_with_the_offer(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-15T10:00:00")
    made, (code,) = campaigns.coupons(client, offerEndDate="2024-02-01T00:00:00")
    sandbox.set_clock("2024-02-02T00:00:00")
    assert states(client, made) == ["Expired"]
    assert why_not(client, code) == f'Campaign "{made.campaignId}" is not currently being offered'
    client("Campaign").markAllCouponsUsed(campaign=shop.reference(made))
    client("Campaign").cancelCampaign(campaign=shop.reference(made))
    assert states(client, made) == ["Expired"]


def test_pages_of_codes(shared: Client) -> None:
    made, codes = campaigns.coupons(shared, 7)
    assert [code.code for code in campaigns.codes(shared, made, 2, 3)] == codes[6:]
    assert campaigns.codes(shared, made, 3, 3) == []
    asked = shared("Campaign").expecting(400).retrieveCouponCodes
    asked(campaign=shop.reference(made), page=0, pageSize=0)


def test_promotions_have_no_coupons_and_their_codes_need_no_activation(shared: Client) -> None:
    spring = campaigns.promotion(shared)
    assert "is not a Coupon campaign" in generate(shared, spring, 400)
    assert "needs no activation" in why_not(shared, spring.promotionCode)
    assert is_valid(shared, spring.promotionCode, now=True)
    assert not is_valid(shared, spring.promotionCode.lower())
    assert why_not(shared, "none", 404) == 'Campaign code "none" does not exist'
    assert not is_valid(shared, "none")


def test_an_empty_code_is_missing(shared_wire: Any) -> None:
    reply = shared_wire.call("Campaign", "validateCode", "<code> </code>")
    assert (reply.code, reply.text) == (400, "Missing required parameter 'code'.")
    assert reply.value("valid") == "0"


def test_more_codes_than_a_batch(client: Client, sandbox: Sandbox) -> None:
    made, _ = campaigns.coupons(client, 25_001)
    last = campaigns.codes(client, made, 2, 10_000)
    assert [code.sequence for code in last] == list(range(20_001, 25_002))
    assert is_valid(client, last[-1].code)
    sandbox.settings(maxCouponCodes=10)
    sound = {"name": "n", "campaignId": "c", "campaignType": "Coupon", "percentageDiscount": "5"}
    answer = client("Campaign").expecting(400).createCampaign(campaign=sound | {"couponCodeQuantity": 11})
    assert "couponCodeQuantity" in shop.text(answer)
