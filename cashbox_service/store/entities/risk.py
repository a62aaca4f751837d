"""What risk scoring remembers: cards that were charged back, and where cards are issued."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from cashbox_service.store.base import VID, Base, OwnedByMerchant, refers_to


class DisputedCard(OwnedByMerchant, Base):
    """A card of which a payment was charged back, by the keyed hash of its number (transaction §7.6)."""

    __tablename__ = "disputed_cards"

    merchant_vid: Mapped[str] = mapped_column(VID, refers_to("merchants.vid"), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    first_disputed_at: Mapped[datetime]


class CardIssuer(OwnedByMerchant, Base):
    """The country in which cards whose numbers begin with ``prefix`` are issued, as the merchant knows it."""

    __tablename__ = "card_issuers"

    merchant_vid: Mapped[str] = mapped_column(VID, refers_to("merchants.vid"), primary_key=True)
    prefix: Mapped[str] = mapped_column(String(8), primary_key=True)
    country: Mapped[str] = mapped_column(String(2))
