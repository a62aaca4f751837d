"""Keeping what runs of a sandbox did, beside the calls that do it.

Each page is a transaction of its own, never inside that of a call: what a run has told stays told, however it ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select

from cashbox_service.ids import new_vid
from cashbox_service.store.engine import Database
from cashbox_service.store.entities import Replay, ReplayPage

KEPT: Final = 20
"""Replays that a merchant has; the oldest go."""

PAGE: Final = 500
"""Steps that are written together."""

StoredStep = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KeptReplay:
    """A replay without its steps."""

    vid: str
    began_at: datetime
    steps: int
    counts: Mapping[str, int]


class ReplayShelf:
    """The replays of one merchant."""

    def __init__(self, database: Database, merchant_vid: str) -> None:
        self._database = database
        self._merchant = merchant_vid

    def begin(self, now: datetime) -> str:
        """A new replay without steps; its VID. Old ones go, so that there are never more than KEPT."""
        vid = new_vid()
        with self._database.session() as session, self._database.write_turn(session):
            known = session.scalars(
                select(Replay.vid)
                .where(Replay.merchant_vid == self._merchant)
                .order_by(Replay.began_at.desc(), Replay.vid)
            ).all()
            gone = list(known[KEPT - 1 :])
            for entity, key in ((ReplayPage, ReplayPage.replay_vid), (Replay, Replay.vid)):
                if gone:
                    session.execute(
                        delete(entity).where(entity.merchant_vid == self._merchant, key.in_(gone))
                    )
            session.add(Replay(vid=vid, merchant_vid=self._merchant, began_at=now, steps=0, counts={}))
            session.commit()
        return vid

    def add(self, vid: str, first: int, steps: Sequence[StoredStep], counts: Mapping[str, int]) -> None:
        """The next steps, and how many there are of each kind by now."""
        with self._database.session() as session, self._database.write_turn(session):
            replay = session.get(Replay, vid)
            if replay is None or replay.merchant_vid != self._merchant:
                return  # so many others were begun since, or the merchant was reset
            replay.steps, replay.counts = first + len(steps), dict(counts)
            session.add(
                ReplayPage(
                    replay_vid=vid,
                    first=first,
                    merchant_vid=self._merchant,
                    steps=tuple(dict(step) for step in steps),
                )
            )
            session.commit()

    def kept(self) -> list[KeptReplay]:
        """All replays, the latest first."""
        with self._database.session() as session:
            found = session.scalars(
                select(Replay)
                .where(Replay.merchant_vid == self._merchant)
                .order_by(Replay.began_at.desc(), Replay.vid)
            )
            return [_kept(one) for one in found]

    def find(self, vid: str) -> KeptReplay | None:
        """One of them."""
        with self._database.session() as session:
            found = session.scalar(
                select(Replay).where(Replay.merchant_vid == self._merchant, Replay.vid == vid)
            )
            return None if found is None else _kept(found)

    def steps(self, vid: str, first: int, count: int) -> list[StoredStep]:
        """Up to ``count`` steps from the one with that number on, counted from 0."""
        with self._database.session() as session:
            pages = session.scalars(
                select(ReplayPage)
                .where(
                    ReplayPage.merchant_vid == self._merchant,
                    ReplayPage.replay_vid == vid,
                    ReplayPage.first < first + count,
                    ReplayPage.first > first - PAGE,
                )
                .order_by(ReplayPage.first)
            )
            return [
                step
                for page in pages
                for number, step in enumerate(page.steps, start=page.first)
                if first <= number < first + count
            ]


def _kept(replay: Replay) -> KeptReplay:
    return KeptReplay(replay.vid, replay.began_at, replay.steps, replay.counts)
