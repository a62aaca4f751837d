"""Campaigns, the names they are known by, their coupon codes, and who redeemed what."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cashbox_service.domain.campaign import Retirement
from cashbox_service.domain.catalog import NameValue
from cashbox_service.store.base import (
    KEY,
    ROW_ID,
    VID,
    Base,
    OwnedByMerchant,
    Versioned,
    index_where_set,
    refers_to,
)
from cashbox_service.store.types import Amount, Document


class Campaign(OwnedByMerchant, Versioned, Base):
    """A discount offer (campaign §1.1).

    ``switch`` is what the merchant did last, ``activated_at`` when it was first activated; ``active_since`` is the
    first moment at which it was active, or will be while it is Pending. ``last_sequence`` is the highest number that a
    coupon code of it has, or is about to get. ``retirements`` are the codes that were taken out of use together.
    """

    __tablename__ = "campaigns"
    __table_args__ = (
        UniqueConstraint("merchant_vid", "campaign_id"),
        Index(None, "merchant_vid", "created_at", "vid"),
    )

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(KEY)
    name: Mapped[str]
    description: Mapped[str | None]
    note: Mapped[str | None]
    campaign_type: Mapped[str] = mapped_column(String(20))
    switch: Mapped[str] = mapped_column(String(10))
    activated_at: Mapped[datetime | None]
    active_since: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    offer_starts_at: Mapped[datetime]
    offer_ends_at: Mapped[datetime | None]
    flat_amount: Mapped[Decimal | None] = mapped_column(Amount)
    flat_currency: Mapped[str | None] = mapped_column(String(3))
    flat_name_values: Mapped[tuple[NameValue, ...]] = mapped_column(
        Document(tuple[NameValue, ...]), default=()
    )
    percentage: Mapped[Decimal | None] = mapped_column(Amount)
    grant_quantity: Mapped[int | None]
    grant_unit: Mapped[str | None] = mapped_column(String(10))
    product_vids: Mapped[tuple[str, ...]] = mapped_column(Document(tuple[str, ...]), default=())
    billing_plan_vids: Mapped[tuple[str, ...]] = mapped_column(Document(tuple[str, ...]), default=())
    restricted_to_new: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime | None]
    cycles: Mapped[int | None]
    max_redemptions: Mapped[int | None]
    coupon_quantity: Mapped[int | None]
    coupon_separator: Mapped[str | None]
    coupon_requires_activation: Mapped[bool] = mapped_column(default=False)
    last_sequence: Mapped[int] = mapped_column(default=0)
    retirements: Mapped[tuple[Retirement, ...]] = mapped_column(Document(tuple[Retirement, ...]), default=())
    created_at: Mapped[datetime]


class CampaignName(OwnedByMerchant, Base):
    """What the customers of a merchant can tell a campaign by: a promotion code, an alias, or the prefix of coupons.

    One name belongs to one campaign, whatever its kind (campaign §1.1). ``position`` keeps aliases in order.
    """

    __tablename__ = "campaign_names"
    __table_args__ = (UniqueConstraint("merchant_vid", "name"),)

    row_id: Mapped[str] = mapped_column(ROW_ID, primary_key=True)
    campaign_vid: Mapped[str] = mapped_column(VID, refers_to("campaigns.vid"), index=True)
    name: Mapped[str] = mapped_column(KEY)
    kind: Mapped[str] = mapped_column(String(10))
    position: Mapped[int] = mapped_column(default=0)


class CouponCode(OwnedByMerchant, Base):
    """One code of a coupon campaign (campaign §1.3).

    ``redemptions`` is raised in the commit of what it was redeemed for, and never above the campaign's limit.
    """

    __tablename__ = "coupon_codes"
    __table_args__ = (
        UniqueConstraint("merchant_vid", "code"),
        UniqueConstraint("campaign_vid", "sequence"),
    )

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    campaign_vid: Mapped[str] = mapped_column(VID, refers_to("campaigns.vid"))
    sequence: Mapped[int]
    code: Mapped[str] = mapped_column(String(530))
    redemptions: Mapped[int] = mapped_column(default=0)
    retrieved_at: Mapped[datetime | None]
    activated_at: Mapped[datetime | None]


class CampaignRedemption(OwnedByMerchant, Base):
    """A code was redeemed: for an AutoBill, or for a one-time sale (campaign §3.1).

    ``released_at`` is set when the sale did not come about after all; the redemption counts no more then.
    """

    __tablename__ = "campaign_redemptions"
    __table_args__ = (
        index_where_set("merchant_vid", "coupon_code_vid"),
        index_where_set("merchant_vid", "campaign_vid", "autobill_vid"),
        index_where_set("merchant_vid", "transaction_vid"),
    )

    row_id: Mapped[str] = mapped_column(ROW_ID, primary_key=True)
    campaign_vid: Mapped[str] = mapped_column(VID, refers_to("campaigns.vid"))
    coupon_code_vid: Mapped[str | None] = mapped_column(VID, refers_to("coupon_codes.vid"))
    account_vid: Mapped[str | None] = mapped_column(VID, refers_to("accounts.vid"))
    autobill_vid: Mapped[str | None] = mapped_column(VID, refers_to("autobills.vid"))
    transaction_vid: Mapped[str | None] = mapped_column(VID, refers_to("transactions.vid"))
    at: Mapped[datetime]
    released_at: Mapped[datetime | None]
