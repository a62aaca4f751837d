"""Money: exact decimal amounts of one currency, always rounded half-up to the currency's minor unit.

Every rule that adds, compares or divides amounts works on `Money`; a bare ``Decimal`` is an amount whose
currency stands beside it (a column, a wire field) and enters through `Money.of` or `quantise`.
Source: conventions §6.1, billing-engine §4, §8.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Final

from cashbox_service.domain.currency_digits import MINOR_DIGITS
from cashbox_service.domain.errors import InvalidValue

TOKEN_CURRENCY: Final = "_VT"
"""The pseudo currency in which amounts of tokens are counted; tokens are whole."""

LARGEST_GIVEN: Final = Decimal(10) ** 12
"""The largest amount that anybody may name. What can be stored is nine times that, so that sums have some room."""

_LARGEST: Final = Decimal(10) ** 20
"""Beyond any amount that can be stored; a limit that keeps every sum inside the default decimal context."""

_SMALLEST: Final = -_LARGEST

_CONTEXT: Final = Context(prec=60)
_QUANTA: Final = {
    code: Decimal(1).scaleb(-digits) for code, digits in (MINOR_DIGITS | {TOKEN_CURRENCY: 0}).items()
}
_ZEROS: Final = {code: Decimal(0).quantize(quantum) for code, quantum in _QUANTA.items()}


def known_currency(code: str) -> bool:
    """Whether amounts can be kept in it: an ISO 4217 code in capitals, or the token pseudo currency."""
    return code in _QUANTA


def minor_digits(currency: str) -> int:
    """How many decimals amounts of the currency have; `InvalidValue` for an unknown currency."""
    return -int(_quantum(currency).as_tuple().exponent)


def quantise(amount: Decimal, currency: str) -> Decimal:
    """``amount`` rounded half-up, away from zero at the half, to the currency's minor unit; never minus zero.

    `InvalidValue` for an unknown currency and for what is no amount: not a number, infinite, out of bounds.
    """
    quantum = _quantum(currency)
    if not (amount.is_finite() and _SMALLEST < amount < _LARGEST):
        raise InvalidValue("amount", amount, "is not an amount of money")
    return amount.quantize(quantum, ROUND_HALF_UP, _CONTEXT) or _ZEROS[currency]


def given(field: str, amount: Decimal, currency: str) -> Decimal:
    """An amount that somebody named in ``field``, rounded to the currency's minor unit.

    `InvalidValue` naming the field for one beyond `LARGEST_GIVEN`, and as `quantise`.
    """
    if amount > LARGEST_GIVEN:
        raise InvalidValue(field, amount, f"is more than {LARGEST_GIVEN}")
    if amount < -LARGEST_GIVEN:
        raise InvalidValue(field, amount, f"is less than -{LARGEST_GIVEN}")
    return quantise(amount, currency)


def _quantum(currency: str) -> Decimal:
    try:
        return _QUANTA[currency]
    except KeyError:
        raise InvalidValue("currency", currency, "is not a known currency") from None


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency. Arithmetic and comparison across currencies raise `InvalidValue`.

    The constructor trusts its arguments, for amounts that were rounded before (a stored balance); anything
    else is made with `Money.of`. Equality never raises: amounts of different currencies are just not equal.
    """

    amount: Decimal
    currency: str

    @classmethod
    def of(cls, amount: Decimal | int, currency: str) -> Money:
        """``amount`` rounded to the minor unit; errors as `quantise`."""
        return cls(quantise(Decimal(amount), currency), currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Nothing of that currency; `InvalidValue` for an unknown currency."""
        _quantum(currency)
        return cls(_ZEROS[currency], currency)

    @property
    def is_zero(self) -> bool:
        """Neither owed nor owing."""
        return not self.amount

    @property
    def is_positive(self) -> bool:
        """More than nothing."""
        return self.amount > 0

    @property
    def is_negative(self) -> bool:
        """Less than nothing."""
        return self.amount < 0

    def __add__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.amount), self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same_currency(other)
        return self.amount < other.amount

    def __le__(self, other: Money) -> bool:
        self._same_currency(other)
        return self.amount <= other.amount

    def __gt__(self, other: Money) -> bool:
        self._same_currency(other)
        return self.amount > other.amount

    def __ge__(self, other: Money) -> bool:
        self._same_currency(other)
        return self.amount >= other.amount

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"

    def times(self, factor: Decimal | int) -> Money:
        """This amount ``factor`` times, rounded half-up once: a quantity, a tax rate."""
        return Money(quantise(_CONTEXT.multiply(self.amount, Decimal(factor)), self.currency), self.currency)

    def min(self, other: Money) -> Money:
        """The smaller one of the two."""
        return min(self, other)

    def max(self, other: Money) -> Money:
        """The larger one of the two."""
        return max(self, other)

    def _same_currency(self, other: Money) -> None:
        if self.currency != other.currency:
            raise InvalidValue("currency", other.currency, f"does not match {self.currency}")


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of ``amounts``, all of which must be in ``currency``; zero when there are none."""
    result = Money.zero(currency)
    for amount in amounts:
        result = result + amount
    return result


def split(amount: Money, weights: Sequence[Decimal | int]) -> tuple[Money, ...]:
    """``amount`` in parts proportional to ``weights`` that add up to it to the minor unit.

    Largest remainder: each share is cut to the minor unit towards zero, then the units that are left go one
    each to the shares that lost most, the earlier share on a tie. A share of weight 0 gets nothing.
    ``ValueError`` when a weight is negative or all of them are 0 (or there is none).
    """
    fractions = [Fraction(weight) for weight in weights]
    whole = sum(fractions)
    if any(weight < 0 for weight in fractions) or not whole:
        raise ValueError("weights must not be negative, nor all zero")
    quantum = _quantum(amount.currency)
    units = int(abs(amount.amount) / quantum)
    exact = [units * weight / whole for weight in fractions]
    shares = [int(share) for share in exact]
    by_loss = sorted(range(len(shares)), key=lambda index: shares[index] - exact[index])
    for index in by_loss[: units - sum(shares)]:
        shares[index] += 1
    sign = -1 if amount.is_negative else 1
    return tuple(Money(sign * share * quantum, amount.currency) for share in shares)
