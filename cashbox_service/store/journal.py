"""The books of the built-in processors, kept in our database but apart from our own rows.

A processor answers for itself: what it wrote down stays written whatever becomes of the call that asked it. So each
document is written in a transaction of its own, never inside that of a call.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from cashbox_service.store.engine import Database, insert_unless_there
from cashbox_service.store.entities import ProcessorRecord

_FIND = select(ProcessorRecord.outcome)


class DatabaseJournal:
    """Documents by processor and key, each written once (processors.journal.Journal)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, processor: str, key: str) -> Mapping[str, Any] | None:
        """The document under the key."""
        with self._database.session() as session:
            return session.scalar(
                _FIND.where(ProcessorRecord.processor == processor, ProcessorRecord.request_key == key)
            )

    def record(
        self, processor: str, key: str, merchant: str, document: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Write the document unless there is one; the one that stands there now. Durable on return."""
        session = self._database.session()
        try:
            with self._database.write_turn(session):
                session.execute(
                    insert_unless_there(ProcessorRecord, on_sqlite=self._database.is_sqlite).values(
                        processor=processor,
                        request_key=key,
                        merchant_vid=merchant,
                        outcome=dict(document),
                        recorded_at=datetime.now(UTC),
                    )
                )
                session.commit()
        finally:
            session.close()
        found = self.find(processor, key)
        assert found is not None
        return found
