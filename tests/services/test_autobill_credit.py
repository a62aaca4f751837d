"""Credit of an AutoBill: its own before its account's, told apart in the history (autobill §6.18 – §6.21)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.services import shop
from tests.services.conftest import MakeToken
from tests.services.decrees import Decrees
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.services.test_account_credit import grant as grant_account
from tests.services.test_account_credit import history as account_history
from tests.services.test_account_credit import money, told

D = Decimal


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Any:
    sandbox.set_clock("2024-03-15T10:00:00")
    yield
    books_are_right()


def grant(client: Client, autobill: Any, credit: dict[str, Any], *, expecting: int = 200, **rest: Any) -> Any:
    return (
        client("AutoBill")
        .expecting(expecting)
        .grantCredit(autobill=shop.reference(autobill), credit=credit, **rest)
    )


def revoke(client: Client, autobill: Any, credit: dict[str, Any], *, expecting: int = 200) -> Any:
    return (
        client("AutoBill").expecting(expecting).revokeCredit(autobill=shop.reference(autobill), credit=credit)
    )


def history(client: Client, autobill: Any = None) -> list[Any]:
    asked: dict[str, Any] = {"endTimestamp": "2099-01-01T00:00:00Z", "page": 0, "pageSize": 100}
    if autobill is None:
        return list(client("AutoBill").fetchAllCreditHistory(**asked).creditEventLogs)
    return list(
        client("AutoBill").fetchCreditHistory(autobill=shop.reference(autobill), **asked).creditEventLogs
    )


def test_the_bill_takes_its_own_credit_before_that_of_its_account(client: Client, sandbox: Sandbox) -> None:
    bill = shop.subscribe(client, shop.card()).autobill
    grant_account(client, bill.account, money("8.00"))
    granted = grant(client, bill, money("7.00", reason="Late")).autobill
    assert [(part.amount, part.autoBillVID) for part in granted.credit.currencyAmounts] == [
        (D("7.00"), bill.VID)
    ]

    sandbox.bill_on("2024-04-15T10:00:00")

    assert shop.fetched(client, bill).credit is None
    account = client("Account").fetchByVid(vid=bill.account.VID).account
    assert shop.credit(account) == [(D("5.00"), "USD")]
    assert [entry[:2] for entry in told(history(client, bill))] == [
        ("Grant", [(D("7.00"), "USD")]),
        ("Consumption", [(D("7.00"), "USD")]),
    ]
    assert [entry[:2] for entry in told(account_history(client, bill.account))] == [
        ("Grant", [(D("8.00"), "USD")]),
        ("Consumption", [(D("3.00"), "USD")]),
    ]


def test_credit_of_another_currency_lies_idle(client: Client, sandbox: Sandbox) -> None:
    bill = shop.subscribe(client, shop.card()).autobill
    grant(client, bill, money("7.00", currency="EUR"))
    sandbox.bill_on("2024-04-15T10:00:00")
    assert shop.credit(shop.fetched(client, bill)) == [(D("7.00"), "EUR")]


def test_what_the_bill_has_used_cannot_be_revoked(client: Client, sandbox: Sandbox) -> None:
    bill = shop.subscribe(client, shop.card()).autobill
    used = grant(client, bill, money("7.00")).autobill.credit.currencyAmounts[0]
    sandbox.bill_on("2024-04-15T10:00:00")
    refused = revoke(client, bill, money({"amount": "1.00", "VID": used.VID}), expecting=400)
    assert shop.text(refused) == f'Failed to revoke credit VID "{used.VID}" has been used up.'
    assert revoke(client, bill, money("1.00")).autobill.credit is None


def test_tokens_go_to_the_account_and_are_told_with_the_autobill(
    client: Client, make_token: MakeToken
) -> None:
    bill, coin = shop.subscribe(client, shop.card()).autobill, make_token("coin")
    grant(client, bill, {"tokenAmounts": [{"token": {"merchantTokenId": coin}, "amount": 3}]})
    account = client("Account").fetchByVid(vid=bill.account.VID).account
    assert [part.amount for part in account.tokenBalances] == [3]
    assert [entry.credit.tokenAmounts[0].amount for entry in history(client, bill)] == [3]
    assert account_history(client, account) == []


def test_the_histories_of_two_autobills_are_told_apart(client: Client) -> None:
    first, second = (shop.subscribe(client, shop.card()).autobill for _ in range(2))
    grant(client, first, money("1.00"), note="one")
    grant(client, second, money("2.00"), note="two")
    assert [entry.note for entry in history(client, second)] == ["two"]
    owners = [entry.credit.currencyAmounts[0].merchantAutoBillId for entry in history(client)]
    assert owners == [first.merchantAutoBillId, second.merchantAutoBillId]


def test_an_ended_autobill_is_granted_nothing_but_may_be_revoked(client: Client, decrees: Decrees) -> None:
    bill = shop.subscribe(client, shop.card()).autobill
    grant(client, bill, money("5.00"))
    decrees.end(bill, "Cancelled")
    refused = grant(client, bill, money("5.00"), expecting=400)
    assert shop.text(refused) == (
        f"Failed to grant credit AutoBill {bill.merchantAutoBillId} is in state Cancelled."
    )
    assert revoke(client, bill, money("5.00")).autobill.credit is None


def test_time_is_revoked_by_its_vid_alone(client: Client) -> None:
    bill = shop.subscribe(client, shop.card()).autobill
    granted = grant(client, bill, {"timeIntervals": [{"months": 1, "days": 3, "description": "Sorry"}]})
    (time,) = granted.autobill.credit.timeIntervals
    assert (time.months, time.days, time.description, time.grantedByCashbox) == (1, 3, "Sorry", False)
    refused = revoke(client, bill, {"timeIntervals": [{"months": 1}]}, expecting=400)
    assert shop.text(refused).startswith("Failed to translate credit credit.timeIntervals")
    assert revoke(client, bill, {"timeIntervals": [{"VID": time.VID}]}).autobill.credit is None
    assert [(one.type, one.credit.timeIntervals[0].months) for one in history(client, bill)] == [
        ("Grant", 1),
        ("Revocation", 1),
    ]
