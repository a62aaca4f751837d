"""Account and Address."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.postal import PostalAddress, TaxExemption
from cashbox_service.store.base import KEY, VID, Base, OwnedByMerchant, Versioned, index_where_set, refers_to
from cashbox_service.store.types import Document, ExactDecimal

if TYPE_CHECKING:
    from cashbox_service.store.entities.payment_method import PaymentMethod


class Address(OwnedByMerchant, Base):
    """A postal address with an identity of its own, shared by whoever refers to it (account §1.2)."""

    __tablename__ = "addresses"

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    name: Mapped[str | None] = mapped_column(String(256))
    addr1: Mapped[str | None]
    addr2: Mapped[str | None]
    addr3: Mapped[str | None]
    city: Mapped[str | None]
    county: Mapped[str | None]
    district: Mapped[str | None]
    postal_code: Mapped[str | None]
    country: Mapped[str | None]
    phone: Mapped[str | None]
    fax: Mapped[str | None]
    latitude: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    longitude: Mapped[Decimal | None] = mapped_column(ExactDecimal)

    def snapshot(self) -> PostalAddress:
        """The address as a value, as a transaction keeps it."""
        return PostalAddress(
            vid=self.vid, name=self.name, addr1=self.addr1, addr2=self.addr2, addr3=self.addr3, city=self.city,
            county=self.county, district=self.district, postal_code=self.postal_code, country=self.country,
            phone=self.phone, fax=self.fax, latitude=self.latitude, longitude=self.longitude,
        )  # fmt: skip


class Account(OwnedByMerchant, Versioned, Base):
    """A customer of the merchant (account §1.1). Never deleted.

    ``email_key`` is the address in lower case, for searching. Every call that changes anything the account
    owns locks this row first.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("merchant_vid", "merchant_account_id"),
        UniqueConstraint("merchant_vid", "external_id"),
        Index(None, "merchant_vid", "email_key"),
        Index(None, "merchant_vid", "created_at"),
        index_where_set("shipping_address_vid"),
    )

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    merchant_account_id: Mapped[str] = mapped_column(KEY)
    external_id: Mapped[str | None] = mapped_column(KEY)
    parent_vid: Mapped[str | None] = mapped_column(VID, refers_to("accounts.vid"), index=True)
    default_currency: Mapped[str | None] = mapped_column(String(3))
    email_address: Mapped[str | None]
    email_key: Mapped[str | None]
    email_type_preference: Mapped[str] = mapped_column(String(20), default="html")
    preferred_language: Mapped[str | None]
    warn_before_autobilling: Mapped[bool] = mapped_column(default=False)
    company: Mapped[str | None]
    name: Mapped[str | None]
    shipping_address_vid: Mapped[str | None] = mapped_column(VID, refers_to("addresses.vid"))
    name_values: Mapped[tuple[NameValue, ...]] = mapped_column(Document(tuple[NameValue, ...]), default=())
    tax_exemptions: Mapped[tuple[TaxExemption, ...]] = mapped_column(
        Document(tuple[TaxExemption, ...]), default=()
    )
    tax_type: Mapped[str | None]
    created_at: Mapped[datetime]
    modified_at: Mapped[datetime]

    shipping_address: Mapped[Address | None] = relationship(lazy="joined")
    parent: Mapped[Account | None] = relationship(remote_side=[vid])
    payment_methods: Mapped[list[PaymentMethod]] = relationship(
        back_populates="account", order_by="PaymentMethod.sort_order, PaymentMethod.vid"
    )
