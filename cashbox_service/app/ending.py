"""AutoBills that end by themselves: a cycle nobody paid is given up, a plan is over (billing-engine §9.2, §13)."""

from __future__ import annotations

from cashbox_service.app import entitling, invoicing, standing
from cashbox_service.app.context import Work
from cashbox_service.domain import autobill_state
from cashbox_service.domain.autobill_state import AutoBillEvent
from cashbox_service.domain.calendar import add_days
from cashbox_service.domain.cancel_reason import NOT_COLLECTED
from cashbox_service.store.entities import AutoBill


def close(work: Work, autobill: AutoBill) -> None:
    """End the AutoBill, inside the caller's transaction with the account locked."""
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
    work.uow.flush()
    entitling.refresh(work, autobill)
    work.uow.events.record_autobill(autobill.vid, "CANCELLATION", work.now)
    work.uow.events.enqueue("autobills", "stop", autobill.vid, work.now)


def _complete(work: Work, autobill: AutoBill) -> None:
    """Expired; while entitlements of a fixed length last longer, Active / Billing Completed until they end."""
    entitling.refresh(work, autobill)
    end_on = autobill.end_at.astimezone(work.zone).date() if autobill.end_at is not None else None
    if end_on is None or end_on >= work.today:
        standing.change(work, autobill, _after(autobill, AutoBillEvent.BILLING_ENDED))
        autobill.closes_on = add_days(end_on, 1) if end_on is not None else None
        return
    standing.change(work, autobill, _after(autobill, AutoBillEvent.PLAN_ENDED))
    work.uow.events.record_autobill(autobill.vid, "EXPIRATION", work.now)
    work.uow.events.enqueue("autobills", "stop", autobill.vid, work.now)


def _after(autobill: AutoBill, event: AutoBillEvent) -> autobill_state.Standing:
    return autobill_state.after(standing.of(autobill), event, autobill.merchant_autobill_id)
