"""A process that is killed while AutoBill.update charges the first bill: the money goes where the AutoBill goes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
import requests

from cashbox_service.faults import FaultPoint
from tests.conftest import Client
from tests.reliability.conftest import Crashing, Settle
from tests.reliability.processor_books import ProcessorBooks
from tests.services import shop
from tests.services.sandbox import Sandbox

TEN = Decimal("10.00")
BEFORE_THE_OUTCOME = [
    FaultPoint.INTENT_COMMITTED,
    FaultPoint.PROCESSOR_ANSWERED,
    FaultPoint.OUTCOME_WRITTEN,
]


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Any:
    sandbox.set_clock("2024-01-15T12:00:00")
    yield
    books_are_right()


@pytest.fixture
def order(client: Client) -> dict[str, Any]:
    """A new account, a new product and a new plan come with it, so that half of it would be seen."""
    return {
        "merchantAutoBillId": shop.new_id("bill"),
        "account": {"merchantAccountId": shop.new_id("account"), "name": "Ada Reader"},
        "billingPlan": {"merchantBillingPlanId": shop.new_id("plan"), "periods": [shop.month()]},
        "items": [{"product": {"merchantProductId": shop.new_id("sku"), "prices": [{"amount": "10.00"}]}}],
        "paymentMethod": shop.card(merchantPaymentMethodId=shop.new_id("card")),
        "currency": "USD",
    }


def crash_while_creating(
    crashing: Crashing, point: FaultPoint, order: dict[str, Any], code: int = 200
) -> None:
    with crashing(point) as client, pytest.raises(requests.ConnectionError):
        shop.update(client, order, expecting=code)


def assert_nothing_is_stored(client: Client, order: dict[str, Any]) -> None:
    client("AutoBill").expecting(400).fetchByMerchantAutoBillId(
        merchantAutoBillId=order["merchantAutoBillId"]
    )
    client("Account").expecting(400).fetchByMerchantAccountId(
        merchantAccountId=order["account"]["merchantAccountId"]
    )
    client("Product").expecting(404).fetchAll()
    assert client("BillingPlan").fetchAll().billingPlans == []


def assert_one_charge(client: Client, order: dict[str, Any], at_processor: ProcessorBooks) -> None:
    found = (
        client("AutoBill").fetchByMerchantAutoBillId(merchantAutoBillId=order["merchantAutoBillId"]).autobill
    )
    assert shop.standing(found) == ("Active", "Good Standing")
    assert list(shop.states(client, found).values()) == ["Paid", "Open"]
    assert len(shop.transactions(client, found)) == 1
    assert at_processor.held == [TEN]


@pytest.mark.parametrize("point", BEFORE_THE_OUTCOME)
def test_before_the_outcome_is_stored_there_is_nothing_and_the_money_goes_back(
    client: Client,
    crashing: Crashing,
    order: dict[str, Any],
    at_processor: ProcessorBooks,
    settle: Settle,
    point: FaultPoint,
) -> None:
    crash_while_creating(crashing, point, order)
    assert_nothing_is_stored(client, order)
    assert at_processor.held == ([] if point is FaultPoint.INTENT_COMMITTED else [TEN])
    assert settle() == 1
    assert at_processor.held == []
    assert_nothing_is_stored(client, order)
    assert settle() == 0
    shop.update(client, order)
    assert_one_charge(client, order, at_processor)


def test_a_caller_that_tries_again_at_once_keeps_one_charge(
    client: Client, crashing: Crashing, order: dict[str, Any], at_processor: ProcessorBooks, settle: Settle
) -> None:
    crash_while_creating(crashing, FaultPoint.PROCESSOR_ANSWERED, order)
    shop.update(client, order)
    assert at_processor.held == [TEN, TEN]
    assert settle() == 1
    assert_one_charge(client, order, at_processor)


def test_after_the_outcome_is_stored_the_repeated_call_is_a_change(
    client: Client,
    crashing: Crashing,
    order: dict[str, Any],
    at_processor: ProcessorBooks,
    settle: Settle,
    sandbox: Sandbox,
) -> None:
    crash_while_creating(crashing, FaultPoint.OUTCOME_COMMITTED, order)
    assert_one_charge(client, order, at_processor)
    assert shop.update(client, order).initialTransaction is None
    assert settle() == 0
    sandbox.bill()
    assert_one_charge(client, order, at_processor)
    assert [charge.captures for charge in at_processor.charges] == [1]


@pytest.mark.parametrize("point", [FaultPoint.RETURN_COMMITTED, FaultPoint.MONEY_RETURNED])
def test_money_that_was_about_to_go_back_goes_back_once(
    client: Client,
    crashing: Crashing,
    order: dict[str, Any],
    at_processor: ProcessorBooks,
    settle: Settle,
    sandbox: Sandbox,
    point: FaultPoint,
) -> None:
    """The processor approves, the merchant's address policy refuses: the authorization is given back."""
    order["paymentMethod"] = shop.card(shop.AVS_NO_MATCH)
    crash_while_creating(crashing, point, order, code=407)
    assert at_processor.held == ([TEN] if point is FaultPoint.RETURN_COMMITTED else [])
    assert settle() == 1
    assert at_processor.held == []
    assert [charge.voids for charge in at_processor.charges] == [1]
    assert settle() == 0
    assert_nothing_is_stored(client, order)


def test_a_janitor_that_is_killed_leaves_the_rest_to_the_next(
    client: Client,
    crashing: Crashing,
    order: dict[str, Any],
    at_processor: ProcessorBooks,
    settle: Settle,
    doomed_settle: Callable[[FaultPoint], None],
) -> None:
    crash_while_creating(crashing, FaultPoint.PROCESSOR_ANSWERED, order)
    for point in (FaultPoint.RETURN_COMMITTED, FaultPoint.MONEY_RETURNED):
        doomed_settle(point)
    assert at_processor.held == []
    assert settle() == 1
    assert [charge.voids for charge in at_processor.charges] == [1]
    assert_nothing_is_stored(client, order)


def test_janitors_that_meet_give_money_back_once(
    client: Client, crashing: Crashing, order: dict[str, Any], at_processor: ProcessorBooks, settle: Settle
) -> None:
    crash_while_creating(crashing, FaultPoint.PROCESSOR_ANSWERED, order)
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda _: settle(), range(3)))
    assert [charge.voids for charge in at_processor.charges] == [1]
    assert (at_processor.held, settle()) == ([], 0)


def test_a_validation_that_was_not_heard_leaves_nothing(
    client: Client, crashing: Crashing, order: dict[str, Any], at_processor: ProcessorBooks, settle: Settle
) -> None:
    order["startTimestamp"] = "2024-03-01T00:00:00-08:00"
    with crashing(FaultPoint.PROCESSOR_ANSWERED) as other, pytest.raises(requests.ConnectionError):
        shop.update(other, order, validateForFuturePayment=True)
    assert_nothing_is_stored(client, order)
    assert settle() == 1
    assert (at_processor.held, settle()) == ([], 0)
