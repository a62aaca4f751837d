"""Rows of a tax table as merchants write them (transaction §5.2).

A row names country, district, classification, rate, inclusive, jurisdiction and name; country and rate must be there.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from typing import Final

from cashbox_service.domain.rows import (
    Row,
    WrongRow,
    check_columns,
    read_country,
    read_flag,
    read_rows,
    read_text,
)
from cashbox_service.domain.tax import TaxRate, TaxTable

COLUMNS: Final = tuple(field.name for field in fields(TaxRate))
MAX_ROWS: Final = 10_000

_LONGEST: Final = {"district": 50, "classification": 128, "jurisdiction": 64, "name": 255}
_RATE_PLACES: Final = 8
_NO_NUMBER: Final = Decimal("NaN")


def tax_table(rows: Iterable[Row]) -> TaxTable:
    """The table that the rows make, values being text or JSON. Raises WrongRows naming every row and value."""
    same = "place, class, jurisdiction and name"
    return TaxTable(tuple(read_rows(rows, _rate, _key, same=same, most=MAX_ROWS)))


def as_row(rate: TaxRate) -> dict[str, str | bool]:
    """The row that gives this rate."""
    given = {name: getattr(rate, name) for name in COLUMNS}
    return given | {"rate": format(rate.rate, "f")}


def _rate(row: Row) -> TaxRate:
    check_columns(row, COLUMNS)
    texts = {name: read_text(row, name, longest) for name, longest in _LONGEST.items()}
    return TaxRate(
        country=read_country(row), rate=_fraction(row), inclusive=read_flag(row, "inclusive"), **texts
    )


def _fraction(row: Row) -> Decimal:
    given = row.get("rate")
    if given is None or given == "":
        raise WrongRow("rate is missing")
    shown = str(given)[:40]
    rate = _NO_NUMBER if isinstance(given, bool) else _decimal(str(given))
    if not rate.is_finite():
        raise WrongRow(f'rate "{shown}" is not a number')
    if not 0 <= rate <= 1:
        raise WrongRow(f'rate "{shown}" is not between 0 and 1; 20 % is written 0.2')
    if -int(rate.as_tuple().exponent) > _RATE_PLACES:
        raise WrongRow(f'rate "{shown}" has more than {_RATE_PLACES} decimal places')
    return rate


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        return _NO_NUMBER


def _key(rate: TaxRate) -> Hashable:
    """What two rows must not share, whatever their rates are."""
    return rate.country, rate.district.casefold(), rate.classification, rate.code, rate.name
