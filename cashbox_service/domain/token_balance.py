"""Balances of tokens after movements, which never fall below zero on the way (account §4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def after(balances: Mapping[str, int], movements: Iterable[tuple[str, int]]) -> dict[str, int] | None:
    """The balances by token type after signed movements in order; None when a deduction finds too few.

    A balance that is negative already, as a refund can leave it, may be raised but not lowered.
    """
    moved = dict(balances)
    for token, amount in movements:
        moved[token] = moved.get(token, 0) + amount
        if amount < 0 and moved[token] < 0:
            return None
    return moved
