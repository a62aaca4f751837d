"""Loading a merchant's tax table, from a file of its operator or over the sandbox control plane.

These run outside of any merchant's own work, so they take a database session of their own.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cashbox_service.app.merchants import MerchantNotFound
from cashbox_service.domain.errors import InvalidRequest
from cashbox_service.domain.tax import TaxTable
from cashbox_service.domain.tax_rows import COLUMNS, tax_table
from cashbox_service.ids import new_row_id
from cashbox_service.store.engine import Database
from cashbox_service.store.entities import Merchant, MerchantTaxTable


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a merchant has loaded; ``unavailable`` lets the engine not answer."""

    table: TaxTable
    unavailable: bool


def current(database: Database, merchant_vid: str) -> Loaded:
    """The table that counts now, an empty one when none was loaded."""
    with database.session() as session:
        row = session.get(MerchantTaxTable, merchant_vid)
        return Loaded(TaxTable(), False) if row is None else Loaded(TaxTable(row.rates), row.unavailable)


def change(
    database: Database,
    merchant_vid: str,
    now: datetime,
    *,
    rows: Iterable[Mapping[str, Any]] | None = None,
    unavailable: bool | None = None,
) -> Loaded:
    """Replace the table, or let the engine answer or not; what is not given stays. It counts from the next call on.

    Raises WrongTaxRows naming every wrong row, and nothing is changed then.
    """
    table = tax_table(rows) if rows is not None else None
    session = database.session()
    try:
        with database.write_turn(session):
            merchant = session.get(Merchant, merchant_vid, with_for_update=True)
            if merchant is None:
                raise MerchantNotFound("VID", merchant_vid)
            row = session.get(MerchantTaxTable, merchant_vid)
            if row is None:
                row = MerchantTaxTable(merchant_vid=merchant_vid, rates=(), unavailable=False)
                session.add(row)
            if table is not None:
                row.rates = table.rates
            if unavailable is not None:
                row.unavailable = unavailable
            row.loaded_at = now
            row.revision = merchant.tax_revision = new_row_id()
            loaded = Loaded(TaxTable(row.rates), row.unavailable)
            session.commit()
            return loaded
    finally:
        session.close()


def rows_of(text: str) -> Sequence[Mapping[str, Any]]:
    """The rows of a file: a JSON list of objects, or CSV with the columns named in its first line.

    Raises InvalidRequest for what is neither.
    """
    if text.lstrip()[:1] in ("[", "{"):
        return _json_rows(text)
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise InvalidRequest(f"line {reader.line_num}: {error}") from None
    header = [name.strip() for name in reader.fieldnames or ()]
    if "country" not in header or "rate" not in header:
        raise InvalidRequest(f"The first line has to name the columns: {','.join(COLUMNS)}")
    return [_csv_row(row, number) for number, row in enumerate(rows, start=1)]


def _json_rows(text: str) -> Sequence[Mapping[str, Any]]:
    try:
        rows = json.loads(text, parse_float=str)
    except ValueError as error:
        raise InvalidRequest(f"The file is no JSON: {error}") from None
    if not isinstance(rows, list):
        raise InvalidRequest("The file is no list of rows.")
    return rows


def _csv_row(row: Mapping[str | None, Any], number: int) -> Mapping[str, Any]:
    if None in row:
        raise InvalidRequest(f"row {number}: has more values than the first line has columns")
    return {str(name).strip(): value for name, value in row.items()}
