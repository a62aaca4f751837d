"""The history of an AutoBill's items and plans: written with every change, and read (autobill §6.35, §6.37)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cashbox_service.app.context import Work
from cashbox_service.app.drafts import Reference
from cashbox_service.app.engine import schedule
from cashbox_service.app.subscriptions import autobill_lookup
from cashbox_service.domain.calendar import NEVER, midnight
from cashbox_service.domain.item_history import ItemAction, ItemSnapshot
from cashbox_service.ids import new_row_id
from cashbox_service.store.entities import (
    AutoBill,
    AutoBillItem,
    AutoBillItemChange,
    AutoBillPlanChange,
    BillingPlan,
)


def note_item(
    work: Work,
    autobill: AutoBill,
    item: AutoBillItem,
    action: ItemAction,
    effective_at: datetime | None = None,
) -> None:
    """Remember what was done to an item; inside the caller's transaction, after it was done.

    An item that is added takes effect on its first day unless told otherwise, anything else now.
    """
    if effective_at is None:
        effective_at = _begins(work, autobill, item) if action is ItemAction.ADD else work.now
    work.uow.autobill_history.add(
        AutoBillItemChange(
            row_id=new_row_id(),
            autobill_vid=autobill.vid,
            action=action.value,
            requested_at=work.now,
            effective_at=effective_at,
            item=_snapshot(item),
        )
    )


def note_plan(work: Work, autobill: AutoBill, plan: BillingPlan, on: date) -> None:
    """Remember that ``plan`` takes the place of the AutoBill's; before it does."""
    work.uow.autobill_history.add(
        AutoBillPlanChange(
            row_id=new_row_id(),
            autobill_vid=autobill.vid,
            from_plan_vid=autobill.billing_plan_vid,
            to_plan_vid=plan.vid,
            effective_on=on,
            requested_at=work.now,
        )
    )


def plan_in_force(work: Work, autobill: AutoBill) -> BillingPlan:
    """The plan that serves today: the one before, while the AutoBill's own waits for its first billing."""
    if not autobill.plan_cycle_offset:
        return autobill.billing_plan
    first = schedule.cycle(work, autobill, autobill.plan_cycle_offset)
    if first is None or first.service_start <= work.today:
        return autobill.billing_plan
    before = autobill.billing_plan_vid
    for change in reversed(work.uow.autobill_history.plan_changes(autobill.vid)):
        if change.effective_on <= work.today:
            return _plan(work, change.to_plan_vid)
        before = change.from_plan_vid
    return _plan(work, before)


@dataclass(frozen=True, slots=True)
class PlanSpan:
    """A plan and the days from which and to which it counted; open at the end for the last one."""

    plan: BillingPlan
    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class History:
    """The items' changes and the plans of an AutoBill, both oldest first; every item as its change left it."""

    autobill: AutoBill
    items: Sequence[tuple[AutoBillItemChange, AutoBillItem]]
    plans: Sequence[PlanSpan]


def fetch(work: Work, reference: Reference) -> History:
    """Raises MissingField, AutoBillNotFound."""
    autobill = autobill_lookup.resolve(work, reference)
    changes = work.uow.autobill_history.item_changes(autobill.vid)
    return History(
        autobill,
        [(change, _item(work, change.item)) for change in changes],
        list(_plans(work, autobill)),
    )


def _plans(work: Work, autobill: AutoBill) -> Iterator[PlanSpan]:
    """A change that another one took over before its day never counted."""
    start = autobill.start_at.astimezone(work.zone).date()
    made = work.uow.autobill_history.plan_changes(autobill.vid)
    if not made:
        yield PlanSpan(autobill.billing_plan, start, None)
        return
    counted: list[AutoBillPlanChange] = []
    for change in made:
        while counted and counted[-1].effective_on >= change.effective_on:
            counted.pop()
        counted.append(change)
    first = made[0].from_plan_vid
    vids = [first, *(change.to_plan_vid for change in counted)]
    days = [start, *(change.effective_on for change in counted)]
    for place, vid in enumerate(vids):
        until = days[place + 1] if place + 1 < len(days) else None
        if until is None or until > days[place]:
            yield PlanSpan(_plan(work, vid), days[place], until)


def _begins(work: Work, autobill: AutoBill, item: AutoBillItem) -> datetime:
    if not item.start_text:
        return (
            max(autobill.start_at, item.added_at)
            if autobill.created_at < item.added_at
            else autobill.start_at
        )
    day = schedule.item_start(work, autobill, item)
    if day == NEVER:
        return item.added_at  # its season is not known yet
    return work.now if day == work.today else midnight(day, work.zone)


def _snapshot(item: AutoBillItem) -> ItemSnapshot:
    return ItemSnapshot(
        vid=item.vid,
        index=item.index,
        product_vid=item.product_vid,
        added_at=item.added_at,
        quantity=item.quantity,
        merchant_autobill_item_id=item.merchant_autobill_item_id,
        amount=item.amount,
        rate_plan_vid=item.rate_plan_vid,
        token_vid=item.token_vid,
        cycles=item.cycles,
        cycles_billed=item.cycles_billed or 0,
        start_text=item.start_text,
        removed_on=item.removed_on,
        transitioned_from_vid=item.transitioned_from_vid,
    )


def _item(work: Work, kept: ItemSnapshot) -> AutoBillItem:
    """The item as it was, as a row that is not stored."""
    catalog = work.uow.catalog
    product = catalog.product_by_vid(kept.product_vid)
    assert product is not None
    item = AutoBillItem(
        vid=kept.vid,
        index=kept.index,
        merchant_autobill_item_id=kept.merchant_autobill_item_id,
        product_vid=kept.product_vid,
        amount=kept.amount,
        quantity=kept.quantity,
        token_vid=kept.token_vid,
        cycles=kept.cycles,
        cycles_billed=kept.cycles_billed,
        added_at=kept.added_at,
        removed_on=kept.removed_on,
        start_text=kept.start_text,
        transitioned_from_vid=kept.transitioned_from_vid,
        name_values=(),
        product=product,
    )
    if kept.rate_plan_vid is not None:
        item.rate_plan = catalog.rate_plan_by_vid(kept.rate_plan_vid)
    return item


def _plan(work: Work, vid: str) -> BillingPlan:
    plan = work.uow.catalog.plan_by_vid(vid)
    assert plan is not None
    return plan
