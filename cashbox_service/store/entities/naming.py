"""Names that the payment dialects know objects by, and the keys that make their calls repeatable."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cashbox_service.store.base import KEY, VID, Base, OwnedByMerchant, refers_to
from cashbox_service.store.types import Document


class PublicName(OwnedByMerchant, Base):
    """A further name of an object beside its VID: a serial number, a GUID, a checkout's id (dialects §3 – §5).

    ``kind`` says what is named and how; within a kind an object has one name.
    """

    __tablename__ = "public_names"
    __table_args__ = (UniqueConstraint("merchant_vid", "kind", "vid"),)

    merchant_vid: Mapped[str] = mapped_column(VID, refers_to("merchants.vid"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(30), primary_key=True)
    name: Mapped[str] = mapped_column(KEY, primary_key=True)
    vid: Mapped[str] = mapped_column(VID)


class PaymentKey(OwnedByMerchant, Base):
    """A key that a caller gave for a payment, so that a repeat is known and moves no money (dialects, common rules).

    ``scope`` tells whose keys are compared with each other, ``digest`` is the hash of what was asked for, ``progress``
    what came of it so far, in the words of the use case that keeps it.
    """

    __tablename__ = "payment_keys"

    merchant_vid: Mapped[str] = mapped_column(VID, refers_to("merchants.vid"), primary_key=True)
    scope: Mapped[str] = mapped_column(String(120), primary_key=True)
    key: Mapped[str] = mapped_column(KEY, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    transaction_vid: Mapped[str | None] = mapped_column(VID, refers_to("transactions.vid"))
    progress: Mapped[dict[str, Any]] = mapped_column(Document(dict[str, Any]), default=dict)
    created_at: Mapped[datetime]
