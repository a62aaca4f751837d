"""States that no call of the interface leads to, written to the store for a test."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from tests.servers import Server


class Decrees:
    """Families of accounts, and AutoBills that have come to their end."""

    def __init__(self, server: Server) -> None:
        self._engine = server.database.engine

    def adopt(self, parent: Any, *children: Any) -> None:
        """Make accounts children of another one."""
        for child in children:
            self._set("accounts", "parent_vid", parent.VID, child.VID)

    def end(self, autobill: Any, status: str) -> None:
        """Give an AutoBill a status in which nothing is billed any more."""
        self._set("autobills", "status", status, autobill.VID)
        self._set("autobills", "billing_state", "Billing Completed", autobill.VID)
        for column in ("next_billing_on", "next_cycle", "retry_on", "closes_on"):
            self._set("autobills", column, None, autobill.VID)

    def _set(self, table: str, column: str, value: str | None, vid: str) -> None:
        statement = text(f"UPDATE {table} SET {column} = :value WHERE vid = :vid")
        with self._engine.begin() as connection:
            assert connection.execute(statement, {"value": value, "vid": vid}).rowcount == 1
