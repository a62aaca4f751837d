"""The text of an invoice, 83 columns wide, from which programs read the amount due.

The labels, their columns and the rules of underscores are relied upon: a program looks for the line that begins
with ``Total Amount Due:``. Every text is put on one line, so that no name can imitate a label.
Source: autobill §6.28.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cashbox_service.domain.money import Money, quantise

WIDTH: Final = 83
INDENT: Final = "    "
SKU_WIDTH: Final = 30
NAME_WIDTH: Final = 34
COMPANY_WIDTH: Final = 48
RULE: Final = "_" * WIDTH

_INVOICE_COLUMN: Final = 49
"""Blanks before ``Invoice #:``, which stands from column 50; ``Date:`` begins one column earlier."""


@dataclass(frozen=True, slots=True)
class StatementEntry:
    """A payment or a credit, with a positive amount."""

    text: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class StatementCharge:
    """A charge after discount, without exclusive tax."""

    sku: str
    name: str
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class StatementContent:
    """What an invoice says. ``customer`` is the name and address, one line each; ``tax`` is exclusive tax."""

    company: str
    invoice_id: str
    date: dt.date
    customer: tuple[str, ...]
    previous_balance: Decimal
    payments: tuple[StatementEntry, ...]
    charges: tuple[StatementCharge, ...]
    credits: tuple[StatementEntry, ...]
    tax: Decimal
    pay_by: dt.date
    currency: str

    @property
    def total_payments(self) -> Decimal:
        """What was paid since the earlier invoices, and on this one."""
        return _total(self.payments)

    @property
    def balance(self) -> Decimal:
        """What the payments left of the earlier debt; negative when they went further."""
        return self.previous_balance - self.total_payments

    @property
    def total_due(self) -> Decimal:
        """Balance, charges and tax, less credits."""
        return self.balance + _total(self.charges) + self.tax - _total(self.credits)


def render_statement(content: StatementContent) -> str:
    """The invoice as text; every line ends with a line feed and without blanks."""
    return _text([*_header(content), "", *_customer(content), "", *_body(content)])


def render_reminder(content: StatementContent, index: int, balance: Money) -> str:
    """The ``index``-th reminder (from 1) of an unpaid invoice: its heading, what is open now, and the invoice."""
    heading = [f"Payment Reminder {index}", ""]
    current = _amount_line("Current Balance:", balance.amount, content.currency)
    return _text([*_header(content), "", *heading, *_customer(content), "", current, "", *_body(content)])


def _header(content: StatementContent) -> Iterator[str]:
    company = _one_line(content.company)[:COMPANY_WIDTH]
    yield f"{company:<{_INVOICE_COLUMN}}Invoice #: {_one_line(content.invoice_id)}"
    yield f"{' ' * (_INVOICE_COLUMN - 1)}Date: {content.date.isoformat()}"


def _customer(content: StatementContent) -> Iterator[str]:
    return (_one_line(text)[:WIDTH] for text in content.customer)


def _body(content: StatementContent) -> Iterator[str]:
    currency = content.currency
    yield _amount_line("Previous Balance:", content.previous_balance, currency)
    yield RULE
    yield "Payments:"
    yield RULE
    yield from _entries(content.payments, currency)
    yield _amount_line("Total Payments", content.total_payments, currency)
    yield _amount_line("BALANCE", content.balance, currency)
    yield RULE
    yield "Current Charges:"
    yield from (_charge_line(charge, currency) for charge in content.charges)
    yield RULE
    yield _amount_line("Total Current Charges", _total(content.charges), currency)
    yield "Credits:"
    yield RULE
    yield from _entries(content.credits, currency)
    yield _amount_line("Total Credits", _total(content.credits), currency)
    yield _amount_line("TAX", content.tax, currency)
    yield RULE
    yield _amount_line("Total Amount Due:", content.total_due, currency)
    yield f"Pay By: {content.pay_by.isoformat()}"


def _entries(entries: Iterable[StatementEntry], currency: str) -> Iterator[str]:
    width = SKU_WIDTH + NAME_WIDTH
    return (_amount_line(INDENT + _one_line(entry.text)[:width], entry.amount, currency) for entry in entries)


def _charge_line(charge: StatementCharge, currency: str) -> str:
    """SKU and name in their columns; a long quantity and amount take what they need from the name."""
    quantity = f"x {_plain(charge.quantity)}"
    amount = _money(charge.amount, currency)
    room = WIDTH - len(INDENT) - SKU_WIDTH - len(quantity) - 1 - len(amount)
    sku, name = _one_line(charge.sku)[:SKU_WIDTH], _one_line(charge.name)
    width = max(0, min(NAME_WIDTH, room))
    left = f"{INDENT}{sku:<{SKU_WIDTH}}{name[:width]:<{width}}{quantity}"
    return left + amount.rjust(WIDTH - len(left))


def _amount_line(label: str, amount: Decimal, currency: str) -> str:
    return label + _money(amount, currency).rjust(WIDTH - len(label))


def _money(amount: Decimal, currency: str) -> str:
    return format(quantise(amount, currency), "f")


def _plain(number: Decimal) -> str:
    """Without exponent and trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _total(entries: Iterable[StatementEntry | StatementCharge]) -> Decimal:
    return sum((entry.amount for entry in entries), Decimal(0))


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line.rstrip()}\n" for line in lines)
