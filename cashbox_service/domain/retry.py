"""When an unpaid cycle is attempted again, how long it is served meanwhile, and when it is given up.

A soft decline may work later and keeps the retries going; a hard one will not, and ends them until there is another
payment method; which code is which stands in :mod:`cashbox_service.domain.auth_codes`. Days are counted from the
service date of the unpaid cycle. Source: billing-engine §9.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from cashbox_service.domain.calendar import add_days
from cashbox_service.domain.catalog import NameValue

GRACE_DAYS_NAME: Final = "vin:GraceDays"
_MOST_GRACE_DAYS: Final = 3650


class Outlook(StrEnum):
    """What a failed attempt leads to."""

    RETRY = "retry"
    """A further attempt has its day."""
    WAIT_FOR_PAYMENT_METHOD = "wait for payment method"
    """Hard decline: active until the retry and grace time is over."""
    GRACE = "grace"
    """The last retry failed and days of grace remain."""
    GIVE_UP = "give up"
    """No attempt and no day of grace is left."""


@dataclass(frozen=True, slots=True)
class AfterFailure:
    """What follows a failed attempt: the next one's day, and the last day on which the customer is served."""

    outlook: Outlook
    next_attempt_on: date | None
    served_through: date


def after_failure(
    base: date, retry_days: Sequence[int], grace_days: int, *, attempted_on: date, hard: bool
) -> AfterFailure:
    """What an attempt that failed on ``attempted_on`` leads to.

    ``base`` is the service date of the unpaid cycle, or the day on which its money was lost again.
    """
    through = served_through(base, retry_days, grace_days)
    coming = None if hard else next_retry(base, retry_days, after=attempted_on)
    if coming is not None:
        return AfterFailure(Outlook.RETRY, coming, through)
    over = given_up_on(base, retry_days, grace_days) if hard else add_days(base, grace_days)
    if attempted_on >= over:
        return AfterFailure(Outlook.GIVE_UP, None, through)
    return AfterFailure(Outlook.WAIT_FOR_PAYMENT_METHOD if hard else Outlook.GRACE, None, through)


def next_retry(base: date, retry_days: Iterable[int], *, after: date) -> date | None:
    """The day of the next attempt once one failed on ``after``; None when no retry is left.

    Retry days up to then are not made up one by one: the failed attempt stood for all of them.
    """
    days = (add_days(base, count) for count in retry_days)
    return min((day for day in days if day > after), default=None)


def served_through(base: date, retry_days: Iterable[int], grace_days: int) -> date:
    """The last day served while the cycle is unpaid: the day before grace is over, or the last retry day if later.

    With 21 days of grace a cycle of 30 April is served through 20 May.
    """
    return max(add_days(base, grace_days - 1), add_days(base, max(retry_days, default=-1)))


def given_up_on(base: date, retry_days: Iterable[int], grace_days: int) -> date:
    """The day on which an unpaid cycle is given up at the latest: the one after the last day served."""
    return add_days(served_through(base, retry_days, grace_days), 1)


def grace_days_of(plan_name_values: Iterable[NameValue], default: int) -> int:
    """The days of grace of a plan: its ``vin:GraceDays`` where that is a number, else the merchant's."""
    for pair in plan_name_values:
        text = pair.value.strip()
        if pair.name.casefold() == GRACE_DAYS_NAME.casefold() and text.isascii() and text.isdigit():
            return min(int(text), _MOST_GRACE_DAYS)
    return default
