"""The process is killed while a customer's approval begins an AutoBill: it begins once, and is paid once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import requests

from cashbox_service.faults import FaultPoint
from tests.conftest import Client
from tests.reliability.conftest import Crashing, Settle
from tests.reliability.processor_books import ProcessorBooks
from tests.servers import Server
from tests.services import customers, sales, shop
from tests.services.sandbox import Sandbox

TEN = Decimal("10.00")
POINTS = [FaultPoint.INTENT_COMMITTED, FaultPoint.PROCESSOR_ANSWERED, FaultPoint.OUTCOME_WRITTEN]


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Any:
    sandbox.set_clock("2024-01-15T12:00:00")
    yield
    books_are_right()


@pytest.mark.parametrize("point", POINTS)
def test_a_visit_that_was_not_stored_is_gone(
    client: Client, crashing: Crashing, at_processor: ProcessorBooks, settle: Settle, point: FaultPoint
) -> None:
    order = shop.order(client, sales.paypal_page())
    with crashing(point) as doomed, pytest.raises(requests.ConnectionError):
        shop.update(doomed, order)
    assert settle() == 1
    own_id = order["merchantAutoBillId"]
    client("AutoBill").expecting(400).fetchByMerchantAutoBillId(merchantAutoBillId=own_id)
    assert at_processor.held == []
    assert shop.update(client, order).authStatus.status == "AuthorizationPending"


@pytest.mark.parametrize("point", POINTS)
def test_an_approval_that_was_not_stored_is_booked_by_the_janitor(
    client: Client,
    server: Server,
    crashing: Crashing,
    at_processor: ProcessorBooks,
    settle: Settle,
    point: FaultPoint,
) -> None:
    begun = shop.subscribe(client, sales.paypal_page())
    customers.decide(server, begun.initialTransaction)
    asked = {"payPalTransactionId": begun.initialTransaction.VID, "success": True}
    with crashing(point) as doomed, pytest.raises(requests.ConnectionError):
        doomed("AutoBill").finalizePayPalAuth(**asked)
    assert settle() == 1
    bill = shop.fetched(client, begun.autobill)
    if point is FaultPoint.INTENT_COMMITTED:  # the processor was never asked, so nobody has paid
        assert shop.standing(bill) == ("Pending Activation", "Unbilled")
        assert at_processor.held == []
    else:
        assert shop.standing(bill) == ("Active", "Good Standing")
        assert at_processor.held == [TEN]
        assert list(shop.states(client, bill).values()) == ["Paid", "Open"]
