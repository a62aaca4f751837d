"""Idempotency keys that callers sent with requests."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from cashbox_service.store.base import KEY, VID, Base, OwnedByMerchant, refers_to


class UsedRequestKey(OwnedByMerchant, Base):
    """A request that took effect under a key of the caller's; append-only."""

    __tablename__ = "used_request_keys"

    merchant_vid: Mapped[str] = mapped_column(VID, refers_to("merchants.vid"), primary_key=True)
    key: Mapped[str] = mapped_column(KEY, primary_key=True)
    operation: Mapped[str] = mapped_column(String(80))
    fingerprint: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
