"""A processor that gives no answer, or a late one: the janitor finds out, and money is neither lost nor taken twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Client
from tests.reliability.conftest import Settle
from tests.reliability.processor_books import ProcessorBooks
from tests.services import shop
from tests.services.sandbox import Sandbox

TEN = Decimal("10.00")
LATE_SECONDS = 1.5


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Any:
    sandbox.set_clock("2024-01-15T12:00:00")
    yield
    books_are_right()


@pytest.fixture
def invoiced(client: Client) -> Any:
    """An AutoBill paid by hand, with 10.00 due."""
    return shop.subscribe(client, shop.invoiced(), invoiceTerms=30).autobill


def logs(client: Client, autobill: Any) -> list[list[str]]:
    return [shop.log(made) for made in shop.transactions(client, autobill)]


def states(client: Client, autobill: Any) -> list[str]:
    return list(shop.states(client, autobill).values())


@pytest.mark.parametrize("lost", ["request", "answer"])
def test_a_payment_without_answer_is_pending_until_the_janitor_knows(
    client: Client, sandbox: Sandbox, invoiced: Any, at_processor: ProcessorBooks, settle: Settle, lost: str
) -> None:
    sandbox.script({"timeOut": lost})
    answer = shop.pay(client, invoiced, "10.00", shop.card())
    assert answer.summary == "Pending"
    assert shop.log(answer.transaction) == ["New"]
    assert states(client, invoiced) == ["Due", "Open"]
    assert settle() == 1
    done = lost == "answer"
    assert logs(client, invoiced) == [["Authorized" if done else "Cancelled", "New"]]
    assert states(client, invoiced) == ["Paid" if done else "Due", "Open"]
    assert at_processor.held == ([TEN] if done else [])
    assert settle() == 0


@pytest.mark.parametrize("lost", ["request", "answer"])
def test_an_autobill_whose_first_bill_got_no_answer_is_not_stored(
    client: Client, sandbox: Sandbox, at_processor: ProcessorBooks, settle: Settle, lost: str
) -> None:
    sandbox.script({"timeOut": lost})
    order = shop.order(client, shop.card())
    answer = shop.update(client, order, expecting=402)
    assert answer.autobill is None
    client("AutoBill").expecting(400).fetchByMerchantAutoBillId(
        merchantAutoBillId=order["merchantAutoBillId"]
    )
    assert settle() == 1
    assert at_processor.held == []
    shop.update(client, order)
    assert at_processor.held == [TEN]


@pytest.mark.parametrize("lost", ["request", "answer"])
def test_a_renewal_without_answer_is_settled_and_never_asked_for_beside_it(
    client: Client, sandbox: Sandbox, at_processor: ProcessorBooks, settle: Settle, lost: str
) -> None:
    autobill = shop.subscribe(client).autobill
    sandbox.bill()
    sandbox.script({"operation": "authorize", "timeOut": lost})
    sandbox.bill_on("2024-02-15T06:00:00")
    assert logs(client, autobill)[1] == ["New"]
    assert sandbox.bill() == []
    assert settle() == 1
    sandbox.bill()
    if lost == "answer":
        assert logs(client, autobill)[1:] == [["Captured", "New"]]
        assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")
    else:
        assert logs(client, autobill)[1:] == [["Cancelled", "New"]]
        assert shop.standing(shop.fetched(client, autobill)) == ("Active", "In Retry")
        sandbox.advance(3)
        assert logs(client, autobill)[2:] == [["Captured", "New"]]
    assert states(client, autobill) == ["Paid", "Paid", "Open"]
    assert at_processor.held == [TEN, TEN]


@pytest.mark.parametrize("lost", ["request", "answer"])
def test_a_void_without_answer_is_repeated_until_the_money_is_back(
    client: Client, sandbox: Sandbox, at_processor: ProcessorBooks, settle: Settle, lost: str
) -> None:
    """Approved by the processor, refused by the address policy; then giving it back fails twice."""
    sandbox.script({"operation": "void", "timeOut": lost}, {"operation": "void", "timeOut": "request"})
    shop.update(client, shop.order(client, shop.card(shop.AVS_NO_MATCH)), expecting=407)
    if lost == "request":
        assert at_processor.held == [TEN]
        assert settle() == 0
    assert settle() == 1
    assert at_processor.held == []
    assert [charge.voids for charge in at_processor.charges] == [1]
    assert settle() == 0


@pytest.mark.parametrize("lost", ["request", "answer"])
def test_a_capture_without_answer_is_repeated_and_done_once(
    client: Client, sandbox: Sandbox, at_processor: ProcessorBooks, lost: str
) -> None:
    sandbox.script({"operation": "capture", "timeOut": lost})
    autobill = shop.subscribe(client).autobill
    sandbox.bill()
    assert logs(client, autobill) == [["Authorized", "New"]]
    sandbox.bill()
    assert logs(client, autobill) == [["Captured", "Authorized", "New"]]
    assert [charge.captures for charge in at_processor.charges] == [1]


def test_days_in_the_sandbox_are_longer_than_the_janitors_patience(
    client: Client, sandbox: Sandbox, invoiced: Any
) -> None:
    sandbox.script({"timeOut": "answer"})
    shop.pay(client, invoiced, "10.00", shop.card())
    sandbox.advance(1)
    assert logs(client, invoiced) == [["Captured", "Authorized", "New"]]


def while_asked(call: Callable[[], Any], settle: Settle) -> Any:
    """What ``call`` answers when the janitor gives its attempt up while the processor is thinking."""
    with ThreadPoolExecutor(1) as threads:
        calling = threads.submit(call)
        deadline = time.monotonic() + 30
        while settle() == 0:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return calling.result()


def test_an_approval_that_comes_too_late_for_a_payment_is_given_back(
    client: Client, sandbox: Sandbox, invoiced: Any, at_processor: ProcessorBooks, settle: Settle
) -> None:
    sandbox.script({"latencySeconds": LATE_SECONDS})
    answer = while_asked(lambda: shop.pay(client, invoiced, "10.00", shop.card()), settle)
    assert answer.summary == "Failure"
    assert logs(client, invoiced) == [["Cancelled", "New"]]
    assert states(client, invoiced) == ["Due", "Open"]
    assert at_processor.held == []
    assert [charge.voids for charge in at_processor.charges] == [1]


def test_an_approval_that_comes_too_late_for_a_new_autobill_is_given_back(
    client: Client, sandbox: Sandbox, at_processor: ProcessorBooks, settle: Settle
) -> None:
    sandbox.script({"latencySeconds": LATE_SECONDS})
    order = shop.order(client, shop.card())
    while_asked(lambda: shop.update(client, order, expecting=500), settle)
    client("AutoBill").expecting(400).fetchByMerchantAutoBillId(
        merchantAutoBillId=order["merchantAutoBillId"]
    )
    assert at_processor.held == []


def test_an_approval_that_comes_too_late_for_a_renewal_is_refunded(
    client: Client, sandbox: Sandbox, at_processor: ProcessorBooks, settle: Settle
) -> None:
    autobill = shop.subscribe(client).autobill
    sandbox.bill()
    sandbox.set_clock("2024-02-15T06:00:00")
    sandbox.script({"latencySeconds": LATE_SECONDS})
    while_asked(
        sandbox.bill, settle
    )  # the attempt counts as one that never left, and the run makes another one
    assert logs(client, autobill)[1:] == [["Cancelled", "New"], ["Captured", "New"]]
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")
    assert at_processor.held == [TEN, TEN]
    assert [charge.refunded for charge in at_processor.charges] == [0, TEN, 0]
    assert states(client, autobill) == ["Paid", "Paid", "Open"]
