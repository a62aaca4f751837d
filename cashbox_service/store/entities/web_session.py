"""WebSession: a call that a merchant prepares, and a customer's browser gives the secrets for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from cashbox_service.domain.catalog import NameValue
from cashbox_service.store.base import VID, Base, OwnedByMerchant, Versioned, index_where_set, refers_to
from cashbox_service.store.types import Document

Pairs = tuple[NameValue, ...]


class WebSession(OwnedByMerchant, Versioned, Base):
    """One session (websession §2).

    ``posted`` is what may be shown of the form, ``sealed`` all of it, encrypted, until the session is over or has
    expired; ``sealed_given`` is the same of what the merchant gave, where that holds secrets. ``state`` is one of
    app/hosted/web_sessions.py; ``api_code`` and ``api_text`` are its apiReturn, ``outcome`` the outputs of the call as
    an XML document. The references name what the call created or changed; of a session that waits for its end they are
    empty.
    """

    __tablename__ = "web_sessions"
    __table_args__ = (index_where_set("merchant_vid", "sealed_until"),)

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    method: Mapped[str] = mapped_column(String(60))
    api_version: Mapped[str] = mapped_column(String(20))
    return_url: Mapped[str]
    error_url: Mapped[str | None]
    ip_address: Mapped[str]
    expires_at: Mapped[datetime]
    name_values: Mapped[Pairs] = mapped_column(Document(Pairs), default=())
    parameters: Mapped[Pairs] = mapped_column(Document(Pairs), default=())
    private_values: Mapped[Pairs] = mapped_column(Document(Pairs), default=())
    posted: Mapped[Pairs] = mapped_column(Document(Pairs), default=())
    posted_from: Mapped[str | None]
    sealed: Mapped[str | None]
    sealed_given: Mapped[str | None]
    sealed_until: Mapped[datetime | None]
    api_code: Mapped[int]
    api_text: Mapped[str]
    outcome: Mapped[str | None]
    account_vid: Mapped[str | None] = mapped_column(VID, refers_to("accounts.vid"))
    autobill_vid: Mapped[str | None] = mapped_column(VID, refers_to("autobills.vid"))
    payment_method_vid: Mapped[str | None] = mapped_column(VID, refers_to("payment_methods.vid"))
    transaction_vid: Mapped[str | None] = mapped_column(VID, refers_to("transactions.vid"))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
