"""The words of the payment page: every language has all of them, and writes money its own way."""

from __future__ import annotations

import re

import pytest

from cashbox_service.domain.money import Money
from cashbox_service.web import payment_texts
from cashbox_service.web.payment_texts import DEFAULT, LANGUAGES

NAMES = re.compile(r"\{\w+\}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_all_that_english_says(language: str) -> None:
    english, own = payment_texts.texts(DEFAULT), payment_texts.texts(language)
    assert list(own) == list(english)
    for key, text in own.items():
        assert text.strip(), key
        assert sorted(NAMES.findall(text)) == sorted(NAMES.findall(english[key])), key


@pytest.mark.parametrize(
    ("amount", "currency", "language", "text"),
    [
        (1234, "JPY", "en", "¥1,234"),
        (5, "KWD", "de", "5,000\xa0KWD"),
        (199, "RSD", "fr", "199,00\xa0RSD"),
        (1, "_VT", "en", "_VT1"),
    ],
)
def test_money_has_the_decimals_of_its_currency(amount: int, currency: str, language: str, text: str) -> None:
    assert payment_texts.money(Money.of(amount, currency), language) == text


def test_countries_are_sorted_by_the_names_of_the_language() -> None:
    german = dict(payment_texts.countries("de"))
    assert (german["AT"], german["US"]) == ("Österreich", "Vereinigte Staaten")
    names = list(german.values())
    assert names.index("Oman") < names.index("Österreich") < names.index("Pakistan")
    assert not {"EU", "ZZ", "UN"} & set(german)
