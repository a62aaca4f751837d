"""The billing run: does what is due for AutoBills, in date order, each step committed by itself (billing-engine §1).

A step is keyed by (AutoBill, autoBillCycle), which the database keeps unique, and takes the account's lock; so a second
run, another worker, or a crash in between never bills a cycle twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from cashbox_service.app import (
    accounts,
    collecting,
    crediting,
    ending,
    entitling,
    invoicing,
    postponing,
    standing,
)
from cashbox_service.app.context import MerchantContext, Work
from cashbox_service.app.environment import Environment
from cashbox_service.app.schedule import paid_by_hand
from cashbox_service.domain import autobill_state
from cashbox_service.domain.autobill_state import ENDED, AutoBillEvent
from cashbox_service.domain.errors import CashboxError, ConcurrentChange
from cashbox_service.domain.invoice import InvoiceEvent, InvoiceState, transition
from cashbox_service.domain.money import Money
from cashbox_service.faults import FaultPoint
from cashbox_service.logging import get_logger
from cashbox_service.store.entities import AutoBill, Invoice

log = get_logger(__name__)

BATCH = 200
MAX_CYCLES_A_RUN = 1000
"""Most cycles of one AutoBill that one run makes up; a limit against schedules gone wrong."""

_TICK = timedelta(microseconds=1)
"""What lies between two steps of a run at least, so that their transactions sort in the order they were made."""


@dataclass(slots=True)
class Step:
    """One thing a run did."""

    on: date
    autobill: str
    what: str
    invoice: str | None = None
    amount: str | None = None


@dataclass(slots=True)
class Report:
    """What a run did, in order."""

    steps: list[Step] = field(default_factory=list)

    def note(self, on: date, autobill: AutoBill, what: str, invoice: Invoice | None = None) -> None:
        number = amount = None
        if invoice is not None:
            number, total = invoice.invoice_id, invoice.charges + invoice.exclusive_tax
            amount = f"{Money.of(total, invoice.currency).amount:f} {invoice.currency}"
        self.steps.append(Step(on, autobill.merchant_autobill_id, what, number, amount))


def run(env: Environment, merchant: MerchantContext, until: datetime | None = None) -> Report:
    """Do everything that is due by ``until`` (the merchant's present when absent), oldest day first."""
    report = Report()
    for autobill_vid in _due(env, merchant, until):
        with _opened(env, merchant, until) as work:
            _billed(work, autobill_vid, report)
    return report


def _billed(work: Work, autobill_vid: str, report: Report) -> None:
    """Bill one AutoBill. One that cannot be billed is set aside and does not keep the others waiting."""
    try:
        _catch_up(work, autobill_vid, report)
    except ConcurrentChange:
        log.info("autobill left to the next run: another call was first", autobill=autobill_vid)
    except CashboxError as error:
        _park(work, autobill_vid, str(error))
    except Exception as error:
        log.exception("autobill not billed", autobill=autobill_vid, reason=type(error).__name__)


def run_all(env: Environment) -> int:
    """One run for every merchant; how many steps were done."""
    return sum(len(run(env, merchant).steps) for merchant in env.merchants())


@contextmanager
def _opened(env: Environment, merchant: MerchantContext, until: datetime | None) -> Iterator[Work]:
    """The work of one AutoBill; it may see a later present than the clock's."""
    work = env.open(merchant)
    if until is not None:
        work.now = until
    try:
        yield work
    finally:
        work.close()


def _due(env: Environment, merchant: MerchantContext, until: datetime | None) -> list[str]:
    with _opened(env, merchant, until) as work:
        return list(work.uow.autobills.due(work.today, limit=1_000_000))


def _catch_up(work: Work, autobill_vid: str, report: Report) -> None:
    """All steps of one AutoBill up to today, oldest day first.

    What was missed happens now: money is asked for at the present, and retry days that went by unused are made up by
    one attempt (billing-engine §9.2). Only the service dates are those of the schedule.
    """
    present = work.now
    for _ in range(MAX_CYCLES_A_RUN):
        day = _next_day(work, autobill_vid, present)
        if day is None:
            return
        _one_day(work, autobill_vid, day, report)
        work.now += _TICK
    log.warning("billing stopped at its limit", autobill=autobill_vid, cycles=MAX_CYCLES_A_RUN)


def _next_day(work: Work, autobill_vid: str, present: datetime) -> date | None:
    """The earliest day up to the present on which the AutoBill has something to do."""
    work.uow.end_reading()
    autobill = work.uow.autobills.by_vid(autobill_vid)
    if autobill is None or autobill.parked_reason is not None:
        return None
    today = present.astimezone(work.zone).date()
    days = [_retry_day(work, autobill), autobill.closes_on, *work.uow.invoices.overdue_days(autobill_vid)]
    if autobill.next_billing_on is not None and autobill.status not in ENDED:
        days.append(autobill.next_billing_on)
    ready = [day for day in days if day is not None and day <= today]
    if autobill.next_billing_on in ready and autobill.start_at > present:
        ready.remove(autobill.next_billing_on)
    return min(ready, default=None)


def _retry_day(work: Work, autobill: AutoBill) -> date | None:
    """The day of the next attempt; None while money for the oldest unpaid invoice is on its way."""
    if autobill.retry_on is None:
        return None
    oldest = next(iter(standing.charged_unpaid(work, autobill)), None)
    waits = oldest is not None and collecting.has_pending_payment(work, oldest)
    return None if waits else autobill.retry_on


def _one_day(work: Work, autobill_vid: str, day: date, report: Report) -> None:
    _age(work, autobill_vid, day, report)
    autobill = work.uow.autobills.by_vid(autobill_vid)
    assert autobill is not None
    retry_on = _retry_day(work, autobill)
    if retry_on is not None and retry_on <= day:
        _retry(work, autobill_vid, report)
    elif autobill.next_billing_on is not None and autobill.next_billing_on <= day:
        _bill(work, autobill_vid, day, report)
    elif autobill.closes_on is not None and autobill.closes_on <= day:
        _close(work, autobill_vid, day, report)


def _close(work: Work, autobill_vid: str, day: date, report: Report) -> None:
    """The day on which the AutoBill ends by itself."""
    with work.writing():
        autobill = _locked(work, autobill_vid)
        if autobill.closes_on is None or autobill.closes_on > day:
            return
        ending.close(work, autobill)
        report.note(day, autobill, autobill.status.lower())


def _age(work: Work, autobill_vid: str, day: date, report: Report) -> None:
    """Due invoices whose day has passed become Overdue; so does an AutoBill paid by hand."""
    with work.writing():
        autobill = _locked(work, autobill_vid)
        for invoice in work.uow.invoices.turning_overdue(autobill_vid, day):
            invoice.state = transition(
                invoice.invoice_id,
                InvoiceState(invoice.state),
                InvoiceEvent.DUE_DATE_PASSED,
                balance=Money.of(invoice.balance, invoice.currency),
            ).value
            report.note(day, autobill, "overdue", invoice)
            if invoice.by_hand:
                event = AutoBillEvent.INVOICE_OVERDUE
                standing.change(work, autobill, autobill_state.after(standing.of(autobill), event))
                standing.expect_end(work, autobill)


def _bill(work: Work, autobill_vid: str, day: date, report: Report) -> None:
    """The day of the Open invoice: it becomes Due, and is collected unless the customer pays by hand."""
    with work.writing():
        autobill = _locked(work, autobill_vid)
        invoice = work.uow.invoices.open_of(autobill_vid)
        if invoice is None or autobill.next_billing_on is None or autobill.next_billing_on > day:
            return
        if postponing.use_time_credit(work, autobill):
            report.note(day, autobill, "postponed", invoice)
            return
        waiting = bool(standing.charged_unpaid(work, autobill))
        owing = waiting or standing.overdue_by_hand(work, autobill)
        billed = invoicing.bill(work, autobill, invoice)
        report.note(day, autobill, "billed", invoice)
        uses = crediting.planned(work, autobill, billed.owed)
        owed = billed.owed - crediting.total(uses, autobill.currency)
        if billed.owed.is_zero or (owed.is_zero and not waiting):
            collecting.settle_without_money(work, autobill, invoice, uses)
            return
        if paid_by_hand(autobill):
            _issue_by_hand(work, autobill, invoice, uses, owing)
            return
        if waiting:
            return  # no later cycle is attempted while an earlier one is unpaid (billing-engine §9.2)
        autobill.retry_on = work.today  # should nobody get to ask for the money now, the next run does
    work.reach(FaultPoint.CYCLE_BILLED)
    collection = collecting.collect(work, autobill_vid, invoice.vid)
    report.note(day, autobill, "paid" if collection.paid else "not paid", invoice)


def _issue_by_hand(
    work: Work, autobill: AutoBill, invoice: Invoice, uses: list[crediting.Use], owing: bool
) -> None:
    """A further invoice for a customer who pays by hand; it does not heal an overdue one."""
    if not owing:
        invoicing.issue_by_hand(work, autobill, invoice, uses)
        return
    crediting.reserve(uses)
    crediting.consume(work, autobill.account, autobill, invoice, uses)
    invoicing.grant_product_credit(work, autobill, invoice)
    standing.expect_end(work, autobill)
    entitling.refresh(work, autobill)


def _retry(work: Work, autobill_vid: str, report: Report) -> None:
    """A further attempt at the oldest unpaid invoice, then at those after it once it is paid."""
    with work.writing():
        autobill = _locked(work, autobill_vid)
        unpaid = [invoice.vid for invoice in standing.charged_unpaid(work, autobill)]
        if not unpaid:
            autobill.retry_on = None
    for invoice_vid in unpaid:
        collection = collecting.collect(work, autobill_vid, invoice_vid)
        invoice = work.uow.invoices.by_vid(invoice_vid)
        report.note(work.today, autobill, "paid" if collection.paid else "not paid", invoice)
        if not collection.paid:
            return
        work.now += _TICK


def _locked(work: Work, autobill_vid: str) -> AutoBill:
    found = work.uow.autobills.by_vid(autobill_vid)
    assert found is not None
    accounts.lock(work, found.account_vid)
    autobill = work.uow.autobills.lock(autobill_vid)
    assert autobill is not None
    return autobill


def _park(work: Work, autobill_vid: str, reason: str) -> None:
    """Set aside an AutoBill that cannot be billed as it is: reported by the audit, not billed wrongly."""
    log.error("autobill parked", autobill=autobill_vid, reason=reason)
    with work.writing():
        _locked(work, autobill_vid).parked_reason = reason
