"""What all repositories share: the merchant filter, row locks, paging."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Select, select

from cashbox_service.store.base import Base
from cashbox_service.store.direct import Batch, tracked
from cashbox_service.store.session import CallSession

E = TypeVar("E", bound=Base)

_FARTHEST = 2**62
"""Behind every row: databases count rows with 64 bits, merchants write any number."""

BATCH = "batch"
"""Where a session keeps the batch of the running transaction, if it writes in batches."""


def batched(keys: Sequence[str], size: int = 1000) -> Iterator[list[str]]:
    """The keys in lists that a statement can take as parameters."""
    for start in range(0, len(keys), size):
        yield list(keys[start : start + size])


class Repository:
    """Access to the rows of one merchant."""

    def __init__(self, session: CallSession, merchant_vid: str) -> None:
        self.session = session
        self.merchant_vid = merchant_vid

    def add(self, entity: E) -> E:
        """Store a new row of this merchant at the next flush."""
        batch = self._batch
        if batch is None:
            entity.merchant_vid = self.merchant_vid  # type: ignore[attr-defined]
            self.session.add(tracked(entity))
        else:
            entity.__dict__["merchant_vid"] = self.merchant_vid  # a new row has no history to keep
            batch.add(entity)
        return entity

    def changed(self, entity: Base) -> None:
        """Say that a loaded entity was changed; needed for those that belong to no session."""
        batch = self._batch
        if batch is not None and not batch.watches and entity not in self.session:
            batch.change(entity)

    @property
    def _batch(self) -> Batch | None:
        batch: Batch | None = self.session.info.get(BATCH)
        return batch

    def _of(self, entity: type[E]) -> Select[E]:
        """The rows of this merchant: the start of every query."""
        return select(entity).where(entity.merchant_vid == self.merchant_vid)  # type: ignore[attr-defined]

    def _one(self, statement: Select[E]) -> E | None:
        return self.session.scalars(statement).unique().one_or_none()

    def _all(self, statement: Select[E]) -> Sequence[E]:
        return self.session.scalars(statement).unique().all()

    def _with_vids(self, entity: type[E], vids: Iterable[str]) -> dict[str, E]:
        """The rows with these VIDs, by them; unknown ones are left out."""
        found: dict[str, E] = {}
        for some in batched(sorted(set(vids))):
            for one in self._all(self._of(entity).where(entity.vid.in_(some))):  # type: ignore[attr-defined]
                found[one.vid] = one  # type: ignore[attr-defined]
        return found

    def _page(self, statement: Select[E], page: int, size: int) -> Sequence[E]:
        """Records page·size+1 … (page+1)·size of an ordered statement (conventions §7)."""
        return self._all(statement.offset(min(page * size, _FARTHEST)).limit(size))

    def _lock(self, statement: Select[E], of: Any) -> E | None:
        """The one row, re-read and locked until the transaction ends."""
        return self._one(statement.with_for_update(of=of).execution_options(populate_existing=True))
