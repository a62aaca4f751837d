"""Connections of the pool: one that was cut while nobody used it is replaced before a call gets it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from cashbox_service.store import engine
from cashbox_service.store.engine import Database, outside


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
    with pytest.raises(database.engine.dialect.loaded_dbapi.Error), outside(database.engine) as raw:
        raw.cursor().execute("SELECT nothing FROM nowhere")
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
