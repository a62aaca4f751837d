"""The session of a call, over one connection that is also used as the driver has it.

What the ORM does to begin and end a transaction costs as much as several queries. A write transaction is therefore
begun on the driver's own connection, and ended there if nobody asked the ORM for anything meanwhile. Whoever does finds
an ordinary session: it takes over the connection with the transaction that runs on it.
"""

from __future__ import annotations

import sqlite3
from typing import Any, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, SessionTransaction

from cashbox_service.store.connections import Connections, Direct

HAS_BEGUN = "has begun"
"""Execution option of a connection whose transaction was begun before the toolkit knew of it."""


class CallSession(Session):
    """An ordinary session whose write transactions begin with `begin_writing`.

    It takes one of ``connections``, or shares the transaction of a ``connection``.
    """

    _held: Direct | None = None
    """The connection that was taken from the pool for direct use, until the ORM's transaction or the call ends."""

    _writes = False
    """Whether a write transaction runs on the held connection."""

    _taken_over: Connection | None = None
    """The held connection in the ORM's hands."""

    _shared: tuple[SessionTransaction | None, Direct] | None = None

    def __init__(self, connections: Connections | None = None, connection: Connection | None = None) -> None:
        super().__init__(
            connection if connections is None else connections.engine,
            expire_on_commit=False,
            autoflush=False,
            join_transaction_mode="conditional_savepoint" if connection is None else "rollback_only",
        )
        self._connections = connections

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
        if transaction is None and self._connections is not None:
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
            assert self._connections is not None
            taken = Connection(self._connections.engine, connection=self._held.raw)
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
            if self._is_used:
                super().close()
        finally:
            self._let_go()

    def in_transaction(self) -> bool:
        return self._writes or super().in_transaction()

    @property
    def _is_used(self) -> bool:
        """Whether the ORM has anything in hand."""
        return bool(super().in_transaction() or self.identity_map or self._new or self._deleted)

    def _hold(self) -> Direct:
        assert self._connections is not None
        self._held = self._connections.take()
        return self._held

    def _let_go(self) -> None:
        """Give the held connection back; what was not committed on it is rolled back."""
        held, self._held = self._held, None
        if held is None:
            return
        assert self._connections is not None
        try:
            if self._writes and self._taken_over is None:
                held.dialect.do_rollback(held.raw)
            held.stand_alone(False)
        except BaseException:
            held.raw.invalidate()  # its transaction may still be open: nobody is to get it
            raise
        else:
            self._connections.give_back(held)
        finally:
            self._writes, self._taken_over = False, None


def begin_sqlite(driver: sqlite3.Connection, *, write: bool) -> None:
    """Begin on the driver's own connection: to hand one word over through all layers costs as much as a query."""
    statement = "BEGIN IMMEDIATE" if write else "BEGIN"
    try:
        driver.execute(statement)
    except sqlite3.OperationalError as error:
        raise OperationalError(statement, None, error) from error
