"""Service RatePlan: the plans themselves (catalog §5.5)."""

from __future__ import annotations

from cashbox_service.app.offers import rate_plans
from cashbox_service.app.offers.drafts import RatePlanDraft
from cashbox_service.domain.errors import InvalidRequest, InvalidWindow, MissingField, RatePlanNotFound
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.catalog import rate_plan
from cashbox_service.soap.wire.inbound import draft

_MISSING = "Missing required parameter '{name}'."

RETURNS: dict[str, tuple[Row, ...]] = {
    "update": (
        Row(404, 'No match found for VID "{value}"', "decided", RatePlanNotFound, "VID unknown"),
        Row(400, "Unable to update RatePlan: {detail}", "decided", InvalidRequest, "anything else"),
    ),
    "fetchByMerchantRatePlanId": (
        Row(400, _MISSING, "decided", MissingField, "no id"),
        Row(
            404, 'No match found for merchantRatePlanId "{value}"', "decided", RatePlanNotFound, "id unknown"
        ),
    ),
    "fetchByVid": (
        Row(400, _MISSING, "decided", MissingField, "no VID"),
        Row(404, 'No match found for VID "{value}"', "decided", RatePlanNotFound, "VID unknown"),
    ),
    "fetchAll": (Row(400, "{detail}", "decided", InvalidWindow, "page below 0, pageSize below 1"),),
}


@handles("RatePlan", "update")
def update(call: Call, request: r.RatePlanUpdateRequest) -> r.RatePlanUpdateResponse:
    stored = rate_plans.update(call.work, draft(RatePlanDraft, request.ratePlan), bool(request.force))
    return r.RatePlanUpdateResponse(ratePlan=rate_plan(call.work, stored, call.srd.child("ratePlan")))


@handles("RatePlan", "fetchByMerchantRatePlanId")
def fetch_by_merchant_rate_plan_id(
    call: Call, request: r.RatePlanFetchByMerchantRatePlanIdRequest
) -> r.RatePlanFetchByMerchantRatePlanIdResponse:
    found = rate_plans.by_merchant_id(call.work, request.merchantRatePlanId)
    return r.RatePlanFetchByMerchantRatePlanIdResponse(
        ratePlan=rate_plan(call.work, found, call.srd.child("ratePlan"))
    )


@handles("RatePlan", "fetchByVid")
def fetch_by_vid(call: Call, request: r.RatePlanFetchByVidRequest) -> r.RatePlanFetchByVidResponse:
    found = rate_plans.by_vid(call.work, request.vid)
    return r.RatePlanFetchByVidResponse(ratePlan=rate_plan(call.work, found, call.srd.child("ratePlan")))


@handles("RatePlan", "fetchAll")
def fetch_all(call: Call, request: r.RatePlanFetchAllRequest) -> r.RatePlanFetchAllResponse:
    found = rate_plans.all_plans(call.work, request.page, request.pageSize)
    parts = call.srd.child("ratePlans")
    return r.RatePlanFetchAllResponse(ratePlans=tuple(rate_plan(call.work, one, parts) for one in found))
