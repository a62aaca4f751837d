"""A sale in a place with taxes shows the same figures wherever it is looked at: quoted, scored, tried, sold, captured.

The figures of a sale in California, of prices that contain VAT and of an amount without items are those of
transaction §3 and §5.2.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from cashbox_service.app.environment import Environment
from tests.scenarios.test_taxed_subscriptions import COUNTY, SPECIAL, STATE, VAT
from tests.services import sales, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.soap_client import Login

D = Decimal
Look = Callable[[Client, dict[str, Any]], Any]
TaxOwed = Callable[[], Decimal]

PARTS = [("STATE_06", D("23.73")), ("COUNTY_081", D("4.56")), ("SPECIAL_EMUA0", D("3.65"))]


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Any:
    sandbox.tax(STATE, COUNTY, SPECIAL, VAT)
    yield
    books_are_right()


@pytest.fixture
def tax_owed(environment: Environment, merchant: Login) -> TaxOwed:
    """What the ledger says is to be paid to tax offices."""

    def read() -> Decimal:
        with closing(environment.open(environment.merchant(merchant.login))) as work:
            return -sum(
                (
                    posting.amount
                    for entry in work.uow.ledger.everything()
                    for posting in entry.postings
                    if posting.account == "tax payable"
                ),
                D(0),
            )

    return read


def _quoted(client: Client, sale: dict[str, Any]) -> Any:
    return client("Transaction").calculateSalesTax(transaction=sale).transaction


def _scored(client: Client, sale: dict[str, Any]) -> Any:
    return client("Transaction").score(transaction=sale).transaction


def _tried(client: Client, sale: dict[str, Any]) -> Any:
    return sales.authorize(client, sale, dryrun=True).transaction


def _authorized(client: Client, sale: dict[str, Any]) -> Any:
    return sales.authorize(client, sale).transaction


def _sold(client: Client, sale: dict[str, Any]) -> Any:
    return sales.sell(client, sale).transaction


LOOKS = pytest.mark.parametrize("look", [_quoted, _scored, _tried, _authorized, _sold])


def _sale(price: str, **fields: Any) -> dict[str, Any]:
    item = sales.item("Goods", price, "1", taxClassification="PhysicalGoods")
    return sales.order(shippingAddress=shop.address(), transactionItems=[item], **fields)


def _taxes(line: Any) -> list[tuple[str, Decimal]]:
    return [(tax.jurisdiction, tax.amount) for tax in line.tax]


@LOOKS
def test_tax_in_california_is_added_by_each_jurisdiction(client: Client, look: Look) -> None:
    shown = look(client, _sale("365.00"))

    goods, summary = shown.transactionItems
    assert shown.amount == D("396.94")
    assert (goods.subtotal, goods.total, goods.taxType) == (D("365.00"), D("396.94"), "Exclusive Sales")
    assert _taxes(goods) == _taxes(summary) == PARTS
    assert (goods.tax[0].name, goods.tax[0].taxRate) == ("CALIFORNIA STATE SALES TAX", D("0.065"))
    assert (summary.sku, summary.name, summary.itemType) == ("Total Tax", "Total Tax", "Purchase")
    assert (summary.price, summary.quantity, summary.taxClassification) == (0, 1, "TaxExempt")
    assert (summary.discount, summary.subtotal, summary.total) == (0, 0, D("31.94"))
    assert summary.tax[0].taxRate is None
    assert shown.salesTaxAddress.city == "REDWOOD CITY"
    assert shown.shippingAddress.city == "Redwood City"


@LOOKS
@pytest.mark.parametrize(("price", "held"), [("9.99", "1.66"), ("301.00", "50.17")])
def test_prices_in_britain_contain_their_tax(client: Client, look: Look, price: str, held: str) -> None:
    british = shop.address("GB", None, "Leeds")

    shown = look(client, _sale(price, currency="GBP") | {"shippingAddress": british})

    goods, summary = shown.transactionItems
    assert (shown.amount, goods.total, goods.taxType) == (D(price), D(price), "Inclusive Sales")
    assert _taxes(goods) == _taxes(summary) == [("COUNTRY_78295", D(held))]
    assert goods.tax[0].name == "Inclusive VAT"
    assert (summary.total, summary.taxType) == (D(held), "Inclusive Sales")


@LOOKS
def test_an_amount_without_items_stays_as_it_is(client: Client, look: Look) -> None:
    shown = look(client, sales.order(amount="100.00", shippingAddress=shop.address()))

    generic, summary = shown.transactionItems
    assert (generic.sku, generic.name, generic.taxClassification) == (None, "Generic item", "OtherTaxable")
    assert (generic.quantity, generic.price, generic.subtotal, generic.total) == (1, 100, 100, 100)
    assert (generic.tax, summary.total, shown.amount) == ([], D("8.75"), 100)


def test_a_sale_that_was_quoted_and_scored_owes_its_tax_once_it_is_sold(
    client: Client, sandbox: Sandbox, tax_owed: TaxOwed
) -> None:
    sale = _sale("365.00", merchantTransactionId=shop.new_id("sale"))

    _quoted(client, sale)
    scored = _scored(client, sale)
    assert tax_owed() == 0
    sold = _sold(client, sale | {"account": shop.reference(scored.account)})
    assert (sold.VID, sold.amount, tax_owed()) == (scored.VID, D("396.94"), D("31.94"))

    sandbox.bill()
    assert shop.log(client("Transaction").fetchByVid(vid=sold.VID).transaction) == [
        "Captured",
        "Authorized",
        "New",
    ]
    assert tax_owed() == D("31.94")


def test_a_sale_that_was_made_elsewhere_owes_its_tax_elsewhere(client: Client, tax_owed: TaxOwed) -> None:
    quoted = _quoted(client, _sale("365.00"))
    captured = {"status": "Captured", "timestamp": "2024-01-01T00:00:00Z", "paymentMethodType": "CreditCard"}
    own_id = shop.new_id("told")
    told = {"merchantTransactionId": own_id, "statusLog": [captured], "account": quoted.account}

    client("Transaction").report(transactions=[told | {"transactionItems": quoted.transactionItems}])

    stored = client("Transaction").fetchByMerchantTransactionId(merchantTransactionId=own_id).transaction
    assert (stored.amount, _taxes(stored.transactionItems[-1])) == (D("396.94"), PARTS)
    assert tax_owed() == 0
