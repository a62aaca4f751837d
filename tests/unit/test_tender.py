"""Tenders and change, fees in the ledger, and documents (dialects §2 – §4)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain import ledger
from cashbox_service.domain.credit import CreditOwner
from cashbox_service.domain.documents import DocumentKind, document_id, line_balance
from cashbox_service.domain.errors import InvalidValue, MissingField
from cashbox_service.domain.ledger import EntryKind
from cashbox_service.domain.lines import convenience_fee_of, payment_with_fee_lines
from cashbox_service.domain.money import Money
from cashbox_service.domain.tender import TenderMethod, tender

BALANCE = Money.of(80, "USD")
amounts = st.none() | st.integers(1, 12000).map(lambda cents: Decimal(cents) / 100)


@given(st.sampled_from(TenderMethod), amounts, amounts, amounts)
def test_tender_adds_up_or_is_refused(
    method: TenderMethod, line: Decimal | None, total: Decimal | None, change: Decimal | None
) -> None:
    try:
        made = tender(method, BALANCE, line=line, total=total, change=change)
    except InvalidValue as refusal:
        assert refusal.field in ("LineAmount", "TotalTendAmount", "ChangeAmount")  # noqa: PT017
        return
    assert made.total == made.line + made.change
    assert Money.zero("USD") < made.line <= BALANCE
    assert made.change.is_zero or method is TenderMethod.CASH
    assert change is None or made.change.amount == change


def test_tender_without_amounts_pays_what_is_due() -> None:
    made = tender(TenderMethod.CHECK, BALANCE)
    assert (made.total, made.line, made.change) == (BALANCE, BALANCE, Money.zero("USD"))
    with pytest.raises(InvalidValue, match="LineAmount"):
        tender(TenderMethod.CASH, Money.zero("USD"))


@pytest.mark.parametrize(
    ("text", "error"), [(None, MissingField), ("", MissingField), ("GOLD", InvalidValue)]
)
def test_methods_are_known_by_their_codes(text: str | None, error: type[Exception]) -> None:
    with pytest.raises(error):
        TenderMethod.parse(text)
    assert TenderMethod.parse(" cash ") is TenderMethod.CASH


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_kinds_of_documents_are_known_in_any_letter_case(kind: DocumentKind) -> None:
    assert DocumentKind.parse("Type", kind.value.upper()) is kind
    assert document_id(kind, 7).endswith("-00000007")
    with pytest.raises(InvalidValue, match="Type"):
        DocumentKind.parse("Type", "Receipt")


def test_line_is_paid_by_what_named_it_and_by_what_paid_the_whole() -> None:
    ten, nothing = Decimal(10), Decimal(0)
    assert line_balance(ten, nothing, Decimal(30)) == 10
    assert line_balance(ten, Decimal(4), Decimal(30)) == 6
    assert line_balance(ten, Decimal(4), Decimal(5)) == 5
    assert line_balance(ten, ten, Decimal(30)) == 0
    assert line_balance(ten, nothing, Decimal(-3)) == 0


def test_fee_is_a_line_of_its_own_and_revenue_that_a_reversal_takes_back() -> None:
    paid, fee = Money.of(40, "USD"), Money.of(Decimal("2.50"), "USD")
    lines = payment_with_fee_lines(paid, fee)
    assert [line.name for line in lines] == ["Generic item", "Convenience fee", "Total Tax"]
    assert convenience_fee_of(lines, "USD") == fee.amount
    owner = CreditOwner.account("a")
    received = ledger.payment_received(
        processor="Test", allocations=[("i", paid)], remainder=Money.zero("USD"), remainder_to=owner, fee=fee
    )
    taken_back = ledger.payment_reversed(
        processor="Test",
        allocations=[("i", paid)],
        credit_taken_back=[],
        owed_by="a",
        spent=Money.zero("USD"),
        fee=fee,
    )
    mirrored = {(one.account, -one.amount) for one in received.reversed(EntryKind.PAYMENT_REVERSED).postings}
    assert {(one.account, -one.amount) for one in taken_back.postings} == mirrored
    assert {(one.account.kind.value, one.amount) for one in received.postings} == {
        ("cash", Decimal("42.50")),
        ("receivable", Decimal(-40)),
        ("revenue", Decimal("-2.50")),
    }
