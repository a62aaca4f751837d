"""What a payment or a billing run reads must not grow with what else the merchant has."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from cashbox_service.store import held, planner
from cashbox_service.store.direct import Query
from cashbox_service.store.engine import Database
from cashbox_service.store.repositories import payments

MANY = {"merchant": "m", "account": "a"}

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
    assert planner.rows_alike(columns, unique=unique) == expected
