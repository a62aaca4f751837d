"""Price, name and statement text of what is billed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cashbox_service.domain.catalog import PlanPrice, ProductDescription, ProductPrice
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.pricing import (
    autobill_currency,
    description_for,
    item_price,
    plan_price,
    plan_tokens,
    product_price,
    product_tokens,
    statement_identifier,
)

D = Decimal
COINS, GEMS = "c" * 40, "g" * 40
PLAN = (
    PlanPrice(D("9.99"), "USD", "list"),
    PlanPrice(D("7.99"), "USD", "student"),
    PlanPrice(D("8.50"), "EUR"),
    PlanPrice(None, "USD", None, COINS, 100),
    PlanPrice(None, "GBP", None, COINS, 120),
)
PRODUCT = (
    ProductPrice(D("500"), "USD", COINS),
    ProductPrice(D("2.00"), "USD"),
    ProductPrice(D("200"), "JPY"),
)


def test_the_first_price_in_the_currency_counts_and_list_names_are_labels() -> None:
    assert plan_price(PLAN, "USD") == D("9.99")
    assert plan_price(PLAN, "EUR") == D("8.50")


def test_a_period_without_prices_costs_nothing() -> None:
    assert str(plan_price((), "USD")) == "0.00"
    assert str(product_price((), "JPY")) == "0"


@pytest.mark.parametrize("currency", ["GBP", "usd", "JPY"])
def test_prices_but_none_in_the_currency_cannot_be_billed(currency: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        plan_price(PLAN, currency)
    assert str(refusal.value) == f'currency "{currency}" has no price.'


def test_a_price_in_tokens_is_no_price_in_money() -> None:
    assert product_price(PRODUCT, "USD") == D("2.00")
    with pytest.raises(InvalidValue):
        product_price(PRODUCT[:1], "USD")


@pytest.mark.parametrize(("override", "expected"), [(None, "2.00"), (D("1.5"), "1.50"), (D(0), "0.00")])
def test_the_amount_of_an_item_wins_over_the_prices_of_its_product(
    override: Decimal | None, expected: str
) -> None:
    assert str(item_price(PRODUCT, "USD", override)) == expected


def test_an_item_with_an_amount_needs_no_price_in_the_currency() -> None:
    assert item_price(PRODUCT, "EUR", D(3)) == D("3.00")
    with pytest.raises(InvalidValue):
        item_price(PRODUCT, "EUR", None)


def test_prices_in_tokens_go_by_the_type_of_token() -> None:
    assert plan_tokens(PLAN, COINS) == 100
    assert product_tokens(PRODUCT, COINS) == 500
    assert plan_tokens((), COINS) == 0
    with pytest.raises(InvalidValue):
        plan_tokens(PLAN, GEMS)
    with pytest.raises(InvalidValue):
        product_tokens(PRODUCT, GEMS)


@pytest.mark.parametrize(
    ("given", "account", "merchant", "expected"),
    [
        ("EUR", "GBP", "CHF", "EUR"),
        (None, "GBP", "CHF", "GBP"),
        ("", None, "CHF", "CHF"),
        (None, None, None, "USD"),
    ],
)
def test_the_most_specific_currency_counts(
    given: str | None, account: str | None, merchant: str | None, expected: str
) -> None:
    assert autobill_currency(given, account, merchant) == expected


TEXTS = (
    ProductDescription("fr", "Base"),
    ProductDescription("EN", "Basic"),
    ProductDescription("de-DE", "Basis"),
)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fr", "Base"),
        ("FR", "Base"),
        ("fr-CA", "Base"),
        ("de", "Basis"),
        ("de_AT", "Basis"),
        ("en-US", "Basic"),
        ("ja", "Basic"),
        (None, "Basic"),
        ("", "Basic"),
    ],
)
def test_the_description_is_in_the_language_of_the_account_else_in_english(
    language: str | None, expected: str
) -> None:
    assert description_for(TEXTS, language) == expected


def test_without_english_the_first_description_is_used() -> None:
    assert description_for((TEXTS[0], TEXTS[2]), "ja") == "Base"
    assert description_for((), "en") is None


def test_an_exact_language_is_preferred_over_a_related_one() -> None:
    texts = (ProductDescription("pt-BR", "Brasil"), ProductDescription("pt", "Portugal"))
    assert description_for(texts, "pt") == "Portugal"
    assert description_for(texts, "pt-PT") == "Portugal"
    assert description_for(texts[:1], "pt-PT") == "Brasil"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"transaction": "T", "autobill": "A", "product": "P", "plan": "B"}, "T"),
        ({"autobill": "A", "product": "P", "plan": "B"}, "A"),
        ({"autobill": "", "product": "P", "plan": "B"}, "P"),
        ({"plan": "B"}, "B"),
        ({}, None),
    ],
)
def test_the_statement_text_of_the_nearest_object_counts(texts: dict[str, str], expected: str | None) -> None:
    assert statement_identifier(**texts) == expected
