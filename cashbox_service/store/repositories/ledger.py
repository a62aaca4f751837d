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
