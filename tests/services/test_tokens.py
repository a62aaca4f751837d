"""Token types and the balances of accounts (account §4, §11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.services import shop
from tests.services.conftest import MakeToken
from tests.services.shop import Client


@pytest.fixture(autouse=True)
def _audited(books_are_right: Callable[[], None]) -> Any:
    yield
    books_are_right()


def amount(token: str, number: int) -> dict[str, Any]:
    return {"token": {"merchantTokenId": token}, "amount": number}


def balances(answer: Any) -> dict[str, int]:
    return {part.token.merchantTokenId: part.amount for part in answer.tokenAmounts}


def call(client: Client, operation: str, account: Any, expecting: int = 200, **rest: Any) -> Any:
    service = client("Account").expecting(expecting)
    return getattr(service, operation)(account=shop.reference(account), **rest)


def test_a_token_type_is_made_changed_and_never_renamed(client: Client) -> None:
    tokens, own_id = client("Token"), shop.new_id("coin")
    made = tokens.update(token={"merchantTokenId": own_id, "description": "Coins"}).token
    assert (made.merchantTokenId, made.description) == (own_id, "Coins")
    changed = tokens.update(token={"VID": made.VID, "description": "Gold"}).token
    assert (changed.VID, changed.merchantTokenId, changed.description) == (made.VID, own_id, "Gold")

    other = tokens.update(token={"VID": made.VID, "merchantTokenId": f"{own_id}-new"}).token
    assert other.VID != made.VID
    assert tokens.fetch(token={"merchantTokenId": own_id}).token.VID == made.VID
    refused = tokens.expecting(400).update(token={"VID": made.VID, "merchantTokenId": f"{own_id}-new"})
    assert shop.text(refused) == ("Unable to save token: VID and merchantTokenId belong to different tokens.")


def test_tokens_are_added_and_deducted(client: Client, make_token: MakeToken) -> None:
    account, coin, mile = shop.account(client), make_token("coin"), make_token("mile")
    added = call(client, "incrementTokens", account, tokenAmounts=[amount(coin, 10), amount(mile, 5)])
    assert balances(added) == {coin: 10, mile: 5}
    taken = call(client, "decrementTokens", account, tokenAmounts=[amount(coin, 4)])
    assert balances(taken) == {coin: 6}
    assert balances(call(client, "tokenBalance", account)) == {coin: 6, mile: 5}
    assert balances(call(client, "tokenBalance", account, tokens=[{"merchantTokenId": mile}])) == {mile: 5}


def test_a_known_type_that_was_never_used_has_a_balance_of_0(client: Client, make_token: MakeToken) -> None:
    account, coin = shop.account(client), make_token("coin")
    assert balances(call(client, "tokenBalance", account, tokens=[{"merchantTokenId": coin}])) == {coin: 0}
    assert balances(call(client, "tokenBalance", account)) == {}


def test_a_balance_never_falls_below_zero_not_even_on_the_way(client: Client, make_token: MakeToken) -> None:
    account, coin = shop.account(client), make_token("coin")
    call(client, "incrementTokens", account, tokenAmounts=[amount(coin, 5)])

    def movement(number: int) -> dict[str, Any]:
        return {"tokenAmount": amount(coin, number), "authTimestamp": "2024-01-01T00:00:00Z"}

    refused = call(client, "tokenTransaction", account, 401, transactions=[movement(-6), movement(10)])
    assert shop.text(refused) == "Balance too low"
    assert balances(call(client, "tokenBalance", account)) == {coin: 5}
    moved = call(client, "tokenTransaction", account, transactions=[movement(10), movement(-6)])
    assert balances(moved) == {coin: 9}
    call(client, "decrementTokens", account, 401, tokenAmounts=[amount(coin, 5), amount(coin, 5)])
    assert balances(call(client, "tokenBalance", account)) == {coin: 9}


@pytest.mark.parametrize("operation", ["incrementTokens", "decrementTokens"])
def test_with_an_unknown_type_nothing_is_booked_and_the_others_are_told(
    client: Client, make_token: MakeToken, operation: str
) -> None:
    account, coin = shop.account(client), make_token("coin")
    call(client, "incrementTokens", account, tokenAmounts=[amount(coin, 5)])
    refused = call(client, operation, account, 404, tokenAmounts=[amount(coin, 1), amount("none", 1)])
    assert (shop.text(refused), balances(refused)) == ("Token not found", {coin: 5})
    asked = call(
        client, "tokenBalance", account, 404, tokens=[{"merchantTokenId": "none"}, {"merchantTokenId": coin}]
    )
    assert balances(asked) == {coin: 5}


def test_an_empty_list_books_nothing(client: Client) -> None:
    account = shop.account(client)
    for operation in ("incrementTokens", "decrementTokens", "tokenTransaction"):
        assert call(client, operation, account)["return"].returnCode == 200


def test_bookings_are_not_in_the_credit_history(client: Client, make_token: MakeToken) -> None:
    account, coin = shop.account(client), make_token("coin")
    call(client, "incrementTokens", account, tokenAmounts=[amount(coin, 5)])
    told = client("Account").fetchCreditHistory(
        account=shop.reference(account), endTimestamp="2099-01-01T00:00:00Z", page=0, pageSize=10
    )
    assert list(told.creditEventLogs) == []


def test_an_account_may_open_with_tokens_and_is_not_given_any_later(
    client: Client, make_token: MakeToken
) -> None:
    coin = make_token("coin")
    account = shop.account(client, tokenBalances=[amount(coin, 7)])
    assert [part.amount for part in account.tokenBalances] == [7]
    again = client("Account").update(account={"VID": account.VID, "tokenBalances": [amount(coin, 7)]}).account
    assert [part.amount for part in again.tokenBalances] == [7]


def test_a_balance_that_could_not_be_told_is_refused(client: Client, make_token: MakeToken) -> None:
    account, coin = shop.account(client), make_token("coin")
    call(client, "incrementTokens", account, tokenAmounts=[amount(coin, 2**31 - 1)])
    refused = call(client, "incrementTokens", account, 400, tokenAmounts=[amount(coin, 1)])
    assert "raises the balance above 2147483647" in shop.text(refused)
