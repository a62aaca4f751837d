"""What units cost under a rate plan: tiers, units included, least and greatest fee.

::

    units ──rounded──> Q ──less included──> R ──priced in tiers──> charge ──between the fees──> amount

Units are counted in steps of the plan's rounding, and a part of a step costs its part. The unit that ends at level k is
priced by the last tier that begins at or below k: tiers that begin at 0 and 10 put units 1 to 9 into the first.
Source: catalog §5.1, §5.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Context, Decimal, localcontext
from enum import StrEnum
from typing import Final

from cashbox_service.domain.catalog import RatePrice, RateTier
from cashbox_service.domain.errors import InvalidValue, PriceMissing
from cashbox_service.domain.money import quantise

UNIT_PLACES: Final = 6
"""Decimals in which units and levels are kept."""

MAX_UNITS: Final = Decimal(10) ** 9
"""Most units that one event may count, one tier begin at, or one cycle include."""

MIN_ROUNDING: Final = -9
MAX_TIERS: Final = 500

_ZERO: Final = Decimal(0)
_QUANTUM: Final = Decimal(1).scaleb(-UNIT_PLACES)
_EXACT: Final = Context(prec=80)


class RatePlanModel(StrEnum):
    """What is counted, in the spelling of the interface (catalog §5.3)."""

    USAGE = "UsageBased"
    LICENCE = "LicenseBased"


class Multiply(StrEnum):
    """Which price a unit gets (catalog §5.1, multiplyRatedUnitsBy)."""

    EACH_RESPECTIVE_TIER = "EachRespectiveTier"
    HIGHEST_APPLICABLE_TIER = "HighestApplicableTier"


class ChargeCustomer(StrEnum):
    """Whether a tier's price is for every unit in it or for reaching it at all (catalog §5.1)."""

    PER_UNIT = "PerUnit"
    FLAT_FEE = "FlatFee"


@dataclass(frozen=True, slots=True)
class RateTerms:
    """The terms of a rate plan. ``tiers`` ascend by level; ``rounding`` counts decimals, tens below 0."""

    tiers: tuple[RateTier, ...]
    multiply: str = Multiply.EACH_RESPECTIVE_TIER
    rounding: int = 0
    included: Decimal = _ZERO
    minimum_fee: tuple[RatePrice, ...] = ()
    maximum_fee: tuple[RatePrice, ...] = ()


@dataclass(frozen=True, slots=True)
class TierShare:
    """What one tier adds to a charge: its price for so many units, or once where ``units`` is None."""

    tier: str
    price: Decimal
    units: Decimal | None

    @property
    def amount(self) -> Decimal:
        return self.price if self.units is None else self.price * self.units


@dataclass(frozen=True, slots=True)
class Rated:
    """What a number of units costs. ``tier`` is the name of the highest tier reached, None below the first.

    ``charged`` are the units that were not included, ``shares`` what the tiers made of them before the fees.
    """

    amount: Decimal
    tier: str | None
    charged: Decimal = _ZERO
    shares: tuple[TierShare, ...] = ()


@dataclass(frozen=True, slots=True)
class _Span:
    """A tier with its price in one currency, and the units below and at its end, which the last does not have."""

    tier: RateTier
    price: Decimal
    below: Decimal
    end: Decimal | None

    def units(self, charged: Decimal) -> Decimal:
        end = charged if self.end is None else min(charged, self.end)
        return max(_ZERO, end - self.below)


def rate(terms: RateTerms, units: Decimal, currency: str, *, with_minimum: bool = True) -> Rated:
    """The charge for ``units`` of one cycle, rounded to the currency.

    ``with_minimum`` False leaves the least fee out: units that come in after the last cycle of their item.
    `InvalidValue` when a tier has prices, but none in the currency.
    """
    with localcontext(_EXACT):
        charged = max(_ZERO, rounded(units, terms.rounding) - terms.included)
        spans = list(_spans(terms, currency))
        reached = [span for span in spans if charged > 0 and charged >= span.tier.begins_at_level]
        if terms.multiply == Multiply.HIGHEST_APPLICABLE_TIER:
            shares = tuple(_share(span, charged) for span in reached[-1:])
        else:
            counted = [
                span for span in spans if span in reached or (not _is_flat(span) and span.units(charged))
            ]
            shares = tuple(_share(span, span.units(charged)) for span in counted)
        total = sum((share.amount for share in shares), _ZERO)
        total = _between_fees(terms, total, currency, with_minimum=with_minimum)
    return Rated(quantise(total, currency), reached[-1].tier.name if reached else None, charged, shares)


def rounded(units: Decimal, rounding: int) -> Decimal:
    """``units`` to so many decimals, half away from zero; hundreds at -2."""
    with localcontext(_EXACT):
        return units.quantize(Decimal(1).scaleb(-rounding), ROUND_HALF_UP) + _ZERO


def tier_price(tier: RateTier, currency: str) -> Decimal:
    """The price of a tier, 0 when it has none; `InvalidValue` when there are some, but none in ``currency``."""
    found = next((price.amount for price in tier.prices if price.currency == currency), None)
    if found is not None:
        return found
    if tier.prices:
        raise PriceMissing("currency", currency, f"has no price in tier {tier.name[:40]} of the rate plan")
    return _ZERO


def fee_in(fees: Sequence[RatePrice], currency: str) -> Decimal | None:
    """The fee of that currency, if there is one."""
    return next((fee.amount for fee in fees if fee.currency == currency), None)


def check_priced(tiers: Sequence[RateTier], currency: str) -> None:
    """`InvalidValue` when units could not be priced in ``currency``. Source: catalog §5.5."""
    for tier in tiers:
        tier_price(tier, currency)


def check_rounding(rounding: int) -> int:
    """How units are rounded; `InvalidValue` for more decimals than are kept, or steps beyond any count."""
    if not MIN_ROUNDING <= rounding <= UNIT_PLACES:
        raise InvalidValue("roundingDecimals", rounding, f"is not between {MIN_ROUNDING} and {UNIT_PLACES}")
    return rounding


def given_units(field: str, units: Decimal) -> Decimal:
    """A count of units named in ``field``, to the decimals that are kept; `InvalidValue` out of bounds."""
    if not units.is_finite() or abs(units) > MAX_UNITS:
        raise InvalidValue(field, units, f"is more than {MAX_UNITS}")
    return units.quantize(_QUANTUM, ROUND_HALF_UP) + _ZERO


def _spans(terms: RateTerms, currency: str) -> Iterator[_Span]:
    step = Decimal(1).scaleb(-terms.rounding)
    starts = [max(_ZERO, _steps_up(tier.begins_at_level, step) - step) for tier in terms.tiers]
    for position, tier in enumerate(terms.tiers):
        end = starts[position + 1] if position + 1 < len(starts) else None
        yield _Span(tier, tier_price(tier, currency), starts[position], end)


def _steps_up(level: Decimal, step: Decimal) -> Decimal:
    """The first count of whole steps that reaches the level."""
    return (level / step).to_integral_value(ROUND_CEILING) * step


def _is_flat(span: _Span) -> bool:
    return span.tier.charge_customer == ChargeCustomer.FLAT_FEE


def _share(span: _Span, units: Decimal) -> TierShare:
    return TierShare(span.tier.name, span.price, None if _is_flat(span) else units)


def _between_fees(terms: RateTerms, total: Decimal, currency: str, *, with_minimum: bool) -> Decimal:
    least, greatest = fee_in(terms.minimum_fee, currency), fee_in(terms.maximum_fee, currency)
    if with_minimum and least is not None:
        total = max(total, least)
    return total if greatest is None else min(total, greatest)
