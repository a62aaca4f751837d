"""Changes of the items and plans of AutoBills, and the transactions that changes were settled with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cashbox_service.store.entities import AutoBillItemChange, AutoBillPlanChange, Transaction
from cashbox_service.store.repositories.base import Repository


class AutoBillHistoryRepository(Repository):
    """What became of AutoBills of one merchant."""

    def item_changes(self, autobill_vid: str) -> Sequence[AutoBillItemChange]:
        """Oldest first."""
        return self._all(
            self._of(AutoBillItemChange)
            .where(AutoBillItemChange.autobill_vid == autobill_vid)
            .order_by(AutoBillItemChange.requested_at, AutoBillItemChange.row_id)
        )

    def plan_changes(self, autobill_vid: str) -> Sequence[AutoBillPlanChange]:
        """Oldest first."""
        return self._all(
            self._of(AutoBillPlanChange)
            .where(AutoBillPlanChange.autobill_vid == autobill_vid)
            .order_by(AutoBillPlanChange.requested_at, AutoBillPlanChange.row_id)
        )

    def billings_since(self, autobill_vid: str, since: datetime) -> Sequence[Transaction]:
        """Transactions that billed something of the AutoBill, oldest first; one moment's in the order of their ids."""
        return self._all(
            self._of(Transaction)
            .where(
                Transaction.autobill_vid == autobill_vid,
                Transaction.kind == "recurring",
                Transaction.happened_at >= since,
            )
            .order_by(Transaction.happened_at, Transaction.merchant_transaction_id)
        )
