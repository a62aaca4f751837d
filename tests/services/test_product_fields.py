"""Product: every field is stored and returned (catalog §2.1), and what an answer leaves out (conventions §8)."""

from __future__ import annotations

import json
import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.conftest import Client
from tests.services import shop
from tests.services.conftest import MakeToken
from tests.services.records import plain

D = Decimal

END_OF_LIFE = datetime.fromisoformat("2031-05-04T12:30:00-07:00")


def stored(client: Client, product: dict[str, Any]) -> Any:
    """The product as it is found after it was updated."""
    vid = client("Product").update(product=product).product.VID
    return client("Product").fetchByVid(vid=vid).product


def test_every_plain_field_comes_back_as_it_was_sent(client: Client) -> None:
    sent = {
        "merchantProductId": shop.new_id("sku"),
        "descriptions": [
            {"language": "EN", "description": "Daily paper & more"},
            {"language": "de-AT", "description": "Tageszeitung – größer"},
            {"language": "ja", "description": "新聞"},
        ],
        "status": "Suspended",
        "taxClassification": "DM",
        "endOfLifeTimestamp": END_OF_LIFE,
        "nameValues": [{"name": "shelf", "value": "3"}, {"name": "vin:Division", "value": "north"}],
        "merchantEntitlementIds": [{"id": "read", "description": "Read it"}, {"id": "archive"}],
        "billingStatementIdentifier": "PAPER*DAILY",
        "prices": [{"amount": D("9.99"), "currency": "USD"}, {"amount": D("1200"), "currency": "JPY"}],
    }
    answered = client("Product").update(product=sent).product
    found = client("Product").fetchByVid(vid=answered.VID).product
    assert plain(answered) == plain(found)
    assert re.fullmatch("[0-9a-f]{40}", found.VID)
    assert plain(found) == {"VID": found.VID, **sent}


def test_a_new_product_has_the_documented_defaults_and_nothing_else(client: Client) -> None:
    sku = shop.new_id("sku")
    found = stored(client, {"merchantProductId": sku})
    assert plain(found) == {"VID": found.VID, "merchantProductId": sku, "status": "Active"}


def test_a_price_without_currency_is_in_dollars_and_is_shown_with_its_minor_digits(client: Client) -> None:
    found = stored(
        client,
        {
            "merchantProductId": shop.new_id("sku"),
            "prices": [{"amount": "14.9900000000000002131628207280300557613372802734375"}],
        },
    )
    assert [(str(price.amount), price.currency) for price in found.prices] == [("14.99", "USD")]


def test_amounts_are_rounded_half_up_to_the_currency(client: Client) -> None:
    prices = [
        {"amount": "0.005", "currency": "EUR"},
        {"amount": "99.5", "currency": "JPY"},
        {"amount": "1.0005", "currency": "KWD"},
        {"amount": "0", "currency": "GBP"},
    ]
    found = stored(client, {"merchantProductId": shop.new_id("sku"), "prices": prices})
    assert [str(price.amount) for price in found.prices] == ["0.01", "100", "1.001", "0.00"]


def test_the_default_plan_is_returned_in_full(client: Client) -> None:
    plan = shop.plan(client, shop.month("5.00"), description="Default terms", prenotifyDays=3)
    product = shop.product(client, defaultBillingPlan=shop.reference(plan))
    assert plain(product.defaultBillingPlan) == plain(plan)
    fetched = client("Product").fetchByMerchantProductId(merchantProductId=product.merchantProductId).product
    assert plain(fetched.defaultBillingPlan) == plain(plan)


def test_a_rate_plan_sent_along_is_created_and_returned(client: Client) -> None:
    rate_plan = {
        "description": "Calls",
        "merchantRatePlanId": shop.new_id("rate"),
        "multiplyRatedUnitsBy": "HighestApplicableTier",
        "ratedUnit": {"nameSingular": "minute", "namePlural": "minutes"},
        "tier": [
            {
                "ratePrice": [{"amount": D("2.00"), "currency": "USD"}],
                "chargeCustomer": "PerUnit",
                "beginsAtLevel": D(0),
            },
            {
                "name": "bulk",
                "ratePrice": [{"amount": D("1.00"), "currency": "USD"}],
                "chargeCustomer": "FlatFee",
                "beginsAtLevel": D("10.5"),
            },
        ],
        "roundingDecimals": 2,
        "includedUnits": D("5"),
        "minimumFee": [{"amount": D("1.00"), "currency": "USD"}],
        "maximumFee": [{"amount": D("60.00"), "currency": "USD"}],
        "ratePlanModel": "UsageBased",
        "status": "Suspended",
        "nameValues": [{"name": "tariff", "value": "night"}],
    }
    answered = shop.product(client, None, defaultRatePlan=rate_plan)
    found = plain(client("Product").fetchByVid(vid=answered.VID).product.defaultRatePlan)
    assert found.pop("VID")
    assert found.pop("hasEventRecorded") is False
    expected = {**rate_plan, "tier": [{"name": "Tier 1", **rate_plan["tier"][0]}, rate_plan["tier"][1]]}  # type: ignore[index]
    assert found == expected


def test_a_known_rate_plan_is_referred_to_by_its_id(client: Client) -> None:
    own_id = shop.new_id("rate")
    rate_plan = {
        "merchantRatePlanId": own_id,
        "ratedUnit": {"nameSingular": "seat", "namePlural": "seats"},
        "tier": [{"ratePrice": [{"amount": "3.00"}], "beginsAtLevel": 0}],
        "ratePlanModel": "LicenseBased",
    }
    first = shop.product(client, None, defaultRatePlan=rate_plan)
    second = shop.product(client, None, defaultRatePlan={"merchantRatePlanId": own_id})
    third = shop.product(client, None, defaultRatePlan={"VID": first.defaultRatePlan.VID})
    assert plain(second.defaultRatePlan) == plain(first.defaultRatePlan) == plain(third.defaultRatePlan)
    assert first.defaultRatePlan.multiplyRatedUnitsBy == "EachRespectiveTier"
    assert first.defaultRatePlan.tier[0].chargeCustomer == "PerUnit"
    assert first.defaultRatePlan.status == "Active"


def test_credit_of_every_kind_that_a_product_grants_is_returned(
    client: Client, make_token: MakeToken
) -> None:
    coins = make_token("coins")
    credit = {
        "tokenAmounts": [{"token": {"merchantTokenId": coins}, "amount": 25}],
        "timeIntervals": [
            {"months": 1, "days": 3, "nameValues": [{"name": "why", "value": "gift"}], "reason": "Welcome"}
        ],
        "currencyAmounts": [
            {
                "currency": "USD",
                "amount": D("4.50"),
                "nameValues": [{"name": "campaign", "value": "spring"}],
                "sortValue": 7,
                "description": "Bonus",
                "reason": "Thanks",
            }
        ],
    }
    product = shop.product(client, creditGranted=credit)
    found = client("Product").fetchByVid(vid=product.VID).product.creditGranted
    expected = plain(credit)
    expected["tokenAmounts"][0]["token"] |= {
        "VID": found.tokenAmounts[0].token.VID,
        "description": "Coins",
    }
    assert plain(found) == expected


def test_a_price_in_tokens_names_its_token_type(client: Client, make_token: MakeToken) -> None:
    coins, gems = make_token("coins"), make_token("gems")
    prices = [
        {"amount": D("9.99"), "currency": "USD"},
        {"amount": D(200), "currency": "_VT", "token": {"merchantTokenId": coins}},
        {"amount": D(3), "token": {"merchantTokenId": gems}},
    ]
    product = shop.product(client, prices=prices)
    found = client("Product").fetchByVid(vid=product.VID).product.prices
    shown = [
        (str(price.amount), price.currency, price.token and price.token.merchantTokenId) for price in found
    ]
    assert shown == [("9.99", "USD", None), ("200", "_VT", coins), ("3", "_VT", gems)]


def test_a_sparse_answer_holds_what_was_asked_for_and_the_identifiers(client: Client) -> None:
    plan = shop.plan(client)
    product = shop.product(
        client, merchantEntitlementIds=[{"id": "read"}], defaultBillingPlan=shop.reference(plan)
    )
    wanted = json.dumps({"product": {"status": "", "defaultBillingPlan": {"periods": [{"type": ""}]}}})
    found = client("Product").fetchByVid(vid=product.VID, srd=wanted).product
    assert plain(found) == {
        "VID": product.VID,
        "merchantProductId": product.merchantProductId,
        "status": "Active",
        "defaultBillingPlan": {
            "VID": plan.VID,
            "merchantBillingPlanId": plan.merchantBillingPlanId,
            "periods": [{"type": "Month"}],
        },
    }


def test_an_empty_sparse_description_leaves_the_identifiers_alone(client: Client) -> None:
    sku = shop.new_id("sku")
    answer = client("Product").update(srd="{}", product={"merchantProductId": sku, "taxClassification": "DM"})
    assert answer.created is True
    assert plain(answer.product) == {"VID": answer.product.VID, "merchantProductId": sku}
    found = client("Product").fetchByMerchantProductId(srd='{"product":{}}', merchantProductId=sku).product
    assert plain(found) == plain(answer.product)
    assert client("Product").fetchByVid(vid=found.VID).product.taxClassification == "DM"


def test_a_sparse_description_applies_to_each_product_of_a_list(client: Client) -> None:
    made = [shop.product(client) for _ in range(2)]
    found = client("Product").fetchAll(srd='{"products":["prices"]}').products
    assert [plain(one) for one in found] == [
        {
            "VID": one.VID,
            "merchantProductId": one.merchantProductId,
            "prices": [{"amount": D("10.00"), "currency": "USD"}],
        }
        for one in made
    ]


def test_a_description_that_is_no_json_refuses_the_call_before_it_has_an_effect(client: Client) -> None:
    sku = shop.new_id("sku")
    answer = client("Product").expecting(400).update(srd="product", product={"merchantProductId": sku})
    assert answer["return"].returnString.startswith("Invalid sparse response description: ")
    client("Product").expecting(400).fetchByMerchantProductId(merchantProductId=sku)
