"""Numbered ids (transactions, refunds) drawn from blocks that a process reserves ahead.

A block is reserved in a short transaction of its own before the work that needs numbers begins, so that no number is
given twice whatever becomes of that work, and no two processes wait for each other on a counter. Unused numbers of a
stopped process are lost: gaps are harmless, repeats are not.
"""

from __future__ import annotations

import threading
from collections import deque

from sqlalchemy import select, update

from cashbox_service.store.engine import Database, insert_unless_there
from cashbox_service.store.entities import NumberBlock

BLOCK_SIZE = 100
RESERVE = 40
"""Fewest numbers at hand when a write transaction begins: more than any one takes that did not ask for more."""


class NumberSeries:
    """The numbers this process may give out, per merchant and series. Thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._numbers: dict[tuple[str, str], deque[int]] = {}
        self._lock = threading.Lock()

    def top_up(self, merchant_vid: str, series: str = "transaction", at_least: int = RESERVE) -> None:
        """Make sure enough numbers are at hand. Call it while no transaction is open."""
        at_hand = self._numbers.get((merchant_vid, series))
        if at_hand is not None and len(at_hand) >= at_least:
            return
        with self._lock:
            at_hand = self._numbers.setdefault((merchant_vid, series), deque())
            while len(at_hand) < at_least:
                first = self._reserve(merchant_vid, series)
                at_hand.extend(range(first, first + BLOCK_SIZE))

    def next(self, merchant_vid: str, series: str = "transaction") -> int:
        """A number never given before. Raises IndexError when ``top_up`` was not called."""
        return self._numbers[merchant_vid, series].popleft()

    def forget(self, merchant_vid: str) -> None:
        """Drop the merchant's reserved numbers, after its data was reset."""
        with self._lock:
            for key in [key for key in self._numbers if key[0] == merchant_vid]:
                del self._numbers[key]

    def _reserve(self, merchant_vid: str, series: str) -> int:
        session = self._database.session()
        try:
            with self._database.write_turn(session):
                session.execute(
                    insert_unless_there(NumberBlock, on_sqlite=self._database.is_sqlite).values(
                        merchant_vid=merchant_vid, series=series, next_number=1
                    )
                )
                first = session.scalars(
                    select(NumberBlock.next_number)
                    .where(NumberBlock.merchant_vid == merchant_vid, NumberBlock.series == series)
                    .with_for_update()
                ).one()
                session.execute(
                    update(NumberBlock)
                    .where(NumberBlock.merchant_vid == merchant_vid, NumberBlock.series == series)
                    .values(next_number=first + BLOCK_SIZE)
                )
                session.commit()
                return first
        finally:
            session.close()
