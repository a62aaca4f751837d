"""AutoBill.addCharge: where the price comes from, and what is refused (autobill §6.25)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.services import changes, shop
from tests.services.decrees import Decrees
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

D = Decimal
PREFIX = "Unable to add charge: "
GIVEN: dict[str, Any] = {
    "description": "Visit",
    "amount": "7.25",
    "currency": "USD",
    "taxClassification": "TaxExempt",
}


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Iterator[None]:
    sandbox.set_clock("2024-04-01T10:00:00")
    yield
    books_are_right()


@pytest.fixture
def bill(client: Client) -> Any:
    return changes.subscribed(client, shop.product(client))


def charge(client: Client, bill: Any, code: int = 200, **fields: Any) -> str:
    asked = {name: value for name, value in fields.items() if value is not None}
    answer = client("AutoBill").expecting(code).addCharge(autobill=shop.reference(bill), **asked)
    return shop.text(answer)


def coming(client: Client, bill: Any) -> Decimal:
    amount: Decimal = shop.fetched(client, bill).nextBilling.amount
    return amount


def test_a_dry_run_checks_and_charges_nothing(client: Client, bill: Any) -> None:
    charge(client, bill, **GIVEN, dryrun=True)
    assert coming(client, bill) == D("10.00")
    assert "amount" in charge(client, bill, 400, **(GIVEN | {"amount": "-1"}), dryrun=True)


def test_the_amount_wins_over_the_price_of_the_product(client: Client, bill: Any) -> None:
    sku = shop.product(client, "15.00").merchantProductId
    charge(client, bill, **GIVEN, sku=sku)
    assert coming(client, bill) == D("17.25")


def test_the_products_tax_class_goes_with_its_price(client: Client, sandbox: Sandbox) -> None:
    sandbox.tax({"country": "US", "rate": "0.10", "name": "TAX"})
    home = shop.account(client, shippingAddress=shop.address())
    bill = changes.subscribed(client, shop.product(client), account=shop.reference(home))
    exempt = shop.product(client, "5.00", taxClassification="TaxExempt")
    charge(client, bill, description="Book", sku=exempt.merchantProductId)
    charge(client, bill, description="Book", sku=exempt.merchantProductId, taxClassification="OtherTaxable")
    assert coming(client, bill) == D("11.00") + D("5.00") + D("5.50")
    assert "Not a Vindicia tax classification" in charge(
        client, bill, 400, **(GIVEN | {"taxClassification": "Luxury"})
    )


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ({"description": ""}, "description"),
        ({"description": "x" * 257}, "description"),
        ({"amount": None}, "amount"),
        ({"amount": None, "sku": "nothing"}, 'sku "nothing" is no product'),
        ({"amount": "-0.01"}, 'amount "-0.01" must not be negative'),
        ({"currency": None}, "currency"),
        ({"currency": "EUR"}, "currency"),
        ({"currency": "QQQ"}, "currency"),
        ({"taxClassification": None}, "taxClassification"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": -1}, "quantity"),
        ({"campaignCode": "SPRING"}, "A SKU is required to use a campaign code"),
        ({"token": {"merchantTokenId": "coins"}}, "token"),
    ],
)
def test_a_charge_that_breaks_a_rule(client: Client, bill: Any, part: dict[str, Any], named: str) -> None:
    said = charge(client, bill, 400, **(GIVEN | part))
    assert said.startswith(PREFIX)
    assert named in said
    assert coming(client, bill) == D("10.00")


def test_a_campaign_code_that_nobody_knows(client: Client, bill: Any) -> None:
    sku = shop.product(client).merchantProductId
    said = charge(client, bill, 400, description="x", sku=sku, campaignCode="SPRING")
    assert "SPRING" in said


def test_a_product_without_a_price_in_the_currency(client: Client, bill: Any) -> None:
    sku = shop.product(client, currency="EUR").merchantProductId
    assert "USD" in charge(client, bill, 400, description="x", sku=sku)


def test_what_will_not_be_billed_any_more_takes_no_charge(
    client: Client, bill: Any, decrees: Decrees
) -> None:
    last = shop.subscribe(
        client, billingPlan=shop.reference(shop.plan(client, shop.month(cycles=1)))
    ).autobill
    assert "will not be billed any more" in charge(client, last, 400, **GIVEN)
    decrees.end(bill, "Expired")
    assert "will not be billed any more" in charge(client, bill, 400, **GIVEN)


def test_before_the_start_a_charge_joins_the_first_bill(client: Client, sandbox: Sandbox) -> None:
    bill = shop.subscribe(client, startTimestamp="2024-05-01T00:00:00").autobill
    charge(client, bill, **GIVEN)
    sandbox.advance(30)
    assert [one.amount for one in shop.transactions(client, bill)] == [D("17.25")]


def test_one_paid_by_hand_is_charged_on_its_invoice(client: Client, sandbox: Sandbox) -> None:
    bill = changes.subscribed(client, shop.product(client), method=shop.invoiced())
    charge(client, bill, **GIVEN)
    sandbox.advance(30)
    text = shop.invoice_text(client, bill, shop.invoices(client, bill)[1])
    assert "Visit" in text
    assert shop.due(client, bill, shop.invoices(client, bill)[1]) == D("27.25")
