"""What a payment reads must not grow with the payments made before it."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from cashbox_service.store.engine import Database
from cashbox_service.store.repositories import payments

MANY = {"merchant": "m", "account": "a"}


def test_retired_payment_methods_are_not_read_to_find_the_active_ones(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL plans by statistics: on an empty table it reads everything")
    statement = payments._METHODS._statement.compile(dialect=sqlite.dialect(paramstyle="named"))
    with database.engine.connect() as connection:
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {statement}"), {**statement.params, **MANY}).all()
    steps = [row[-1] for row in plan]
    assert any("account_vid=? AND active=?" in step for step in steps), steps
    assert not any("TEMP B-TREE FOR ORDER BY" in step for step in steps), steps
