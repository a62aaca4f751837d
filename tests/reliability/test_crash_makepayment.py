"""A process that is killed in the middle of AutoBill.makePayment by card: the customer pays once or not at all."""

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
def autobill(client: Client) -> Any:
    """Invoiced, with 10.00 due."""
    return shop.subscribe(client, shop.invoiced(), invoiceTerms=30).autobill


def crash_while_paying(crashing: Crashing, point: FaultPoint, autobill: Any) -> None:
    with crashing(point) as client, pytest.raises(requests.ConnectionError):
        shop.pay(client, autobill, "10.00", shop.card())


def first_state(client: Client, autobill: Any) -> str:
    return next(iter(shop.states(client, autobill).values()))


def logs(client: Client, autobill: Any) -> list[list[str]]:
    return [shop.log(made) for made in shop.transactions(client, autobill)]


@pytest.mark.parametrize("point", BEFORE_THE_OUTCOME)
def test_before_the_outcome_is_stored_nothing_is_half_done(
    client: Client,
    crashing: Crashing,
    autobill: Any,
    books_are_right: Callable[[], None],
    at_processor: ProcessorBooks,
    settle: Settle,
    sandbox: Sandbox,
    point: FaultPoint,
) -> None:
    crash_while_paying(crashing, point, autobill)
    assert logs(client, autobill) == [["New"]]
    assert first_state(client, autobill) == "Due"
    assert shop.due(client, autobill, shop.invoices(client, autobill)[0]) == 10
    books_are_right()

    reached_the_processor = point is not FaultPoint.INTENT_COMMITTED
    assert at_processor.held == ([TEN] if reached_the_processor else [])
    assert settle() == 1
    if reached_the_processor:
        assert logs(client, autobill) == [["Authorized", "New"]]
        assert first_state(client, autobill) == "Paid"
    else:
        assert logs(client, autobill) == [["Cancelled", "New"]]
        assert first_state(client, autobill) == "Due"
    books_are_right()

    assert settle() == 0
    sandbox.bill()
    assert at_processor.held == ([TEN] if reached_the_processor else [])
    assert at_processor.requests == int(reached_the_processor)
    assert [log[0] for log in logs(client, autobill)] == [
        "Captured" if reached_the_processor else "Cancelled"
    ]


def test_after_the_outcome_is_stored_nothing_is_left_to_do(
    client: Client,
    crashing: Crashing,
    autobill: Any,
    at_processor: ProcessorBooks,
    settle: Settle,
    sandbox: Sandbox,
) -> None:
    crash_while_paying(crashing, FaultPoint.OUTCOME_COMMITTED, autobill)
    assert logs(client, autobill) == [["Authorized", "New"]]
    assert first_state(client, autobill) == "Paid"
    assert settle() == 0
    sandbox.bill()
    assert at_processor.held == [TEN]
    assert [charge.captures for charge in at_processor.charges] == [1]


def test_a_payment_made_in_the_meantime_turns_the_one_found_later_into_credit(
    client: Client, crashing: Crashing, autobill: Any, at_processor: ProcessorBooks, settle: Settle
) -> None:
    """The customer tries again before the janitor comes by: both payments count, the second one as credit."""
    crash_while_paying(crashing, FaultPoint.PROCESSOR_ANSWERED, autobill)
    assert shop.pay(client, autobill, "10.00", shop.card()).summary == "Success"
    assert settle() == 1
    assert at_processor.held == [TEN, TEN]
    assert first_state(client, autobill) == "Paid"
    account = client("Account").fetchByVid(vid=autobill.account.VID).account
    assert shop.credit(account) == [(TEN, "USD")]


def test_janitors_that_meet_book_a_payment_once(
    client: Client, crashing: Crashing, autobill: Any, settle: Settle
) -> None:
    crash_while_paying(crashing, FaultPoint.PROCESSOR_ANSWERED, autobill)
    with ThreadPoolExecutor(3) as threads:
        settled = list(threads.map(lambda _: settle(), range(3)))
    assert sum(settled) == 1
    assert logs(client, autobill) == [["Authorized", "New"]]
    account = client("Account").fetchByVid(vid=autobill.account.VID).account
    assert (first_state(client, autobill), shop.credit(account)) == ("Paid", [])


def test_a_decline_that_was_not_heard_is_recorded_later(
    client: Client, crashing: Crashing, autobill: Any, at_processor: ProcessorBooks, settle: Settle
) -> None:
    with crashing(FaultPoint.PROCESSOR_ANSWERED) as other, pytest.raises(requests.ConnectionError):
        shop.pay(other, autobill, "10.00", shop.card(shop.SOFT_DECLINED))
    assert settle() == 1
    (made,) = shop.transactions(client, autobill)
    assert shop.log(made) == ["Cancelled", "New"]
    assert made.statusLog[0].creditCardStatus.authCode == "302"
    assert (at_processor.held, first_state(client, autobill)) == ([], "Due")


def test_a_merchant_accepted_payment_is_booked_whole_or_not_at_all(
    client: Client, crashing: Crashing, autobill: Any, settle: Settle
) -> None:
    """Killed just before its one commit, it can be sent again with the same paymentId."""
    cheque = shop.cheque()
    with crashing(FaultPoint.OUTCOME_WRITTEN) as other, pytest.raises(requests.ConnectionError):
        shop.pay(other, autobill, "10.00", cheque)
    assert logs(client, autobill) == []
    assert first_state(client, autobill) == "Due"
    assert settle() == 0
    shop.pay(client, autobill, "10.00", cheque)
    assert first_state(client, autobill) == "Paid"


def test_a_merchant_accepted_payment_that_was_stored_is_refused_when_sent_again(
    client: Client, crashing: Crashing, autobill: Any
) -> None:
    cheque = shop.cheque()
    with crashing(FaultPoint.OUTCOME_COMMITTED) as other, pytest.raises(requests.ConnectionError):
        shop.pay(other, autobill, "10.00", cheque)
    assert first_state(client, autobill) == "Paid"
    answer = (
        client("AutoBill")
        .expecting(400)
        .makePayment(autobill=shop.reference(autobill), paymentMethod=cheque, amount=TEN)
    )
    assert answer.transaction is None
    assert logs(client, autobill) == [["Captured", "New"]]
