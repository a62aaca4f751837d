"""Refunds that meet: with each other, with the batch in another process, with captures and cancellations."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Client
from tests.reliability.processor_books import ProcessorBooks
from tests.reliability.racing import Race, codes
from tests.servers import Server
from tests.services import refunds, sales, shop
from tests.services.sandbox import Sandbox
from tests.soap_client import Login


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Any:
    sandbox.set_clock("2024-01-15T12:00:00")
    yield
    books_are_right()


@pytest.fixture
def race(server: Server, second_server: Server, merchant: Login) -> Race:
    """Over two server processes."""
    return Race(merchant, server, second_server)


@pytest.fixture
def both(server: Server, second_server: Server, merchant: Login) -> list[Sandbox]:
    """The control planes of two server processes."""
    return [Sandbox(one, merchant) for one in (server, second_server)]


@pytest.fixture
def authorized(client: Client) -> Any:
    return sales.sell(client, sales.order())


@pytest.fixture
def sold(authorized: Any, sandbox: Sandbox) -> Any:
    sandbox.bill()
    return authorized


def at_once(*steps: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(len(steps)) as threads:
        return [done.result() for done in [threads.submit(step) for step in steps]]


def refund(sold: Any, amount: str, own_id: str | None = None) -> str:
    named = f"<merchantRefundId>{own_id}</merchantRefundId>" if own_id is not None else ""
    return (
        f'<refunds xmlns="">{named}<transaction><VID>{sold.transaction.VID}</VID></transaction>'
        f"<amount>{amount}</amount></refunds>"
    )


def test_refunds_that_are_too_much_together_are_not_all_accepted(
    client: Client, race: Race, sold: Any, sandbox: Sandbox, at_processor: ProcessorBooks
) -> None:
    answers = race("Refund", "perform", [refund(sold, "6.00")] * 6)
    assert codes(answers) == {"200": 3, "206": 3}
    sandbox.bill()
    assert [charge.refunded for charge in at_processor.charges] == [Decimal("18.00")]


def test_an_id_is_used_by_one_of_them(client: Client, race: Race, sold: Any) -> None:
    answers = race("Refund", "perform", [refund(sold, "1.00", shop.new_id("refund"))] * 4)
    assert codes(answers) == {"200": 1, "206": 3}
    notes = {answer.part("note") for answer in answers if answer.code == "206"}
    assert notes == {f"{refunds.FAILED}merchantRefundId already used"}


def test_batches_in_two_processes_pay_back_once(
    client: Client, both: list[Sandbox], sold: Any, at_processor: ProcessorBooks
) -> None:
    made = refunds.perform(client, *[refunds.of(sold, "2.00") for _ in range(8)])
    at_once(*[one.bill for one in both * 2])
    assert {refunds.later(client, one).status for one in made} == {"Complete"}
    assert [charge.refunded for charge in at_processor.charges] == [Decimal("16.00")]


def test_a_sale_is_either_captured_and_paid_back_or_cancelled(
    client: Client, both: list[Sandbox], authorized: Any, at_processor: ProcessorBooks
) -> None:
    """The refund of all of it meets the batches that capture it."""
    asked, *_ = at_once(
        lambda: refunds.perform(client, refunds.of(authorized, "20.00")), *[one.bill for one in both]
    )
    for one in both:
        one.bill()
    assert refunds.later(client, asked).status == "Complete"
    charge = at_processor.charges[0]
    assert not charge.is_held
    cancelled = sales.log(client, authorized) == ["Cancelled", "Authorized", "New"]
    if cancelled:
        assert (charge.voids, charge.captures, charge.refunded) == (1, 0, Decimal(0))
    else:
        assert sales.log(client, authorized) == ["Refunded", "Captured", "Authorized", "New"]
        assert (charge.voids, charge.captures, charge.refunded) == (0, 1, Decimal(20))


def test_a_sale_is_ended_by_its_refund_or_by_its_cancellation(
    client: Client, sandbox: Sandbox, authorized: Any, at_processor: ProcessorBooks
) -> None:
    answer, _ = at_once(
        lambda: client("Refund").expecting(None).perform(refunds=[refunds.of(authorized, "20.00")]),
        lambda: (
            client("Transaction")
            .expecting(None)
            .cancel(transactions=[shop.reference(authorized.transaction)])
        ),
    )
    sandbox.bill()
    assert sales.log(client, authorized) == ["Cancelled", "Authorized", "New"]
    assert [(charge.voids, charge.captures) for charge in at_processor.charges] == [(1, 0)]
    if answer["return"].returnCode == 200:
        assert refunds.later(client, answer.refunds[0]).status in ("Complete", "Failed")
