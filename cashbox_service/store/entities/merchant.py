"""The merchant, its log-ins and keys, its settings and clock, and the number blocks that processes draw from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cashbox_service.store.base import ROW_ID, VID, Base, OwnedByMerchant, refers_to
from cashbox_service.store.types import Document


class Merchant(Base):
    """A company that bills its customers here. Everything else belongs to exactly one of these.

    ``settings`` holds what differs from the defaults (billing-engine §17). ``clock_offset_microseconds`` moves the
    merchant's clock away from real time (sandbox only); 0 is real time. ``tax_revision`` names the present state of its
    tax table, none while none was loaded. ``push_classes`` are the classes of events, with commas, that its
    subscriptions are for: known before every call, so that nobody who asked for nothing waits for a look at them.
    """

    __tablename__ = "merchants"

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]
    settings: Mapped[dict[str, Any]] = mapped_column(Document(dict[str, Any]), default=dict)
    clock_offset_microseconds: Mapped[int] = mapped_column(BigInteger, default=0)
    tax_revision: Mapped[str | None] = mapped_column(ROW_ID)
    push_classes: Mapped[str] = mapped_column(String(255), default="")

    logins: Mapped[list[MerchantLogin]] = relationship(back_populates="merchant")


class MerchantLogin(Base):
    """A SOAP and console user; a login belongs to one merchant (conventions §3.1)."""

    __tablename__ = "merchant_logins"

    login: Mapped[str] = mapped_column(String(255), primary_key=True)
    merchant_vid: Mapped[str] = mapped_column(VID, refers_to("merchants.vid"), index=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]

    merchant: Mapped[Merchant] = relationship(back_populates="logins")


class MerchantKey(OwnedByMerchant, Base):
    """A key that programs of the merchant come with, or sign with (dialects, common rules; notifications §1.1).

    ``digest`` is a keyed hash of the key. ``sealed`` is what signatures are made with, where the key is for signing.
    """

    __tablename__ = "merchant_keys"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    merchant_vid: Mapped[str] = mapped_column(VID, refers_to("merchants.vid"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    sealed: Mapped[str | None]
    created_at: Mapped[datetime]


class NumberBlock(Base):
    """The next unused number of a series; processes take whole blocks, so a gap means a restart, never reuse."""

    __tablename__ = "number_blocks"

    merchant_vid: Mapped[str] = mapped_column(VID, refers_to("merchants.vid"), primary_key=True)
    series: Mapped[str] = mapped_column(String(40), primary_key=True)
    next_number: Mapped[int]
