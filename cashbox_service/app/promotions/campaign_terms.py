"""The terms of a campaign as they were given, checked one by one (campaign §1.1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from cashbox_service.app import name_values
from cashbox_service.app.checks import check_currency
from cashbox_service.app.context import Work
from cashbox_service.app.credit.drafts import CurrencyAmountDraft
from cashbox_service.app.offers import billing_plans, products
from cashbox_service.app.offers.drafts import BillingPlanDraft, ProductDraft
from cashbox_service.app.promotions.drafts import CampaignDraft, CampaignTimeGrantDraft
from cashbox_service.domain.campaign import CampaignType
from cashbox_service.domain.discount import GrantUnit
from cashbox_service.domain.errors import (
    BillingPlanNotFound,
    InvalidRequest,
    InvalidValue,
    MissingField,
    ProductNotFound,
)
from cashbox_service.domain.interval import MAX_COUNT
from cashbox_service.domain.money import given
from cashbox_service.store.entities import Campaign

MOST = 10**9
MAX_ELIGIBLE = 10_000

_HUNDRED = Decimal(100)
_PLACES = Decimal("0.000001")

Columns = dict[str, Any]
"""Values by column."""


def fixed_columns(work: Work, draft: CampaignDraft) -> dict[str, Columns]:
    """What the draft says that cannot change later, by the field that says it; checked. Raises InvalidRequest,
    ProductNotFound, BillingPlanNotFound."""
    fields: dict[str, tuple[object, Callable[[], Columns]]] = {
        "campaignType": (draft.campaign_type, lambda: {"campaign_type": _type(draft.campaign_type or "")}),
        "flatAmountDiscount": (draft.flat_amount_discount, lambda: _flat(work, draft.flat_amount_discount)),
        "percentageDiscount": (draft.percentage_discount, lambda: _percentage(draft.percentage_discount)),
        "timeGrant": (draft.time_grant, lambda: _time_grant(draft.time_grant)),
        "eligibleProducts": (draft.eligible_products, lambda: _products(work, draft.eligible_products)),
        "eligibleBillingPlans": (
            draft.eligible_billing_plans,
            lambda: _plans(work, draft.eligible_billing_plans),
        ),
        "restrictToNewSubscription": (
            draft.restrict_to_new_subscription,
            lambda: {"restricted_to_new": draft.restrict_to_new_subscription},
        ),
        "maxRedemptions": (
            draft.max_redemptions,
            lambda: {"max_redemptions": count("maxRedemptions", draft.max_redemptions, MOST)},
        ),
        "couponCodeQuantity": (
            draft.coupon_code_quantity,
            lambda: {
                "coupon_quantity": count(
                    "couponCodeQuantity", draft.coupon_code_quantity, work.settings.max_coupon_codes
                )
            },
        ),
        "couponCodeSeparator": (
            draft.coupon_code_separator,
            lambda: {"coupon_separator": draft.coupon_code_separator},
        ),
        "couponCodeRequiresActivation": (
            draft.coupon_code_requires_activation,
            lambda: {"coupon_requires_activation": draft.coupon_code_requires_activation},
        ),
    }
    return {name: read() for name, (value, read) in fields.items() if value not in (None, "", ())}


def count(field: str, value: int | None, most: int) -> int | None:
    """A number of at least one. Raises InvalidValue."""
    if value is not None and not 1 <= value <= most:
        raise InvalidValue(field, value, f"is not between 1 and {most}")
    return value


def check_window(start: datetime, end: datetime | None) -> None:
    """Raises InvalidValue for an offer that ends before it begins."""
    if end is not None and end <= start:
        raise InvalidValue("offerEndDate", end.isoformat(), "is not after offerStartDate")


def check_duration(cycles: int | None, expires_at: datetime | None) -> None:
    """Raises InvalidRequest for a campaign that is rolling and fixed."""
    if cycles is not None and expires_at is not None:
        raise InvalidRequest("cycles and expirationDate exclude each other")


def check_whole(campaign: Campaign, promotion_code: str | None) -> None:
    """Whether the parts go together. Raises InvalidRequest and its kinds."""
    kinds = (campaign.flat_amount, campaign.percentage, campaign.grant_quantity)
    if sum(kind is not None for kind in kinds) != 1:
        raise InvalidRequest(
            "exactly one of flatAmountDiscount, percentageDiscount and timeGrant must be given"
        )
    if campaign.grant_quantity is not None and (campaign.cycles or campaign.expires_at):
        raise InvalidRequest("a timeGrant is given once: cycles and expirationDate do not go with it")
    check_duration(campaign.cycles, campaign.expires_at)
    check_window(campaign.offer_starts_at, campaign.offer_ends_at)
    if campaign.campaign_type == CampaignType.PROMOTION and promotion_code is None:
        raise MissingField("promotionCode", "promotionCode is missing")


def check_kind(draft: CampaignDraft, kind: str) -> None:
    """Whether a coupon campaign or a promotion was given the fields of the other one. Raises InvalidRequest."""
    of_coupons = {
        "maxRedemptions": draft.max_redemptions,
        "couponCodeQuantity": draft.coupon_code_quantity,
        "couponCodePrefix": draft.coupon_code_prefix,
        "couponCodeSeparator": draft.coupon_code_separator,
        "couponCodeRequiresActivation": draft.coupon_code_requires_activation,
    }
    of_promotions = {
        "promotionCode": draft.promotion_code,
        "promotionCodeAliases": draft.promotion_code_aliases,
    }
    strange = of_coupons if kind == CampaignType.PROMOTION else of_promotions
    for field, value in strange.items():
        if value not in (None, "", (), False):
            raise InvalidRequest(f"{field} does not go with campaignType {kind}")


def _type(value: str) -> str:
    if value not in list(CampaignType):
        raise InvalidValue("campaignType", value, "is neither Coupon nor Promotion")
    return value


def _flat(work: Work, draft: CurrencyAmountDraft | None) -> Columns:
    assert draft is not None
    field = "flatAmountDiscount"
    currency = check_currency(f"{field}.currency", draft.currency or work.settings.default_currency)
    if draft.amount is None:
        raise MissingField(f"{field}.amount", f"{field}.amount is missing")
    amount = given(f"{field}.amount", draft.amount, currency)
    if amount <= 0:
        raise InvalidValue(f"{field}.amount", amount, "must be greater than 0")
    pairs = name_values.merged(work, "CurrencyAmount", (), draft.name_values)
    return {"flat_amount": amount, "flat_currency": currency, "flat_name_values": pairs}


def _percentage(value: Decimal | None) -> Columns:
    assert value is not None
    if not 0 < value <= _HUNDRED:
        raise InvalidValue("percentageDiscount", value, "is not above 0 and at most 100")
    kept = value.quantize(_PLACES, rounding=ROUND_HALF_UP)
    if not kept:
        raise InvalidValue("percentageDiscount", value, "has too many digits")
    return {"percentage": kept}


def _time_grant(draft: CampaignTimeGrantDraft | None) -> Columns:
    assert draft is not None
    quantity = count("timeGrant.quantity", draft.quantity, MAX_COUNT)
    if quantity is None:
        raise MissingField("timeGrant.quantity", "timeGrant.quantity is missing")
    if not draft.type:
        raise MissingField("timeGrant.type", "timeGrant.type is missing")
    return {"grant_quantity": quantity, "grant_unit": GrantUnit(draft.type).value}


def _products(work: Work, drafts: tuple[ProductDraft, ...]) -> Columns:
    _check_number("eligibleProducts", drafts)
    vids: dict[str, None] = {}
    for draft in drafts:
        found = products.find(work, draft)
        if found is None:
            raise ProductNotFound("merchantProductId", draft.merchant_product_id or "")
        vids[found.vid] = None
    return {"product_vids": tuple(vids)}


def _plans(work: Work, drafts: tuple[BillingPlanDraft, ...]) -> Columns:
    _check_number("eligibleBillingPlans", drafts)
    vids: dict[str, None] = {}
    for draft in drafts:
        found = billing_plans.find(work, draft)
        if found is None:
            raise BillingPlanNotFound("merchantBillingPlanId", draft.merchant_billing_plan_id or "")
        vids[found.vid] = None
    return {"billing_plan_vids": tuple(vids)}


def _check_number(field: str, drafts: tuple[object, ...]) -> None:
    if len(drafts) > MAX_ELIGIBLE:
        raise InvalidValue(field, len(drafts), f"exceeds the limit of {MAX_ELIGIBLE}")
