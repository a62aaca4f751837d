"""Connections: none is left in a transaction, cut ones are replaced, and a few to SQLite are kept ready."""

from __future__ import annotations

from typing import cast

import pytest
from sqlalchemy import text
from sqlalchemy.pool import QueuePool

from cashbox_service.store import engine
from cashbox_service.store.engine import Database


def test_a_connection_cut_in_its_rest_is_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.is_sqlite:
        pytest.skip("nobody cuts a connection to a file")
    monkeypatch.setattr(engine, "RESTED_SECONDS", 0.0)
    own = Database(database.url.render_as_string(hide_password=False), pool_size=1)
    try:
        with own.engine.connect() as resting:
            cut = resting.scalar(text("SELECT pg_backend_pid()"))
        with database.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": cut})
        with own.engine.connect() as again:
            assert again.scalar(text("SELECT pg_backend_pid()")) != cut
    finally:
        own.close()


def test_no_transaction_is_left_where_a_statement_failed_outside_of_one(database: Database) -> None:
    before = database.connections.resting
    with (
        pytest.raises(database.engine.dialect.loaded_dbapi.Error),
        database.connections.outside() as direct,
    ):
        direct.cursor().execute("SELECT nothing FROM nowhere")
    assert database.connections.resting <= before
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


def test_what_was_given_back_is_the_next_one_taken_over_sqlite_alone(database: Database) -> None:
    first = database.connections.take()
    database.connections.give_back(first)
    assert database.connections.resting == (1 if database.is_sqlite else 0)
    again = database.connections.take()
    assert (again is first) == database.is_sqlite
    database.connections.give_back(again)


def test_more_than_a_few_go_back_to_the_pool(database: Database) -> None:
    taken = [database.connections.take() for _ in range(6)]
    for one in taken:
        database.connections.give_back(one)
    assert database.connections.resting == (4 if database.is_sqlite else 0)
    database.connections.close()
    assert cast("QueuePool", database.engine.pool).checkedout() == 0
