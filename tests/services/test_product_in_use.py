"""What a change of a product does to the AutoBills that sell it (catalog §2.3, billing-engine §4.1, §10)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from zeep.helpers import serialize_object

from tests.conftest import Client
from tests.services import shop
from tests.services.conftest import Right
from tests.services.sandbox import Sandbox

Check = Callable[[], None]
Rights = Callable[[Any], list[Right]]


@pytest.fixture(autouse=True)
def _in_january(sandbox: Sandbox, books_are_right: Check) -> Any:
    sandbox.set_clock("2024-01-15T12:00:00")
    yield
    books_are_right()


def sold(client: Client, product: Any, **fields: Any) -> Any:
    """A running AutoBill with the product as its only item."""
    item = {"index": 0, "product": shop.reference(product), **fields.pop("item", {})}
    return shop.subscribe(client, items=[item], **fields).autobill


def change(client: Client, product: Any, expecting: int = 200, **fields: Any) -> Any:
    return client("Product").expecting(expecting).update(product={"VID": product.VID, **fields})


def active(rights: list[Right]) -> set[str]:
    return {right.id for right in rights if right.end is None}


def test_a_new_entitlement_is_granted_at_once_and_a_removed_one_ends(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    product = shop.product(client, merchantEntitlementIds=[{"id": "read"}, {"id": "archive"}])
    autobill = sold(client, product)
    sandbox.set_clock("2024-01-20T08:00:00")
    change(client, product, merchantEntitlementIds=[{"id": "read"}, {"id": "print"}])
    rights = {right.id: right for right in entitlements(autobill)}
    assert active(list(rights.values())) == {"read", "print"}
    assert rights["print"].start.isoformat()[:16] == "2024-01-20T08:00"
    archived = rights["archive"].end
    assert archived is not None
    assert archived.isoformat()[:16] == "2024-01-20T08:00"
    assert rights["read"].start.isoformat()[:10] == "2024-01-15"


def test_every_autobill_with_the_product_is_served(client: Client, entitlements: Rights) -> None:
    product = shop.product(client)
    autobills = [sold(client, product) for _ in range(3)]
    other = sold(client, shop.product(client))
    change(client, product, merchantEntitlementIds=[{"id": "read"}])
    assert [active(entitlements(autobill)) for autobill in autobills] == [{"read"}] * 3
    assert entitlements(other) == []


def test_an_autobill_that_has_not_started_is_granted_nothing_yet(
    client: Client, entitlements: Rights
) -> None:
    product = shop.product(client)
    autobill = sold(client, product, startTimestamp="2024-03-01T00:00:00-08:00")
    change(client, product, merchantEntitlementIds=[{"id": "read"}])
    assert entitlements(autobill) == []


def test_another_description_of_an_entitlement_leaves_the_right_as_it_is(
    client: Client, entitlements: Rights
) -> None:
    product = shop.product(client, merchantEntitlementIds=[{"id": "read"}])
    autobill = sold(client, product)
    before = entitlements(autobill)
    change(client, product, merchantEntitlementIds=[{"id": "read", "description": "Read it all"}])
    assert entitlements(autobill) == before


def test_a_price_change_reaches_the_next_cycle(client: Client, sandbox: Sandbox) -> None:
    product = shop.product(client, "10.00")
    autobill = sold(client, product)
    change(client, product, prices=[{"amount": "12.50", "currency": "USD"}])
    assert shop.fetched(client, autobill).nextBilling.amount == Decimal("12.50")
    sandbox.bill_on("2024-02-15T06:00:00")
    assert [made.amount for made in shop.transactions(client, autobill)] == [10, Decimal("12.50")]


def test_the_price_a_running_autobill_needs_cannot_be_removed(client: Client) -> None:
    product = shop.product(
        client, prices=[{"amount": "1.00", "currency": "USD"}, {"amount": "2.00", "currency": "EUR"}]
    )
    sold(client, product)
    text = change(client, product, 400, prices=[{"amount": "2.00", "currency": "EUR"}])["return"].returnString
    assert text == 'Unable to update Product: prices "USD" is needed by a running AutoBill.'
    found = client("Product").fetchByVid(vid=product.VID).product
    assert [price.currency for price in found.prices] == ["USD", "EUR"]
    change(client, product, prices=[{"amount": "3.00", "currency": "USD"}])


def test_a_first_price_in_another_currency_would_leave_a_running_autobill_without_one(client: Client) -> None:
    """No price at all is 0; prices, but none in the currency, cannot be billed (billing-engine §4.1)."""
    product = shop.product(client, None)
    sold(client, product)
    change(client, product, 400, prices=[{"amount": "2.00", "currency": "EUR"}])
    change(
        client, product, prices=[{"amount": "2.00", "currency": "EUR"}, {"amount": "2.00", "currency": "USD"}]
    )


def test_a_price_nobody_needs_can_be_removed(client: Client, sandbox: Sandbox) -> None:
    product = shop.product(
        client, prices=[{"amount": "1.00", "currency": "USD"}, {"amount": "2.00", "currency": "EUR"}]
    )
    overridden = sold(client, product, item={"amount": "7.00"})
    change(client, product, prices=[{"amount": "2.00", "currency": "EUR"}])
    sandbox.bill_on("2024-02-15T06:00:00")
    assert [made.amount for made in shop.transactions(client, overridden)] == [7, 7]


def test_suspending_a_product_stops_neither_new_nor_old_autobills(client: Client, sandbox: Sandbox) -> None:
    product = shop.product(client)
    old = sold(client, product)
    change(client, product, status="Suspended", endOfLifeTimestamp="2024-01-16T00:00:00-08:00")
    new = sold(client, product)
    sandbox.bill_on("2024-02-15T06:00:00")
    assert [len(shop.transactions(client, autobill)) for autobill in (old, new)] == [2, 2]


def test_the_product_of_an_item_is_returned_in_full_with_its_default_plan(client: Client) -> None:
    plan = shop.plan(client)
    product = shop.product(
        client, defaultBillingPlan=shop.reference(plan), merchantEntitlementIds=[{"id": "read"}]
    )
    autobill = sold(client, product)
    answered = serialize_object(autobill.items[0].product, dict)
    assert answered == serialize_object(client("Product").fetchByVid(vid=product.VID).product, dict)
    assert answered["defaultBillingPlan"] == serialize_object(plan, dict)
