"""Files in which operators keep tables: a JSON list of objects, or CSV with the columns named in its first line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from cashbox_service.domain.errors import InvalidRequest
from cashbox_service.domain.rows import Row


def rows_of(text: str, columns: Sequence[str], required: Collection[str]) -> Sequence[Row]:
    """The rows of a file. Raises InvalidRequest for what is neither JSON nor CSV with the required columns."""
    if text.lstrip()[:1] in ("[", "{"):
        return _json_rows(text)
    return _csv_rows(text, columns, required)


def _json_rows(text: str) -> Sequence[Row]:
    try:
        rows = json.loads(text, parse_float=str)
    except ValueError as error:
        raise InvalidRequest(f"The file is no JSON: {error}") from None
    if not isinstance(rows, list):
        raise InvalidRequest("The file is no list of rows.")
    return rows


def _csv_rows(text: str, columns: Sequence[str], required: Collection[str]) -> Sequence[Row]:
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise InvalidRequest(f"line {reader.reader.line_num}: {error}") from None
    header = {name.strip() for name in reader.fieldnames or ()}
    if not header.issuperset(required):
        raise InvalidRequest(f"The first line has to name the columns: {','.join(columns)}")
    return [_csv_row(row, number) for number, row in enumerate(rows, start=1)]


def _csv_row(row: Mapping[str | None, Any], number: int) -> Row:
    if None in row:
        raise InvalidRequest(f"row {number}: has more values than the first line has columns")
    return {str(name).strip(): value for name, value in row.items()}
