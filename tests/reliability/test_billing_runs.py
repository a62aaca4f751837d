"""Billing runs that are killed, or that run at the same time: no cycle is billed twice, none is forgotten."""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cashbox_service.faults import FaultPoint
from tests.conftest import Client
from tests.forked import Forked, command
from tests.reliability.conftest import Settle
from tests.reliability.processor_books import ProcessorBooks
from tests.servers import Server
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.soap_client import Login

TEN = Decimal("10.00")
DUE = "2024-02-15T06:00:00"
RunProcess = Callable[..., Forked]


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Any:
    sandbox.set_clock("2024-01-15T12:00:00")
    yield
    books_are_right()


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """What the processes of this test print."""
    return tmp_path / "output"


@pytest.fixture
def run_process(server: Server, merchant: Login, output: Path) -> RunProcess:
    """Starts ``cashbox-service bill`` for this test's merchant as a process of its own."""

    def start(until: str, point: FaultPoint | None = None) -> Forked:
        faults = {"CASHBOX_FAULT_POINT": point.value} if point is not None else {}
        arguments = ["bill", "--until", until, "--merchant", merchant.login]
        return Forked(command, arguments, server.environment | faults, output)

    return start


def cycles(client: Client, autobill: Any) -> list[tuple[int, int, str]]:
    """Cycle, attempt and state of its transactions."""
    return sorted(
        (made.autoBillCycle, made.retryNumber, made.statusLog[0].status)
        for made in shop.transactions(client, autobill)
    )


def killed(process: Forked) -> bool:
    return process.wait(timeout=60) == -signal.SIGKILL


def states(client: Client, autobill: Any) -> list[str]:
    return list(shop.states(client, autobill).values())


@pytest.mark.parametrize(
    ("point", "settled", "reaches_processor"),
    [
        (FaultPoint.INTENT_COMMITTED, 1, False),
        (FaultPoint.PROCESSOR_ANSWERED, 1, True),
        (FaultPoint.OUTCOME_WRITTEN, 1, True),
        (FaultPoint.OUTCOME_COMMITTED, 0, True),
    ],
)
def test_a_run_that_is_killed_is_finished_by_the_next(
    client: Client,
    sandbox: Sandbox,
    run_process: RunProcess,
    at_processor: ProcessorBooks,
    settle: Settle,
    books_are_right: Callable[[], None],
    point: FaultPoint,
    settled: int,
    reaches_processor: bool,
) -> None:
    autobill = shop.subscribe(client).autobill
    sandbox.bill()
    sandbox.set_clock(DUE)
    assert killed(run_process(DUE, point))
    assert at_processor.held == [TEN] * (2 if reaches_processor else 1)
    books_are_right()

    assert settle() == settled
    sandbox.bill()
    books_are_right()
    if (
        point is FaultPoint.INTENT_COMMITTED
    ):  # the attempt that never left is off, and another one is made at once
        expected = [(0, 0, "Captured"), (1, 0, "Cancelled"), (1, 1, "Captured")]
    else:
        expected = [(0, 0, "Captured"), (1, 0, "Captured")]
    assert cycles(client, autobill) == expected
    assert states(client, autobill) == ["Paid", "Paid", "Open"]
    assert at_processor.held == [TEN, TEN]
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")
    assert sandbox.bill() == []


@pytest.mark.parametrize(
    "point", [FaultPoint.INTENT_COMMITTED, FaultPoint.PROCESSOR_ANSWERED, FaultPoint.OUTCOME_WRITTEN]
)
def test_a_group_that_is_killed_is_charged_once_each(
    client: Client,
    sandbox: Sandbox,
    run_process: RunProcess,
    at_processor: ProcessorBooks,
    settle: Settle,
    books_are_right: Callable[[], None],
    point: FaultPoint,
) -> None:
    """Five cycles share a transaction: all intents are stored when the first processor is asked, and then it ends."""
    autobills = [shop.subscribe(client).autobill for _ in range(5)]
    sandbox.bill()
    sandbox.set_clock(DUE)
    assert killed(run_process(DUE, point))
    books_are_right()
    assert settle() == 5
    sandbox.bill()
    assert sandbox.bill() == []
    assert at_processor.held == [TEN] * 10
    for autobill in autobills:
        assert states(client, autobill) == ["Paid", "Paid", "Open"]
        assert [one for one in cycles(client, autobill) if one[2] == "Captured"][1:] in (
            [(1, 0, "Captured")],
            [(1, 1, "Captured")],
        )
        assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")


def test_a_retry_that_is_killed_before_it_asked_is_made_by_the_next_run(
    client: Client, sandbox: Sandbox, run_process: RunProcess, at_processor: ProcessorBooks, settle: Settle
) -> None:
    autobill = shop.subscribe(client).autobill
    sandbox.bill()
    sandbox.script({"operation": "authorize", "authCode": "302"})
    sandbox.bill_on(DUE)
    sandbox.set_clock("2024-02-18T06:00:00")
    assert killed(run_process("2024-02-18T06:00:00", FaultPoint.PROCESSOR_ANSWERED))
    assert settle() == 1
    assert sandbox.bill() == []
    assert cycles(client, autobill) == [(0, 0, "Captured"), (1, 0, "Cancelled"), (1, 1, "Captured")]
    assert at_processor.held == [TEN, TEN]


def test_runs_at_the_same_time_bill_every_cycle_once(
    client: Client, sandbox: Sandbox, run_process: RunProcess, at_processor: ProcessorBooks, output: Path
) -> None:
    """Two processes and two calls of the server, over AutoBills of which each has two cycles to catch up."""
    autobills = [shop.subscribe(client).autobill for _ in range(6)]
    sandbox.set_clock("2024-03-16T06:00:00")
    processes = [run_process("2024-03-16T06:00:00") for _ in range(2)]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda _: sandbox.bill(), range(2)))
    for process in processes:
        assert process.wait(timeout=120) == 0, output.read_text()
    assert "exception" not in output.read_text()
    sandbox.bill()
    for autobill in autobills:
        assert cycles(client, autobill) == [(0, 0, "Captured"), (1, 0, "Captured"), (2, 0, "Captured")]
        assert states(client, autobill) == ["Paid", "Paid", "Paid", "Open"]
    assert at_processor.held == [TEN] * 18
    assert {charge.captures for charge in at_processor.charges} == {1}


def test_a_payment_during_the_run_is_not_asked_for_again(client: Client, sandbox: Sandbox) -> None:
    """A cheque and the billing run meet on the day of the bill; together they take 10.00, or make credit."""
    for _ in range(5):
        autobill = shop.subscribe(client).autobill
        open_invoice = shop.invoices(client, autobill, "Open")[0]
        sandbox.advance(31)
        with ThreadPoolExecutor(2) as threads:
            run = threads.submit(sandbox.bill)
            paid = threads.submit(shop.pay, client, autobill, "10.00", invoiceId=open_invoice)
            run.result()
            paid.exception()
        assert shop.states(client, autobill)[open_invoice] == "Paid"
