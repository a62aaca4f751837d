"""The session of a call, over one connection that is also used as the driver has it.

What the ORM does to begin and end a transaction costs as much as several queries. A write transaction is therefore
begun on the driver's own connection, and ended there if nobody asked the ORM for anything meanwhile. Whoever does finds
an ordinary session: it takes over the connection with the transaction that runs on it.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, Dialect, Engine
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.pool import PoolProxiedConnection

HAS_BEGUN = "has begun"
"""Execution option of a connection whose transaction was begun before the toolkit knew of it."""


@dataclass(frozen=True, slots=True)
class Direct:
    """A connection for statements that were compiled before (see ``store.direct``)."""

    dialect: Dialect
    raw: PoolProxiedConnection

    def cursor(self) -> DBAPICursor:
        return self.raw.cursor()

    @property
    def begins_by_itself(self) -> bool:
        """Whether the driver begins a transaction with the first statement. That of SQLite is told to, here."""
        return self.dialect.name != "sqlite"

    def stand_alone(self, alone: bool) -> None:
        """Let each statement be a transaction of its own, or no longer. No transaction may be running."""
        driver: Any = self.raw.driver_connection
        if self.begins_by_itself and driver is not None and not driver.closed and driver.autocommit != alone:
            driver.autocommit = alone


class CallSession(Session):
    """An ordinary session whose write transactions begin with `begin_writing`.

    ``bind`` has to be an engine, or a connection whose transaction is to be shared.
    """

    _held: Direct | None = None
    """The connection that was taken from the pool for direct use, until the ORM's transaction or the call ends."""

    _writes = False
    """Whether a write transaction runs on the held connection."""

    _taken_over: Connection | None = None
    """The held connection in the ORM's hands."""

    _shared: tuple[SessionTransaction | None, Direct] | None = None

    def begin_writing(self) -> None:
        """Begin the write transaction. No other may be running.

        Raises sqlalchemy.exc.OperationalError when the database cannot be reached or stays locked.
        """
        held = self._held or self._hold()
        if held.begins_by_itself:
            held.stand_alone(False)
        else:
            begin_sqlite(cast("sqlite3.Connection", held.raw.driver_connection), write=True)
        self._writes = True

    def direct(self) -> Direct:
        """The connection of the running transaction; without one, a connection on which each statement is its own."""
        if self._held is not None and self._taken_over is None:
            if not self._writes:
                self._held.stand_alone(True)
            return self._held
        transaction = super().get_transaction()
        if transaction is None and isinstance(self.bind, Engine):
            held = self._hold()
            held.stand_alone(True)
            return held
        if self._shared is None or self._shared[0] is not transaction or transaction is None:
            connection = self.connection()
            self._shared = super().get_transaction(), Direct(connection.dialect, connection.connection)
        return self._shared[1]

    def get_bind(self, *arguments: Any, **named: Any) -> Engine | Connection:
        """Where the ORM's statements go: the held connection, if there is one."""
        if self._held is None:
            return super().get_bind(*arguments, **named)
        if self._taken_over is None:
            if not self._writes:
                self._held.stand_alone(False)
            taken = Connection(self._engine, connection=self._held.raw)
            self._taken_over = taken.execution_options(**{HAS_BEGUN: self._writes})
        return self._taken_over

    @property
    def writes_directly(self) -> bool:
        """Whether a write transaction is running in which the ORM has no part."""
        return self._writes and not super().in_transaction()

    def commit(self) -> None:
        if not self._writes or super().in_transaction():
            super().commit()
        if self._writes:
            assert self._held is not None
            if self._taken_over is None:
                self._held.dialect.do_commit(self._held.raw)
            self._writes = False
        if self._taken_over is not None:
            self._let_go()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self._let_go()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._let_go()

    def in_transaction(self) -> bool:
        return self._writes or super().in_transaction()

    @property
    def _engine(self) -> Engine:
        assert isinstance(self.bind, Engine)
        return self.bind

    def _hold(self) -> Direct:
        dialect = self._engine.dialect
        try:
            raw = self._engine.raw_connection()
        except dialect.loaded_dbapi.Error as error:
            raise OperationalError(None, None, error) from error
        self._held = Direct(dialect, raw)
        return self._held

    def _let_go(self) -> None:
        """Give the held connection back; what was not committed on it is rolled back."""
        held, self._held = self._held, None
        if held is None:
            return
        try:
            if self._writes and self._taken_over is None:
                held.dialect.do_rollback(held.raw)
        finally:
            self._writes, self._taken_over = False, None
            held.stand_alone(False)
            held.raw.close()


def begin_sqlite(driver: sqlite3.Connection, *, write: bool) -> None:
    """Begin on the driver's own connection: to hand one word over through all layers costs as much as a query."""
    statement = "BEGIN IMMEDIATE" if write else "BEGIN"
    try:
        driver.execute(statement)
    except sqlite3.OperationalError as error:
        raise OperationalError(statement, None, error) from error
