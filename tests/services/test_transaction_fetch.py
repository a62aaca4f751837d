"""Transaction.fetchBy…: reading what was charged (transaction §2, §7.13)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Client
from tests.services import shop
from tests.services.decrees import Decrees
from tests.services.sandbox import Sandbox
from tests.services.wire import Wire

UNKNOWN = "0" * 40
NO_ACCOUNT = "Unable to load account to search by:  No matches."


@pytest.fixture
def subscription(client: Client, sandbox: Sandbox) -> Any:
    """An AutoBill that was billed three times, on 15 January, February and March 2024."""
    sandbox.set_clock("2024-01-15T12:00:00")
    address = {"addr1": "1 Main St", "city": "Springfield", "country": "US"}
    account = shop.account(client, shippingAddress=address)
    bill = shop.subscribe(client, account=shop.reference(account)).autobill
    sandbox.advance(days=62)
    return bill


def vids(transactions: list[Any]) -> list[str]:
    return [transaction.VID for transaction in transactions]


def test_a_recurring_transaction_tells_everything_about_itself(client: Client, subscription: Any) -> None:
    transaction = shop.transactions(client, subscription)[1]

    assert len(transaction.VID) == 40
    assert (str(transaction.amount), transaction.currency, transaction.originalAmount) == (
        "10.00",
        "USD",
        None,
    )
    assert transaction.merchantTransactionId.startswith("INT")
    assert transaction.paymentProcessorTransactionId == transaction.merchantTransactionId
    assert transaction.paymentProcessor == "Test"
    assert transaction.timestamp.isoformat()[:10] == "2024-02-15"
    assert transaction.account.VID == subscription.account.VID
    assert transaction.sourcePaymentMethod.VID == subscription.paymentMethod.VID
    assert transaction.sourcePaymentMethod.creditCard.account == "411111XXXXXX1111"
    assert transaction.shippingAddress.city == "Springfield"
    assert (transaction.autobillVID, transaction.merchantAutobillIdentifier) == (
        subscription.VID,
        subscription.merchantAutoBillId,
    )
    assert (transaction.autoBillCycle, transaction.billingPlanCycle, transaction.retryNumber) == (1, 1, 0)
    assert transaction.originalActivityDate.isoformat() == "2024-02-15T00:00:00-08:00"
    assert shop.names(transaction) == {
        "vin:AutoBillVID": subscription.VID,
        "vin:MerchantAutoBillIdentifier": subscription.merchantAutoBillId,
        "vin:OriginalActivityDate": "2024-02-15 00:00:00",
        "vin:RetryNumber": "0",
        "vin:BillingCycle": "1",
    }


def test_the_status_log_is_newest_first_and_carries_the_codes(client: Client, subscription: Any) -> None:
    transaction = shop.transactions(client, subscription)[1]

    assert shop.log(transaction) == ["Captured", "New"]
    for entry in transaction.statusLog:
        assert entry.paymentMethodType == "CreditCard"
        assert entry.creditCardStatus.authCode == "T00"
        assert entry.timestamp.isoformat()[:10] == "2024-02-15"


def test_the_lines_show_what_was_sold(client: Client, subscription: Any) -> None:
    lines = shop.transactions(client, subscription)[1].transactionItems

    assert [line.name for line in lines] == ["Monthly", "Magazine", "Total Tax"]
    assert [line.indexNumber for line in lines] == [1, 2, 3]
    line = lines[1]
    assert (line.itemType, line.autoBillItemVid) == ("Purchase", subscription.items[0].VID)
    assert (str(line.price), str(line.quantity), str(line.subtotal), str(line.total)) == (
        "10.00",
        "1",
        "10.00",
        "10.00",
    )
    assert line.servicePeriodStartDate.isoformat() == "2024-02-15T00:00:00-08:00"
    assert line.servicePeriodEndDate.isoformat() == "2024-03-14T00:00:00-07:00"


def test_the_order_of_elements_is_that_of_the_schema(client: Client, wire: Wire, subscription: Any) -> None:
    vid = shop.transactions(client, subscription)[0].VID

    reply = wire.call("Transaction", "fetchByVid", f"<vid>{vid}</vid>")

    present = list(dict.fromkeys(reply.children("transaction")))
    assert present == [
        "VID", "amount", "currency", "merchantTransactionId", "timestamp", "account", "sourcePaymentMethod",
        "statusLog", "paymentProcessor", "paymentProcessorTransactionId", "shippingAddress", "nameValues",
        "transactionItems", "autoBillCycle", "billingPlanCycle", "originalActivityDate", "retryNumber", "autobillVID",
        "merchantAutobillIdentifier",
    ]  # fmt: skip


def test_a_transaction_is_found_by_either_id(client: Client, subscription: Any) -> None:
    transaction = shop.transactions(client, subscription)[0]

    by_vid = client("Transaction").fetchByVid(vid=transaction.VID).transaction
    by_id = (
        client("Transaction")
        .fetchByMerchantTransactionId(merchantTransactionId=transaction.merchantTransactionId)
        .transaction
    )

    assert str(by_vid) == str(by_id) == str(transaction)


@pytest.mark.parametrize(
    ("operation", "parameter", "key"),
    [
        ("fetchByVid", "vid", "VID"),
        ("fetchByMerchantTransactionId", "merchantTransactionId", "merchantTransactionId"),
    ],
)
def test_an_id_nobody_has_is_not_found(shared: Client, operation: str, parameter: str, key: str) -> None:
    answer = getattr(shared("Transaction").expecting(404), operation)(**{parameter: UNKNOWN})

    assert answer["return"].returnString == f'Unable to load transaction by {key} "{UNKNOWN}":  '
    assert answer.transaction is None


@pytest.mark.parametrize(
    ("operation", "parameter"),
    [("fetchByVid", "vid"), ("fetchByMerchantTransactionId", "merchantTransactionId")],
)
@pytest.mark.parametrize("form", ["", "<{0}/>", "<{0}> </{0}>"])
def test_an_id_has_to_be_given(shared_wire: Wire, operation: str, parameter: str, form: str) -> None:
    reply = shared_wire.call("Transaction", operation, form.format(parameter))

    assert (reply.code, reply.text) == (400, f"Missing required parameter '{parameter}'.")


def test_those_of_an_account_come_by_time_and_in_pages(client: Client, subscription: Any) -> None:
    account = shop.reference(subscription.account)
    made = vids(shop.transactions(client, subscription))

    def page(**paging: int) -> list[str]:
        return vids(client("Transaction").fetchByAccount(account=account, **paging).transactions)

    assert page() == made
    assert len(made) == 3
    assert [page(page=number, pageSize=2) for number in (0, 1)] == [made[:2], made[2:]]
    assert page(pageSize=1) == made[:1]
    beyond = client("Transaction").expecting(404).fetchByAccount(account=account, page=1)
    assert beyond["return"].returnString == "No transactions found for account."
    by_id = {"merchantAccountId": subscription.account.merchantAccountId}
    assert vids(client("Transaction").fetchByAccount(account=by_id).transactions) == made


def test_payments_and_validations_of_an_account_are_among_them(client: Client, subscription: Any) -> None:
    account = shop.reference(subscription.account)
    shop.pay(client, subscription, "2.50", invoiceId=shop.invoices(client, subscription, "Open")[0])
    client("Account").updatePaymentMethod(
        account=account,
        paymentMethod=shop.card(shop.OTHER_CARD),
        updateBehavior="Validate",
        updateScopeOnAccount="None",
        updateScopeOnChildren="None",
    )

    found = client("Transaction").fetchByAccount(account=account).transactions

    further = [(shop.log(one)[0], one.amount) for one in found[3:]]
    assert further == [("Captured", Decimal("2.50")), ("AuthorizedForValidation", Decimal("1.00"))]


def test_those_of_children_come_when_asked_for(client: Client, decrees: Decrees, subscription: Any) -> None:
    parent = shop.account(client)
    decrees.adopt(parent, subscription.account)
    owner = shop.reference(parent)

    for options in ({}, {"includeChildren": False}):
        client("Transaction").expecting(404).fetchByAccount(account=owner, **options)
    found = client("Transaction").fetchByAccount(account=owner, includeChildren=True).transactions
    assert vids(found) == vids(shop.transactions(client, subscription))


@pytest.mark.parametrize("reference", [{"VID": UNKNOWN}, {"merchantAccountId": "nobody"}])
def test_an_unknown_account_is_refused(shared: Client, reference: dict[str, str]) -> None:
    answer = shared("Transaction").expecting(400).fetchByAccount(account=reference)

    assert answer["return"].returnString == NO_ACCOUNT


@pytest.mark.parametrize("arguments", ["", "<account/>", "<account><name>x</name></account>"])
def test_an_account_has_to_be_given(shared_wire: Wire, arguments: str) -> None:
    reply = shared_wire.call("Transaction", "fetchByAccount", arguments)

    assert (reply.code, reply.text) == (400, NO_ACCOUNT)


@pytest.mark.parametrize(
    ("paging", "text"),
    [
        ("<page>-1</page>", 'page "-1" must not be negative.'),
        ("<pageSize>0</pageSize>", 'pageSize "0" must be greater than 0.'),
    ],
)
def test_a_page_that_makes_no_sense_is_refused(
    shared: Client, shared_wire: Wire, paging: str, text: str
) -> None:
    account = shop.account(shared)

    reply = shared_wire.call(
        "Transaction", "fetchByAccount", f"<account><VID>{account.VID}</VID></account>{paging}"
    )

    assert (reply.code, reply.text) == (400, text)


def test_those_of_an_autobill_come_by_time_without_validations(client: Client, subscription: Any) -> None:
    shop.pay(client, subscription, "2.50", invoiceId=shop.invoices(client, subscription, "Open")[0])

    found = shop.transactions(client, subscription)

    assert [str(one.amount) for one in found] == ["10.00", "10.00", "10.00", "2.50"]
    by_id = {"merchantAutoBillId": subscription.merchantAutoBillId}
    assert vids(client("Transaction").fetchByAutobill(autobill=by_id).transactions) == vids(found)


def test_an_autobill_that_was_never_billed_has_none(client: Client) -> None:
    bill = shop.subscribe(client, shop.invoiced()).autobill

    answer = client("Transaction").fetchByAutobill(autobill=shop.reference(bill))

    assert (answer["return"].returnString, answer.transactions) == ("OK", [])


@pytest.mark.parametrize("reference", [{"VID": UNKNOWN}, {"merchantAutoBillId": "nobody's"}])
def test_an_unknown_autobill_is_not_found(shared: Client, reference: dict[str, str]) -> None:
    answer = shared("Transaction").expecting(404).fetchByAutobill(autobill=reference)

    assert answer["return"].returnString == "Unable to load AutoBill:  ."


@pytest.mark.parametrize("arguments", ["", "<autobill/>"])
def test_an_autobill_has_to_be_given(shared_wire: Wire, arguments: str) -> None:
    reply = shared_wire.call("Transaction", "fetchByAutobill", arguments)

    assert (reply.code, reply.text) == (400, "Missing required parameter 'autobill'.")


def test_those_of_a_payment_method_are_found_by_whatever_identifies_it(
    client: Client, subscription: Any
) -> None:
    made = vids(shop.transactions(client, subscription))
    shop.subscribe(client, shop.paypal())

    for pattern in (shop.reference(subscription.paymentMethod), shop.card(expiry="209901")):
        found = (
            client("Transaction")
            .fetchByPaymentMethod(paymentMethod=pattern, page=0, pageSize=10)
            .transactions
        )
        assert vids(found) == made
        pages = [
            vids(
                client("Transaction")
                .fetchByPaymentMethod(paymentMethod=pattern, page=number, pageSize=2)
                .transactions
            )
            for number in range(3)
        ]
        assert pages == [made[:2], made[2:], []]


def test_paypal_without_an_address_means_every_paypal_transaction(client: Client) -> None:
    bills = [shop.subscribe(client, shop.paypal()).autobill for _ in range(2)]
    shop.subscribe(client)
    email = bills[0].paymentMethod.paypal.paypalEmail

    def found(pattern: dict[str, Any]) -> list[str]:
        answer = client("Transaction").fetchByPaymentMethod(paymentMethod=pattern, page=0, pageSize=10)
        return [transaction.autobillVID for transaction in answer.transactions]

    assert found({"type": "PayPal"}) == [bill.VID for bill in bills]
    assert found({"type": "PayPal", "paypal": {"paypalEmail": email.upper()}}) == [bills[0].VID]


@pytest.mark.parametrize(
    "pattern",
    [
        {"VID": UNKNOWN},
        {"merchantPaymentMethodId": "nobody's"},
        shop.card("4242424242424242"),
        {"type": "PayPal", "paypal": {"paypalEmail": "nobody@example.org"}},
    ],
)
def test_an_unknown_payment_method_is_not_found(shared: Client, pattern: dict[str, Any]) -> None:
    answer = (
        shared("Transaction").expecting(404).fetchByPaymentMethod(paymentMethod=pattern, page=0, pageSize=10)
    )

    assert answer["return"].returnString == "No match found for payment method."


def test_a_payment_method_without_transactions_has_none(shared: Client) -> None:
    method = shop.account(shared, paymentMethods=[shop.paypal()]).paymentMethods[0]

    answer = shared("Transaction").fetchByPaymentMethod(
        paymentMethod=shop.reference(method), page=0, pageSize=10
    )

    assert answer.transactions == []
