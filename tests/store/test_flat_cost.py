"""What a payment, a billing run or a fetch reads must not grow with what else the merchant has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from cashbox_service.store import held, planner
from cashbox_service.store.direct import Query
from cashbox_service.store.engine import Database
from cashbox_service.store.repositories import payments
from cashbox_service.store.unit_of_work import UnitOfWork
from tests.store.plans import plan_of

MANY = {"merchant": "m", "account": "a"}

TODAY = date(2024, 2, 1)
NOW = datetime(2024, 2, 1, tzinfo=UTC)

READS: dict[str, Callable[[UnitOfWork], Any]] = {
    "accounts by card": lambda work: work.accounts.with_payment_method(
        0, 9, fingerprint="f", type_="CreditCard"
    ),
    "accounts with a payment method of a type": lambda work: work.accounts.with_payment_method(
        0, 9, type_="PayPal"
    ),
    "payment methods of a type": lambda work: work.payment_methods.matching("PayPal", None),
    "accounts made in a window": lambda work: work.accounts.created_between(NOW, NOW, 0, 9),
    "autobills that are due": lambda work: work.autobills.due(TODAY, NOW, after="a", limit=9),
    "autobills of a product": lambda work: work.autobills.of_accounts_with_product(["a"], "p", TODAY),
    "autobills by e-mail": lambda work: work.autobills.by_email("ada@example.com"),
    "autobills changed": lambda work: work.autobills.changed_between(NOW, NOW, ["STATUS_CHANGE"], 0, 9),
    "chargebacks of an account": lambda work: work.chargebacks.of_accounts(["a"]),
    "entitlements of an account": lambda work: work.entitlements.of_accounts(["a"]),
    "entitlements changed": lambda work: work.entitlements.changed_between(NOW, NOW, 0, 9),
    "invoices of an autobill": lambda work: work.invoices.of_autobill("b", "Paid"),
    "invoices of an account": lambda work: work.invoices.accepting("a"),
    "postings of a drawer": lambda work: work.ledger.posted("cash", ["p/1"]),
    "refunds of an account": lambda work: work.refunds.of_accounts(["a"]),
    "transactions of accounts": lambda work: work.transactions.of_accounts(["a", "b"], 0, 9),
    "transactions of many": lambda work: work.transactions.by_vids([str(number) for number in range(200)]),
    "transactions changed": lambda work: work.deltas.changed_between(NOW, NOW, None, 0, 9),
}

GROUPS = {name: value for name, value in vars(held).items() if isinstance(value, Query)}
GROUPS |= {f"_CLAIM[{wait}]": query for wait, query in held._CLAIM.items()}


def test_retired_payment_methods_are_not_read_to_find_the_active_ones(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL plans by statistics: on an empty table it reads everything")
    statement = payments._METHODS._statement.compile(dialect=sqlite.dialect(paramstyle="named"))
    with database.engine.connect() as connection:
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {statement}"), {**statement.params, **MANY}).all()
    steps = [row[-1] for row in plan]
    assert any("account_vid=? AND active=?" in step for step in steps), steps
    assert not any("TEMP B-TREE FOR ORDER BY" in step for step in steps), steps


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_of_a_billing_run_is_read_by_its_keys(database: Database, name: str) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL plans by statistics: on an empty table it reads everything")
    compiled = GROUPS[name]._statement.compile(dialect=sqlite.dialect(paramstyle="named"))
    with database.engine.connect() as connection:
        rows = connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}"), dict.fromkeys(compiled.binds, "?"))
        steps = [row[-1] for row in rows]
    assert not any("SCAN" in step or "(merchant_vid=?)" in step for step in steps), steps


@pytest.mark.parametrize("name", READS)
def test_a_fetch_is_read_by_what_it_asks_for(database: Database, work: UnitOfWork, name: str) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL plans by statistics: on an empty table it reads everything")
    plan = plan_of(database, work, READS[name])
    assert "(merchant_vid=?)" not in plan
    assert "SCAN" not in plan.replace("SCAN anon_1", "")


@pytest.mark.parametrize(
    ("columns", "unique", "expected"),
    [
        (["vid"], True, [1]),
        (["autobill_vid", "number"], True, [10, 1]),
        (["merchant_vid", "created_at"], False, [planner.ROWS, 10]),
        (
            ["merchant_vid", "state", "overdue_on"],
            False,
            [planner.ROWS, planner.ROWS // 5, planner.ROWS // 150],
        ),
        (["account_vid", "state"], False, [10, 2]),
    ],
)
def test_the_planner_is_told_that_a_merchant_has_much_and_an_object_little(
    columns: list[str], unique: bool, expected: list[int]
) -> None:
    assert planner.rows_alike(columns, planner.ROWS, unique=unique) == expected
