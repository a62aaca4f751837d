"""Campaign and CouponCode (campaign §1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from cashbox_service.app.context import Work
from cashbox_service.app.promotions.campaign_lookup import CampaignView
from cashbox_service.app.promotions.coupons import Coupon
from cashbox_service.soap import records as r
from cashbox_service.soap.srd import Selection
from cashbox_service.soap.wire.catalog import billing_plan, product
from cashbox_service.soap.wire.narrowing import narrowed, narrowed_all
from cashbox_service.soap.wire.values import money, name_values, quantity
from cashbox_service.store.entities import Campaign

E = TypeVar("E")

_PLAIN = {
    "name": "name",
    "description": "description",
    "offerStartDate": "offer_starts_at",
    "offerEndDate": "offer_ends_at",
    "campaignType": "campaign_type",
    "restrictToNewSubscription": "restricted_to_new",
    "note": "note",
    "expirationDate": "expires_at",
    "cycles": "cycles",
}
_OF_COUPONS = {
    "maxRedemptions": "max_redemptions",
    "couponCodeQuantity": "coupon_quantity",
    "couponCodeSeparator": "coupon_separator",
    "couponCodeRequiresActivation": "coupon_requires_activation",
}


def campaign(work: Work, view: CampaignView, selection: Selection) -> r.Campaign:
    source, wants = view.campaign, selection.wants
    record = r.Campaign(VID=source.vid, campaignId=source.campaign_id)
    for field, column in _PLAIN.items():
        if wants(field):
            setattr(record, field, getattr(source, column))
    if wants("state"):
        record.state = view.state.value
    _add_discount(record, source, selection)
    if source.product_vids and wants("eligibleProducts"):
        known, parts = (
            work.uow.catalog.products_by_vid(source.product_vids),
            selection.child("eligibleProducts"),
        )
        record.eligibleProducts = tuple(
            [product(work, one, parts) for one in _in_order(source.product_vids, known)]
        )
    if source.billing_plan_vids and wants("eligibleBillingPlans"):
        plans, parts = (
            work.uow.catalog.plans_by_vid(source.billing_plan_vids),
            selection.child("eligibleBillingPlans"),
        )
        record.eligibleBillingPlans = tuple(
            [billing_plan(work, one, parts) for one in _in_order(source.billing_plan_vids, plans)]
        )
    if wants("promotionCode"):
        record.promotionCode = view.promotion_code
    if wants("promotionCodeAliases"):
        record.promotionCodeAliases = view.aliases
    if source.campaign_type == "Coupon":
        if wants("couponCodePrefix"):
            record.couponCodePrefix = view.prefix
        for field, column in _OF_COUPONS.items():
            if wants(field):
                setattr(record, field, getattr(source, column))
    return record


def _add_discount(record: r.Campaign, source: Campaign, selection: Selection) -> None:
    wants = selection.wants
    if source.flat_amount is not None and wants("flatAmountDiscount"):
        flat = r.CurrencyAmount(
            currency=source.flat_currency,
            amount=money(source.flat_amount, source.flat_currency),
            nameValues=name_values(source.flat_name_values),
        )
        record.flatAmountDiscount = narrowed(flat, selection.child("flatAmountDiscount"))
    if source.percentage is not None and wants("percentageDiscount"):
        record.percentageDiscount = quantity(source.percentage)
    if source.grant_quantity is not None and wants("timeGrant"):
        grant = r.CampaignTimeGrant(quantity=source.grant_quantity, type=source.grant_unit)
        record.timeGrant = narrowed(grant, selection.child("timeGrant"))


def _in_order(vids: Iterable[str], known: dict[str, E]) -> list[E]:
    return [known[vid] for vid in vids if vid in known]


def coupon_codes(coupons: Sequence[Coupon], selection: Selection) -> tuple[r.CouponCode, ...]:
    """Codes as they are; a redemption by nobody in particular has its date alone."""
    return narrowed_all([_coupon_code(coupon) for coupon in coupons], selection)


def _coupon_code(coupon: Coupon) -> r.CouponCode:
    return r.CouponCode(
        campaignId=coupon.campaign_id,
        sequence=coupon.code.sequence,
        code=coupon.code.code,
        VID=coupon.code.vid,
        state=coupon.state.value,
        redeemedBy=tuple(
            r.CouponRedeemedBy(
                merchantAccountId=one.merchant_account_id, accountVID=one.account_vid, date=one.at
            )
            for one in coupon.redeemed_by
        ),
    )
