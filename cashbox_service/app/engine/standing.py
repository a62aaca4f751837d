"""How an AutoBill stands after money came or went: status, billing state, retries, entitlements (autobill §3)."""

from __future__ import annotations

from collections.abc import Sequence

from cashbox_service.app.context import Work
from cashbox_service.app.engine import entitling, schedule
from cashbox_service.domain import autobill_state as rules
from cashbox_service.domain.autobill_state import AutoBillEvent, AutoBillStatus, BillingState
from cashbox_service.domain.calendar import add_days
from cashbox_service.domain.invoice import InvoiceState, overdue_from
from cashbox_service.domain.retry import given_up_on, grace_days_of, next_retry
from cashbox_service.domain.schedule import last_day
from cashbox_service.store.entities import AutoBill, Invoice

_WAITING = (BillingState.IN_RETRY, BillingState.UNUSABLE_PAYMENT_METHOD, BillingState.GRACE_PERIOD)
"""An unpaid cycle is served for a while."""

_OWED = (InvoiceState.DUE, InvoiceState.OVERDUE)


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


def charged_unpaid(work: Work, autobill: AutoBill) -> list[Invoice]:
    """Unpaid invoices that the AutoBill's payment method is charged for, oldest first."""
    return [one for one in work.uow.invoices.unpaid_of_autobill(autobill.vid) if not one.by_hand]


def overdue_by_hand(work: Work, autobill: AutoBill, unpaid: Sequence[Invoice] | None = None) -> bool:
    """Whether the customer let an invoice pass that is to be paid by hand; one that is Due harms nothing.

    ``unpaid`` are the AutoBill's invoices that are, here and below, when the caller has loaded them already.
    """
    if unpaid is None:
        unpaid = work.uow.invoices.unpaid_of_autobill(autobill.vid)
    return any(one.by_hand and one.state == InvoiceState.OVERDUE for one in unpaid)


def settled(
    work: Work, autobill: AutoBill, healed: rules.Standing, unpaid: Sequence[Invoice] | None = None
) -> None:
    """Nothing that is charged is unpaid: no retries are left, and only an invoice passed by hand is in the way."""
    autobill.retry_on = None
    if overdue_by_hand(work, autobill, unpaid):
        healed = rules.after(healed, AutoBillEvent.INVOICE_OVERDUE)
    change(work, autobill, healed)
    expect_end(work, autobill, unpaid)


def expect_end(work: Work, autobill: AutoBill, unpaid: Sequence[Invoice] | None = None) -> None:
    """Note the day on which the AutoBill ends by itself, when nothing changes (billing-engine §9.2, §9.5, §13).

    One that is cancelled, or waits for its customer, knows its day already.
    """
    if autobill.status in (AutoBillStatus.PENDING_CANCEL, AutoBillStatus.PENDING_ACTIVATION):
        return
    autobill.closes_on = None
    if autobill.status != AutoBillStatus.ACTIVE:
        return
    if unpaid is None:
        work.uow.flush()
        unpaid = work.uow.invoices.unpaid_of_autobill(autobill.vid)
    charged = [one for one in unpaid if not one.by_hand]
    overdue = [one for one in unpaid if one.by_hand and one.state == InvoiceState.OVERDUE]
    patience = work.settings.map_cancel_after_days
    if autobill.billing_state in _WAITING and charged and charged[0].unpaid_since is not None:
        grace = grace_days_of(autobill.billing_plan.name_values, work.settings.grace_days)
        autobill.closes_on = given_up_on(charged[0].unpaid_since, work.settings.retry_days, grace)
    elif overdue and patience is not None:
        autobill.closes_on = add_days(overdue[0].due_on, patience)
    elif autobill.next_cycle is None and not unpaid:
        last = last_day(schedule.terms_of(work, autobill))
        autobill.closes_on = add_days(last, 1) if last is not None else None


def stands_as_before(autobill: AutoBill, invoice: Invoice, was: str) -> bool:
    """Whether an AutoBill is the same after a payment paid off its ``invoice``, which ``was`` in that state before.

    It is when the customer pays by hand and in time, and the AutoBill stands well and is billed again: a period counts
    as paid as long as its invoice is Due (billing-engine §10), and there is nothing to heal or to call off.
    """
    return (
        was == InvoiceState.DUE
        and invoice.by_hand
        and autobill.status == AutoBillStatus.ACTIVE
        and autobill.billing_state == BillingState.GOOD_STANDING
        and autobill.next_cycle is not None
        and autobill.closes_on is None
        and autobill.retry_on is None
        and autobill.disentitled_at is None
    )


def after_payment(work: Work, autobill: AutoBill) -> None:
    """Good standing once nothing is unpaid; remaining retries are dropped (autobill §6.26, §6.30)."""
    work.uow.flush()
    ended = autobill.status in rules.ENDED
    latest = work.uow.invoices.latest_of_autobill(autobill.vid)
    unpaid = sorted((one for one in latest if one.state in _OWED), key=lambda one: (one.due_on, one.number))
    charged = [one for one in unpaid if not one.by_hand]
    if charged and not ended:
        _collect_next(work, autobill, charged[0])
    if charged or (ended and unpaid):
        expect_end(work, autobill, unpaid)
        return
    billed = work.uow.invoices.last_billed(autobill.vid)
    free = billed is not None and billed.free
    settled(work, autobill, rules.after_everything_paid(of(autobill), free=free), unpaid)
    entitling.refresh(work, autobill, latest)


def _collect_next(work: Work, autobill: AutoBill, oldest: Invoice) -> None:
    """A cycle that waited behind the one that is paid now is collected by the next run (billing-engine §9.2)."""
    if oldest.attempts or schedule.paid_by_hand(autobill):
        return
    if autobill.billing_state == BillingState.GRACE_PERIOD:
        change(work, autobill, rules.after(of(autobill), AutoBillEvent.PAYMENT_METHOD_REPLACED))
    if autobill.billing_state == BillingState.IN_RETRY:
        autobill.retry_on = work.today


def after_loss(work: Work, autobill: AutoBill, reopened: Sequence[Invoice]) -> None:
    """Paid invoices are unpaid again: a failed attempt of that day, or an overdue invoice (autobill §6.27).

    Retries and grace of what is charged run anew from today (billing-engine §7). On an AutoBill that has ended only the
    invoices change.
    """
    work.uow.flush()
    charged = [invoice for invoice in reopened if not invoice.by_hand]
    for invoice in charged:
        invoice.lost_on = work.today
        if invoice.overdue_on is None:
            invoice.overdue_on = overdue_from(invoice.due_on, paid_by_hand=False, first_failure_on=work.today)
    overdue = any(invoice.state == InvoiceState.OVERDUE for invoice in reopened)
    if charged or overdue:
        change(
            work,
            autobill,
            rules.after_money_taken_back(of(autobill), paid_by_hand=not charged, overdue=overdue),
        )
    if charged and autobill.billing_state == BillingState.IN_RETRY:
        coming = next_retry(work.today, work.settings.retry_days, after=work.today)
        autobill.retry_on = min((day for day in (autobill.retry_on, coming) if day is not None), default=None)
    expect_end(work, autobill)
    entitling.refresh(work, autobill)
