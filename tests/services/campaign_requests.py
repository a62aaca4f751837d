"""Sound requests of the Campaign service and of addCampaign."""

from __future__ import annotations

from collections.abc import Callable

from tests.services import campaigns
from tests.soap_client import ServiceClient


def ids(client: Callable[[str], ServiceClient]) -> dict[str, str]:
    """A promotion that is on, one that is not, and coupons of which one waits to be activated."""
    spring, idle = campaigns.promotion(client), campaigns.create(client)
    bare = campaigns.create(client, "Coupon")
    waiting, codes = campaigns.coupons(client, 3, couponCodeRequiresActivation=True)
    return {
        "spring": spring.campaignId,
        "springVid": spring.VID,
        "springCode": spring.promotionCode,
        "idle": idle.campaignId,
        "idleVid": idle.VID,
        "bareVid": bare.VID,
        "couponsVid": waiting.VID,
        "coupon": codes[0],
    }


SPRING = "<campaign><VID>{springVid}</VID></campaign>"
IDLE = "<campaign><VID>{idleVid}</VID></campaign>"
COUPONS = "<campaign><VID>{couponsVid}</VID></campaign>"
OFFER = (
    "<offerStartDate>2020-01-01T00:00:00Z</offerStartDate><offerEndDate>2099-01-01T00:00:00Z</offerEndDate>"
    "<note>n</note>"
)
NAMED = "<campaign><name>n</name><description>d</description><campaignId>c-{new}</campaignId>"
PROMOTION = (
    f"{NAMED}{OFFER}<campaignType>Promotion</campaignType>"
    "<flatAmountDiscount><currency>USD</currency><amount>1.50</amount></flatAmountDiscount>"
    "<eligibleProducts><VID>{productVid}</VID></eligibleProducts>"
    "<eligibleBillingPlans><VID>{planVid}</VID></eligibleBillingPlans>"
    "<restrictToNewSubscription>1</restrictToNewSubscription><cycles>3</cycles>"
    "<promotionCode>p-{new}</promotionCode><promotionCodeAliases>q-{new}</promotionCodeAliases></campaign>"
)
COUPON = (
    f"{NAMED}<campaignType>Coupon</campaignType><percentageDiscount>12.5</percentageDiscount>"
    "<expirationDate>2099-01-01T00:00:00Z</expirationDate><maxRedemptions>3</maxRedemptions>"
    "<couponCodeQuantity>2</couponCodeQuantity><couponCodePrefix>x-{new}</couponCodePrefix>"
    "<couponCodeSeparator>-</couponCodeSeparator>"
    "<couponCodeRequiresActivation>1</couponCodeRequiresActivation></campaign>"
)
FREE = (
    f"{NAMED}<campaignType>Promotion</campaignType><timeGrant><quantity>3</quantity><type>Month</type></timeGrant>"
    "<promotionCode>p-{new}</promotionCode></campaign>"
)
CHANGED = (
    f"<campaign><name>m</name><VID>{{idleVid}}</VID>{OFFER}<cycles>2</cycles>"
    "<promotionCodeAliases>r-{new}</promotionCodeAliases></campaign>"
)
CLONED = "<newCampaignId>k-{new}</newCampaignId><newCampaignSeries>s-{new}</newCampaignSeries>"

SOUND: dict[str, tuple[str, ...]] = {
    "AutoBill.addCampaign": (
        (
            "<autobill><VID>{billVid}</VID></autobill><product><VID>{productVid}</VID></product>"
            "<applyToBillingPlan>1</applyToBillingPlan><campaignCode>{springCode}</campaignCode>"
            "<dryrun>1</dryrun>"
        ),
        (
            "<autobill><VID>{changingVid}</VID></autobill><item><index>0</index></item>"
            "<campaignCode>{springCode}</campaignCode>"
        ),
    ),
    "Campaign.createCampaign": (PROMOTION, COUPON, FREE),
    "Campaign.updateCampaign": (CHANGED,),
    "Campaign.cloneCampaign": (SPRING + CLONED,),
    "Campaign.activateCampaign": (f"{IDLE}<forcePending>1</forcePending>",),
    "Campaign.deactivateCampaign": ("<campaign><campaignId>{idle}</campaignId></campaign>",),
    "Campaign.cancelCampaign": (IDLE,),
    "Campaign.fetchAllCampaigns": ("<status>Active</status><page>0</page><pageSize>10</pageSize>",),
    "Campaign.fetchByCampaignId": ("<campaignId>{spring}</campaignId>",),
    "Campaign.fetchByVid": ("<vid>{springVid}</vid>",),
    "Campaign.generateCouponCodes": (
        "<campaign><VID>{bareVid}</VID></campaign><invalidateAnyExistingCodes>1</invalidateAnyExistingCodes>",
    ),
    "Campaign.retrieveCouponCodes": (f"{COUPONS}<page>0</page><pageSize>10</pageSize>",),
    "Campaign.validateCode": ("<code>{springCode}</code><activateCodeNow>0</activateCodeNow>",),
    "Campaign.activateCode": ("<code>{coupon}</code>",),
    "Campaign.markAllCouponsUsed": (COUPONS,),
}
