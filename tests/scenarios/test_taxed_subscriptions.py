"""Subscriptions in places with taxes: what each bill shows, what is owed, and billing while nobody knows the rates.

The figures of a sale in California and of prices that contain VAT are those of transaction §3 and §5.2.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from cashbox_service.app.environment import Environment
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.soap_client import Login

D = Decimal
Check = Callable[[], None]
TaxOwed = Callable[[], dict[str, Decimal]]

STATE = {
    "country": "US",
    "district": "CA",
    "rate": "0.065",
    "jurisdiction": "STATE_06",
    "name": "CALIFORNIA STATE SALES TAX",
}
COUNTY = STATE | {"rate": "0.0125", "jurisdiction": "COUNTY_081", "name": "SAN MATEO COUNTY SALES TAX"}
SPECIAL = STATE | {"rate": "0.01", "jurisdiction": "SPECIAL_EMUA0", "name": "TRANSPORT DISTRICT SALES TAX"}
VAT = {"country": "GB", "rate": "0.2", "inclusive": True, "jurisdiction": "COUNTRY_78295", "name": "VAT"}


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Check) -> Any:
    sandbox.set_clock("2024-01-31T10:00:00")
    sandbox.tax(STATE, COUNTY, SPECIAL, VAT)
    yield
    books_are_right()


@pytest.fixture
def tax_owed(environment: Environment, merchant: Login) -> TaxOwed:
    """What the ledger says is to be paid to tax offices, by currency."""

    def read() -> dict[str, Decimal]:
        owed: dict[str, Decimal] = {}
        with closing(environment.open(environment.merchant(merchant.login))) as work:
            for entry in work.uow.ledger.everything():
                for posting in entry.postings:
                    if posting.account == "tax payable":
                        owed[entry.currency] = owed.get(entry.currency, D(0)) - posting.amount
        return owed

    return read


def _subscribe(client: Client, price: str, currency: str = "USD", **fields: Any) -> Any:
    product = shop.product(client, price, currency=currency, taxClassification="PhysicalGoods")
    items = [{"index": 0, "product": shop.reference(product)}]
    return shop.subscribe(client, items=items, currency=currency, **fields)


def _living(client: Client, **address: Any) -> dict[str, str]:
    return shop.reference(shop.account(client, shippingAddress=shop.address(**address)))


def _bill(client: Client, autobill: Any) -> Any:
    return shop.transactions(client, autobill)[-1]


def _taxes(line: Any) -> list[tuple[str, Decimal]]:
    return [(tax.jurisdiction, tax.amount) for tax in line.tax]


def test_a_sale_in_california_adds_the_tax_of_each_jurisdiction(client: Client, tax_owed: TaxOwed) -> None:
    autobill = _subscribe(client, "365.00", account=_living(client)).autobill

    bill = _bill(client, autobill)
    plan, goods, summary = bill.transactionItems
    assert bill.amount == D("396.94")
    assert (goods.subtotal, goods.total, goods.taxType) == (D("365.00"), D("396.94"), "Exclusive Sales")
    parts = [("STATE_06", D("23.73")), ("COUNTY_081", D("4.56")), ("SPECIAL_EMUA0", D("3.65"))]
    assert _taxes(goods) == parts
    assert _taxes(summary) == parts
    state = goods.tax[0]
    assert (state.name, state.taxRate) == ("CALIFORNIA STATE SALES TAX", D("0.065"))
    assert (state.externalTaxCategory, state.externalJurisdictionName) == ("PhysicalGoods", "CA")
    assert (summary.tax[0].taxRate, summary.tax[0].externalTaxName) == (None, None)
    assert (plan.total, summary.sku, summary.subtotal, summary.total) == (0, "Total Tax", 0, D("31.94"))
    assert bill.salesTaxAddress.city == "REDWOOD CITY"
    assert bill.salesTaxAddress.VID is None
    assert bill.shippingAddress.city == "Redwood City"
    assert tax_owed() == {"USD": D("31.94")}


@pytest.mark.parametrize(("price", "held"), [("9.99", "1.66"), ("301.00", "50.17")])
def test_a_price_in_britain_contains_its_tax(
    client: Client, tax_owed: TaxOwed, price: str, held: str
) -> None:
    account = _living(client, country="GB", district=None, city="Leeds")
    autobill = _subscribe(client, price, "GBP", account=account).autobill

    bill = _bill(client, autobill)
    _, goods, summary = bill.transactionItems
    assert (bill.amount, goods.total, goods.taxType) == (D(price), D(price), "Inclusive Sales")
    assert _taxes(goods) == _taxes(summary) == [("COUNTRY_78295", D(held))]
    assert goods.tax[0].name == "Inclusive VAT"
    assert (summary.total, summary.taxType) == (D(held), "Inclusive Sales")
    assert shop.due(client, autobill, shop.invoices(client, autobill)[0]) == 0
    assert tax_owed() == {"GBP": D(held)}


def test_the_next_bill_is_announced_with_tax_and_follows_the_customer_to_nevada(
    client: Client, sandbox: Sandbox
) -> None:
    account = shop.account(client, shippingAddress=shop.address())
    autobill = _subscribe(client, "100.00", account=shop.reference(account)).autobill
    assert autobill.nextBilling.amount == D("108.75")

    moved = {"VID": account.VID, "shippingAddress": {"district": "NV", "city": "Reno"}}
    client("Account").update(account=moved)
    assert shop.fetched(client, autobill).nextBilling.amount == D("100.00")
    sandbox.bill_on("2024-02-29T09:00:00")
    bill = _bill(client, autobill)
    assert (bill.amount, bill.transactionItems[-1].total, bill.salesTaxAddress.city) == (100, 0, "RENO")


def test_without_a_shipping_address_the_payer_decides(client: Client) -> None:
    payer = shop.card(billingAddress=shop.address())
    autobill = shop.subscribe(client, payer).autobill
    assert _bill(client, autobill).amount == D("10.88")


def test_without_any_address_there_is_no_tax_and_the_bill_says_why(client: Client, tax_owed: TaxOwed) -> None:
    bill = _bill(client, shop.subscribe(client).autobill)
    assert (bill.amount, bill.salesTaxAddress) == (10, None)
    assert "neither a shipping nor a billing address" in shop.names(bill)["vin:TaxError_1"]
    assert bill.transactionItems[-1].sku == "Total Tax"
    assert tax_owed() == {}


def test_an_exempt_customer_pays_the_other_taxes(client: Client) -> None:
    exempt = shop.account(
        client,
        shippingAddress=shop.address(),
        taxExemptions=[{"region": "STATE_06", "exemptionId": "R-1", "active": True}],
    )
    autobill = _subscribe(client, "100.00", account=shop.reference(exempt)).autobill
    assert _taxes(_bill(client, autobill).transactionItems[1]) == [
        ("COUNTY_081", D("1.25")),
        ("SPECIAL_EMUA0", D(1)),
    ]

    entry = {"region": "STATE_06", "exemptionId": "R-1", "active": False}
    client("Account").update(account={"VID": exempt.VID, "taxExemptions": [entry]})
    assert shop.fetched(client, autobill).nextBilling.amount == D("108.75")


def test_goods_of_an_exempt_class_are_not_taxed(client: Client) -> None:
    product = shop.product(client, "100.00", taxClassification="TaxExempt")
    items = [{"product": shop.reference(product)}]
    autobill = shop.subscribe(client, items=items, account=_living(client)).autobill
    assert _bill(client, autobill).amount == 100


def test_an_unknown_class_is_refused_and_nothing_is_kept(client: Client) -> None:
    product = shop.product(client, "100.00", taxClassification="DM030000")
    order = shop.order(client, shop.card(), items=[{"product": shop.reference(product)}])
    refused = shop.update(client, order, expecting=400)
    assert shop.text(refused) == (
        "The value you provided in the TaxClassification field (DM030000) is not an accepted value "
        f"(sku: {product.merchantProductId}): Not a Vindicia tax classification"
    )
    client("AutoBill").expecting(400).fetchByMerchantAutoBillId(
        merchantAutoBillId=order["merchantAutoBillId"]
    )


def test_a_running_subscription_goes_on_when_its_class_leaves_the_table(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.tax(STATE, STATE | {"classification": "DM030000", "rate": "0.01"})
    product = shop.product(client, "100.00", taxClassification="DM030000")
    items = [{"product": shop.reference(product)}]
    autobill = shop.subscribe(client, items=items, account=_living(client)).autobill
    assert _bill(client, autobill).amount == 101

    sandbox.tax(STATE)
    shop.update(client, {"VID": autobill.VID, "customerAutoBillName": "Mine"})
    sandbox.bill_on("2024-02-29T09:00:00")
    assert _bill(client, autobill).amount == D("106.50")


@pytest.mark.parametrize(
    ("policy", "tax_type", "complaint"),
    [
        ("inclusive", "Inclusive Sales", "taken for tax-inclusive"),
        ("none", "Exclusive Sales", "no tax was computed"),
        ("fail", "Inclusive Sales", "taken for tax-inclusive"),
    ],
)
def test_without_the_tax_service_bills_are_written_all_the_same(
    client: Client, sandbox: Sandbox, tax_owed: TaxOwed, policy: str, tax_type: str, complaint: str
) -> None:
    sandbox.settings(taxWhenUnavailable=policy)
    sandbox.tax(STATE, unavailable=True)
    order = shop.order(client, shop.card(), account=_living(client))
    saved = shop.update(client, order, expecting=202)

    assert shop.text(saved) == "Tax service temporarily unavailable; processed without it"
    bill = _bill(client, saved.autobill)
    assert (bill.amount, bill.salesTaxAddress) == (10, None)
    assert {line.taxType for line in bill.transactionItems} == {tax_type}
    assert complaint in shop.names(bill)["vin:TaxError_1"]
    sandbox.bill_on("2024-02-29T09:00:00")
    assert _bill(client, saved.autobill).amount == 10
    assert tax_owed() == {}

    sandbox.tax(STATE)
    sandbox.bill_on("2024-03-31T09:00:00")
    assert _bill(client, saved.autobill).amount == D("10.65")


def test_taxation_can_be_switched_off(client: Client, sandbox: Sandbox) -> None:
    sandbox.settings(taxProcessing="off")
    bill = _bill(client, shop.subscribe(client, account=_living(client)).autobill)
    assert (bill.amount, bill.salesTaxAddress, bill.transactionItems[-1].sku) == (10, None, "Total Tax")


def test_the_tax_of_a_bill_stays_what_it_was_when_the_rates_change(client: Client, sandbox: Sandbox) -> None:
    order = shop.order(client, shop.card(shop.SOFT_DECLINED), account=_living(client))
    autobill = shop.update(client, order, immediateAuthFailurePolicy="putAutoBillInRetryCycle").autobill
    sandbox.tax(STATE | {"rate": "0.5"})
    sandbox.bill_on("2024-02-03T09:00:00")
    first, second = shop.transactions(client, autobill)
    assert first.amount == second.amount == D("10.88")
    assert first.salesTaxAddress.city == second.salesTaxAddress.city == "REDWOOD CITY"
