"""Every kind of line tells why it stands there: seasons, changes, discounts, migrated bills, announced prices."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from cashbox_service.app.bills import explaining
from cashbox_service.app.environment import Environment
from tests.services import campaigns, changes, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.soap_client import Login

Explain = Callable[[Any, int], dict[str, Any]]


@pytest.fixture
def explain(environment: Environment, merchant: Login, client: Client) -> Explain:
    """The explanation of an AutoBill's invoice by its place."""

    def of(bill: Any, place: int) -> dict[str, Any]:
        number = shop.invoices(client, bill)[place]
        (found,) = explaining.explain(environment, environment.merchant(merchant.login), number)
        return found.as_json()

    return of


@pytest.fixture(autouse=True)
def _april(sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")


def rules(reasons: list[dict[str, Any]]) -> dict[str, Any]:
    return {reason["rule"]: reason["facts"] for reason in reasons}


def texts(reasons: list[dict[str, Any]]) -> str:
    return " ".join(reason["text"] for reason in reasons)


def test_a_change_tells_what_it_gives_back_and_what_it_charges(
    client: Client, sandbox: Sandbox, explain: Explain
) -> None:
    silver, gold = shop.product(client, "30.00"), shop.product(client, "60.00")
    bill = changes.subscribed(client, silver)
    renewal = shop.transactions(client, bill)[0].merchantTransactionId
    sandbox.advance(15)
    changes.modify(client, bill, changes.replacing(bill["items"][0], gold))
    assert "closed" in rules(explain(bill, 1)["reasons"])
    told = explain(bill, 2)
    assert set(rules(told["reasons"])) == {"between cycles"}
    back, charged = (rules(line["reasons"]) for line in told["lines"][:2])
    assert back["unused service"] == {
        "days": 15,
        "serviceStart": "2024-04-16",
        "serviceEnd": "2024-04-30",
        "billedBy": [renewal],
    }
    assert charged["proration"] == {"days": 15, "of": 30, "cycle": 0}
    assert (charged["price"]["listPrice"], charged["item timing"]["billing"]) == ("60.00", 1)
    assert "price" not in back


def test_another_plan_tells_its_own_line_and_what_the_old_one_pays(
    client: Client, sandbox: Sandbox, explain: Explain
) -> None:
    yearly = shop.plan(client, {"type": "Year", "quantity": 1, "cycles": 0}, description="Yearly")
    bill = changes.subscribed(client, shop.product(client, "120.00"), billingPlan=shop.reference(yearly))
    sandbox.advance(30)
    weekly = shop.plan(client, {"type": "Week", "quantity": 1, "cycles": 0}, description="Weekly")
    changes.modify(client, bill, plan=weekly, prorated=False)
    told = explain(bill, 2)
    assert rules(told["reasons"])["plan"]["plan"] == weekly.merchantBillingPlanId
    assert "plan line" in rules(told["lines"][0]["reasons"])
    changes.modify(client, bill, plan=yearly, prorated=False)
    changes.modify(client, bill, plan=weekly)
    lines = explain(bill, -2)["lines"]
    assert [line["name"] for line in lines[:3]] == ["Weekly", "Magazine", "Unused service"]
    assert "the plan before" in texts(lines[2]["reasons"])


def test_a_season_is_named_and_so_is_a_discount(client: Client, sandbox: Sandbox, explain: Explain) -> None:
    season = {"description": "Spring", "startDate": "2024-03-01", "endDate": "2024-05-31"}
    plan = shop.plan(
        client,
        shop.month("20.00"),
        seasonSet={"merchantSeasonSetId": shop.new_id("set"), "seasons": [season]},
    )
    half = campaigns.promotion(client, description="Half price")
    order = shop.order(client, shop.card(), billingPlan=shop.reference(plan))
    bill = shop.update(client, order, campaignCode=half.promotionCode).autobill
    told = explain(bill, 0)
    assert rules(told["reasons"])["season"] == {"seasonStart": "2024-03-01", "seasonEnd": "2024-05-31"}
    facts = rules(told["lines"][1]["reasons"])["discount"]
    assert (facts["campaign"], Decimal(facts["discount"])) == (half.campaignId, Decimal(-5))


def test_bills_of_another_system_say_so_and_owed_ones_tell_their_prices(
    client: Client, explain: Explain
) -> None:
    plan = shop.plan(client)
    paid = {
        "amount": "10.00",
        "autoBillCycle": 1,
        "billingPlanCycle": 1,
        "merchantBillingPlanId": plan.merchantBillingPlanId,
        "migrationTransactionItems": [{"sku": "magazine", "name": "Magazine", "price": "10.00"}],
        "paymentMethod": shop.cheque(),
        "statusLog": [
            {
                "status": "Captured",
                "timestamp": "2024-02-15T08:00:00Z",
                "paymentMethodType": "MerchantAcceptedPayment",
            }
        ],
    }
    order = shop.order(
        client, shop.invoiced(), billingPlan=shop.reference(plan), startTimestamp="2024-01-15T00:00:00-08:00"
    )
    bill = (
        client("AutoBill")
        .migrate(
            autobill=order,
            nextPeriodStartDate="2024-04-15T00:00:00-07:00",
            migrationTransactions=[paid],
        )
        .autobill
    )
    first, second = (explain(bill, place) for place in (0, 1))
    assert rules(first["reasons"])["migrated"] == {"autoBillCycle": 1}
    assert rules(second["reasons"])["cycle"]["autoBillCycle"] == 2
    assert rules(second["lines"][1]["reasons"])["price"]["listPrice"] == "10.00"


def test_a_price_that_was_announced_is_told_beside_that_of_the_day(
    client: Client, sandbox: Sandbox, explain: Explain
) -> None:
    account = shop.account(client, warnBeforeAutobilling=True)
    plan = shop.plan(client, prenotifyDays=3)
    product = shop.product(client, "10.00")
    bill = changes.subscribed(
        client, product, account=shop.reference(account), billingPlan=shop.reference(plan)
    )
    sandbox.advance(28)
    client("Product").update(
        product=shop.reference(product) | {"prices": [{"amount": "12.00", "currency": "USD"}]}
    )
    sandbox.advance(3)
    said = texts(explain(bill, 1)["lines"][1]["reasons"])
    assert "12.00, but the customer was told 10.00 ahead of the bill" in said


def test_the_last_invoice_of_a_customer_who_pays_by_hand_is_a_settlement(
    client: Client, explain: Explain
) -> None:
    bill = shop.subscribe(client, shop.invoiced()).autobill
    named = shop.reference(bill)
    client("AutoBill").addCharge(
        autobill=named, description="Visit", taxClassification="OtherTaxable", amount="3.00", currency="USD"
    )
    client("AutoBill").cancel(autobill=named, disentitle=True, force=True, settle=True)
    told = explain(bill, -1)
    assert set(rules(told["reasons"])) == {"settlement"}
    assert told["lines"][0]["name"] == "Visit"
