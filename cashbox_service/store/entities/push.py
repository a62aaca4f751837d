"""Push notifications: who wants to be told of what, the messages, and every attempt to deliver one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cashbox_service.store.base import ROW_ID, VID, Base, OwnedByMerchant, index_where_set, refers_to
from cashbox_service.store.types import Document


class PushSubscription(OwnedByMerchant, Base):
    """A listener of the merchant for one class of events (notifications §1.1).

    ``without`` are events of the class that it is not told of, ``also`` extensions that it asked for. ``credentials``
    are user and password for HTTP Basic, sealed in the vault. One that was removed stays for its log.
    """

    __tablename__ = "push_subscriptions"
    __table_args__ = (index_where_set("merchant_vid", "active"),)

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    event_class: Mapped[str] = mapped_column(String(40))
    without: Mapped[tuple[str, ...]] = mapped_column(Document(tuple[str, ...]), default=())
    also: Mapped[tuple[str, ...]] = mapped_column(Document(tuple[str, ...]), default=())
    endpoint: Mapped[str]
    format: Mapped[str] = mapped_column(String(10))
    retry_count: Mapped[int]
    retry_seconds: Mapped[int]
    error_email: Mapped[str | None]
    credentials: Mapped[str | None]
    soap_version: Mapped[str] = mapped_column(String(10))
    active: Mapped[bool | None] = mapped_column(default=True)
    created_at: Mapped[datetime]


class PushMessage(OwnedByMerchant, Base):
    """One event as one subscription is told of it, written in the transaction that caused it (notifications §1.5).

    ``content`` is what happened, as JSON; ``body`` the whole text once it was sent for the first time, which takes the
    content's place. Messages of one ``order_key`` are sent one after the other. ``row_id`` is their order. ``next_at``
    is when the message is sent next, in real time; it is set while the message waits, and only then. ``failures`` are
    counted anew when it is sent again by hand.
    """

    __tablename__ = "push_messages"
    __table_args__ = (
        index_where_set("subscription_vid", "next_at"),
        index_where_set("subscription_vid", "order_key", "row_id", "next_at"),
        Index(None, "merchant_vid", "row_id"),
        index_where_set("finished_at"),
    )

    message_id: Mapped[str] = mapped_column(VID, primary_key=True)
    row_id: Mapped[str] = mapped_column(ROW_ID)
    subscription_vid: Mapped[str] = mapped_column(VID, refers_to("push_subscriptions.vid"))
    event_class: Mapped[str] = mapped_column(String(40))
    event: Mapped[str] = mapped_column(String(40))
    subject_vid: Mapped[str] = mapped_column(VID)
    order_key: Mapped[str] = mapped_column(VID)
    author_id: Mapped[str] = mapped_column(VID)
    members: Mapped[dict[str, Any]] = mapped_column(Document(dict[str, Any]), default=dict)
    soap_version: Mapped[str] = mapped_column(String(10))
    content: Mapped[str | None]
    body: Mapped[str | None]
    at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(10))
    failures: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    subscription: Mapped[PushSubscription] = relationship()


class PushCursor(OwnedByMerchant, Base):
    """Up to where the merchant was told of entitlements whose time ran out: the last end, and whose it was."""

    __tablename__ = "push_cursors"

    merchant_vid: Mapped[str] = mapped_column(VID, refers_to("merchants.vid"), primary_key=True)
    ended_at: Mapped[datetime]
    ended_vid: Mapped[str] = mapped_column(VID)


class PushAttempt(OwnedByMerchant, Base):
    """One POST of a message and what came of it. Append-only, as long as the message is kept."""

    __tablename__ = "push_attempts"

    row_id: Mapped[str] = mapped_column(ROW_ID, primary_key=True)
    message_id: Mapped[str] = mapped_column(VID, refers_to("push_messages.message_id"), index=True)
    at: Mapped[datetime]
    http_status: Mapped[int | None]
    error: Mapped[str | None]
    milliseconds: Mapped[int]
