"""What callers give of the catalogue: plans, seasons, products; the conventions are those of `app.drafts`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from cashbox_service.app.credit.drafts import CreditDraft, TokenAmountDraft, TokenDraft
from cashbox_service.app.drafts import NameValuePairDraft


@dataclass(slots=True)
class MerchantEntitlementIdDraft:
    """Input of a MerchantEntitlementId."""

    id: str | None = None
    description: str | None = None


@dataclass(slots=True)
class SeasonDraft:
    """Input of a Season."""

    description: str | None = None
    start_date: date | None = None
    end_date: date | None = None


@dataclass(slots=True)
class SeasonSetDraft:
    """Input of a SeasonSet."""

    vid: str | None = None
    merchant_season_set_id: str | None = None
    seasons: tuple[SeasonDraft, ...] = ()
    name_values: tuple[NameValuePairDraft, ...] = ()


@dataclass(slots=True)
class BillingPlanPriceDraft:
    """Input of a BillingPlanPrice."""

    amount: Decimal | None = None
    currency: str | None = None
    price_list_name: str | None = None
    token_amount: TokenAmountDraft | None = None


@dataclass(slots=True)
class BillingPlanPeriodDraft:
    """Input of a BillingPlanPeriod."""

    type: str | None = None
    quantity: int | None = None
    cycles: int | None = None
    prices: tuple[BillingPlanPriceDraft, ...] = ()
    expire_warning_days: int | None = None
    do_not_notify_first_bill: bool | None = None
    free: bool | None = None


@dataclass(slots=True)
class BillingPlanDraft:
    """Input of a BillingPlan."""

    vid: str | None = None
    merchant_billing_plan_id: str | None = None
    description: str | None = None
    status: str | None = None
    tax_classification: str | None = None
    periods: tuple[BillingPlanPeriodDraft, ...] = ()
    prenotify_days: int | None = None
    end_of_life_timestamp: datetime | None = None
    name_values: tuple[NameValuePairDraft, ...] = ()
    merchant_entitlement_ids: tuple[MerchantEntitlementIdDraft, ...] = ()
    billing_statement_identifier: str | None = None
    times_to_run: str | None = None
    entitlements_valid_for: str | None = None
    repeat_every: str | None = None
    season_set: SeasonSetDraft | None = None
    days_before_season_to_bill: int | None = None
    days_entitled_before_season: int | None = None
    days_entitled_after_season: int | None = None
    entitled_off_season: bool | None = None
    skip_initial_free_when_repeating: bool | None = None


@dataclass(slots=True)
class RatedUnitDraft:
    """Input of a RatedUnit."""

    name_singular: str | None = None
    name_plural: str | None = None


@dataclass(slots=True)
class RatePlanPriceDraft:
    """Input of a RatePlanPrice."""

    amount: Decimal | None = None
    currency: str | None = None


@dataclass(slots=True)
class RatePlanTierDraft:
    """Input of a RatePlanTier."""

    name: str | None = None
    rate_price: tuple[RatePlanPriceDraft, ...] = ()
    charge_customer: str | None = None
    begins_at_level: Decimal | None = None


@dataclass(slots=True)
class RatePlanDraft:
    """Input of a RatePlan."""

    description: str | None = None
    merchant_rate_plan_id: str | None = None
    vid: str | None = None
    multiply_rated_units_by: str | None = None
    rated_unit: RatedUnitDraft | None = None
    tier: tuple[RatePlanTierDraft, ...] = ()
    rounding_decimals: int | None = None
    included_units: Decimal | None = None
    minimum_fee: tuple[RatePlanPriceDraft, ...] = ()
    maximum_fee: tuple[RatePlanPriceDraft, ...] = ()
    rate_plan_model: str | None = None
    status: str | None = None
    name_values: tuple[NameValuePairDraft, ...] = ()


@dataclass(slots=True)
class ProductDescriptionDraft:
    """Input of a ProductDescription."""

    language: str | None = None
    description: str | None = None


@dataclass(slots=True)
class ProductPriceDraft:
    """Input of a ProductPrice."""

    amount: Decimal | None = None
    currency: str | None = None
    token: TokenDraft | None = None


@dataclass(slots=True)
class ProductDraft:
    """Input of a Product."""

    vid: str | None = None
    merchant_product_id: str | None = None
    descriptions: tuple[ProductDescriptionDraft, ...] = ()
    status: str | None = None
    tax_classification: str | None = None
    default_billing_plan: BillingPlanDraft | None = None
    default_rate_plan: RatePlanDraft | None = None
    end_of_life_timestamp: datetime | None = None
    name_values: tuple[NameValuePairDraft, ...] = ()
    merchant_entitlement_ids: tuple[MerchantEntitlementIdDraft, ...] = ()
    billing_statement_identifier: str | None = None
    credit_granted: CreditDraft | None = None
    prices: tuple[ProductPriceDraft, ...] = ()
    bundled_products: tuple[ProductDraft, ...] = ()
