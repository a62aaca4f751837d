"""Bundles: products sold as one, whose parts grant along with them (catalog §2.2)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Client
from tests.services import shop
from tests.services.conftest import Right
from tests.services.sandbox import Sandbox

Granted = Callable[[Any], set[str]]


@pytest.fixture
def granted(entitlements: Callable[[Any], list[Right]]) -> Granted:
    """The ids that an AutoBill in good standing entitles to now."""
    return lambda autobill: {right.id for right in entitlements(autobill) if right.end is None}


def bundle(client: Client, *parts: Any, **fields: Any) -> Any:
    return shop.product(client, bundledProducts=[shop.reference(part) for part in parts], **fields)


def tower(client: Client, levels: int) -> list[Any]:
    """Bundles within bundles, the innermost first."""
    made = [shop.product(client)]
    while len(made) < levels:
        made.append(bundle(client, made[-1]))
    return made


def refused(client: Client, product: dict[str, Any], code: int = 400) -> str:
    text: str = client("Product").expecting(code).update(product=product)["return"].returnString
    return text


def parts(client: Client, product: Any) -> list[str]:
    found = client("Product").fetchByVid(vid=product.VID).product
    return [part.VID for part in found.bundledProducts]


def test_parts_are_returned_in_full_and_in_their_order(client: Client) -> None:
    magazine = shop.product(client, merchantEntitlementIds=[{"id": "read"}])
    app = shop.product(client, taxClassification="DM")
    package = bundle(client, app, magazine)
    found = client("Product").fetchByVid(vid=package.VID).product
    assert found.bundledProducts == [app, magazine]


def test_a_new_part_is_created_with_the_bundle(client: Client) -> None:
    sku = shop.new_id("part")
    package = shop.product(
        client, bundledProducts=[{"merchantProductId": sku, "prices": [{"amount": "1.00"}]}]
    )
    part = client("Product").fetchByMerchantProductId(merchantProductId=sku).product
    assert parts(client, package) == [part.VID]


def test_a_known_part_is_referred_to_and_not_changed(client: Client) -> None:
    part = shop.product(client, taxClassification="DM")
    shop.product(
        client,
        bundledProducts=[{"merchantProductId": part.merchantProductId, "taxClassification": "OR"}],
    )
    assert client("Product").fetchByVid(vid=part.VID).product.taxClassification == "DM"


def test_a_part_that_does_not_exist_is_404(client: Client) -> None:
    sku = shop.new_id("sku")
    text = refused(
        client, {"merchantProductId": sku, "bundledProducts": [{"merchantProductId": "none"}]}, 404
    )
    assert text == 'Unable to update Product: Unable to load product by sku "none":  No match'
    text = refused(client, {"merchantProductId": sku, "bundledProducts": [{"VID": "0" * 40}]}, 404)
    assert text == f'Unable to update Product: Unable to load product by VID "{"0" * 40}" -  No match'
    client("Product").expecting(400).fetchByMerchantProductId(merchantProductId=sku)


def test_the_parts_are_replaced_as_a_whole(client: Client) -> None:
    one, other = shop.product(client), shop.product(client)
    package = bundle(client, one)
    client("Product").update(product={"VID": package.VID, "bundledProducts": [shop.reference(other)]})
    assert parts(client, package) == [other.VID]


def test_five_levels_are_the_most(client: Client) -> None:
    highest = tower(client, 5)[-1]
    text = refused(
        client, {"merchantProductId": shop.new_id("sku"), "bundledProducts": [shop.reference(highest)]}
    )
    assert text == "Unable to update Product: A bundle may be at most 5 levels deep."


def test_a_part_may_not_make_a_bundle_above_it_too_deep(client: Client) -> None:
    lowest, further = tower(client, 4)[0], tower(client, 2)[-1]
    text = refused(client, {"VID": lowest.VID, "bundledProducts": [shop.reference(further)]})
    assert text == "Unable to update Product: A bundle may be at most 5 levels deep."
    assert parts(client, lowest) == []


def test_new_parts_within_new_parts_are_counted_too(client: Client) -> None:
    nested: dict[str, Any] = {"merchantProductId": shop.new_id("sku"), "taxClassification": "DM"}
    for _ in range(5):
        nested = {"merchantProductId": shop.new_id("sku"), "bundledProducts": [nested]}
    assert refused(client, nested) == "Unable to update Product: A bundle may be at most 5 levels deep."
    client("Product").expecting(404).fetchAll()
    client("Product").update(product=nested["bundledProducts"][0])


def test_a_bundle_must_not_contain_itself(client: Client) -> None:
    lowest, middle, highest = tower(client, 3)
    for within in (lowest, middle, highest):
        text = refused(client, {"VID": lowest.VID, "bundledProducts": [shop.reference(within)]})
        assert text == "Unable to update Product: A bundle must not contain itself."


def test_the_same_part_may_be_in_two_branches(client: Client, granted: Granted) -> None:
    shared = shop.product(client, merchantEntitlementIds=[{"id": "read"}])
    package = bundle(client, bundle(client, shared), bundle(client, shared))
    autobill = shop.subscribe(client, items=[{"product": shop.reference(package)}]).autobill
    assert granted(autobill) == {"read"}


def test_a_bundle_is_one_line_at_its_own_price_and_terms(client: Client) -> None:
    part = shop.product(client, "99.00", taxClassification="DM", billingStatementIdentifier="PART")
    package = bundle(client, part, billingStatementIdentifier="PACKAGE")
    answer = shop.subscribe(client, items=[{"product": shop.reference(package)}])
    assert answer.initialTransaction.amount == 10
    assert [line.sku for line in answer.initialTransaction.transactionItems[1:-1]] == [
        package.merchantProductId
    ]
    assert answer.initialTransaction.billingStatementIdentifier == "PACKAGE"


def test_entitlements_of_all_parts_are_granted(client: Client, granted: Granted) -> None:
    inner = shop.product(client, merchantEntitlementIds=[{"id": "archive"}])
    middle = bundle(client, inner, merchantEntitlementIds=[{"id": "read"}])
    package = bundle(client, middle, merchantEntitlementIds=[{"id": "club"}])
    autobill = shop.subscribe(client, items=[{"product": shop.reference(package)}]).autobill
    assert granted(autobill) == {"archive", "read", "club"}


def test_credit_of_all_parts_is_granted_with_each_billing(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-15T10:00:00")
    part = shop.product(client, creditGranted={"currencyAmounts": [{"amount": "2.00", "currency": "USD"}]})
    package = bundle(client, part, creditGranted={"currencyAmounts": [{"amount": "1.00", "currency": "USD"}]})
    autobill = shop.subscribe(client, items=[{"product": shop.reference(package)}]).autobill
    assert sorted(shop.credit(autobill)) == [(Decimal(1), "USD"), (Decimal(2), "USD")]
    assert autobill.nextBilling.amount == 7
    sandbox.bill_on("2024-02-15T06:00:00")
    assert shop.transactions(client, autobill)[1].amount == 7
    assert sorted(shop.credit(shop.fetched(client, autobill))) == [(Decimal(1), "USD"), (Decimal(2), "USD")]


def test_an_entitlement_added_to_a_part_reaches_those_who_have_the_bundle(
    client: Client, granted: Granted
) -> None:
    inner = shop.product(client, merchantEntitlementIds=[{"id": "read"}])
    package = bundle(client, bundle(client, inner))
    autobill = shop.subscribe(client, items=[{"product": shop.reference(package)}]).autobill
    client("Product").update(product={"VID": inner.VID, "merchantEntitlementIds": [{"id": "print"}]})
    assert granted(autobill) == {"print"}


def test_another_part_of_a_bundle_that_is_sold_changes_what_it_grants(
    client: Client, granted: Granted
) -> None:
    one = shop.product(client, merchantEntitlementIds=[{"id": "one"}])
    other = shop.product(client, merchantEntitlementIds=[{"id": "other"}])
    package = bundle(client, one)
    autobill = shop.subscribe(client, items=[{"product": shop.reference(package)}]).autobill
    client("Product").update(product={"VID": package.VID, "bundledProducts": [shop.reference(other)]})
    assert granted(autobill) == {"other"}
