"""AutoBill.modify when the process is killed, or when two calls and a billing run come at once (autobill §6.35)."""

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
from tests.reliability.racing import Race, codes
from tests.servers import Server
from tests.services import changes, shop
from tests.services.sandbox import Sandbox
from tests.soap_client import Login

TEN, FIVE = Decimal("10.00"), Decimal("5.00")


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Any:
    sandbox.set_clock("2024-04-01T10:00:00")
    yield
    books_are_right()


@pytest.fixture
def bill(client: Client, sandbox: Sandbox) -> Any:
    """In the middle of a month of 10.00."""
    made = changes.subscribed(client, shop.product(client))
    sandbox.advance(15)
    return made


@pytest.mark.parametrize(
    ("point", "charged"),
    [
        (FaultPoint.INTENT_COMMITTED, False),
        (FaultPoint.PROCESSOR_ANSWERED, True),
        (FaultPoint.OUTCOME_WRITTEN, True),
    ],
)
def test_a_change_that_was_not_stored_is_not_paid_for(
    client: Client,
    crashing: Crashing,
    at_processor: ProcessorBooks,
    settle: Settle,
    bill: Any,
    point: FaultPoint,
    charged: bool,
) -> None:
    before = shop.fetched(client, bill)
    addition = changes.adding(shop.product(client))
    with crashing(point) as doomed, pytest.raises(requests.ConnectionError):
        changes.modify(doomed, bill, addition)
    assert at_processor.held == ([TEN, FIVE] if charged else [TEN])
    assert settle() == 1
    assert at_processor.held == [TEN]
    assert shop.fetched(client, bill) == before
    assert changes.modify(client, bill, addition).transaction.amount == FIVE
    assert at_processor.held == [TEN, FIVE]


def test_a_change_that_was_stored_stays(
    client: Client, crashing: Crashing, at_processor: ProcessorBooks, settle: Settle, bill: Any
) -> None:
    with crashing(FaultPoint.OUTCOME_COMMITTED) as doomed, pytest.raises(requests.ConnectionError):
        changes.modify(doomed, bill, changes.adding(shop.product(client)))
    assert settle() == 0
    assert at_processor.held == [TEN, FIVE]
    assert len(shop.fetched(client, bill)["items"]) == 2


def test_an_item_that_two_calls_replace_at_once_is_replaced_once(
    client: Client,
    server: Server,
    second_server: Server,
    merchant: Login,
    at_processor: ProcessorBooks,
    settle: Settle,
    bill: Any,
) -> None:
    better = shop.product(client, "30.00")
    asked = (
        f"<autobill><VID>{bill.VID}</VID></autobill><billProratedPeriod>1</billProratedPeriod>"
        "<effectiveDate>today</effectiveDate><autoBillItemModifications><removeAutoBillItem>"
        f"<VID>{bill['items'][0].VID}</VID></removeAutoBillItem><addAutoBillItem><product>"
        f"<VID>{better.VID}</VID></product></addAutoBillItem></autoBillItemModifications>"
    )
    outcomes = Race(merchant, server, second_server)("AutoBill", "modify", [asked] * 4)
    settle()
    assert codes(outcomes)["200"] == 1
    assert set(codes(outcomes)) <= {"200", "400", "404", "500"}
    assert changes.live_skus(shop.fetched(client, bill)) == [better.merchantProductId]
    assert at_processor.held == [TEN, TEN]
