"""Credit of an account: granted, revoked, told in its history (account §1.4, §5)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.services import sales, shop
from tests.services.conftest import MakeToken
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

D = Decimal
FOREVER = "2099-01-01T00:00:00Z"


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Any:
    sandbox.set_clock("2024-03-15T10:00:00")
    yield
    books_are_right()


def money(*amounts: str | dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A credit of currency amounts, in USD unless told otherwise."""
    parts = [one if isinstance(one, dict) else {"amount": one, "currency": "USD"} | fields for one in amounts]
    return {"currencyAmounts": parts}


def grant(client: Client, account: Any, credit: dict[str, Any], *, expecting: int = 200, **rest: Any) -> Any:
    return (
        client("Account")
        .expecting(expecting)
        .grantCredit(account=shop.reference(account), credit=credit, **rest)
    )


def revoke(client: Client, account: Any, credit: dict[str, Any], *, expecting: int = 200, **rest: Any) -> Any:
    return (
        client("Account")
        .expecting(expecting)
        .revokeCredit(account=shop.reference(account), credit=credit, **rest)
    )


def history(client: Client, account: Any = None, **rest: Any) -> list[Any]:
    asked = {"endTimestamp": FOREVER, "page": 0, "pageSize": 100} | rest
    if account is not None:
        asked["account"] = shop.reference(account)
        return list(client("Account").fetchCreditHistory(**asked).creditEventLogs)
    return list(client("Account").fetchAllCreditHistory(**asked).creditEventLogs)


def told(entries: list[Any]) -> list[tuple[str, list[tuple[Decimal, str]], str | None]]:
    return [
        (one.type, [(part.amount, part.currency) for part in one.credit.currencyAmounts], one.note)
        for one in entries
    ]


def test_every_amount_is_a_grant_of_its_own_and_one_entry_tells_of_all(client: Client) -> None:
    account = shop.account(client)
    credit = money(
        {"amount": "5.00", "description": "Sorry", "reason": "Late", "sortValue": 3},
        {"amount": "5.00", "currency": "EUR", "nameValues": [{"name": "case", "value": "7"}]},
        "5.00",
    )

    granted = grant(client, account, credit, note="By phone").account

    assert len({one.VID for one in granted.credit.currencyAmounts}) == 3
    by_currency = sorted(granted.credit.currencyAmounts, key=lambda one: (one.currency, one.sortValue or 0))
    assert [(one.currency, one.description, one.reason, one.sortValue) for one in by_currency] == [
        ("EUR", None, None, None),
        ("USD", None, None, None),
        ("USD", "Sorry", "Late", 3),
    ]
    assert shop.names(by_currency[0]) == {"case": "7"}
    assert {(one.source, one.grantedByCashbox, one.accountVID) for one in by_currency} == {
        ("Grant", False, account.VID)
    }
    entries = history(client, account)
    assert [(entry.type, entry.note, len(entry.credit.currencyAmounts)) for entry in entries] == [
        ("Grant", "By phone", 3)
    ]
    assert {part.VID for part in entries[0].credit.currencyAmounts} == {one.VID for one in by_currency}


def test_tokens_are_one_balance_whatever_they_are_called(client: Client, make_token: MakeToken) -> None:
    account, coin = shop.account(client), make_token("coin")
    credit = {"tokenAmounts": [{"token": {"merchantTokenId": coin}, "amount": 30}]}
    grant(client, account, credit)

    granted = grant(client, account, credit).account

    assert [part.amount for part in granted.tokenBalances] == [60]
    assert [part.amount for part in granted.credit.tokenAmounts] == [60]
    assert [entry.credit.tokenAmounts[0].amount for entry in history(client, account)] == [30, 30]
    revoked = revoke(client, account, {"tokenAmounts": [{"token": {"merchantTokenId": coin}, "amount": 100}]})
    assert [part.amount for part in revoked.account.tokenBalances] == [0]
    assert history(client, account)[-1].credit.tokenAmounts[0].amount == 60


def test_credit_is_revoked_in_order_of_redemption(client: Client, sandbox: Sandbox) -> None:
    account = shop.account(client)
    grant(client, account, money("10.00", sortValue=5))
    sandbox.set_clock("2024-03-16T10:00:00")
    grant(client, account, money("10.00", sortValue=1))
    sandbox.set_clock("2024-03-17T10:00:00")
    grant(client, account, money("10.00", sortValue=1))
    grant(client, account, money("10.00", currency="EUR"))

    left = revoke(client, account, money("12.00"), note="Mistake").account

    amounts = [(one.amount, one.currency, one.sortValue) for one in left.credit.currencyAmounts]
    assert sorted(amounts, key=str) == sorted(
        [(D("10.00"), "USD", 5), (D("8.00"), "USD", 1), (D("10.00"), "EUR", None)], key=str
    )
    assert told(history(client, account))[-1] == (
        "Revocation",
        [(D("10.00"), "USD"), (D("2.00"), "USD")],
        "Mistake",
    )


def test_more_than_there_is_empties_it_and_only_that_is_told(client: Client) -> None:
    account = shop.account(client)
    grant(client, account, money("4.00"))
    assert revoke(client, account, money("9.00")).account.credit is None
    assert told(history(client, account))[-1][1] == [(D("4.00"), "USD")]
    assert revoke(client, account, money("9.00")).account.credit is None
    assert len(history(client, account)) == 2


def test_a_vid_points_at_one_grant(client: Client) -> None:
    account = shop.account(client)
    grant(client, account, money("10.00", "20.00"))
    grants = client("Account").fetchByVid(vid=account.VID).account.credit.currencyAmounts
    twenty = next(one for one in grants if one.amount == 20)

    part = revoke(client, account, money({"amount": "5.00", "VID": twenty.VID})).account
    assert sorted(amount for amount, _ in shop.credit(part)) == [D("10.00"), D("15.00")]
    rest = revoke(client, account, money({"amount": "0", "VID": twenty.VID})).account
    assert shop.credit(rest) == [(D("10.00"), "USD")]

    again = revoke(client, account, money({"amount": "1.00", "VID": twenty.VID}), expecting=400)
    assert shop.text(again) == f'Failed to revoke credit: VID "{twenty.VID}" has been used up.'
    ten = rest.credit.currencyAmounts[0]
    other = money({"amount": "1.00", "currency": "EUR", "VID": ten.VID})
    assert (
        shop.text(revoke(client, account, other, expecting=400))
        == f'Failed to revoke credit: VID "{ten.VID}" is not a credit in EUR.'
    )
    stranger = shop.account(client)
    assert "is not a credit of this owner" in shop.text(
        revoke(client, stranger, money({"amount": "1.00", "VID": ten.VID}), expecting=400)
    )


@pytest.mark.parametrize(
    ("credit", "detail"),
    [
        ({}, "The credit is empty."),
        ({"timeIntervals": [{"days": 3}]}, "credit.timeIntervals: an account cannot have time credit."),
        (money("0"), 'credit.currencyAmounts.amount "0.00" must be greater than zero.'),
        (money("-1"), 'credit.currencyAmounts.amount "-1.00" must not be negative.'),
        (money("1.00", currency="QQQ"), 'credit.currencyAmounts.currency "QQQ" is not a currency.'),
        (
            {"tokenAmounts": [{"token": {"merchantTokenId": "none"}, "amount": 1}]},
            'No match found for merchantTokenId "none"',
        ),
    ],
)
def test_what_is_no_credit_is_neither_granted_nor_revoked(
    client: Client, credit: dict[str, Any], detail: str
) -> None:
    account = shop.account(client)
    for change in (grant, revoke):
        refused = change(client, account, money("1.00") | credit if credit else credit, expecting=400)
        assert shop.text(refused) == f"Failed to translate credit: {detail}"
    assert history(client, account) == []


def test_all_parts_are_granted_or_none(client: Client) -> None:
    account = shop.account(client)
    credit = money("5.00") | {"tokenAmounts": [{"token": {"merchantTokenId": "none"}, "amount": 1}]}
    grant(client, account, credit, expecting=400)
    assert client("Account").fetchByVid(vid=account.VID).account.credit is None


def test_a_one_time_sale_is_paid_with_credit_and_the_history_tells(client: Client) -> None:
    account = shop.account(client, paymentMethods=[shop.card()])
    grant(client, account, money("4.00"))
    sales.authorize(client, sales.order(shop.reference(account)))
    assert [entry[0] for entry in told(history(client, account))] == ["Grant", "Consumption"]


def test_history_is_told_by_page_and_window(client: Client, sandbox: Sandbox) -> None:
    account, other = shop.account(client), shop.account(client)
    for day in (20, 21, 22):
        sandbox.set_clock(f"2024-03-{day}T10:00:00")
        grant(client, account, money("1.00"))
    grant(client, other, money("2.00"))

    assert len(history(client, account, pageSize=2)) == 2
    assert len(history(client, account, page=1, pageSize=2)) == 1
    assert history(client, account, page=2, pageSize=2) == []
    since = history(client, account, timestamp="2024-03-21T00:00:00-07:00")
    assert [entry.timeStamp.day for entry in since] == [21, 22]
    until = history(client, account, endTimestamp="2024-03-21T00:00:00-07:00")
    assert [entry.timeStamp.day for entry in until] == [20]
    assert {part.merchantAccountId for one in history(client) for part in one.credit.currencyAmounts} == {
        account.merchantAccountId,
        other.merchantAccountId,
    }
    reversed_ = client("Account").expecting(400)
    reversed_.fetchAllCreditHistory(
        timestamp="2024-03-22T00:00:00Z", endTimestamp="2024-03-21T00:00:00Z", page=0, pageSize=1
    )
