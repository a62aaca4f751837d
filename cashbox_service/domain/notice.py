"""What an AutoBill's customer is told, and on which day: announcements of bills, warnings of an end.

Days are those of the business zone. Source: billing-engine §4.1, §6, §11; autobill §1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from cashbox_service.domain.calendar import add_days


class Notice(StrEnum):
    """The kinds of notices, as the events are called that tell whoever sends them."""

    PRE_BILLING = "preBilling"
    PRE_BILLING_NO_PAYMENT_METHOD = "preBillingNoPaymentMethod"
    SUCCESS = "success"
    FAILURE_SOFT = "failureSoftFail"
    FAILURE_HARD = "failureHardFail"
    FAILURE_NO_PAYMENT_METHOD = "failureNoPaymentMethod"
    BILLING_DELAY = "billingDelay"
    BILLING_DELAY_NO_PAYMENT_METHOD = "billingDelayNoPaymentMethod"
    EXPIRATION_WARNING = "expirationWarning"
    STATEMENT = "statement"
    INVOICE = "invoice"
    DUNNING = "dunning"
    CANCELLATION = "cancellation"
    CARD_EXPIRATION = "cardExpiration"
    FAMILY_LINKED = "familyLinked"
    FAMILY_UNLINKED = "familyUnlinked"


TOPIC = "emails"
"""What the outbox calls notices."""


@dataclass(frozen=True, slots=True)
class AnnouncedPrice:
    """The price per unit that a customer was told: of the plan, or of an item."""

    price: Decimal
    item_vid: str | None = None


@dataclass(frozen=True, slots=True)
class Reminder:
    """The next reminder of an unpaid invoice: on that day the one after so many that were ``given``."""

    invoice_id: str
    due_on: date
    given: int
    on: date


@dataclass(frozen=True, slots=True)
class NoticeBook:
    """What an AutoBill's customer was told of a coming cycle, and is to be warned of.

    ``given`` are the notices that went out for ``cycle`` of ``plan_vid``; ``prices`` what a pre-billing notice named,
    which the cycle keeps. ``warn_on`` is the day of a warning that a trial or the plan ends, ``reminders`` are those to
    come of invoices that the customer pays by hand.
    """

    cycle: int | None = None
    plan_vid: str | None = None
    given: tuple[str, ...] = ()
    prices: tuple[AnnouncedPrice, ...] = ()
    warn_on: date | None = None
    reminders: tuple[Reminder, ...] = ()

    def is_about(self, cycle: int, plan_vid: str) -> bool:
        """Whether it holds what was told of that cycle."""
        return self.cycle == cycle and self.plan_vid == plan_vid

    def announced(self, cycle: int, plan_vid: str, item_vid: str | None) -> Decimal | None:
        """The price that was announced for a cycle's plan or item; None when nothing was."""
        if not self.is_about(cycle, plan_vid):
            return None
        return next((one.price for one in self.prices if one.item_vid == item_vid), None)


def days_ahead(billing_on: date, ahead: Iterable[tuple[Notice, int]]) -> dict[Notice, date]:
    """The day of each notice that goes out so many days before a billing; 0 days are none."""
    return {notice: add_days(billing_on, -days) for notice, days in ahead if days > 0}


def warning_day(last_day: date, days: int | None) -> date | None:
    """The day of a warning so many days before the last day; None when there is none."""
    return add_days(last_day, -days) if days else None


def next_reminder(invoice_id: str, due_on: date, days: Sequence[int], *, after: date) -> Reminder | None:
    """The first reminder of an invoice on a day behind ``after``; None when all its days have gone by.

    ``days`` are counted from the due date, ascending (billing-engine §6).
    """
    for given, number in enumerate(days):
        on = add_days(due_on, number)
        if on > after:
            return Reminder(invoice_id, due_on, given, on)
    return None


def reached(reminder: Reminder, days: Sequence[int], day: date) -> int:
    """Which reminder is given on a day on which one is due, from 1: the latest whose day has come.

    Customers get one letter where a run was missed for so long that several would be due.
    """
    past = sum(add_days(reminder.due_on, number) <= day for number in days)
    return max(past, reminder.given + 1)
