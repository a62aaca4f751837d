"""Rows of a tax table as merchants write them, checked one by one; all that is wrong is told at once.

A row names country, district, classification, rate, inclusive, jurisdiction and name; country and rate must be there.
Source: transaction §5.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from cashbox_service.domain.errors import InvalidRequest
from cashbox_service.domain.tax import TaxRate, TaxTable

COLUMNS: Final = tuple(field.name for field in fields(TaxRate))
MAX_ROWS: Final = 10_000

_SHOWN_PROBLEMS: Final = 20
_LONGEST: Final = {"district": 50, "classification": 128, "jurisdiction": 64, "name": 255}
_RATE_PLACES: Final = 8
_YES: Final = frozenset({"true", "1", "yes"})
_NO: Final = frozenset({"false", "0", "no", ""})


class _WrongRow(Exception):
    """One row, and what is wrong with it."""


class WrongTaxRows(InvalidRequest):
    """Rows of a tax table cannot be used."""

    problems: tuple[str, ...]

    def __init__(self, problems: Sequence[str]) -> None:
        shown = list(problems[:_SHOWN_PROBLEMS])
        if len(problems) > len(shown):
            shown.append(f"and {len(problems) - len(shown)} more")
        super().__init__("\n".join(shown), problems=tuple(problems))


def tax_table(rows: Iterable[Mapping[str, Any]]) -> TaxTable:
    """The table that the rows make, values being text or JSON. Raises WrongTaxRows naming every row and value."""
    rates: list[TaxRate] = []
    problems: list[str] = []
    first_seen: dict[TaxRate, int] = {}
    for number, row in enumerate(rows, start=1):
        if number > MAX_ROWS:
            problems.append(f"row {number}: a tax table has at most {MAX_ROWS} rows")
            break
        try:
            rate = _rate(row)
        except _WrongRow as wrong:
            problems.append(f"row {number}: {wrong}")
            continue
        same = first_seen.setdefault(_place(rate), number)
        if same != number:
            problems.append(f"row {number}: has the same place, class, jurisdiction and name as row {same}")
        rates.append(rate)
    if problems:
        raise WrongTaxRows(problems)
    return TaxTable(tuple(rates))


def as_row(rate: TaxRate) -> dict[str, str | bool]:
    """The row that gives this rate."""
    given = {name: getattr(rate, name) for name in COLUMNS}
    return given | {"rate": format(rate.rate, "f")}


def _rate(row: Mapping[str, Any]) -> TaxRate:
    if not isinstance(row, Mapping):
        raise _WrongRow("is not an object with columns")
    unknown = [str(name)[:40] for name in row if name not in COLUMNS]
    if unknown:
        raise _WrongRow(f'column "{unknown[0]}" is not one of {", ".join(COLUMNS)}')
    texts = {name: _text(row, name, longest) for name, longest in _LONGEST.items()}
    return TaxRate(country=_country(row), rate=_fraction(row), inclusive=_flag(row), **texts)


def _country(row: Mapping[str, Any]) -> str:
    country = _text(row, "country", 2)
    if len(country) != 2 or not (country.isascii() and country.isalpha()):
        raise _WrongRow(f'country "{country}" is not a two-letter ISO 3166-1 code')
    return country.upper()


def _fraction(row: Mapping[str, Any]) -> Decimal:
    given = row.get("rate")
    if given is None or given == "":
        raise _WrongRow("rate is missing")
    shown = str(given)[:40]
    try:
        rate = Decimal(str(given).strip()) if not isinstance(given, bool) else Decimal("NaN")
    except InvalidOperation:
        rate = Decimal("NaN")
    if not rate.is_finite():
        raise _WrongRow(f'rate "{shown}" is not a number')
    if not 0 <= rate <= 1:
        raise _WrongRow(f'rate "{shown}" is not between 0 and 1; 20 % is written 0.2')
    if -int(rate.as_tuple().exponent) > _RATE_PLACES:
        raise _WrongRow(f'rate "{shown}" has more than {_RATE_PLACES} decimal places')
    return rate


def _flag(row: Mapping[str, Any]) -> bool:
    given = row.get("inclusive")
    text = "" if given is None else str(given).strip().casefold()
    if text not in _YES | _NO:
        raise _WrongRow(f'inclusive "{str(given)[:40]}" is not true or false')
    return text in _YES


def _text(row: Mapping[str, Any], name: str, longest: int) -> str:
    given = row.get(name)
    if given is None:
        return ""
    if not isinstance(given, str):
        raise _WrongRow(f'{name} "{str(given)[:40]}" is not text')
    text = given.strip()
    if len(text) > longest:
        raise _WrongRow(f'{name} "{text[:40]}" is longer than {longest} characters')
    return text


def _place(rate: TaxRate) -> TaxRate:
    """What two rows must not share, whatever their rates are."""
    return TaxRate(
        country=rate.country,
        rate=Decimal(0),
        district=rate.district.casefold(),
        classification=rate.classification,
        jurisdiction=rate.code,
        name=rate.name,
    )
