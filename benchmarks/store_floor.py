"""The store's floor: commits per second of plain ``sqlite3`` that write as many rows as one payment does."""

from __future__ import annotations

import secrets
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

UPDATES_PER_COMMIT = 2
"""A payment changes its account and its invoice; their rows are updated, not added."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """What one payment leaves in the database."""

    rows: int
    row_bytes: int


class Growth:
    """Counts rows and bytes of a database file, to see what a run added."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._counts = self._count()

    def footprint(self, payments: int) -> Footprint:
        """Rows added per payment since this object was made, and the mean width of a sample of them."""
        now = self._count()
        grown = {table: count - self._counts.get(table, 0) for table, count in now.items()}
        added = {table: count for table, count in grown.items() if count > 0}
        total = sum(added.values())
        width = sum(count * self._width(table) for table, count in added.items()) / max(total, 1)
        return Footprint(rows=round(total / payments), row_bytes=round(width))

    def _count(self) -> dict[str, int]:
        with self._open() as database:
            tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            return {
                name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in tables
            }

    def _width(self, table: str) -> float:
        with self._open() as database:
            columns = [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]
            lengths = " + ".join(f'coalesce(length(CAST("{name}" AS BLOB)), 0)' for name in columns)
            sample = f'SELECT {lengths} AS width FROM "{table}" LIMIT 1000'
            return float(database.execute(f"SELECT avg(width) FROM ({sample})").fetchone()[0])

    def _open(self) -> closing[sqlite3.Connection]:
        return closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True))


class StoreFloor:
    """A table with a random 40-character key and one index, written the way the service opens SQLite."""

    def __init__(self, file: Path, footprint: Footprint) -> None:
        self._footprint = footprint
        self._database = sqlite3.connect(file, isolation_level=None)
        for statement in (
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "CREATE TABLE entry (vid TEXT PRIMARY KEY, owner TEXT, content TEXT) WITHOUT ROWID",
            "CREATE INDEX entry_by_owner ON entry (owner)",
            "CREATE TABLE balance (owner TEXT PRIMARY KEY, amount INTEGER)",
        ):
            self._database.execute(statement)
        self._owners = [secrets.token_hex(20) for _ in range(UPDATES_PER_COMMIT)]
        self._database.executemany("INSERT INTO balance VALUES (?, 0)", [(owner,) for owner in self._owners])

    def commits_per_second(self, seconds: float) -> float:
        """Durable commits per second over about ``seconds``."""
        started = time.perf_counter()
        commits = 0
        while time.perf_counter() < started + seconds:
            self._commit()
            commits += 1
        return commits / (time.perf_counter() - started)

    def close(self) -> None:
        self._database.close()

    def _commit(self) -> None:
        content = "x" * self._footprint.row_bytes
        self._database.execute("BEGIN IMMEDIATE")
        for owner in self._owners:
            self._database.execute("UPDATE balance SET amount = amount + 1 WHERE owner = ?", (owner,))
        for _ in range(self._footprint.rows):
            self._database.execute(
                "INSERT INTO entry VALUES (?, ?, ?)", (secrets.token_hex(20), self._owners[0], content)
            )
        self._database.execute("COMMIT")
