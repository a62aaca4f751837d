"""BillingPlan.update: what is created, changed, kept, refused (catalog §1, conventions §4, §5.3)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from tests.conftest import Client
from tests.servers import Server
from tests.services import shop
from tests.soap_client import Login, envelope

D = Decimal
FIELDS = """
    merchantBillingPlanId description status taxClassification periods prenotifyDays endOfLifeTimestamp nameValues
    merchantEntitlementIds billingStatementIdentifier timesToRun entitlementsValidFor repeatEvery seasonSet
    daysBeforeSeasonToBill entitledOffSeason skipInitialFreeWhenRepeating
"""


def refused(client: Client, code: int, plan: dict[str, Any]) -> str:
    """The text with which the update is refused; a refusal still says that nothing was created."""
    answer = client("BillingPlan").expecting(code).update(billingPlan=plan)
    assert answer.created is False
    assert answer.billingPlan is None
    text: str = answer["return"].returnString
    return text


def fetched(client: Client, plan: Any) -> Any:
    return client("BillingPlan").fetchByVid(vid=plan.VID).billingPlan


def post(server: Server, merchant: Login, plan: str) -> tuple[str | None, str | None]:
    """BillingPlan.update as raw XML, for what zeep does not send; code and text."""
    body = f'<billingPlan xmlns="">{plan}</billingPlan>'
    root = etree.fromstring(server.post(envelope(merchant, "BillingPlan", "update", body)).body)
    return root.findtext(".//returnCode"), root.findtext(".//returnString")


def test_an_unknown_id_creates_and_a_known_one_changes(client: Client) -> None:
    plan = {"merchantBillingPlanId": shop.new_id("plan"), "periods": [shop.month("5.00")]}
    first = client("BillingPlan").update(billingPlan=plan)
    second = client("BillingPlan").update(billingPlan=plan | {"description": "Renamed"})
    assert (first.created, second.created) == (True, False)
    assert second.billingPlan.VID == first.billingPlan.VID
    assert fetched(client, first.billingPlan).description == "Renamed"


def test_the_vid_alone_names_what_is_changed(client: Client) -> None:
    plan = shop.plan(client)
    answer = client("BillingPlan").update(billingPlan={"VID": plan.VID, "prenotifyDays": 3})
    assert (answer.created, answer.billingPlan.merchantBillingPlanId) == (False, plan.merchantBillingPlanId)
    assert answer.billingPlan.prenotifyDays == 3


def test_an_id_nobody_uses_renames_the_plan_that_the_vid_names(client: Client) -> None:
    plan, plan_id = shop.plan(client), shop.new_id("plan")
    answer = client("BillingPlan").update(billingPlan={"VID": plan.VID, "merchantBillingPlanId": plan_id})
    assert (answer.created, answer.billingPlan.merchantBillingPlanId) == (False, plan_id)
    client("BillingPlan").expecting(404).fetchByMerchantBillingPlanId(
        merchantBillingPlanId=plan.merchantBillingPlanId
    )


def test_vid_and_id_of_two_plans_are_refused(client: Client) -> None:
    one, other = shop.plan(client), shop.plan(client)
    text = refused(client, 400, {"VID": one.VID, "merchantBillingPlanId": other.merchantBillingPlanId})
    assert text == "Unable to update BillingPlan: VID and merchantBillingPlanId belong to different objects."


def test_an_unknown_vid_never_creates(client: Client) -> None:
    plan_id, vid = shop.new_id("plan"), "0" * 40
    given = {"VID": vid, "merchantBillingPlanId": plan_id, "periods": [shop.month()]}
    assert refused(client, 404, given) == f"No BillingPlans found for Vid = {vid}"
    client("BillingPlan").expecting(404).fetchByMerchantBillingPlanId(merchantBillingPlanId=plan_id)


def test_what_is_absent_stays_as_it_is(client: Client) -> None:
    plan = shop.plan(
        client,
        shop.month("5.00", cycles=3),
        shop.month("8.00"),
        taxClassification="DM",
        prenotifyDays=4,
        timesToRun="2",
        repeatEvery="1 year",
        entitlementsValidFor="forever",
        merchantEntitlementIds=[{"id": "club"}],
        nameValues=[{"name": "a", "value": "1"}],
        seasonSet={"seasons": [{"startDate": date(2024, 6, 1), "endDate": date(2024, 8, 31)}]},
        daysBeforeSeasonToBill=2,
        entitledOffSeason=True,
        skipInitialFreeWhenRepeating=False,
    )
    client("BillingPlan").update(billingPlan={"VID": plan.VID, "description": "Renamed"})
    found = fetched(client, plan)
    assert found.description == "Renamed"
    found.description = plan.description
    assert found == plan


def test_empty_text_clears_and_other_empty_elements_change_nothing(
    client: Client, server: Server, merchant: Login
) -> None:
    plan = shop.plan(
        client,
        shop.month("5.00"),
        taxClassification="DM",
        billingStatementIdentifier="PLAN",
        entitlementsValidFor="6 months",
        repeatEvery="1 year",
        prenotifyDays=4,
        timesToRun="unlimited",
        status="Suspended",
        endOfLifeTimestamp="2031-05-04T12:30:00Z",
        entitledOffSeason=True,
    )
    empty = "".join(f"<{name}></{name}>" for name in FIELDS.split())
    assert post(server, merchant, f"<VID>{plan.VID}</VID>{empty}") == ("200", "OK")
    found = fetched(client, plan)
    for cleared in ("description", "taxClassification", "billingStatementIdentifier", "entitlementsValidFor"):
        assert found[cleared] is None
        found[cleared] = plan[cleared]
    assert found.repeatEvery is None
    found.repeatEvery = plan.repeatEvery
    assert found == plan


def test_lists_are_replaced_as_a_whole(client: Client) -> None:
    plan = shop.plan(
        client,
        shop.month("5.00", cycles=3),
        shop.month("8.00"),
        merchantEntitlementIds=[{"id": "club"}, {"id": "bar"}],
    )
    changed = {
        "VID": plan.VID,
        "periods": [{"type": "Year", "cycles": 1}],
        "merchantEntitlementIds": [{"id": "bar"}],
    }
    client("BillingPlan").update(billingPlan=changed)
    found = fetched(client, plan)
    assert [(period.type, period.cycles, period.prices) for period in found.periods] == [("Year", 1, [])]
    assert [entry.id for entry in found.merchantEntitlementIds] == ["bar"]


def test_name_values_are_merged_by_name(client: Client) -> None:
    plan = shop.plan(client, nameValues=[{"name": "a", "value": "1"}, {"name": "b", "value": "2"}])
    given = [{"name": "c", "value": "3"}, {"name": "a", "value": ""}, {"name": "b", "value": "two"}]
    client("BillingPlan").update(billingPlan={"VID": plan.VID, "nameValues": given})
    assert [(pair.name, pair.value) for pair in fetched(client, plan).nameValues] == [
        ("b", "two"),
        ("c", "3"),
    ]


def test_a_plan_that_was_fetched_can_be_sent_back_unchanged(client: Client) -> None:
    plan = shop.plan(
        client,
        shop.month("5.00", cycles=3, free=True, expireWarningDays=2),
        shop.month("8.00"),
        seasonSet={"seasons": [{"startDate": date(2024, 6, 1), "endDate": date(2024, 8, 31)}]},
        nameValues=[{"name": "a", "value": "1"}],
    )
    answer = client("BillingPlan").update(billingPlan=fetched(client, plan))
    assert (answer.created, answer.billingPlan) == (False, plan)


def test_the_id_is_trimmed_and_254_more_characters_are_taken(client: Client) -> None:
    plan_id = (shop.new_id("plan") + "-" * 255)[:255]
    plan = shop.plan(client, merchantBillingPlanId=f" {plan_id}\n")
    assert plan.merchantBillingPlanId == plan_id


NO_PERIOD = "Unable to create BillingPlan without a Billing Period "
BAD_TYPE = (
    "Unable to load BillingPlanPeriod: Error: For this billing plan, the billing period type {} is not valid"
)
LONG = "x" * 256


def periods(**fields: Any) -> dict[str, Any]:
    return {"periods": [shop.month() | fields]}


def priced(*prices: dict[str, Any]) -> dict[str, Any]:
    return periods(prices=list(prices))


REFUSALS = [
    pytest.param({"periods": []}, NO_PERIOD, id="no period"),
    pytest.param(
        {"merchantBillingPlanId": "a/b"}, 'merchantBillingPlanId "a/b" must not contain a slash.', id="slash"
    ),
    pytest.param(
        {"merchantBillingPlanId": LONG},
        f'merchantBillingPlanId "{"x" * 40}…" is longer than 255 characters.',
        id="long id",
    ),
    pytest.param(
        {"description": "x" * 2049},
        f'description "{"x" * 40}…" is longer than 2048 characters.',
        id="long description",
    ),
    pytest.param(periods(quantity=0), 'periods.quantity "0" is not between 1 and 5000.', id="quantity 0"),
    pytest.param(periods(quantity=-1), 'periods.quantity "-1" is not between 1 and 5000.', id="quantity -1"),
    pytest.param(periods(cycles=-1), 'periods.cycles "-1" is not between 0 and 100000.', id="cycles -1"),
    pytest.param(
        {"periods": [shop.month(), shop.month()]},
        'periods.cycles "0" is only allowed in the last Billing Period.',
        id="endless period before the last",
    ),
    pytest.param(
        periods(expireWarningDays=-1),
        'periods.expireWarningDays "-1" must not be negative.',
        id="warning days",
    ),
    pytest.param(
        priced({"amount": "-0.01"}),
        'periods.prices.amount "-0.01" must not be negative.',
        id="negative price",
    ),
    pytest.param(
        priced({"amount": "1", "currency": "XXQ"}),
        'periods.prices.currency "XXQ" is not a currency.',
        id="unknown currency",
    ),
    pytest.param(
        priced({"amount": "1"}, {"amount": "2", "currency": "USD"}),
        'periods.prices.currency "USD" has two prices of the same name.',
        id="two prices",
    ),
    pytest.param(
        priced({"amount": "1", "priceListName": LONG}),
        f'periods.prices.priceListName "{"x" * 40}…" is longer than 255 characters.',
        id="long price list",
    ),
    pytest.param(
        priced({"tokenAmount": {"token": {}, "amount": 3}}),
        "Missing required parameter 'periods.prices.tokenAmount.token'.",
        id="tokens of no type",
    ),
    pytest.param({"timesToRun": "0"}, 'timesToRun "0" is not between 1 and 1000.', id="runs 0 times"),
    pytest.param(
        {"timesToRun": "-1"},
        'timesToRun "-1" is neither a positive number nor unlimited.',
        id="runs -1 times",
    ),
    pytest.param(
        {"timesToRun": "often"},
        'timesToRun "often" is neither a positive number nor unlimited.',
        id="runs often",
    ),
    pytest.param({"prenotifyDays": -1}, 'prenotifyDays "-1" is not between 0 and 3660.', id="prenotify days"),
    pytest.param(
        {"daysEntitledAfterSeason": -2},
        'daysEntitledAfterSeason "-2" is not between 0 and 3660.',
        id="days after season",
    ),
    pytest.param(
        {"nameValues": [{"name": LONG, "value": "1"}]},
        f'nameValues.name "{"x" * 40}…" is longer than 255 characters.',
        id="long name",
    ),
    pytest.param(
        {"merchantEntitlementIds": [{"id": ""}]},
        "Missing required parameter 'merchantEntitlementIds.id'.",
        id="entitlement without id",
    ),
    pytest.param(
        {"seasonSet": {"seasons": [{"startDate": date(2024, 6, 1)}]}},
        "Missing required parameter 'seasons.endDate'.",
        id="season without end",
    ),
    pytest.param(
        {"seasonSet": {"seasons": [{"startDate": date(2024, 6, 2), "endDate": date(2024, 6, 1)}]}},
        'seasons.endDate "2024-06-01" lies before the season\'s startDate.',
        id="season ends before it begins",
    ),
    pytest.param(
        {
            "seasonSet": {
                "seasons": [
                    {"startDate": date(2024, 6, 1), "endDate": date(2024, 6, 30)},
                    {"startDate": date(2024, 6, 30), "endDate": date(2024, 7, 1)},
                ]
            }
        },
        'seasons.startDate "2024-06-30" does not lie after the season before it.',
        id="seasons overlap",
    ),
    pytest.param(
        {
            "seasonSet": {
                "seasons": [
                    {"description": "x" * 2049, "startDate": date(2024, 6, 1), "endDate": date(2024, 6, 2)}
                ]
            }
        },
        f'seasons.description "{"x" * 40}…" is longer than 2048 characters.',
        id="long season",
    ),
]


@pytest.mark.parametrize(("fields", "detail"), REFUSALS)
def test_what_breaks_a_rule_is_refused_and_leaves_no_trace(
    shared_client: Client, fields: dict[str, Any], detail: str
) -> None:
    plan = {"merchantBillingPlanId": shop.new_id("plan"), "periods": [shop.month()]} | fields
    assert refused(shared_client, 400, plan) == f"Unable to update BillingPlan: {detail}"
    assert shared_client("BillingPlan").fetchAll().billingPlans == []


@pytest.mark.parametrize(
    "interval", ["month", "0 months", "-1 month", "1 fortnight", "2 seasons", "1.5 years"]
)
@pytest.mark.parametrize("field", ["repeatEvery", "entitlementsValidFor"])
def test_what_is_no_interval_is_refused(shared_client: Client, field: str, interval: str) -> None:
    plan = {"merchantBillingPlanId": shop.new_id("plan"), "periods": [shop.month()], field: interval}
    assert refused(shared_client, 400, plan).startswith(
        f'Unable to update BillingPlan: {field} "{interval}" '
    )


@pytest.mark.parametrize("type_", ["Hour", "month", "MONTH", "Months", ""])
def test_a_wrong_period_type_is_named_by_the_plans_own_check(
    server: Server, module_merchant: Login, type_: str
) -> None:
    plan = f"<merchantBillingPlanId>p</merchantBillingPlanId><periods><type>{type_}</type><cycles>1</cycles></periods>"
    named = f"Unable to update BillingPlan: {BAD_TYPE.format(type_)}"
    assert post(server, module_merchant, plan) == ("400", named)


def test_a_period_needs_a_type_also_on_a_change(client: Client, server: Server, merchant: Login) -> None:
    plan = shop.plan(client)
    given = f"<VID>{plan.VID}</VID><periods><cycles>1</cycles></periods>"
    assert post(server, merchant, given) == ("400", f"Unable to update BillingPlan: {BAD_TYPE.format('')}")
    assert fetched(client, plan) == plan


NOT_FOUND = [
    pytest.param({"seasonSet": {"VID": "0" * 40}}, f'No match found for VID "{"0" * 40}"', id="season set"),
    pytest.param(
        {"seasonSet": {"merchantSeasonSetId": "none"}},
        'No match found for merchantSeasonSetId "none"',
        id="season set by id",
    ),
    pytest.param(
        priced({"tokenAmount": {"token": {"merchantTokenId": "none"}, "amount": 3}}),
        'No match found for merchantTokenId "none"',
        id="token",
    ),
]


@pytest.mark.parametrize(("fields", "detail"), NOT_FOUND)
def test_a_reference_to_nothing_is_not_found(
    shared_client: Client, fields: dict[str, Any], detail: str
) -> None:
    plan = {"merchantBillingPlanId": shop.new_id("plan"), "periods": [shop.month()]} | fields
    assert refused(shared_client, 404, plan) == f"Unable to update BillingPlan: {detail}"
    assert shared_client("BillingPlan").fetchAll().billingPlans == []


def test_ids_of_two_season_sets_are_refused(client: Client) -> None:
    season = {"startDate": date(2024, 6, 1), "endDate": date(2024, 8, 31)}
    made = [
        shop.plan(client, seasonSet={"merchantSeasonSetId": shop.new_id("s"), "seasons": [season]}).seasonSet
        for _ in range(2)
    ]
    mixed = {"VID": made[0].VID, "merchantSeasonSetId": made[1].merchantSeasonSetId}
    text = refused(client, 400, {"periods": [shop.month()], "seasonSet": mixed})
    assert text == "Unable to update BillingPlan: VID and merchantSeasonSetId belong to different objects."


def test_a_call_without_plan_is_refused(server: Server, merchant: Login) -> None:
    answer = etree.fromstring(server.post(envelope(merchant, "BillingPlan", "update", "")).body)
    assert [answer.findtext(f".//{name}") for name in ("returnCode", "returnString", "created")] == [
        "400",
        "Unable to update BillingPlan: Missing required parameter 'billingPlan'.",
        "0",
    ]


def test_a_status_outside_the_enumeration_is_named(server: Server, merchant: Login) -> None:
    text = 'Item "Vindicia::Soap::BillingPlan.status" of type vin:BillingPlanStatus has invalid value "New"!'
    assert post(server, merchant, "<status>New</status>") == ("400", f"Invalid Arguments - {text}")
