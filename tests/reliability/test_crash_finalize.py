"""A process that is killed when a customer is back from PayPal: his AutoBill begins once, or he is asked once more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
WAITING = ("Pending Activation", "Unbilled")
GOOD = ("Active", "Good Standing")
ASKED = [FaultPoint.PROCESSOR_ANSWERED, FaultPoint.OUTCOME_WRITTEN]


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Iterator[None]:
    sandbox.set_clock("2024-04-01T10:00:00")
    yield
    books_are_right()


@pytest.fixture
def waiting(client: Client, server: Server) -> Any:
    """An AutoBill whose customer has just agreed at PayPal."""
    autobill = shop.subscribe(client, sales.paypal_page()).autobill
    customers.decide(server, shop.transactions(client, autobill)[-1], "agree")
    return autobill


def _crash(crashing: Crashing, point: FaultPoint, client: Client, waiting: Any) -> str:
    (transaction,) = shop.transactions(client, waiting)
    with crashing(point) as doomed, pytest.raises(requests.ConnectionError):
        doomed("AutoBill").finalizePayPalAuth(payPalTransactionId=transaction.VID, success=True)
    return str(transaction.VID)


@pytest.mark.parametrize("point", ASKED)
def test_an_autobill_begins_when_it_is_learnt_that_the_money_was_taken(
    client: Client,
    crashing: Crashing,
    waiting: Any,
    at_processor: ProcessorBooks,
    settle: Settle,
    sandbox: Sandbox,
    point: FaultPoint,
) -> None:
    _crash(crashing, point, client, waiting)
    assert shop.standing(shop.fetched(client, waiting)) == WAITING

    assert settle() == 1
    assert shop.standing(shop.fetched(client, waiting)) == GOOD
    sandbox.bill()
    assert (at_processor.held, settle()) == ([TEN], 0)
    assert list(shop.states(client, waiting).values()) == ["Paid", "Open"]


def test_an_autobill_that_has_begun_is_not_begun_again(
    client: Client, crashing: Crashing, waiting: Any, at_processor: ProcessorBooks, settle: Settle
) -> None:
    vid = _crash(crashing, FaultPoint.OUTCOME_COMMITTED, client, waiting)
    assert shop.standing(shop.fetched(client, waiting)) == GOOD
    client("AutoBill").expecting(400).finalizePayPalAuth(payPalTransactionId=vid, success=True)
    assert (at_processor.held, settle()) == ([TEN], 0)


def test_a_request_that_never_left_takes_no_money_and_the_customer_can_be_sent_again(
    client: Client,
    server: Server,
    crashing: Crashing,
    waiting: Any,
    at_processor: ProcessorBooks,
    settle: Settle,
) -> None:
    _crash(crashing, FaultPoint.INTENT_COMMITTED, client, waiting)
    assert settle() == 1
    assert shop.standing(shop.fetched(client, waiting)) == WAITING
    assert (at_processor.held, settle()) == ([], 0)

    shop.update(client, shop.reference(waiting) | {"paymentMethod": sales.paypal_page()})
    transaction = shop.transactions(client, waiting)[-1]
    customers.decide(server, transaction, "agree")
    client("AutoBill").finalizePayPalAuth(payPalTransactionId=transaction.VID, success=True)
    assert shop.standing(shop.fetched(client, waiting)) == GOOD
    assert at_processor.held == [TEN]
