"""What the end of an AutoBill costs or gives back when it is settled, counted in days.

A settlement adds up lines: what was not billed yet, a fee where one is due, and for every line that was paid the part
of it that will not be used, taken back. Today counts as used:

::

    paid line          1 Jun ├──────────────────────────────┤ 30 Jun     10.00
    cancelled 10 Jun         used ────────┤├─ 20 days left ─┤            10.00 × 20 ÷ 30 = 6.67 back

Each line is rounded by itself, and so is its tax; what is taken back never exceeds what was paid and not given back
before. Source: autobill §6.5, §6.40.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from cashbox_service.domain.calendar import add_days, days_inclusive
from cashbox_service.domain.lines import ItemType, Line, amount_of, is_ordinary_charge
from cashbox_service.domain.money import Money, split
from cashbox_service.domain.refund import spread

WAIVE: Final = "waive"
PRORATE: Final = "prorate"

_NOTHING: Final = Decimal(0)


def share(amount: Decimal, part: Decimal | int, whole: Decimal | int, currency: str) -> Decimal:
    """``amount`` × ``part`` ÷ ``whole``, rounded once, half-up away from zero; nothing of nothing."""
    if not whole:
        return Money.zero(currency).amount
    exact = abs(Fraction(amount)) * Fraction(part) / Fraction(whole)
    rounded = Money.of(Decimal(exact.numerator) / Decimal(exact.denominator), currency).amount
    return -rounded if amount < 0 else rounded


def unused(
    line: Line, last_day: date, today: date, currency: str, paid_by: Sequence[str] = ()
) -> Line | None:
    """The line that takes back what of a paid line serves after today; None when there is no such part.

    ``last_day`` is the last day it serves, later than the line says where the next billing was moved. ``paid_by`` are
    the ids of the transactions that had billed it.
    """
    if line.service_start is None or not is_ordinary_charge(line):
        return None
    days = days_inclusive(line.service_start, last_day)
    begins = max(line.service_start, add_days(today, 1))
    left = days_inclusive(begins, last_day)
    if not left:
        return None
    net = share(line.net, left, days, currency)
    tax = share(_tax(line), left, days, currency)
    if not net and not tax:
        return None
    return replace(_taken_back(line, net, tax, currency, paid_by), service_start=begins, service_end=last_day)


def at_most(lines: Sequence[Line], limit: Money) -> tuple[Line, ...]:
    """Lines that take back, cut in proportion where they take back more than ``limit``; some may come to nothing."""
    currency = limit.currency
    if -amount_of(lines, currency) <= limit.amount:
        return tuple(lines)
    reducing = [line for line in lines if line.total < 0]
    parts = spread(limit, [Money(-line.total, currency) for line in reducing])
    return tuple(_cut(line, part.amount, currency) for line, part in zip(reducing, parts, strict=True))


def draw(amount: Money, sources: Iterable[Money]) -> list[Money]:
    """How much of ``amount`` each source gives, the first ones first and none more than it has."""
    drawn = []
    for limit in sources:
        drawn.append(amount.min(limit))
        amount = amount - drawn[-1]
    return drawn


def cancellation_fee(policy: str, owed: Money, commitment: tuple[date, date], today: date) -> Money:
    """What a cancellation inside the minimum commitment costs; ``owed`` are the charges of the cycles still owed.

    ``commitment`` are its first and last day; with the policy ``prorate`` only the part of it after today counts.
    """
    if policy == WAIVE:
        return Money.zero(owed.currency)
    if policy != PRORATE:
        return owed
    first, last = commitment
    left = days_inclusive(max(first, add_days(today, 1)), last)
    return Money(share(owed.amount, left, days_inclusive(first, last), owed.currency), owed.currency)


def _tax(line: Line) -> Decimal:
    return sum((part.amount for part in line.tax), _NOTHING)


def _taken_back(line: Line, net: Decimal, tax: Decimal, currency: str, paid_by: Sequence[str]) -> Line:
    """The line as a reduction by ``net`` and by ``tax``, which is added to it or contained in it as it was."""
    added = tax if line.exclusive_tax else _NOTHING
    weights = [abs(part.amount) for part in line.tax]
    shares = split(Money.of(-tax, currency), weights) if tax and any(weights) else ()
    return replace(
        line,
        price=-net,
        quantity=Decimal(1),
        subtotal=-net,
        discount=None,
        total=-(net + added),
        item_type=ItemType.MODIFICATION_REFUND,
        index_number=None,
        tax=tuple(replace(part, amount=one.amount) for part, one in zip(line.tax, shares, strict=False)),
        related_transactions=tuple(paid_by),
        refunds=(),
        tokens=(),
    )


def _cut(line: Line, total: Decimal, currency: str) -> Line:
    """A line that takes back ``total`` only, tax in proportion."""
    tax = share(-_tax(line), total, -line.total, currency)
    added = tax if line.exclusive_tax else _NOTHING
    return _taken_back(line, total - added, tax, currency, line.related_transactions)
