"""Rated products of customers who change their minds: licences by the day, usage with the next bill (autobill §6.35).

All months are April 2024: 30 days.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.services import changes, shop, usage
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

D = Decimal
Check = Callable[[], None]


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Check) -> Any:
    sandbox.set_clock("2024-04-01T10:00:00")
    yield
    books_are_right()


def amounts(client: Client, autobill: Any) -> list[Decimal]:
    return [one.amount for one in shop.transactions(client, autobill)]


def units(transaction: Any) -> list[str]:
    """How many units each usage line stands for."""
    found = [shop.names(line).get("vin:RatedUnits") for line in transaction.transactionItems]
    return [each for each in found if each is not None]


def seats(client: Client, number: str) -> Any:
    plan = usage.plan(client, ratePlanModel="LicenseBased")
    items = [{"index": 0, "product": shop.reference(usage.product(client, plan)), "quantity": number}]
    return usage.subscribe(client, plan, items=items)


def test_more_licences_are_charged_by_the_tiers_and_the_day(client: Client, sandbox: Sandbox) -> None:
    """15 seats cost 24.00, 25 seats 34.00; 15 of 30 days are left."""
    bill = seats(client, "15")
    sandbox.advance(15)

    done = changes.modify(client, bill, changes.editing(bill["items"][0], quantity="25"))

    sku = bill["items"][0].product.merchantProductId
    assert changes.lines(done.transaction) == [
        ("ModificationRefund", sku, D("-12.00")),
        ("Purchase", sku, D("17.00")),
    ]
    sandbox.advance(15)
    assert amounts(client, bill) == [D("24.00"), D("5.00"), D("34.00")]


def test_fewer_licences_give_money_back(client: Client, sandbox: Sandbox) -> None:
    bill = seats(client, "15")
    sandbox.advance(15)

    done = changes.modify(client, bill, changes.editing(bill["items"][0], quantity="5"))

    assert [refund.amount for refund in done.refunds] == [D("7.00")]
    sandbox.advance(15)
    assert amounts(client, bill)[-1] == D("10.00")


def test_usage_of_an_item_that_is_replaced_is_on_the_next_bill(client: Client, sandbox: Sandbox) -> None:
    bill = usage.subscribe(client, usage.plan(client))
    usage.record(client, bill, "15", event_id="e-1")
    sandbox.advance(10)
    other = usage.product(client, usage.plan(client, usage.tier("0", "5.00")))

    done = changes.modify(client, bill, changes.replacing(bill["items"][0], other))

    assert (done.transaction.amount, list(done.refunds)) == (0, [])
    assert usage.found(client, "e-1").billedStatus == "Unbilled"
    usage.record(client, bill, "2")
    sandbox.advance(20)
    assert amounts(client, bill)[-1] == D("34.00")
    assert units(shop.transactions(client, bill)[-1]) == ["15", "2"]
    assert usage.events(client, unbilled=True) == []
    sandbox.advance(31)
    assert units(shop.transactions(client, bill)[-1]) == ["0"]


def test_another_plan_from_today_leaves_usage_for_its_next_bill(client: Client, sandbox: Sandbox) -> None:
    monthly, weekly = (
        shop.plan(client, shop.month("30.00")),
        shop.plan(
            client,
            {
                "type": "Week",
                "quantity": 1,
                "cycles": 0,
                "prices": [{"amount": "9.00", "currency": "USD"}],
            },
        ),
    )
    bill = usage.subscribe(client, usage.plan(client), billingPlan=shop.reference(monthly))
    usage.record(client, bill, "15")
    sandbox.advance(15)

    done = changes.modify(client, bill, plan=weekly)

    assert units(done.transaction) == []
    assert usage.waiting(client, bill).ratedUnitTotal == 15
    sandbox.advance(7)
    assert amounts(client, bill)[-1] == D("33.00")
    assert units(shop.transactions(client, bill)[-1]) == ["15"]


def test_an_item_that_goes_with_the_next_bill_is_billed_for_its_last_month(
    client: Client, sandbox: Sandbox
) -> None:
    sold = usage.product(client, usage.plan(client))
    items = [{"index": 0, "product": shop.reference(shop.product(client, "10.00"))}]
    bill = usage.subscribe(client, None, items=[*items, {"index": 1, "product": shop.reference(sold)}])
    usage.record(client, bill, "15")
    sandbox.advance(10)

    changes.modify(client, bill, changes.removing(bill["items"][1]), effective="nextBill", prorated=False)
    usage.record(client, bill, "1")
    sandbox.advance(20)

    assert amounts(client, bill) == [D("10.00"), D("35.00")]
    usage.record(client, bill, "1", expecting=400)
    sandbox.advance(31)
    assert amounts(client, bill)[-1] == D("10.00")


def test_a_billing_that_is_moved_takes_the_usage_until_then(client: Client, sandbox: Sandbox) -> None:
    bill = usage.subscribe(client, usage.plan(client, usage.tier("0", "1.00")))
    client("AutoBill").delayBillingToDate(
        autobill=shop.reference(bill), newBillingDate="2024-05-11", movePermanently=True
    )
    usage.record(client, bill, "5", eventDate="2024-05-10T12:00:00-07:00")
    usage.record(client, bill, "7", eventDate="2024-05-11T00:00:00-07:00")
    sandbox.advance(40)

    assert amounts(client, bill) == [D("0.00"), D("5.00")]
