"""How an AutoBill stands after money came or went: status, billing state, retries, entitlements (autobill §3)."""

from __future__ import annotations

from cashbox_service.app import entitling
from cashbox_service.app.context import Work
from cashbox_service.app.schedule import paid_by_hand
from cashbox_service.domain import autobill_state as rules
from cashbox_service.domain.autobill_state import AutoBillStatus, BillingState
from cashbox_service.store.entities import AutoBill


def of(autobill: AutoBill) -> rules.Standing:
    """Status and billing state as a pair."""
    return rules.Standing(AutoBillStatus(autobill.status), BillingState(autobill.billing_state))


def change(work: Work, autobill: AutoBill, standing: rules.Standing) -> None:
    """Take on a standing; a difference is recorded and told."""
    if of(autobill) == standing:
        return
    autobill.status = standing.status.value
    autobill.billing_state = standing.billing_state.value
    autobill.modified_at = work.now
    work.uow.events.record_autobill(autobill.vid, "STATUS_CHANGE", work.now)


def after_payment(work: Work, autobill: AutoBill) -> None:
    """Good standing once nothing is unpaid; remaining retries are dropped (autobill §6.26, §6.30)."""
    work.uow.flush()
    if work.uow.invoices.unpaid_of_autobill(autobill.vid):
        return
    autobill.retry_on = None
    billed = [one for one in work.uow.invoices.of_autobill(autobill.vid) if one.billed_on is not None]
    free = bool(billed) and billed[-1].free
    change(work, autobill, rules.after_everything_paid(of(autobill), free=free))
    entitling.refresh(work, autobill)


def after_reversal(work: Work, autobill: AutoBill) -> None:
    """A cycle is unpaid again: a failed attempt of that day, or an overdue invoice (autobill §6.27)."""
    work.uow.flush()
    unpaid = work.uow.invoices.unpaid_of_autobill(autobill.vid)
    if not unpaid:
        return
    overdue = any(invoice.state == "Overdue" for invoice in unpaid)
    change(
        work,
        autobill,
        rules.after_money_taken_back(of(autobill), paid_by_hand=paid_by_hand(autobill), overdue=overdue),
    )
    entitling.refresh(work, autobill)
