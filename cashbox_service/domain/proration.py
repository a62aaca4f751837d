"""What a change inside a service period charges and gives back, by the day (autobill §6.35, §6.5).

A line that was paid for serves the days of its period, both ends included; today belongs to what comes in its place:

::

    paid       1 ────────────── 15 16 ────────────── 30      30.00
    credit                         16 ────────────── 30      30.00 × 15 ÷ 30 = 15.00
    debit                          16 ────────────── 30      60.00 × 15 ÷ 30 = 30.00

Every line is rounded once, and so is its tax. What a change charged for the rest of a period is credited over just
those days, so that undoing it the same day comes to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Context, Decimal
from typing import Final

from cashbox_service.domain.calendar import days_inclusive
from cashbox_service.domain.lines import (
    Charge,
    ItemType,
    Line,
    ServicePeriod,
    amount_of,
    charged_line,
    exclusive_tax_of,
)
from cashbox_service.domain.money import Money, quantise, split
from cashbox_service.domain.tax import TaxAssessor, TaxLine, sum_by_jurisdiction

BALANCE: Final = "Unused service"
"""What the line is called by which a first cycle is paid with the rest of the plan before it."""

_EXACT: Final = Context(prec=60)
_ONE: Final = Decimal(1)
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Span:
    """So many ``days`` out of the ``of`` days of a period."""

    days: int
    of: int

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the period is gone."""
        return self.days == self.of


def left_from(period: ServicePeriod, day: date) -> Span:
    """The days of the period from ``day`` on, that day included."""
    first = max(day, period.first)
    return Span(days_inclusive(first, period.last), days_inclusive(period.first, period.last))


def share(amount: Decimal, span: Span, currency: str) -> Decimal:
    """``amount`` × days ÷ of, rounded half-up once; nothing of a period without days."""
    if span.is_whole or not span.of:
        return quantise(amount if span.of else _ZERO, currency)
    exact = _EXACT.divide(_EXACT.multiply(amount, Decimal(span.days)), Decimal(span.of))
    return quantise(exact, currency)


@dataclass(frozen=True, slots=True)
class PaidLine:
    """A line that was billed for service, and the transactions behind it.

    ``period`` is what it serves now: longer than billed where the following billing was moved, or the whole season.
    ``cycle`` is the autoBillCycle it belongs to.
    """

    line: Line
    period: ServicePeriod
    transactions: tuple[str, ...] = ()
    cycle: int = 0

    @property
    def is_plan(self) -> bool:
        """Whether it is the plan's own price, or what another system billed without saying for which item."""
        return self.line.autobill_item_vid is None

    @property
    def subject(self) -> str | None:
        """What it was billed for, and may be billed for again."""
        return self.line.autobill_item_vid or self.line.sku


def in_force(lines: Iterable[PaidLine]) -> tuple[PaidLine, ...]:
    """Of lines in the order of their billing the last one of each item, and of the plan, in each cycle.

    Lines that were given back, all of an item in a period, count no longer.
    """
    latest: dict[tuple[str | None, int], PaidLine] = {}
    for paid in lines:
        if paid.line.item_type is ItemType.MODIFICATION_REFUND:
            latest = {
                key: one
                for key, one in latest.items()
                if (key[0], one.period.last) != (paid.subject, paid.period.last)
            }
        elif paid.line.item_type is ItemType.PURCHASE and not paid.line.is_tax_summary:
            latest[paid.subject, paid.cycle] = paid
    return tuple(latest.values())


def credit_line(paid: PaidLine, today: date, currency: str) -> Line | None:
    """What is given back of a line from today on, with its tax; None when that is nothing."""
    span = left_from(paid.period, today)
    line = paid.line
    amount = share(line.net, span, currency)
    if not span.days or (not amount and not line.exclusive_tax):
        return None
    tax = share(line.exclusive_tax, span, currency)
    return Line(
        name=line.name,
        price=-amount,
        subtotal=-amount,
        total=-(amount + tax),
        sku=line.sku,
        item_type=ItemType.MODIFICATION_REFUND,
        merchant_autobill_item_id=line.merchant_autobill_item_id,
        autobill_item_vid=line.autobill_item_vid,
        tax_classification=line.tax_classification,
        service_start=max(today, paid.period.first),
        service_end=paid.period.last,
        tax_type=line.tax_type,
        tax=_taxes_given_back(line.tax, span, currency),
        related_transactions=paid.transactions,
    )


def debit_line(full: Line, span: Span, assessor: TaxAssessor) -> Line:
    """The line of a whole cycle for the days that are left of it, taxed anew.

    A part has the price of the part and quantity 1: price × quantity stays its subtotal.
    """
    if span.is_whole:
        return full
    currency = assessor.currency
    charge = Charge(
        name=full.name,
        price=share(full.subtotal, span, currency),
        quantity=_ONE,
        sku=full.sku,
        tax_classification=full.tax_classification,
        discount=share(full.discount or _ZERO, span, currency),
        campaign_id=full.campaign_id,
        campaign_description=full.campaign_description,
        merchant_autobill_item_id=full.merchant_autobill_item_id,
        autobill_item_vid=full.autobill_item_vid,
        name_values=full.name_values,
        tokens=full.tokens,
    )
    line = charged_line(charge, assessor)
    return replace(line, service_start=full.service_start, service_end=full.service_end)


def undoing(debit: Line, given_back: Iterable[Line]) -> Line:
    """The debit, with the very tax that was given back where it charges again what was given back for the same days.

    Taxes of both are rounded on their own, so that a change and its undoing would differ by a minor unit.
    """
    for credit in given_back:
        if (credit.sku, credit.tax_classification, credit.service_start, credit.service_end, -credit.net) == (
            debit.sku,
            debit.tax_classification,
            debit.service_start,
            debit.service_end,
            debit.net,
        ) and [_kind(part) for part in credit.tax] == [_kind(part) for part in debit.tax]:
            tax = tuple(replace(part, amount=-part.amount) for part in credit.tax)
            return replace(debit, tax=tax, total=debit.net - credit.exclusive_tax)
    return debit


def _kind(part: TaxLine) -> tuple[str | None, str | None, Decimal | None]:
    return part.jurisdiction, part.name, part.tax_rate


def net(lines: Iterable[Line], currency: str) -> Money:
    """What the customer pays for a change, tax included; negative for what he gets back."""
    return Money.of(amount_of(lines, currency), currency)


def paid_with_the_rest(debits: Iterable[Line], currency: str) -> Line:
    """The line that pays charges of a first cycle with what is left of the plan before it, tax and all."""
    charged = tuple(debits)
    tax = exclusive_tax_of(charged, currency)
    amount = amount_of(charged, currency) - tax
    return Line(
        name=BALANCE,
        price=-amount,
        subtotal=-amount,
        total=-(amount + tax),
        item_type=ItemType.MODIFICATION_REFUND,
        tax_type=next((line.tax_type for line in charged if line.tax_type is not None), None),
        tax=tuple(
            replace(part, amount=-part.amount)
            for part in sum_by_jurisdiction(part for line in charged for part in line.tax)
        ),
    )


def _taxes_given_back(parts: tuple[TaxLine, ...], span: Span, currency: str) -> tuple[TaxLine, ...]:
    """The taxes of a line in their proportion: rounded together, so that the parts add up."""
    whole = sum((part.amount for part in parts), _ZERO)
    back = share(whole, span, currency)
    if not whole or not back:
        return tuple(replace(part, amount=quantise(_ZERO, currency)) for part in parts)
    shares = split(Money.of(-back, currency), [part.amount for part in parts])
    return tuple(replace(part, amount=one.amount) for part, one in zip(parts, shares, strict=True))
