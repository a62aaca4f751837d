"""Service Campaign: made, changed, switched on and off, found (campaign §6)."""

from __future__ import annotations

from cashbox_service.app.promotions import campaign_lookup, campaigns
from cashbox_service.app.promotions.drafts import CampaignDraft
from cashbox_service.domain.errors import (
    BillingPlanNotFound,
    CampaignNotFound,
    InvalidRequest,
    MissingField,
    ProductNotFound,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.campaign import campaign
from cashbox_service.soap.wire.inbound import draft, reference

NO_CAMPAIGN = Row(
    404,
    'Unable to load campaign by {key} "{value}":  No match.',
    "decided",
    CampaignNotFound,
    "campaign unknown",
)
NOT_NAMED = Row(400, "{detail}", "decided", MissingField, "neither VID nor campaignId")
_MISSING = Row(400, "Missing required parameter '{name}'.", "decided", MissingField, "no id")
_NO_PRODUCT = Row(
    404, 'Unable to load product by {key} "{value}":  No match.', "inferred", ProductNotFound, "unknown"
)
_NO_PLAN = Row(
    404,
    'Unable to load billingplan by {key} "{value}":  No match.',
    "inferred",
    BillingPlanNotFound,
    "unknown",
)
_REFUSED = Row(400, "{detail}", "decided", InvalidRequest, "not in a state for it, or against a rule")

RETURNS: dict[str, tuple[Row, ...]] = {
    "createCampaign": (
        _NO_PRODUCT,
        _NO_PLAN,
        Row(
            400, "Campaign object is invalid: {detail}", "decided", InvalidRequest, "incomplete, or not valid"
        ),
    ),
    "updateCampaign": (NO_CAMPAIGN, _NO_PRODUCT, _NO_PLAN, NOT_NAMED, _REFUSED),
    "cloneCampaign": (
        NO_CAMPAIGN,
        Row(400, "{detail}", "decided", MissingField, "no campaign, id or series"),
        Row(400, "{detail}", "decided", InvalidRequest, "id or series in use, or not valid"),
    ),
    "activateCampaign": (NO_CAMPAIGN, NOT_NAMED, _REFUSED),
    "deactivateCampaign": (NO_CAMPAIGN, NOT_NAMED, _REFUSED),
    "cancelCampaign": (NO_CAMPAIGN, NOT_NAMED),
    "fetchAllCampaigns": (
        Row(400, "{detail}", "decided", InvalidRequest, "page below 0, pageSize below 1, no such state"),
    ),
    "fetchByCampaignId": (_MISSING, NO_CAMPAIGN),
    "fetchByVid": (_MISSING, NO_CAMPAIGN),
}


@handles("Campaign", "createCampaign")
def create_campaign(call: Call, request: r.CampaignCreateCampaignRequest) -> r.CampaignCreateCampaignResponse:
    made = campaigns.create(call.work, draft(CampaignDraft, request.campaign))
    return r.CampaignCreateCampaignResponse(campaign=campaign(call.work, made, call.srd.child("campaign")))


@handles("Campaign", "updateCampaign")
def update_campaign(call: Call, request: r.CampaignUpdateCampaignRequest) -> r.CampaignUpdateCampaignResponse:
    changed = campaigns.update(call.work, draft(CampaignDraft, request.campaign))
    return r.CampaignUpdateCampaignResponse(campaign=campaign(call.work, changed, call.srd.child("campaign")))


@handles("Campaign", "cloneCampaign")
def clone_campaign(call: Call, request: r.CampaignCloneCampaignRequest) -> r.CampaignCloneCampaignResponse:
    source = reference(request.campaign, "campaignId")
    made = campaigns.clone(call.work, source, request.newCampaignId, request.newCampaignSeries)
    return r.CampaignCloneCampaignResponse(campaign=campaign(call.work, made, call.srd.child("campaign")))


@handles("Campaign", "activateCampaign")
def activate_campaign(
    call: Call, request: r.CampaignActivateCampaignRequest
) -> r.CampaignActivateCampaignResponse:
    named = reference(request.campaign, "campaignId")
    campaigns.activate(call.work, named, now=bool(request.forcePending))
    return r.CampaignActivateCampaignResponse()


@handles("Campaign", "deactivateCampaign")
def deactivate_campaign(
    call: Call, request: r.CampaignDeactivateCampaignRequest
) -> r.CampaignDeactivateCampaignResponse:
    campaigns.deactivate(call.work, reference(request.campaign, "campaignId"))
    return r.CampaignDeactivateCampaignResponse()


@handles("Campaign", "cancelCampaign")
def cancel_campaign(call: Call, request: r.CampaignCancelCampaignRequest) -> r.CampaignCancelCampaignResponse:
    campaigns.cancel(call.work, reference(request.campaign, "campaignId"))
    return r.CampaignCancelCampaignResponse()


@handles("Campaign", "fetchAllCampaigns")
def fetch_all_campaigns(
    call: Call, request: r.CampaignFetchAllCampaignsRequest
) -> r.CampaignFetchAllCampaignsResponse:
    found = campaign_lookup.in_state(call.work, request.status, request.page, request.pageSize)
    parts = call.srd.child("campaign")
    return r.CampaignFetchAllCampaignsResponse(
        campaign=tuple([campaign(call.work, one, parts) for one in found])
    )


@handles("Campaign", "fetchByCampaignId")
def fetch_by_campaign_id(
    call: Call, request: r.CampaignFetchByCampaignIdRequest
) -> r.CampaignFetchByCampaignIdResponse:
    found = campaign_lookup.by_campaign_id(call.work, request.campaignId)
    return r.CampaignFetchByCampaignIdResponse(
        campaign=campaign(call.work, found, call.srd.child("campaign"))
    )


@handles("Campaign", "fetchByVid")
def fetch_by_vid(call: Call, request: r.CampaignFetchByVidRequest) -> r.CampaignFetchByVidResponse:
    found = campaign_lookup.by_vid(call.work, request.vid)
    return r.CampaignFetchByVidResponse(campaign=campaign(call.work, found, call.srd.child("campaign")))
