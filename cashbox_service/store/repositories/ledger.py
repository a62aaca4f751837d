"""The ledger."""

from __future__ import annotations

from collections.abc import Sequence

from cashbox_service.store.entities import LedgerEntry
from cashbox_service.store.repositories.base import Repository


class LedgerRepository(Repository):
    """Ledger entries of one merchant. Rows are added, never changed."""

    def everything(self) -> Sequence[LedgerEntry]:
        """All entries in order of posting, for the audit."""
        return self._all(self._of(LedgerEntry).order_by(LedgerEntry.at, LedgerEntry.row_id))

    def of_transaction(self, transaction_vid: str) -> Sequence[LedgerEntry]:
        """What was posted for a transaction, in order."""
        return self._all(
            self._of(LedgerEntry)
            .where(LedgerEntry.transaction_vid == transaction_vid)
            .order_by(LedgerEntry.at, LedgerEntry.row_id)
        )
