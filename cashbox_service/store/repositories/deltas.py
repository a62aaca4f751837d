"""Changes of transactions, and how far each log-in has read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, exists, func, select

from cashbox_service.store.entities import DeltaCursor, DeltaDelivery, Transaction, TransactionStatusEntry
from cashbox_service.store.repositories.base import Repository, batched


class Change(NamedTuple):
    """One entry of a transaction's log."""

    transaction_vid: str
    position: int
    logged_at: datetime


class DeltaRepository(Repository):
    """Changes of one merchant's transactions."""

    def changed_between(
        self, since: datetime, until: datetime, method_vids: Iterable[str] | None, page: int, size: int
    ) -> list[str]:
        """VIDs of transactions whose log grew in the window, by their first change in it."""
        entry = TransactionStatusEntry
        first = func.min(entry.logged_at)
        statement = select(entry.transaction_vid).where(
            entry.merchant_vid == self.merchant_vid, entry.logged_at >= since, entry.logged_at < until
        )
        if method_vids is not None:
            statement = statement.join(Transaction, Transaction.vid == entry.transaction_vid).where(
                Transaction.payment_method_vid.in_(list(method_vids))
            )
        statement = statement.group_by(entry.transaction_vid).order_by(first, entry.transaction_vid)
        return list(self.session.scalars(statement.offset(page * size).limit(size)))

    def not_delivered(self, login: str, since: datetime, start: int, count: int) -> list[Change]:
        """Changes from ``since`` on that the log-in was not given yet, oldest first: ``count`` from ``start`` on."""
        entry, delivery = TransactionStatusEntry, DeltaDelivery
        given = exists().where(
            delivery.merchant_vid == self.merchant_vid,
            delivery.login == login,
            delivery.transaction_vid == entry.transaction_vid,
            delivery.position == entry.position,
        )
        statement = (
            select(entry.transaction_vid, entry.position, entry.logged_at)
            .where(entry.merchant_vid == self.merchant_vid, entry.logged_at >= since, ~given)
            .order_by(entry.logged_at, entry.transaction_vid, entry.position)
        )
        return [Change(*row) for row in self.session.execute(statement.offset(start).limit(count))]

    def lock_cursor(self, login: str) -> DeltaCursor | None:
        """How far the log-in has read, locked; None when it never asked."""
        return self._lock(self._of(DeltaCursor).where(DeltaCursor.login == login), DeltaCursor)

    def record_given(self, login: str, transactions: Sequence[Transaction], since: datetime) -> None:
        """Note what the log-in was given of the changes from ``since`` on, and forget older notes."""
        self.session.execute(
            delete(DeltaDelivery).where(
                DeltaDelivery.merchant_vid == self.merchant_vid,
                DeltaDelivery.login == login,
                DeltaDelivery.logged_at < since,
            )
        )
        known = self._delivered(login, [transaction.vid for transaction in transactions])
        for transaction in transactions:
            for entry in transaction.status_log:
                if entry.logged_at >= since and (transaction.vid, entry.position) not in known:
                    self.add(
                        DeltaDelivery(
                            login=login,
                            transaction_vid=transaction.vid,
                            position=entry.position,
                            logged_at=entry.logged_at,
                        )
                    )

    def _delivered(self, login: str, vids: Sequence[str]) -> set[tuple[str, int]]:
        """What the log-in was given of these transactions."""
        delivery = DeltaDelivery
        statement = select(delivery.transaction_vid, delivery.position).where(
            delivery.merchant_vid == self.merchant_vid, delivery.login == login
        )
        found: set[tuple[str, int]] = set()
        for some in batched(vids):
            rows = self.session.execute(statement.where(delivery.transaction_vid.in_(some)))
            found.update((row[0], row[1]) for row in rows)
        return found
