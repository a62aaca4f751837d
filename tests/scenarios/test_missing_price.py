"""A price is missing in the currency of an AutoBill: nobody is dunned, the operator is told, and it heals by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client


def _prices(**amounts: str) -> list[dict[str, str]]:
    return [{"amount": amount, "currency": currency} for currency, amount in amounts.items()]


def test_a_later_period_without_a_price_sets_the_autobill_aside_until_the_plan_has_one(
    client: Client,
    sandbox: Sandbox,
    entitlements: Callable[[Any], list[Any]],
    books_are_right: Callable[[], None],
) -> None:
    """Only the price of the first period is asked for at creation (autobill §6.1); the second is missing in EUR."""
    sandbox.set_clock("2024-01-15T12:00:00")
    first = shop.month(prices=_prices(USD="5.00", EUR="4.00"), cycles=2)
    plan = shop.plan(client, first, shop.month("9.00"), merchantEntitlementIds=[{"id": "play"}])
    items = [{"product": shop.reference(shop.product(client, None))}]
    bill = shop.subscribe(client, billingPlan=shop.reference(plan), currency="EUR", items=items).autobill
    fine = shop.subscribe(client, billingPlan=shop.reference(plan), items=items).autobill

    steps = sandbox.advance(70)
    assert [one.amount for one in shop.transactions(client, bill)] == [4, 4]
    (parked,) = [step for step in steps if step["what"] == "parked"]
    assert parked["on"] == "2024-03-15"
    assert parked["autobill"] == bill.merchantAutoBillId
    assert parked["reason"] == 'currency "EUR" has no price.'
    assert not [step for step in steps if step.get("notice") == "failureSoftFail"]
    assert len(shop.transactions(client, fine)) == 3
    now = shop.fetched(client, bill)
    assert now.nextBilling is None
    ahead = client("AutoBill").fetchFutureRebills(autobill=shop.reference(bill), quantity=3)
    assert list(ahead.transactions) == []
    assert shop.due(client, bill, shop.invoices(client, bill)[-1]) == 0
    assert shop.standing(now) == ("Active", "Good Standing")
    assert [right.end for right in entitlements(bill)] == [None]

    # A change of something else leaves it aside; a price for it does not.
    client("BillingPlan").update(billingPlan=shop.reference(plan) | {"description": "Play"})
    assert sandbox.bill() == []
    mended = [first, shop.month(prices=_prices(USD="9.00", EUR="8.00"))]
    client("BillingPlan").update(billingPlan=shop.reference(plan) | {"periods": mended})
    sandbox.bill()
    late = shop.transactions(client, bill)[-1]
    assert (late.amount, late.originalActivityDate.date().isoformat()) == (8, "2024-03-15")
    assert shop.fetched(client, bill).nextBilling.timestamp.date().isoformat() == "2024-04-15"
    books_are_right()


def test_a_plan_does_not_lose_the_price_that_a_running_autobill_needs(client: Client) -> None:
    both = shop.month(prices=_prices(USD="5.00", EUR="4.00"))
    plan = shop.plan(client, both)
    items = [{"product": shop.reference(shop.product(client, None))}]
    shop.subscribe(client, billingPlan=shop.reference(plan), currency="EUR", items=items)

    def change(code: int, **prices: str) -> Any:
        periods = [shop.month(prices=_prices(**prices))]
        changed = shop.reference(plan) | {"periods": periods}
        return client("BillingPlan").expecting(code).update(billingPlan=changed)

    refused = change(400, USD="5.00")
    said = 'Unable to update BillingPlan: periods.prices "EUR" is needed by a running AutoBill.'
    assert shop.text(refused) == said
    change(200, EUR="6.00")
