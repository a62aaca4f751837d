"""Calls that take credit and tokens at the same moment: nothing is given twice, nothing falls below zero."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Client
from tests.reliability.racing import Race, codes
from tests.servers import Server
from tests.services import shop
from tests.soap_client import Login

CLIENTS = 50


@pytest.fixture(autouse=True)
def _audited(books_are_right: Callable[[], None]) -> Any:
    yield
    books_are_right()


@pytest.fixture
def race(server: Server, second_server: Server, merchant: Login) -> Race:
    """Over two server processes."""
    return Race(merchant, server, second_server)


@pytest.fixture
def coin(client: Client) -> str:
    own_id = shop.new_id("coin")
    client("Token").update(token={"merchantTokenId": own_id})
    return own_id


def account_of(vid: str, name: str = "account") -> str:
    return f'<{name} xmlns=""><VID>{vid}</VID></{name}>'


def tokens(coin: str, number: int) -> str:
    token = f"<token><merchantTokenId>{coin}</merchantTokenId></token>"
    return f'<tokenAmounts xmlns="">{token}<amount>{number}</amount></tokenAmounts>'


def money(amount: str) -> str:
    return f'<credit xmlns=""><currencyAmounts><amount>{amount}</amount></currencyAmounts></credit>'


def balance(client: Client, account: Any) -> list[int]:
    found = client("Account").tokenBalance(account=shop.reference(account))
    return [part.amount for part in found.tokenAmounts]


def credit(client: Client, account: Any) -> Decimal:
    found = client("Account").fetchByVid(vid=account.VID).account
    return sum((amount for amount, _ in shop.credit(found)), Decimal(0))


def grant(client: Client, account: Any, amount: str) -> None:
    client("Account").grantCredit(
        account=shop.reference(account), credit={"currencyAmounts": [{"amount": amount}]}
    )


def test_fifty_clients_take_the_same_tokens_and_only_as_many_as_there_are(
    client: Client, race: Race, coin: str
) -> None:
    account = shop.account(client)
    start = {"token": {"merchantTokenId": coin}, "amount": 2 * 33 + 1}
    client("Account").incrementTokens(account=shop.reference(account), tokenAmounts=[start])

    answers = race("Account", "decrementTokens", [account_of(account.VID) + tokens(coin, 2)] * CLIENTS)

    assert codes(answers) == {"200": 33, "401": 17}
    assert balance(client, account) == [1]


def test_fifty_first_bookings_of_a_type_all_count(client: Client, race: Race, coin: str) -> None:
    account = shop.account(client)
    answers = race("Account", "incrementTokens", [account_of(account.VID) + tokens(coin, 3)] * CLIENTS)
    assert codes(answers) == {"200": CLIENTS}
    assert balance(client, account) == [3 * CLIENTS]


def test_fifty_revocations_take_no_more_than_was_granted(client: Client, race: Race) -> None:
    account = shop.account(client)
    for _ in range(5):
        grant(client, account, "10.00")

    answers = race("Account", "revokeCredit", [account_of(account.VID) + money("1.50")] * CLIENTS)

    assert codes(answers) == {"200": CLIENTS}
    assert credit(client, account) == 0
    told = client("Account").fetchCreditHistory(
        account=shop.reference(account), endTimestamp="2099-01-01T00:00:00Z", page=0, pageSize=100
    )
    taken = [
        part.amount
        for entry in told.creditEventLogs
        if entry.type == "Revocation"
        for part in entry.credit.currencyAmounts
    ]
    assert sum(taken) == Decimal("50.00")


def test_credit_that_goes_to_and_fro_between_children_is_neither_lost_nor_made(
    client: Client, race: Race
) -> None:
    parent, first, second = (shop.account(client) for _ in range(3))
    children = [shop.reference(first), shop.reference(second)]
    client("Account").addChildren(parent=shop.reference(parent), child=children)
    for child in (first, second):
        grant(client, child, "10.00")

    def move(giver: Any, receiver: Any) -> str:
        return account_of(giver.VID, "fromAccount") + account_of(receiver.VID, "toAccount") + money("3.00")

    answers = race("Account", "transferCredit", [move(first, second), move(second, first)] * (CLIENTS // 4))

    assert set(codes(answers)) <= {"200", "400"}
    assert credit(client, first) + credit(client, second) == 20


def test_a_merge_meets_grants_and_bookings_without_losing_one(client: Client, race: Race, coin: str) -> None:
    target, source = shop.account(client), shop.account(client)
    merge = account_of(target.VID, "targetAccount") + account_of(source.VID, "sourceAccount")
    assert set(codes(race("Account", "transfer", [merge] * 4))) == {"200"}
    answers = race("Account", "incrementTokens", [account_of(source.VID) + tokens(coin, 1)] * 10)
    assert codes(answers) == {"200": 10}
    race("Account", "transfer", [merge])
    assert balance(client, target) == [10]
