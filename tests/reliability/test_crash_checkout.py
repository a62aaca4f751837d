"""A process that is killed at each stage of a CheckOut: what was made stays, a repeat goes on and charges once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from http.client import HTTPException
from pathlib import Path
from signal import SIGKILL
from typing import Any

import pytest

from cashbox_service.app.environment import Environment
from cashbox_service.app.operating.merchant_keys import KeyPurpose
from cashbox_service.faults import FaultPoint
from tests.dialects.callers import CheckOut, new_key, order, signed
from tests.servers import Server, forked
from tests.soap_client import Login

STAGES = [
    (FaultPoint.CLIENT_MADE, {"account"}),
    (FaultPoint.CARD_VAULTED, {"account", "method"}),
    (FaultPoint.INVOICE_MADE, {"account", "method", "Invoice"}),
    (FaultPoint.FEE_MADE, {"account", "method", "Invoice", "Fee"}),
    (FaultPoint.RECURRING_MADE, {"account", "method", "Invoice", "Fee", "Recurring"}),
    (FaultPoint.OUTCOME_WRITTEN, {"account", "method", "Invoice", "Fee", "Recurring", "payment"}),
    (FaultPoint.OUTCOME_COMMITTED, {"account", "method", "Invoice", "Fee", "Recurring", "payment"}),
]


def made(environment: Environment, merchant: Login) -> dict[str, Any]:
    """What the merchant's store holds: one of each, or none."""
    with closing(environment.open(environment.merchant(merchant.login))) as work:
        accounts = work.uow.accounts.created_between(
            work.now.replace(year=2000), work.now.replace(year=2100), 0, 9
        )
        invoices = work.uow.invoices.everything()
        return {
            "accounts": len(accounts),
            "methods": sum(len(work.uow.payment_methods.of_account(one.vid)) for one in accounts),
            "invoices": [(one.state, one.charges) for one in invoices if one.document],
            "autobills": len(work.uow.autobills.everything()),
        }


@pytest.mark.parametrize(("point", "done"), STAGES)
def test_killed_checkout_leaves_what_its_stages_made_and_a_repeat_finishes_it(
    server: Server,
    merchant: Login,
    environment: Environment,
    books_are_right: Callable[[], None],
    tmp_path: Path,
    point: FaultPoint,
    done: set[str],
) -> None:
    key = new_key(server, merchant, KeyPurpose.CHECKOUT)
    call = signed(key, order(Recurring=True, Amount="50.24"))
    with (
        forked(
            server.kind, server.database_url, tmp_path, ends_with=-SIGKILL, fault_point=point.value
        ) as doomed,
        pytest.raises((ConnectionError, HTTPException)),
    ):
        CheckOut(doomed, key).send(call)
    left = made(environment, merchant)
    assert left["accounts"] == 1
    assert left["methods"] == int("method" in done)
    assert len(left["invoices"]) == int("Invoice" in done)
    if "Invoice" in done:
        state, charges = left["invoices"][0]
        assert (state == "Open", charges) == ("Fee" not in done, Decimal("50.24") if "Fee" in done else 0)
    assert left["autobills"] == int("Recurring" in done)
    books_are_right()

    answered = CheckOut(server, key).send(call).json()
    assert answered["message"] == "success"
    finished = made(environment, merchant)
    assert finished == {
        "accounts": 1,
        "methods": 1,
        "invoices": [("Paid", Decimal("50.24"))],
        "autobills": 1,
    }
    with closing(environment.open(environment.merchant(merchant.login))) as work:
        vid = work.uow.accounts.created_between(
            work.now.replace(year=2000), work.now.replace(year=2100), 0, 9
        )[0].vid
        paid = [one for one in work.uow.transactions.of_accounts([vid], 0, 99) if one.kind == "payment"]
        assert [(one.amount, one.status) for one in paid] == [(Decimal("50.24"), "Captured")]
    books_are_right()
