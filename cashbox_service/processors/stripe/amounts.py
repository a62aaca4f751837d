"""Amounts as Stripe counts them: whole numbers of the smallest unit, by a table of its own.

The table differs from ISO 4217: some currencies that have no decimals any more are still counted in hundredths, and
ariary are counted whole. Source: docs.stripe.com/currencies.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from cashbox_service.domain.money import Money

ZERO_DECIMAL: Final = frozenset(
    "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split()  # noqa: SIM905  one line
)
"""Counted in whole units."""

THREE_DECIMAL: Final = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
"""Counted in thousandths, of which only whole tens can be charged."""

WHOLE_IN_HUNDREDTHS: Final = frozenset({"ISK", "UGX"})
"""Counted in hundredths, though only whole units can be charged."""


class NotPayable(ValueError):
    """Stripe cannot charge this amount of the currency."""


def minor_units(money: Money) -> int:
    """The amount as Stripe takes it. Raises NotPayable for a part of its smallest unit."""
    units = money.amount.scaleb(decimals(money.currency))
    whole = int(units)
    if whole != units or whole % _step(money.currency):
        raise NotPayable(f"{money} has a part that cannot be charged")
    return whole


def money_of(units: int, currency: str) -> Money:
    """What Stripe means by that many units."""
    code = currency.upper()
    return Money.of(Decimal(units).scaleb(-decimals(code)), code)


def decimals(currency: str) -> int:
    """How many decimals Stripe counts; two, unless the tables say otherwise."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def _step(currency: str) -> int:
    if currency in WHOLE_IN_HUNDREDTHS:
        return 100
    return 10 if currency in THREE_DECIMAL else 1
