"""The life of an invoice (billing-engine §6)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.errors import IllegalState, InvalidValue
from cashbox_service.domain.invoice import (
    UNPAID,
    InvoiceEvent,
    InvoiceState,
    accepts_payment,
    balance,
    due_on,
    invoice_id,
    overdue_from,
    state_on,
    targets,
    transition,
)
from cashbox_service.domain.money import Money

OPEN, DUE, PAID = InvoiceState.OPEN, InvoiceState.DUE, InvoiceState.PAID
OVERDUE, WRITTEN_OFF, CLOSED = InvoiceState.OVERDUE, InvoiceState.WRITTEN_OFF, InvoiceState.CLOSED
NOTHING = Money.zero("USD")
SOMETHING = Money.of(Decimal("8.20"), "USD")
ALREADY_OVER = -SOMETHING
DAY = date(2024, 4, 30)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Open", OPEN),
        ("Due", DUE),
        ("Paid", PAID),
        ("Overdue", OVERDUE),
        ("Written Off", WRITTEN_OFF),
        ("WrittenOff", WRITTEN_OFF),
        ("writtenOff", WRITTEN_OFF),
        ("Closed", CLOSED),
    ],
)
def test_states_are_read_in_every_known_spelling(text: str, state: InvoiceState) -> None:
    assert InvoiceState.parse(text) is state


@pytest.mark.parametrize("text", ["", "open", "Written  Off", "Void"])
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        InvoiceState.parse(text)


def test_the_written_off_state_is_written_with_a_space() -> None:
    assert [state.value for state in InvoiceState] == [
        "Open", "Due", "Paid", "Overdue", "Written Off", "Closed",
    ]  # fmt: skip


LEGAL = [
    (OPEN, InvoiceEvent.INVOICE_DATE, SOMETHING, False, DUE),
    (OPEN, InvoiceEvent.INVOICE_DATE, NOTHING, False, PAID),
    (OPEN, InvoiceEvent.INVOICE_DATE, ALREADY_OVER, False, PAID),
    (OPEN, InvoiceEvent.PAYMENT, SOMETHING, False, OPEN),
    (OPEN, InvoiceEvent.PAYMENT, NOTHING, False, OPEN),
    (OPEN, InvoiceEvent.MONEY_TAKEN_BACK, SOMETHING, True, OPEN),
    (OPEN, InvoiceEvent.CLOSE, SOMETHING, False, CLOSED),
    (DUE, InvoiceEvent.PAYMENT, SOMETHING, False, DUE),
    (DUE, InvoiceEvent.PAYMENT, NOTHING, False, PAID),
    (DUE, InvoiceEvent.MONEY_TAKEN_BACK, SOMETHING, True, DUE),
    (DUE, InvoiceEvent.DUE_DATE_PASSED, SOMETHING, True, OVERDUE),
    (DUE, InvoiceEvent.WRITE_OFF, SOMETHING, False, WRITTEN_OFF),
    (OVERDUE, InvoiceEvent.PAYMENT, SOMETHING, True, OVERDUE),
    (OVERDUE, InvoiceEvent.PAYMENT, NOTHING, True, PAID),
    (OVERDUE, InvoiceEvent.MONEY_TAKEN_BACK, SOMETHING, True, OVERDUE),
    (OVERDUE, InvoiceEvent.WRITE_OFF, SOMETHING, True, WRITTEN_OFF),
    (PAID, InvoiceEvent.MONEY_TAKEN_BACK, SOMETHING, False, DUE),
    (PAID, InvoiceEvent.MONEY_TAKEN_BACK, SOMETHING, True, OVERDUE),
    (PAID, InvoiceEvent.MONEY_TAKEN_BACK, NOTHING, True, PAID),
    (WRITTEN_OFF, InvoiceEvent.MONEY_TAKEN_BACK, SOMETHING, True, WRITTEN_OFF),
    (WRITTEN_OFF, InvoiceEvent.WRITE_OFF, SOMETHING, True, WRITTEN_OFF),
    (CLOSED, InvoiceEvent.MONEY_TAKEN_BACK, SOMETHING, True, CLOSED),
]


@pytest.mark.parametrize(("state", "event", "left", "past_due", "after"), LEGAL)
def test_a_legal_change_leads_where_balance_and_date_say(
    state: InvoiceState, event: InvoiceEvent, left: Money, past_due: bool, after: InvoiceState
) -> None:
    assert transition("S1-00000003", state, event, balance=left, past_due=past_due) is after


def test_every_other_change_is_refused_and_names_the_invoice() -> None:
    legal = {(state, event) for state, event, *_ in LEGAL}
    for state in InvoiceState:
        for event in InvoiceEvent:
            if (state, event) in legal:
                continue
            assert targets(state, event) == ()
            with pytest.raises(IllegalState) as refused:
                transition("S1-00000003", state, event, balance=SOMETHING)
            assert str(refused.value) == f"Invoice S1-00000003 is in state {state.value}."


@pytest.mark.parametrize(
    ("state", "unnamed", "named"),
    [
        (OPEN, False, True),
        (DUE, True, True),
        (OVERDUE, True, True),
        (PAID, False, False),
        (WRITTEN_OFF, False, False),
        (CLOSED, False, False),
    ],
)
def test_an_open_invoice_takes_payment_only_when_named(
    state: InvoiceState, unnamed: bool, named: bool
) -> None:
    assert accepts_payment(state, named=False) is unnamed
    assert accepts_payment(state, named=True) is named


def test_the_balance_is_charges_and_added_tax_less_credits_and_payments() -> None:
    amounts = [Money.of(Decimal(text), "USD") for text in ("12.00", "1.20", "4.00", "5.00")]
    assert balance(*amounts) == Money.of(Decimal("4.20"), "USD")


def test_only_invoices_paid_by_hand_have_terms() -> None:
    assert due_on(DAY, paid_by_hand=True, terms=30) == date(2024, 5, 30)
    assert due_on(DAY, paid_by_hand=True, terms=None) == DAY
    assert due_on(DAY, paid_by_hand=False, terms=30) == DAY


def test_an_invoice_paid_by_hand_is_overdue_the_day_after_its_due_date() -> None:
    assert overdue_from(DAY, paid_by_hand=True, first_failure_on=None) == date(2024, 5, 1)


def test_a_charged_invoice_is_overdue_the_day_after_its_first_failed_attempt() -> None:
    assert overdue_from(DAY, paid_by_hand=False, first_failure_on=None) is None
    assert overdue_from(DAY, paid_by_hand=False, first_failure_on=DAY) == date(2024, 5, 1)
    assert overdue_from(DAY, paid_by_hand=False, first_failure_on=date(2024, 5, 4)) == date(2024, 5, 5)
    # billed ahead of its date by lead days
    assert overdue_from(DAY, paid_by_hand=False, first_failure_on=date(2024, 4, 20)) == date(2024, 5, 1)


@pytest.mark.parametrize(
    ("today", "left", "state"),
    [
        (DAY - timedelta(days=1), NOTHING, OPEN),
        (DAY - timedelta(days=1), SOMETHING, OPEN),
        (DAY, SOMETHING, DUE),
        (DAY, NOTHING, PAID),
        (DAY + timedelta(days=1), SOMETHING, OVERDUE),
        (DAY + timedelta(days=1), ALREADY_OVER, PAID),
    ],
)
def test_date_and_balance_give_the_state(today: date, left: Money, state: InvoiceState) -> None:
    overdue_on = DAY + timedelta(days=1)
    assert state_on(today, invoice_on=DAY, overdue_on=overdue_on, balance=left) is state


def test_without_a_failed_attempt_a_charged_invoice_stays_due() -> None:
    later = DAY + timedelta(days=90)
    assert state_on(later, invoice_on=DAY, overdue_on=None, balance=SOMETHING) is DUE


def test_an_invoice_id_is_the_autobill_id_and_eight_digits() -> None:
    assert invoice_id("S1", 0) == "S1-00000000"
    assert invoice_id("a-b", 12345678) == "a-b-12345678"
    for number in (-1, 10**8):
        with pytest.raises(ValueError, match="8 digits"):
            invoice_id("S1", number)


steps = st.lists(
    st.tuples(
        st.sampled_from(["day", "pay", "take back", "write off", "close"]),
        st.integers(1, 500),
    ),
    max_size=25,
)


class Life:
    """An invoice of 10.00 paid by hand, terms 2 days, as an application would keep it."""

    def __init__(self) -> None:
        self.today = DAY - timedelta(days=3)
        self.state = OPEN
        self.paid = 0
        self.overdue_on = overdue_from(due_on(DAY, paid_by_hand=True, terms=2), paid_by_hand=True,
                                       first_failure_on=None)  # fmt: skip
        assert self.overdue_on is not None

    @property
    def left(self) -> Money:
        return Money.of(Decimal(1000 - self.paid) / 100, "USD")

    def take(self, step: str, cents: int) -> None:
        if step == "day":
            self._next_day()
        elif step == "pay" and accepts_payment(self.state, named=True):
            self.paid += min(cents, 1000 - self.paid)
            self._apply(InvoiceEvent.PAYMENT)
        elif step == "take back" and self.paid:
            self.paid -= min(cents, self.paid)
            self._apply(InvoiceEvent.MONEY_TAKEN_BACK)
        elif step == "write off" and self.state in UNPAID:
            self._apply(InvoiceEvent.WRITE_OFF)
        elif step == "close" and self.state is OPEN:
            self._apply(InvoiceEvent.CLOSE)

    def _next_day(self) -> None:
        self.today += timedelta(days=1)
        if self.today == DAY and self.state is OPEN:
            self._apply(InvoiceEvent.INVOICE_DATE)
        if self.today == self.overdue_on and self.state is DUE:
            self._apply(InvoiceEvent.DUE_DATE_PASSED)

    def _apply(self, event: InvoiceEvent) -> None:
        past_due = self.overdue_on is not None and self.today >= self.overdue_on
        self.state = transition("X-00000000", self.state, event, balance=self.left, past_due=past_due)


@given(steps)
def test_whatever_happens_the_state_is_the_one_that_dates_and_balance_give(
    happenings: list[tuple[str, int]],
) -> None:
    life = Life()
    for step, cents in happenings:
        before = life.state
        life.take(step, cents)
        if before in (WRITTEN_OFF, CLOSED):
            assert life.state is before
        if life.state not in (WRITTEN_OFF, CLOSED):
            assert life.state is state_on(
                life.today, invoice_on=DAY, overdue_on=life.overdue_on, balance=life.left
            )


@given(st.sampled_from(InvoiceState), st.sampled_from(InvoiceEvent), st.integers(-500, 500), st.booleans())
def test_a_change_never_leads_outside_the_table(
    state: InvoiceState, event: InvoiceEvent, cents: int, past_due: bool
) -> None:
    left = Money.of(Decimal(cents) / 100, "USD")
    try:
        after = transition("X", state, event, balance=left, past_due=past_due)
    except IllegalState:
        assert not targets(state, event)
    else:
        assert after in targets(state, event)
        assert after is not PAID or not left.is_positive
        assert after is state or (state is not WRITTEN_OFF and state is not CLOSED)
