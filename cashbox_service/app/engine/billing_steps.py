"""What a billing run does for one AutoBill on one day: age invoices, try again, bill, or end it.

Each step runs inside the run's write transaction with the account locked, and asks nobody: what a processor has to be
asked is handed back. Source: billing-engine §1, §6, §7, §9, §13.
"""

from __future__ import annotations

from datetime import date
from enum import Enum, auto

from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.app.engine import (
    collecting,
    ending,
    entitling,
    invoicing,
    notices,
    parking,
    postponing,
    standing,
)
from cashbox_service.app.engine.collecting import Asking
from cashbox_service.app.engine.schedule import paid_by_hand
from cashbox_service.domain import autobill_state
from cashbox_service.domain.autobill_state import ENDED, AutoBillEvent
from cashbox_service.domain.invoice import InvoiceEvent, InvoiceState, transition
from cashbox_service.domain.money import Money
from cashbox_service.store.entities import AutoBill, Invoice


class Step(Enum):
    """Something was done, and nobody has to be asked."""

    DONE = auto()


def take(work: Work, autobill: AutoBill, day: date, *, again: bool = False) -> Step | Asking | None:
    """The next thing that is due by ``day``; None when nothing is.

    ``again``: a step was done for it just now; an attempt that this one made possible follows at once. Raises
    ImpossibleState for an AutoBill that must not be billed.
    """
    if autobill.parked_reason is not None:
        return None
    parking.check(work, autobill)
    aged = _age(work, autobill, day)
    told = notices.give(work, autobill, day)
    retry_on = _retry_day(work, autobill)
    if retry_on is not None and retry_on <= (work.today if again else day):
        taken = _retry(work, autobill)
    elif _is_billed_by(work, autobill, day):
        taken = _bill(work, autobill, day)
    elif autobill.closes_on is not None and autobill.closes_on <= day:
        ending.close(work, autobill)
        taken = Step.DONE
    else:
        taken = None
    return taken or (Step.DONE if aged or told else None)


def has_more(work: Work, autobill: AutoBill, day: date) -> bool:
    """Whether a further step is due by ``day``, or at once because of the one before; a waiting one may not be."""
    if autobill.parked_reason is not None:
        return False
    return (
        (autobill.retry_on is not None and autobill.retry_on <= work.today)
        or (autobill.closes_on is not None and autobill.closes_on <= day)
        or (autobill.notify_on is not None and autobill.notify_on <= day)
        or _is_billed_by(work, autobill, day)
    )


def _is_billed_by(work: Work, autobill: AutoBill, day: date) -> bool:
    return (
        autobill.next_billing_on is not None
        and autobill.next_billing_on <= day
        and autobill.status not in ENDED
        and autobill.start_at <= work.now
    )


def _retry_day(work: Work, autobill: AutoBill) -> date | None:
    """The day of the next attempt; None while money for the oldest unpaid invoice is on its way."""
    if autobill.retry_on is None:
        return None
    oldest = next(iter(standing.charged_unpaid(work, autobill)), None)
    waits = oldest is not None and collecting.has_pending_payment(work, oldest)
    return None if waits else autobill.retry_on


def _age(work: Work, autobill: AutoBill, day: date) -> bool:
    """Due invoices whose day has passed become Overdue; so does an AutoBill paid by hand."""
    aging = work.uow.invoices.turning_overdue(autobill.vid, day)
    for invoice in aging:
        invoice.state = transition(
            invoice.invoice_id,
            InvoiceState(invoice.state),
            InvoiceEvent.DUE_DATE_PASSED,
            balance=Money.of(invoice.balance, invoice.currency),
        ).value
        work.uow.events.mention("invoices", "overdue", invoice.vid, work.now, on=day)
        if invoice.by_hand:
            event = AutoBillEvent.INVOICE_OVERDUE
            standing.change(work, autobill, autobill_state.after(standing.of(autobill), event))
            standing.expect_end(work, autobill)
    if aging:
        work.uow.flush()
    return bool(aging)


def _bill(work: Work, autobill: AutoBill, day: date) -> Step | Asking:
    """The day of the Open invoice: it becomes Due, and is collected unless the customer pays by hand."""
    invoice = work.uow.invoices.open_of(autobill.vid)
    assert invoice is not None
    if postponing.begin_free_time(work, autobill) or postponing.use_time_credit(work, autobill):
        work.uow.events.mention("invoices", "postponed", invoice.vid, work.now, on=day)
        return Step.DONE
    waiting = bool(standing.charged_unpaid(work, autobill))
    owing = waiting or standing.overdue_by_hand(work, autobill)
    billed = invoicing.bill(work, autobill, invoice)
    work.uow.events.mention("invoices", "billed", invoice.vid, work.now, on=day)
    uses = crediting.planned(work, autobill, billed.owed)
    owed = billed.owed - crediting.total(uses, autobill.currency)
    if billed.owed.is_zero or (owed.is_zero and not waiting):
        collecting.settle_without_money(work, autobill, invoice, uses)
        return Step.DONE
    if paid_by_hand(autobill):
        _issue_by_hand(work, autobill, invoice, uses, owing)
        return Step.DONE
    if waiting:
        return Step.DONE  # no later cycle is attempted while an earlier one is unpaid (billing-engine §9.2)
    started = collecting.attempt(work, autobill, invoice)
    return started if isinstance(started, Asking) else Step.DONE


def _issue_by_hand(
    work: Work, autobill: AutoBill, invoice: Invoice, uses: list[crediting.Use], owing: bool
) -> None:
    """A further invoice for a customer who pays by hand; it does not heal an overdue one."""
    if not owing:
        invoicing.issue_by_hand(work, autobill, invoice, uses)
        return
    crediting.reserve(uses)
    crediting.consume(work, autobill.account, autobill, invoice, uses)
    notices.issued_by_hand(work, autobill, invoice)
    invoicing.grant_product_credit(work, autobill, invoice)
    standing.expect_end(work, autobill)
    entitling.refresh(work, autobill)


def _retry(work: Work, autobill: AutoBill) -> Step | Asking:
    """A further attempt at the oldest unpaid invoice; those after it follow once it is paid."""
    unpaid = standing.charged_unpaid(work, autobill)
    if not unpaid:
        autobill.retry_on = None
        return Step.DONE
    started = collecting.attempt(work, autobill, unpaid[0])
    return started if isinstance(started, Asking) else Step.DONE
