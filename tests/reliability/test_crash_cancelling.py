"""A process that is killed while a cancellation charges what is left to settle: it is asked for once, or stays owed."""

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
from tests.services import shop
from tests.services.sandbox import Sandbox

TEN, FEE = Decimal("10.00"), Decimal("110.00")
POINTS = [
    FaultPoint.INTENT_COMMITTED,
    FaultPoint.PROCESSOR_ANSWERED,
    FaultPoint.OUTCOME_WRITTEN,
    FaultPoint.OUTCOME_COMMITTED,
]


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Iterator[None]:
    sandbox.set_clock("2024-04-01T10:00:00")
    sandbox.settings(cancelFeePolicy="full")
    yield
    books_are_right()


def _leave(client: Client, autobill: Any) -> Any:
    """Before the commitment of twelve months is kept: eleven of them are still to be paid."""
    return client("AutoBill").cancel(
        autobill=shop.reference(autobill), disentitle=False, force=True, settle=True
    )


@pytest.mark.parametrize("point", POINTS)
def test_a_fee_is_asked_for_once_and_what_never_reached_the_bank_stays_owed(
    client: Client,
    crashing: Crashing,
    at_processor: ProcessorBooks,
    settle: Settle,
    sandbox: Sandbox,
    books_are_right: Callable[[], None],
    point: FaultPoint,
) -> None:
    autobill = shop.subscribe(client, minimumCommitment=12).autobill
    with crashing(point) as doomed, pytest.raises(requests.ConnectionError):
        _leave(doomed, autobill)
    books_are_right()
    is_booked = point is FaultPoint.OUTCOME_COMMITTED
    was_asked = point is not FaultPoint.INTENT_COMMITTED
    left = shop.fetched(client, autobill)
    assert shop.standing(left) == ("Pending Cancel", "Billing Completed")
    assert left.subscriptionBalance == (0 if is_booked else FEE)

    assert settle() == (0 if is_booked else 1)
    assert shop.fetched(client, autobill).subscriptionBalance == (0 if was_asked else FEE)
    charge = shop.transactions(client, autobill)[-1]
    assert (charge.amount, shop.log(charge)) == (FEE, ["Captured" if was_asked else "Cancelled", "New"])
    assert at_processor.held == ([TEN, FEE] if was_asked else [TEN])

    again = _leave(client, autobill)
    sandbox.bill()
    assert (list(again.transactions), settle()) == ([], 0)
    assert at_processor.held == ([TEN, FEE] if was_asked else [TEN])
