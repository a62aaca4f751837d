"""Moving the next billing: to a date, by days, to another day of the month (autobill §6.6 – §6.8, engine §3.3).

The period that runs is stretched, and so are the entitlements; the days between cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from cashbox_service.app import idempotency
from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import Reference
from cashbox_service.app.engine import entitling, invoicing, notices, schedule, standing
from cashbox_service.app.subscriptions import autobill_checks, autobill_lookup
from cashbox_service.domain.autobill_state import AutoBillStatus, BillingState
from cashbox_service.domain.calendar import add_days, first_on_or_after
from cashbox_service.domain.catalog import PeriodType
from cashbox_service.domain.errors import (
    AutoBillNotFound,
    IllegalState,
    InvalidRequest,
    InvalidValue,
    MissingDelay,
)
from cashbox_service.domain.schedule import Cycle, Move
from cashbox_service.store.entities import AutoBill

_UNPAID = (BillingState.IN_RETRY, BillingState.UNUSABLE_PAYMENT_METHOD, BillingState.GRACE_PERIOD)
_IN_GOOD_STANDING = (BillingState.GOOD_STANDING, BillingState.FREE_TRIAL)
_MONTHLY = (PeriodType.MONTH, PeriodType.YEAR)


def delay_to(work: Work, reference: Reference, day: date | None, *, permanently: bool) -> AutoBill:
    """Raises MissingField, MissingDelay, AutoBillNotFound, InvalidRequest."""

    def move(autobill: AutoBill) -> None:
        if day is None:
            raise MissingDelay("newBillingDate")
        _delay(work, autobill, day, permanently=permanently, field="newBillingDate", value=day)

    return _moved(work, reference, move)


def delay_by(work: Work, reference: Reference, days: int | None, *, permanently: bool) -> AutoBill:
    """Raises MissingField, MissingDelay, AutoBillNotFound, InvalidRequest."""

    def move(autobill: AutoBill) -> None:
        if days is None or days <= 0:
            raise MissingDelay("delayDays")
        day = add_days(_coming(work, autobill).billing_date, days)
        _delay(work, autobill, day, permanently=permanently, field="delayDays", value=days)

    return _moved(work, reference, move)


def change_day(work: Work, reference: Reference, day: int | None) -> AutoBill:
    """Raises MissingField, AutoBillNotFound, InvalidRequest."""

    def move(autobill: AutoBill) -> None:
        if day is None:
            raise InvalidRequest("dayOfMonth is missing.")
        move_to_day(work, autobill, day, "dayOfMonth")

    return _moved(work, reference, move)


def move_to_day(work: Work, autobill: AutoBill, day: int, field: str) -> None:
    """The next billing moves forward to the first such day, and with monthly plans all later ones (autobill §6.8).

    Inside the caller's write transaction. Raises InvalidValue, IllegalState.
    """
    autobill_checks.check_day(field, day)
    coming = _coming(work, autobill)
    if autobill.billing_state not in _IN_GOOD_STANDING:
        raise _refused(autobill)
    to = first_on_or_after(coming.service_start, day)
    work.uow.events.record_autobill(autobill.vid, "DELAY_BILL", work.now)
    autobill.billing_day = day
    if is_monthly(autobill, coming):
        autobill.moves = (*autobill.moves, Move(coming.index, to, permanent=True, anchor_day=day))
    elif to != coming.service_start:
        autobill.moves = (*autobill.moves, Move(coming.index, to))


def _moved(work: Work, reference: Reference, move: Callable[[AutoBill], None]) -> AutoBill:
    found = autobill_lookup.resolve(work, reference)
    with work.writing():
        accounts.lock(work, found.account_vid)
        autobill = work.uow.autobills.lock(found.vid)
        if autobill is None:
            raise AutoBillNotFound("VID", found.vid)
        if not idempotency.done_before(work):
            before = autobill.next_billing_on
            move(autobill)
            follow_up(work, autobill)
            if autobill.next_billing_on != before:
                notices.delayed(work, autobill)
    return autobill


def follow_up(work: Work, autobill: AutoBill) -> None:
    """What follows from a billing that was moved: the Open invoice, the end of the plan, the entitlements."""
    autobill.modified_at = work.now
    work.uow.flush()
    invoicing.refresh_open(work, autobill)
    standing.expect_end(work, autobill)
    entitling.refresh(work, autobill)


def _delay(
    work: Work, autobill: AutoBill, day: date, *, permanently: bool, field: str, value: object
) -> None:
    """To the day on which the billing already is, nothing moves: merchants touch an AutoBill that way."""
    coming = _coming(work, autobill)
    if autobill.billing_state in _UNPAID:
        raise _refused(autobill)
    if day < coming.billing_date:
        raise InvalidValue(field, value, f"lies before the next billing on {coming.billing_date}")
    if day < work.today:
        raise InvalidValue(field, value, "lies in the past")
    work.uow.events.record_autobill(autobill.vid, "DELAY_BILL", work.now)
    if day == coming.billing_date:
        return
    service = add_days(day, (coming.service_start - coming.billing_date).days)
    autobill.moves = (*autobill.moves, Move(coming.index, service, permanent=permanently))
    moved = schedule.cycle(work, autobill, coming.index)
    if moved is None or moved.billing_date != day:
        raise InvalidValue(field, value, "is not a day on which it can be billed")
    if permanently and is_monthly(autobill, coming):
        autobill.billing_day = service.day


def _coming(work: Work, autobill: AutoBill) -> Cycle:
    """The cycle billed next. Raises IllegalState when there is none, or nothing has begun."""
    index = autobill.next_cycle
    coming = schedule.cycle(work, autobill, index) if index is not None else None
    if coming is None or autobill.status != AutoBillStatus.ACTIVE:
        raise _refused(autobill)
    return coming


def _refused(autobill: AutoBill) -> IllegalState:
    state = f"{autobill.status} / {autobill.billing_state}"
    return IllegalState("AutoBill", autobill.merchant_autobill_id, state)


def is_monthly(autobill: AutoBill, at: Cycle) -> bool:
    """Whether the cycle is of a period counted in months or years."""
    return autobill.billing_plan.periods[at.period_index].type in _MONTHLY
