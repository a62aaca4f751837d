"""AutoBill.modify: what it does to the AutoBill, and what that charges and gives back (autobill §6.35).

`apply` changes everything but money that has to be moved: it runs inside a write transaction with the account locked,
and says which lines result. Who pays them is for `modifying`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from cashbox_service.app.context import Work
from cashbox_service.app.engine import invoicing, postponing, projecting, running_service, schedule
from cashbox_service.app.engine.running_service import Running
from cashbox_service.app.engine.schedule import paid_by_hand
from cashbox_service.app.offers import billing_plans, catalog
from cashbox_service.app.offers.drafts import BillingPlanDraft
from cashbox_service.app.promotions import discounting
from cashbox_service.app.subscriptions import (
    autobill_checks,
    item_history,
    modification_invoices,
    modification_items,
    modification_lines,
)
from cashbox_service.app.subscriptions.modification_items import AutoBillItemModificationDraft, ItemChanges
from cashbox_service.app.taxes import taxing
from cashbox_service.domain.autobill_state import AutoBillStatus, BillingState
from cashbox_service.domain.discount import after_billing, without_plan
from cashbox_service.domain.errors import AutoBillNotFound, IllegalState, InvalidRequest, InvalidValue
from cashbox_service.domain.lines import (
    Line,
    ServicePeriod,
    numbered,
    tax_summary,
)
from cashbox_service.domain.money import Money
from cashbox_service.domain.proration import (
    net,
    paid_with_the_rest,
    undoing,
)
from cashbox_service.domain.tax import TaxAssessor
from cashbox_service.store.entities import AutoBill, AutoBillItem, BillingPlan, Invoice

TODAY, NEXT_BILL = "today", "nextbill"


@dataclass(frozen=True, slots=True)
class Modification:
    """What is to be changed. ``effective`` is when, as the caller wrote it."""

    prorated: bool = False
    effective: str | None = None
    plan: BillingPlanDraft | None = None
    items: Sequence[AutoBillItemModificationDraft] = ()
    campaign_code: str | None = None


@dataclass(slots=True)
class Change:
    """An AutoBill after the change.

    ``lines`` are what the change charges and gives back, None when no money is concerned; ``net`` is their sum.
    ``begins``: whether another plan bills its first cycle now. ``invoice`` holds the charge, if there is one.
    ``billed`` are the items charged for the first time, ``sources`` the invoices whose payments can be given back.
    """

    autobill: AutoBill
    lines: tuple[Line, ...] | None = None
    net: Money | None = None
    invoice: Invoice | None = None
    plan_cycle: int = 0
    begins: bool = True
    billed: list[AutoBillItem] = field(default_factory=list)
    sources: tuple[Invoice, ...] = ()


def apply(work: Work, autobill_vid: str, wanted: Modification) -> Change:
    """Change the AutoBill. Raises InvalidRequest and its kinds, NotFound for unknown VIDs."""
    autobill = work.uow.autobills.lock(autobill_vid)
    if autobill is None:
        raise AutoBillNotFound("VID", autobill_vid)
    today = _is_today(wanted.effective)
    plan = _plan(work, autobill, wanted, today=today)
    if plan is None and not wanted.items:
        raise InvalidRequest("Nothing to modify: neither changeBillingPlanTo nor autoBillItemModifications.")
    modification_items.check(wanted.items, plan_changes=plan is not None)
    _check_state(work, autobill, today=today)
    known_classes = autobill_checks.tax_classes(autobill)
    if autobill.status == AutoBillStatus.PENDING_ACTIVATION or _is_served_for_free(work, autobill):
        change = _rewritten(work, autobill, plan, wanted)
    elif today:
        change = _changed_today(work, autobill, plan, wanted)
    else:
        change = _changed_next(work, autobill, plan, wanted)
    autobill_checks.check(autobill)
    autobill_checks.check_tax_classes(work, autobill, accepted=known_classes)
    autobill.modified_at = work.now
    if wanted.items:
        work.uow.events.record_autobill(autobill.vid, "MODIFICATION", work.now)
    if plan is not None:
        work.uow.events.record_autobill(autobill.vid, "CHANGE_PLAN", work.now)
    work.uow.flush()
    return change


def _is_today(effective: str | None) -> bool:
    when = (effective or "").strip().lower()
    if when not in (TODAY, NEXT_BILL):
        raise InvalidValue("effectiveDate", (effective or "")[:40], "is neither today nor nextBill")
    return when == TODAY


def _plan(work: Work, autobill: AutoBill, wanted: Modification, *, today: bool) -> BillingPlan | None:
    """The plan to change to; None when the plan stays. Raises InvalidRequest, BillingPlanNotFound."""
    draft = wanted.plan
    if draft is None or (draft.vid is None and draft.merchant_billing_plan_id is None):
        if draft is not None and catalog.has_content(draft):
            raise InvalidRequest("changeBillingPlanTo names no billing plan.")
        return None
    plan = billing_plans.find(work, draft)
    if plan is None:
        value = draft.merchant_billing_plan_id
        raise InvalidValue("changeBillingPlanTo.merchantBillingPlanId", value, "is not a billing plan")
    present = item_history.plan_in_force(work, autobill) if today else autobill.billing_plan
    if plan.vid == present.vid:
        if not wanted.items:
            value = plan.merchant_billing_plan_id
            raise InvalidValue("changeBillingPlanTo", value, "is the plan that the AutoBill has already")
        return None
    return plan


def _check_state(work: Work, autobill: AutoBill, *, today: bool) -> None:
    """Raises IllegalState and InvalidRequest (autobill §6.35, restrictions)."""
    key = autobill.merchant_autobill_id
    if paid_by_hand(autobill):
        raise InvalidRequest("The AutoBill is paid by a MerchantAcceptedPayment.")
    if autobill.status not in (AutoBillStatus.ACTIVE, AutoBillStatus.PENDING_ACTIVATION):
        raise IllegalState(
            "AutoBill", key, autobill.status, f"AutoBill is in an inactive state {autobill.status}"
        )
    if autobill.parked_reason is not None:
        raise IllegalState("AutoBill", key, "parked")
    if work.uow.invoices.unpaid_of_autobill(autobill.vid):
        raise IllegalState("AutoBill", key, autobill.billing_state, f"AutoBill {key} has an unpaid balance.")
    if autobill.billing_plan.season_set_vid is not None and not today:
        raise InvalidRequest("A seasonal plan can only be modified with effectiveDate today.")


def _rewritten(work: Work, autobill: AutoBill, plan: BillingPlan | None, wanted: Modification) -> Change:
    """Before the first billing the definition alone changes."""
    done = modification_items.apply(work, autobill, wanted.items, None)
    if not autobill.items:
        raise InvalidRequest("AutoBill has no items.")
    if plan is not None:
        start = autobill.start_at.astimezone(work.zone).date()
        item_history.note_plan(work, autobill, plan, start)
        _put_on(autobill, plan)
    work.uow.flush()
    _redeem(work, autobill, done, plan, wanted.campaign_code)
    invoicing.refresh_open(work, autobill)
    return Change(autobill)


def _changed_next(work: Work, autobill: AutoBill, plan: BillingPlan | None, wanted: Modification) -> Change:
    """With effect from the next billing: the coming invoice is another, and nothing is moved now."""
    index = autobill.next_cycle
    coming = schedule.cycle(work, autobill, index) if index is not None else None
    if plan is None and coming is None:
        raise InvalidRequest("The AutoBill has no next billing.")
    if plan is not None:
        invoicing.restart_plan(work, autobill)
        assert autobill.plan_start_on is not None
        item_history.note_plan(work, autobill, plan, autobill.plan_start_on)
        _put_on(autobill, plan)
        if index is None:
            invoicing.open_invoice(work, autobill, autobill.plan_cycle_offset)
    day = coming.service_start if coming is not None else autobill.plan_start_on
    done = modification_items.apply(work, autobill, wanted.items, day)
    work.uow.flush()
    _redeem(work, autobill, done, plan, wanted.campaign_code)
    invoicing.refresh_open(work, autobill)
    return Change(autobill)


def _changed_today(work: Work, autobill: AutoBill, plan: BillingPlan | None, wanted: Modification) -> Change:
    """From today on: the running Open invoice is closed, another one opened, and what lies between is settled."""
    _check_not_behind(work, autobill)
    seasonal = item_history.plan_in_force(work, autobill).season_set is not None
    running = running_service.of(work, autobill, by_season=seasonal)
    closed = modification_invoices.close_open(work, autobill)
    begins = autobill.start_at.astimezone(work.zone).date()
    day = max(work.today, begins)  # an imminent start was billed ahead of its day
    done = modification_items.apply(work, autobill, wanted.items, day)
    assessor = taxing.of_autobill(work, autobill).assessor
    if plan is not None:
        change = _plan_changed(
            work, autobill, plan, day, running, done, assessor, wanted.campaign_code, prorated=wanted.prorated
        )
    else:
        _redeem(work, autobill, done, None, None)
        change = _items_changed(
            work, autobill, running, done, assessor, prorated=wanted.prorated, in_full=seasonal
        )
    index = autobill.next_cycle if plan is None else running.last_index + (2 if change.begins else 1)
    if index is not None:
        opened = invoicing.open_invoice(work, autobill, index)
        modification_invoices.move_payments(work, closed, opened)
    return change


def _check_not_behind(work: Work, autobill: AutoBill) -> None:
    """A billing that should have been before today comes first. Raises InvalidRequest."""
    if autobill.next_billing_on is not None and autobill.next_billing_on < work.today:
        raise InvalidRequest(f"The billing of {autobill.next_billing_on} has not been done yet.")


def _items_changed(
    work: Work,
    autobill: AutoBill,
    running: Running,
    done: ItemChanges,
    assessor: TaxAssessor,
    *,
    prorated: bool,
    in_full: bool,
) -> Change:
    """Items alone: the rest of the running period is credited and charged, if that is wanted."""
    credits_, debits = [], []
    change = Change(autobill, plan_cycle=running.plan_cycle, sources=running.invoices)
    if prorated:
        paid = {line.line.autobill_item_vid for line in running.lines}
        charged = [*done.added, *(item for item in done.edited if item.vid in paid)]
        credits_ = modification_lines.credits_of(work, autobill, running, [*done.removed, *done.edited])
        debits = [
            undoing(line, [*credits_, *running.given_back])
            for line in modification_lines.debits_of(
                work, autobill, running, charged, assessor, in_full=in_full
            )
        ]
        billed = {line.autobill_item_vid for line in debits}
        change.billed = [item for item in done.added if item.vid in billed]
        _count(work, autobill, change.billed, running.last_day)
        new = {item.vid for item in change.billed}
        autobill.discounts = after_billing(
            autobill.discounts, [line for line in debits if line.autobill_item_vid in new]
        )
    period = ServicePeriod(work.today, running.last_day) if running.last_day is not None else None
    change.lines = _closed([*credits_, *debits], assessor.currency, period)
    change.net = net(change.lines, assessor.currency)
    if change.net.is_positive:
        change.invoice = modification_invoices.bill(
            work, autobill, change.lines, None, running.plan_cycle, free=running.is_free
        )
    return change


def _plan_changed(
    work: Work,
    autobill: AutoBill,
    plan: BillingPlan,
    day: date,
    running: Running,
    done: ItemChanges,
    assessor: TaxAssessor,
    campaign_code: str | None,
    *,
    prorated: bool,
) -> Change:
    """Another plan from today on: its first cycle in full, less what is left of the old one."""
    _end_scheduled(work, autobill)
    item_history.note_plan(work, autobill, plan, day)
    _put_on(autobill, plan)
    index = running.last_index + 1
    autobill.plan_start_on, autobill.plan_cycle_offset = day, index
    autobill.moves = tuple(move for move in autobill.moves if move.index < index)
    autobill.billing_day, autobill.billing_day_given = day.day, False
    autobill_checks.check(autobill)
    work.uow.flush()
    _redeem(work, autobill, done, plan, campaign_code)
    at = schedule.cycle(work, autobill, index)
    if at is None or at.billing_date > max(day, work.today):
        return _waits_for_season(work, autobill, running, done, assessor, prorated=prorated)
    debits = [
        line
        for line in projecting.charges(work, autobill, at, assessor)
        if line.service_start == at.service_start and line.units_used is None and not line.is_tax_summary
    ]
    change = Change(autobill, plan_cycle=at.plan_cycle, sources=running.invoices)
    change.billed = projecting.billed_items(work, autobill, at)
    credits_ = modification_lines.credits_of(
        work, autobill, running, [*done.removed, *change.billed], with_plan=True
    )
    period = ServicePeriod(at.service_start, at.service_end)
    change.lines = _closed([*(credits_ if prorated else ()), *debits], assessor.currency, period)
    change.net = net(change.lines, assessor.currency)
    lines = change.lines
    if not change.net.is_positive:
        # What is left of the old plan pays the first cycle of the new one, and the rest of it is given back.
        costs = not net(debits, assessor.currency).is_zero
        balance = [paid_with_the_rest(debits, assessor.currency)] if costs else []
        lines = _closed([*debits, *balance], assessor.currency, period)
    change.invoice = modification_invoices.bill(work, autobill, lines, at, at.plan_cycle, free=at.free)
    _count(work, autobill, change.billed, at.service_end)
    autobill.discounts = after_billing(autobill.discounts, debits)
    standing = BillingState.FREE_TRIAL if at.free else BillingState.GOOD_STANDING
    autobill.billing_state = standing.value  # shown by CHANGE_PLAN alone, not as a STATUS_CHANGE
    return change


def _waits_for_season(
    work: Work,
    autobill: AutoBill,
    running: Running,
    done: ItemChanges,
    assessor: TaxAssessor,
    *,
    prorated: bool,
) -> Change:
    """The new plan bills with its next season (billing-engine §5): now the old one is given back, no more."""
    change = Change(autobill, begins=False, sources=running.invoices)
    items = [*done.removed, *autobill.items]
    credits_ = (
        modification_lines.credits_of(work, autobill, running, items, with_plan=True) if prorated else []
    )
    change.lines = _closed(credits_, assessor.currency, None)
    change.net = net(change.lines, assessor.currency)
    autobill.billing_state = BillingState.GOOD_STANDING.value
    return change


def _put_on(autobill: AutoBill, plan: BillingPlan) -> None:
    autobill.billing_plan = plan
    autobill.billing_plan_vid = plan.vid
    autobill.discounts = without_plan(autobill.discounts)


def _redeem(
    work: Work, autobill: AutoBill, done: ItemChanges, plan: BillingPlan | None, campaign_code: str | None
) -> None:
    """The codes of added items, and that of another plan. Raises CampaignCodeRefused."""
    for_plan = campaign_code if plan is not None else None
    discounting.apply(work, autobill, discounting.Codes(for_plan=for_plan, by_item=done.codes))
    postponing.begin_free_time(work, autobill)


def _is_served_for_free(work: Work, autobill: AutoBill) -> bool:
    """Whether it began with free time by a campaign, and nothing was billed so far."""
    return any(move.index == 0 for move in autobill.moves) and not any(
        one.billed_on for one in work.uow.invoices.of_autobill(autobill.vid)
    )


def _end_scheduled(work: Work, autobill: AutoBill) -> None:
    """Items that were to go with the next billing go with this one."""
    for item in autobill.items:
        ends_by_itself = item.cycles is not None and item.cycles_billed >= item.cycles
        if item.removed_on is not None and item.removed_on > work.today and not ends_by_itself:
            item.removed_on = work.today


def _count(work: Work, autobill: AutoBill, items: Iterable[AutoBillItem], last: date | None) -> None:
    """Items that were billed have one cycle less to go."""
    if last is None:
        return
    for item in items:
        counted = projecting.timing(work, autobill, item).after_billing(last)
        item.cycles_billed, item.removed_on = counted.cycles_billed, counted.removed_on


def _closed(lines: Sequence[Line], currency: str, period: ServicePeriod | None) -> tuple[Line, ...]:
    return numbered([*lines, tax_summary(lines, currency, period)])
