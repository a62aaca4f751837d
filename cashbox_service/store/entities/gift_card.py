"""Gift cards that merchants asked about or redeemed, and the shelf of the simulated provider."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cashbox_service.domain.catalog import CreditPart
from cashbox_service.store.base import VID, Base, OwnedByMerchant, Versioned, index_where_set, refers_to
from cashbox_service.store.types import Document


class GiftCard(OwnedByMerchant, Versioned, Base):
    """One card of a provider (account §1.7). ``sealed`` is the encrypted pin, ``fingerprint`` its keyed hash.

    ``request_key`` names the last redemption at the provider, ``pending_since`` is set while its outcome is not known:
    for whom it was, and in ``parts`` the credit that it gives.
    """

    __tablename__ = "gift_cards"
    __table_args__ = (
        UniqueConstraint("merchant_vid", "provider", "fingerprint"),
        index_where_set("merchant_vid", "pending_since"),
    )

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    provider: Mapped[str]
    fingerprint: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[str]
    last_digits: Mapped[str] = mapped_column(String(4))
    pin_length: Mapped[int]
    sku: Mapped[str | None]
    state: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[datetime]
    response_code: Mapped[str | None]
    response_message: Mapped[str | None]
    account_vid: Mapped[str | None] = mapped_column(VID, refers_to("accounts.vid"))
    autobill_vid: Mapped[str | None] = mapped_column(VID, refers_to("autobills.vid"))
    parts: Mapped[tuple[CreditPart, ...]] = mapped_column(Document(tuple[CreditPart, ...]), default=())
    request_key: Mapped[str | None] = mapped_column(VID)
    pending_since: Mapped[datetime | None]
    created_at: Mapped[datetime]


class SandboxGiftCard(Base):
    """A card on the shelf of the simulated provider: its own books, not ours (account §6)."""

    __tablename__ = "sandbox_gift_cards"

    merchant_vid: Mapped[str] = mapped_column(VID, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    card: Mapped[dict[str, Any]] = mapped_column(Document(dict[str, Any]))
