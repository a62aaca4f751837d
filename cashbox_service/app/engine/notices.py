"""Telling customers: what is due to be said on which day, and what is said when something happens (billing-engine §11).

A notice is an event of the outbox, written in the commit of its cause; whoever delivers mail decides by the templates
that there are. A pre-billing notice freezes the prices that it names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from cashbox_service.app.context import Work
from cashbox_service.app.engine import schedule
from cashbox_service.domain import notice as rules
from cashbox_service.domain.autobill_state import ENDED
from cashbox_service.domain.instruments import chargeable_alone
from cashbox_service.domain.invoice import InvoiceState
from cashbox_service.domain.lines import ItemType, amount_of
from cashbox_service.domain.notice import AnnouncedPrice, Notice, NoticeBook
from cashbox_service.domain.schedule import Cycle

if TYPE_CHECKING:
    from cashbox_service.store.entities import AutoBill, Invoice, Transaction

_NO_STATEMENT = "DoNotSend"


def plan_ahead(autobill: AutoBill, coming: Cycle | None) -> None:
    """Note the day on which the customer is told something next; ``coming`` is the cycle of the Open invoice."""
    days = [*_ahead(autobill, coming).values()] if coming is not None else []
    book = _book(autobill)
    days += [reminder.on for reminder in book.reminders]
    if book.warn_on is not None:
        days.append(book.warn_on)
    autobill.notify_on = min(days, default=None)


def stop(autobill: AutoBill) -> None:
    """Nothing more will be billed; what is still owed is reminded of."""
    if _book(autobill).warn_on is not None:
        autobill.notices = replace(_book(autobill), warn_on=None)
    plan_ahead(autobill, None)


def expect_end_of_period(autobill: AutoBill, billed: Cycle, coming: Cycle | None) -> None:
    """A cycle was billed: after the last one of a trial or plan, note when to warn of the end."""
    ends = coming is None or coming.opens_period
    period = autobill.billing_plan.periods[billed.period_index]
    warned = ends and autobill.warn_on_expiration
    day = rules.warning_day(billed.service_end, period.expire_warning_days) if warned else None
    if day is not None or _book(autobill).warn_on is not None:
        autobill.notices = replace(_book(autobill), warn_on=day)


def give(work: Work, autobill: AutoBill, day: date) -> bool:
    """Give the notices that are due by ``day``; whether there were any."""
    if autobill.notify_on is None or autobill.notify_on > day:
        return False
    coming = _coming(work, autobill)
    _remind(work, autobill, day)
    book = _book(autobill)
    if book.warn_on is not None and book.warn_on <= day:
        if autobill.status not in ENDED:
            _tell(work, Notice.EXPIRATION_WARNING, autobill)
        autobill.notices = replace(book, warn_on=None)
    if coming is not None:
        for notice, due in _ahead(autobill, coming).items():
            if due <= day:
                _announce(work, autobill, coming, notice)
    plan_ahead(autobill, coming)
    return True


def charged(work: Work, autobill: AutoBill, invoice: Invoice, transaction: Transaction) -> None:
    """A charge went well; one of nothing is not worth a letter."""
    if transaction.amount > 0:
        _tell(work, Notice.SUCCESS, autobill, invoice, transaction)


def failed(
    work: Work, autobill: AutoBill, invoice: Invoice, transaction: Transaction | None, *, hard: bool
) -> None:
    """An attempt failed, or there was nothing to charge (``transaction`` is None)."""
    notice = Notice.FAILURE_HARD if hard else Notice.FAILURE_SOFT
    if transaction is None:
        notice = Notice.FAILURE_NO_PAYMENT_METHOD
    _tell(work, notice, autobill, invoice, transaction)


def delayed(work: Work, autobill: AutoBill) -> None:
    """The merchant moved the next billing to a later day."""
    charged_then = _can_be_charged(autobill)
    notice = Notice.BILLING_DELAY if charged_then else Notice.BILLING_DELAY_NO_PAYMENT_METHOD
    _tell(work, notice, autobill, work.uow.invoices.open_of(autobill.vid))


def cancelled(work: Work, autobill: AutoBill) -> None:
    """The AutoBill was cancelled, at once or to its end."""
    _tell(work, Notice.CANCELLATION, autobill)


def issued_by_hand(work: Work, autobill: AutoBill, invoice: Invoice) -> None:
    """An invoice for the customer to pay goes out, unless it is not to be sent (billing-engine §6)."""
    if autobill.statement_format != _NO_STATEMENT:
        _tell(work, Notice.INVOICE, autobill, invoice)
    expect_reminders(work, autobill, invoice)


def expect_reminders(work: Work, autobill: AutoBill, invoice: Invoice) -> None:
    """An invoice is to be paid by hand: note when to remind of it, if its customer gets it from the service at all."""
    reminder = rules.next_reminder(
        invoice.invoice_id, invoice.due_on, work.settings.dunning_days, after=work.today
    )
    if autobill.statement_format == _NO_STATEMENT or invoice.balance <= 0 or reminder is None:
        return
    book = _book(autobill)
    others = tuple(one for one in book.reminders if one.invoice_id != invoice.invoice_id)
    autobill.notices = replace(book, reminders=(*others, reminder))
    autobill.notify_on = min(reminder.on, autobill.notify_on or reminder.on)


def _remind(work: Work, autobill: AutoBill, day: date) -> None:
    """Remind of the invoices whose day has come, and forget those that are no longer owed (billing-engine §6)."""
    book = _book(autobill)
    due = [reminder for reminder in book.reminders if reminder.on <= day]
    if not due:
        return
    waiting = [reminder for reminder in book.reminders if reminder.on > day]
    unpaid = {one.invoice_id: one for one in work.uow.invoices.unpaid_of_autobill(autobill.vid)}
    days, today = work.settings.dunning_days, max(work.today, day)
    for reminder in due:
        invoice = unpaid.get(reminder.invoice_id)
        if invoice is None or invoice.balance <= 0:
            continue
        number = rules.reached(reminder, days, today)
        _tell(work, Notice.DUNNING, autobill, invoice, reminder=str(number))
        further = rules.next_reminder(reminder.invoice_id, invoice.due_on, days, after=today)
        if further is not None:
            waiting.append(further)
    autobill.notices = replace(book, reminders=tuple(waiting))


def _ahead(autobill: AutoBill, coming: Cycle) -> dict[Notice, date]:
    """The notices that are still to be given before a cycle is billed, and their days."""
    given = _given(autobill, coming)
    days = rules.days_ahead(coming.billing_date, _kinds(autobill, coming))
    return {notice: day for notice, day in days.items() if notice.value not in given}


def _kinds(autobill: AutoBill, coming: Cycle) -> Iterator[tuple[Notice, int]]:
    period = autobill.billing_plan.periods[coming.period_index]
    silent = coming.opens_period and period.do_not_notify_first_bill
    if not silent:
        yield Notice.PRE_BILLING, autobill.billing_plan.prenotify_days or 0
    if autobill.statement_format != _NO_STATEMENT and not schedule.paid_by_hand(autobill):
        yield Notice.STATEMENT, autobill.statement_offset or 0


def _announce(work: Work, autobill: AutoBill, coming: Cycle, notice: Notice) -> None:
    invoice = work.uow.invoices.open_of(autobill.vid)
    if invoice is None:
        return
    book = _book(autobill)
    prices = book.prices if book.is_about(coming.index, autobill.billing_plan_vid) else ()
    if notice is not Notice.PRE_BILLING or autobill.account.warn_before_autobilling:
        from cashbox_service.app.engine import invoicing  # it plans notices itself

        invoicing.refresh_open(work, autobill)
        told = notice
        if notice is Notice.PRE_BILLING:
            prices = tuple(_prices(invoice))
            told = notice if _can_be_charged(autobill) else Notice.PRE_BILLING_NO_PAYMENT_METHOD
        _tell(work, told, autobill, invoice)
    autobill.notices = replace(
        book,
        cycle=coming.index,
        plan_vid=autobill.billing_plan_vid,
        given=(*_given(autobill, coming), notice.value),
        prices=prices,
    )


def _prices(invoice: Invoice) -> Iterator[AnnouncedPrice]:
    """The prices of plan and items as the customer is told them; rated lines follow their units."""
    for position, line in enumerate(invoice.lines):
        ordinary = line.item_type is ItemType.PURCHASE and not line.is_tax_summary and not line.name_values
        if ordinary and (line.autobill_item_vid is not None or position == 0):
            yield AnnouncedPrice(line.price, line.autobill_item_vid)


def _given(autobill: AutoBill, coming: Cycle) -> tuple[str, ...]:
    book = _book(autobill)
    return book.given if book.is_about(coming.index, autobill.billing_plan_vid) else ()


def _can_be_charged(autobill: AutoBill) -> bool:
    method = autobill.payment_method
    return method is not None and (
        schedule.paid_by_hand(autobill) or chargeable_alone(method.type, method.details)
    )


def _coming(work: Work, autobill: AutoBill) -> Cycle | None:
    if autobill.next_cycle is None or autobill.status in ENDED:
        return None
    return schedule.cycle(work, autobill, autobill.next_cycle)


def _book(autobill: AutoBill) -> NoticeBook:
    return autobill.notices or NoticeBook()


def _tell(
    work: Work,
    notice: Notice,
    autobill: AutoBill,
    invoice: Invoice | None = None,
    transaction: Transaction | None = None,
    **more: str,
) -> None:
    facts: dict[str, str] = {"autobill": autobill.vid, **more}
    if invoice is not None:
        facts["invoice"] = invoice.invoice_id
        if invoice.state == InvoiceState.OPEN:
            facts["amount"] = f"{amount_of(invoice.lines, invoice.currency):f} {invoice.currency}"
            facts["billing_on"] = invoice.invoice_on.isoformat()
    subject = transaction.vid if transaction is not None else autobill.vid
    work.uow.events.enqueue_notice(notice, subject, work.now, **facts)
