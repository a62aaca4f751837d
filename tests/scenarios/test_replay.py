"""Moving the clock tells what happened on the way: in order, to whom, with ids and amounts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cashbox_service.app.engine.replay import Keeper, Step
from cashbox_service.app.environment import Environment
from cashbox_service.store.replay_shelf import ReplayShelf
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


def test_a_long_jump_is_cut_and_counted_and_can_be_read_page_by_page(
    client: Client, sandbox: Sandbox, server: Server, merchant: Login
) -> None:
    shop.subscribe(client)
    report = sandbox.report("clock/advance", days=366, limit=3)
    assert [step["what"] for step in report["steps"]] == ["captured", "billed", "paid"]
    assert (report["counts"], report["omitted"]) == (
        {"captured": 1, "billed": 12, "paid": 12, "notice": 12},
        34,
    )
    pages = [read(sandbox, report["replay"], page, 10) for page in range(5)]
    steps = [step for page in pages for step in page["steps"]]
    assert [len(page["steps"]) for page in pages] == [10, 10, 10, 7, 0]
    assert all((page["total"], page["counts"]) == (37, report["counts"]) for page in pages)
    assert steps[:3] == report["steps"]
    assert steps == sorted(steps, key=lambda step: step["on"])
    assert read(sandbox, report["replay"])["steps"] == steps
    printed = server.command("clock", "advance", merchant.login, "62", "--limit", "2", "--progress")
    assert printed.returncode == 0, printed.stderr
    shown = printed.stdout.splitlines()
    assert "4 more steps, in all 2 billed, 2 notice, 2 paid" in printed.stdout
    command = shown[-2].partition("All of them: cashbox-service ")[2].split()
    listed = server.command(*command, "--page", "1", "--page-size", "2").stdout.splitlines()
    assert listed[-1] == "6 steps in all; more with --page 2"
    assert len(listed) == 3
    kept = sandbox.ask("GET", "/sandbox/replays")[1]["replays"]
    assert [(one["replay"], one["total"]) for one in kept] == [(command[-1], 6), (report["replay"], 37)]


def read(sandbox: Sandbox, replay: str, page: int = 0, size: int = 1000) -> Any:
    status, answer = sandbox.ask("GET", f"/sandbox/replays/{replay}?page={page}&pageSize={size}")
    assert status == 200
    return answer


def test_a_run_that_shows_everything_keeps_nothing_and_no_merchant_reads_anothers(
    client: Client, sandbox: Sandbox, server: Server, module_merchant: Login
) -> None:
    shop.subscribe(client)
    assert "replay" not in sandbox.report("clock/advance", days=40, limit=10)
    kept = sandbox.report("clock/advance", days=40, limit=0)["replay"]
    other = Sandbox(server, module_merchant)
    assert other.ask("GET", "/sandbox/replays") == (200, {"replays": []})
    for asker, path, status in (
        (other, f"replays/{kept}", 404),
        (sandbox, "replays/nothing", 404),
        (sandbox, f"replays/{kept}?page=-1", 400),
        (sandbox, f"replays/{kept}?pageSize=0", 400),
        (sandbox, f"replays/{kept}?pageSize=x", 400),
    ):
        assert asker.ask("GET", f"/sandbox/{path}")[0] == status


def test_of_many_replays_the_latest_are_kept_whole(environment: Environment, merchant: Login) -> None:
    shelf = ReplayShelf(environment.database, merchant.vid)
    now = datetime(2024, 1, 1, tzinfo=UTC)
    made = []
    for number in range(22):
        keeper = Keeper(shelf, now + timedelta(days=number))
        steps = [
            Step(on=now.date(), what=f"{number}.{place}") for place in range(1201 if number == 21 else 2)
        ]
        keeper.keep(steps[:1], steps[1:700], {"x": 700})
        keeper.keep(steps[:700], steps[700:], {"x": 1201})
        keeper.finish({"x": 1201})
        made.append(keeper.vid)
    assert [one.vid for one in shelf.kept()] == made[:1:-1]
    assert [one.steps for one in shelf.kept()] == [1201] + 19 * [2]
    assert [step["what"] for step in shelf.steps(made[-1] or "", 499, 3)] == ["21.499", "21.500", "21.501"]
    assert len(shelf.steps(made[-1] or "", 0, 9999)) == 1201
    assert shelf.steps(made[0] or "", 0, 9) == []


@pytest.mark.parametrize("limit", [-1, 10**9, "5", True])
def test_a_limit_out_of_bounds_is_refused(sandbox: Sandbox, limit: object) -> None:
    status, answer = sandbox.ask("POST", "/sandbox/clock/advance", {"days": 1, "limit": limit})
    assert status == 400
    assert "limit" in answer["error"]


def test_a_run_on_a_day_of_rest_tells_nothing(sandbox: Sandbox) -> None:
    assert sandbox.advance(timedelta(days=3).days) == []
