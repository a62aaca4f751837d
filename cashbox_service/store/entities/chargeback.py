"""Chargeback: a payment that the customer's bank disputes."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cashbox_service.domain.catalog import NameValue
from cashbox_service.store.base import KEY, VID, Base, OwnedByMerchant, Versioned, refers_to
from cashbox_service.store.entities.transaction import Transaction
from cashbox_service.store.types import Amount, Document


class Chargeback(OwnedByMerchant, Versioned, Base):
    """One dispute of a transaction (refund-chargeback §5).

    ``transaction_vid`` is empty when nobody said which transaction it is about. ``loss`` is what of the amount stands
    in the ledger as lost now, in ``loss_currency`` and under ``loss_processor``. ``policy_done`` marks one on which the
    merchant's policy has acted. ``changed_at`` is when this service stored it or a change of its status, and
    ``change_number`` counts those moments of a merchant in the order in which they were committed.
    """

    __tablename__ = "chargebacks"
    __table_args__ = (
        Index(None, "transaction_vid"),
        Index(None, "merchant_vid", "case_number"),
        Index(None, "merchant_vid", "reference_number"),
        Index(None, "merchant_vid", "status", "status_changed_at"),
        Index(None, "merchant_vid", "changed_at"),
        Index("uq_chargebacks_change", "merchant_vid", "change_number", unique=True),
    )

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    transaction_vid: Mapped[str | None] = mapped_column(VID, refers_to("transactions.vid"))
    amount: Mapped[Decimal] = mapped_column(Amount)
    currency: Mapped[str] = mapped_column(String(3))
    presentment_amount: Mapped[Decimal | None] = mapped_column(Amount)
    presentment_currency: Mapped[str] = mapped_column(String(3))
    division_number: Mapped[str | None]
    reason_code: Mapped[str]
    case_number: Mapped[str | None] = mapped_column(KEY)
    reference_number: Mapped[str | None] = mapped_column(KEY)
    merchant_number: Mapped[str | None]
    merchant_transaction_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    posted_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(30))
    status_changed_at: Mapped[datetime]
    merchant_user_id: Mapped[str | None]
    note: Mapped[str | None]
    name_values: Mapped[tuple[NameValue, ...]] = mapped_column(Document(tuple[NameValue, ...]), default=())
    loss: Mapped[Decimal] = mapped_column(Amount, default=Decimal(0))
    loss_currency: Mapped[str] = mapped_column(String(3))
    loss_processor: Mapped[str] = mapped_column(default="")
    policy_done: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime]
    change_number: Mapped[int]
    created_at: Mapped[datetime]

    transaction: Mapped[Transaction | None] = relationship()


class ChargebackCursor(OwnedByMerchant, Base):
    """The change number up to which a log-in has read chargebacks with fetchDelta (refund-chargeback §7)."""

    __tablename__ = "chargeback_cursors"

    merchant_vid: Mapped[str] = mapped_column(VID, refers_to("merchants.vid"), primary_key=True)
    login: Mapped[str] = mapped_column(String(255), primary_key=True)
    read_to: Mapped[int]
