"""What SQLite's query planner is told of the tables: statistics of a large merchant, the same in every database.

Without any, SQLite takes every index to be as selective as every other. A query for some objects of a merchant is then
answered by reading all that the merchant has, as soon as an index begins with the merchant; with figures gathered from
a database that is still small it may be as well. The figures here make plans that stay good when a database grows, and
that are those which the tests prove. PostgreSQL gathers its own. Whoever runs ANALYZE replaces them, which is fine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from sqlalchemy import Connection

ROWS = 1_000_000
"""Rows of a table, all of one merchant."""

ROWS_OF_SOME = ROWS // 10
"""Rows of an index that has only those for which a condition holds."""

OF_AN_OBJECT = 10
"""Rows that name the same object, or the same moment."""

_OWNER = "merchant_vid"

_SHARE = {
    # of a kind
    "account": 20,
    "active": 2,
    "kind": 10,
    "object_class": 10,
    "processor": 5,
    "provider": 5,
    "scope": 5,
    "state": 5,
    "status": 5,
    "type": 5,
    # of a part of the catalog
    "billing_plan_vid": 20,
    "campaign_vid": 20,
    "product_vid": 20,
    "rate_plan_vid": 20,
    "token_vid": 20,
    # of a day, in months with nothing due for most
    "closes_on": 300,
    "invoice_on": 30,
    "next_billing_on": 30,
    "notify_on": 30,
    "overdue_on": 30,
    "retry_on": 300,
}
"""Columns with few values: one of so many rows has the same one."""

_INDEXES = """
    SELECT t.name, i.name, i."unique", i.partial, c.name
    FROM sqlite_master AS t, pragma_index_list(t.name) AS i, pragma_index_info(i.name) AS c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'
    ORDER BY t.name, i.name, c.seqno
"""


def inform(connection: Connection) -> None:
    """Tell SQLite; to be done when tables were made or changed. Does nothing over PostgreSQL."""
    if connection.dialect.name != "sqlite":
        return
    connection.exec_driver_sql("ANALYZE sqlite_master")  # makes the table of statistics, and reads no other
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    rows = [(table, index, figures) for table, index, figures in _statistics(connection)]
    connection.exec_driver_sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", rows)
    connection.exec_driver_sql("ANALYZE sqlite_master")  # takes them up


def _statistics(connection: Connection) -> Iterator[tuple[str, str, str]]:
    indexes = connection.exec_driver_sql(_INDEXES).all()
    for (table, index, unique, partial), columns in groupby(indexes, lambda row: tuple(row[:4])):
        rows = ROWS_OF_SOME if partial else ROWS
        alike = rows_alike([row[4] for row in columns], rows, unique=bool(unique))
        yield table, index, " ".join(map(str, [rows, *alike]))


def rows_alike(columns: Sequence[str], rows: int, *, unique: bool) -> list[int]:
    """How many of an index's ``rows`` agree in its first column, in its first two, and so on."""
    found: list[int] = []
    alike = rows
    for column in columns:
        if column != _OWNER:
            alike = alike // _SHARE[column] if column in _SHARE else OF_AN_OBJECT
        found.append(max(1, min(alike, found[-1] if found else rows)))
    if unique:
        found[-1] = 1
    return found
