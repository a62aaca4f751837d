"""Transaction.calculateSalesTax: a quote of taxes that stores nothing (transaction §7.5, §5.2)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.services.wire import Wire

D = Decimal

STATE = {
    "country": "US",
    "district": "CA",
    "rate": "0.065",
    "jurisdiction": "STATE_06",
    "name": "CALIFORNIA STATE SALES TAX",
}
COUNTY = STATE | {"rate": "0.0125", "jurisdiction": "COUNTY_081", "name": "SAN MATEO COUNTY SALES TAX"}
SPECIAL = STATE | {"rate": "0.01", "jurisdiction": "SPECIAL_EMUA0", "name": "TRANSPORT DISTRICT SALES TAX"}
CITY = STATE | {"rate": "0", "jurisdiction": "CITY_60102", "name": "CITY TAX"}
LEVY = STATE | {
    "rate": "0.5",
    "classification": "PhysicalGoods",
    "jurisdiction": "TYRES",
    "name": "Tyre levy",
}
VAT = {"country": "GB", "rate": "0.2", "inclusive": True, "jurisdiction": "COUNTRY_78295", "name": "VAT"}


@pytest.fixture(autouse=True)
def _rates(sandbox: Sandbox) -> None:
    sandbox.tax(STATE, COUNTY, SPECIAL, CITY, VAT)


def _item(price: str = "365.00", **fields: Any) -> dict[str, Any]:
    return {"sku": "hat", "name": "Hat", "price": price, "quantity": 1} | fields


def _quote(client: Client, sale: dict[str, Any], expecting: int = 200) -> Any:
    return client("Transaction").expecting(expecting).calculateSalesTax(transaction=sale)


def _items(answer: Any) -> list[tuple[str, Decimal]]:
    return [(item.description, item.tax) for item in answer.taxItems]


def test_a_quote_shows_every_tax_and_whom_it_goes_to(client: Client) -> None:
    answer = _quote(client, {"transactionItems": [_item()], "shippingAddress": shop.address()})

    hat, summary = answer.transaction.transactionItems
    assert answer.transaction.amount == D("396.94")
    assert (hat.subtotal, hat.total, hat.taxClassification) == (D("365.00"), D("396.94"), "OtherTaxable")
    assert (summary.sku, summary.total, summary.taxType) == ("Total Tax", D("31.94"), "Exclusive Sales")
    assert answer.totalTax == D("31.94")
    assert _items(answer) == [
        ("State", D("23.73")),
        ("County", D("4.56")),
        ("Special", D("3.65")),
        ("City", D("0.00")),
    ]


def test_a_tax_of_no_known_kind_stands_under_its_name(client: Client, sandbox: Sandbox) -> None:
    sandbox.tax(LEVY)
    sale = {"transactionItems": [_item("10.00", taxClassification="PhysicalGoods")]}
    answer = _quote(client, sale | {"shippingAddress": shop.address()})
    assert _items(answer) == [("Tyre levy", D("5.00"))]


def test_the_address_is_corrected_and_the_callers_own_shown_beside_it(client: Client) -> None:
    answer = _quote(client, {"transactionItems": [_item()], "shippingAddress": shop.address()})
    assert (answer.addressType, answer.originalAddress.city) == ("Shipping", "Redwood City")
    assert (answer.correctedAddress.addr1, answer.correctedAddress.city) == (
        "303 TWIN DOLPHIN DR",
        "REDWOOD CITY",
    )
    assert answer.transaction.salesTaxAddress.addr1 == "303 TWIN DOLPHIN DR"
    assert answer.transaction.shippingAddress.city == "Redwood City"
    assert [answer.originalAddress.VID, answer.correctedAddress.VID] == [None, None]


def test_nothing_of_a_quote_exists_afterwards(client: Client) -> None:
    account_id, sale_id = shop.new_id("account"), shop.new_id("sale")
    sale = {
        "merchantTransactionId": sale_id,
        "account": {"merchantAccountId": account_id, "shippingAddress": shop.address()},
        "transactionItems": [_item()],
    }
    shown = _quote(client, sale).transaction
    assert (shown.VID, shown.merchantTransactionId, shown.statusLog, shown.paymentProcessor) == (
        None,
        sale_id,
        [],
        None,
    )
    assert (shown.account.VID, shown.account.merchantAccountId, shown.amount) == (
        None,
        account_id,
        D("396.94"),
    )
    client("Account").expecting(400).fetchByMerchantAccountId(merchantAccountId=account_id)
    client("Transaction").expecting(404).fetchByMerchantTransactionId(merchantTransactionId=sale_id)


def test_a_quote_for_a_sale_that_was_made_is_no_error(client: Client) -> None:
    bill = shop.transactions(client, shop.subscribe(client).autobill)[0]
    sale = {"merchantTransactionId": bill.merchantTransactionId, "transactionItems": [_item()]}
    shown = _quote(client, sale | {"shippingAddress": shop.address()}).transaction
    assert (shown.merchantTransactionId, shown.amount) == (bill.merchantTransactionId, D("396.94"))
    assert client("Transaction").fetchByVid(vid=bill.VID).transaction.amount == 10


def test_the_address_of_a_known_account_counts_and_what_is_sent_of_it_does_not(client: Client) -> None:
    known = shop.account(client, shippingAddress=shop.address("GB", None, "Leeds"))
    sent = shop.reference(known) | {"shippingAddress": shop.address()}
    answer = _quote(client, {"account": sent, "transactionItems": [_item("301.00")]})
    assert (answer.addressType, answer.totalTax) == ("Shipping", D("50.17"))
    assert answer.originalAddress.VID == known.shippingAddress.VID
    assert answer.transaction.account.VID == known.VID


@pytest.mark.parametrize("stored", [False, True])
def test_the_billing_address_counts_where_nothing_is_shipped(client: Client, stored: bool) -> None:
    method: dict[str, Any] = shop.card(billingAddress=shop.address())
    if stored:
        method = shop.reference(shop.account(client, paymentMethods=[method]).paymentMethods[0])
    answer = _quote(client, {"sourcePaymentMethod": method, "transactionItems": [_item()]})
    assert (answer.addressType, answer.totalTax) == ("Billing", D("31.94"))
    assert answer.transaction.account is None


def test_an_account_without_an_id_counts_for_what_is_said_of_it(client: Client) -> None:
    who = {
        "shippingAddress": shop.address(),
        "taxExemptions": [{"region": "STATE_06", "exemptionId": "R1", "active": True}],
    }
    answer = _quote(client, {"account": who, "transactionItems": [_item()]})
    assert (answer.transaction.account, answer.totalTax) == (None, D("8.21"))


def test_exemptions_of_the_sale_and_of_the_account_free_together(client: Client) -> None:
    exempt = shop.account(
        client,
        shippingAddress=shop.address(),
        taxExemptions=[{"region": "STATE_06", "exemptionId": "R1", "active": True}],
    )
    sale = {
        "account": shop.reference(exempt),
        "transactionItems": [_item()],
        "taxExemptions": [
            {"region": "COUNTY_081", "exemptionId": "R2", "active": True},
            {"region": "US", "exemptionId": "R3", "active": False},
        ],
    }
    assert _items(_quote(client, sale)) == [("Special", D("3.65")), ("City", D("0.00"))]


def test_an_amount_without_items_stays_and_its_tax_is_told(client: Client) -> None:
    shown = _quote(client, {"amount": "100.00", "shippingAddress": shop.address()})
    generic, summary = shown.transaction.transactionItems
    assert (generic.sku, generic.name, generic.total, generic.tax) == (None, "Generic item", 100, [])
    assert (shown.transaction.amount, summary.total, shown.totalTax) == (100, D("8.75"), D("8.75"))


def test_discounts_and_taxable_credits_reduce_the_base_and_credits_do_not(client: Client) -> None:
    items = [
        _item("100.00"),
        _item("10.00", itemType="DiscountBeforeTax"),
        _item("10.00", itemType="TaxableCredit"),
        _item("10.00", itemType="Credit"),
    ]
    answer = _quote(client, {"transactionItems": items, "shippingAddress": shop.address()})
    assert (answer.totalTax, answer.transaction.amount) == (D("6.99"), D("76.99"))


def test_without_an_address_there_is_no_tax_and_the_quote_says_why(client: Client) -> None:
    answer = _quote(client, {"transactionItems": [_item()]})
    assert (answer.totalTax, answer.addressType, answer.correctedAddress) == (0, None, None)
    assert "neither a shipping nor a billing address" in shop.names(answer.transaction)["vin:TaxError_1"]


def test_without_taxation_there_is_nothing_to_tell(client: Client, sandbox: Sandbox) -> None:
    sandbox.tax()
    answer = _quote(client, {"transactionItems": [_item()], "shippingAddress": shop.address()})
    assert [line.sku for line in answer.transaction.transactionItems] == ["hat"]
    assert (answer.totalTax, answer.taxItems, answer.addressType) == (0, [], None)
    sandbox.settings(taxProcessing="on")
    answer = _quote(client, {"transactionItems": [_item()], "shippingAddress": shop.address()})
    assert [line.sku for line in answer.transaction.transactionItems] == ["hat", "Total Tax"]
    assert (answer.totalTax, answer.addressType) == (0, "Shipping")


@pytest.mark.parametrize("policy", ["inclusive", "none", "fail"])
def test_without_the_tax_service_there_is_no_quote(client: Client, sandbox: Sandbox, policy: str) -> None:
    sandbox.settings(taxWhenUnavailable=policy)
    sandbox.tax(STATE, unavailable=True)
    refused = _quote(client, {"transactionItems": [_item()], "shippingAddress": shop.address()}, 408)
    assert shop.text(refused) == "Required tax service temporarily unavailable."


@pytest.mark.parametrize(
    ("sale", "code", "text"),
    [
        ({"amount": "-1"}, 400, "Amount negative"),
        ({"transactionItems": [_item("1.00", itemType="DiscountBeforeTax")]}, 400, "Amount negative"),
        (
            {"transactionItems": [_item(taxClassification="DM030000")]},
            400,
            (
                "Error validating transaction:  The value you provided in the TaxClassification field (DM030000) is "
                "not an accepted value (sku: hat): Not a Vindicia tax classification"
            ),
        ),
        (
            {"note": "nothing"},
            400,
            "Must specify line items in transaction to calculate sales tax for auth!",
        ),
        ({"amount": "1", "currency": "QQQ"}, 400, 'currency "QQQ" is not a currency.'),
        ({"amount": "1", "account": {"VID": "0" * 40}}, 404, "Unable to load Account"),
        (
            {"amount": "1", "sourcePaymentMethod": {"VID": "0" * 40}},
            404,
            f'No match found for VID "{"0" * 40}"',
        ),
    ],
)
def test_what_cannot_be_quoted_is_refused(client: Client, sale: dict[str, Any], code: int, text: str) -> None:
    assert shop.text(_quote(client, sale, code)) == text


@pytest.mark.parametrize("sent", ["", "<transaction/>", "<transaction><amount/></transaction>"])
def test_there_has_to_be_a_transaction(wire: Wire, sent: str) -> None:
    reply = wire.call("Transaction", "calculateSalesTax", sent)
    assert (reply.code, reply.text) == (400, "Must specify transaction to calculate sales tax")


def test_a_quote_may_be_narrowed(wire: Wire, client: Client) -> None:
    answer = client("Transaction").calculateSalesTax(
        srd='{"transaction": {"amount": ""}, "totalTax": "", "correctedAddress": {"city": ""}}',
        transaction={"transactionItems": [_item()], "shippingAddress": shop.address()},
    )
    assert (answer.totalTax, answer.taxItems, answer.transaction.amount) == (D("31.94"), [], D("396.94"))
    assert (answer.transaction.transactionItems, answer.correctedAddress.city) == ([], "REDWOOD CITY")
    assert (answer.correctedAddress.addr1, answer.originalAddress) == (None, None)
