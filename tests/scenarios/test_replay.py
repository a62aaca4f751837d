"""Moving the clock tells what happened on the way: in order, to whom, with ids and amounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import Client
from tests.servers import Server
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.soap_client import Login


@pytest.fixture(autouse=True)
def _january(sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-15T12:00:00")


def told(steps: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Day and kind of each step."""
    return [(step["on"], step["what"]) for step in steps]


def without(steps: list[dict[str, Any]], *kinds: str) -> list[dict[str, Any]]:
    """The steps of other kinds."""
    return [step for step in steps if step["what"] not in kinds]


def test_a_year_of_a_subscription_is_told_month_by_month(client: Client, sandbox: Sandbox) -> None:
    made = shop.subscribe(client).autobill
    every = sandbox.advance(366)
    steps = without(every, "captured", "notice")
    months = [f"2024-{month:02}-15" for month in range(2, 13)] + ["2025-01-15"]
    assert told(steps) == [(day, what) for day in months for what in ("billed", "paid")]
    notices = [step for step in every if step["what"] == "notice"]
    assert [(step["on"], step["notice"]) for step in notices] == [(day, "success") for day in months]
    names = {"autobill": made.merchantAutoBillId, "account": made.account.merchantAccountId}
    for number, (billed, paid) in enumerate(zip(steps[::2], steps[1::2], strict=True), start=1):
        invoice = f"{made.merchantAutoBillId}-{number:08}"
        assert billed == names | {
            "on": months[number - 1],
            "what": "billed",
            "invoice": invoice,
            "amount": "10.00 USD",
        }
        assert paid["transaction"] == shop.transactions(client, made)[number].merchantTransactionId
        assert (paid["invoice"], paid["amount"], paid["attempt"]) == (invoice, "10.00 USD", 0)


def test_declines_retries_and_the_end_are_told_with_their_days(client: Client, sandbox: Sandbox) -> None:
    order = shop.order(client, shop.card(shop.SOFT_DECLINED))
    shop.update(client, order, immediateAuthFailurePolicy="putAutoBillInRetryCycle")
    every = sandbox.advance(30)
    steps = without(every, "notice")
    assert told(steps) == [
        ("2024-01-16", "overdue"),
        ("2024-01-18", "declined"),
        ("2024-01-22", "declined"),
        ("2024-01-29", "declined"),
        ("2024-02-05", "cancelled"),
    ]
    declines = [step for step in steps if step["what"] == "declined"]
    assert [(step["attempt"], step.get("next")) for step in declines] == [
        (1, "2024-01-22"),
        (2, "2024-01-29"),
        (3, None),
    ]
    assert {step["amount"] for step in declines} == {"10.00 USD"}
    assert all(step["code"] for step in declines)
    assert steps[-1]["reason"] == "Failed To Collect"
    assert [step["notice"] for step in every if step["what"] == "notice"] == ["failureSoftFail"] * 3


def test_two_subscriptions_are_told_in_order_of_days(client: Client, sandbox: Sandbox) -> None:
    late = shop.subscribe(client).autobill
    sandbox.advance(5)
    early = shop.subscribe(client).autobill
    steps = [step for step in sandbox.advance(60) if step["what"] == "billed"]
    assert [(step["on"], step["autobill"]) for step in steps] == [
        ("2024-02-15", late.merchantAutoBillId),
        ("2024-02-20", early.merchantAutoBillId),
        ("2024-03-15", late.merchantAutoBillId),
        ("2024-03-20", early.merchantAutoBillId),
    ]


def test_a_long_jump_is_cut_and_counted(
    client: Client, sandbox: Sandbox, server: Server, merchant: Login
) -> None:
    shop.subscribe(client)
    report = sandbox.report("clock/advance", days=366, limit=3)
    assert [step["what"] for step in report["steps"]] == ["captured", "billed", "paid"]
    assert (report["counts"], report["omitted"]) == (
        {"captured": 1, "billed": 12, "paid": 12, "notice": 12},
        34,
    )
    printed = server.command("clock", "advance", merchant.login, "62", "--limit", "2", "--progress")
    assert printed.returncode == 0, printed.stderr
    assert len(printed.stdout.splitlines()) == 4
    assert "4 more steps, in all 2 billed, 2 notice, 2 paid" in printed.stdout


@pytest.mark.parametrize("limit", [-1, 10**9, "5", True])
def test_a_limit_out_of_bounds_is_refused(sandbox: Sandbox, limit: object) -> None:
    status, answer = sandbox.ask("POST", "/sandbox/clock/advance", {"days": 1, "limit": limit})
    assert status == 400
    assert "limit" in answer["error"]


def test_a_run_on_a_day_of_rest_tells_nothing(sandbox: Sandbox) -> None:
    assert sandbox.advance(timedelta(days=3).days) == []
