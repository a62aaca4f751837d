"""All that the store holds of a merchant, in a form that two merchants with the same history share.

VIDs become the name of the table whose row they name, moments their day, numbers that were drawn their kind; what is
encrypted, hashed with chance, or about the merchant itself is left out.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, create_engine, select
from sqlalchemy.engine import make_url

import cashbox_service.store.entities
from cashbox_service.store.base import Base

State = dict[str, list[dict[str, str]]]

_OF_THE_MERCHANT = frozenset({"merchants", "merchant_logins", "number_blocks", "name_value_names"})
_VID = re.compile(r"\b[0-9a-f]{40}\b")
_DRAWN = re.compile(r"\b[A-Z]{2,6}[0-9]{8}\b")
_CHANCE = re.compile(r"\b[0-9a-f]{32}\b|\b[0-9a-f]{64}\b|\bv1\.[0-9a-f]{8}\.[A-Za-z0-9_=-]+")
_MOMENT_SHOWN = re.compile(r"datetime\.datetime\((\d+, \d+, \d+)[^)]*\)")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}:\d{2}(\.\d+)?([+-]\d{2}:\d{2}|Z)?")


def stored_state(database_url: str, merchant_vid: str) -> State:
    """The rows of every table, sorted."""
    assert cashbox_service.store.entities.__all__  # every table is known by now
    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            tables = [each for each in Base.metadata.sorted_tables if each.name not in _OF_THE_MERCHANT]
            rows = {table.name: _rows(connection, table, merchant_vid) for table in tables}
    finally:
        engine.dispose()
    owners = {row["vid"]: name for name, found in rows.items() for row in found if "vid" in row}
    return {
        name: sorted((_common(row, owners) for row in found), key=repr)
        for name, found in rows.items()
        if found
    }


def _rows(connection: Connection, table: Table, merchant_vid: str) -> list[dict[str, Any]]:
    if "merchant_vid" not in table.c:
        return []
    found = connection.execute(select(table).where(table.c.merchant_vid == merchant_vid)).mappings()
    return [{name: value for name, value in row.items() if name != "merchant_vid"} for row in found]


def _common(row: dict[str, Any], owners: dict[str, str]) -> dict[str, str]:
    return {name: _common_value(value, owners) for name, value in row.items()}


def _common_value(value: Any, owners: dict[str, str]) -> str:
    if isinstance(value, bytes):
        return "bytes"
    if isinstance(value, datetime):
        return value.date().isoformat()
    text = _VID.sub(lambda found: owners.get(found[0], "VID"), str(value))
    text = _MOMENT_SHOWN.sub(lambda found: found[1], _MOMENT.sub(lambda found: found[1], text))
    return _CHANCE.sub("chance", _DRAWN.sub("number", text))
