"""AutoBill, its items, charges added to the next bill, and its event history."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.discount import Discount, TimeGrant
from cashbox_service.domain.notice import NoticeBook
from cashbox_service.domain.schedule import Move
from cashbox_service.store.base import (
    KEPT_BY_KEY,
    KEY,
    ROW_ID,
    VID,
    Base,
    OwnedByMerchant,
    Versioned,
    index_where_set,
    refers_to,
)
from cashbox_service.store.entities.account import Account
from cashbox_service.store.entities.catalog import BillingPlan, Product, RatePlan
from cashbox_service.store.entities.payment_method import PaymentMethod
from cashbox_service.store.types import Amount, Document


class AutoBill(OwnedByMerchant, Versioned, Base):
    """One subscription (autobill §1).

    ``next_cycle`` is the autoBillCycle of the coming billing (the Open invoice), ``next_billing_on`` its date;
    both are empty once nothing more will be billed. ``retry_on`` is the date of the next attempt of an unpaid
    cycle. ``plan_cycle_offset`` is the autoBillCycle at which the present plan took effect and
    ``plan_start_on`` its first service date, empty while that is the start. ``billing_day`` is
    what is reported, ``billing_day_given`` whether the merchant chose it, so that it bends the schedule.
    ``closes_on`` is the day on which it ends by itself when nothing changes: an unpaid cycle is given up, or its plan
    is over. ``moves`` are the billings that were moved to a later day. ``disentitled_at`` is when a cancellation took
    all its entitlements away, whatever was paid.
    ``discounts`` are the campaigns that reduce its items and its plan, as they were when their codes were redeemed;
    ``time_grant`` is free time by a code that has not begun.
    ``awaits_customer``: its customer has to agree on a page before it begins; until then it has no next billing.
    ``notify_on`` is the day on which the customer is told something next, ``notices`` what he was told of the coming
    cycle.
    ``parked_reason`` marks an AutoBill in an impossible state: it is reported, never billed.
    """

    __tablename__ = "autobills"
    __table_args__ = (
        UniqueConstraint("merchant_vid", "merchant_autobill_id"),
        Index(None, "merchant_vid", "next_billing_on"),
        Index(None, "merchant_vid", "retry_on"),
        Index(None, "merchant_vid", "closes_on"),
        index_where_set("merchant_vid", "notify_on"),
        Index(None, "merchant_vid", "created_at"),
    )

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    merchant_autobill_id: Mapped[str] = mapped_column(String(256))
    account_vid: Mapped[str] = mapped_column(VID, refers_to("accounts.vid"), index=True)
    billing_plan_vid: Mapped[str] = mapped_column(VID, refers_to("billing_plans.vid"), index=True)
    payment_method_vid: Mapped[str | None] = mapped_column(VID, refers_to("payment_methods.vid"), index=True)
    currency: Mapped[str] = mapped_column(String(3))
    customer_autobill_name: Mapped[str | None]
    status: Mapped[str] = mapped_column(String(30))
    billing_state: Mapped[str] = mapped_column(String(30))
    start_at: Mapped[datetime]
    end_at: Mapped[datetime | None]
    source_ip: Mapped[str | None]
    billing_statement_identifier: Mapped[str | None]
    billing_day: Mapped[int]
    billing_day_given: Mapped[bool] = mapped_column(default=False)
    minimum_commitment: Mapped[int] = mapped_column(default=0)
    merchant_affiliate_id: Mapped[str | None] = mapped_column(String(128))
    merchant_affiliate_sub_id: Mapped[str | None] = mapped_column(String(128))
    warn_on_expiration: Mapped[bool] = mapped_column(default=False)
    name_values: Mapped[tuple[NameValue, ...]] = mapped_column(Document(tuple[NameValue, ...]), default=())
    subscription_balance: Mapped[Decimal] = mapped_column(Amount, default=Decimal(0))
    statement_format: Mapped[str] = mapped_column(String(20), default="DoNotSend")
    invoice_terms: Mapped[int | None]
    statement_offset: Mapped[int | None]
    statement_template_id: Mapped[str | None]
    specified_billing_day: Mapped[int | None]
    billing_rule: Mapped[str | None] = mapped_column(String(20))
    disentitled_at: Mapped[datetime | None]
    cancel_reason_code: Mapped[str | None] = mapped_column(String(15))
    next_cycle: Mapped[int | None]
    next_billing_on: Mapped[date | None]
    retry_on: Mapped[date | None]
    closes_on: Mapped[date | None]
    plan_cycle_offset: Mapped[int] = mapped_column(default=0)
    plan_start_on: Mapped[date | None]
    moves: Mapped[tuple[Move, ...]] = mapped_column(Document(tuple[Move, ...]), default=())
    next_invoice_number: Mapped[int] = mapped_column(default=0)
    discounts: Mapped[tuple[Discount, ...]] = mapped_column(Document(tuple[Discount, ...]), default=())
    time_grant: Mapped[TimeGrant | None] = mapped_column(Document(TimeGrant | None))
    awaits_customer: Mapped[bool] = mapped_column(default=False)
    notify_on: Mapped[date | None]
    notices: Mapped[NoticeBook | None] = mapped_column(Document(NoticeBook))
    parked_reason: Mapped[str | None]
    created_at: Mapped[datetime]
    modified_at: Mapped[datetime]

    account: Mapped[Account] = relationship()
    billing_plan: Mapped[BillingPlan] = relationship()
    payment_method: Mapped[PaymentMethod | None] = relationship()
    items: Mapped[list[AutoBillItem]] = relationship(
        back_populates="autobill", order_by="AutoBillItem.index", cascade="all, delete-orphan"
    )


class AutoBillItem(OwnedByMerchant, Base):
    """One thing sold by an AutoBill (autobill §1.1).

    ``start_text`` is startDate as given; ``transitioned_from_vid`` names the item that this one replaced.
    """

    __tablename__ = "autobill_items"
    __table_args__ = (
        UniqueConstraint("autobill_vid", "index"),
        index_where_set("merchant_vid", "merchant_autobill_item_id"),
    )

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    autobill_vid: Mapped[str] = mapped_column(VID, refers_to("autobills.vid"), index=True)
    index: Mapped[int]
    merchant_autobill_item_id: Mapped[str | None] = mapped_column(KEY)
    product_vid: Mapped[str] = mapped_column(VID, refers_to("products.vid"), index=True)
    amount: Mapped[Decimal | None] = mapped_column(Amount)
    rate_plan_vid: Mapped[str | None] = mapped_column(VID, refers_to("rate_plans.vid"))
    name_values: Mapped[tuple[NameValue, ...]] = mapped_column(Document(tuple[NameValue, ...]), default=())
    quantity: Mapped[Decimal] = mapped_column(Amount, default=Decimal(1))
    token_vid: Mapped[str | None] = mapped_column(VID, refers_to("tokens.vid"))
    cycles: Mapped[int | None]
    cycles_billed: Mapped[int] = mapped_column(default=0)
    added_at: Mapped[datetime]
    removed_on: Mapped[date | None]
    start_text: Mapped[str | None]
    transitioned_from_vid: Mapped[str | None] = mapped_column(VID)

    autobill: Mapped[AutoBill] = relationship(back_populates="items")
    product: Mapped[Product] = relationship(lazy="joined")
    rate_plan: Mapped[RatePlan | None] = relationship(lazy="joined")


class AutoBillCharge(OwnedByMerchant, Base):
    """A one-off charge waiting for the next bill (autobill §6.25); ``invoice_vid`` is set once it is billed."""

    __tablename__ = "autobill_charges"

    row_id: Mapped[str] = mapped_column(ROW_ID, primary_key=True)
    autobill_vid: Mapped[str] = mapped_column(VID, refers_to("autobills.vid"), index=True)
    sku: Mapped[str | None]
    description: Mapped[str]
    price: Mapped[Decimal] = mapped_column(Amount)
    quantity: Mapped[Decimal] = mapped_column(Amount)
    tax_classification: Mapped[str | None]
    added_at: Mapped[datetime]
    invoice_vid: Mapped[str | None] = mapped_column(VID, refers_to("invoices.vid"))
    discount: Mapped[Discount | None] = mapped_column(Document(Discount | None))


class AutoBillEvent(OwnedByMerchant, Base):
    """Something that happened to an AutoBill (autobill §2, AutoBillEventType). Append-only."""

    __tablename__ = "autobill_events"
    __table_args__ = (Index(None, "merchant_vid", "at"), KEPT_BY_KEY)

    autobill_vid: Mapped[str] = mapped_column(VID, refers_to("autobills.vid"), primary_key=True)
    row_id: Mapped[str] = mapped_column(ROW_ID, primary_key=True)
    type: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
