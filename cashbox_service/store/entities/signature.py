"""What customers signed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cashbox_service.store.base import VID, Base, OwnedByMerchant, refers_to
from cashbox_service.store.entities.account import Account
from cashbox_service.store.entities.transaction import Transaction


class ElectronicSignature(OwnedByMerchant, Base):
    """One signature (notifications §3.1): ``signed_at`` as the merchant tells it.

    ``signed_by`` is what the customer typed; ``nonce`` names the block that was signed, which counts once. Append-only.
    """

    __tablename__ = "electronic_signatures"
    __table_args__ = (
        UniqueConstraint("merchant_vid", "nonce"),
        Index(None, "account_vid"),
    )

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    nonce: Mapped[str] = mapped_column(String(32))
    uri: Mapped[str]
    signed_by: Mapped[str]
    source_ip: Mapped[str | None]
    signed_at: Mapped[datetime]
    account_vid: Mapped[str] = mapped_column(VID, refers_to("accounts.vid"))
    transaction_vid: Mapped[str] = mapped_column(VID, refers_to("transactions.vid"))
    description: Mapped[str | None]
    recorded_at: Mapped[datetime]

    account: Mapped[Account] = relationship()
    transaction: Mapped[Transaction] = relationship()
