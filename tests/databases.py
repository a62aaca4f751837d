"""Databases for tests: a SQLite file, or a database of its own on a real PostgreSQL server.

The PostgreSQL server comes from the pgserver wheel, started once per test process; ``CASHBOX_TEST_POSTGRES_URL`` names
a running one instead, on which a database is made and dropped again.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

Kind = Literal["sqlite", "postgresql"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")

POSTGRES_URL_VARIABLE = "CASHBOX_TEST_POSTGRES_URL"


class Databases:
    """Makes empty databases, which are gone when the block ends. The PostgreSQL server starts with the first one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._server_url: str | None = None

    def new(self, kind: Kind) -> str:
        """The URL of an empty database of the kind."""
        if kind == "sqlite":
            return f"sqlite:///{self._folder / secrets.token_hex(6)}.db"
        if self._server_url is None:
            self._server_url = self._stack.enter_context(_postgres())
        return self._stack.enter_context(_database_on(self._server_url))

    def __enter__(self) -> Databases:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()


@contextmanager
def _postgres() -> Iterator[str]:
    given = os.environ.get(POSTGRES_URL_VARIABLE)
    if given:
        yield given
        return
    from pgserver.postgres_server import get_server

    # Not below pytest's own folder: that is closed to the user which PostgreSQL runs as when we are root.
    with tempfile.TemporaryDirectory(prefix="cashbox-postgres-") as folder:
        server = get_server(Path(folder) / "cluster", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def _database_on(server_url: str) -> Iterator[str]:
    plain = make_url(server_url).set(drivername="postgresql")
    name = f"cashbox_test_{secrets.token_hex(6)}"
    with psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True) as connection:
        database = sql.Identifier(name)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(database))
        # Tests do not survive a power cut anyway, and need not wait for the disk.
        connection.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(database))
        try:
            yield plain.set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))
