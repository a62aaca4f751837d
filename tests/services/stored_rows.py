"""The rows of one merchant, read and put back past the server.

``touched`` tells almost for free whether anything at all was committed since it was last asked, so that the rows need
to be compared only then. ``restore`` undoes what a call did: a thousand requests can meet the same merchant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, delete, event, insert, select
from sqlalchemy.engine import make_url

import cashbox_service.store.entities
from cashbox_service.store.base import Base

NUMBERS = "number_blocks"
"""Drawn ahead, also by calls that are refused: gaps in them are harmless."""

NEVER_PUT_BACK = frozenset({NUMBERS, "name_value_names"})
"""Servers hold numbers they have drawn, and remember which names are stored."""

_MARKS = {
    # Changes with every commit of another connection.
    "sqlite": "PRAGMA data_version",
    # Grows with every transaction that writes, or locks rows to do so.
    "postgresql": "SELECT pg_snapshot_xmax(pg_current_snapshot())",
}


@contextmanager
def stored_rows(database_url: str, merchant_vid: str) -> Iterator[StoredRows]:
    """The rows of the merchant, kept as they are now."""
    assert cashbox_service.store.entities.__all__  # every table is known by now
    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url)
    if engine.name == "sqlite":
        event.listen(engine, "connect", _do_not_wait_for_the_disk)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield StoredRows(engine, connection, merchant_vid)
    finally:
        engine.dispose()


class StoredRows:
    """All rows of the merchant ``merchant_vid``, in the state in which they were when this was made or not."""

    def __init__(self, engine: Engine, connection: Connection, merchant_vid: str) -> None:
        self._engine = engine
        self._connection = connection
        self._merchant_vid = merchant_vid
        self._tables = Base.metadata.sorted_tables
        self._digests = {table.name: self._digest(table) for table in self._tables}
        self._kept = {table.name: self._values(table) for table in self._tables}
        self._mark = self._mark_now()

    def touched(self) -> bool:
        """Whether a transaction that may have written ended since this was last asked."""
        before, self._mark = self._mark, self._mark_now()
        return bool(before != self._mark)

    def changed(self) -> set[str]:
        """The tables whose rows are not those that were kept."""
        return {table.name for table in self._tables if self._digest(table) != self._digests[table.name]}

    def restore(self, changed: Iterable[str]) -> None:
        """Put the rows of these tables back as they were; rows that servers rely on are kept as they are."""
        tables = [table for table in self._tables if table.name in set(changed) - NEVER_PUT_BACK]
        with self._engine.begin() as connection:
            for table in reversed(tables):
                connection.execute(delete(table).where(_owner(table) == self._merchant_vid))
            for table in tables:
                if self._kept[table.name]:
                    connection.execute(insert(table), self._kept[table.name])
        for table in self._tables:
            if table.name in NEVER_PUT_BACK:
                self._digests[table.name] = self._digest(table)
        self._mark = self._mark_now()

    def _values(self, table: Table) -> list[dict[str, Any]]:
        rows = self._connection.execute(select(table).where(_owner(table) == self._merchant_vid))
        return [dict(row) for row in rows.mappings()]

    def _digest(self, table: Table) -> int:
        """Of the rows as the driver reads them, in no order."""
        place = "?" if self._engine.name == "sqlite" else "%s"
        statement = f"SELECT * FROM {table.name} WHERE {_owner(table).name} = {place}"
        rows = self._connection.exec_driver_sql(statement, (self._merchant_vid,))
        return hash(frozenset(map(repr, rows)))

    def _mark_now(self) -> Any:
        return self._connection.exec_driver_sql(_MARKS[self._engine.name]).scalar_one()


def _owner(table: Table) -> Any:
    return table.c.vid if table.name == "merchants" else table.c.merchant_vid


def _do_not_wait_for_the_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")
