"""AutoBills."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import JSON, ColumnElement, Select, exists, func, or_, select, type_coerce, union
from sqlalchemy.orm import InstrumentedAttribute, contains_eager

from cashbox_service.store.entities import (
    Account,
    AutoBill,
    AutoBillCharge,
    AutoBillEvent,
    AutoBillItem,
    BillingPlan,
    Invoice,
    PaymentMethod,
)
from cashbox_service.store.repositories.base import Repository, batched

_NOT_BILLED = ("Pending Cancel", "Cancelled", "Expired", "Upgraded", "Deleted", "Legacy Suspended")
"""Statuses in which nothing will be billed any more."""


def _billed(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What has to hold beside the date for an AutoBill to be billed."""
    return AutoBill.status.not_in(_NOT_BILLED), AutoBill.start_at <= now


class AutoBillRepository(Repository):
    """AutoBills of one merchant. Those with status Deleted are never returned."""

    def with_vids(self, vids: Iterable[str]) -> dict[str, AutoBill]:
        return self._with_vids(AutoBill, vids)

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
        has_product = exists().where(
            AutoBillItem.merchant_vid == self.merchant_vid,
            AutoBillItem.autobill_vid == AutoBill.vid,
            AutoBillItem.product_vid == product_vid,
            or_(AutoBillItem.removed_on.is_(None), AutoBillItem.removed_on > today),
        )
        return self._all(
            self._visible()
            .where(AutoBill.account_vid.in_(list(account_vids)), has_product)
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

    def with_card_expiring(self, month: str) -> Sequence[str]:
        """VIDs of those that still bill a card with this expiration date, as in 202408."""
        expires = type_coerce(PaymentMethod.details, JSON)["expiration_date"].as_string()
        found = self.session.scalars(
            select(AutoBill.vid)
            .join(PaymentMethod, PaymentMethod.vid == AutoBill.payment_method_vid)
            .where(
                AutoBill.merchant_vid == self.merchant_vid,
                PaymentMethod.merchant_vid == self.merchant_vid,
                PaymentMethod.type == "CreditCard",
                AutoBill.status.not_in(_NOT_BILLED),
                expires == month,
            )
        )
        return sorted(found)  # an order that is asked of the database leads it through all merchants

    def on_season_sets(self, limit: int) -> Sequence[AutoBill]:
        """Those that still bill, by a plan with seasons; oldest first."""
        return self._all(
            self._visible()
            .join(BillingPlan, BillingPlan.vid == AutoBill.billing_plan_vid)
            .where(BillingPlan.season_set_vid.is_not(None), AutoBill.status.not_in(_NOT_BILLED))
            .order_by(AutoBill.created_at, AutoBill.vid)
            .limit(limit)
        )

    def due(self, day: date, now: datetime, *, after: str = "", limit: int) -> Sequence[str]:
        """VIDs of AutoBills with something to do by ``day``, those behind ``after`` in the order of VIDs.

        A billing, a retry, their end, or an invoice to age; a first billing only once the start has come.
        """
        mine = select(AutoBill.vid).where(
            AutoBill.merchant_vid == self.merchant_vid,
            func.coalesce(AutoBill.vid, "") > after,  # a plain comparison would be looked up by it
            AutoBill.parked_reason.is_(None),
            AutoBill.status != "Deleted",
        )
        aging = mine.join(Invoice, Invoice.autobill_vid == AutoBill.vid).where(
            Invoice.merchant_vid == self.merchant_vid, Invoice.state == "Due", Invoice.overdue_on <= day
        )
        # One condition with OR would be looked for in all AutoBills of the merchant; each of these has an index.
        found = union(
            mine.where(AutoBill.next_billing_on <= day, *_billed(now)),
            mine.where(AutoBill.retry_on <= day),
            mine.where(AutoBill.closes_on <= day),
            mine.where(AutoBill.notify_on <= day),
            aging,
        ).subquery()
        return self.session.scalars(select(found.c.vid).order_by(found.c.vid).limit(limit)).all()

    def earliest_due(self, until: date, now: datetime, *, after: date | None = None) -> date | None:
        """The first day up to ``until``, and behind ``after``, on which something is to be done."""
        mine = (AutoBill.merchant_vid == self.merchant_vid, AutoBill.parked_reason.is_(None))
        sources: tuple[tuple[InstrumentedAttribute[date | None], tuple[ColumnElement[bool], ...]], ...] = (
            (AutoBill.next_billing_on, (*mine, *_billed(now))),
            (AutoBill.retry_on, mine),
            (AutoBill.closes_on, mine),
            (AutoBill.notify_on, mine),
            (Invoice.overdue_on, (Invoice.merchant_vid == self.merchant_vid, Invoice.state == "Due")),
        )
        found = []
        for column, conditions in sources:
            later = (column > after,) if after is not None else ()
            found.append(
                self.session.scalar(select(func.min(column)).where(*conditions, column <= until, *later))
            )
        return min((day for day in found if day is not None), default=None)

    def claim(self, vids: Sequence[str], *, wait: bool) -> Sequence[AutoBill]:
        """The AutoBills, re-read and locked with their accounts, in the order in which everybody locks accounts.

        Those that somebody else has locked are left out, unless the caller is to ``wait`` for them.
        """
        return self._all(
            self._of(AutoBill)
            .join(Account, Account.vid == AutoBill.account_vid)
            .where(AutoBill.vid.in_(vids), AutoBill.status != "Deleted")
            .order_by(AutoBill.account_vid, AutoBill.vid)
            .options(contains_eager(AutoBill.account))
            .with_for_update(of=(Account, AutoBill), skip_locked=not wait)
            .execution_options(populate_existing=True)
        )

    def parked(self) -> Sequence[AutoBill]:
        """Those that are set aside, oldest first."""
        return self._all(
            self._visible()
            .where(AutoBill.parked_reason.is_not(None))
            .order_by(AutoBill.created_at, AutoBill.vid)
        )

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
