"""Calls that meet on one account, AutoBill, invoice or id: as if one came after the other (conventions §11)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Client
from tests.reliability.conftest import Settle
from tests.reliability.processor_books import ProcessorBooks
from tests.reliability.racing import Race, codes
from tests.servers import Server
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.soap_client import Login

TEN = Decimal("10.00")
CARD = (
    f"<type>CreditCard</type><creditCard><account>{shop.CARD}</account>"
    f"<expirationDate>{shop.EXPIRY}</expirationDate></creditCard>"
)


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Any:
    sandbox.set_clock("2024-01-15T12:00:00")
    yield
    books_are_right()


@pytest.fixture
def race(server: Server, second_server: Server, merchant: Login) -> Race:
    """Over two server processes."""
    return Race(merchant, server, second_server)


def invoiced(client: Client, amount: str = "10.00", **fields: Any) -> Any:
    """An AutoBill paid by hand with that much due."""
    product = shop.product(client, amount)
    return shop.subscribe(
        client, shop.invoiced(), items=[{"product": shop.reference(product)}], invoiceTerms=30, **fields
    ).autobill


def payment(autobill: Any, method: str, amount: str = "10.00", rest: str = "") -> str:
    return (
        f'<autobill xmlns=""><VID>{autobill.VID}</VID></autobill>'
        f'<paymentMethod xmlns="">{method}</paymentMethod><amount xmlns="">{amount}</amount>{rest}'
    )


def cheque(payment_id: str | None = None, method_id: str | None = None) -> str:
    own = payment_id or shop.new_id("cheque")
    return (
        f"<type>MerchantAcceptedPayment</type><merchantAcceptedPayment><paymentType>Cheque</paymentType>"
        f"<paymentId>{own}</paymentId></merchantAcceptedPayment>"
        f"<merchantPaymentMethodId>{method_id or own}</merchantPaymentMethodId>"
    )


def account_credit(client: Client, autobill: Any) -> Decimal:
    account = client("Account").fetchByVid(vid=autobill.account.VID).account
    return sum((amount for amount, _ in shop.credit(account)), Decimal(0))


def allocated(client: Client, autobill: Any, invoice: str) -> Decimal:
    """What payments took off an invoice of 10.00 or more; credit made of the rest is not part of it."""
    return sum((made.amount for made in shop.transactions(client, autobill)), Decimal(0)) - account_credit(
        client, autobill
    )


def test_two_cheques_for_one_invoice_pay_it_once_and_the_other_is_refused(client: Client, race: Race) -> None:
    autobill = invoiced(client)
    named = f'<invoiceId xmlns="">{shop.invoices(client, autobill)[0]}</invoiceId>'
    answers = race("AutoBill", "makePayment", [payment(autobill, cheque(), rest=named) for _ in range(2)])
    assert codes(answers) == {"200": 1, "400": 1}
    assert len(shop.transactions(client, autobill)) == 1
    assert list(shop.states(client, autobill).values()) == ["Paid", "Open"]
    assert account_credit(client, autobill) == 0


def test_two_part_payments_that_are_too_much_together_never_over_apply(client: Client, race: Race) -> None:
    autobill = invoiced(client)
    answers = race("AutoBill", "makePayment", [payment(autobill, cheque(), "7.00") for _ in range(2)])
    assert codes(answers) == {"200": 2}
    invoice = shop.invoices(client, autobill)[0]
    assert shop.due(client, autobill, invoice) == 0
    assert allocated(client, autobill, invoice) == 10
    assert account_credit(client, autobill) == 4


def test_two_cards_for_one_invoice_pay_it_once_and_the_rest_is_credit(
    client: Client, race: Race, at_processor: ProcessorBooks
) -> None:
    """Both were asked for before either was booked."""
    autobill = invoiced(client)
    answers = race("AutoBill", "makePayment", [payment(autobill, CARD) for _ in range(2)])
    paid = [answer for answer in answers if answer.code == "200"]
    assert at_processor.held == [TEN] * len(paid)
    assert list(shop.states(client, autobill).values()) == ["Paid", "Open"]
    assert account_credit(client, autobill) == TEN * (len(paid) - 1)
    assert allocated(client, autobill, shop.invoices(client, autobill)[0]) == 10


def test_twenty_payments_on_one_account_are_booked_one_after_the_other(client: Client, race: Race) -> None:
    account = shop.account(client)
    autobills = [invoiced(client, "10.00", account=shop.reference(account)) for _ in range(2)]
    calls = [payment(autobills[number % 2], cheque(), "1.00") for number in range(20)]
    answers = race("AutoBill", "makePayment", calls)
    assert codes(answers) == {"200": 20}
    for autobill in autobills:
        made = shop.transactions(client, autobill)
        assert [one.amount for one in made] == [1] * 10
        assert list(shop.states(client, autobill).values()) == ["Paid", "Open"]
    ids = [answer.part("merchantTransactionId") for answer in answers]
    assert len(set(ids)) == 20
    assert account_credit(client, autobills[0]) == 0


def test_the_same_cheque_sent_many_times_at_once_is_booked_once(client: Client, race: Race) -> None:
    autobill = invoiced(client, "100.00")
    answers = race("AutoBill", "makePayment", [payment(autobill, cheque("cheque-7"))] * 6)
    assert codes(answers) == {"200": 1, "400": 5}
    assert shop.due(client, autobill, shop.invoices(client, autobill)[0]) == 90


def test_a_payment_method_id_is_used_once_over_all_accounts(client: Client, race: Race) -> None:
    autobills = [invoiced(client, "100.00") for _ in range(4)]
    own_id = shop.new_id("pm")
    calls = [payment(autobill, cheque(method_id=own_id)) for autobill in autobills]
    answers = race("AutoBill", "makePayment", calls)
    assert codes(answers) == {"200": 1, "400": 3}
    refused = [answer.text for answer in answers if answer.code == "400"]
    assert all(f'merchantPaymentMethodId "{own_id}" has been used before.' in text for text in refused)


@pytest.mark.parametrize("account_is_new", [False, True])
def test_the_same_new_autobill_ordered_many_times_at_once_is_one(
    client: Client, race: Race, at_processor: ProcessorBooks, settle: Settle, account_is_new: bool
) -> None:
    own_id = shop.new_id("bill")
    account = (
        {"merchantAccountId": shop.new_id("account")}
        if account_is_new
        else shop.reference(shop.account(client))
    )
    ((key, value),) = account.items()
    product, plan = shop.product(client), shop.plan(client)
    order = (
        f'<autobill xmlns=""><merchantAutoBillId>{own_id}</merchantAutoBillId>'
        f"<account><{key}>{value}</{key}></account><billingPlan><VID>{plan.VID}</VID></billingPlan>"
        f"<paymentMethod>{CARD}</paymentMethod><items><product><VID>{product.VID}</VID></product></items></autobill>"
        '<immediateAuthFailurePolicy xmlns="">doNotSaveAutoBill</immediateAuthFailurePolicy>'
        '<validateForFuturePayment xmlns="">0</validateForFuturePayment>'
        '<minChargebackProbability xmlns="">100</minChargebackProbability>'
    )
    answers = race("AutoBill", "update", [order] * 5)
    assert codes(answers) == {"200": 5}
    assert len({answer.part("autobill/VID") for answer in answers}) == 1
    found = client("AutoBill").fetchByMerchantAutoBillId(merchantAutoBillId=own_id).autobill
    assert shop.standing(found) == ("Active", "Good Standing")
    assert list(shop.states(client, found).values()) == ["Paid", "Open"]
    assert len(shop.transactions(client, found)) == 1
    assert settle() == 0
    assert at_processor.held == [TEN]


@pytest.mark.parametrize(
    ("service", "part", "key", "rest"),
    [
        ("Account", "account", "merchantAccountId", "<name>Ada</name>"),
        ("Product", "product", "merchantProductId", "<prices><amount>1.00</amount></prices>"),
        (
            "BillingPlan",
            "billingPlan",
            "merchantBillingPlanId",
            "<periods><type>Month</type><quantity>1</quantity></periods>",
        ),
        ("PaymentMethod", "paymentMethod", "merchantPaymentMethodId", CARD),
    ],
)
def test_the_same_new_object_sent_many_times_at_once_is_created_once_and_then_changed(
    race: Race, service: str, part: str, key: str, rest: str
) -> None:
    own_id = shop.new_id("raced")
    flags = (
        '<validate xmlns="">0</validate><minChargebackProbability xmlns="">100</minChargebackProbability>'
        '<replaceOnAllAutoBills xmlns="">0</replaceOnAllAutoBills>'
        if service == "PaymentMethod"
        else ""
    )
    call = f'<{part} xmlns=""><{key}>{own_id}</{key}>{rest}</{part}>{flags}'
    answers = race(service, "update", [call] * 6)
    assert codes(answers) == {"200": 6}, answers[0].text
    assert sorted(answer.part("created") or "" for answer in answers) == ["0"] * 5 + ["1"]
    assert len({answer.part(f"{part}/VID") for answer in answers}) == 1


def test_changes_of_one_account_at_once_all_arrive(client: Client, race: Race) -> None:
    account = shop.account(client)
    calls = [
        f'<account xmlns=""><VID>{account.VID}</VID><nameValues><name>n{number}</name><value>{number}</value>'
        "</nameValues></account>"
        for number in range(10)
    ]
    assert codes(race("Account", "update", calls)) == {"200": 10}
    found = client("Account").fetchByVid(vid=account.VID).account
    assert shop.names(found) == {f"n{number}": str(number) for number in range(10)}


def test_changes_of_one_product_at_once_all_arrive(client: Client, race: Race) -> None:
    product = shop.product(client)
    calls = [
        f'<product xmlns=""><VID>{product.VID}</VID><nameValues><name>n{number}</name><value>{number}</value>'
        "</nameValues></product>"
        for number in range(4)
    ]
    assert codes(race("Product", "update", calls)) == {"200": 4}
    found = client("Product").fetchByVid(vid=product.VID).product
    assert shop.names(found) == {f"n{number}": str(number) for number in range(4)}


def test_one_id_for_two_accounts_at_once_goes_to_one_of_them(client: Client, race: Race) -> None:
    accounts, own_id = [shop.account(client) for _ in range(2)], shop.new_id("account")
    calls = [
        f'<account xmlns=""><VID>{account.VID}</VID><merchantAccountId>{own_id}</merchantAccountId></account>'
        for account in accounts
    ]
    answers = race("Account", "update", calls)
    assert codes(answers) == {"200": 1, "400": 1}
    assert {answer.text for answer in answers} == {"OK", "Failed to update Account"}
    found = client("Account").fetchByMerchantAccountId(merchantAccountId=own_id).account
    assert found.VID in {account.VID for account in accounts}
