"""Refunds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from cashbox_service.store.entities import Refund, Transaction
from cashbox_service.store.repositories.base import Repository


class RefundRepository(Repository):
    """Refunds of one merchant."""

    def by_vid(self, vid: str) -> Refund | None:
        return self._one(self._of(Refund).where(Refund.vid == vid))

    def by_merchant_id(self, merchant_refund_id: str) -> Refund | None:
        return self._one(self._of(Refund).where(Refund.merchant_refund_id == merchant_refund_id))

    def lock(self, vid: str) -> Refund | None:
        return self._lock(self._of(Refund).where(Refund.vid == vid), Refund)

    def of_transaction(self, transaction_vid: str) -> Sequence[Refund]:
        """Failed ones included, in the order in which they were accepted."""
        return self._all(
            self._of(Refund)
            .where(Refund.transaction_vid == transaction_vid)
            .order_by(Refund.created_at, Refund.vid)
        )

    def of_accounts(self, account_vids: Iterable[str]) -> Sequence[Refund]:
        """Refunds of the accounts' transactions, by their timestamps."""
        return self._all(
            self._of(Refund)
            .join(Transaction, Transaction.vid == Refund.transaction_vid)
            .where(
                Transaction.merchant_vid == self.merchant_vid,
                Transaction.account_vid.in_(list(account_vids)),
            )
            .order_by(Refund.happened_at, Refund.vid)
        )

    def between(
        self, since: datetime, until: datetime, payment_method_vids: Iterable[str] | None = None
    ) -> Sequence[Refund]:
        """By their timestamps; of transactions with these payment methods when some are given."""
        statement = self._of(Refund).where(Refund.happened_at >= since, Refund.happened_at < until)
        if payment_method_vids is not None:
            statement = statement.join(Transaction, Transaction.vid == Refund.transaction_vid).where(
                Transaction.merchant_vid == self.merchant_vid,
                Transaction.payment_method_vid.in_(list(payment_method_vids)),
            )
        return self._all(statement.order_by(Refund.happened_at, Refund.vid))

    def waiting(self) -> Sequence[str]:
        """VIDs of refunds that were accepted and about which no processor has been asked, oldest first."""
        return self.session.scalars(
            self._of(Refund)
            .with_only_columns(Refund.vid)
            .where(Refund.status == "Processing", Refund.request_key.is_(None))
            .order_by(Refund.created_at, Refund.vid)
        ).all()

    def of_request(self, request_key: str) -> Sequence[Refund]:
        """The refunds that wait for the outcome of one request to a processor."""
        return self._all(
            self._of(Refund).where(Refund.request_key == request_key).order_by(Refund.created_at, Refund.vid)
        )

    def everything(self) -> Sequence[Refund]:
        """All refunds, for the audit."""
        return self._all(self._of(Refund).order_by(Refund.created_at, Refund.vid))
