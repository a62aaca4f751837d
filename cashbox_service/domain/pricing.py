"""Which price, which name and which statement text a line gets.

Prices are looked up when a cycle is billed; an object with no price at all costs nothing, one with prices but none
in the currency cannot be billed.
Source: billing-engine §4.1, §7; catalog §1.3, §2.1; conventions §6.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from cashbox_service.domain.catalog import PlanPrice, ProductDescription, ProductPrice
from cashbox_service.domain.errors import PriceMissing
from cashbox_service.domain.language import tag_of
from cashbox_service.domain.money import quantise

DEFAULT_CURRENCY: Final = "USD"
_NO_PRICE: Final = "has no price"
_ENGLISH: Final = "en"


def plan_price(prices: Sequence[PlanPrice], currency: str) -> Decimal:
    """The price of a cycle: the first one in ``currency``, 0 when the period has no prices.

    `PriceMissing` when there are prices, but none in the currency.
    """
    found = [price.amount for price in prices if price.currency == currency and price.amount is not None]
    return _first(found, has_prices=bool(prices), unit=currency, rounded_to=currency)


def product_price(prices: Sequence[ProductPrice], currency: str) -> Decimal:
    """The price of one unit of a product; rules and error as `plan_price`."""
    found = [price.amount for price in prices if price.token_vid is None and price.currency == currency]
    return _first(found, has_prices=bool(prices), unit=currency, rounded_to=currency)


def item_price(prices: Sequence[ProductPrice], currency: str, override: Decimal | None) -> Decimal:
    """The price of one unit of an item: its own amount wins over the product's prices, also at 0."""
    return quantise(override, currency) if override is not None else product_price(prices, currency)


def plan_tokens(prices: Sequence[PlanPrice], token_vid: str) -> int:
    """The price of a cycle in tokens of one type; rules and error as `plan_price`."""
    found = [
        Decimal(price.token_amount)
        for price in prices
        if price.token_vid == token_vid and price.token_amount is not None
    ]
    return int(_first(found, has_prices=bool(prices), unit=token_vid))


def product_tokens(prices: Sequence[ProductPrice], token_vid: str) -> int:
    """The price of one unit of a product in tokens of one type; rules and error as `plan_price`."""
    found = [price.amount for price in prices if price.token_vid == token_vid]
    return int(_first(found, has_prices=bool(prices), unit=token_vid))


def autobill_currency(given: str | None, account_default: str | None, merchant_default: str | None) -> str:
    """The currency of a sale: as given, else the account's default, else the merchant's, else USD."""
    return given or account_default or merchant_default or DEFAULT_CURRENCY


def description_for(descriptions: Sequence[ProductDescription], language: str | None) -> str | None:
    """The text in ``language``, else in English, else the first; None when there is none.

    Languages compare without letter case; ``de-AT`` is content with ``de`` and the reverse.
    """
    for wanted in (language, _ENGLISH):
        found = _in_language(descriptions, wanted) if wanted else None
        if found is not None:
            return found
    return descriptions[0].description if descriptions else None


def statement_identifier(
    *,
    transaction: str | None = None,
    autobill: str | None = None,
    product: str | None = None,
    plan: str | None = None,
) -> str | None:
    """The text on the customer's card statement; the first that is set, ``product`` being the primary one."""
    return transaction or autobill or product or plan or None


def _in_language(descriptions: Iterable[ProductDescription], language: str) -> str | None:
    tag = tag_of(language)
    by_tag: dict[str, str] = {}
    for entry in descriptions:
        by_tag.setdefault(tag_of(entry.language), entry.description)
    primary = tag.partition("-")[0]
    related = (text for other, text in by_tag.items() if other.partition("-")[0] == primary)
    return by_tag.get(tag) or by_tag.get(primary) or next(related, None)


def _first(
    found: Sequence[Decimal], *, has_prices: bool, unit: str, rounded_to: str | None = None
) -> Decimal:
    if found:
        return quantise(found[0], rounded_to) if rounded_to else found[0]
    if has_prices:
        raise PriceMissing("currency", unit, _NO_PRICE)
    return quantise(Decimal(0), rounded_to) if rounded_to else Decimal(0)
