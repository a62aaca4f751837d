"""Campaigns and codes of one merchant do not exist for another (conventions §3.1)."""

from __future__ import annotations

import pytest

from tests.conftest import Client, _new_merchant
from tests.servers import Server
from tests.services import campaign_requests, campaigns, sales, shop
from tests.services.wire import Wire
from tests.soap_client import Login, ServiceClient

CAMPAIGN = "<campaign><VID>{springVid}</VID></campaign>"
COUPONS = "<campaign><VID>{couponsVid}</VID></campaign>"
SERIES = "<newCampaignId>mine</newCampaignId><newCampaignSeries>mine</newCampaignSeries>"
CALLS = (
    ("fetchByVid", "<vid>{springVid}</vid>"),
    ("fetchByCampaignId", "<campaignId>{spring}</campaignId>"),
    ("updateCampaign", "<campaign><VID>{idleVid}</VID><note>Thief</note></campaign>"),
    ("cloneCampaign", CAMPAIGN + SERIES),
    ("activateCampaign", "<campaign><VID>{idleVid}</VID></campaign>"),
    ("deactivateCampaign", CAMPAIGN),
    ("cancelCampaign", CAMPAIGN),
    ("generateCouponCodes", COUPONS + "<invalidateAnyExistingCodes>1</invalidateAnyExistingCodes>"),
    ("retrieveCouponCodes", COUPONS),
    ("activateCode", "<code>{coupon}</code>"),
    ("markAllCouponsUsed", COUPONS),
)


@pytest.fixture(scope="module")
def mine(server: Server, module_merchant: Login) -> tuple[Client, dict[str, str]]:
    def client(service: str) -> ServiceClient:
        return ServiceClient(server, module_merchant, service)

    return client, campaign_requests.ids(client)


@pytest.fixture(scope="module")
def thief(server: Server) -> Login:
    return _new_merchant(server)


def standing(client: Client, ids: dict[str, str]) -> list[object]:
    found = [campaigns.fetched(client, _Named(ids[name])) for name in ("springVid", "idleVid", "couponsVid")]
    return [*found, *campaigns.codes(client, _Named(ids["couponsVid"]))]


class _Named:
    """A campaign by its VID alone."""

    def __init__(self, vid: str) -> None:
        self.VID = vid


@pytest.mark.parametrize(("operation", "arguments"), CALLS)
def test_what_is_anothers_is_not_found_and_not_changed(
    server: Server, mine: tuple[Client, dict[str, str]], thief: Login, operation: str, arguments: str
) -> None:
    client, ids = mine
    before = standing(client, ids)

    reply = Wire(server, thief).call("Campaign", operation, arguments.format(**ids))

    assert reply.code == 404, reply.text
    assert [str(part.tag) for part in reply.body] == ["return"]
    assert standing(client, ids) == before


def test_codes_of_another_are_worth_nothing_and_may_be_used_anew(
    server: Server, mine: tuple[Client, dict[str, str]], thief: Login
) -> None:
    def client(service: str) -> ServiceClient:
        return ServiceClient(server, thief, service)

    code = mine[1]["springCode"]
    assert client("Campaign").validateCode(code=code, activateCodeNow=False).valid is False
    assert list(client("Campaign").fetchAllCampaigns(status="Active", page=0, pageSize=10).campaign) == []
    refused = f'Campaign code "{code}" does not exist'
    assert shop.text(sales.sell(client, sales.order(), expecting=400, campaignCode=code)) == refused
    order = shop.order(client, shop.card())
    assert shop.text(shop.update(client, order, expecting=400, campaignCode=code)) == refused
    assert campaigns.promotion(client, promotionCode=code).promotionCode == code
    product = mine[0]("Product").fetchByMerchantProductId(
        merchantProductId=shop.product(mine[0]).merchantProductId
    )
    sound = {"name": "n", "campaignId": "c", "campaignType": "Promotion", "percentageDiscount": "5"}
    answer = (
        client("Campaign")
        .expecting(404)
        .createCampaign(
            campaign=sound | {"promotionCode": "own", "eligibleProducts": [{"VID": product.product.VID}]}
        )
    )
    assert "Unable to load product" in shop.text(answer)
