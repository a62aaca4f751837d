"""CSV with one record: a line of names and a line of values; the name of a nested member has dots (dialects §3)."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from cashbox_service.dialects.media import MAX_DEPTH, Unreadable, decoded


def load(raw: bytes, charset: str | None = None) -> dict[str, Any]:
    """The record in a body. Raises `Unreadable`."""
    try:
        rows = [row for row in csv.reader(io.StringIO(decoded(raw, charset), newline=""), strict=True) if row]
    except csv.Error:
        raise Unreadable("is not CSV") from None
    if len(rows) != 2:
        raise Unreadable("is not CSV of a line of names and a line of values")
    names, values = rows
    if len(names) != len(values):
        raise Unreadable(f"is not CSV: {len(names)} names, {len(values)} values")
    found: dict[str, Any] = {}
    for name, value in zip(names, values, strict=True):
        _put(found, name.strip(), value)
    return found


def dump(record: Mapping[str, Any]) -> bytes:
    """Names and values as two lines; an absent value is empty, a list is its values with "; " between them."""
    flat = dict(_flat(record))
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(flat)
    writer.writerow([_text(value) for value in flat.values()])
    return written.getvalue().encode()


def _put(record: dict[str, Any], path: str, value: str) -> None:
    *parents, name = path.split(".")
    if len(parents) > MAX_DEPTH:
        raise Unreadable("is nested too deep")
    for parent in parents:
        inner = record.setdefault(parent, {})
        if not isinstance(inner, dict):
            raise Unreadable(f'is not CSV: "{parent[:40]}" is a value and has members')
        record = inner
    record[name] = value


def _flat(record: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for name, value in record.items():
        if isinstance(value, Mapping):
            pairs += _flat(value, f"{prefix}{name}.")
        else:
            pairs.append((prefix + name, value))
    return pairs


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list | tuple):
        return "; ".join(_text(one) for one in value)
    return str(value)
