"""Usage reported by many at once, and while it is being billed: each event counts once and stands on one invoice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Client
from tests.services import shop, usage
from tests.services.sandbox import Sandbox

CLIENTS = 20
Check = Callable[[], None]


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Check) -> Any:
    sandbox.set_clock("2024-01-10T10:00:00")
    yield
    books_are_right()


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    with ThreadPoolExecutor(len(calls)) as pool:
        return [running.result() for running in [pool.submit(call) for call in calls]]


def code(answer: Any) -> int:
    returned: int = answer.returnCode
    return returned


def test_twenty_clients_that_record_the_same_event_record_it_once(client: Client) -> None:
    bill = usage.subscribe(client, usage.plan(client))

    def call() -> int:
        sent = [usage.event(bill, "3", "e-1")]
        return code(client("RatePlan").expecting(None).recordEvent(event=sent))

    codes = at_once([call] * CLIENTS)

    assert sorted(codes) == [200, *[400] * (CLIENTS - 1)]
    assert (usage.waiting(client, bill).ratedUnitTotal, len(usage.events(client))) == (3, 1)


def test_events_of_many_clients_for_one_item_all_count(client: Client) -> None:
    bill = usage.subscribe(client, usage.plan(client))

    def call(number: int) -> int:
        return code(
            usage.record(client, bill, "1", "2", nameValues=[{"name": f"n{number % 3}", "value": "v"}])
        )

    at_once([lambda number=number: call(number) for number in range(CLIENTS)])  # type: ignore[misc]

    summary = usage.waiting(client, bill)
    assert (summary.ratedUnitTotal, summary.eventCount) == (3 * CLIENTS, 2 * CLIENTS)


def test_no_more_is_deducted_at_once_than_there_is(client: Client) -> None:
    bill = usage.subscribe(client, usage.plan(client))
    usage.record(client, bill, "10")

    def call() -> int:
        return code(client("RatePlan").expecting(None).deductEvent(event=[usage.event(bill, "3")]))

    codes = at_once([call] * 8)

    assert sorted(codes) == [200] * 3 + [400] * 5
    assert usage.waiting(client, bill).ratedUnitTotal == 1


def test_an_event_is_taken_back_once(client: Client) -> None:
    bill = usage.subscribe(client, usage.plan(client))
    usage.record(client, bill, "10")
    usage.record(client, bill, "5", event_id="e-1")

    def call() -> int:
        named = [{"merchantEventId": "e-1"}]
        return code(client("RatePlan").expecting(None).reverseEvent(event=named))

    codes = at_once([call] * 8)

    assert sorted(codes) == [200] + [404] * 7
    assert usage.waiting(client, bill).ratedUnitTotal == 10


def test_events_recorded_while_the_bill_is_drawn_up_are_on_it_or_on_the_next(
    client: Client, sandbox: Sandbox
) -> None:
    bill = usage.subscribe(client, usage.plan(client, usage.tier("0", "1.00")))
    sandbox.set_clock("2024-02-10T08:00:00")

    def record() -> int:
        return code(usage.record(client, bill, "1", eventDate="2024-02-01T00:00:00-08:00"))

    def run() -> int:
        sandbox.bill()
        return 200

    at_once([*[record] * 10, run, run, *[record] * 10])
    sandbox.bill_on("2024-03-10T08:00:00")

    billed = [transaction.amount for transaction in shop.transactions(client, bill)]
    assert (len(billed), sum(billed)) == (3, Decimal("20.00"))
    assert usage.events(client, unbilled=True) == []
