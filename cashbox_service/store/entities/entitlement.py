"""Entitlement: the right of an account to something, for a period."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from cashbox_service.store.base import VID, Base, OwnedByMerchant, index_where_set, refers_to


class Entitlement(OwnedByMerchant, Base):
    """One right from one source (account §1.6): an AutoBill's product or plan, or a grant to the account.

    ``note`` is what the merchant noted with the last change of a grant.
    """

    __tablename__ = "entitlements"
    __table_args__ = (Index(None, "merchant_vid", "changed_at"), index_where_set("merchant_vid", "end_at"))

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    account_vid: Mapped[str] = mapped_column(VID, refers_to("accounts.vid"), index=True)
    autobill_vid: Mapped[str | None] = mapped_column(VID, refers_to("autobills.vid"), index=True)
    product_vid: Mapped[str | None] = mapped_column(VID, refers_to("products.vid"))
    merchant_entitlement_id: Mapped[str] = mapped_column(String(1024))
    description: Mapped[str | None]
    start_at: Mapped[datetime]
    end_at: Mapped[datetime | None]
    note: Mapped[str | None]
    changed_at: Mapped[datetime]
