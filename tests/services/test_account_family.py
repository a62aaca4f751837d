"""Families: who is whose child, who pays, and credit that moves inside (account §5.5, §7)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.services import shop
from tests.services.conftest import MakeToken
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.services.test_account_credit import grant, history, money, told

D = Decimal
ALL: dict[str, Any] = {"payerReplacementBehavior": "ReplaceOnAllAutoBills"}


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Any:
    sandbox.set_clock("2024-03-15T10:00:00")
    yield
    books_are_right()


def add(client: Client, parent: Any, *children: Any, expecting: int = 200, **rest: Any) -> Any:
    return (
        client("Account")
        .expecting(expecting)
        .addChildren(
            parent=shop.reference(parent), child=[shop.reference(child) for child in children], **rest
        )
    )


def remove(client: Client, parent: Any, *children: Any, expecting: int = 200, **rest: Any) -> Any:
    return (
        client("Account")
        .expecting(expecting)
        .removeChildren(
            parent=shop.reference(parent), child=[shop.reference(child) for child in children], **rest
        )
    )


def transfer(client: Client, giver: Any, receiver: Any, credit: Any, expecting: int = 200) -> Any:
    return (
        client("Account")
        .expecting(expecting)
        .transferCredit(fromAccount=shop.reference(giver), toAccount=shop.reference(receiver), credit=credit)
    )


def family(client: Client, account: Any) -> tuple[str, list[str]]:
    found = client("Account").fetchFamily(account=shop.reference(account))
    return found.parent.VID, [child.VID for child in found.child]


def fetched(client: Client, account: Any) -> Any:
    return client("Account").fetchByVid(vid=account.VID).account


def method_of(client: Client, autobill: Any) -> str | None:
    method = shop.fetched(client, autobill).paymentMethod
    return None if method is None else str(method.VID)


def test_a_family_is_found_from_its_parent_and_from_a_child(client: Client) -> None:
    parent, first, second = (shop.account(client) for _ in range(3))
    assert family(client, parent) == (parent.VID, [])

    added = add(client, parent, first, second)

    assert [child.VID for child in added.childAdded] == [first.VID, second.VID]
    assert {child.parentMerchantAccountId for child in added.childAdded} == {parent.merchantAccountId}
    for member in (parent, second):
        found = family(client, member)
        assert (found[0], sorted(found[1])) == (parent.VID, sorted([first.VID, second.VID]))
    assert [child.VID for child in add(client, parent, first).childAdded] == [first.VID]

    remove(client, parent, first)
    assert family(client, first) == (first.VID, [])
    assert family(client, parent) == (parent.VID, [second.VID])


def test_families_have_two_levels_and_a_child_one_parent(client: Client) -> None:
    parent, child, other, stranger = (shop.account(client) for _ in range(4))
    add(client, parent, child)

    for answer in (
        add(client, child, stranger, expecting=400),
        add(client, other, parent, expecting=400),
        add(client, other, child, expecting=400),
        add(client, other, other, expecting=400),
        add(client, other, expecting=400),
        add(client, other, stranger, child, expecting=400),
        remove(client, other, child, expecting=400),
    ):
        assert shop.text(answer)
    assert family(client, stranger) == (stranger.VID, [])

    add(client, other, child, force=True)
    assert family(client, child) == (other.VID, [child.VID])
    assert family(client, parent) == (parent.VID, [])


def test_the_parent_pays_what_its_child_has_when_told_so(client: Client, sandbox: Sandbox) -> None:
    parent = shop.account(client, paymentMethods=[shop.card(shop.OTHER_CARD)])
    bill = shop.subscribe(client, shop.card()).autobill

    add(client, parent, bill.account, **ALL)

    assert method_of(client, bill) == parent.paymentMethods[0].VID
    sandbox.bill_on("2024-04-15T10:00:00")
    paid = shop.transactions(client, bill)[-1]
    assert (paid.amount, paid.status if "status" in paid else shop.log(paid)[0]) == (D("10.00"), "Captured")
    assert paid.sourcePaymentMethod.VID == parent.paymentMethods[0].VID
    assert paid.account.VID == bill.account.VID


def test_the_parent_pays_only_what_comes_unless_told_otherwise(client: Client) -> None:
    parent = shop.account(client, paymentMethods=[shop.card(shop.OTHER_CARD)])
    bill = shop.subscribe(client, shop.card()).autobill

    add(client, parent, bill.account)

    assert method_of(client, bill) == bill.paymentMethod.VID
    new = shop.update(client, shop.order(client, account=shop.reference(bill.account))).autobill
    assert method_of(client, new) == parent.paymentMethods[0].VID
    remove(client, parent, bill.account)
    assert method_of(client, new) == parent.paymentMethods[0].VID
    own = shop.update(client, shop.order(client, account=shop.reference(bill.account))).autobill
    assert method_of(client, own) == bill.paymentMethod.VID


def test_a_child_whose_parent_has_nothing_to_pay_with_pays_itself(client: Client) -> None:
    parent, child = shop.account(client), shop.account(client, paymentMethods=[shop.card()])
    add(client, parent, child)
    bill = shop.update(client, shop.order(client, account=shop.reference(child))).autobill
    assert method_of(client, bill) == child.paymentMethods[0].VID


def test_a_child_that_leaves_pays_with_its_own_or_with_nothing(client: Client, sandbox: Sandbox) -> None:
    parent = shop.account(client, paymentMethods=[shop.card(shop.OTHER_CARD)])
    rich, poor = shop.account(client), shop.account(client)
    bills = []
    for child in (rich, poor):
        add(client, parent, child)
        bills.append(shop.update(client, shop.order(client, account=shop.reference(child))).autobill)
    client("Account").updatePaymentMethod(
        account=shop.reference(rich),
        paymentMethod=shop.card(),
        updateBehavior="Update",
        updateScopeOnAccount="None",
        updateScopeOnChildren="None",
    )

    remove(client, parent, rich, poor, **ALL)

    assert method_of(client, bills[0]) == fetched(client, rich).paymentMethods[0].VID
    assert method_of(client, bills[1]) is None
    sandbox.bill_on("2024-04-15T10:00:00")
    assert shop.standing(shop.fetched(client, bills[0])) == ("Active", "Good Standing")
    assert shop.standing(shop.fetched(client, bills[1])) == ("Active", "In Retry")


def test_a_parent_without_anything_to_pay_with_leaves_its_child_without(client: Client) -> None:
    parent, bill = shop.account(client), shop.subscribe(client, shop.card()).autobill
    add(client, parent, bill.account, **ALL)
    assert method_of(client, bill) is None


def test_credit_moves_from_parent_to_child_and_between_children(
    client: Client, make_token: MakeToken
) -> None:
    parent, first, second = (shop.account(client) for _ in range(3))
    add(client, parent, first, second)
    coin = make_token("coin")
    tokens = {"tokenAmounts": [{"token": {"merchantTokenId": coin}, "amount": 10}]}
    texts = {"description": "Sorry", "reason": "Late", "sortValue": 4}
    grant(
        client,
        parent,
        money({"amount": "10.00", "nameValues": [{"name": "n", "value": "v"}]} | texts) | tokens,
    )

    transfer(client, parent, first, money("6.00") | tokens)
    transfer(client, first, second, money("2.00"))

    given = fetched(client, first).credit
    (one,) = given.currencyAmounts
    assert (one.amount, one.description, one.reason, one.sortValue, one.source, one.grantedByCashbox) == (
        D("4.00"),
        "Sorry",
        "Late",
        4,
        "Transfer",
        False,
    )
    assert shop.names(one) == {"n": "v"}
    assert [part.amount for part in given.tokenAmounts] == [10]
    assert shop.credit(fetched(client, second)) == [(D("2.00"), "USD")]
    assert shop.credit(fetched(client, parent)) == [(D("4.00"), "USD")]
    assert [entry[:2] for entry in told(history(client, parent))][-1] == ("Revocation", [(D("6.00"), "USD")])
    assert [entry[:2] for entry in told(history(client, first))] == [
        ("Grant", [(D("6.00"), "USD")]),
        ("Revocation", [(D("2.00"), "USD")]),
    ]


def test_credit_neither_goes_up_nor_out_of_the_family_nor_beyond_what_there_is(client: Client) -> None:
    parent, child, stranger = (shop.account(client) for _ in range(3))
    add(client, parent, child)
    for account in (parent, child, stranger):
        grant(client, account, money("5.00"))

    refusals = [
        shop.text(transfer(client, *pair, credit, 400))
        for pair, credit in (
            ((child, parent), money("1.00")),
            ((stranger, child), money("1.00")),
            ((parent, stranger), money("1.00")),
            ((child, child), money("1.00")),
            ((parent, child), money("5.01")),
            ((parent, child), {"timeIntervals": [{"days": 1}]}),
            ((parent, child), {}),
        )
    ]

    assert refusals[0] == refusals[2] == "toAccount is not a child account."
    assert refusals[1].startswith("fromAccount is neither the parent")
    assert refusals[3:] == [
        "fromAccount and toAccount are the same.",
        "Not enough credit: amount 5.01 USD asked for, 5.00 USD left.",
        "credit.timeIntervals: an account cannot have time credit.",
        "The credit is empty.",
    ]
    assert all(shop.credit(fetched(client, one)) == [(D("5.00"), "USD")] for one in (parent, child, stranger))
    unknown = client("Account").expecting(400)
    nobody, somebody = {"VID": "0" * 40}, shop.reference(child)
    credit = money("1.00")
    assert (
        shop.text(unknown.transferCredit(fromAccount=nobody, toAccount=somebody, credit=credit))
        == "No match found for fromAccount."
    )
    assert (
        shop.text(unknown.transferCredit(fromAccount=somebody, toAccount=nobody, credit=credit))
        == "No match found for toAccount."
    )
