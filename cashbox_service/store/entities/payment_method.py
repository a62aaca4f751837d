"""PaymentMethod and the vault of card numbers behind it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cashbox_service.domain.catalog import NameValue
from cashbox_service.store.base import (
    VID,
    Base,
    OwnedByMerchant,
    Versioned,
    index_where,
    index_where_set,
    refers_to,
)
from cashbox_service.store.entities.account import Account, Address
from cashbox_service.store.types import Document


class Card(OwnedByMerchant, Base):
    """One card number of a merchant, whoever uses it; its VID is CreditCard.VID (payment-method §1.1).

    ``sealed`` is the encrypted number, ``fingerprint`` its keyed hash.
    """

    __tablename__ = "cards"
    __table_args__ = (UniqueConstraint("merchant_vid", "fingerprint"),)

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[str]
    created_at: Mapped[datetime]


TO_BE_USED_AGAIN = "type <> 'MerchantAcceptedPayment'"
"""Payment methods that are searched for by type: the others are one for each payment, and nearly all there are."""


class PaymentMethod(OwnedByMerchant, Versioned, Base):
    """How a customer pays (payment-method §1).

    ``details`` holds the fields of the type's object as they may be shown (masked numbers only), keyed by
    their wire names in snake case. ``sealed`` is the encrypted account number of types that have one and are
    not cards; ``fingerprint`` the keyed hash by which the same instrument is recognised.
    """

    __tablename__ = "payment_methods"
    __table_args__ = (
        UniqueConstraint("merchant_vid", "merchant_payment_method_id"),
        index_where_set("merchant_vid", "fingerprint"),
        index_where_set("card_vid"),
        index_where_set("billing_address_vid"),
        index_where_set("merchant_vid", "external_token"),
        index_where(TO_BE_USED_AGAIN, "merchant_vid", "type"),
        # Every merchant-accepted payment leaves a retired method: the active ones are found without reading those.
        Index(None, "account_vid", "active", "sort_order"),
    )

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    account_vid: Mapped[str | None] = mapped_column(VID, refers_to("accounts.vid"))
    type: Mapped[str] = mapped_column(String(30))
    merchant_payment_method_id: Mapped[str | None] = mapped_column(String(1024))
    details: Mapped[dict[str, Any]] = mapped_column(Document(dict[str, Any]), default=dict)
    card_vid: Mapped[str | None] = mapped_column(VID, refers_to("cards.vid"))
    sealed: Mapped[str | None]
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    name_values: Mapped[tuple[NameValue, ...]] = mapped_column(Document(tuple[NameValue, ...]), default=())
    account_holder_name: Mapped[str | None]
    billing_address_vid: Mapped[str | None] = mapped_column(VID, refers_to("addresses.vid"))
    customer_specified_type: Mapped[str | None]
    customer_description: Mapped[str | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    sort_order: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    external_token: Mapped[str | None]
    created_at: Mapped[datetime]
    modified_at: Mapped[datetime]

    account: Mapped[Account | None] = relationship(back_populates="payment_methods")
    billing_address: Mapped[Address | None] = relationship(lazy="joined")
    card: Mapped[Card | None] = relationship()


class PaymentMethodAlias(OwnedByMerchant, Base):
    """A further merchantPaymentMethodId that finds a payment method (payment-method §1.1)."""

    __tablename__ = "payment_method_aliases"

    merchant_vid: Mapped[str] = mapped_column(VID, refers_to("merchants.vid"), primary_key=True)
    merchant_payment_method_id: Mapped[str] = mapped_column(String(1024), primary_key=True)
    payment_method_vid: Mapped[str] = mapped_column(VID, refers_to("payment_methods.vid"))
