"""What was given back by hand is not given back once more by a change or a cancellation."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.services import changes, refunds, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

Check = Callable[[], None]
D = Decimal


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check, sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-04-01T10:00:00")
    yield
    books_are_right()


@pytest.fixture
def gold(client: Client) -> Any:
    return shop.product(client, "60.00")


@pytest.fixture
def silver(client: Client) -> Any:
    return shop.product(client, "30.00")


def _after_a_refund(client: Client, sandbox: Sandbox, bill: Any, *wanted: dict[str, Any]) -> Any:
    """A refund by hand on 1 April, and half of the month gone by."""
    renewal = shop.transactions(client, bill)[0]
    made = refunds.perform(client, refunds.of(renewal) | wanted[0] if wanted else refunds.of(renewal))
    assert made.status == "Processing"
    sandbox.advance(15)
    return renewal


def _whole(amount: str) -> dict[str, Any]:
    return {"amount": D(amount)}


def test_a_downgrade_credits_nothing_of_a_renewal_that_was_refunded(
    client: Client, sandbox: Sandbox, gold: Any, silver: Any
) -> None:
    bill = changes.subscribed(client, gold)
    _after_a_refund(client, sandbox, bill, _whole("60.00"))
    done = changes.modify(client, bill, changes.replacing(bill["items"][0], silver))
    assert changes.lines(done.transaction) == [
        ("ModificationRefund", gold.merchantProductId, D("0.00")),
        ("Purchase", silver.merchantProductId, D("15.00")),
    ]
    assert (done.transaction.amount, list(done.refunds)) == (D("15.00"), [])
    assert shop.credit(done.autobill) == []
    # What the change charged is there to be given back.
    undone = changes.modify(client, bill, changes.replacing(done.autobill["items"][-1], gold))
    assert changes.lines(undone.transaction)[0] == (
        "ModificationRefund",
        silver.merchantProductId,
        D("-15.00"),
    )
    assert undone.transaction.amount == D("15.00")


def test_a_downgrade_credits_no_more_than_a_refund_has_left(
    client: Client, sandbox: Sandbox, gold: Any, silver: Any
) -> None:
    bill = changes.subscribed(client, gold)
    _after_a_refund(client, sandbox, bill, _whole("40.00"))
    done = changes.modify(client, bill, changes.replacing(bill["items"][0], silver))
    assert [total for _, _, total in changes.lines(done.transaction)] == [D("-20.00"), D("15.00")]
    assert [one.amount for one in done.refunds] == [D("5.00")]
    assert shop.credit(done.autobill) == []


def test_an_upgrade_after_a_refund_pays_for_all_of_the_rest(
    client: Client, sandbox: Sandbox, gold: Any, silver: Any
) -> None:
    bill = changes.subscribed(client, silver)
    _after_a_refund(client, sandbox, bill, _whole("30.00"))
    done = changes.modify(client, bill, changes.replacing(bill["items"][0], gold))
    assert done.transaction.amount == D("30.00")


def test_another_plan_after_a_refund_is_paid_in_full(client: Client, sandbox: Sandbox, gold: Any) -> None:
    bill = changes.subscribed(client, gold)
    _after_a_refund(client, sandbox, bill, _whole("60.00"))
    weekly = shop.plan(client, {"type": "Week", "quantity": 1, "cycles": 0})
    done = changes.modify(client, bill, plan=weekly)
    assert (done.transaction.amount, list(done.refunds)) == (D("60.00"), [])


def _one_line(index: int, amount: str) -> dict[str, Any]:
    return {"refundDistributionStrategy": "SpecifiedItems", "refundItems": [refunds.line(index, amount)]}


@pytest.mark.parametrize(("removed", "back"), [(1, D("0.00")), (0, D("-30.00"))])
def test_an_item_whose_own_line_was_refunded_earns_no_credit_and_the_others_do(
    client: Client, sandbox: Sandbox, gold: Any, silver: Any, removed: int, back: Decimal
) -> None:
    bill = changes.subscribed(client, gold, silver)
    _after_a_refund(client, sandbox, bill, _one_line(3, "30.00"))
    done = changes.modify(client, bill, changes.removing(bill["items"][removed]))
    assert [total for _, _, total in changes.lines(done.transaction)] == [back]
    assert sum(one.amount for one in done.refunds) == -back
    assert shop.credit(done.autobill) == []


def test_a_cancellation_gives_back_nothing_of_a_line_that_was_refunded(
    client: Client, sandbox: Sandbox, gold: Any, silver: Any
) -> None:
    bill = changes.subscribed(client, gold, silver)
    _after_a_refund(client, sandbox, bill, _one_line(3, "30.00"))
    done = client("AutoBill").cancel(
        autobill=shop.reference(bill), disentitle=True, force=True, settle=True, sendCancellationNotice=False
    )
    assert [one.amount for one in done.refunds] == [D("28.00")]  # 14 of 30 days: today counts as used


def test_a_payment_that_was_disputed_earns_no_credit(
    client: Client, sandbox: Sandbox, gold: Any, silver: Any
) -> None:
    bill = changes.subscribed(client, gold)
    sandbox.bill()
    sandbox.dispute(shop.transactions(client, bill)[0])
    sandbox.advance(15)
    done = changes.modify(client, bill, changes.replacing(bill["items"][0], silver))
    assert (done.transaction.amount, list(done.refunds)) == (D("15.00"), [])
    assert shop.credit(done.autobill) == []


@pytest.mark.parametrize(("price", "rate"), [("10.01", "0.0825"), ("9.99", "0.0775"), ("0.33", "0.2")])
def test_a_change_that_is_undone_comes_to_nothing_with_its_tax(
    client: Client, sandbox: Sandbox, gold: Any, price: str, rate: str
) -> None:
    sandbox.tax({"country": "US", "district": "CA", "rate": rate})
    account = shop.account(client, shippingAddress=shop.address())
    basic = shop.product(client, price)
    bill = changes.subscribed(client, basic, account=shop.reference(account))
    sandbox.advance(15)
    up = changes.modify(client, bill, changes.replacing(bill["items"][0], gold))
    down = changes.modify(client, bill, changes.replacing(up.autobill["items"][-1], basic))
    assert sum(one.amount for one in down.refunds) == up.transaction.amount
    again = changes.modify(client, bill, changes.replacing(down.autobill["items"][-1], gold))
    assert again.transaction.amount == up.transaction.amount
    same = changes.modify(client, bill, changes.replacing(again.autobill["items"][-1], gold))
    assert (same.transaction.amount, list(same.refunds)) == (0, [])
