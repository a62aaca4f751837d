"""One-time sales that meet on one id, one account's credit or one transaction: as if one came after the other."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Client
from tests.reliability.conftest import Settle
from tests.reliability.processor_books import ProcessorBooks
from tests.reliability.racing import Race, codes
from tests.servers import Server
from tests.services import customers, sales, shop
from tests.services.sandbox import Sandbox
from tests.soap_client import Login

TWENTY = Decimal("20.00")
CARD = (
    '<sourcePaymentMethod xmlns=""><type>CreditCard</type><creditCard>'
    f"<account>{shop.CARD}</account><expirationDate>{shop.EXPIRY}</expirationDate></creditCard></sourcePaymentMethod>"
)
BOOKS = (
    '<transactionItems xmlns=""><sku>book</sku><name>Book</name><price>10.00</price><quantity>2</quantity>'
    "</transactionItems>"
)


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None], settle: Settle) -> Any:
    sandbox.set_clock("2024-01-15T12:00:00")
    yield
    assert settle() == 0
    books_are_right()


@pytest.fixture
def race(server: Server, second_server: Server, merchant: Login) -> Race:
    """Over two server processes."""
    return Race(merchant, server, second_server)


def sale(who: str, *, own_id: str | None = None, method: str = CARD) -> str:
    """authCapture of two books; ``who`` is what is said of the account."""
    named = f"<merchantTransactionId>{own_id}</merchantTransactionId>" if own_id else ""
    account = f"<account>{who}</account>"
    return (
        f'<transaction xmlns="">{named}{account}{method}{BOOKS}</transaction>'
        '<minChargebackProbability xmlns="">100</minChargebackProbability>'
    )


def listed(*transactions: Any) -> str:
    return "".join(f'<transactions xmlns=""><VID>{one.VID}</VID></transactions>' for one in transactions)


def test_fifty_calls_with_one_id_make_one_charge(
    client: Client, race: Race, at_processor: ProcessorBooks, sandbox: Sandbox
) -> None:
    own_id, account = shop.new_id("sale"), shop.account(client)
    named = f"<VID>{account.VID}</VID>"
    answers = race("Transaction", "authCapture", [sale(named, own_id=own_id)] * 50)
    assert codes(answers) == {"200": 1, "400": 49}
    refused = {answer.text for answer in answers if answer.code == "400"}
    assert refused == {f'Transaction with merchantTransactionId "{own_id}" has already been processed'}
    assert (at_processor.requests, at_processor.held) == (1, [TWENTY])
    sandbox.bill()
    (bought,) = client("Transaction").fetchByAccount(account=shop.reference(account)).transactions
    assert (shop.log(bought)[0], bought.merchantTransactionId) == ("Captured", own_id)
    assert [charge.captures for charge in at_processor.charges] == [1]
    assert len(client("Account").fetchByVid(vid=account.VID).account.paymentMethods) == 1


def test_calls_with_one_id_for_accounts_of_their_own_make_one_charge(
    client: Client, race: Race, at_processor: ProcessorBooks
) -> None:
    """Nobody waits for another one's account: the id itself has to decide."""
    own_id, accounts = shop.new_id("sale"), [shop.new_id("account") for _ in range(12)]
    calls = [sale(f"<merchantAccountId>{one}</merchantAccountId>", own_id=own_id) for one in accounts]
    answers = race("Transaction", "authCapture", calls)
    assert codes(answers) == {"200": 1, "400": 11}
    assert {answer.text for answer in answers if answer.code == "400"} == {
        f'Transaction with merchantTransactionId "{own_id}" has already been processed'
    }
    assert (at_processor.requests, at_processor.held) == (1, [TWENTY])
    for own, answer in zip(accounts, answers, strict=True):
        client("Account").expecting(200 if answer.code == "200" else 400).fetchByMerchantAccountId(
            merchantAccountId=own
        )


def test_one_new_account_is_made_by_sales_that_meet(
    client: Client, race: Race, at_processor: ProcessorBooks
) -> None:
    who = f"<merchantAccountId>{shop.new_id('account')}</merchantAccountId>"
    answers = race("Transaction", "authCapture", [sale(who)] * 8)
    assert codes(answers) == {"200": 8}
    assert len({answer.part("transaction/account/VID") for answer in answers}) == 1
    assert len({answer.part("transaction/merchantTransactionId") for answer in answers}) == 8
    assert at_processor.held == [TWENTY] * 8


def test_credit_is_spent_once(client: Client, race: Race, at_processor: ProcessorBooks) -> None:
    account = shop.account(client)
    sales.grant(client, account, "30.00")
    answers = race("Transaction", "authCapture", [sale(f"<VID>{account.VID}</VID>")] * 4)
    assert codes(answers) == {"200": 4}
    asked = sorted(Decimal(answer.part("transaction/amount") or "") for answer in answers)
    assert asked == [0, Decimal("10.00"), TWENTY, TWENTY]
    assert sorted(at_processor.held) == asked[1:]
    assert sales.credit(client, account) == 0


def test_a_sale_is_captured_or_called_off_but_not_both(
    client: Client, race: Race, at_processor: ProcessorBooks, sandbox: Sandbox
) -> None:
    sold = sales.sell(client, sales.order()).transaction
    answers = race("Transaction", "cancel", [listed(sold)] * 6)
    assert sorted(answer.part("results/returnCode") or "" for answer in answers) == ["200"] + ["400"] * 5
    sandbox.bill()
    assert [(charge.voids, charge.captures) for charge in at_processor.charges] == [(1, 0)]


def test_a_sale_that_is_called_off_while_its_money_is_taken_costs_nothing(
    client: Client, at_processor: ProcessorBooks, sandbox: Sandbox
) -> None:
    sold = sales.sell(client, sales.order())
    sandbox.script({"operation": "capture", "latencySeconds": 1.0})
    with ThreadPoolExecutor(1) as pool:
        batch = pool.submit(sandbox.bill)
        time.sleep(0.4)
        assert sales.cancelled(client, sold) == [200]
        batch.result()
    assert sales.log(client, sold) == ["Cancelled", "Authorized", "New"]
    assert at_processor.held == []


def test_a_lapsed_sale_is_asked_for_anew_once(
    client: Client, race: Race, at_processor: ProcessorBooks, sandbox: Sandbox
) -> None:
    sold = sales.authorize(client, sales.order())
    sandbox.advance(8)
    race("Transaction", "capture", [listed(sold.transaction)] * 6)
    sandbox.bill()
    assert at_processor.held == [TWENTY]
    bought = client("Transaction").fetchByAccount(account=shop.reference(sold.transaction.account))
    assert sorted(shop.log(one)[0] for one in bought.transactions) == ["Cancelled", "Captured"]


def test_a_buyer_who_comes_back_twice_pays_once(
    client: Client, server: Server, race: Race, at_processor: ProcessorBooks
) -> None:
    sold = sales.sell(client, sales.order(sourcePaymentMethod=sales.paypal_page())).transaction
    customers.decide(server, sold)
    back = f'<payPalTransactionId xmlns="">{sold.VID}</payPalTransactionId><success xmlns="">{{}}</success>'
    answers = race("Transaction", "finalizePayPalAuth", [back.format(1)] * 4 + [back.format(0)] * 2)
    assert codes(answers) == {"200": 1, "400": 5}
    went_on = any(answer.code == "200" for answer in answers[:4])
    assert at_processor.held == ([TWENTY] if went_on else [])


def test_readers_of_one_log_in_are_given_everything_once(client: Client, race: Race) -> None:
    sold = [sales.sell(client, sales.order()).transaction.VID for _ in range(9)]
    answers = race("Transaction", "fetchDelta", ['<pageSize xmlns="">3</pageSize>'] * 3)
    given = [vid.text for answer in answers for vid in answer.answer.findall(".//transactions/VID")]
    assert sorted(filter(None, given)) == sorted(sold)
