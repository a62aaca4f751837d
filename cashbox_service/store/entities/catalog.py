"""What is sold and on which terms: Product, BillingPlan, SeasonSet, RatePlan, Token."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cashbox_service.domain.catalog import (
    CreditPart,
    EntitlementId,
    NameValue,
    PlanPeriod,
    ProductDescription,
    ProductPrice,
    RatePrice,
    RateTier,
    Season,
)
from cashbox_service.store.base import KEY, VID, Base, OwnedByMerchant, Versioned, refers_to
from cashbox_service.store.types import Amount, Document


class Token(OwnedByMerchant, Base):
    """A virtual unit of the merchant (account §1.5)."""

    __tablename__ = "tokens"
    __table_args__ = (UniqueConstraint("merchant_vid", "merchant_token_id"),)

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    merchant_token_id: Mapped[str] = mapped_column(KEY)
    description: Mapped[str | None]


class SeasonSet(OwnedByMerchant, Versioned, Base):
    """A named list of seasons (catalog §3)."""

    __tablename__ = "season_sets"
    __table_args__ = (UniqueConstraint("merchant_vid", "merchant_season_set_id"),)

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    merchant_season_set_id: Mapped[str | None] = mapped_column(KEY)
    seasons: Mapped[tuple[Season, ...]] = mapped_column(Document(tuple[Season, ...]), default=())
    name_values: Mapped[tuple[NameValue, ...]] = mapped_column(Document(tuple[NameValue, ...]), default=())
    created_at: Mapped[datetime]


class RatePlan(OwnedByMerchant, Versioned, Base):
    """Pricing by quantity (catalog §5)."""

    __tablename__ = "rate_plans"
    __table_args__ = (UniqueConstraint("merchant_vid", "merchant_rate_plan_id"),)

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    merchant_rate_plan_id: Mapped[str] = mapped_column(KEY)
    description: Mapped[str | None]
    multiply_rated_units_by: Mapped[str] = mapped_column(String(30), default="EachRespectiveTier")
    unit_singular: Mapped[str]
    unit_plural: Mapped[str]
    tiers: Mapped[tuple[RateTier, ...]] = mapped_column(Document(tuple[RateTier, ...]), default=())
    rounding_decimals: Mapped[int] = mapped_column(default=0)
    included_units: Mapped[Decimal] = mapped_column(Amount, default=Decimal(0))
    minimum_fee: Mapped[tuple[RatePrice, ...]] = mapped_column(Document(tuple[RatePrice, ...]), default=())
    maximum_fee: Mapped[tuple[RatePrice, ...]] = mapped_column(Document(tuple[RatePrice, ...]), default=())
    rate_plan_model: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20), default="Active")
    name_values: Mapped[tuple[NameValue, ...]] = mapped_column(Document(tuple[NameValue, ...]), default=())
    created_at: Mapped[datetime]


class BillingPlan(OwnedByMerchant, Versioned, Base):
    """Terms of billing, independent of what is sold (catalog §1)."""

    __tablename__ = "billing_plans"
    __table_args__ = (UniqueConstraint("merchant_vid", "merchant_billing_plan_id"),)

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    merchant_billing_plan_id: Mapped[str] = mapped_column(KEY)
    description: Mapped[str | None]
    status: Mapped[str] = mapped_column(String(20), default="Active")
    tax_classification: Mapped[str | None]
    periods: Mapped[tuple[PlanPeriod, ...]] = mapped_column(Document(tuple[PlanPeriod, ...]))
    prenotify_days: Mapped[int | None]
    end_of_life_at: Mapped[datetime | None]
    name_values: Mapped[tuple[NameValue, ...]] = mapped_column(Document(tuple[NameValue, ...]), default=())
    entitlement_ids: Mapped[tuple[EntitlementId, ...]] = mapped_column(
        Document(tuple[EntitlementId, ...]), default=()
    )
    billing_statement_identifier: Mapped[str | None]
    times_to_run: Mapped[str] = mapped_column(String(20), default="1")
    entitlements_valid_for: Mapped[str | None]
    repeat_every: Mapped[str | None]
    season_set_vid: Mapped[str | None] = mapped_column(VID, refers_to("season_sets.vid"))
    days_before_season_to_bill: Mapped[int] = mapped_column(default=0)
    days_entitled_before_season: Mapped[int] = mapped_column(default=0)
    days_entitled_after_season: Mapped[int] = mapped_column(default=0)
    entitled_off_season: Mapped[bool | None]
    skip_initial_free_when_repeating: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]

    season_set: Mapped[SeasonSet | None] = relationship(lazy="joined")


class Product(OwnedByMerchant, Versioned, Base):
    """What is sold (catalog §2). ``bundled_vids`` are the parts of a bundle, in order."""

    __tablename__ = "products"
    __table_args__ = (UniqueConstraint("merchant_vid", "merchant_product_id"),)

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    merchant_product_id: Mapped[str | None] = mapped_column(String(256))
    descriptions: Mapped[tuple[ProductDescription, ...]] = mapped_column(
        Document(tuple[ProductDescription, ...]), default=()
    )
    status: Mapped[str] = mapped_column(String(20), default="Active")
    tax_classification: Mapped[str | None]
    default_billing_plan_vid: Mapped[str | None] = mapped_column(VID, refers_to("billing_plans.vid"))
    default_rate_plan_vid: Mapped[str | None] = mapped_column(VID, refers_to("rate_plans.vid"))
    end_of_life_at: Mapped[datetime | None]
    name_values: Mapped[tuple[NameValue, ...]] = mapped_column(Document(tuple[NameValue, ...]), default=())
    entitlement_ids: Mapped[tuple[EntitlementId, ...]] = mapped_column(
        Document(tuple[EntitlementId, ...]), default=()
    )
    billing_statement_identifier: Mapped[str | None]
    credit_granted: Mapped[tuple[CreditPart, ...]] = mapped_column(
        Document(tuple[CreditPart, ...]), default=()
    )
    prices: Mapped[tuple[ProductPrice, ...]] = mapped_column(Document(tuple[ProductPrice, ...]), default=())
    bundled_vids: Mapped[tuple[str, ...]] = mapped_column(Document(tuple[str, ...]), default=())
    created_at: Mapped[datetime]

    default_billing_plan: Mapped[BillingPlan | None] = relationship(lazy="joined")
    default_rate_plan: Mapped[RatePlan | None] = relationship(lazy="joined")
