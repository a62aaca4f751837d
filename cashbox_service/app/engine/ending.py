"""The end of AutoBills: a cycle nobody paid is given up, a plan is over, one is cancelled at once.

Source: billing-engine §9.2, §9.6, §13, autobill §3.3, §6.5. Everything runs inside the caller's transaction with the
account and the AutoBill locked.
"""

from __future__ import annotations

from datetime import date

from cashbox_service.app.bills import owing
from cashbox_service.app.context import Work
from cashbox_service.app.engine import entitling, invoicing, standing
from cashbox_service.app.subscriptions import item_history
from cashbox_service.domain import autobill_state
from cashbox_service.domain.autobill_state import AutoBillEvent, AutoBillStatus
from cashbox_service.domain.calendar import add_days, midnight
from cashbox_service.domain.cancel_reason import ENDED, NOT_COLLECTED
from cashbox_service.domain.item_history import ItemAction
from cashbox_service.store.entities import AutoBill


def close(work: Work, autobill: AutoBill) -> None:
    """It ends by itself: the day has come."""
    if autobill.status == AutoBillStatus.PENDING_CANCEL:
        _leave(work, autobill)
        return
    if autobill.status == AutoBillStatus.PENDING_ACTIVATION:
        cancel_at_once(work, autobill, ENDED)  # its customer never came back
        return
    owed = work.uow.invoices.unpaid_of_autobill(autobill.vid)
    autobill.closes_on = None
    if owed:
        _give_up(work, autobill)
    else:
        _complete(work, autobill)


def _give_up(work: Work, autobill: AutoBill) -> None:
    """Cancelled / Failed To Collect: the debt stays on record and can still be paid; no service comes back."""
    standing.change(work, autobill, _after(autobill, AutoBillEvent.NOT_COLLECTED))
    autobill.cancel_reason_code = NOT_COLLECTED
    invoicing.close_open(work, autobill)
    owing.owe_usage(work, autobill)
    work.uow.flush()
    entitling.refresh(work, autobill)
    entitling.announce_end(work, autobill)
    _record(work, autobill)


def _complete(work: Work, autobill: AutoBill) -> None:
    """Expired; while entitlements of a fixed length last longer, Active / Billing Completed until they end."""
    entitling.refresh(work, autobill)
    owing.owe_usage(work, autobill)
    end_on = autobill.end_at.astimezone(work.zone).date() if autobill.end_at is not None else None
    if end_on is None or end_on >= work.today:
        standing.change(work, autobill, _after(autobill, AutoBillEvent.BILLING_ENDED))
        autobill.closes_on = add_days(end_on, 1) if end_on is not None else None
        return
    standing.change(work, autobill, _after(autobill, AutoBillEvent.PLAN_ENDED))
    entitling.announce_end(work, autobill)
    for event in ("EXPIRATION", "END"):
        work.uow.events.record_autobill(autobill.vid, event, work.now)
    work.uow.events.enqueue("autobills", "stop", autobill.vid, work.now)


def _leave(work: Work, autobill: AutoBill) -> None:
    """The entitlement of a cancelled AutoBill has run out; money that came late may have prolonged it."""
    end_on = autobill.end_at.astimezone(work.zone).date() if autobill.end_at is not None else None
    has_begun = any(one.billed_on is not None for one in work.uow.invoices.of_autobill(autobill.vid))
    if end_on is None or (end_on >= work.today and has_begun):
        autobill.closes_on = add_days(end_on, 1) if end_on is not None else None
        return
    autobill.closes_on = None
    standing.change(work, autobill, _after(autobill, AutoBillEvent.SERVICE_ENDED))
    entitling.announce_end(work, autobill)
    work.uow.events.record_autobill(autobill.vid, "END", work.now)


def can_end(autobill: AutoBill, *, at_once: bool) -> bool:
    """Whether cancelling changes anything: what has ended only loses what it still entitles to."""
    return _after(autobill, _event(at_once=at_once)) != standing.of(autobill)


def cancel(work: Work, autobill: AutoBill, reason_code: str) -> None:
    """No further billing; entitled to the end of what was paid (autobill §6.5).

    One that never began is over when it would have begun.
    """
    begins = None
    if autobill.status == AutoBillStatus.PENDING_ACTIVATION:
        begins = autobill.start_at.astimezone(work.zone).date()
    standing.change(work, autobill, _after(autobill, AutoBillEvent.CANCELLED))
    autobill.cancel_reason_code = reason_code
    invoicing.close_open(work, autobill)
    work.uow.flush()
    entitling.refresh(work, autobill)
    end_on = autobill.end_at.astimezone(work.zone).date() if autobill.end_at is not None else None
    day_after = add_days(end_on, 1) if end_on is not None else work.today
    _remove_items(work, autobill, begins or max(day_after, work.today))
    if autobill.status == AutoBillStatus.PENDING_CANCEL and end_on is not None:
        autobill.closes_on = begins or day_after
    _record(work, autobill)


def cancel_at_once(work: Work, autobill: AutoBill, reason_code: str) -> None:
    """No further billing, and no entitlement from now on; nothing happens to one that has ended already.

    One that only waited for its end keeps the reason for which it was cancelled.
    """
    cancelled = _after(autobill, AutoBillEvent.CANCELLED_AT_ONCE)
    if cancelled == standing.of(autobill):
        return
    standing.change(work, autobill, cancelled)
    autobill.cancel_reason_code = autobill.cancel_reason_code or reason_code
    autobill.disentitled_at = work.now
    _remove_items(work, autobill, work.today)
    invoicing.close_open(work, autobill)
    work.uow.flush()
    entitling.refresh(work, autobill)
    _record(work, autobill)


def _remove_items(work: Work, autobill: AutoBill, day: date) -> None:
    """From that day on nothing is billed; what was removed before stays so."""
    for item in autobill.items:
        if item.removed_on is None or item.removed_on > day:
            item.removed_on = day
            effective = work.now if day == work.today else midnight(day, work.zone)
            item_history.note_item(work, autobill, item, ItemAction.REMOVE, effective)


def _record(work: Work, autobill: AutoBill) -> None:
    work.uow.events.record_autobill(autobill.vid, "CANCELLATION", work.now)
    work.uow.events.enqueue("autobills", "stop", autobill.vid, work.now)
    if autobill.status != AutoBillStatus.PENDING_CANCEL:
        work.uow.events.record_autobill(autobill.vid, "END", work.now)


def _event(*, at_once: bool) -> AutoBillEvent:
    return AutoBillEvent.CANCELLED_AT_ONCE if at_once else AutoBillEvent.CANCELLED


def _after(autobill: AutoBill, event: AutoBillEvent) -> autobill_state.Standing:
    return autobill_state.after(standing.of(autobill), event, autobill.merchant_autobill_id)
