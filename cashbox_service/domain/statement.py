"""The text of an invoice, 83 columns wide, from which programs read the amount due.

The labels, their columns and the rules of underscores are relied upon: a program looks for the line that begins
with ``Total Amount Due:``. Every text is put on one line, so that no name can imitate a label. In another language than
English the words are that language's, and the line for programs follows the one for people.
Source: autobill §6.28.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
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

DUE_LABEL: Final = "Total Amount Due:"
"""What programs look for in the text of an invoice, whatever its language."""

_INVOICE_COLUMN: Final = 49
"""Blanks before ``Invoice #:``, which stands from column 50; ``Date:`` begins one column earlier."""


def plain_money(amount: Decimal, currency: str) -> str:
    """An amount as programs read it: the currency's decimals behind a point, nothing else."""
    return format(quantise(amount, currency), "f")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words of an invoice in one language, and how days and amounts are written; English unless told otherwise.

    ``reminder`` has the number of the reminder in place of ``{}``. ``for_programs``: whether the amount due stands once
    more behind the label that programs look for, since the words are others.
    """

    language: str = "en"
    invoice: str = "Invoice #:"
    date: str = "Date:"
    reminder: str = "Payment Reminder {}"
    current_balance: str = "Current Balance:"
    previous_balance: str = "Previous Balance:"
    payments: str = "Payments:"
    total_payments: str = "Total Payments"
    balance: str = "BALANCE"
    charges: str = "Current Charges:"
    total_charges: str = "Total Current Charges"
    credits: str = "Credits:"
    total_credits: str = "Total Credits"
    tax: str = "TAX"
    total_due: str = DUE_LABEL
    pay_by: str = "Pay By:"
    payment: str = "Payment"
    credit: str = "Credit"
    quantity: str = "Quantity"
    amount: str = "Amount"
    day: Callable[[dt.date], str] = dt.date.isoformat
    money: Callable[[Decimal, str], str] = plain_money
    for_programs: bool = False


ENGLISH: Final = Wording()


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
    def total_charges(self) -> Decimal:
        """What the charges come to, without exclusive tax."""
        return _total(self.charges)

    @property
    def total_credits(self) -> Decimal:
        """What credit paid for."""
        return _total(self.credits)

    @property
    def total_due(self) -> Decimal:
        """Balance, charges and tax, less credits."""
        return self.balance + self.total_charges + self.tax - self.total_credits


@dataclass(frozen=True, slots=True)
class Reminder:
    """The ``index``-th reminder (from 1) of an unpaid invoice, and what is open now."""

    index: int
    balance: Money


def render_statement(
    content: StatementContent, wording: Wording = ENGLISH, reminder: Reminder | None = None
) -> str:
    """The invoice as text, of a reminder with its heading; every line ends with a line feed and without blanks."""
    heading: list[str] = []
    open_now: list[str] = []
    if reminder is not None:
        heading = [wording.reminder.format(reminder.index), ""]
        open_now = [_amount_line(wording.current_balance, reminder.balance.amount, content, wording), ""]
    return _text(
        [
            *_header(content, wording),
            "",
            *heading,
            *_customer(content),
            "",
            *open_now,
            *_body(content, wording),
        ]
    )


def one_line(text: str) -> str:
    """The text without line breaks and other runs of white space, so that no name can imitate a label."""
    return " ".join(text.split())


def plain_number(number: Decimal) -> str:
    """Without exponent and trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _header(content: StatementContent, wording: Wording) -> Iterator[str]:
    company = one_line(content.company)[:COMPANY_WIDTH]
    yield f"{company:<{_INVOICE_COLUMN}}{wording.invoice} {one_line(content.invoice_id)}"
    yield f"{' ' * (_INVOICE_COLUMN - 1)}{wording.date} {wording.day(content.date)}"


def _customer(content: StatementContent) -> Iterator[str]:
    return (one_line(text)[:WIDTH] for text in content.customer)


def _body(content: StatementContent, wording: Wording) -> Iterator[str]:
    def line(label: str, amount: Decimal) -> str:
        return _amount_line(label, amount, content, wording)

    yield line(wording.previous_balance, content.previous_balance)
    yield RULE
    yield wording.payments
    yield RULE
    yield from _entries(content.payments, content, wording)
    yield line(wording.total_payments, content.total_payments)
    yield line(wording.balance, content.balance)
    yield RULE
    yield wording.charges
    yield from (_charge_line(charge, content.currency, wording) for charge in content.charges)
    yield RULE
    yield line(wording.total_charges, content.total_charges)
    yield wording.credits
    yield RULE
    yield from _entries(content.credits, content, wording)
    yield line(wording.total_credits, content.total_credits)
    yield line(wording.tax, content.tax)
    yield RULE
    yield line(wording.total_due, content.total_due)
    if wording.for_programs:
        yield _right(DUE_LABEL, plain_money(content.total_due, content.currency))
    yield f"{wording.pay_by} {wording.day(content.pay_by)}"


def _entries(entries: Iterable[StatementEntry], content: StatementContent, wording: Wording) -> Iterator[str]:
    width = SKU_WIDTH + NAME_WIDTH
    return (
        _amount_line(INDENT + one_line(entry.text)[:width], entry.amount, content, wording)
        for entry in entries
    )


def _charge_line(charge: StatementCharge, currency: str, wording: Wording) -> str:
    """SKU and name in their columns; a long quantity and amount take what they need from the name."""
    quantity = f"x {plain_number(charge.quantity)}"
    amount = wording.money(charge.amount, currency)
    room = WIDTH - len(INDENT) - SKU_WIDTH - len(quantity) - 1 - len(amount)
    sku, name = one_line(charge.sku)[:SKU_WIDTH], one_line(charge.name)
    width = max(0, min(NAME_WIDTH, room))
    left = f"{INDENT}{sku:<{SKU_WIDTH}}{name[:width]:<{width}}{quantity}"
    return _right(left, amount)


def _amount_line(label: str, amount: Decimal, content: StatementContent, wording: Wording) -> str:
    return _right(label, wording.money(amount, content.currency))


def _right(left: str, amount: str) -> str:
    return left + amount.rjust(WIDTH - len(left))


def _total(entries: Iterable[StatementEntry | StatementCharge]) -> Decimal:
    return sum((entry.amount for entry in entries), Decimal(0))


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line.rstrip()}\n" for line in lines)
