"""AutoBills."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import Select, func, or_, select

from cashbox_service.store.entities import (
    Account,
    AutoBill,
    AutoBillCharge,
    AutoBillEvent,
    AutoBillItem,
    Invoice,
    PaymentMethod,
)
from cashbox_service.store.repositories.base import Repository, batched

_NOT_BILLED = ("Pending Cancel", "Cancelled", "Expired", "Upgraded", "Deleted", "Legacy Suspended")
"""Statuses in which nothing will be billed any more."""


class AutoBillRepository(Repository):
    """AutoBills of one merchant. Those with status Deleted are never returned."""

    def by_vid(self, vid: str) -> AutoBill | None:
        return self._one(self._visible().where(AutoBill.vid == vid))

    def by_merchant_id(self, merchant_autobill_id: str) -> AutoBill | None:
        return self._one(self._visible().where(AutoBill.merchant_autobill_id == merchant_autobill_id))

    def of_accounts(
        self, account_vids: Iterable[str], page: int | None = None, size: int | None = None
    ) -> Sequence[AutoBill]:
        """Oldest first; all of them without a page."""
        statement = (
            self._visible()
            .where(AutoBill.account_vid.in_(list(account_vids)))
            .order_by(AutoBill.created_at, AutoBill.vid)
        )
        if page is None or size is None:
            return self._all(statement)
        return self._page(statement, page, size)

    def of_accounts_with_product(
        self, account_vids: Iterable[str], product_vid: str, today: date
    ) -> Sequence[AutoBill]:
        """Those with the product in an item that is current or to come, oldest first."""
        items = select(AutoBillItem.autobill_vid).where(
            AutoBillItem.merchant_vid == self.merchant_vid,
            AutoBillItem.product_vid == product_vid,
            or_(AutoBillItem.removed_on.is_(None), AutoBillItem.removed_on > today),
        )
        return self._all(
            self._visible()
            .where(AutoBill.account_vid.in_(list(account_vids)), AutoBill.vid.in_(items))
            .order_by(AutoBill.created_at, AutoBill.vid)
        )

    def by_email(self, address: str) -> Sequence[AutoBill]:
        return self._all(
            self._visible()
            .join(Account, Account.vid == AutoBill.account_vid)
            .where(Account.merchant_vid == self.merchant_vid, Account.email_key == address.lower())
            .order_by(AutoBill.created_at, AutoBill.vid)
        )

    def lock(self, vid: str) -> AutoBill | None:
        return self._lock(self._of(AutoBill).where(AutoBill.vid == vid), AutoBill)

    def using_payment_method(self, payment_method_vid: str) -> Sequence[AutoBill]:
        return self._all(
            self._visible()
            .where(AutoBill.payment_method_vid == payment_method_vid)
            .order_by(AutoBill.created_at, AutoBill.vid)
        )

    def by_vids(self, vids: Iterable[str]) -> dict[str, AutoBill]:
        """Those that exist, by VID and in the order asked for."""
        wanted, known = list(vids), {}
        for some in batched(wanted):
            for one in self._all(self._visible().where(AutoBill.vid.in_(some))):
                known[one.vid] = one
        return {vid: known[vid] for vid in wanted if vid in known}

    def changed_between(
        self, since: datetime, until: datetime, types: Iterable[str], page: int, size: int
    ) -> list[str]:
        """VIDs of AutoBills to which one of these events happened in the window, by the first of them."""
        event, first = AutoBillEvent, func.min(AutoBillEvent.at)
        statement = (
            select(event.autobill_vid)
            .join(AutoBill, AutoBill.vid == event.autobill_vid)
            .where(
                event.merchant_vid == self.merchant_vid,
                event.at >= since,
                event.at < until,
                event.type.in_(list(types)),
                AutoBill.status != "Deleted",
            )
            .group_by(event.autobill_vid)
            .order_by(first, event.autobill_vid)
        )
        return list(self.session.scalars(statement.offset(page * size).limit(size)))

    def billed_by_hand(self, until: date) -> Sequence[AutoBill]:
        """Those that issue an invoice to be paid by hand by that day."""
        return self._all(
            self._visible()
            .join(PaymentMethod, PaymentMethod.vid == AutoBill.payment_method_vid)
            .where(
                PaymentMethod.type == "MerchantAcceptedPayment",
                AutoBill.status.not_in(_NOT_BILLED),
                AutoBill.next_billing_on <= until,
            )
            .order_by(AutoBill.created_at, AutoBill.vid)
        )

    def due(self, today: date, limit: int) -> Sequence[str]:
        """VIDs of AutoBills with something to do by ``today``: a billing, a retry, its end, or an invoice to age."""
        aging = select(Invoice.autobill_vid).where(
            Invoice.merchant_vid == self.merchant_vid, Invoice.state == "Due", Invoice.overdue_on <= today
        )
        return self.session.scalars(
            select(AutoBill.vid)
            .where(
                AutoBill.merchant_vid == self.merchant_vid,
                AutoBill.parked_reason.is_(None),
                AutoBill.status != "Deleted",
                or_(
                    AutoBill.next_billing_on <= today,
                    AutoBill.retry_on <= today,
                    AutoBill.closes_on <= today,
                    AutoBill.vid.in_(aging),
                ),
            )
            .order_by(AutoBill.next_billing_on, AutoBill.vid)
            .limit(limit)
        ).all()

    def earliest_due(self, until: date) -> date | None:
        """The first date up to ``until`` on which something is to be done."""
        running = (AutoBill.merchant_vid == self.merchant_vid, AutoBill.parked_reason.is_(None))
        candidates = [
            self.session.scalar(
                select(func.min(AutoBill.next_billing_on)).where(
                    *running, AutoBill.next_billing_on <= until, AutoBill.status.not_in(_NOT_BILLED)
                )
            ),
            self.session.scalar(
                select(func.min(AutoBill.retry_on)).where(*running, AutoBill.retry_on <= until)
            ),
            self.session.scalar(
                select(func.min(AutoBill.closes_on)).where(*running, AutoBill.closes_on <= until)
            ),
            self.session.scalar(
                select(func.min(Invoice.overdue_on)).where(
                    Invoice.merchant_vid == self.merchant_vid,
                    Invoice.state == "Due",
                    Invoice.overdue_on <= until,
                )
            ),
        ]
        return min((found for found in candidates if found is not None), default=None)

    def exist(self) -> bool:
        """Whether the merchant has any AutoBill at all."""
        return self.session.scalar(self._of(AutoBill).with_only_columns(AutoBill.vid).limit(1)) is not None

    def pending_charges(self, autobill_vid: str) -> Sequence[AutoBillCharge]:
        return self._all(
            self._of(AutoBillCharge)
            .where(AutoBillCharge.autobill_vid == autobill_vid, AutoBillCharge.invoice_vid.is_(None))
            .order_by(AutoBillCharge.added_at, AutoBillCharge.row_id)
        )

    def everything(self) -> Sequence[AutoBill]:
        """All AutoBills, for the audit."""
        return self._all(self._of(AutoBill).order_by(AutoBill.created_at, AutoBill.vid))

    def events_of(self, autobill_vid: str) -> Sequence[AutoBillEvent]:
        return self._all(
            self._of(AutoBillEvent)
            .where(AutoBillEvent.autobill_vid == autobill_vid)
            .order_by(AutoBillEvent.at, AutoBillEvent.row_id)
        )

    def _visible(self) -> Select[AutoBill]:
        return self._of(AutoBill).where(AutoBill.status != "Deleted")
