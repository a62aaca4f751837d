"""What is remembered of a finished call: enough to count it and to find it again, never its content.

An interface reports each call it answered once, as a `FinishedCall`, to whoever observes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FinishedCall:
    """One answered call.

    ``return_code`` is None for a request that could not be dispatched, ``merchant_vid`` for one that was not let in.
    Service and operation are names of the contract, or empty when the request named none of it.
    """

    at: datetime
    service: str
    operation: str
    version: str
    soap_id: str
    return_code: int | None
    seconds: float
    merchant_vid: str | None = None


Observer = Callable[[FinishedCall], None]


class RecentCalls:
    """The last calls of this process, in memory. Thread-safe."""

    def __init__(self, size: int) -> None:
        self._calls: deque[FinishedCall] = deque(maxlen=size)

    def note(self, call: FinishedCall) -> None:
        self._calls.append(call)

    def of_merchant(self, merchant_vid: str) -> list[FinishedCall]:
        """The merchant's calls, newest first."""
        return [call for call in reversed(self._calls.copy()) if call.merchant_vid == merchant_vid]
