"""A payment in parts that its payer named: nothing is created or lost, no part gets more than it may (dialects §2)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.allocation import (
    Disposition,
    NamedPart,
    PayableInvoice,
    PaymentScope,
    allocate_named,
)
from cashbox_service.domain.credit import OwnerKind
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.invoice import InvoiceState
from cashbox_service.domain.money import Money, total

SCOPE = PaymentScope(OwnerKind.ACCOUNT, "account", None)
STATES = (InvoiceState.OPEN, InvoiceState.DUE, InvoiceState.OVERDUE, InvoiceState.PAID, InvoiceState.CLOSED)


def dollars(cents: int) -> Money:
    return Money.of(Decimal(cents) / 100, "USD")


@st.composite
def invoices(draw: st.DrawFn) -> list[PayableInvoice]:
    count = draw(st.integers(0, 6))
    return [
        PayableInvoice(
            key=f"k{number}",
            invoice_id=f"i{number}",
            autobill=None,
            number=number,
            state=draw(st.sampled_from(STATES)),
            due_on=date(2024, 1, draw(st.integers(1, 28))),
            made_at=datetime(2024, 1, 1, tzinfo=UTC),
            balance=dollars(draw(st.integers(0, 5000))),
        )
        for number in range(count)
    ]


@given(st.data(), invoices(), st.integers(1, 20000), st.sampled_from(Disposition))
def test_parts_and_remainder_are_the_payment_and_no_invoice_gets_more_than_its_balance(
    data: st.DataObject, candidates: list[PayableInvoice], cents: int, disposition: Disposition
) -> None:
    payment, left, parts = dollars(cents), cents, []
    chosen = data.draw(st.lists(st.sampled_from(candidates), max_size=5)) if candidates else []
    for invoice in chosen:
        amount = data.draw(st.integers(0, left))
        left -= amount
        parts.append(NamedPart(invoice, dollars(amount), data.draw(st.none() | st.integers(1, 3))))
    made = allocate_named(payment, parts, candidates, disposition, SCOPE)
    assert total((one.amount for one in made.allocations), "USD") + made.remainder == payment
    by_key = {invoice.key: invoice for invoice in candidates}
    for key, invoice in by_key.items():
        got = total((one.amount for one in made.allocations if one.key == key), "USD")
        assert got <= invoice.balance
        if got.is_positive:
            named = any(part.invoice.key == key for part in parts)
            assert invoice.is_unpaid or (named and invoice.state in (InvoiceState.OPEN, InvoiceState.DUE))
    assert made == allocate_named(payment, parts, list(reversed(candidates)), disposition, SCOPE)


@given(invoices(), st.integers(1, 20000))
def test_without_parts_the_oldest_come_first(candidates: list[PayableInvoice], cents: int) -> None:
    made = allocate_named(dollars(cents), (), candidates, Disposition.OLDEST_INVOICE, SCOPE)
    oldest = sorted((one for one in candidates if one.is_unpaid), key=lambda one: one.age)
    assert [one.key for one in made.allocations] == [one.key for one in oldest[: len(made.allocations)]]


@pytest.mark.parametrize(("payment", "part"), [(0, 0), (-5, 0), (10, 11)])
def test_payment_of_nothing_and_parts_above_it_are_refused(payment: int, part: int) -> None:
    invoice = PayableInvoice(
        "k", "i", None, 1, InvoiceState.DUE, date(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC), dollars(100)
    )
    parts = [NamedPart(invoice, dollars(part))] if part else []
    with pytest.raises(InvalidValue):
        allocate_named(dollars(payment), parts, [invoice], Disposition.CREDIT, SCOPE)
