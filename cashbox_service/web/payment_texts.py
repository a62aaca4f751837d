"""The words of the payment page in every language it has; adding a language is adding a file to ``texts/``."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from babel.core import Locale
from babel.numbers import format_currency, format_decimal

from cashbox_service.domain.money import Money, minor_digits

_FOLDER: Final = Path(__file__).parent / "texts"
_NO_COUNTRIES: Final = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
"""Two-letter regions that nobody lives in."""

DEFAULT: Final = "en"
LANGUAGES: Final = (DEFAULT, *sorted(file.stem for file in _FOLDER.glob("*.json") if file.stem != DEFAULT))


@cache
def texts(language: str) -> Mapping[str, str]:
    """All texts of a language by key; ``{names}`` in them are filled in by `filled`."""
    loaded: dict[str, str] = json.loads((_FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return loaded


def filled(language: str, values: Mapping[str, str]) -> dict[str, str]:
    """The texts with what is known; names that are not among the values stay as they are."""
    return {key: fill(text, values) for key, text in texts(language).items()}


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with values for its ``{names}``."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


@cache
def countries(language: str) -> Sequence[tuple[str, str]]:
    """Codes and names of all countries, by name."""
    found = [
        (code, name)
        for code, name in Locale.parse(language).territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
    ]
    return sorted(found, key=lambda pair: unicodedata.normalize("NFKD", pair[1]).casefold())


def money(amount: Money, language: str) -> str:
    """An amount as it is written in the language, with the decimals that the currency is settled in."""
    digits = minor_digits(amount.currency)
    pattern = Locale.parse(language).currency_formats["standard"].pattern
    pattern = pattern.replace("0.00", "0" + ("." + "0" * digits if digits else ""))
    return format_currency(
        amount.amount, amount.currency, format=pattern, locale=language, currency_digits=False
    )


def number(value: Decimal, language: str) -> str:
    return format_decimal(value, locale=language)
