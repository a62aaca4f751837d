"""Transaction, its status log, allocations to invoices, payment attempts and the processor's own record."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.credit import CreditUse
from cashbox_service.domain.lines import Line
from cashbox_service.domain.mandate import Mandate
from cashbox_service.domain.postal import PostalAddress, TaxExemption
from cashbox_service.domain.status_details import StatusDetails
from cashbox_service.store.base import (
    KEPT_BY_KEY,
    ROW_ID,
    VID,
    Base,
    OwnedByMerchant,
    Versioned,
    index_where_set,
    refers_to,
)
from cashbox_service.store.entities.account import Account
from cashbox_service.store.entities.autobill import AutoBill
from cashbox_service.store.entities.invoice import Invoice
from cashbox_service.store.entities.payment_method import PaymentMethod
from cashbox_service.store.types import Amount, Document

CODE = String(64)
"""A processor's code; reported ones may carry an approval number behind it."""


class Transaction(OwnedByMerchant, Versioned, Base):
    """A movement of money from a customer (transaction §2).

    ``kind`` says where it comes from: recurring, payment, validation and one_time are processed here, reported and
    migrated were processed elsewhere, a stub stands for an order number that only a chargeback or refund has named.
    ``payment_id`` is the paymentId of a merchant-accepted payment: unique per account, reversed payments included, so
    that none is booked twice. ``happened_at`` is the business time of the sale, ``created_at`` when the row was made.

    ``capture_at`` is when the capture batch takes the money or asks what became of it, ``lapses_at`` when an
    authorization that nobody captured, or a customer's visit to a page, is given up; each is empty where nothing is
    waited for. ``lapsed_at`` is when that happened to an authorization: ``capture`` may ask for it anew.
    ``credit_uses`` is what of the account's credit a one-time sale used. ``replaces_vid`` names the transaction whose
    lapsed authorization this one took the place of.

    ``instrument_key`` is what a gateway calls the card, where only that is known; ``cashier_session`` the session of a
    cash drawer that the money lies in; ``particulars`` what the caller of a payment dialect told of it.
    """

    __tablename__ = "transactions"
    __table_args__ = (
        UniqueConstraint("merchant_vid", "merchant_transaction_id"),
        UniqueConstraint("account_vid", "payment_id"),
        Index(None, "account_vid", "happened_at"),
        Index(None, "autobill_vid", "happened_at"),
        Index(None, "payment_method_vid", "happened_at"),
        index_where_set("replaces_vid", unique=True),
        index_where_set("invoice_vid"),
        index_where_set("merchant_vid", "capture_at"),
        index_where_set("merchant_vid", "lapses_at"),
        index_where_set("merchant_vid", "instrument_key"),
        index_where_set("merchant_vid", "cashier_session"),
    )

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    merchant_transaction_id: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(20))
    account_vid: Mapped[str | None] = mapped_column(VID, refers_to("accounts.vid"))
    autobill_vid: Mapped[str | None] = mapped_column(VID, refers_to("autobills.vid"))
    invoice_vid: Mapped[str | None] = mapped_column(VID, refers_to("invoices.vid"))
    payment_method_vid: Mapped[str | None] = mapped_column(VID, refers_to("payment_methods.vid"))
    payment_method_type: Mapped[str] = mapped_column(String(30))
    dest_payment_method_vid: Mapped[str | None] = mapped_column(VID, refers_to("payment_methods.vid"))
    ecp_transaction_type: Mapped[str | None] = mapped_column(String(20))
    previous_merchant_transaction_id: Mapped[str | None] = mapped_column(String(128))
    replaces_vid: Mapped[str | None] = mapped_column(VID, refers_to("transactions.vid"))
    payment_id: Mapped[str | None] = mapped_column(String(255))
    amount: Mapped[Decimal] = mapped_column(Amount)
    original_amount: Mapped[Decimal | None] = mapped_column(Amount)
    currency: Mapped[str] = mapped_column(String(3))
    credit_uses: Mapped[tuple[CreditUse, ...]] = mapped_column(Document(tuple[CreditUse, ...]), default=())
    status: Mapped[str] = mapped_column(String(30))
    capture_at: Mapped[datetime | None]
    lapses_at: Mapped[datetime | None]
    lapsed_at: Mapped[datetime | None]
    email_when_captured: Mapped[bool] = mapped_column(default=False)
    division_number: Mapped[str | None]
    payment_processor: Mapped[str | None] = mapped_column(String(40))
    processor_transaction_id: Mapped[str | None] = mapped_column(String(128))
    shipping_address: Mapped[PostalAddress | None] = mapped_column(Document(PostalAddress))
    name_values: Mapped[tuple[NameValue, ...]] = mapped_column(Document(tuple[NameValue, ...]), default=())
    lines: Mapped[tuple[Line, ...]] = mapped_column(Document(tuple[Line, ...]), default=())
    merchant_affiliate_id: Mapped[str | None] = mapped_column(String(128))
    merchant_affiliate_sub_id: Mapped[str | None] = mapped_column(String(128))
    user_agent: Mapped[str | None]
    note: Mapped[str | None]
    preferred_notification_language: Mapped[str | None]
    source_phone_number: Mapped[str | None]
    source_mac_address: Mapped[str | None]
    source_ip: Mapped[str | None]
    billing_statement_identifier: Mapped[str | None]
    tax_exemptions: Mapped[tuple[TaxExemption, ...]] = mapped_column(
        Document(tuple[TaxExemption, ...]), default=()
    )
    sales_tax_address: Mapped[PostalAddress | None] = mapped_column(Document(PostalAddress))
    verification_code: Mapped[str | None]
    mandate: Mapped[Mandate | None] = mapped_column(Document(Mandate))
    autobill_cycle: Mapped[int | None]
    billing_plan_cycle: Mapped[int | None]
    original_activity_at: Mapped[datetime | None]
    retry_number: Mapped[int | None]
    instrument_key: Mapped[str | None] = mapped_column(String(255))
    cashier_session: Mapped[str | None] = mapped_column(String(50))
    particulars: Mapped[dict[str, Any] | None] = mapped_column(Document(dict[str, Any]))
    happened_at: Mapped[datetime]
    created_at: Mapped[datetime]

    account: Mapped[Account | None] = relationship()
    autobill: Mapped[AutoBill | None] = relationship()
    payment_method: Mapped[PaymentMethod | None] = relationship(foreign_keys=[payment_method_vid])
    dest_payment_method: Mapped[PaymentMethod | None] = relationship(foreign_keys=[dest_payment_method_vid])
    status_log: Mapped[list[TransactionStatusEntry]] = relationship(
        order_by="TransactionStatusEntry.position.desc()", lazy="selectin"
    )
    allocations: Mapped[list[Allocation]] = relationship(
        back_populates="transaction", order_by="Allocation.position"
    )


class TransactionStatusEntry(OwnedByMerchant, Base):
    """One entry of a status log (transaction §3, TransactionStatus). Append-only; position 0 is the oldest.

    ``at`` is the time that the log shows, given by the caller for what happened elsewhere; ``logged_at`` is when this
    service learned of it, by which changes are searched.
    """

    __tablename__ = "transaction_statuses"
    __table_args__ = (Index(None, "merchant_vid", "logged_at"), KEPT_BY_KEY)

    transaction_vid: Mapped[str] = mapped_column(VID, refers_to("transactions.vid"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(String(30))
    at: Mapped[datetime]
    logged_at: Mapped[datetime]
    payment_method_type: Mapped[str] = mapped_column(String(30))
    auth_code: Mapped[str | None] = mapped_column(CODE)
    avs_code: Mapped[str | None] = mapped_column(CODE)
    cvn_code: Mapped[str | None] = mapped_column(CODE)
    vin_avs: Mapped[str | None] = mapped_column(String(20))
    details: Mapped[StatusDetails | None] = mapped_column(Document(StatusDetails))


class Allocation(OwnedByMerchant, Base):
    """Money of a transaction put on an invoice, in order of booking. Append-only.

    A reversal is a further row with the negative amount that names the row it takes back. ``line`` is the number of the
    invoice's line that was paid, where the payment named one.
    """

    __tablename__ = "allocations"
    __table_args__ = (index_where_set("reverses_id", unique=True),)

    row_id: Mapped[str] = mapped_column(ROW_ID, primary_key=True)
    transaction_vid: Mapped[str] = mapped_column(VID, refers_to("transactions.vid"), index=True)
    invoice_vid: Mapped[str] = mapped_column(VID, refers_to("invoices.vid"), index=True)
    position: Mapped[int]
    line: Mapped[int | None]
    amount: Mapped[Decimal] = mapped_column(Amount)
    reverses_id: Mapped[str | None] = mapped_column(ROW_ID, refers_to("allocations.row_id"))
    at: Mapped[datetime]

    transaction: Mapped[Transaction] = relationship(back_populates="allocations")
    invoice: Mapped[Invoice] = relationship()


class PaymentAttempt(OwnedByMerchant, Base):
    """The intent to ask a processor for money, committed before the processor is called.

    ``state`` is open, approved, declined or pending; superseded when a pending one is completed by a further attempt;
    returning and returned when the money is not wanted after all: nothing was stored that it could pay, or what it paid
    is off. An attempt still open after its process died is settled by asking the processor what became of
    ``request_key``; it is never sent again. ``purpose`` and ``context`` tell what to do with the outcome. The
    transaction may not exist (yet): a first billing is stored only once its outcome is known.
    """

    __tablename__ = "payment_attempts"
    __table_args__ = (Index(None, "state", "created_at"),)

    request_key: Mapped[str] = mapped_column(VID, primary_key=True)
    transaction_vid: Mapped[str | None] = mapped_column(VID, index=True)
    processor: Mapped[str] = mapped_column(String(40))
    operation: Mapped[str] = mapped_column(String(20))
    purpose: Mapped[str] = mapped_column(String(30))
    context: Mapped[dict[str, Any]] = mapped_column(Document(dict[str, Any]), default=dict)
    amount: Mapped[Decimal] = mapped_column(Amount)
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class DeltaCursor(OwnedByMerchant, Base):
    """How far a log-in has read the changes of transactions with fetchDelta (transaction §7.13)."""

    __tablename__ = "delta_cursors"

    login: Mapped[str] = mapped_column(String(255), primary_key=True)
    read_until: Mapped[datetime]


class DeltaDelivery(OwnedByMerchant, Base):
    """A status that fetchDelta gave a log-in lately: a change that is committed late is not missed, nor given twice."""

    __tablename__ = "delta_deliveries"
    __table_args__ = (Index(None, "login", "logged_at"),)

    login: Mapped[str] = mapped_column(String(255), primary_key=True)
    transaction_vid: Mapped[str] = mapped_column(VID, primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    logged_at: Mapped[datetime]


class ProcessorRecord(Base):
    """What the sandbox processor remembers of a request: its own books, not ours (payment-method §5)."""

    __tablename__ = "processor_records"

    processor: Mapped[str] = mapped_column(String(40), primary_key=True)
    request_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    merchant_vid: Mapped[str] = mapped_column(VID)
    outcome: Mapped[dict[str, Any]] = mapped_column(Document(dict[str, Any]))
    recorded_at: Mapped[datetime]


class ProcessorScript(Base):
    """What the merchant scripted for the sandbox processor and what has not happened yet (payment-method §5)."""

    __tablename__ = "processor_scripts"

    merchant_vid: Mapped[str] = mapped_column(VID, primary_key=True)
    outcomes: Mapped[tuple[dict[str, Any], ...]] = mapped_column(Document(tuple[dict[str, Any], ...]))
