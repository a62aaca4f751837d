"""How SQLite goes about a query of a repository."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from cashbox_service.store.engine import Database
from cashbox_service.store.unit_of_work import UnitOfWork


def plan_of(database: Database, work: UnitOfWork, read: Callable[[UnitOfWork], Any]) -> str:
    """The steps of the plan for the statement of a query, one after the other."""
    asked: list[tuple[str, Any]] = []

    def watch(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: Any) -> None:
        asked.append((statement, values))

    event.listen(database.engine, "before_cursor_execute", watch)
    try:
        read(work)
    finally:
        event.remove(database.engine, "before_cursor_execute", watch)
    (statement, values) = next(each for each in asked if "FROM" in each[0] or "UPDATE" in each[0])
    connection = work.session.connection()
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    return " / ".join(row[-1] for row in rows)
