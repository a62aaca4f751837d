"""BillingPlan: the seven fetch calls, their paging and their refusals (catalog §1.4, conventions §7)."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from tests.conftest import Client
from tests.servers import Server
from tests.services import shop
from tests.soap_client import Login, envelope

NO_VID = "0" * 40


def vids(answer: Any) -> list[str]:
    return [plan.VID for plan in answer.billingPlans]


def refusal(client: Client, code: int, operation: str, **arguments: Any) -> str:
    answer = getattr(client("BillingPlan").expecting(code), operation)(**arguments)
    text: str = (answer if "returnCode" in answer else answer["return"]).returnString
    return text


def bare(
    server: Server, merchant: Login, operation: str, arguments: str = ""
) -> tuple[str | None, str | None]:
    """Code and text of a call as raw XML, for arguments that zeep insists on."""
    root = etree.fromstring(server.post(envelope(merchant, "BillingPlan", operation, arguments)).body)
    return root.findtext(".//returnCode"), root.findtext(".//returnString")


def test_vid_and_id_find_the_same_plan(client: Client) -> None:
    plan = shop.plan(client)
    by_id = client("BillingPlan").fetchByMerchantBillingPlanId(
        merchantBillingPlanId=plan.merchantBillingPlanId
    )
    assert client("BillingPlan").fetchByVid(vid=plan.VID).billingPlan == by_id.billingPlan == plan


def test_unknown_identifiers_are_404_in_the_observed_words(client: Client) -> None:
    assert refusal(client, 404, "fetchByVid", vid=NO_VID) == f"No BillingPlans found for Vid = {NO_VID}"
    text = refusal(client, 404, "fetchByMerchantBillingPlanId", merchantBillingPlanId="a <b>")
    assert text == "No BillingPlans found for Merchant Billing Plan id  = a <b>"
    text = refusal(client, 404, "fetchByMerchantEntitlementId", merchantEntitlementId="club")
    assert text == "No BillingPlans found for entitlementId club."


@pytest.mark.parametrize(
    ("operation", "argument"),
    [
        ("fetchByVid", "vid"),
        ("fetchByMerchantBillingPlanId", "merchantBillingPlanId"),
        ("fetchByBillingPlanStatus", "status"),
        ("fetchByMerchantEntitlementId", "merchantEntitlementId"),
    ],
)
def test_a_missing_or_empty_argument_is_400(
    server: Server, module_merchant: Login, operation: str, argument: str
) -> None:
    missing = ("400", f"Missing required parameter '{argument}'.")
    assert bare(server, module_merchant, operation) == missing
    assert bare(server, module_merchant, operation, f'<{argument} xmlns=""></{argument}>') == missing


def test_plans_are_found_by_status_and_none_is_no_error(client: Client) -> None:
    assert vids(client("BillingPlan").fetchByBillingPlanStatus(status="Active")) == []
    active, suspended = shop.plan(client), shop.plan(client, status="Suspended")
    also_active = shop.plan(client)
    assert vids(client("BillingPlan").fetchByBillingPlanStatus(status="Active")) == [
        active.VID,
        also_active.VID,
    ]
    assert vids(client("BillingPlan").fetchByBillingPlanStatus(status="Suspended")) == [suspended.VID]


def test_an_unknown_status_is_named(server: Server, merchant: Login) -> None:
    code, text = bare(server, merchant, "fetchByBillingPlanStatus", '<status xmlns="">Gone</status>')
    assert code == "400"
    assert text == (
        'Invalid Arguments - Item "Vindicia::Soap::BillingPlan.status" of type vin:BillingPlanStatus '
        'has invalid value "Gone"!'
    )


def test_pages_are_counted_from_0_and_hold_plans_in_order_of_creation(client: Client) -> None:
    made = [shop.plan(client).VID for _ in range(5)]
    assert vids(client("BillingPlan").fetchAll()) == made
    assert vids(client("BillingPlan").fetchAll(page=0, pageSize=2)) == made[:2]
    assert vids(client("BillingPlan").fetchAll(page=1, pageSize=2)) == made[2:4]
    assert vids(client("BillingPlan").fetchAll(page=2, pageSize=2)) == made[4:]
    assert vids(client("BillingPlan").fetchAll(pageSize=3)) == made[:3]


def test_a_page_past_the_end_is_empty_and_200(client: Client) -> None:
    assert vids(client("BillingPlan").fetchAll()) == []
    shop.plan(client)
    assert vids(client("BillingPlan").fetchAll(page=1, pageSize=1)) == []


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"page": -1}, 'page "-1" must not be negative.'),
        ({"pageSize": 0}, 'pageSize "0" must be greater than 0.'),
        ({"page": 3, "pageSize": -1}, 'pageSize "-1" must be greater than 0.'),
    ],
)
def test_pages_that_make_no_sense_are_400(client: Client, arguments: dict[str, int], text: str) -> None:
    assert refusal(client, 400, "fetchAll", **arguments) == text


def test_plans_that_grant_an_entitlement_are_found_by_it(client: Client) -> None:
    one = shop.plan(client, merchantEntitlementIds=[{"id": "club"}, {"id": "bar"}])
    other = shop.plan(client, merchantEntitlementIds=[{"id": "club"}], status="Suspended")
    shop.plan(client, merchantEntitlementIds=[{"id": "clubs"}])
    found = client("BillingPlan").fetchByMerchantEntitlementId(merchantEntitlementId="club")
    assert vids(found) == [one.VID, other.VID]


@pytest.mark.parametrize("operation", ["fetchAllInSeason", "fetchAllOffSeason"])
def test_plans_by_season_are_not_supported_and_empty(
    server: Server, merchant: Login, client: Client, operation: str
) -> None:
    shop.plan(client, seasonSet={"seasons": [{"startDate": "2000-01-01", "endDate": "2099-12-31"}]})
    assert vids(getattr(client("BillingPlan"), operation)()) == []


def test_another_merchants_plans_do_not_exist(client: Client, module_merchant: Login, server: Server) -> None:
    plan = shop.plan(client)
    assert bare(server, module_merchant, "fetchByVid", f'<vid xmlns="">{plan.VID}</vid>') == (
        "404",
        f"No BillingPlans found for Vid = {plan.VID}",
    )
    change = f'<billingPlan xmlns=""><VID>{plan.VID}</VID><description>x</description></billingPlan>'
    assert bare(server, module_merchant, "update", change)[0] == "404"
