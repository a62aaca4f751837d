"""BillingPlan: every field is stored and returned (catalog §1.1 – §1.3), and what an answer leaves out."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from tests.conftest import Client
from tests.servers import Server
from tests.services import shop
from tests.services.conftest import MakeToken
from tests.services.records import plain
from tests.soap_client import Login, envelope

D = Decimal
END_OF_LIFE = datetime.fromisoformat("2031-05-04T12:30:00-07:00")


def stored(client: Client, plan: dict[str, Any]) -> Any:
    """The plan as it is found after it was updated."""
    answer = client("BillingPlan").update(billingPlan=plan)
    found = client("BillingPlan").fetchByVid(vid=answer.billingPlan.VID).billingPlan
    assert found == answer.billingPlan
    return found


def test_every_field_comes_back_as_it_was_sent(client: Client) -> None:
    sent = {
        "merchantBillingPlanId": shop.new_id("plan"),
        "description": "Trial, then monthly – größer",
        "status": "Suspended",
        "taxClassification": "DM",
        "periods": [
            {
                "type": "Day",
                "quantity": 14,
                "cycles": 1,
                "expireWarningDays": 3,
                "doNotNotifyFirstBill": True,
                "free": True,
            },
            {
                "type": "Month",
                "quantity": 1,
                "cycles": 12,
                "prices": [
                    {"amount": D("10.00"), "currency": "USD", "priceListName": "list"},
                    {"amount": D("8.00"), "currency": "USD", "priceListName": "member"},
                    {"amount": D("9"), "currency": "JPY"},
                ],
                "doNotNotifyFirstBill": False,
                "free": False,
            },
        ],
        "prenotifyDays": 5,
        "endOfLifeTimestamp": END_OF_LIFE,
        "nameValues": [{"name": "vin:GraceDays", "value": "10"}, {"name": "shelf", "value": "3"}],
        "merchantEntitlementIds": [{"id": "club", "description": "Club house"}, {"id": "bar"}],
        "billingStatementIdentifier": "PLAN*TEXT",
        "timesToRun": "3",
        "entitlementsValidFor": "6 months",
        "repeatEvery": "1 year",
        "daysBeforeSeasonToBill": 10,
        "daysEntitledBeforeSeason": 4,
        "daysEntitledAfterSeason": 6,
        "entitledOffSeason": True,
        "skipInitialFreeWhenRepeating": False,
    }
    found = stored(client, sent)
    assert re.fullmatch("[0-9a-f]{40}", found.VID)
    assert plain(found) == {"VID": found.VID, **sent}


def test_a_fresh_simple_plan_is_returned_with_the_observed_values(
    client: Client, server: Server, merchant: Login
) -> None:
    plan_id = shop.new_id("plan")
    body = (
        f'<billingPlan xmlns=""><merchantBillingPlanId>{plan_id}</merchantBillingPlanId><status>Active</status>'
        "<taxClassification>TaxExempt</taxClassification><periods><type>Month</type><quantity>1</quantity>"
        "</periods></billingPlan>"
    )
    answer = etree.fromstring(server.post(envelope(merchant, "BillingPlan", "update", body)).body)
    plan = answer.find(".//billingPlan")
    assert plan is not None
    assert [(part.tag, part.text) for part in plan if part.tag not in ("VID", "periods")] == [
        ("merchantBillingPlanId", plan_id),
        ("status", "Active"),
        ("taxClassification", "TaxExempt"),
        ("timesToRun", "1"),
        ("daysBeforeSeasonToBill", "0"),
        ("daysEntitledBeforeSeason", "0"),
        ("daysEntitledAfterSeason", "0"),
        ("skipInitialFreeWhenRepeating", "1"),
    ]
    assert [(part.tag, part.text) for part in plan.iterfind("periods/*")] == [
        ("type", "Month"),
        ("quantity", "1"),
        ("cycles", "0"),
        ("doNotNotifyFirstBill", "0"),
        ("free", "0"),
    ]


def test_without_an_id_the_vid_becomes_the_id(client: Client) -> None:
    found = stored(client, {"periods": [shop.month()]})
    assert found.merchantBillingPlanId == found.VID


def test_price_and_quantity_have_defaults(client: Client) -> None:
    found = stored(client, {"periods": [{"type": "Week", "prices": [{"amount": "2.345"}]}]})
    period = found.periods[0]
    assert (period.quantity, period.cycles, period.free, period.expireWarningDays) == (1, 0, False, None)
    assert [(str(price.amount), price.currency) for price in period.prices] == [("2.35", "USD")]


def test_entitled_off_season_is_absent_until_it_is_set(client: Client) -> None:
    plan = shop.plan(client)
    assert plan.entitledOffSeason is None
    changed = client("BillingPlan").update(billingPlan={"VID": plan.VID, "entitledOffSeason": False})
    assert changed.billingPlan.entitledOffSeason is False


@pytest.mark.parametrize(
    ("given", "answered"),
    [("1", "1"), ("007", "7"), ("unlimited", "unlimited"), ("Unlimited", "unlimited"), ("1000", "1000")],
)
def test_times_to_run_is_a_number_or_unlimited(client: Client, given: str, answered: str) -> None:
    assert shop.plan(client, timesToRun=given).timesToRun == answered


@pytest.mark.parametrize(
    ("given", "answered"),
    [
        ("6 months", "6 months"),
        ("1 YEAR", "1 YEAR"),
        ("forever", "forever"),
        ("Forever", "forever"),
        ("", None),
    ],
)
def test_entitlements_are_valid_for_an_interval_or_forever(
    client: Client, given: str, answered: str | None
) -> None:
    assert shop.plan(client, entitlementsValidFor=given).entitlementsValidFor == answered


def test_a_season_set_sent_along_is_created_and_returned(client: Client) -> None:
    seasons = [
        {"description": "Summer", "startDate": date(2024, 6, 1), "endDate": date(2024, 8, 31)},
        {"startDate": date(2025, 6, 1), "endDate": date(2025, 6, 1)},
    ]
    season_set = {
        "merchantSeasonSetId": shop.new_id("seasons"),
        "seasons": seasons,
        "nameValues": [{"name": "a", "value": "1"}],
    }
    plan = shop.plan(client, seasonSet=season_set)
    found = client("BillingPlan").fetchByVid(vid=plan.VID).billingPlan.seasonSet
    assert plain(found) == {"VID": found.VID, **season_set}


def test_a_known_season_set_is_referred_to_and_changed_by_what_is_sent_with_it(client: Client) -> None:
    own_id = shop.new_id("seasons")
    season = {"startDate": date(2024, 6, 1), "endDate": date(2024, 8, 31)}
    first = shop.plan(client, seasonSet={"merchantSeasonSetId": own_id, "seasons": [season]})
    second = shop.plan(client, seasonSet={"merchantSeasonSetId": own_id})
    assert second.seasonSet == first.seasonSet
    later = {"startDate": date(2025, 6, 1), "endDate": date(2025, 8, 31)}
    changed = {"VID": first.seasonSet.VID, "seasons": [season, later]}
    client("BillingPlan").update(billingPlan={"VID": second.VID, "seasonSet": changed})
    found = client("BillingPlan").fetchByVid(vid=first.VID).billingPlan
    assert [one.startDate for one in found.seasonSet.seasons] == [date(2024, 6, 1), date(2025, 6, 1)]


def test_a_price_in_tokens_is_returned_beside_the_one_in_money(client: Client, make_token: MakeToken) -> None:
    coins, gems = make_token("coins"), make_token("gems")
    prices = [
        {
            "amount": D("10.00"),
            "currency": "USD",
            "tokenAmount": {"token": {"merchantTokenId": coins}, "amount": 100},
        },
        {"currency": "EUR", "tokenAmount": {"token": {"merchantTokenId": gems}, "amount": 3}},
    ]
    period = stored(client, {"periods": [shop.month(prices=prices)]}).periods[0]
    shown = [
        (price.amount, price.currency, price.tokenAmount.token.merchantTokenId, price.tokenAmount.amount)
        for price in period.prices
    ]
    assert shown == [(D("10.00"), "USD", coins, 100), (None, "EUR", gems, 3)]


def test_a_sparse_answer_holds_what_was_asked_for_and_the_identifiers(client: Client) -> None:
    plan = shop.plan(client, shop.month("5.00"), taxClassification="DM")
    wanted = json.dumps({"billingPlan": ["description", {"periods": ["prices"]}]})
    found = client("BillingPlan").fetchByVid(vid=plan.VID, srd=wanted).billingPlan
    assert plain(found) == {
        "VID": plan.VID,
        "merchantBillingPlanId": plan.merchantBillingPlanId,
        "description": "Monthly",
        "periods": [{"prices": [{"amount": D("5.00"), "currency": "USD"}]}],
    }


def test_a_sparse_description_without_parts_is_one_of_every_object(client: Client) -> None:
    plans = [shop.plan(client), shop.plan(client, status="Suspended")]
    found = client("BillingPlan").fetchAll(srd='{"status":""}').billingPlans
    assert [plain(one) for one in found] == [
        {"VID": one.VID, "merchantBillingPlanId": one.merchantBillingPlanId, "status": one.status}
        for one in plans
    ]
