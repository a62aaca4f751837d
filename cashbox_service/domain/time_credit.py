"""Time credit: what it does to the schedule. The coming billing is postponed, as by a permanent delay.

Source: billing-engine §3.3, §8, autobill §6.18; calendar arithmetic as in account §9.5.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cashbox_service.domain.interval import Length
from cashbox_service.domain.schedule import Move, Terms, cycle_at


def postponement(terms: Terms, index: int, length: Length) -> Move | None:
    """The move of the cycle with that autoBillCycle; None when there is no such cycle.

    The first billing is never put off: nothing has been entitled yet that could go on.
    """
    return None if index == 0 else free_time(terms, index, length)


def free_time(terms: Terms, index: int, length: Length) -> Move | None:
    """The move by free time that a campaign grants, which puts off the first billing as well (campaign §4.4)."""
    coming = cycle_at(terms, index)
    if coming is None:
        return None
    start = coming.service_start
    return Move(index, length.after(start), permanent=True, anchor_day=_anchor(terms, index, length))


def _anchor(terms: Terms, index: int, length: Length) -> int | None:
    """The day of the month from which later cycles are counted; a short month may hide it (31, on 29 February)."""
    if not length.keeps_day_of_month:
        return None
    following = cycle_at(terms, index + 1)
    coming = cycle_at(terms, index)
    assert coming is not None
    days = [coming.service_start.day, *([following.service_start.day] if following is not None else [])]
    return max(days)


def postponed(terms: Terms, index: int, lengths: Iterable[Length]) -> Terms:
    """The terms as they will be when all these credits have been used on the cycle, one after the other."""
    for length in lengths:
        move = postponement(terms, index, length)
        if move is not None:
            terms = replace(terms, moves=(*terms.moves, move))
    return terms
