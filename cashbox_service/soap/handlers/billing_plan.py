"""Service BillingPlan (catalog §1)."""

from __future__ import annotations

from cashbox_service.app.offers import billing_plans
from cashbox_service.app.offers.drafts import BillingPlanDraft
from cashbox_service.domain.errors import BillingPlanNotFound, InvalidRequest, MissingField, NotFound
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.catalog import billing_plan
from cashbox_service.soap.wire.inbound import draft

_NO_VID = "No BillingPlans found for Vid = {value}"

RETURNS: dict[str, tuple[Row, ...]] = {
    "update": (
        Row(404, _NO_VID, "observed", BillingPlanNotFound, "VID unknown"),
        Row(
            404,
            "Unable to update BillingPlan: {detail}",
            "inferred",
            NotFound,
            "a nested object does not exist",
        ),
        Row(400, "Unable to update BillingPlan: {detail}", "observed", InvalidRequest, "anything else"),
    ),
    "fetchByVid": (
        Row(400, "Missing required parameter '{name}'.", "decided", MissingField, "no VID"),
        Row(404, _NO_VID, "observed", BillingPlanNotFound, "VID unknown"),
    ),
    "fetchByMerchantBillingPlanId": (
        Row(400, "Missing required parameter '{name}'.", "decided", MissingField, "no id"),
        Row(
            404,
            "No BillingPlans found for Merchant Billing Plan id  = {value}",
            "observed",
            BillingPlanNotFound,
            "id unknown",
        ),
    ),
    "fetchByBillingPlanStatus": (
        Row(400, "Missing required parameter '{name}'.", "decided", MissingField, "no status"),
    ),
    "fetchByMerchantEntitlementId": (
        Row(400, "Missing required parameter '{name}'.", "decided", MissingField, "no id"),
        Row(
            404,
            "No BillingPlans found for entitlementId {value}.",
            "documented",
            BillingPlanNotFound,
            "no plan grants it",
        ),
    ),
}


@handles("BillingPlan", "update")
def update(call: Call, request: r.BillingPlanUpdateRequest) -> r.BillingPlanUpdateResponse:
    stored = billing_plans.update(call.work, draft(BillingPlanDraft, request.billingPlan))
    return r.BillingPlanUpdateResponse(
        billingPlan=billing_plan(call.work, stored.plan, call.srd.child("billingPlan")),
        created=stored.created,
    )


@handles("BillingPlan", "fetchByVid")
def fetch_by_vid(call: Call, request: r.BillingPlanFetchByVidRequest) -> r.BillingPlanFetchByVidResponse:
    found = billing_plans.by_vid(call.work, request.vid)
    return r.BillingPlanFetchByVidResponse(
        billingPlan=billing_plan(call.work, found, call.srd.child("billingPlan"))
    )


@handles("BillingPlan", "fetchByMerchantBillingPlanId")
def fetch_by_merchant_billing_plan_id(
    call: Call, request: r.BillingPlanFetchByMerchantBillingPlanIdRequest
) -> r.BillingPlanFetchByMerchantBillingPlanIdResponse:
    found = billing_plans.by_merchant_id(call.work, request.merchantBillingPlanId)
    return r.BillingPlanFetchByMerchantBillingPlanIdResponse(
        billingPlan=billing_plan(call.work, found, call.srd.child("billingPlan"))
    )


@handles("BillingPlan", "fetchByBillingPlanStatus")
def fetch_by_billing_plan_status(
    call: Call, request: r.BillingPlanFetchByBillingPlanStatusRequest
) -> r.BillingPlanFetchByBillingPlanStatusResponse:
    found = billing_plans.by_status(call.work, request.status)
    parts = call.srd.child("billingPlans")
    return r.BillingPlanFetchByBillingPlanStatusResponse(
        billingPlans=tuple(billing_plan(call.work, one, parts) for one in found)
    )


@handles("BillingPlan", "fetchAll")
def fetch_all(call: Call, request: r.BillingPlanFetchAllRequest) -> r.BillingPlanFetchAllResponse:
    found = billing_plans.all_plans(call.work, request.page, request.pageSize)
    parts = call.srd.child("billingPlans")
    return r.BillingPlanFetchAllResponse(
        billingPlans=tuple(billing_plan(call.work, one, parts) for one in found)
    )


@handles("BillingPlan", "fetchByMerchantEntitlementId")
def fetch_by_merchant_entitlement_id(
    call: Call, request: r.BillingPlanFetchByMerchantEntitlementIdRequest
) -> r.BillingPlanFetchByMerchantEntitlementIdResponse:
    found = billing_plans.by_entitlement(call.work, request.merchantEntitlementId)
    parts = call.srd.child("billingPlans")
    return r.BillingPlanFetchByMerchantEntitlementIdResponse(
        billingPlans=tuple(billing_plan(call.work, one, parts) for one in found)
    )


@handles("BillingPlan", "fetchAllInSeason")
def fetch_all_in_season(
    call: Call, _request: r.BillingPlanFetchAllInSeasonRequest
) -> r.BillingPlanFetchAllInSeasonResponse:
    """Not supported by the original "until further notice": always empty (catalog §1.4)."""
    return r.BillingPlanFetchAllInSeasonResponse()


@handles("BillingPlan", "fetchAllOffSeason")
def fetch_all_off_season(
    call: Call, _request: r.BillingPlanFetchAllOffSeasonRequest
) -> r.BillingPlanFetchAllOffSeasonResponse:
    """Not supported by the original "until further notice": always empty (catalog §1.4)."""
    return r.BillingPlanFetchAllOffSeasonResponse()
