"""What a customer buys with a WebSession, as far as the merchant's own values say so (websession §4.3).

Only what the browser cannot change is told to a customer as a fact. What cannot be known before the call is made, such
as a discount, leaves the total out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.hosted_form import FormName
from cashbox_service.domain.money import Money, known_currency, total

_AMOUNT: Final = re.compile(r"-?\d{1,12}(\.\d{1,10})?", re.ASCII)
_TRANSACTION: Final = "Transaction"
_ITEMS: Final = "transactionitems"
_MOST_LINES: Final = 200


@dataclass(frozen=True, slots=True)
class GoodsLine:
    """One thing that is bought; without ``amount`` its price is not known beforehand."""

    text: str
    quantity: Decimal = Decimal(1)
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Goods:
    """Everything that is bought.

    ``plan`` says how often it is paid for. Without ``total`` the sum is not known; where ``may_be_taxed`` tax may come
    on top.
    """

    lines: tuple[GoodsLine, ...]
    total: Money | None = None
    plan: str | None = None
    may_be_taxed: bool = False


def amount(text: str | None) -> Decimal | None:
    """A number as merchants write it; None for anything else."""
    return Decimal(text.strip()) if text and _AMOUNT.fullmatch(text.strip()) else None


def transaction_lines(values: Mapping[FormName, str], currency: str) -> tuple[GoodsLine, ...]:
    """The items of a sale."""
    lines = []
    for index in indices(values, _TRANSACTION, _ITEMS):
        item = {
            name.path[2]: value
            for name, value in values.items()
            if name.path[:2] == (_ITEMS, index) and len(name.path) == 3
        }
        text = item.get("name") or item.get("sku")
        if text:
            lines.append(line(text, amount(item.get("quantity", "1")), amount(item.get("price")), currency))
    return tuple(lines)


def indices(values: Mapping[FormName, str], object_: str, part: str) -> Iterator[str]:
    """The indices of a list, in their order."""
    found = {
        name.path[1]
        for name in values
        if name.object == object_ and len(name.path) > 1 and name.path[0] == part and name.path[1].isdecimal()
    }
    yield from sorted(found, key=int)[:_MOST_LINES]


def line(text: str, quantity: Decimal | None, price: Decimal | None, currency: str) -> GoodsLine:
    """A line of goods; its amount is known when price, quantity and currency are."""
    if quantity is None or price is None or not known_currency(currency):
        return GoodsLine(text, Decimal(1) if quantity is None else quantity)
    try:
        return GoodsLine(text, quantity, Money.of(price * quantity, currency))
    except InvalidValue:
        return GoodsLine(text, quantity)


def sum_of(lines: Sequence[GoodsLine], currency: str) -> Money | None:
    """What all of it costs; None when one price is not known."""
    amounts = [each.amount for each in lines if each.amount is not None]
    return total(amounts, currency) if lines and len(amounts) == len(lines) else None
