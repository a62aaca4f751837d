"""Writes ``cashbox_service/domain/currency_digits.py`` from Babel: ``python tests/unit/currency_table.py``.

Babel's figures are CLDR's, which says how prices are usually shown. Where coins have gone out of use that is without
decimals, but banks and card networks still settle with those of ISO 4217: for such currencies ``BY_ISO`` prevails.

Run it after an upgrade of Babel; a test compares the committed module with what this would write.
"""

from __future__ import annotations

import textwrap
from itertools import groupby
from pathlib import Path

from babel.numbers import get_currency_precision, list_currencies

TARGET = Path(__file__).parents[2] / "cashbox_service" / "domain" / "currency_digits.py"

BY_ISO = {"IQD": 3} | dict.fromkeys(
    ("AFN", "ALL", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SOS", "SYP", "YER"), 2
)
"""Every currency in use for which the two differ, with the decimals of ISO 4217 (list one)."""

_HEAD = '''"""Digits of the minor unit per currency.

Written by ``tests/unit/currency_table.py`` from Babel and ISO 4217: do not edit.
"""

from __future__ import annotations

from typing import Final

_CODES: Final = {
'''

_FOOT = '''}

MINOR_DIGITS: Final[dict[str, int]] = {
    code: digits for digits, codes in _CODES.items() for code in codes.split()
}
"""ISO 4217 code, withdrawn ones included, to the number of decimals its amounts have."""
'''


def digits_by_currency() -> dict[str, int]:
    """Every three-letter code Babel knows, with the number of decimals of its amounts."""
    return {code: BY_ISO.get(code, get_currency_precision(code)) for code in sorted(list_currencies())}


def render() -> str:
    """The text of the generated module."""
    by_digits = sorted(digits_by_currency().items(), key=lambda pair: (pair[1], pair[0]))
    groups = (
        _group(digits, [code for code, _ in pairs])
        for digits, pairs in groupby(by_digits, key=lambda p: p[1])
    )
    return _HEAD + "".join(groups) + _FOOT


def _group(digits: int, codes: list[str]) -> str:
    lines = textwrap.wrap(" ".join(codes), 98)
    if len(lines) == 1:
        return f'    {digits}: "{lines[0]}",\n'
    quoted = "".join(f'        "{line} "\n' for line in lines[:-1]) + f'        "{lines[-1]}"\n'
    return f"    {digits}: (\n{quoted}    ),\n"


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
