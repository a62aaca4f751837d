"""What a campaign takes off: how much of a charge, and for how many billings.

A discount belongs to one item of an AutoBill, or to the price of its plan. It takes a percentage, or an amount once per
line, and never more than the line costs. It ends after so many billings that it reduced (a *rolling* campaign), with
a moment (a *fixed* one), or with what it belongs to. A free cycle uses up none of its billings.
Source: campaign §1.1, §4.3, §4.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Context, Decimal
from enum import StrEnum
from typing import Final

from cashbox_service.domain.lines import Charge, ItemType, Line

_EXACT: Final = Context(prec=60)
_HUNDRED: Final = Decimal(100)
_ZERO: Final = Decimal(0)


class GrantUnit(StrEnum):
    """What free time is counted in."""

    DAY = "Day"
    WEEK = "Week"
    MONTH = "Month"
    YEAR = "Year"


@dataclass(frozen=True, slots=True)
class Discount:
    """What a campaign takes off one thing: ``percentage`` of its price, or ``amount`` of it.

    ``item_vid`` is the item of the AutoBill, None for the price of the plan and where nothing recurs. ``cycles`` is how
    many billings it reduces in all, ``used`` how many it has; ``expires_at`` the last moment at which it counts.
    """

    campaign_vid: str
    campaign_id: str
    description: str | None = None
    percentage: Decimal | None = None
    amount: Decimal | None = None
    item_vid: str | None = None
    cycles: int | None = None
    used: int = 0
    expires_at: datetime | None = None

    def counts_at(self, moment: datetime) -> bool:
        """Whether a billing at that moment is reduced."""
        left = self.cycles is None or self.used < self.cycles
        return left and (self.expires_at is None or moment <= self.expires_at)

    def off(self, price: Decimal, quantity: Decimal) -> Decimal:
        """What is taken off so many units, not rounded; negative, and never more than they cost."""
        whole = _EXACT.multiply(price, quantity)
        if whole <= 0:
            return _ZERO
        if self.amount is not None:
            return -min(self.amount, whole)
        share = _EXACT.divide(_EXACT.multiply(whole, self.percentage or _ZERO), _HUNDRED)
        return -min(share, whole)


@dataclass(frozen=True, slots=True)
class TimeGrant:
    """Free time that an AutoBill got by a code and has not begun yet: its first billing is put off by it."""

    campaign_vid: str
    campaign_id: str
    quantity: int
    unit: GrantUnit


def discounted(charge: Charge, discount: Discount | None) -> Charge:
    """The charge less the discount; what gives something back is never reduced."""
    if discount is None or charge.item_type is not ItemType.PURCHASE:
        return charge
    return replace(
        charge,
        discount=discount.off(charge.price, charge.quantity),
        campaign_id=discount.campaign_id,
        campaign_description=discount.description,
    )


def running(discounts: Iterable[Discount], item_vid: str | None, moment: datetime) -> Discount | None:
    """The discount of an item, or of the plan, that a billing at that moment gets."""
    return next((one for one in discounts if one.item_vid == item_vid and one.counts_at(moment)), None)


def latest(discounts: Iterable[Discount], item_vid: str | None) -> Discount | None:
    """The discount that an item, or the plan, got last, whether or not it is over."""
    return next((one for one in discounts if one.item_vid == item_vid), None)


def with_discount(discounts: Iterable[Discount], added: Discount) -> tuple[Discount, ...]:
    """The discounts with a new one, which takes the place of an earlier one of the same item or plan."""
    return (*(one for one in discounts if one.item_vid != added.item_vid), added)


def without_plan(discounts: Iterable[Discount]) -> tuple[Discount, ...]:
    """The discounts that are left when another plan takes the place of the present one."""
    return tuple(one for one in discounts if one.item_vid is not None)


def after_billing(discounts: Sequence[Discount], lines: Iterable[Line]) -> tuple[Discount, ...]:
    """The discounts once a cycle with these lines was billed: those that a line shows have one billing less to go."""
    return _counted(discounts, lines, 1)


def before_billing(discounts: Sequence[Discount], lines: Iterable[Line]) -> tuple[Discount, ...]:
    """The discounts as they were when a cycle with these lines was billed, to work out the same cycle anew."""
    return _counted(discounts, lines, -1)


def _counted(discounts: Sequence[Discount], lines: Iterable[Line], step: int) -> tuple[Discount, ...]:
    if not discounts:
        return ()
    shown = {(line.autobill_item_vid, line.campaign_id) for line in lines if _recurs(line)}
    return tuple(
        replace(one, used=max(0, one.used + step)) if (one.item_vid, one.campaign_id) in shown else one
        for one in discounts
    )


def _recurs(line: Line) -> bool:
    """Whether it is the line of an item or of the plan; a charge that is made once serves no period."""
    return line.campaign_id is not None and (
        line.autobill_item_vid is not None or line.service_start is not None
    )
