"""Two calls at the same moment: the one that comes second sees what the first one did, and starts over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from cashbox_service.domain.errors import ConcurrentChange

T = TypeVar("T")

MAX_TRIES = 10
"""So many calls may change the same object at once before one of them gives up."""


def starting_over(change: Callable[[], T]) -> T:
    """What ``change`` does in a transaction of its own, done anew when another call was first.

    Only for changes that nobody outside the store has seen: inside ``change`` no processor is asked and nothing is
    sent. Raises ConcurrentChange when another call is first every time.
    """
    for _ in range(MAX_TRIES - 1):
        try:
            return change()
        except ConcurrentChange:
            continue
    return change()
