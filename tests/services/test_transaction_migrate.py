"""Transaction.migrate: the history of another system, each sale stored or refused by itself (transaction §7.8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.services import sales, shop
from tests.services.shop import Client
from tests.services.test_transaction_report import AUTHORIZED, CAPTURED, at, entry, fetched, log
from tests.services.wire import Wire

D = Decimal


def item(name: str = "Book", price: str = "10.00", **fields: Any) -> dict[str, Any]:
    return {"sku": name.lower(), "name": name, "price": price} | fields


def history(**fields: Any) -> dict[str, Any]:
    """A sale of the past: one book at 10.00 by card, captured by Litle."""
    given: dict[str, Any] = {
        "account": {"merchantAccountId": shop.new_id("account"), "name": "Ada Reader"},
        "merchantTransactionId": shop.new_id("old"),
        "paymentMethod": shop.card(),
        "migrationTransactionItems": [item()],
        "paymentProcessor": "Litle",
        "paymentProcessorTransactionId": "lt-1",
        "statusLog": [entry("Captured", CAPTURED), entry("Authorized")],
    }
    return given | fields


def migrate(client: Client, *transactions: dict[str, Any], expecting: int = 200) -> Any:
    return client("Transaction").expecting(expecting).migrate(migrationTransactions=list(transactions))


def migrated(client: Client, sale: dict[str, Any]) -> Any:
    """The sale as it is fetched after it was migrated."""
    assert migrate(client, sale).response == []
    return fetched(client, sale)


def problems(answer: Any) -> list[tuple[str, int, str]]:
    return [(one.merchantTransactionId, one.code, one.description) for one in answer.response]


def test_a_sale_of_the_past_is_kept_with_its_customer(
    client: Client, books_are_right: Callable[[], None]
) -> None:
    sale = history(divisionNumber="12", sourceIp="192.0.2.1", nameValues=[{"name": "basket", "value": "7"}])

    stored = migrated(client, sale)

    assert log(stored) == [("Captured", at(CAPTURED)), ("Authorized", at(AUTHORIZED))]
    assert (stored.amount, stored.currency, stored.timestamp) == (D("10.00"), "USD", at(AUTHORIZED))
    assert (stored.paymentProcessor, stored.paymentProcessorTransactionId) == ("Litle", "lt-1")
    assert (stored.divisionNumber, stored.sourceIp, shop.names(stored)) == (
        "12",
        "192.0.2.1",
        {"basket": "7"},
    )
    assert [(line.sku, line.itemType, line.total) for line in stored.transactionItems] == [
        ("book", "Purchase", D("10.00"))
    ]
    own_id = sale["account"]["merchantAccountId"]
    account = client("Account").fetchByMerchantAccountId(merchantAccountId=own_id).account
    assert [method.VID for method in account.paymentMethods] == [stored.sourcePaymentMethod.VID]
    books_are_right()


def test_an_id_is_made_up_where_none_is_given(client: Client) -> None:
    buyer = shop.account(client)
    assert migrate(client, history(account=shop.reference(buyer), merchantTransactionId=None)).response == []

    (found,) = client("Transaction").fetchByAccount(account=shop.reference(buyer)).transactions

    assert found.merchantTransactionId == "INT00000001"


def test_tax_that_was_added_is_part_of_the_amount(client: Client) -> None:
    tax = [{"amount": "23.73", "jurisdiction": "STATE_06"}, {"amount": "8.21", "name": "OTHERS"}]

    stored = migrated(
        client,
        history(
            amount="396.94",
            migrationTransactionItems=[item("Hat", "365.00", migrationTaxItems=tax)],
            salesTaxAddress=shop.address(),
        ),
    )

    line, summary = stored.transactionItems
    assert (line.total, line.taxType) == (D("396.94"), "Exclusive Sales")
    assert (summary.sku, summary.total) == ("Total Tax", D("31.94"))
    assert stored.salesTaxAddress.city == "Redwood City"


def test_tax_that_prices_contain_is_not_added(client: Client) -> None:
    book = item("Book", "9.99", migrationTaxItems=[{"amount": "1.66", "name": "Inclusive VAT"}])

    stored = migrated(client, history(amount="9.99", taxInclusive=True, migrationTransactionItems=[book]))

    line, summary = stored.transactionItems
    assert (line.total, line.taxType, summary.total) == (D("9.99"), "Inclusive Sales", D("1.66"))


def test_a_credit_reduces_the_amount(client: Client) -> None:
    items = [item("Hat", "30.00"), item("Rebate", "5.00", itemType="Credit")]

    stored = migrated(client, history(amount="25.00", migrationTransactionItems=items))

    assert [(line.itemType, line.total) for line in stored.transactionItems] == [
        ("Purchase", D("30.00")),
        ("Credit", D("-5.00")),
    ]


def test_every_sale_counts_as_one_of_its_own_whatever_is_said_of_its_cycle(client: Client) -> None:
    recurring = {"type": "Recurring", "autoBillCycle": 3, "billingPlanCycle": 3, "retryNumber": 1}

    stored = migrated(
        client, history(**recurring, migrationTransactionItems=[item(itemType="RecurringCharge")])
    )

    assert (stored.autoBillCycle, stored.billingPlanCycle, stored.retryNumber) == (None, None, None)
    assert stored.transactionItems[0].itemType == "Purchase"


def test_what_cannot_be_stored_is_told_and_the_rest_is_stored(client: Client) -> None:
    good, bad = history(), history(amount="11.00")

    answer = migrate(client, bad, good, expecting=202)

    assert shop.text(answer) == "Some transactions were not migrated; check the response"
    assert problems(answer) == [
        (bad["merchantTransactionId"], 400, 'amount "11.00" is not 10.00, which the items come to.')
    ]
    assert fetched(client, good).amount == 10
    own_id = bad["merchantTransactionId"]
    client("Transaction").expecting(404).fetchByMerchantTransactionId(merchantTransactionId=own_id)
    who = bad["account"]["merchantAccountId"]
    client("Account").expecting(400).fetchByMerchantAccountId(merchantAccountId=who)


def test_an_id_that_is_in_use_is_refused(client: Client) -> None:
    first = history()
    migrate(client, first)

    answer = migrate(client, first, expecting=400)

    own_id = first["merchantTransactionId"]
    text = f'Transaction with merchantTransactionId "{own_id}" has already been processed'
    assert problems(answer) == [(own_id, 400, text)]
    assert shop.text(answer) == "No transaction was migrated; check the response"


def test_an_id_that_comes_twice_in_a_call_is_stored_once(client: Client) -> None:
    sale = history()

    answer = migrate(client, sale, sale, expecting=202)

    assert [code for _, code, _ in problems(answer)] == [400]
    assert fetched(client, sale).amount == 10


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"amount": "-1"}, 400, 'amount "-1.00" is negative.'),
        ({"migrationTransactionItems": []}, 400, "Missing required parameter 'amount'."),
        (
            {"migrationTransactionItems": [item(price="-1.00")]},
            400,
            'transactionItems.price "-1.00" is not between 0 and ',
        ),
        ({"account": {"VID": "0" * 40}}, 404, f'No match found for VID "{"0" * 40}"'),
        ({"paymentMethod": {"VID": "0" * 40}}, 404, f'No match found for VID "{"0" * 40}"'),
        (
            {"paymentMethod": shop.card("1111111111111111")},
            400,
            "Data validation error Failed to create Payment-Type-Specific Payment Record: ",
        ),
        ({"paymentMethod": sales.boleto()}, 400, "Transactions paid by Boleto cannot be migrated."),
        ({"paymentMethod": sales.carrier()}, 400, "Transactions paid by CarrierBilling cannot be migrated."),
    ],
)
def test_why_a_sale_was_not_migrated(client: Client, changes: dict[str, Any], code: int, text: str) -> None:
    sale = history() | changes

    ((own_id, told, description),) = problems(migrate(client, sale, expecting=400))

    assert (own_id, told) == (sale["merchantTransactionId"], code)
    assert description.startswith(text)


def test_a_migrated_sale_may_be_told_of_anew_by_report(client: Client) -> None:
    sale = history()
    before = migrated(client, sale)

    client("Transaction").report(
        transactions=[
            {
                "merchantTransactionId": sale["merchantTransactionId"],
                "statusLog": [entry("Refunded", "2024-04-01T00:00:00-07:00")],
            }
        ]
    )

    after = fetched(client, sale)
    assert (after.VID, after.amount, shop.log(after)) == (
        before.VID,
        before.amount,
        ["Refunded", "Captured", "Authorized"],
    )


def test_the_day_of_a_sale_is_that_of_its_oldest_entry(client: Client) -> None:
    stored = migrated(client, history(statusLog=[entry("Captured", CAPTURED), entry("New", AUTHORIZED)]))

    assert stored.timestamp == datetime.fromisoformat(AUTHORIZED)


CARD = "<paymentMethod><type>CreditCard</type></paymentMethod>"
LOG = "<statusLog><status>Captured</status></statusLog>"
BOOK = "<migrationTransactionItems><name>Book</name><price>1.00</price></migrationTransactionItems>"


@pytest.mark.parametrize(
    ("content", "missing"),
    [
        (CARD, "statusLog"),
        (LOG, "paymentMethod"),
        (f"<paymentMethod/>{LOG}", "paymentMethod"),
        (f"{CARD}<statusLog><paymentMethodType>ECP</paymentMethodType></statusLog>", "statusLog.status"),
        (CARD + LOG + BOOK, "migrationTransactionItems.sku"),
    ],
)
def test_what_a_sale_of_the_past_cannot_do_without(wire: Wire, content: str, missing: str) -> None:
    reply = wire.call("Transaction", "migrate", f"<migrationTransactions>{content}</migrationTransactions>")

    assert (reply.code, reply.value("response/code")) == (400, "400")
    assert reply.value("response/merchantTransactionId") == ""
    assert reply.value("response/description") == f"Missing required parameter '{missing}'."


def test_there_has_to_be_something_to_migrate(wire: Wire) -> None:
    reply = wire.call("Transaction", "migrate")

    assert (reply.code, reply.text) == (400, "No transactions specified")


def test_problems_may_be_narrowed(client: Client) -> None:
    answer = (
        client("Transaction")
        .expecting(400)
        .migrate(migrationTransactions=[history(amount="11.00")], srd='{"return": ""}')
    )

    assert answer.response == []
