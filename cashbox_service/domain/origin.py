"""Where the lines of an invoice came from: what decided them, kept when the invoice is billed.

Only what cannot be read from the invoice, its lines and append-only rows later on: plans, items and prices change. The
dates are days of the business zone. Source: billing-engine §2 – §4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from cashbox_service.domain.catalog import PlanPeriod, PlanPrice, ProductPrice
from cashbox_service.domain.rating import TierShare
from cashbox_service.domain.schedule import Cycle, Terms
from cashbox_service.domain.season import season_on


class PriceSource(StrEnum):
    """Which rule gave a line its price (billing-engine §4.1)."""

    PERIOD = "period"
    """A row of the prices of the plan's period."""
    PRODUCT = "product"
    """A row of the product's prices."""
    ITEM = "item"
    """The item's own amount, which wins over the product's prices."""
    NONE = "none"
    """There are no prices at all: nothing."""
    CHARGE = "charge"
    """A charge that was added to this bill."""
    RATED = "rated"
    """A rate plan, by licences or by usage."""


@dataclass(frozen=True, slots=True)
class RatingOrigin:
    """How a rate plan came to the price of a line (catalog §5.2).

    ``counted`` units were rounded to ``rounded``; what was not ``included`` fell into the tiers, and the least and the
    greatest fee bound the charge.
    """

    plan_vid: str
    plan_id: str
    unit: str
    counted: Decimal
    rounded: Decimal
    included: Decimal
    shares: tuple[TierShare, ...]
    minimum: Decimal | None = None
    maximum: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LineOrigin:
    """Why one line stands on the invoice, and at this price; ``line`` is its indexNumber.

    ``row`` counts the prices of its source from 1. ``price`` is what that row says, also where the cycle was free.
    ``billing`` of ``cycles`` is how many times the item was billed with this line. ``since`` is the day from which an
    item is billed, or on which a charge was added. ``rating`` is set for what a rate plan prices.
    """

    line: int
    source: PriceSource
    price: Decimal | None = None
    row: int | None = None
    price_list: str | None = None
    product_vid: str | None = None
    since: date | None = None
    start_text: str | None = None
    billing: int | None = None
    cycles: int | None = None
    rating: RatingOrigin | None = None


@dataclass(frozen=True, slots=True)
class CycleOrigin:
    """Why the cycle was billed when it was. ``period`` and ``pass_number`` count from 1.

    ``season_first`` and ``season_last`` are the days of its season, on a plan with seasons. ``moved_to`` is set where
    the merchant moved this billing, ``anchored`` where it did so for good before it.
    """

    plan_vid: str
    plan_id: str
    period: int
    periods: int
    pass_number: int
    type: str
    quantity: int
    cycles: int
    plan_start: date
    lead_days: int = 0
    billing_day: int | None = None
    specified_day: int | None = None
    rule: str | None = None
    moved_to: date | None = None
    anchored: date | None = None
    season_first: date | None = None
    season_last: date | None = None


@dataclass(frozen=True, slots=True)
class InvoiceOrigin:
    """What decided an invoice."""

    cycle: CycleOrigin | None = None
    lines: tuple[LineOrigin, ...] = ()


def cycle_origin(plan_vid: str, plan_id: str, terms: Terms, at: Cycle) -> CycleOrigin:
    """The origin of a cycle under these terms."""
    period = terms.periods[at.period_index]
    here = [move.to for move in terms.moves if move.index == at.index]
    season = season_on(terms.seasons or (), at.service_start)
    anchors = [move.to for move in terms.moves if move.permanent and move.index <= at.index]
    return CycleOrigin(
        plan_vid=plan_vid,
        plan_id=plan_id,
        period=at.period_index + 1,
        periods=len(terms.periods),
        pass_number=at.pass_index + 1,
        type=period.type.value,
        quantity=period.quantity,
        cycles=period.cycles,
        plan_start=terms.start,
        lead_days=terms.lead_days,
        billing_day=terms.billing_day,
        specified_day=terms.specified_billing_day,
        rule=terms.billing_rule,
        moved_to=here[-1] if here else None,
        anchored=anchors[-1] if anchors else None,
        season_first=season.start_date if season is not None else None,
        season_last=season.end_date if season is not None else None,
    )


def plan_line(line: int, period: PlanPeriod, currency: str) -> LineOrigin:
    """The origin of the plan line of a period."""
    for row, price in enumerate(period.prices, start=1):
        if price.currency == currency and price.amount is not None:
            return _of_period(line, row, price)
    return LineOrigin(line, PriceSource.NONE)


def _of_period(line: int, row: int, price: PlanPrice) -> LineOrigin:
    return LineOrigin(line, PriceSource.PERIOD, price=price.amount, row=row, price_list=price.price_list_name)


def product_price(
    prices: tuple[ProductPrice, ...], currency: str
) -> tuple[PriceSource, int | None, Decimal | None]:
    """Which row of a product's prices gives its price."""
    for row, price in enumerate(prices, start=1):
        if price.token_vid is None and price.currency == currency:
            return PriceSource.PRODUCT, row, price.amount
    return PriceSource.NONE, None, None
