"""Events waiting to be told to the outside, and the registry of name-value names."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from cashbox_service.store.base import ROW_ID, VID, Base, OwnedByMerchant, refers_to
from cashbox_service.store.types import Document


class OutboxEvent(OwnedByMerchant, Base):
    """Something the merchant may want to hear of, written in the transaction that caused it. Append-only."""

    __tablename__ = "outbox_events"
    __table_args__ = (Index(None, "merchant_vid", "at"),)

    row_id: Mapped[str] = mapped_column(ROW_ID, primary_key=True)
    topic: Mapped[str] = mapped_column(String(40))
    event: Mapped[str] = mapped_column(String(40))
    subject_vid: Mapped[str] = mapped_column(VID)
    payload: Mapped[dict[str, Any]] = mapped_column(Document(dict[str, Any]), default=dict)
    at: Mapped[datetime]


class NameValueName(OwnedByMerchant, Base):
    """A name that some object of a class has ever carried (account §12.2)."""

    __tablename__ = "name_value_names"

    merchant_vid: Mapped[str] = mapped_column(VID, refers_to("merchants.vid"), primary_key=True)
    object_class: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(255), primary_key=True)
