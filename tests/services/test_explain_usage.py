"""``cashbox-service explain invoice`` of rated products: how a rate plan came to the charge."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Client
from tests.servers import Server
from tests.services import shop, usage
from tests.services.sandbox import Sandbox
from tests.soap_client import Login

Told = Callable[[str], dict[str, Any]]


@pytest.fixture
def told(server: Server, merchant: Login) -> Told:
    """The reason ``rating`` of the only rated line of an invoice."""

    def of(invoice_id: str) -> dict[str, Any]:
        done = server.command("explain", "invoice", invoice_id, "--merchant", merchant.login, "--json")
        assert done.returncode == 0, done.stderr
        (explanation,) = json.loads(done.stdout)
        reasons = [reason for line in explanation["lines"] for reason in line["reasons"]]
        (rating,) = [reason for reason in reasons if reason["rule"] == "rating"]
        assert isinstance(rating, dict)
        return rating

    return of


def invoice(autobill: Any, number: int) -> str:
    return f"{autobill.merchantAutoBillId}-{number:08d}"


def test_usage_is_told_tier_by_tier(client: Client, sandbox: Sandbox, told: Told) -> None:
    sandbox.set_clock("2024-01-10T10:00:00")
    plan = usage.plan(
        client,
        usage.tier("1", "0.50", name="first hundred"),
        usage.tier("101", "20.00", name="flat", chargeCustomer="FlatFee"),
        includedUnits="5",
        maximumFee=[{"amount": "60.00"}],
    )
    bill = usage.subscribe(client, plan)
    usage.record(client, bill, "129.6")
    plan_id = plan.merchantRatePlanId
    text = (
        f"Rate plan {plan_id}: 129.6 minutes; rounded to 130; 5 included; 100 in first hundred at 0.5: 50.00; "
        "flat reached: 20.00; at most 60.00."
    )
    assert told(invoice(bill, 1))["text"] == text
    sandbox.bill_on("2024-02-10T08:00:00")
    client("RatePlan").update(
        ratePlan={"VID": plan.VID, "tier": [usage.tier("0", "9.00")], "includedUnits": "0"}, force=True
    )

    reason = told(invoice(bill, 1))

    assert reason["text"] == text
    assert reason["facts"] == {
        "ratePlan": plan_id,
        "ratePlanVid": plan.VID,
        "units": "129.6",
        "rounded": "130",
        "included": "5",
        "tiers": [
            {"tier": "first hundred", "units": "100", "price": "0.5"},
            {"tier": "flat", "price": "20"},
        ],
        "maximumFee": "60.00",
    }


def test_licences_and_a_month_without_use_are_told(client: Client, sandbox: Sandbox, told: Told) -> None:
    sandbox.set_clock("2024-01-10T10:00:00")
    seats = usage.plan(client, ratePlanModel="LicenseBased", multiplyRatedUnitsBy="HighestApplicableTier")
    sold = shop.reference(usage.product(client, seats))
    licensed = usage.subscribe(client, seats, items=[{"index": 0, "product": sold, "quantity": "15"}])
    idle = usage.subscribe(client, usage.plan(client, minimumFee=[{"amount": "3.00"}]))
    sandbox.bill_on("2024-02-10T08:00:00")

    assert told(invoice(licensed, 0))["text"].endswith(": 15 minutes; 15 in Tier 2 at 1: 15.00.")
    assert told(invoice(idle, 1))["text"].endswith(": 0 minutes; at least 3.00.")
