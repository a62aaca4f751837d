"""Why AutoBills were cancelled: what the merchant says of a code."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cashbox_service.store.base import VID, Base, OwnedByMerchant, refers_to


class OwnCancelReason(OwnedByMerchant, Base):
    """A reason of the merchant's own, or its own text for a ready-made one (autobill §4)."""

    __tablename__ = "cancel_reasons"
    __table_args__ = (UniqueConstraint("merchant_vid", "description"),)

    merchant_vid: Mapped[str] = mapped_column(VID, refers_to("merchants.vid"), primary_key=True)
    code: Mapped[str] = mapped_column(String(15), primary_key=True)
    description: Mapped[str] = mapped_column(String(255))
    changed_at: Mapped[datetime]
