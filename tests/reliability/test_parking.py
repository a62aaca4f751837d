"""AutoBills that cannot be billed are set aside with a reason; the others are billed, and a way leads back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from cashbox_service.app.environment import Environment
from cashbox_service.app.operating import audit
from tests.conftest import Client
from tests.servers import Server
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.soap_client import Login

Decree = Callable[[str, Any], None]
Findings = Callable[[], list[str]]

DUE = "2024-02-15T06:00:00"


@pytest.fixture(autouse=True)
def _january(sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-15T12:00:00")


@pytest.fixture
def decree(server: Server) -> Decree:
    """Writes to the store what no call would: a statement about the AutoBill ``:vid``."""

    def execute(statement: str, autobill: Any) -> None:
        with server.database.engine.begin() as connection:
            assert connection.execute(text(statement), {"vid": autobill.VID}).rowcount > 0

    return execute


@pytest.fixture
def findings(environment: Environment, merchant: Login) -> Findings:
    """What the audit says of this test's merchant."""

    def found() -> list[str]:
        return [one.problem for one in audit.run(environment, environment.merchant(merchant.login))]

    return found


_PRICES = """
    UPDATE products SET prices = '[{{"amount": "10.00", "currency": "{}"}}]'
    WHERE vid IN (SELECT product_vid FROM autobill_items WHERE autobill_vid = :vid)
"""

IMPOSSIBLE = [
    (
        "UPDATE autobills SET billing_state = 'Failed To Collect' WHERE vid = :vid",
        "UPDATE autobills SET billing_state = 'Good Standing' WHERE vid = :vid",
        "Active does not go with Failed To Collect",
    ),
    (
        "UPDATE autobills SET next_cycle = 7 WHERE vid = :vid",
        "UPDATE autobills SET next_cycle = 1 WHERE vid = :vid",
        "its Open invoice is of cycle 1, not of 7",
    ),
    (
        "UPDATE invoices SET state = 'Closed' WHERE autobill_vid = :vid AND state = 'Open'",
        "UPDATE invoices SET state = 'Open' WHERE autobill_vid = :vid AND state = 'Closed'",
        "it has 0 Open invoices instead of one",
    ),
    (
        "UPDATE invoices SET billed_on = '2024-01-16' WHERE autobill_vid = :vid AND state = 'Open'",
        "UPDATE invoices SET billed_on = NULL WHERE autobill_vid = :vid AND state = 'Open'",
        "its Open invoice was billed on 2024-01-16",
    ),
]


@pytest.mark.parametrize(("spoil", "mend", "reason"), IMPOSSIBLE)
def test_an_impossible_state_is_parked_and_billed_once_it_is_mended(
    client: Client,
    sandbox: Sandbox,
    server: Server,
    merchant: Login,
    decree: Decree,
    findings: Findings,
    spoil: str,
    mend: str,
    reason: str,
) -> None:
    spoiled, sound = (shop.subscribe(client).autobill for _ in range(2))
    decree(spoil, spoiled)
    steps = sandbox.bill_on(DUE)
    parked = [step for step in steps if step["what"] == "parked"]
    assert [(step["autobill"], step["reason"]) for step in parked] == [(spoiled.merchantAutoBillId, reason)]
    assert len(shop.transactions(client, spoiled)) == 1
    assert len(shop.transactions(client, sound)) == 2
    assert f"parked: {reason}" in findings()
    assert sandbox.bill() == []
    listed = server.command("parked", "list", merchant.login)
    assert listed.stdout == f"{merchant.login}: {spoiled.merchantAutoBillId}: {reason}\n"

    decree(mend, spoiled)
    released = server.command("parked", "release", merchant.login, spoiled.merchantAutoBillId)
    assert released.stdout == f"released {spoiled.merchantAutoBillId}\n"
    assert [step["what"] for step in sandbox.bill()] == ["billed", "paid", "notice"]
    assert findings() == []


def test_one_whose_billing_fails_is_parked_and_the_run_goes_on(
    client: Client, sandbox: Sandbox, server: Server, merchant: Login, decree: Decree, findings: Findings
) -> None:
    """Its product lost the price in its currency; the group it was in is billed without it."""
    failing, *others = (shop.subscribe(client).autobill for _ in range(4))
    decree(_PRICES.format("EUR"), failing)
    sandbox.bill_on(DUE)
    assert [len(shop.transactions(client, one)) for one in (failing, *others)] == [1, 2, 2, 2]
    (problem,) = findings()
    assert problem.startswith("parked: ")
    assert "USD" in problem

    decree(_PRICES.format("USD"), failing)
    assert server.command("parked", "release", merchant.login, "--all").returncode == 0
    sandbox.bill()
    assert len(shop.transactions(client, failing)) == 2
    assert findings() == []


def test_a_release_names_autobills_or_all(server: Server, merchant: Login) -> None:
    for arguments, said in (
        ([], "Name AutoBills, or give --all."),
        (["nobody", "--all"], "Name AutoBills, or give --all."),
        (["nobody"], "No match found for"),
    ):
        refused = server.command("parked", "release", merchant.login, *arguments)
        assert refused.returncode != 0
        assert said in refused.stderr
