"""How long an AutoBill entitles, and what its endTimestamp shows.

The service assumes that payments will go on: a plan without end entitles without end until something fails, is
cancelled or runs out. Ends are last entitled days, which show as 23:59:59; an end at once (disentitle, a removed
item) is a moment and the caller's.

==============================================  ==========================  ===========================
situation                                       entitlement ends            AutoBill.endTimestamp
==============================================  ==========================  ===========================
plan without end, paid                          never                       end of the period billed last
finite plan, paid                               end of the last period      the same
entitlementsValidFor                            that long from the pass     the same; forever: absent
cycle unpaid (retry, unusable, grace)           when retries and grace end  the same
cancelled                                       end of the last paid period the same
==============================================  ==========================  ===========================

Source: billing-engine §9, §10, §13; autobill §6.5.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from cashbox_service.domain import retry
from cashbox_service.domain.autobill_state import ENDED, AutoBillStatus, BillingState
from cashbox_service.domain.calendar import day_before
from cashbox_service.domain.catalog import EntitlementId
from cashbox_service.domain.interval import is_forever, parse_interval
from cashbox_service.domain.item_timing import ItemTiming
from cashbox_service.domain.schedule import Cycle, Terms, cycles, last_day, left_in_pass, pass_start

_UNPAID: Final = frozenset(
    {BillingState.IN_RETRY, BillingState.UNUSABLE_PAYMENT_METHOD, BillingState.GRACE_PERIOD}
)


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the end of an AutoBill's entitlements depends on.

    ``billed_to`` is the last day of the service period invoiced last, ``paid_to`` that of the one successfully
    billed last, where an invoice that is Due counts for a customer who pays by hand. ``unpaid_since`` is the
    service date of the oldest unpaid cycle, or the day on which its money was lost. ``valid_for`` is
    entitlementsValidFor. ``start`` is the service date of the first cycle, ``today`` the day of the question.
    """

    terms: Terms
    status: str
    billing_state: str
    start: date
    today: date
    valid_for: str | None = None
    billed_to: date | None = None
    paid_to: date | None = None
    unpaid_since: date | None = None
    retry_days: tuple[int, ...] = ()
    grace_days: int = 0


@dataclass(frozen=True, slots=True)
class Ends:
    """The last entitled day (None: without end), and the day endTimestamp shows (None: absent)."""

    entitlement_on: date | None
    autobill_on: date | None


def ends(situation: Situation) -> Ends:
    """When the entitlements of a started AutoBill end. Source: billing-engine §10.2 - §10.6, §10.11."""
    if situation.status == AutoBillStatus.EXPIRED:
        return _planned(situation)
    if situation.status in ENDED:
        return _after_the_end(situation)
    if situation.billing_state in _UNPAID and situation.unpaid_since is not None:
        return _on(_served_unpaid(situation, situation.unpaid_since))
    return _planned(situation)


def served_unpaid(situation: Situation) -> date | None:
    """The day through which an unpaid cycle is served; None where none is, or a cancellation ended that before."""
    if situation.unpaid_since is None:
        return None
    through = _served_unpaid(situation, situation.unpaid_since)
    if situation.status in ENDED:
        return through if situation.today > through else None
    return through if situation.billing_state in _UNPAID else None


def item_last_day(terms: Terms, item: ItemTiming, next_index: int) -> date | None:
    """The last day an item serves: that of its last billing, or the day before it was removed (§10.7).

    ``next_index`` is the autoBillCycle billed next. None when nothing but the plan's own end limits it.
    """
    if item.removed_on is not None:
        return day_before(item.removed_on)
    remaining = item.cycles_remaining
    if remaining is None:
        return None
    for cycle in cycles(terms, next_index):
        if item.is_billed(cycle.service_start):
            remaining -= 1
            if remaining <= 0:
                return cycle.service_end
    return None


def earlier(one: date | None, other: date | None) -> date | None:
    """The earlier of two ends; None is without end."""
    return min((day for day in (one, other) if day is not None), default=None)


@dataclass(frozen=True, slots=True)
class EntitlementPeriod:
    """A right from one source: a product, or the plan where ``product_vid`` is None.

    ``last_day`` None is without end.
    """

    entitlement: EntitlementId
    product_vid: str | None
    start_at: datetime
    last_day: date | None


def merged(periods: Iterable[EntitlementPeriod]) -> tuple[EntitlementPeriod, ...]:
    """One right per id and source: from the earliest start to the latest end of those that several items give."""
    found: dict[tuple[str, str | None], EntitlementPeriod] = {}
    for period in periods:
        key = (period.entitlement.id, period.product_vid)
        other = found.get(key)
        if other is not None:
            open_ended = other.last_day is None or period.last_day is None
            last = None if open_ended else max(other.last_day or date.min, period.last_day or date.min)
            period = replace(other, start_at=min(other.start_at, period.start_at), last_day=last)  # noqa: PLW2901
        found[key] = period
    return tuple(found.values())


def _planned(situation: Situation) -> Ends:
    """As long as the plan says, if payments go on."""
    if situation.valid_for:
        return _on(_valid_to(situation, situation.billed_to))
    planned = last_day(situation.terms)
    return _on(planned) if planned is not None else Ends(None, situation.billed_to)


def _after_the_end(situation: Situation) -> Ends:
    """Cancelled: to the end of what was paid. Not collected: through the days served unpaid."""
    if situation.billing_state == BillingState.FAILED_TO_COLLECT and situation.unpaid_since is not None:
        served = _served_unpaid(situation, situation.unpaid_since)
        if situation.today > served:
            return _on(served)
    if situation.paid_to is None:
        return _on(situation.start)
    if situation.valid_for and _pass_is_paid(situation.terms, situation.paid_to):
        return _on(_valid_to(situation, situation.paid_to))
    return _on(situation.paid_to)


def _served_unpaid(situation: Situation, since: date) -> date:
    return retry.served_through(since, situation.retry_days, situation.grace_days)


def _valid_to(situation: Situation, day: date | None) -> date | None:
    """The fixed end, counted from the first billing of the pass that ``day`` belongs to; None is forever."""
    text = situation.valid_for or ""
    if is_forever(text):
        return None
    at = _cycle_on(situation.terms, day) if day is not None else None
    begins = pass_start(situation.terms, at.pass_index if at else 0) or situation.start
    return day_before(parse_interval(text, field="entitlementsValidFor").after(begins))


def _pass_is_paid(terms: Terms, paid_to: date) -> bool:
    """Whether the period that ends on ``paid_to`` was the last of its pass, so that all of it has been paid."""
    at = _cycle_on(terms, paid_to)
    return at is not None and left_in_pass(terms, at.index) == 1


def _cycle_on(terms: Terms, day: date) -> Cycle | None:
    """The last cycle that begins on or before ``day``."""
    found = None
    for cycle in cycles(terms, terms.first_index):
        if cycle.service_start > day:
            break
        found = cycle
    return found


def _on(day: date | None) -> Ends:
    return Ends(day, day)
