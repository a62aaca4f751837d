"""The double-entry ledger. Append-only: a correction is a further entry."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cashbox_service.store.base import (
    KEPT_BY_KEY,
    ROW_ID,
    VID,
    Base,
    OwnedByMerchant,
    index_where,
    refers_to,
)
from cashbox_service.store.types import Amount

OF_A_PART = "replace(subject, '/', '') <> subject"
"""Of the postings, those on a part of an account, as a cashier's session is one: only these are ever added up."""


class LedgerEntry(OwnedByMerchant, Base):
    """One balanced entry and what caused it."""

    __tablename__ = "ledger_entries"
    row_id: Mapped[str] = mapped_column(ROW_ID, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3))
    transaction_vid: Mapped[str | None] = mapped_column(VID, refers_to("transactions.vid"), index=True)
    at: Mapped[datetime]

    postings: Mapped[list[LedgerPosting]] = relationship(order_by="LedgerPosting.position", lazy="selectin")


class LedgerPosting(OwnedByMerchant, Base):
    """One side of an entry: debit positive, credit negative. ``subject`` names what the account is kept for."""

    __tablename__ = "ledger_postings"
    __table_args__ = (index_where(OF_A_PART, "merchant_vid", "account", "subject"), KEPT_BY_KEY)

    entry_id: Mapped[str] = mapped_column(ROW_ID, refers_to("ledger_entries.row_id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(String(30))
    subject: Mapped[str] = mapped_column(String(120))
    amount: Mapped[Decimal] = mapped_column(Amount)
