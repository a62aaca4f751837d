"""Templates of mails, and the mails themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cashbox_service.store.base import ROW_ID, VID, Base, OwnedByMerchant, index_where_set, refers_to
from cashbox_service.store.entities.catalog import Product
from cashbox_service.store.types import Document

MERCHANT_WIDE = ""
"""The scope of templates for all products."""


class EmailTemplate(OwnedByMerchant, Base):
    """One version of a template (notifications §2.2). Append-only: an update adds a version.

    ``scope`` is the product's VID, or `MERCHANT_WIDE`; with ``type`` and ``language`` it names the series. ``type`` is
    an EmailTemplateType, or one of the notices that the interface has no type for.
    """

    __tablename__ = "email_templates"
    __table_args__ = (UniqueConstraint("merchant_vid", "type", "scope", "language", "major", "minor"),)

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    scope: Mapped[str] = mapped_column(VID)
    product_vid: Mapped[str | None] = mapped_column(VID, refers_to("products.vid"))
    type: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(40))
    major: Mapped[int]
    minor: Mapped[int]
    sender: Mapped[str] = mapped_column(String(320))
    reply_to: Mapped[str | None] = mapped_column(String(320))
    html: Mapped[str | None] = mapped_column(Text)
    text: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]

    product: Mapped[Product | None] = relationship()


class Mail(OwnedByMerchant, Base):
    """A mail, from the notice that asks for it to its delivery.

    ``source`` is what it is about, once per merchant: the row of the outbox, or a key of whoever asked. ``at`` is the
    merchant's time, which becomes its date. ``next_at`` is when something is to be done with it, in real time: while it
    is being sent, when it may be taken for abandoned; without it nothing more is to be done. ``done_at`` is real time.
    """

    __tablename__ = "mails"
    __table_args__ = (
        UniqueConstraint("merchant_vid", "source"),
        Index(None, "merchant_vid", "row_id"),
        index_where_set("merchant_vid", "done_at"),
        index_where_set("merchant_vid", "state", "next_at"),
    )

    row_id: Mapped[str] = mapped_column(ROW_ID, primary_key=True)
    source: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(40))
    subject_vid: Mapped[str | None] = mapped_column(VID)
    facts: Mapped[dict[str, Any]] = mapped_column(Document(dict[str, Any]), default=dict)
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
    autobill_vid: Mapped[str | None] = mapped_column(VID)
    account_id: Mapped[str | None]
    template_vid: Mapped[str | None] = mapped_column(VID)
    recipient: Mapped[str | None]
    sender: Mapped[str | None] = mapped_column(String(320))
    reply_to: Mapped[str | None] = mapped_column(String(320))
    subject: Mapped[str | None]
    text: Mapped[str | None] = mapped_column(Text)
    html: Mapped[str | None] = mapped_column(Text)
    attachment: Mapped[bytes | None] = mapped_column(LargeBinary)
    attachment_name: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    error: Mapped[str | None]
