"""The schedule of a stored AutoBill: its terms as the rules take them, and its cycles."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from cashbox_service.app.context import Work
from cashbox_service.domain.calendar import day_before
from cashbox_service.domain.interval import parse_interval
from cashbox_service.domain.item_timing import item_starts_on
from cashbox_service.domain.schedule import Cycle, Terms, cycle_at
from cashbox_service.domain.season import starts_of
from cashbox_service.store.entities import AutoBill, AutoBillItem, Invoice

MERCHANT_ACCEPTED = "MerchantAcceptedPayment"


def paid_by_hand(autobill: AutoBill) -> bool:
    """Whether the customer is invoiced instead of charged."""
    return autobill.payment_method is not None and autobill.payment_method.type == MERCHANT_ACCEPTED


def terms_of(work: Work, autobill: AutoBill) -> Terms:
    """The schedule of an AutoBill as the rules take it."""
    plan = autobill.billing_plan
    return Terms(
        start=autobill.plan_start_on or autobill.start_at.astimezone(work.zone).date(),
        periods=plan.periods,
        times_to_run=plan.times_to_run,
        repeat_every=parse_interval(plan.repeat_every, field="repeatEvery") if plan.repeat_every else None,
        skip_initial_free=plan.skip_initial_free_when_repeating,
        billing_day=autobill.billing_day if autobill.billing_day_given else None,
        specified_billing_day=autobill.specified_billing_day,
        billing_rule=autobill.billing_rule,
        lead_days=work.settings.billing_lead_days,
        moves=autobill.moves,
        first_index=autobill.plan_cycle_offset,
        seasons=plan.season_set.seasons if plan.season_set is not None else None,
        season_lead=plan.days_before_season_to_bill,
    )


def item_start(work: Work, autobill: AutoBill, item: AutoBillItem) -> date:
    """The day from which an item is billed; `NEVER` while its season is not known."""
    start = autobill.start_at.astimezone(work.zone).date()
    if not item.start_text:
        return start
    plan = autobill.billing_plan
    seasons = None
    if plan.season_set is not None:
        seasons = starts_of(plan.season_set.seasons, start, plan.days_before_season_to_bill)
    return item_starts_on(item.start_text, start, seasons)


def service_end(work: Work, autobill: AutoBill, invoice: Invoice) -> date | None:
    """The last day served by the cycle of an invoice; a later billing that was moved stretches it.

    The last cycle of a plan that was replaced serves until the first one of the new plan; it does not wait for a season
    of that.
    """
    if invoice.cycle is None or invoice.cycle < autobill.plan_cycle_offset - 1:
        return invoice.service_end
    if invoice.cycle == autobill.plan_cycle_offset - 1:
        if autobill.billing_plan.season_set_vid is not None and autobill.plan_start_on is not None:
            return day_before(autobill.plan_start_on)
        following = cycle(work, autobill, autobill.plan_cycle_offset)
        return day_before(following.service_start) if following is not None else invoice.service_end
    at = cycle(work, autobill, invoice.cycle)
    return at.service_end if at is not None else invoice.service_end


def cycle(work: Work, autobill: AutoBill, index: int) -> Cycle | None:
    """The cycle with that autoBillCycle; None after the last one."""
    return _cycle_at(terms_of(work, autobill), index)


_cycle_at = lru_cache(maxsize=4096)(cycle_at)
"""Many AutoBills have the same terms, and each is asked for the same cycles more than once."""
