"""Opening the database: connection settings per kind, and how a transaction begins.

SQLite runs in WAL mode with ``synchronous=FULL`` (a commit that was answered survives a power cut) and foreign
keys on. Its writers take one in-process lock before ``BEGIN IMMEDIATE``, so that threads queue here instead of
spinning on the file lock; ``busy_timeout`` covers other processes. PostgreSQL runs at READ COMMITTED with row
locks taken explicitly.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Insert, create_engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import QueuePool

from cashbox_service.aside import Aside
from cashbox_service.store.connections import Connections, Direct
from cashbox_service.store.session import HAS_BEGUN, CallSession, begin_sqlite

SQLITE_BUSY_SECONDS = 30
"""How long a writer waits for another process's write before it gives up."""

SQLITE_CACHE_KIB = 1000
"""Pages that one connection keeps to itself; what it reads again after that comes from the system's cache."""

SQLITE_CHECKPOINT_PAGES = 10000
"""Pages in the write-ahead log, 40 MB of them, after which the call that gets there moves them into the database.

A payment writes some 34 pages, most of which the next ones write again: moving them seldom moves each of them once."""

_SPARE_CONNECTIONS = 4
"""Beyond two for every thread: whoever writes may read on a second connection what others see (``UnitOfWork.before``),
and must never wait for one that only others in the same place could give back."""

_KEPT_CONNECTIONS = 4
"""Connections to SQLite that stay out of the pool, ready for direct use."""

RESTED_SECONDS = 1.0
"""After so long a connection to a server is asked whether it still is one."""


class Database:
    """An open database and the sessions on it.

    Raises sqlalchemy.exc.OperationalError on first use when the database cannot be reached.
    """

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = self._open_sqlite(pool_size) if self.is_sqlite else self._open_postgresql(pool_size)
        self.connections = Connections(self.engine, keeps=_KEPT_CONNECTIONS if self.is_sqlite else 0)
        self._write_lock = threading.Lock()
        self._without_waiting: Direct | None = None
        self.aside = Aside()
        """What does something for a call while that commits."""

        self.known_names: set[tuple[str, str, str]] = set()
        """Name-value names known to be stored: (merchant, class, name). They are never deleted but by a reset."""

    def session(self) -> CallSession:
        return CallSession(self.connections)

    @contextmanager
    def write_turn(self, session: CallSession) -> Iterator[None]:
        """Begin a write transaction on ``session`` and hold the write turn until the caller ends it."""
        if not self.is_sqlite:
            session.begin_writing()
            yield
            return
        with self._write_lock:
            session.begin_writing()
            yield

    @contextmanager
    def written_alone(self, *, durable: bool = True) -> Iterator[DBAPICursor]:
        """A cursor for one statement that is a write transaction of its own.

        One that is not ``durable`` by itself is so with the next one that is: logs are written in order, and none that
        was committed later survives a power cut without it.
        """
        if self.is_sqlite:
            with self._write_lock, self.connections.outside() if durable else self._relaxed() as direct:
                yield direct.cursor()
            return
        with self.connections.outside() as direct:
            if durable:
                yield direct.cursor()
                return
            cursor = direct.cursor()
            cursor.execute("BEGIN; SET LOCAL synchronous_commit = off")
            try:
                yield cursor
                direct.raw.commit()
            except BaseException:
                direct.raw.rollback()
                raise

    @contextmanager
    def _relaxed(self) -> Iterator[Direct]:
        """A connection that waits for no disk; there is one of a kind, for whoever has the write turn."""
        if self._without_waiting is None:
            direct = Direct(self.engine.dialect, self.engine.raw_connection())
            direct.raw.detach()
            direct.cursor().execute("PRAGMA synchronous=NORMAL")
            self._without_waiting = direct
        yield self._without_waiting

    def close(self) -> None:
        if self._without_waiting is not None:
            self._without_waiting.raw.close()
            self._without_waiting = None
        self.aside.close()
        self.connections.close()
        self.engine.dispose()

    def _open_sqlite(self, pool_size: int) -> Engine:
        if self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            self.url,
            poolclass=QueuePool,
            pool_size=pool_size,
            max_overflow=pool_size + _SPARE_CONNECTIONS + _KEPT_CONNECTIONS,
            pool_use_lifo=True,  # few connections in use keep their cache warm
            connect_args={
                "check_same_thread": False,
                "timeout": SQLITE_BUSY_SECONDS,
                "cached_statements": 512,
            },
            # Sessions end their transactions themselves: nothing is left to roll back on the way to the pool.
            pool_reset_on_return=None,
        )
        event.listen(engine, "connect", _prepare_sqlite_connection)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _open_postgresql(self, pool_size: int) -> Engine:
        url = self.url
        if url.drivername in ("postgresql", "postgres"):
            url = url.set(drivername="postgresql+psycopg")
        engine = create_engine(url, pool_size=pool_size, max_overflow=pool_size + _SPARE_CONNECTIONS)
        _ask_after_rests(engine)
        return engine


def _ask_after_rests(engine: Engine) -> None:
    """A connection that nobody has used for a while is asked whether it still is one, and replaced if not.

    Asking every time, as the pool can do by itself, would cost as much as a small query.
    """

    def used(_connection: Any, record: Any) -> None:
        record.info[_USED] = time.monotonic()

    def taken(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info[_USED] < RESTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error

    event.listen(engine, "connect", used)
    event.listen(engine, "checkin", used)
    event.listen(engine, "checkout", taken)


_USED = "used"


def insert_unless_there(entity: Any, *, on_sqlite: bool) -> Insert:
    """An INSERT of ``entity`` that does nothing for a row that is there already.

    The dialect of PostgreSQL, which brings all its drivers along, is imported only over PostgreSQL.
    """
    if on_sqlite:
        return sqlite.insert(entity).on_conflict_do_nothing()
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(entity).on_conflict_do_nothing()


def _prepare_sqlite_connection(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite alone
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={SQLITE_BUSY_SECONDS * 1000}",
        f"cache_size=-{SQLITE_CACHE_KIB}",
        f"wal_autocheckpoint={SQLITE_CHECKPOINT_PAGES}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    options = connection.get_execution_options()
    if not options.get(HAS_BEGUN, False):
        begin_sqlite(connection.connection.driver_connection, write=options.get("write", False))
