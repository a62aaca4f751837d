"""What rated items of an AutoBill cost: licences ahead, usage of the cycle that ended (billing-engine §4.5).

Usage is counted by the moment of the event: what lies before the beginning of the billing day and was not billed yet
belongs to the bill. `mark_billed` ties the events to the invoice in the transaction that bills it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from cashbox_service.app.context import Work
from cashbox_service.app.offers import rate_plans
from cashbox_service.domain import rating
from cashbox_service.domain.calendar import midnight
from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.errors import ConcurrentChange
from cashbox_service.domain.lines import Line
from cashbox_service.domain.origin import RatingOrigin
from cashbox_service.domain.rating import RatePlanModel
from cashbox_service.domain.reserved_names import LICENCES, RATED_UNITS
from cashbox_service.domain.schedule import Cycle
from cashbox_service.store.entities import AutoBill, AutoBillItem, Invoice, RatePlan
from cashbox_service.store.repositories.usage import NOTHING, UsageFilter


@dataclass(frozen=True, slots=True)
class RatedCharge:
    """The charge for the units of an item; ``counted`` is the name under which its line tells how many."""

    item: AutoBillItem
    units: Decimal
    amount: Decimal
    counted: str = RATED_UNITS

    @property
    def name_values(self) -> tuple[NameValue, ...]:
        """How many units the line stands for."""
        return (NameValue(self.counted, f"{self.units.normalize():f}"),)


def plan_of(item: AutoBillItem) -> RatePlan | None:
    """The rate plan that prices the item: its own or its product's; None when it has an amount of its own."""
    if item.amount is not None:
        return None
    return item.rate_plan or item.product.default_rate_plan


def is_by_usage(item: AutoBillItem) -> bool:
    """Whether the item is billed afterwards, by its events."""
    return item.amount is None and usage_plan_of(item) is not None


def usage_plan_of(item: AutoBillItem) -> RatePlan | None:
    """The plan by which its events are billed, also those from before it got an amount of its own."""
    plan = item.rate_plan or item.product.default_rate_plan
    return plan if plan is not None and plan.rate_plan_model == RatePlanModel.USAGE else None


def of_licences(autobill: AutoBill, item: AutoBillItem) -> RatedCharge | None:
    """A cycle of the item's licences, billed ahead; None for items that are not licensed."""
    plan = plan_of(item)
    if plan is None or plan.rate_plan_model != RatePlanModel.LICENCE:
        return None
    rated = rating.rate(rate_plans.terms_of(plan), item.quantity, autobill.currency)
    return RatedCharge(item, item.quantity, rated.amount, LICENCES)


def of_usage(
    work: Work, autobill: AutoBill, at: Cycle, served: set[str], *, was_free: bool = False
) -> list[RatedCharge]:
    """What the bill of a cycle charges for usage, in index order.

    ``served`` are the VIDs of the items that the cycle before served: they are on the bill without a unit too. The
    events that wait are those of the next bill alone; cycles beyond it show none. A cycle that ``was_free`` charges
    nothing for its usage.
    """
    by_usage = [item for item in autobill.items if usage_plan_of(item) is not None]
    if not by_usage:
        return []
    waiting = {}
    if at.index == autobill.next_cycle:
        window = UsageFilter(until=midnight(at.billing_date, work.zone))
        waiting = work.uow.usage.unbilled([item.vid for item in by_usage], window)
    charges = []
    for item in by_usage:
        units = max(waiting.get(item.vid, NOTHING).units, Decimal(0))
        is_served = item.vid in served and is_by_usage(item)
        if is_served or units:
            amount = Decimal(0) if was_free else _cost(autobill, item, units, with_minimum=is_served)
            charges.append(RatedCharge(item, units, amount))
    return charges


def unbilled(work: Work, autobill: AutoBill) -> list[RatedCharge]:
    """What all events that were never billed would cost, for an AutoBill that ends (billing-engine §4.5)."""
    by_usage = [item for item in autobill.items if usage_plan_of(item) is not None]
    if not by_usage:
        return []
    waiting = work.uow.usage.unbilled([item.vid for item in by_usage])
    return [
        RatedCharge(item, total.units, _cost(autobill, item, total.units, with_minimum=True))
        for item in by_usage
        if (total := waiting.get(item.vid, NOTHING)).units > 0
    ]


def mark_billed(work: Work, invoice: Invoice, at: Cycle | None = None) -> None:
    """Tie the events that the lines of an invoice charge to it; without a cycle it is the last invoice of all.

    Raises ConcurrentChange when they are not the same.
    """
    charged = usage_on(invoice)
    if not charged:
        return
    window = UsageFilter(until=midnight(at.billing_date, work.zone) if at is not None else None)
    waiting = work.uow.usage.unbilled(charged, window)
    for item_vid in charged:
        if waiting.get(item_vid, NOTHING).units >= 0:  # deductions beyond the units wait for the next bill
            work.uow.usage.add_to_invoice(invoice.vid, item_vid, window)
    billed = work.uow.usage.billed_on(invoice.vid)
    if any(billed.get(item_vid, NOTHING).units != units for item_vid, units in charged.items()):
        raise ConcurrentChange


def mark_settled(work: Work, autobill: AutoBill) -> None:
    """What no invoice bills of an AutoBill that ends is settled outside of them."""
    by_usage = [item.vid for item in autobill.items if usage_plan_of(item) is not None]
    if by_usage:
        work.uow.usage.add_settled(by_usage, work.now)


def usage_on(invoice: Invoice) -> dict[str, Decimal]:
    """The units that the lines of an invoice charge as usage, by the VID of their item."""
    return {
        line.autobill_item_vid: line.units_used
        for line in invoice.lines
        if line.units_used is not None and line.autobill_item_vid is not None
    }


def origin_of(autobill: AutoBill, item: AutoBillItem, line: Line) -> RatingOrigin | None:
    """How the plan came to the price of a line, by its terms of today; None for a line that is not rated."""
    units, plan = line.rated_units, item.rate_plan or item.product.default_rate_plan
    if units is None or plan is None:
        return None
    terms, currency = rate_plans.terms_of(plan), autobill.currency
    return RatingOrigin(
        plan_vid=plan.vid,
        plan_id=plan.merchant_rate_plan_id,
        unit=plan.unit_singular if units == 1 else plan.unit_plural,
        counted=units,
        rounded=rating.rounded(units, terms.rounding),
        included=terms.included,
        shares=rating.rate(terms, units, currency).shares,
        minimum=rating.fee_in(terms.minimum_fee, currency),
        maximum=rating.fee_in(terms.maximum_fee, currency),
    )


def _cost(autobill: AutoBill, item: AutoBillItem, units: Decimal, *, with_minimum: bool) -> Decimal:
    plan = usage_plan_of(item)
    assert plan is not None
    terms = rate_plans.terms_of(plan)
    return rating.rate(terms, units, autobill.currency, with_minimum=with_minimum).amount
