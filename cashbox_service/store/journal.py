"""The books of the built-in processors, kept in our database but apart from our own rows.

A processor answers for itself: what it wrote down stays written whatever becomes of the call that asked it. So each
document is written in a transaction of its own, never inside that of a call.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, select

from cashbox_service.store.direct import Query, YieldingInsert
from cashbox_service.store.engine import Database
from cashbox_service.store.entities import ProcessorRecord

_FIND = Query(
    select(ProcessorRecord.outcome).where(
        ProcessorRecord.processor == bindparam("name"), ProcessorRecord.request_key == bindparam("key")
    )
)
_RECORD = YieldingInsert(ProcessorRecord)


class DatabaseJournal:
    """Documents by processor and key, each written once (processors.journal.Journal)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, processor: str, key: str) -> Mapping[str, Any] | None:
        """The document under the key."""
        rows = _FIND.rows_outside(self._database.connections, name=processor, key=key)
        return rows[0][0] if rows else None

    def record(
        self,
        processor: str,
        key: str,
        merchant: str,
        document: Mapping[str, Any],
        *,
        durable: bool = True,
    ) -> Mapping[str, Any]:
        """Write the document unless there is one; the one that stands there now."""
        with self._database.written_alone(durable=durable) as cursor:
            written = _RECORD.run(
                cursor,
                self._database.engine.dialect,
                processor=processor,
                request_key=key,
                merchant_vid=merchant,
                outcome=dict(document),
                recorded_at=datetime.now(UTC),
            )
        found = document if written else self.find(processor, key)
        assert found is not None
        return found
