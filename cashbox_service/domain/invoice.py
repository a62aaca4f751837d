"""The life of an invoice: its states, what may change them, its dates, number and balance.

::

    Open ──invoice date──> Due ──due date passed──> Overdue
      │        │            │ ╲                      ╱ │
      │        │            │  write-off──> Written Off│
      │        └──nothing left to pay──> Paid <──balance 0
      └──end──> Closed                    │
                       Due or Overdue <──money taken back

Source: billing-engine §6, autobill §6.26, §6.27, §6.30.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import Enum, StrEnum, auto
from typing import Final

from cashbox_service.domain.errors import IllegalState, InvalidValue
from cashbox_service.domain.money import Money

_DAY: Final = timedelta(days=1)


class InvoiceState(StrEnum):
    """Where an invoice stands; the values are the wire spellings (autobill §2, InvoiceStates)."""

    OPEN = "Open"
    DUE = "Due"
    PAID = "Paid"
    OVERDUE = "Overdue"
    WRITTEN_OFF = "Written Off"
    CLOSED = "Closed"

    @classmethod
    def parse(cls, text: str) -> InvoiceState:
        """The state a caller names; `InvalidValue` for anything but a known spelling."""
        state = _SPELLINGS.get(text)
        if state is None:
            raise InvalidValue("invoicestate", text, "is not an invoice state")
        return state


_SPELLINGS: Final[Mapping[str, InvoiceState]] = {
    **{state.value: state for state in InvoiceState},
    # Seen in clients and in documentation beside the schema's spelling with a space.
    "WrittenOff": InvoiceState.WRITTEN_OFF,
    "writtenOff": InvoiceState.WRITTEN_OFF,
}

UNPAID: Final = frozenset({InvoiceState.DUE, InvoiceState.OVERDUE})
"""States in which money is owed now."""


class InvoiceEvent(Enum):
    """What happens to an invoice."""

    INVOICE_DATE = auto()
    """Its date has come: the projection becomes a bill."""
    PAYMENT = auto()
    """Money or credit was put on it, all or part of what is owed."""
    DUE_DATE_PASSED = auto()
    """Midnight after the due date, or after the first failed attempt (`overdue_from`)."""
    MONEY_TAKEN_BACK = auto()
    """A payment on it was reversed, failed later, or its deposit was returned."""
    WRITE_OFF = auto()
    """The merchant gives the debt up."""
    CLOSE = auto()
    """Its AutoBill ended, or a plan change replaced it, before its date."""


_TRANSITIONS: Final[Mapping[tuple[InvoiceState, InvoiceEvent], tuple[InvoiceState, ...]]] = {
    (InvoiceState.OPEN, InvoiceEvent.INVOICE_DATE): (InvoiceState.DUE, InvoiceState.PAID),
    (InvoiceState.OPEN, InvoiceEvent.PAYMENT): (InvoiceState.OPEN,),
    (InvoiceState.OPEN, InvoiceEvent.MONEY_TAKEN_BACK): (InvoiceState.OPEN,),
    (InvoiceState.OPEN, InvoiceEvent.CLOSE): (InvoiceState.CLOSED,),
    (InvoiceState.DUE, InvoiceEvent.PAYMENT): (InvoiceState.DUE, InvoiceState.PAID),
    (InvoiceState.DUE, InvoiceEvent.MONEY_TAKEN_BACK): (InvoiceState.DUE,),
    (InvoiceState.DUE, InvoiceEvent.DUE_DATE_PASSED): (InvoiceState.OVERDUE,),
    (InvoiceState.DUE, InvoiceEvent.WRITE_OFF): (InvoiceState.WRITTEN_OFF,),
    (InvoiceState.OVERDUE, InvoiceEvent.PAYMENT): (InvoiceState.OVERDUE, InvoiceState.PAID),
    (InvoiceState.OVERDUE, InvoiceEvent.MONEY_TAKEN_BACK): (InvoiceState.OVERDUE,),
    (InvoiceState.OVERDUE, InvoiceEvent.WRITE_OFF): (InvoiceState.WRITTEN_OFF,),
    (InvoiceState.PAID, InvoiceEvent.MONEY_TAKEN_BACK): (
        InvoiceState.DUE,
        InvoiceState.OVERDUE,
        InvoiceState.PAID,
    ),
    (InvoiceState.WRITTEN_OFF, InvoiceEvent.MONEY_TAKEN_BACK): (InvoiceState.WRITTEN_OFF,),
    # Writing off twice is not an error, and changes nothing (autobill §6.30).
    (InvoiceState.WRITTEN_OFF, InvoiceEvent.WRITE_OFF): (InvoiceState.WRITTEN_OFF,),
    (InvoiceState.CLOSED, InvoiceEvent.MONEY_TAKEN_BACK): (InvoiceState.CLOSED,),
}
"""Every legal change with the states it can lead to; every other change is refused."""


def targets(state: InvoiceState, event: InvoiceEvent) -> tuple[InvoiceState, ...]:
    """The states the event can lead to from here; none when it is not allowed."""
    return _TRANSITIONS.get((state, event), ())


def transition(
    invoice_id: str, state: InvoiceState, event: InvoiceEvent, *, balance: Money, past_due: bool = False
) -> InvoiceState:
    """The state after ``event``.

    ``balance`` is what is left to pay once the event is booked; ``past_due`` whether the day of
    `overdue_from` has come. `IllegalState` when the invoice cannot take the event in this state.
    """
    possible = targets(state, event)
    if not possible:
        raise IllegalState("Invoice", invoice_id, state.value)
    if len(possible) == 1:
        return possible[0]
    if not balance.is_positive:
        return InvoiceState.PAID
    if event is InvoiceEvent.MONEY_TAKEN_BACK and past_due:
        return InvoiceState.OVERDUE
    return possible[0]


def state_on(today: date, *, invoice_on: date, overdue_on: date | None, balance: Money) -> InvoiceState:
    """The state that follows from dates and balance alone, for an invoice neither closed nor written off.

    ``overdue_on`` is the day of `overdue_from`. Used to check what is stored.
    """
    if today < invoice_on:
        return InvoiceState.OPEN
    if not balance.is_positive:
        return InvoiceState.PAID
    return InvoiceState.OVERDUE if overdue_on is not None and today >= overdue_on else InvoiceState.DUE


def accepts_payment(state: InvoiceState, *, named: bool) -> bool:
    """Whether a payment may be put on it: Due and Overdue always, Open only when the caller named it."""
    return state in UNPAID or (named and state is InvoiceState.OPEN)


def balance(charges: Money, exclusive_tax: Money, credits_used: Money, allocated: Money) -> Money:
    """What is left to pay; negative on an Open invoice that was paid more than it will charge."""
    return charges + exclusive_tax - credits_used - allocated


def due_on(invoice_on: date, *, paid_by_hand: bool, terms: int | None) -> date:
    """The due date: ``terms`` days after the invoice date when merchant-accepted, else the invoice date."""
    return invoice_on + timedelta(days=terms or 0) if paid_by_hand else invoice_on


def overdue_from(due: date, *, paid_by_hand: bool, first_failure_on: date | None) -> date | None:
    """The first day on which an unpaid invoice is Overdue; ``None`` while nothing makes it so.

    Merchant-accepted: the day after the due date. Otherwise the day after the first failed attempt, never
    before the day after the due date: with no attempt failed, the customer owes no reaction.
    """
    if paid_by_hand:
        return due + _DAY
    return None if first_failure_on is None else max(due, first_failure_on) + _DAY


def invoice_id(merchant_autobill_id: str, number: int) -> str:
    """What merchants call the invoice: the AutoBill's id at its making and the running number, 8 digits.

    ``ValueError`` when the number cannot be shown in 8 digits.
    """
    if not 0 <= number < 10**8:
        raise ValueError("an invoice number has at most 8 digits")
    return f"{merchant_autobill_id}-{number:08d}"
