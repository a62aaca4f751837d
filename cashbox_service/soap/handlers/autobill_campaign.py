"""Service AutoBill: addCampaign (autobill §6.2)."""

from __future__ import annotations

from cashbox_service.app.offers.drafts import ProductDraft
from cashbox_service.app.promotions import adding_campaigns
from cashbox_service.app.promotions.adding_campaigns import CampaignRequest
from cashbox_service.app.subscriptions.autobill_view import AutoBillView
from cashbox_service.app.subscriptions.drafts import AutoBillItemDraft
from cashbox_service.domain.errors import AutoBillNotFound, InvalidRequest, NotFound
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.autobill import autobill
from cashbox_service.soap.wire.inbound import draft, reference

RETURNS: dict[str, tuple[Row, ...]] = {
    "addCampaign": (
        Row(400, "Unable to load AutoBill:  .", "inferred", AutoBillNotFound, "AutoBill unknown"),
        Row(404, "Unable to add campaign: {detail}", "decided", NotFound, "unknown VID of product or item"),
        Row(
            400,
            "Unable to add campaign: {detail}",
            "decided",
            InvalidRequest,
            "no code, one that cannot be used, nothing eligible, or item and product together",
        ),
    ),
}


@handles("AutoBill", "addCampaign")
def add_campaign(call: Call, request: r.AutoBillAddCampaignRequest) -> r.AutoBillAddCampaignResponse:
    asked = CampaignRequest(
        code=request.campaignCode,
        product=draft(ProductDraft, request.product),
        item=draft(AutoBillItemDraft, request.item),
        to_plan=bool(request.applyToBillingPlan),
    )
    named, dryrun = reference(request.autobill, "merchantAutoBillId"), bool(request.dryrun)
    with adding_campaigns.add(call.work, named, asked, dryrun=dryrun) as changed:
        view = AutoBillView(call.work, changed, dryrun=dryrun)
        return r.AutoBillAddCampaignResponse(autobill=autobill(view, call.srd.child("autobill")))
