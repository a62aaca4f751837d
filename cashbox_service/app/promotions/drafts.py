"""What callers give of a campaign; the conventions are those of `app.drafts`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cashbox_service.app.credit.drafts import CurrencyAmountDraft
from cashbox_service.app.offers.drafts import BillingPlanDraft, ProductDraft


@dataclass(slots=True)
class CampaignTimeGrantDraft:
    """Input of a CampaignTimeGrant."""

    quantity: int | None = None
    type: str | None = None


@dataclass(slots=True)
class CampaignDraft:
    """Input of a Campaign; its state is not for the caller to say."""

    name: str | None = None
    description: str | None = None
    campaign_id: str | None = None
    vid: str | None = None
    offer_start_date: datetime | None = None
    offer_end_date: datetime | None = None
    campaign_type: str | None = None
    flat_amount_discount: CurrencyAmountDraft | None = None
    percentage_discount: Decimal | None = None
    time_grant: CampaignTimeGrantDraft | None = None
    eligible_products: tuple[ProductDraft, ...] = ()
    eligible_billing_plans: tuple[BillingPlanDraft, ...] = ()
    restrict_to_new_subscription: bool | None = None
    note: str | None = None
    expiration_date: datetime | None = None
    cycles: int | None = None
    promotion_code: str | None = None
    promotion_code_aliases: tuple[str, ...] = ()
    max_redemptions: int | None = None
    coupon_code_quantity: int | None = None
    coupon_code_prefix: str | None = None
    coupon_code_separator: str | None = None
    coupon_code_requires_activation: bool | None = None
