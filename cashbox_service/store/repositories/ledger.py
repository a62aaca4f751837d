"""The ledger."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import select, text

from cashbox_service.store.entities import LedgerEntry, LedgerPosting
from cashbox_service.store.entities.ledger import OF_A_PART
from cashbox_service.store.repositories.base import Repository


class LedgerRepository(Repository):
    """Ledger entries of one merchant. Rows are added, never changed."""

    def everything(self) -> Sequence[LedgerEntry]:
        """All entries in order of posting, for the audit. Reads those of the other merchants too."""
        return self._all(self._of(LedgerEntry).order_by(LedgerEntry.at, LedgerEntry.row_id))

    def posted(self, account: str, parts: Sequence[str]) -> dict[str, Decimal]:
        """What is posted by currency on parts of an account, debit positive (see ``OF_A_PART``)."""
        rows = self.session.execute(
            select(LedgerEntry.currency, LedgerPosting.amount)
            .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.row_id)
            .where(
                LedgerEntry.merchant_vid == self.merchant_vid,
                LedgerPosting.merchant_vid == self.merchant_vid,
                LedgerPosting.account == account,
                LedgerPosting.subject.in_(list(parts)),
                text(OF_A_PART),
            )
        )
        totals: dict[str, Decimal] = {}
        for currency, amount in rows:
            totals[currency] = totals.get(currency, Decimal(0)) + amount
        return totals

    def of_transaction(self, transaction_vid: str) -> Sequence[LedgerEntry]:
        """What was posted for a transaction, in order."""
        return self._all(
            self._of(LedgerEntry)
            .where(LedgerEntry.transaction_vid == transaction_vid)
            .order_by(LedgerEntry.at, LedgerEntry.row_id)
        )
