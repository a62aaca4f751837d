"""Rows of a table of card issuers: the first digits of card numbers, and the country of whoever issued them.

Which numbers belong to whom is known to the card networks alone, so nothing is built in; a merchant loads what its
acquirer gives it. Source: transaction §7.6 (BIN country).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cashbox_service.domain.rows import Row, WrongRow, check_columns, read_country, read_rows, read_text

COLUMNS: Final = ("prefix", "country")
MAX_ROWS: Final = 500_000
LONGEST_PREFIX: Final = 8
"""Digits of a card number that name its issuer (ISO/IEC 7812-1)."""


def issuer_countries(rows: Iterable[Row]) -> list[tuple[str, str]]:
    """Prefix and country of every row. Raises WrongRows naming every row and value."""
    return read_rows(rows, _issuer, lambda issuer: issuer[0], same="prefix", most=MAX_ROWS)


def prefixes_of(first_digits: str) -> list[str]:
    """All prefixes under which the issuer of a card may be listed, shortest first."""
    return [first_digits[:length] for length in range(1, min(len(first_digits), LONGEST_PREFIX) + 1)]


def _issuer(row: Row) -> tuple[str, str]:
    check_columns(row, COLUMNS)
    prefix = read_text(row, "prefix", 255)
    if not 1 <= len(prefix) <= LONGEST_PREFIX or not (prefix.isascii() and prefix.isdigit()):
        raise WrongRow(f'prefix "{prefix[:40]}" is not 1 to {LONGEST_PREFIX} digits')
    return prefix, read_country(row)
