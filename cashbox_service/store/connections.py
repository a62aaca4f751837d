"""Connections that are used as the driver has them, for statements that were compiled before (see ``store.direct``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Dialect, Engine
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import PoolProxiedConnection


class Direct:
    """A connection in somebody's hands."""

    __slots__ = ("cursor", "dialect", "raw")

    def __init__(self, dialect: Dialect, raw: PoolProxiedConnection) -> None:
        driver = raw.dbapi_connection
        assert driver is not None
        self.dialect = dialect
        self.raw = raw
        self.cursor: Callable[[], DBAPICursor] = driver.cursor

    @property
    def begins_by_itself(self) -> bool:
        """Whether the driver begins a transaction with the first statement. That of SQLite is told to, here."""
        return self.dialect.name != "sqlite"

    def stand_alone(self, alone: bool) -> None:
        """Let each statement be a transaction of its own, or no longer. No transaction may be running."""
        driver: Any = self.raw.driver_connection
        if self.begins_by_itself and driver is not None and not driver.closed and driver.autocommit != alone:
            driver.autocommit = alone


class Connections:
    """Connections of an engine, to be taken and given back.

    ``keeps``: so many that were given back stay here, ready for the next taker; to put one into the engine's pool and
    take it out again costs as much as a query. Only for databases whose connections do not break while they rest.
    """

    def __init__(self, engine: Engine, keeps: int = 0) -> None:
        self.engine = engine
        self._keeps = keeps
        self._kept: list[Direct] = []  # taken from and added to in one step each, which needs no lock

    @property
    def resting(self) -> int:
        """How many are kept ready."""
        return len(self._kept)

    def take(self) -> Direct:
        """A connection with no transaction on it. Raises sqlalchemy.exc.OperationalError when there can be none."""
        try:
            return self._kept.pop()
        except IndexError:
            return self._from_pool()

    def give_back(self, direct: Direct) -> None:
        """Its transaction is over."""
        if len(self._kept) < self._keeps and direct.raw.is_valid:
            self._kept.append(direct)
        else:
            direct.raw.close()

    @contextmanager
    def outside(self) -> Iterator[Direct]:
        """A connection on which no transaction begins by itself: a statement is one way to the database and back."""
        direct = self.take()
        try:
            direct.stand_alone(True)
            yield direct
            direct.stand_alone(False)
        except BaseException:
            try:
                direct.stand_alone(False)
            finally:
                direct.raw.close()
            raise
        self.give_back(direct)

    def close(self) -> None:
        """Close what is kept."""
        while self._kept:
            self._kept.pop().raw.close()

    def _from_pool(self) -> Direct:
        dialect = self.engine.dialect
        try:
            return Direct(dialect, self.engine.raw_connection())
        except dialect.loaded_dbapi.Error as error:
            raise OperationalError(None, None, error) from error
