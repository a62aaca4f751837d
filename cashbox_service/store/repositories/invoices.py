"""Invoices and what was allocated to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import func, or_, select

from cashbox_service.store.entities import Allocation, AutoBill, CreditEvent, Invoice, Transaction
from cashbox_service.store.repositories.base import Repository

UNPAID = ("Due", "Overdue")


class InvoiceRepository(Repository):
    """Invoices of one merchant."""

    def of_autobill(self, autobill_vid: str, state: str | None = None) -> Sequence[Invoice]:
        """Oldest first."""
        statement = self._of(Invoice).where(Invoice.autobill_vid == autobill_vid)
        if state is not None:
            statement = statement.where(Invoice.state == state)
        return self._all(statement.order_by(Invoice.number))

    def latest_of_autobill(self, autobill_vid: str) -> Sequence[Invoice]:
        """The last cycle that is settled, and all that is not, oldest first: what its standing depends on."""
        last = (
            select(Invoice.number)
            .where(
                Invoice.merchant_vid == self.merchant_vid,
                Invoice.autobill_vid == autobill_vid,
                Invoice.cycle.is_not(None),
                Invoice.state.in_(("Paid", "Written Off")),
            )
            .order_by(Invoice.number.desc())
            .limit(1)
            .scalar_subquery()
        )
        return self._all(
            self._of(Invoice)
            .where(
                Invoice.autobill_vid == autobill_vid,
                or_(Invoice.state.in_(("Open", *UNPAID)), Invoice.number == last),
            )
            .order_by(Invoice.number)
        )

    def last_billed(self, autobill_vid: str) -> Invoice | None:
        """The last one that was billed."""
        return self._one(
            self._of(Invoice)
            .where(Invoice.autobill_vid == autobill_vid, Invoice.billed_on.is_not(None))
            .order_by(Invoice.number.desc())
            .limit(1)
        )

    def numbered(self, autobill_vid: str, invoice_id: str) -> Invoice | None:
        return self._one(
            self._of(Invoice).where(Invoice.autobill_vid == autobill_vid, Invoice.invoice_id == invoice_id)
        )

    def of_account_numbered(
        self, account_vid: str, invoice_id: str, autobill_vid: str | None = None
    ) -> Sequence[Invoice]:
        """Invoices of the account, or of one of its AutoBills, with that id, whatever their state."""
        statement = self._of(Invoice).where(
            Invoice.account_vid == account_vid, Invoice.invoice_id == invoice_id
        )
        if autobill_vid is not None:
            statement = statement.where(Invoice.autobill_vid == autobill_vid)
        return self._all(statement)

    def accepting(self, account_vid: str) -> Sequence[Invoice]:
        """The account's invoices that can take a payment at all, oldest first."""
        return self._all(
            self._of(Invoice)
            .where(Invoice.account_vid == account_vid, Invoice.state.in_(("Open", *UNPAID)))
            .order_by(Invoice.due_on, Invoice.number)
        )

    def of_cycle(self, autobill_vid: str, cycle: int) -> Invoice | None:
        """The invoice of the cycle with that autoBillCycle."""
        return self._one(
            self._of(Invoice).where(Invoice.autobill_vid == autobill_vid, Invoice.cycle == cycle)
        )

    def issued_by_hand(self, first: date, last: date) -> Sequence[Invoice]:
        """Invoices for customers who pay by hand that were issued on these days, in order."""
        return self._all(
            self._of(Invoice)
            .join(AutoBill, AutoBill.vid == Invoice.autobill_vid)
            .where(
                Invoice.by_hand.is_(True),
                Invoice.billed_on.is_not(None),
                Invoice.invoice_on >= first,
                Invoice.invoice_on <= last,
            )
            .order_by(Invoice.invoice_on, AutoBill.created_at, AutoBill.vid, Invoice.number)
        )

    def open_of(self, autobill_vid: str) -> Invoice | None:
        """The invoice of the coming cycle."""
        return self._one(
            self._of(Invoice).where(Invoice.autobill_vid == autobill_vid, Invoice.state == "Open")
        )

    def of_account(self, account_vid: str) -> Sequence[Invoice]:
        """All invoices of the account's AutoBills, oldest first."""
        return self._all(
            self._of(Invoice)
            .where(Invoice.account_vid == account_vid)
            .order_by(Invoice.due_on, Invoice.number, Invoice.vid)
        )

    def unpaid_of_account(self, account_vid: str) -> Sequence[Invoice]:
        """Due and Overdue, by due date, then number."""
        return self._all(
            self._of(Invoice)
            .where(Invoice.account_vid == account_vid, Invoice.state.in_(UNPAID))
            .order_by(Invoice.due_on, Invoice.number)
        )

    def unpaid_of_autobill(self, autobill_vid: str) -> Sequence[Invoice]:
        return self._all(
            self._of(Invoice)
            .where(Invoice.autobill_vid == autobill_vid, Invoice.state.in_(UNPAID))
            .order_by(Invoice.due_on, Invoice.number)
        )

    def turning_overdue(self, autobill_vid: str, today: date) -> Sequence[Invoice]:
        """Due invoices that are Overdue by ``today``."""
        return self._all(
            self._of(Invoice).where(
                Invoice.autobill_vid == autobill_vid, Invoice.state == "Due", Invoice.overdue_on <= today
            )
        )

    def overdue_days(self, autobill_vid: str) -> Sequence[date]:
        """The days on which Due invoices of the AutoBill become Overdue."""
        return [
            day
            for day in self.session.scalars(
                self._of(Invoice)
                .with_only_columns(Invoice.overdue_on)
                .where(Invoice.autobill_vid == autobill_vid, Invoice.state == "Due")
            )
            if day is not None
        ]

    def with_vids(self, vids: Iterable[str]) -> dict[str, Invoice]:
        return self._with_vids(Invoice, vids)

    def by_vid(self, vid: str) -> Invoice | None:
        return self._one(self._of(Invoice).where(Invoice.vid == vid))

    def with_id(self, invoice_id: str) -> Sequence[Invoice]:
        """Those that merchants know by this id, or the one with this VID."""
        return self._all(
            self._of(Invoice)
            .where(or_(Invoice.invoice_id == invoice_id, Invoice.vid == invoice_id))
            .order_by(Invoice.created_at, Invoice.vid)
        )

    def lock(self, vid: str) -> Invoice | None:
        return self._lock(self._of(Invoice).where(Invoice.vid == vid), Invoice)

    def count(self, state: str) -> int:
        """How many are in a state."""
        return (
            self.session.scalar(
                select(func.count()).where(Invoice.merchant_vid == self.merchant_vid, Invoice.state == state)
            )
            or 0
        )

    def everything(self) -> Sequence[Invoice]:
        """All invoices, for the audit."""
        return self._all(self._of(Invoice).order_by(Invoice.autobill_vid, Invoice.number))

    def allocations_of(self, invoice_vid: str) -> Sequence[Allocation]:
        """All rows on the invoice in order of booking, reversals included."""
        return self._all(
            self._of(Allocation)
            .where(Allocation.invoice_vid == invoice_vid)
            .order_by(Allocation.at, Allocation.row_id)
        )

    def allocations_of_transaction(self, transaction_vid: str) -> Sequence[Allocation]:
        return self._all(
            self._of(Allocation)
            .where(Allocation.transaction_vid == transaction_vid)
            .order_by(Allocation.at, Allocation.position, Allocation.row_id)
        )

    def paid_on_line(self, invoice_vid: str, line: int) -> Decimal:
        """What payments that named the line have paid of it; what was taken back is taken off."""
        amounts = self.session.scalars(
            self._of(Allocation)
            .with_only_columns(Allocation.amount)
            .where(Allocation.invoice_vid == invoice_vid, Allocation.line == line)
        )
        return sum(amounts, Decimal(0))

    def payments_on(self, invoice_vid: str) -> Sequence[tuple[Allocation, Transaction]]:
        """Payments on the invoice with their transactions, in order of booking, reversed ones included."""
        rows = self.session.execute(
            select(Allocation, Transaction)
            .join(Transaction, Transaction.vid == Allocation.transaction_vid)
            .where(
                Allocation.merchant_vid == self.merchant_vid,
                Allocation.invoice_vid == invoice_vid,
                Allocation.reverses_id.is_(None),
            )
            .order_by(Allocation.at, Allocation.row_id)
        )
        return [(allocation, transaction) for allocation, transaction in rows]

    def allocated_totals(self) -> dict[str, Decimal]:
        """Sum of allocations per invoice, for the audit."""
        totals: dict[str, Decimal] = {}
        rows = self.session.execute(
            select(Allocation.invoice_vid, Allocation.amount).where(
                Allocation.merchant_vid == self.merchant_vid
            )
        )
        for invoice_vid, amount in rows:
            totals[invoice_vid] = totals.get(invoice_vid, Decimal(0)) + amount
        return totals

    def credit_events_on(self, invoice_vid: str) -> Sequence[CreditEvent]:
        return self._all(
            self._of(CreditEvent)
            .where(CreditEvent.invoice_vid == invoice_vid)
            .order_by(CreditEvent.at, CreditEvent.row_id)
        )
