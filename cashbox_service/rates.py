"""How often somebody may do something: token buckets in memory, by real time."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable


class RateLimit:
    """So many times a minute per key, all of them at once if they were saved up. Safe to use from several threads.

    Holds ``most`` keys; beyond that the one not asked for longest is forgotten.
    """

    def __init__(
        self, per_minute: int, now: Callable[[], float] = time.monotonic, most: int = 10_000
    ) -> None:
        self._per_minute = per_minute
        self._now = now
        self._most = most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, key: str) -> float:
        """Take one; how many seconds there is none, 0 when it was there."""
        with self._lock:
            now = self._now()
            left = self._left(key, now)
            taken = left >= 1
            self._buckets[key] = (left - 1 if taken else left, now)
            self._buckets.move_to_end(key)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        return 0.0 if taken else (1 - left) * 60 / self._per_minute

    def exhausted(self, key: str) -> bool:
        """Whether there is none now; nothing is taken."""
        with self._lock:
            return self._left(key, self._now()) < 1

    def _left(self, key: str, now: float) -> float:
        left, at = self._buckets.get(key, (float(self._per_minute), now))
        return min(float(self._per_minute), left + (now - at) * self._per_minute / 60)
