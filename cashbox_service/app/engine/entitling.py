"""The entitlements that an AutoBill gives: created, prolonged and ended as its standing says (billing-engine §10)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import takewhile

from cashbox_service.app.context import Work
from cashbox_service.app.engine import projecting, schedule
from cashbox_service.app.offers import bundles
from cashbox_service.app.subscriptions import item_history
from cashbox_service.domain import entitlement as rules
from cashbox_service.domain import season
from cashbox_service.domain.autobill_state import ENDED, AutoBillStatus
from cashbox_service.domain.calendar import day_before, end_of_day, midnight
from cashbox_service.domain.entitlement import Ends, EntitlementPeriod
from cashbox_service.domain.retry import grace_days_of
from cashbox_service.domain.schedule import Terms, cycle_at, cycles
from cashbox_service.ids import new_vid
from cashbox_service.store.entities import AutoBill, BillingPlan, Entitlement, Invoice

_NO_CYCLE = 10**9
"""Later than any cycle of a schedule."""


def refresh(work: Work, autobill: AutoBill, latest: Sequence[Invoice] | None = None) -> None:
    """Bring the AutoBill's entitlements and its endTimestamp in line with its state; inside a transaction.

    ``latest`` are the invoices that its standing depends on, when the caller has loaded them already.
    """
    if autobill.status in ("Processing", "Pending Activation"):
        return
    if autobill.disentitled_at is not None:
        _set_end(work, autobill, autobill.disentitled_at)
        _end_all(work, autobill, autobill.disentitled_at)
        return
    if latest is None:
        latest = work.uow.invoices.latest_of_autobill(autobill.vid)
    situation = _situation(work, autobill, latest)
    plan = item_history.plan_in_force(work, autobill)
    is_replaced = plan.vid != autobill.billing_plan_vid
    if _entitles_by_season(plan):
        if not is_replaced:  # else what its season entitles to was given with the season's billing
            _refresh_seasons(work, autobill, situation)
        return
    ends = rules.ends(situation)
    if is_replaced and _entitles_by_season(autobill.billing_plan) and autobill.plan_start_on is not None:
        last = rules.earlier(ends.entitlement_on, day_before(autobill.plan_start_on))
        ends = Ends(last, last)
    end_at = end_of_day(ends.autobill_on, work.zone) if ends.autobill_on is not None else None
    _set_end(work, autobill, end_at)
    never_began = autobill.status in ENDED and situation.billed_to is None
    given = () if never_began else _periods(work, autobill, situation.terms, ends.entitlement_on)
    periods = rules.merged(given)
    wanted = {(period.product_vid, period.entitlement.id): period for period in periods}
    present = {
        (entry.product_vid, entry.merchant_entitlement_id): entry
        for entry in work.uow.entitlements.of_autobill(autobill.vid)
        if entry.end_at is None or entry.end_at > work.now
    }
    for key, period in wanted.items():
        end = _end_of(work, period)
        if key not in present and (end is None or end > work.now):
            _grant(work, autobill, period)
    for key, entry in present.items():
        _move_end(work, entry, _end_of(work, wanted[key]) if key in wanted else work.now)


def _entitles_by_season(plan: BillingPlan) -> bool:
    return plan.season_set is not None and not plan.entitled_off_season


def _refresh_seasons(work: Work, autobill: AutoBill, situation: rules.Situation) -> None:
    """The same on a plan that entitles in season only: a right for each season, seasons that meet making one."""
    plan = autobill.billing_plan
    spans = season.entitled(
        situation.terms.windows,
        _season_standing(work, autobill, situation),
        plan.days_entitled_before_season,
        plan.days_entitled_after_season,
    )
    _set_end(work, autobill, end_of_day(spans[-1].last, work.zone) if spans else None)
    present = [one for one in work.uow.entitlements.of_autobill(autobill.vid) if _is_open(work, one)]
    for span in spans:
        begins = midnight(span.first, work.zone)
        for period in rules.merged(_periods(work, autobill, situation.terms, span.last)):
            wanted = replace(period, start_at=max(begins, period.start_at))
            end = _end_of(work, wanted)
            kept = next((one for one in present if _serves(one, wanted, end)), None)
            if kept is not None:
                present.remove(kept)
                _move_end(work, kept, end)
            elif end is None or end > work.now:
                _grant(work, autobill, wanted)
    for entry in present:
        _move_end(work, entry, max(entry.start_at, work.now))


def _season_standing(work: Work, autobill: AutoBill, situation: rules.Situation) -> season.Standing:
    billed = [one for one in work.uow.invoices.of_autobill(autobill.vid) if one.billed_on is not None]
    has_ended = autobill.status in ENDED and autobill.status != AutoBillStatus.EXPIRED
    paid = {
        one.cycle
        for one in billed
        if one.cycle is not None and (_is_settled(one) or (one.by_hand and not has_ended))
    }
    owed = {one.cycle for one in billed if one.cycle is not None and one.state in ("Due", "Overdue")} - paid
    paid_to = _put_off_to(situation.terms)
    unpaid_pass: int | None = None
    last = max(paid | owed, default=-1)
    for at in takewhile(lambda one: one.index <= last, cycles(situation.terms, situation.terms.first_index)):
        if at.index in paid:
            paid_to[at.pass_index] = max(at.service_end, paid_to.get(at.pass_index, at.service_end))
        elif at.index in owed and unpaid_pass is None:
            unpaid_pass = at.pass_index
    served = rules.served_unpaid(situation)
    unpaid = (unpaid_pass, served) if unpaid_pass is not None and served is not None else None
    return season.Standing(paid_to, unpaid, has_ended)


def _put_off_to(terms: Terms) -> dict[int, date]:
    """The last day of each season that is served because its billing was put off, whatever by."""
    served: dict[int, date] = {}
    for place, move in enumerate(terms.moves):
        planned = cycle_at(replace(terms, moves=terms.moves[:place]), move.index)
        for pass_index, window in enumerate(terms.windows):
            if planned is None or pass_index < planned.pass_index or window.first >= move.to:
                continue
            last = min(day_before(move.to), window.last)
            served[pass_index] = max(last, served.get(pass_index, last))
    return served


def _is_open(work: Work, entry: Entitlement) -> bool:
    return entry.end_at is None or entry.end_at > work.now


def _serves(entry: Entitlement, wanted: EntitlementPeriod, end: datetime | None) -> bool:
    """Whether a right that is there is the one wanted, at least in part."""
    same = (entry.product_vid, entry.merchant_entitlement_id) == (wanted.product_vid, wanted.entitlement.id)
    meets = entry.end_at is None or wanted.start_at <= entry.end_at
    return same and meets and (end is None or entry.start_at <= end)


def locked(work: Work, autobills: Sequence[AutoBill]) -> list[AutoBill]:
    """The AutoBills, re-read and locked with their accounts; always in one order, so that nobody waits in a circle.

    To be called before anything is written: whoever changes an account's AutoBills locks the account first.
    """
    found = []
    for autobill in sorted(autobills, key=lambda one: (one.account_vid, one.vid)):
        work.uow.accounts.lock(autobill.account_vid)
        again = work.uow.autobills.lock(autobill.vid)
        assert again is not None
        found.append(again)
    return found


def announce_end(work: Work, autobill: AutoBill) -> None:
    """What the AutoBill entitled to its end has run out: tell so, and let it count as a change (account §9.8)."""
    for entry in work.uow.entitlements.of_autobill(autobill.vid):
        if entry.end_at is not None and entry.end_at == autobill.end_at:
            entry.changed_at = work.now
            work.uow.events.enqueue("entitlements", "stop", entry.vid, work.now)


def _set_end(work: Work, autobill: AutoBill, end_at: datetime | None) -> None:
    """What endTimestamp shows; a change of what it showed is recorded (autobill §2)."""
    before = autobill.end_at
    autobill.end_at = end_at
    if before is not None and before != end_at:
        work.uow.events.record_autobill(autobill.vid, "END_DATE_CHANGE", work.now)


def _end_all(work: Work, autobill: AutoBill, at: datetime) -> None:
    """Nothing is left of what the AutoBill gave, and nothing comes back."""
    for entry in work.uow.entitlements.of_autobill(autobill.vid):
        if entry.end_at is None or entry.end_at > at:
            _move_end(work, entry, at)


def _situation(work: Work, autobill: AutoBill, latest: Sequence[Invoice]) -> rules.Situation:
    billed = [one for one in latest if one.billed_on is not None]
    unpaid = [one for one in billed if one.state in ("Due", "Overdue") and not one.by_hand]
    settled = [one for one in billed if _is_settled(one)]
    given_to = _given_to(work, autobill)
    return rules.Situation(
        terms=schedule.terms_of(work, autobill),
        status=autobill.status,
        billing_state=autobill.billing_state,
        start=autobill.start_at.astimezone(work.zone).date(),
        today=work.today,
        valid_for=autobill.billing_plan.entitlements_valid_for,
        billed_to=_served_to(work, autobill, billed) or given_to,
        paid_to=_served_to(work, autobill, settled) or given_to,
        unpaid_since=min((one.unpaid_since for one in unpaid if one.unpaid_since), default=None),
        retry_days=work.settings.retry_days,
        grace_days=grace_days_of(autobill.billing_plan.name_values, work.settings.grace_days),
    )


def _given_to(work: Work, autobill: AutoBill) -> date | None:
    """The last day of free time before the first billing; None where the first billing is not put off."""
    if not any(move.index == 0 for move in autobill.moves):
        return None
    first = schedule.cycle(work, autobill, 0)
    return day_before(first.service_start) if first is not None else None


def _is_settled(invoice: Invoice) -> bool:
    """Whether its period counts as paid; one to be paid by hand does while it is Due."""
    return invoice.state in ("Paid", "Written Off") or (invoice.by_hand and invoice.state == "Due")


def _served_to(work: Work, autobill: AutoBill, invoices: Sequence[Invoice]) -> date | None:
    """The last day that the last of the cycles served; charges between cycles prolong nothing."""
    cycles = [invoice for invoice in invoices if invoice.cycle is not None]
    return schedule.service_end(work, autobill, cycles[-1]) if cycles else None


def _periods(
    work: Work, autobill: AutoBill, terms: Terms, last_day: date | None
) -> Iterator[EntitlementPeriod]:
    """What plan and items give; an item from its start on, no longer than it is billed (billing-engine §10)."""
    start_at = _start_at(work, autobill, terms)
    for entry in item_history.plan_in_force(work, autobill).entitlement_ids:
        yield EntitlementPeriod(entry, None, start_at, last_day)
    begun = max(work.today, autobill.start_at.astimezone(work.zone).date())
    for item in autobill.items:
        timing = projecting.timing(work, autobill, item)
        last = rules.earlier(last_day, rules.item_last_day(terms, timing, _next_index(autobill)))
        if timing.starts_on > begun or (last is not None and last < work.today):
            continue
        for product in bundles.with_parts(work, item.product):
            for entry in product.entitlement_ids:
                yield EntitlementPeriod(entry, product.vid, start_at, last)


def _start_at(work: Work, autobill: AutoBill, terms: Terms) -> datetime:
    """When it begins to entitle: with its start, and not before its first season."""
    first = terms.windows[0].first if terms.windows else None
    return autobill.start_at if first is None else max(autobill.start_at, midnight(first, work.zone))


def _next_index(autobill: AutoBill) -> int:
    """The cycle that is billed next; past every cycle when none will be."""
    return autobill.next_cycle if autobill.next_cycle is not None else _NO_CYCLE


def _end_of(work: Work, period: EntitlementPeriod) -> datetime | None:
    return end_of_day(period.last_day, work.zone) if period.last_day is not None else None


def _grant(work: Work, autobill: AutoBill, period: EntitlementPeriod) -> None:
    entry = Entitlement(
        vid=new_vid(),
        account_vid=autobill.account_vid,
        autobill_vid=autobill.vid,
        product_vid=period.product_vid,
        merchant_entitlement_id=period.entitlement.id,
        description=period.entitlement.description,
        start_at=max(period.start_at, work.now) if _began(work, autobill) else period.start_at,
        end_at=_end_of(work, period),
        changed_at=work.now,
    )
    work.uow.entitlements.add(entry)
    work.uow.events.enqueue("entitlements", "start", entry.vid, work.now)


def _began(work: Work, autobill: AutoBill) -> bool:
    """Whether the AutoBill was entitling before this call: a late grant then begins now."""
    return autobill.created_at < work.now and bool(work.uow.entitlements.of_autobill(autobill.vid))


def _move_end(work: Work, entry: Entitlement, end_at: datetime | None) -> None:
    if entry.end_at == end_at:
        return
    entry.end_at = end_at
    entry.changed_at = work.now
    if end_at is not None and end_at <= work.now:
        work.uow.events.enqueue("entitlements", "stop", entry.vid, work.now)
