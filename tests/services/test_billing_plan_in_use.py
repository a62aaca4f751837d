"""What may change on a plan that AutoBills are on, and what that does to them (catalog §1.4, billing-engine §4.1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Client
from tests.services import shop
from tests.services.conftest import Right
from tests.services.sandbox import Sandbox

Check = Callable[[], None]
Rights = Callable[[Any], list[Right]]
IN_USE = "Unable to update BillingPlan: BillingPlan is in use; only prices may be changed."


@pytest.fixture(autouse=True)
def _in_january(sandbox: Sandbox, books_are_right: Check) -> Any:
    sandbox.set_clock("2024-01-15T12:00:00")
    yield
    books_are_right()


def running(client: Client, plan: Any, **fields: Any) -> Any:
    """An AutoBill on the plan whose product costs nothing."""
    free = shop.product(client, "0.00")
    return shop.subscribe(
        client, billingPlan=shop.reference(plan), items=[{"product": shop.reference(free)}], **fields
    ).autobill


def change(client: Client, plan: Any, expecting: int = 200, **fields: Any) -> Any:
    return client("BillingPlan").expecting(expecting).update(billingPlan={"VID": plan.VID, **fields})


def fetched(client: Client, plan: Any) -> Any:
    return client("BillingPlan").fetchByVid(vid=plan.VID).billingPlan


def active(rights: list[Right]) -> set[str]:
    return {right.id for right in rights if right.end is None}


@pytest.fixture
def plan(client: Client) -> Any:
    season = {"startDate": date(2024, 1, 1), "endDate": date(2024, 12, 31)}
    return shop.plan(
        client,
        shop.month("4.00", cycles=2),
        shop.month("5.00"),
        seasonSet={"merchantSeasonSetId": shop.new_id("seasons"), "seasons": [season]},
    )


STRUCTURE = [
    pytest.param({"periods": [shop.month("4.00", cycles=3), shop.month("5.00")]}, id="cycles"),
    pytest.param({"periods": [shop.month("4.00", cycles=2, quantity=2), shop.month("5.00")]}, id="quantity"),
    pytest.param(
        {"periods": [shop.month("4.00", cycles=2), {"type": "Year", "quantity": 1, "cycles": 0}]}, id="type"
    ),
    pytest.param({"periods": [shop.month("4.00", cycles=2, free=True), shop.month("5.00")]}, id="free"),
    pytest.param({"periods": [shop.month("4.00", cycles=2)]}, id="a period less"),
    pytest.param(
        {"periods": [shop.month("4.00", cycles=2), shop.month("4.50", cycles=1), shop.month("5.00")]},
        id="a period more",
    ),
    pytest.param(
        {"seasonSet": {"seasons": [{"startDate": date(2024, 1, 1), "endDate": date(2024, 12, 31)}]}},
        id="another season set",
    ),
    pytest.param({"timesToRun": "unlimited"}, id="times to run"),
    pytest.param({"repeatEvery": "2 years"}, id="repeat"),
    pytest.param({"skipInitialFreeWhenRepeating": False}, id="free periods when repeating"),
]


@pytest.mark.parametrize("fields", STRUCTURE)
def test_the_structure_may_not_change_while_an_autobill_is_on_the_plan(
    client: Client, plan: Any, fields: dict[str, Any]
) -> None:
    running(client, plan)
    assert change(client, plan, 400, **fields)["return"].returnString == IN_USE
    assert fetched(client, plan) == plan


@pytest.mark.parametrize("fields", STRUCTURE)
def test_the_structure_of_a_plan_that_nobody_is_on_may_change(
    client: Client, plan: Any, fields: dict[str, Any]
) -> None:
    change(client, plan, **fields)
    assert fetched(client, plan) != plan


def test_a_known_season_set_of_another_plan_is_another_season_set(client: Client, plan: Any) -> None:
    running(client, plan)
    season = {"startDate": date(2024, 1, 1), "endDate": date(2024, 12, 31)}
    other = shop.plan(client, seasonSet={"merchantSeasonSetId": shop.new_id("seasons"), "seasons": [season]})
    by_id = {"merchantSeasonSetId": other.seasonSet.merchantSeasonSetId}
    assert change(client, plan, 400, seasonSet=by_id)["return"].returnString == IN_USE


def test_a_season_may_be_added_to_the_season_set_in_use(client: Client, plan: Any) -> None:
    running(client, plan)
    later = {"startDate": date(2025, 1, 1), "endDate": date(2025, 12, 31)}
    seasons = [{"startDate": one.startDate, "endDate": one.endDate} for one in plan.seasonSet.seasons]
    change(client, plan, seasonSet={"VID": plan.seasonSet.VID, "seasons": [*seasons, later]})
    assert len(fetched(client, plan).seasonSet.seasons) == 2


def test_a_pending_autobill_uses_its_plan_too(client: Client, plan: Any) -> None:
    running(client, plan, startTimestamp="2024-03-01T00:00:00-08:00")
    assert change(client, plan, 400, periods=[shop.month()])["return"].returnString == IN_USE


def test_the_unchanged_plan_may_be_sent_back(client: Client, plan: Any) -> None:
    running(client, plan)
    answer = client("BillingPlan").update(billingPlan=fetched(client, plan))
    assert (answer.created, answer.billingPlan) == (False, plan)


def test_prices_notices_and_labels_may_change(client: Client, plan: Any) -> None:
    running(client, plan)
    own_id = shop.new_id("renamed")
    change(
        client,
        plan,
        merchantBillingPlanId=own_id,
        description="Renamed",
        status="Suspended",
        taxClassification="DM",
        prenotifyDays=4,
        billingStatementIdentifier="PLAN",
        nameValues=[{"name": "a", "value": "1"}],
        endOfLifeTimestamp="2024-02-01T00:00:00Z",
        periods=[
            shop.month("4.40", cycles=2, expireWarningDays=3, doNotNotifyFirstBill=True),
            shop.month("5.50"),
        ],
    )
    found = fetched(client, plan)
    assert (found.merchantBillingPlanId, found.description, found.prenotifyDays) == (own_id, "Renamed", 4)
    assert [period.prices[0].amount for period in found.periods] == [Decimal("4.40"), Decimal("5.50")]
    assert (found.periods[0].expireWarningDays, found.periods[0].doNotNotifyFirstBill) == (3, True)


def test_a_price_change_reaches_running_autobills_with_their_next_cycle(
    client: Client, plan: Any, sandbox: Sandbox
) -> None:
    autobill = running(client, plan)
    change(client, plan, periods=[shop.month("6.00", cycles=2), shop.month("7.00")])
    assert shop.fetched(client, autobill).nextBilling.amount == 6
    sandbox.advance(65)
    assert [made.amount for made in shop.transactions(client, autobill)] == [4, 6, 7]


def test_a_new_entitlement_is_granted_at_once_and_a_removed_one_ends(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    plan = shop.plan(client, merchantEntitlementIds=[{"id": "club"}, {"id": "bar"}])
    autobills = [running(client, plan) for _ in range(2)]
    sandbox.set_clock("2024-01-20T08:00:00")
    change(client, plan, merchantEntitlementIds=[{"id": "club"}, {"id": "pool"}])
    for autobill in autobills:
        rights = {right.id: right for right in entitlements(autobill)}
        assert active(list(rights.values())) == {"club", "pool"}
        assert rights["pool"].start.isoformat()[:16] == "2024-01-20T08:00"
        ended = rights["bar"].end
        assert ended is not None
        assert ended.isoformat()[:16] == "2024-01-20T08:00"


def test_a_right_that_ended_can_be_granted_again(
    client: Client, entitlements: Rights, sandbox: Sandbox
) -> None:
    plan = shop.plan(client, merchantEntitlementIds=[{"id": "club"}])
    autobill = running(client, plan)
    change(client, plan, merchantEntitlementIds=[{"id": "bar"}])
    sandbox.set_clock("2024-01-17T08:00:00")
    change(client, plan, merchantEntitlementIds=[{"id": "club"}])
    club = [right for right in entitlements(autobill) if right.id == "club"]
    assert [right.end is None for right in sorted(club, key=lambda right: right.start)] == [False, True]


def test_the_plan_may_be_changed_along_with_a_product_by_the_same_rules(client: Client, plan: Any) -> None:
    running(client, plan)
    product = shop.product(client, defaultBillingPlan=shop.reference(plan))
    given = {"VID": product.VID, "defaultBillingPlan": {"VID": plan.VID, "periods": [shop.month()]}}
    answer = client("Product").expecting(400).update(product=given)
    assert answer["return"].returnString == (
        "Unable to update Product: BillingPlan is in use; only prices may be changed."
    )
