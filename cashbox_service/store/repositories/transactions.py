"""Transactions, payment attempts, and number series."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from cashbox_service.store.entities import PaymentAttempt, Transaction, TransactionStatusEntry
from cashbox_service.store.repositories.base import Repository, batched

UNSETTLED = ("New", "AuthorizationPending", "AuthorizedPending", "Pending")
"""Statuses of a transaction whose outcome is still open."""


class TransactionRepository(Repository):
    """Transactions of one merchant."""

    def with_vids(self, vids: Iterable[str]) -> dict[str, Transaction]:
        return self._with_vids(Transaction, vids)

    def owners_of(self, vid: str) -> tuple[str | None, str | None]:
        """The VIDs of the AutoBill and of the account that a transaction belongs to."""
        owners = self._of(Transaction).with_only_columns(Transaction.autobill_vid, Transaction.account_vid)
        row = self.session.execute(owners.where(Transaction.vid == vid)).one_or_none()
        return (row[0], row[1]) if row is not None else (None, None)

    def by_vid(self, vid: str) -> Transaction | None:
        return self._one(self._of(Transaction).where(Transaction.vid == vid))

    def by_vids(self, vids: Sequence[str]) -> list[Transaction]:
        """In the order of ``vids``; unknown ones are left out."""
        known: dict[str, Transaction] = {}
        for some in batched(vids):
            for one in self._all(self._of(Transaction).where(Transaction.vid.in_(some))):
                known[one.vid] = one
        return [known[vid] for vid in vids if vid in known]

    def by_merchant_id(self, merchant_transaction_id: str) -> Transaction | None:
        return self._one(
            self._of(Transaction).where(Transaction.merchant_transaction_id == merchant_transaction_id)
        )

    def is_replaced(self, vid: str) -> bool:
        """Whether a later transaction took the place of this one."""
        found = self.session.scalar(
            self._of(Transaction).with_only_columns(Transaction.vid).where(Transaction.replaces_vid == vid)
        )
        return found is not None

    def lock(self, vid: str) -> Transaction | None:
        return self._lock(self._of(Transaction).where(Transaction.vid == vid), Transaction)

    def of_accounts(self, account_vids: Iterable[str], page: int, size: int) -> Sequence[Transaction]:
        """Oldest first."""
        return self._page(
            self._of(Transaction)
            .where(Transaction.account_vid.in_(list(account_vids)))
            .order_by(Transaction.happened_at, Transaction.vid),
            page,
            size,
        )

    def meant_for(self, account_vid: str, invoice_vid: str) -> Sequence[Transaction]:
        """Payments of the account that were made for an invoice, whatever became of them, oldest first."""
        return self._all(
            self._of(Transaction)
            .where(Transaction.account_vid == account_vid, Transaction.invoice_vid == invoice_vid)
            .order_by(Transaction.created_at, Transaction.vid)
        )

    def with_instrument_key(self, key: str, since: datetime) -> Sequence[Transaction]:
        """Payments with what a gateway calls that card, from ``since`` on."""
        return self._all(
            self._of(Transaction).where(Transaction.instrument_key == key, Transaction.happened_at >= since)
        )

    def of_session(self, cashier_session: str) -> Sequence[Transaction]:
        """Payments of one session of a cash drawer, oldest first."""
        return self._all(
            self._of(Transaction)
            .where(Transaction.cashier_session == cashier_session)
            .order_by(Transaction.created_at, Transaction.vid)
        )

    def of_any_session(self) -> Sequence[Transaction]:
        """Payments of all sessions, for the audit."""
        return self._all(self._of(Transaction).where(Transaction.cashier_session.is_not(None)))

    def of_autobill(self, autobill_vid: str) -> Sequence[Transaction]:
        """All but validations, oldest first (transaction §7.13)."""
        return self._all(
            self._of(Transaction)
            .where(Transaction.autobill_vid == autobill_vid, Transaction.kind != "validation")
            .order_by(Transaction.happened_at, Transaction.vid)
        )

    def of_invoice(self, invoice_vid: str) -> Sequence[Transaction]:
        """Those meant for one invoice, oldest first."""
        return self._all(
            self._of(Transaction)
            .where(Transaction.invoice_vid == invoice_vid)
            .order_by(Transaction.happened_at, Transaction.created_at, Transaction.vid)
        )

    def of_payment_methods(self, vids: Iterable[str], page: int, size: int) -> Sequence[Transaction]:
        return self._page(
            self._of(Transaction)
            .where(Transaction.payment_method_vid.in_(list(vids)))
            .order_by(Transaction.happened_at, Transaction.vid),
            page,
            size,
        )

    def by_payment_id(self, account_vid: str, payment_id: str) -> Transaction | None:
        """The merchant-accepted payment with that paymentId on the account."""
        return self._one(
            self._of(Transaction).where(
                Transaction.account_vid == account_vid, Transaction.payment_id == payment_id
            )
        )

    def due_for_capture(self, now: datetime) -> Sequence[Transaction]:
        """What the capture batch has to take or to ask after by now, oldest first."""
        return self._all(
            self._of(Transaction)
            .where(Transaction.capture_at.is_not(None), Transaction.capture_at <= now)
            .order_by(Transaction.capture_at, Transaction.vid)
        )

    def lapsing(self, now: datetime) -> Sequence[Transaction]:
        """Authorizations that nobody captured, and customers who did not come back, until now."""
        return self._all(
            self._of(Transaction)
            .where(Transaction.lapses_at.is_not(None), Transaction.lapses_at <= now)
            .order_by(Transaction.lapses_at, Transaction.vid)
        )

    def add_status(self, entry: TransactionStatusEntry) -> None:
        self.add(entry)

    def attempt(self, request_key: str) -> PaymentAttempt | None:
        return self._one(self._of(PaymentAttempt).where(PaymentAttempt.request_key == request_key))

    def lock_attempt(self, request_key: str) -> PaymentAttempt | None:
        """The attempt, re-read and locked: whoever records an outcome sees whether somebody did before."""
        return self._lock(
            self._of(PaymentAttempt).where(PaymentAttempt.request_key == request_key), PaymentAttempt
        )

    def unsettled_attempts(self) -> Sequence[PaymentAttempt]:
        """Attempts without a final outcome."""
        return self._all(self._of(PaymentAttempt).where(PaymentAttempt.state.in_(("open", "pending"))))

    def open_attempts(self, before: datetime) -> Sequence[PaymentAttempt]:
        """Attempts begun before ``before`` whose outcome was never recorded, or whose money is to be given back."""
        return self._all(
            self._of(PaymentAttempt)
            .where(PaymentAttempt.state.in_(("open", "returning")), PaymentAttempt.created_at < before)
            .order_by(PaymentAttempt.created_at)
        )

    def unsettled_on(self, invoice_vid: str) -> bool:
        """Whether a payment meant for the invoice still waits for its outcome."""
        found = self.session.scalar(
            self._of(Transaction)
            .with_only_columns(Transaction.vid)
            .where(Transaction.invoice_vid == invoice_vid, Transaction.status.in_(UNSETTLED))
            .limit(1)
        )
        return found is not None

    def attempt_of(self, transaction_vid: str) -> PaymentAttempt | None:
        """The attempt that holds, or may hold, the money of a transaction; internal ones have none."""
        return self._one(
            self._of(PaymentAttempt).where(
                PaymentAttempt.transaction_vid == transaction_vid, PaymentAttempt.state != "superseded"
            )
        )
