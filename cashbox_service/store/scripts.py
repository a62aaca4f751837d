"""What merchants scripted for the sandbox processor, kept where every process of the service finds it.

Like the processor's books these are not our own rows: each change is a transaction of its own, never inside that of a
call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from cashbox_service.store.direct import Query
from cashbox_service.store.engine import Database
from cashbox_service.store.entities import ProcessorScript

Outcome = Mapping[str, Any]

_WAITING = Query(
    select(ProcessorScript.outcomes).where(ProcessorScript.merchant_vid == bindparam("merchant"))
)


class DatabaseScripts:
    """Outcomes by merchant, first in, first out (processors.script.Queue)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self, merchant: str) -> Sequence[Outcome]:
        """What has not been taken yet."""
        rows = _WAITING.rows_outside(self._database.connections, merchant=merchant)
        outcomes: Sequence[Outcome] = rows[0][0] if rows else ()
        return outcomes

    def replace(self, merchant: str, outcomes: Sequence[Outcome]) -> None:
        """Forget what is waiting, and let these wait instead."""
        with self._database.session() as session, self._database.write_turn(session):
            _put(session, merchant, outcomes)
            session.commit()

    def take(self, merchant: str, fits: Callable[[Outcome], bool]) -> Outcome | None:
        """Remove and give the first that fits; None when there is none."""
        if not any(fits(outcome) for outcome in self.waiting(merchant)):
            return None
        with self._database.session() as session, self._database.write_turn(session):
            script = session.scalar(
                select(ProcessorScript).where(ProcessorScript.merchant_vid == merchant).with_for_update()
            )
            outcomes = list(script.outcomes) if script is not None else []
            number = next((index for index, outcome in enumerate(outcomes) if fits(outcome)), None)
            if number is None:
                return None  # another process was first
            taken = outcomes.pop(number)
            _put(session, merchant, outcomes)
            session.commit()
            return taken


def _put(session: Session, merchant: str, outcomes: Sequence[Outcome]) -> None:
    session.merge(ProcessorScript(merchant_vid=merchant, outcomes=tuple(dict(entry) for entry in outcomes)))
