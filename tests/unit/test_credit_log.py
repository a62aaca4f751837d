"""What the credit history adds up to, and balances of tokens on their way."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.catalog import CreditPart
from cashbox_service.domain.credit_log import EFFECTS, CreditEventType, grants_left, tokens_left
from cashbox_service.domain.token_balance import after


def money(vid: str, amount: str) -> CreditPart:
    return CreditPart(kind="currency", amount=Decimal(amount), currency="USD", vid=vid)


def test_every_type_of_the_interface_has_an_effect() -> None:
    assert set(EFFECTS) == set(CreditEventType)


def test_entries_add_up_grant_by_grant() -> None:
    entries = [
        ("a", "Grant", (money("g1", "10"), money("g2", "5"))),
        ("a", "Consumption", (money("g1", "4"),)),
        ("a", "Refund", (money("g1", "1"),)),
        ("a", "Revocation", (money("g2", "5"),)),
        ("a", "GiftCardReversal", (money("g1", "3"),)),
        ("a", "Grant", (CreditPart(kind="time", days=3, vid="t"),)),
    ]
    assert grants_left(entries) == {"g1": Decimal(7), "g2": Decimal(0), "t": Decimal(1)}


def test_tokens_add_up_by_account_and_type() -> None:
    def part(count: int) -> CreditPart:
        return CreditPart(kind="token", amount=Decimal(count), token_vid="coin")

    entries = [
        ("a", "Grant", (part(5), part(2))),
        ("b", "Grant", (part(1),)),
        ("a", "Revocation", (part(3),)),
    ]
    assert tokens_left(entries) == {("a", "coin"): 4, ("b", "coin"): 1}


@pytest.mark.parametrize(
    ("balance", "movements", "expected"),
    [
        (5, [-5], 0),
        (5, [-6], None),
        (5, [-6, 10], None),
        (5, [10, -6], 9),
        (-3, [2], -1),
        (-3, [-1], None),
        (0, [], 0),
    ],
)
def test_a_balance_moves_step_by_step(balance: int, movements: list[int], expected: int | None) -> None:
    moved = after({"coin": balance}, [("coin", amount) for amount in movements])
    assert (None if moved is None else moved["coin"]) == expected


@given(st.integers(0, 100), st.lists(st.integers(-50, 50).filter(bool)))
def test_no_sequence_of_movements_passes_below_zero(balance: int, movements: list[int]) -> None:
    lowest, total = balance, balance
    for amount in movements:
        total += amount
        lowest = min(lowest, total)
    moved = after({"coin": balance}, [("coin", amount) for amount in movements])
    assert (moved is None) == (lowest < 0)
    assert moved is None or moved["coin"] == total
