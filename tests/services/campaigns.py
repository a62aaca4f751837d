"""Campaigns for tests: made, switched on, and their codes.

spring = campaigns.promotion(client, percentageDiscount="50")      Active, with a promotion code
spring.promotionCode
"""

from __future__ import annotations

from typing import Any

from tests.services import shop
from tests.services.shop import Client


def create(client: Client, kind: str = "Promotion", **fields: Any) -> Any:
    """An Inactive campaign of half the price on everything, unless told otherwise."""
    given: dict[str, Any] = {
        "name": "Spring",
        "campaignId": shop.new_id("campaign"),
        "campaignType": kind,
    }
    if kind == "Promotion":
        given["promotionCode"] = shop.new_id("CODE")
    if not {"flatAmountDiscount", "percentageDiscount", "timeGrant"} & fields.keys():
        given["percentageDiscount"] = "50"
    return client("Campaign").createCampaign(campaign=given | fields).campaign


def activate(client: Client, campaign: Any) -> None:
    client("Campaign").activateCampaign(campaign=shop.reference(campaign))


def promotion(client: Client, **fields: Any) -> Any:
    """An Active promotion."""
    made = create(client, **fields)
    activate(client, made)
    return fetched(client, made)


def coupons(client: Client, quantity: int = 1, **fields: Any) -> tuple[Any, list[str]]:
    """An Active coupon campaign and its codes."""
    made = create(client, "Coupon", couponCodeQuantity=quantity, **fields)
    client("Campaign").generateCouponCodes(campaign=shop.reference(made))
    activate(client, made)
    return fetched(client, made), [code.code for code in codes(client, made)]


def codes(client: Client, campaign: Any, page: int = 0, size: int = 1000) -> list[Any]:
    """The codes of a campaign as they are."""
    return list(
        client("Campaign")
        .retrieveCouponCodes(campaign=shop.reference(campaign), page=page, pageSize=size)
        .couponCode
    )


def fetched(client: Client, campaign: Any) -> Any:
    """The campaign as it is now."""
    return client("Campaign").fetchByVid(vid=campaign.VID).campaign


def flat(amount: str, currency: str = "USD") -> dict[str, Any]:
    """An amount that is taken off."""
    return {"flatAmountDiscount": {"amount": amount, "currency": currency}}


def free(quantity: int, kind: str) -> dict[str, Any]:
    """Free time."""
    return {"timeGrant": {"quantity": quantity, "type": kind}}
