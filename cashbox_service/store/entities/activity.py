"""What customers did, as their merchant reports it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from cashbox_service.domain.activity import Details
from cashbox_service.store.base import ROW_ID, VID, Base, OwnedByMerchant, refers_to
from cashbox_service.store.types import Document


class Activity(OwnedByMerchant, Base):
    """One activity (notifications §5.1): ``at`` is when it happened, ``recorded_at`` when it was told. Append-only."""

    __tablename__ = "activities"
    __table_args__ = (Index(None, "account_vid", "at"),)

    row_id: Mapped[str] = mapped_column(ROW_ID, primary_key=True)
    account_vid: Mapped[str] = mapped_column(VID, refers_to("accounts.vid"))
    type: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    details: Mapped[Details] = mapped_column(Document(Details))
    recorded_at: Mapped[datetime]
