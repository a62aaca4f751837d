"""A refund batch that is killed: what was accepted is paid back once, whatever the batch had come to."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from cashbox_service.faults import FaultPoint
from tests.conftest import Client
from tests.reliability.conftest import Doomed, Settle
from tests.reliability.processor_books import ProcessorBooks
from tests.services import refunds, sales
from tests.services.sandbox import Sandbox

FIVE = Decimal("5.00")
POINTS = [
    FaultPoint.INTENT_COMMITTED,
    FaultPoint.PROCESSOR_ANSWERED,
    FaultPoint.OUTCOME_WRITTEN,
    FaultPoint.OUTCOME_COMMITTED,
]


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Any:
    sandbox.set_clock("2024-01-15T12:00:00")
    yield
    books_are_right()


@pytest.fixture
def authorized(client: Client) -> Any:
    return sales.sell(client, sales.order())


@pytest.fixture
def sold(authorized: Any, sandbox: Sandbox) -> Any:
    sandbox.bill()
    return authorized


@pytest.mark.parametrize("point", POINTS)
def test_captured_money_is_paid_back_once(
    client: Client,
    sandbox: Sandbox,
    sold: Any,
    doomed_refunds: Doomed,
    settle: Settle,
    at_processor: ProcessorBooks,
    books_are_right: Callable[[], None],
    point: FaultPoint,
) -> None:
    asked = refunds.perform(client, refunds.of(sold, "5.00"))
    doomed_refunds(point)
    books_are_right()
    is_known = point is FaultPoint.OUTCOME_COMMITTED
    assert refunds.later(client, asked).status == ("Complete" if is_known else "Processing")

    assert settle() == (0 if is_known else 1)
    sandbox.bill()
    assert refunds.later(client, asked).status == "Complete"
    assert [charge.refunded for charge in at_processor.charges] == [FIVE]
    assert sales.log(client, sold) == ["Refunded", "Captured", "Authorized", "New"]


@pytest.mark.parametrize("point", POINTS)
def test_authorized_money_is_let_go_once_and_never_captured(
    client: Client,
    sandbox: Sandbox,
    authorized: Any,
    doomed_refunds: Doomed,
    settle: Settle,
    at_processor: ProcessorBooks,
    point: FaultPoint,
) -> None:
    asked = refunds.perform(client, refunds.of(authorized, "20.00"))
    doomed_refunds(point)
    sandbox.bill()
    settle()
    sandbox.bill()
    assert refunds.later(client, asked).status == "Complete"
    assert [(charge.voids, charge.captures) for charge in at_processor.charges] == [(1, 0)]
    assert sales.log(client, authorized) == ["Cancelled", "Authorized", "New"]


@pytest.mark.parametrize("lost", ["request", "answer"])
def test_a_request_without_an_answer_is_looked_after(
    client: Client, sandbox: Sandbox, sold: Any, settle: Settle, at_processor: ProcessorBooks, lost: str
) -> None:
    sandbox.script({"operation": "refund", "timeOut": lost})
    asked = refunds.perform(client, refunds.of(sold, "5.00"))
    sandbox.bill()
    sandbox.bill()
    assert refunds.later(client, asked).status == "Processing"
    assert settle() == 1
    assert refunds.later(client, asked).status == "Complete"
    assert [charge.refunded for charge in at_processor.charges] == [FIVE]


def test_a_refusal_that_was_not_heard_fails_the_refund_later(
    client: Client, sandbox: Sandbox, sold: Any, doomed_refunds: Doomed, settle: Settle
) -> None:
    sandbox.script({"operation": "refund", "authCode": "302"})
    asked = refunds.perform(client, refunds.of(sold, "5.00"))
    doomed_refunds(FaultPoint.PROCESSOR_ANSWERED)
    assert settle() == 1
    assert refunds.later(client, asked).status == "Failed"
    assert sales.log(client, sold)[0] == "Captured"
