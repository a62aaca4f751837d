"""Cases that provoke the return codes of the Campaign service and of addCampaign."""

from __future__ import annotations

from collections.abc import Callable

from cashbox_service.soap.handlers import autobill_campaign, campaign, campaign_coupon
from cashbox_service.soap.returns import Row
from tests.services import campaigns
from tests.services.customer_rows import Cases
from tests.soap_client import ServiceClient

TABLES: dict[str, dict[str, tuple[Row, ...]]] = {
    "AutoBill": autobill_campaign.RETURNS,
    "Campaign": {**campaign.RETURNS, **campaign_coupon.RETURNS},
}


def campaign_ids(client: Callable[[str], ServiceClient]) -> dict[str, str]:
    """A promotion that is on, and coupons that have a code."""
    spring = campaigns.promotion(client)
    coupons, codes = campaigns.coupons(client)
    over, idle = campaigns.create(client), campaigns.create(client)
    client("Campaign").cancelCampaign(campaign={"VID": over.VID})
    return {
        "cancelledCampaign": over.VID,
        "idleCampaign": idle.VID,
        "spring": spring.VID,
        "springId": spring.campaignId,
        "springCode": spring.promotionCode,
        "coupons": coupons.VID,
        "coupon": codes[0],
    }


UNKNOWN = f"<campaign><VID>{'0' * 40}</VID></campaign>"
SPRING = "<campaign><VID>{spring}</VID></campaign>"
COUPONS = "<campaign><VID>{coupons}</VID></campaign>"
NEW = (
    "<name>n</name><campaignId>c-{new}</campaignId><campaignType>Promotion</campaignType>"
    "<percentageDiscount>5</percentageDiscount><promotionCode>p-{new}</promotionCode>"
)
NO_PRODUCT = "<eligibleProducts><merchantProductId>none</merchantProductId></eligibleProducts>"
NO_PLAN = "<eligibleBillingPlans><merchantBillingPlanId>none</merchantBillingPlanId></eligibleBillingPlans>"
OTHER = "<newCampaignId>o-{new}</newCampaignId><newCampaignSeries>s-{new}</newCampaignSeries>"


def _created(more: str) -> str:
    return f"<campaign>{NEW}{more}</campaign>"


def _of(more: str) -> str:
    return f"<campaign><VID>{{idleCampaign}}</VID>{more}</campaign>"


NAMED = [(404, UNKNOWN), (400, "")]
NO_PAGE = "<pageSize>0</pageSize>"

BILL = "<autobill><VID>{bill}</VID></autobill>"
CODE = "<campaignCode>{springCode}</campaignCode>"

CASES: Cases = {
    "AutoBill": {
        "addCampaign": [
            (400, f"<autobill><VID>{'0' * 40}</VID></autobill>{CODE}"),
            (404, f"{BILL}{CODE}<product><VID>{'0' * 40}</VID></product>"),
            (400, BILL),
        ],
    },
    "Campaign": {
        "createCampaign": [(404, _created(NO_PRODUCT)), (404, _created(NO_PLAN)), (400, "")],
        "updateCampaign": [
            (404, UNKNOWN),
            (404, _of(NO_PRODUCT)),
            (404, _of(NO_PLAN)),
            (400, ""),
            (400, SPRING),
        ],
        "cloneCampaign": [
            (404, UNKNOWN + OTHER),
            (400, SPRING),
            (
                400,
                SPRING + "<newCampaignId>{springId}</newCampaignId><newCampaignSeries>s</newCampaignSeries>",
            ),
        ],
        "activateCampaign": [*NAMED, (400, "<campaign><VID>{cancelledCampaign}</VID></campaign>")],
        "deactivateCampaign": [*NAMED, (400, "<campaign><VID>{cancelledCampaign}</VID></campaign>")],
        "cancelCampaign": NAMED,
        "fetchAllCampaigns": [(400, NO_PAGE)],
        "fetchByCampaignId": [(400, ""), (404, "<campaignId>none</campaignId>")],
        "fetchByVid": [(400, ""), (404, "<vid>none</vid>")],
        "generateCouponCodes": [*NAMED, (400, COUPONS)],
        "retrieveCouponCodes": [*NAMED, (400, COUPONS + NO_PAGE), (400, SPRING)],
        "validateCode": [(400, "")],
        "activateCode": [(400, ""), (404, "<code>none</code>"), (400, "<code>{springCode}</code>")],
        "markAllCouponsUsed": [*NAMED, (400, SPRING)],
    },
}
