"""Transaction.report: sales made elsewhere are kept as they are told, and corrected later (transaction §7.7, §6.2)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.services import sales, shop
from tests.services.shop import Client
from tests.services.wire import Wire

D = Decimal

AUTHORIZED = "2024-03-01T10:00:00-08:00"
CAPTURED = "2024-03-02T11:30:00-08:00"
STATE = {"jurisdiction": "STATE_06", "name": "CALIFORNIA STATE SALES TAX", "amount": "23.73"}
COUNTY = {"jurisdiction": "COUNTY_081", "name": "SAN MATEO COUNTY SALES TAX", "amount": "4.56"}
SPECIAL = {"jurisdiction": "SPECIAL_EMUA0", "name": "TRANSPORT DISTRICT SALES TAX", "amount": "3.65"}


def entry(status: str, at: str | None = None, **codes: str) -> dict[str, Any]:
    """An entry of a card's log; with the code of an approval unless told otherwise."""
    card = {"creditCardStatus": {"authCode": "100"} | codes} if status != "New" or codes else {}
    return {"status": status, "timestamp": at or AUTHORIZED, "paymentMethodType": "CreditCard"} | card


def told(account: Any = None, **fields: Any) -> dict[str, Any]:
    """A captured sale as a merchant tells of it."""
    given = {
        "merchantTransactionId": shop.new_id("told"),
        "timestamp": AUTHORIZED,
        "paymentProcessor": "Litle",
        "statusLog": [entry("Captured", CAPTURED), entry("Authorized"), entry("New")],
    }
    return sales.order(account, **(given | fields))


def report(client: Client, *transactions: dict[str, Any], expecting: int = 200) -> Any:
    return client("Transaction").expecting(expecting).report(transactions=list(transactions))


def fetched(client: Client, sale: dict[str, Any]) -> Any:
    own_id = sale["merchantTransactionId"]
    return client("Transaction").fetchByMerchantTransactionId(merchantTransactionId=own_id).transaction


def reported(client: Client, sale: dict[str, Any]) -> Any:
    """The sale as it is fetched after it was reported."""
    report(client, sale)
    return fetched(client, sale)


def log(transaction: Any) -> list[tuple[str, datetime]]:
    return [(status.status, status.timestamp) for status in transaction.statusLog]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_sale_is_kept_as_it_is_told(client: Client) -> None:
    stored = reported(
        client,
        told(
            paymentProcessorTransactionId="lt-77",
            divisionNumber="12",
            note="by telephone",
            sourcePhoneNumber="555-0100",
            verificationCode="3ds-ok",
            shippingAddress=shop.address(),
            nameValues=[
                {"name": "basket", "value": "7"},
                {"name": "vin:RetryNumber", "value": "9"},
            ],
        ),
    )

    assert log(stored) == [
        ("Captured", at(CAPTURED)),
        ("Authorized", at(AUTHORIZED)),
        ("New", at(AUTHORIZED)),
    ]
    assert (stored.amount, stored.currency, stored.timestamp) == (D("20.00"), "USD", at(AUTHORIZED))
    assert (stored.paymentProcessor, stored.paymentProcessorTransactionId, stored.divisionNumber) == (
        "Litle",
        "lt-77",
        "12",
    )
    assert (stored.note, stored.sourcePhoneNumber, stored.verificationCode) == (
        "by telephone",
        "555-0100",
        "3ds-ok",
    )
    assert shop.names(stored) == {"basket": "7"}
    assert stored.shippingAddress.city == "Redwood City"
    assert stored.account.paymentMethods[0].VID == stored.sourcePaymentMethod.VID


def test_the_amount_is_what_the_merchant_says_whatever_the_items_add_up_to(client: Client) -> None:
    stored = reported(client, told(amount="17.00", transactionItems=[sales.item()]))

    assert (stored.amount, [item.total for item in stored.transactionItems]) == (D("17.00"), [D("20.00")])


def test_an_amount_without_items_has_one_generic_line(client: Client) -> None:
    stored = reported(client, told(amount="9.99", transactionItems=[]))

    (line,) = stored.transactionItems
    assert (line.sku, line.name, line.total, stored.amount) == (None, "Generic item", D("9.99"), D("9.99"))


def test_exclusive_tax_is_added_and_summed_up_to_the_cent(client: Client) -> None:
    hat = sales.item("Hat", "365.00", "1", tax=[STATE, COUNTY, SPECIAL])

    stored = reported(client, told(transactionItems=[hat]))

    line, summary = stored.transactionItems
    assert (line.subtotal, line.total, line.taxType) == (D("365.00"), D("396.94"), "Exclusive Sales")
    assert [(tax.jurisdiction, tax.amount) for tax in line.tax] == [
        ("STATE_06", D("23.73")),
        ("COUNTY_081", D("4.56")),
        ("SPECIAL_EMUA0", D("3.65")),
    ]
    assert (summary.sku, summary.name, summary.taxClassification) == ("Total Tax", "Total Tax", "TaxExempt")
    assert (summary.price, summary.subtotal, summary.total) == (0, 0, D("31.94"))
    assert stored.amount == D("396.94")


def test_tax_is_inside_the_prices_when_these_add_up_to_the_amount(client: Client) -> None:
    vat = {"jurisdiction": "COUNTRY_78295", "name": "Inclusive VAT", "amount": "1.66", "taxRate": "0.2"}
    book = sales.item("Book", "9.99", "1", tax=[vat])

    stored = reported(client, told(amount="9.99", transactionItems=[book]))

    line, summary = stored.transactionItems
    assert (line.total, line.taxType, line.tax[0].taxRate) == (D("9.99"), "Inclusive Sales", D("0.2"))
    assert (summary.total, stored.amount) == (D("1.66"), D("9.99"))


def test_a_sale_that_was_fetched_may_be_reported_as_it_is(client: Client) -> None:
    credit = sales.item("Rebate", "5.00", "1", itemType="Credit")
    sale = told(transactionItems=[sales.item("Hat", "365.00", "1", tax=[STATE]), credit])
    before = reported(client, sale)

    report(client, before)

    after = fetched(client, sale)
    assert [(item.sku, item.total) for item in after.transactionItems] == [
        ("hat", D("388.73")),
        ("rebate", D("-5.00")),
        ("Total Tax", D("23.73")),
    ]
    assert (after.VID, after.amount, log(after)) == (before.VID, D("383.73"), log(before))


def test_a_later_report_changes_what_it_says_and_leaves_the_rest(client: Client) -> None:
    sale = told(note="first", nameValues=[{"name": "basket", "value": "7"}])
    first = reported(client, sale | {"statusLog": [entry("Authorized"), entry("New")]})

    second = reported(
        client,
        {
            "merchantTransactionId": sale["merchantTransactionId"],
            "amount": "18.00",
            "nameValues": [{"name": "shelf", "value": "3"}],
            "statusLog": [entry("Captured", CAPTURED)],
        },
    )

    assert (second.VID, second.amount, second.note, second.paymentProcessor) == (
        first.VID,
        D("18.00"),
        "first",
        "Litle",
    )
    assert shop.log(first) == ["Authorized", "New"]
    assert shop.log(second) == ["Captured", "Authorized", "New"]
    assert (second.account.VID, second.sourcePaymentMethod.VID) == (
        first.account.VID,
        first.sourcePaymentMethod.VID,
    )
    assert [item.name for item in second.transactionItems] == ["Book"]
    assert shop.names(second) == {"basket": "7", "shelf": "3"}


def test_a_report_that_comes_twice_changes_nothing(client: Client) -> None:
    sale = told(account=shop.account(client))
    before = reported(client, sale)

    after = reported(client, sale)

    assert (after.VID, log(after)) == (before.VID, log(before))
    assert after.sourcePaymentMethod.VID == before.sourcePaymentMethod.VID


def test_an_older_state_that_is_told_late_does_not_take_back_a_newer_one(client: Client) -> None:
    sale = told()
    report(client, sale)

    again = reported(client, sale | {"statusLog": [entry("Authorized")]})

    assert shop.log(again) == ["Captured", "Authorized", "New"]


def test_codes_are_kept_to_the_letter_and_the_address_check_is_judged(client: Client) -> None:
    log_ = [entry("Cancelled", avsCode="I3:889", cvnCode="M-12", authCode="301", authApprovalCode="A1")]

    status = reported(client, told(statusLog=log_)).statusLog[0]

    card = status.creditCardStatus
    assert (card.authCode, card.avsCode, card.cvnCode, card.authApprovalCode) == (
        "301",
        "I3:889",
        "M-12",
        "A1",
    )
    assert status.vinAVS == "FullMatch"


@pytest.mark.parametrize("status", ["Settled", "Refunded", "Pending", "AuthorizationPending"])
def test_any_status_may_be_told(client: Client, status: str) -> None:
    assert shop.log(reported(client, told(statusLog=[entry(status)]))) == [status]


def test_a_card_told_by_its_hash_is_of_the_account_and_never_charged(client: Client) -> None:
    hash_ = hashlib.sha1(b"5454541111111111").hexdigest()
    card = {"type": "CreditCard", "creditCard": {"accountHash": hash_, "bin": "545454"}}

    stored = reported(client, told(sourcePaymentMethod=card))

    assert (stored.sourcePaymentMethod.creditCard.account, stored.sourcePaymentMethod.active) == (
        "545454XXXXXXXXXX",
        False,
    )
    assert stored.account.paymentMethods == []


def test_a_sale_without_payment_data_is_paid_like_the_earlier_one_it_names(client: Client) -> None:
    earlier = reported(client, told())
    later = told(sourcePaymentMethod=None, previousMerchantTransactionId=earlier.merchantTransactionId)
    del later["account"]

    stored = reported(client, later)

    assert stored.sourcePaymentMethod.VID == earlier.sourcePaymentMethod.VID
    assert stored.account.VID == earlier.account.VID


def test_money_sent_to_a_customer_names_both_accounts(client: Client) -> None:
    sale = told(
        sourcePaymentMethod=shop.bank_account("1112223334"),
        destPaymentMethod=shop.bank_account("5556667778"),
        ecpTransactionType="Outbound",
        statusLog=[
            {
                "status": "Captured",
                "timestamp": CAPTURED,
                "paymentMethodType": "ECP",
                "ecpStatus": {"authCode": "100"},
            }
        ],
    )

    stored = reported(client, sale)

    assert stored.ecpTransactionType == "Outbound"
    assert stored.sourcePaymentMethod.ecp.lastDigits == "3334"
    assert stored.destPaymentMethod.ecp.lastDigits == "7778"
    assert stored.statusLog[0].ecpStatus.authCode == "100"


def test_a_cheque_that_was_reported_is_no_payment_method_to_be_used(client: Client) -> None:
    stored = reported(client, told(sourcePaymentMethod=shop.cheque()))

    assert (stored.sourcePaymentMethod.type, stored.sourcePaymentMethod.active) == (
        "MerchantAcceptedPayment",
        False,
    )


def test_a_sale_that_was_only_scored_may_be_reported(client: Client) -> None:
    scored = client("Transaction").score(transaction=sales.order()).transaction

    stored = reported(
        client, told(merchantTransactionId=scored.merchantTransactionId, account=scored.account)
    )

    assert (stored.VID, shop.log(stored)) == (scored.VID, ["Captured", "Authorized", "New"])


def test_a_report_changes_no_money_and_nothing_of_it_is_captured_or_cancelled(client: Client) -> None:
    sale = told(statusLog=[entry("Authorized"), entry("New")])
    answer = client("Transaction")
    report(client, sale)
    named = [{"merchantTransactionId": sale["merchantTransactionId"]}]

    assert [one.returnCode for one in answer.capture(transactions=named).results] == [400]
    assert [one.returnCode for one in answer.cancel(transactions=named).results] == [405]
    pending = told(statusLog=[entry("AuthorizationPending")])
    report(client, pending)
    waiting = fetched(client, pending)
    after = answer.finalizeCustomerAction(transactionVid=waiting.VID).transaction
    assert shop.log(after) == ["AuthorizationPending"]


def test_a_reported_sale_is_not_processed_under_its_id(client: Client) -> None:
    sale = told()
    report(client, sale)

    refused = sales.sell(
        client, sales.order(merchantTransactionId=sale["merchantTransactionId"]), expecting=400
    )

    assert "has already been processed" in shop.text(refused)


def test_what_is_wrong_with_one_refuses_all(client: Client) -> None:
    good, bad = told(), told(amount="-1")

    refused = report(client, good, bad, expecting=400)

    assert shop.text(refused) == f"Transaction {bad['merchantTransactionId']}: Amount negative"
    own_id = good["merchantTransactionId"]
    client("Transaction").expecting(404).fetchByMerchantTransactionId(merchantTransactionId=own_id)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"statusLog": []}, "Missing required parameter 'statusLog'."),
        ({"transactionItems": []}, "Missing required parameter 'amount'."),
        ({"currency": "QQQ"}, 'currency "QQQ" is not a currency.'),
        ({"account": {"VID": "0" * 40}}, f'No match found for VID "{"0" * 40}"'),
        ({"VID": "0" * 40}, f'No match found for VID "{"0" * 40}"'),
        (
            {"previousMerchantTransactionId": "none"},
            'No match found for previousMerchantTransactionId "none"',
        ),
        ({"paymentProcessor": "x" * 41}, f'paymentProcessor "{"x" * 40}…" is longer than 40 characters.'),
        (
            {"statusLog": [entry("Captured", avsCode="x" * 65)]},
            f'statusLog.avsCode "{"x" * 40}…" is longer than 64 characters.',
        ),
        (
            {"transactionItems": [sales.item(price="-1")]},
            'transactionItems.price "-1" is not between 0 and ',
        ),
    ],
)
def test_a_sale_that_cannot_be_kept_is_refused_by_name(
    client: Client, changes: dict[str, Any], text: str
) -> None:
    sale = told() | changes

    assert shop.text(report(client, sale, expecting=400)).startswith(
        f"Transaction {sale['merchantTransactionId']}: {text}"
    )


def test_a_sale_that_was_processed_here_cannot_be_reported(client: Client) -> None:
    sold = sales.sell(client, sales.order()).transaction

    refused = report(client, told(merchantTransactionId=sold.merchantTransactionId), expecting=400)

    assert shop.text(refused).endswith("has already been processed")
    assert shop.log(client("Transaction").fetchByVid(vid=sold.VID).transaction) == ["Authorized", "New"]


def test_a_currency_does_not_change_under_an_amount(client: Client) -> None:
    sale = told()
    report(client, sale)
    bare = {"merchantTransactionId": sale["merchantTransactionId"], "statusLog": [entry("Settled", CAPTURED)]}

    refused = report(client, bare | {"currency": "JPY"}, expecting=400)
    changed = reported(client, bare | {"currency": "JPY", "amount": "2000"})

    assert 'currency "JPY" is not USD' in shop.text(refused)
    assert (changed.amount, changed.currency) == (2000, "JPY")


def test_more_sales_than_numbers_at_hand_are_numbered_in_one_report(client: Client) -> None:
    buyer = shop.account(client)
    many = [told(buyer, merchantTransactionId=None, amount="1.00", transactionItems=[]) for _ in range(150)]

    report(client, *many)

    found = client("Transaction").fetchByAccount(account=shop.reference(buyer), pageSize=1000).transactions
    assert len({one.merchantTransactionId for one in found}) == 150


def test_there_has_to_be_something_to_report(wire: Wire) -> None:
    reply = wire.call("Transaction", "report")

    assert (reply.code, reply.text) == (400, "No transactions specified")
