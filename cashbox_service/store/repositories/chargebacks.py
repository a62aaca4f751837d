"""Chargebacks, and how far each log-in has read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select, update

from cashbox_service.store.engine import insert_unless_there
from cashbox_service.store.entities import Chargeback, ChargebackCursor, NumberBlock, Transaction
from cashbox_service.store.repositories.base import Repository

_CHANGES = "chargeback change"
"""The series that counts what happened to a merchant's chargebacks."""


class ChargebackRepository(Repository):
    """Chargebacks of one merchant."""

    def by_vid(self, vid: str) -> Chargeback | None:
        return self._one(self._of(Chargeback).where(Chargeback.vid == vid))

    def lock(self, vid: str) -> Chargeback | None:
        return self._lock(self._of(Chargeback).where(Chargeback.vid == vid), Chargeback)

    def of_transaction(self, transaction_vid: str) -> Sequence[Chargeback]:
        """In the order in which they were posted."""
        return self._all(
            self._of(Chargeback)
            .where(Chargeback.transaction_vid == transaction_vid)
            .order_by(Chargeback.posted_at, Chargeback.vid)
        )

    def of_accounts(self, account_vids: Iterable[str]) -> Sequence[Chargeback]:
        return self._all(
            self._of(Chargeback)
            .join(Transaction, Transaction.vid == Chargeback.transaction_vid)
            .where(
                Transaction.merchant_vid == self.merchant_vid,
                Transaction.account_vid.in_(list(account_vids)),
            )
            .order_by(Chargeback.posted_at, Chargeback.vid)
        )

    def touches_card(self, instrument_key: str) -> bool:
        """Whether a payment with what a gateway calls that card was charged back."""
        return self._touches(Transaction.instrument_key == instrument_key)

    def touches_phone(self, source_phone_number: str) -> bool:
        """Whether a payment made from that telephone number was charged back."""
        return self._touches(Transaction.source_phone_number == source_phone_number)

    def _touches(self, condition: ColumnElement[bool]) -> bool:
        found = self.session.scalar(
            self._of(Chargeback)
            .with_only_columns(Chargeback.vid)
            .join(Transaction, Transaction.vid == Chargeback.transaction_vid)
            .where(Transaction.merchant_vid == self.merchant_vid, condition)
            .limit(1)
        )
        return found is not None

    def with_case_number(self, case_number: str, transaction_vid: str | None = None) -> Sequence[Chargeback]:
        """Those of one case of the bank; only of that transaction when one is given."""
        statement = self._of(Chargeback).where(Chargeback.case_number == case_number)
        if transaction_vid is not None:
            statement = statement.where(Chargeback.transaction_vid == transaction_vid)
        return self._all(statement.order_by(Chargeback.posted_at, Chargeback.vid))

    def with_reference_number(self, reference_number: str) -> Sequence[Chargeback]:
        return self._all(
            self._of(Chargeback)
            .where(Chargeback.reference_number == reference_number)
            .order_by(Chargeback.posted_at, Chargeback.vid)
        )

    def with_status(
        self, status: str, page: int, size: int, since: datetime | None = None
    ) -> Sequence[Chargeback]:
        """In the order in which they came to have it; only those from ``since`` on when that is given."""
        statement = self._of(Chargeback).where(Chargeback.status == status)
        if since is not None:
            statement = statement.where(Chargeback.status_changed_at >= since)
        return self._page(statement.order_by(Chargeback.status_changed_at, Chargeback.vid), page, size)

    def with_changes_between(
        self, since: datetime, until: datetime, page: int, size: int
    ) -> Sequence[Chargeback]:
        """New, or with another status since."""
        return self._page(
            self._of(Chargeback)
            .where(Chargeback.changed_at >= since, Chargeback.changed_at < until)
            .order_by(Chargeback.changed_at, Chargeback.vid),
            page,
            size,
        )

    def after_change(self, number: int, size: int) -> Sequence[Chargeback]:
        """The first ``size`` whose latest change came after that one, in the order of the changes."""
        return self._all(
            self._of(Chargeback)
            .where(Chargeback.change_number > number)
            .order_by(Chargeback.change_number)
            .limit(size)
        )

    def record_change(self) -> int:
        """The number of a change that the running transaction makes; no later one is committed before it."""
        connection = self.session.connection()
        connection.execute(
            insert_unless_there(NumberBlock, on_sqlite=connection.dialect.name == "sqlite").values(
                merchant_vid=self.merchant_vid, series=_CHANGES, next_number=1
            )
        )
        mine = (NumberBlock.merchant_vid == self.merchant_vid, NumberBlock.series == _CHANGES)
        number = connection.scalars(select(NumberBlock.next_number).where(*mine).with_for_update()).one()
        connection.execute(update(NumberBlock).where(*mine).values(next_number=number + 1))
        return number

    def record_cursor(self, login: str) -> ChargebackCursor:
        """How far the log-in has read, locked until the transaction ends; nothing yet when it never did."""
        connection = self.session.connection()
        connection.execute(
            insert_unless_there(ChargebackCursor, on_sqlite=connection.dialect.name == "sqlite").values(
                merchant_vid=self.merchant_vid, login=login, read_to=0
            )
        )
        cursor = self._lock(
            self._of(ChargebackCursor).where(ChargebackCursor.login == login), ChargebackCursor
        )
        assert cursor is not None
        return cursor

    def everything(self) -> Sequence[Chargeback]:
        """All chargebacks, for the audit."""
        return self._all(self._of(Chargeback).order_by(Chargeback.change_number))
