"""Loading a merchant's tax table, from a file of its operator or over the sandbox control plane.

These run outside of any merchant's own work, over the registry of the store.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cashbox_service.app.operating import merchants
from cashbox_service.domain.rows import Row
from cashbox_service.domain.tax import TaxTable
from cashbox_service.domain.tax_rows import tax_table
from cashbox_service.ids import new_row_id
from cashbox_service.store import registry
from cashbox_service.store.engine import Database
from cashbox_service.store.entities import MerchantTaxTable


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a merchant has loaded; ``unavailable`` lets the engine not answer."""

    table: TaxTable
    unavailable: bool


def current(database: Database, merchant_vid: str) -> Loaded:
    """The table that counts now, an empty one when none was loaded."""
    with registry.reading(database) as registered:
        row = registered.tax_table(merchant_vid)
        return Loaded(TaxTable(), False) if row is None else Loaded(TaxTable(row.rates), row.unavailable)


def change(
    database: Database,
    merchant_vid: str,
    now: datetime,
    *,
    rows: Iterable[Row] | None = None,
    unavailable: bool | None = None,
) -> Loaded:
    """Replace the table, or let the engine answer or not; what is not given stays. It counts from the next call on.

    Raises WrongRows naming every wrong row, and nothing is changed then.
    """
    table = tax_table(rows) if rows is not None else None
    with registry.changing(database) as registered:
        merchant = merchants.existing(registered, merchant_vid)
        row = registered.tax_table(merchant_vid) or MerchantTaxTable(
            merchant_vid=merchant_vid, rates=(), unavailable=False
        )
        if table is not None:
            row.rates = table.rates
        if unavailable is not None:
            row.unavailable = unavailable
        row.loaded_at = now
        row.revision = merchant.tax_revision = new_row_id()
        registered.add(row)
        return Loaded(TaxTable(row.rates), row.unavailable)
