"""Refund: money, credit and tokens of a transaction given back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cashbox_service.domain.catalog import CreditPart, NameValue
from cashbox_service.domain.refund import RefundedItem
from cashbox_service.domain.refund_credit import RestoredCredit
from cashbox_service.store.base import KEY, VID, Base, OwnedByMerchant, Versioned, refers_to
from cashbox_service.store.entities.transaction import Transaction
from cashbox_service.store.types import Amount, Document


class Refund(OwnedByMerchant, Versioned, Base):
    """One refund of a transaction (refund-chargeback §1).

    ``amount`` is the money that goes back, tax included; ``paid_back`` what of it has left us, as the ledger has it:
    nothing before the processor has agreed, nor for a deposit that was stopped before its money came. ``credits`` is
    credit that returned to its old owners, ``tokens`` what was taken of the tokens that the transaction had granted.

    ``is_logged`` says whether the transaction's log has a Refunded entry for it: one of a transaction that is not
    captured yet waits for that. ``void_declined`` says that the processor has refused to cancel the transaction, so
    that its money is captured first. ``request_key`` is the attempt at the processor. ``happened_at`` is the refund's
    timestamp, ``changed_at`` when its status changed last.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        UniqueConstraint("merchant_vid", "merchant_refund_id"),
        Index(None, "transaction_vid", "created_at"),
        Index(None, "merchant_vid", "happened_at"),
        Index(None, "merchant_vid", "status", "created_at"),
        Index(None, "request_key"),
    )

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    merchant_refund_id: Mapped[str | None] = mapped_column(KEY)
    transaction_vid: Mapped[str] = mapped_column(VID, refers_to("transactions.vid"))
    status: Mapped[str] = mapped_column(String(20))
    strategy: Mapped[str] = mapped_column(String(20))
    token_action: Mapped[str] = mapped_column(String(30))
    amount: Mapped[Decimal] = mapped_column(Amount)
    currency: Mapped[str] = mapped_column(String(3))
    amount_includes_tax: Mapped[bool] = mapped_column(default=False)
    items: Mapped[tuple[RefundedItem, ...]] = mapped_column(Document(tuple[RefundedItem, ...]), default=())
    credits: Mapped[tuple[RestoredCredit, ...]] = mapped_column(
        Document(tuple[RestoredCredit, ...]), default=()
    )
    tokens: Mapped[tuple[CreditPart, ...]] = mapped_column(Document(tuple[CreditPart, ...]), default=())
    paid_back: Mapped[Decimal] = mapped_column(Amount, default=Decimal(0))
    name_values: Mapped[tuple[NameValue, ...]] = mapped_column(Document(tuple[NameValue, ...]), default=())
    reference_string: Mapped[str | None]
    note: Mapped[str | None]
    is_logged: Mapped[bool] = mapped_column(default=False)
    void_declined: Mapped[bool] = mapped_column(default=False)
    request_key: Mapped[str | None] = mapped_column(VID)
    happened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    created_at: Mapped[datetime]

    transaction: Mapped[Transaction] = relationship()
