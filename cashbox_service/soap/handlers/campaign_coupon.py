"""Service Campaign: coupon codes, and whether a code can be used (campaign §6.7 – §6.11)."""

from __future__ import annotations

from cashbox_service.app.promotions import coupons
from cashbox_service.domain.errors import CampaignCodeUnknown, InvalidRequest, InvalidWindow, MissingField
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.handlers.campaign import NO_CAMPAIGN, NOT_NAMED
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import FailedWith, Row
from cashbox_service.soap.wire.campaign import coupon_codes
from cashbox_service.soap.wire.inbound import reference

_NO_CODE = Row(400, "Missing required parameter '{name}'.", "decided", MissingField, "no code")

RETURNS: dict[str, tuple[Row, ...]] = {
    "generateCouponCodes": (
        NO_CAMPAIGN,
        NOT_NAMED,
        Row(
            400,
            "{detail}",
            "documented",
            InvalidRequest,
            "no Coupon campaign, cancelled or Complete, or codes exist and are not to be invalidated",
        ),
    ),
    "retrieveCouponCodes": (
        NO_CAMPAIGN,
        NOT_NAMED,
        Row(400, "{detail}", "decided", InvalidWindow, "page below 0, pageSize below 1"),
        Row(400, "{detail}", "decided", InvalidRequest, "no Coupon campaign"),
    ),
    "validateCode": (_NO_CODE,),
    "activateCode": (
        _NO_CODE,
        Row(404, "{detail}", "decided", CampaignCodeUnknown, "code unknown"),
        Row(400, "{detail}", "decided", InvalidRequest, "no coupon, not offered now, or out of use"),
    ),
    "markAllCouponsUsed": (
        NO_CAMPAIGN,
        NOT_NAMED,
        Row(400, "{detail}", "decided", InvalidRequest, "no Coupon campaign, or cancelled"),
    ),
}


@handles("Campaign", "generateCouponCodes")
def generate_coupon_codes(
    call: Call, request: r.CampaignGenerateCouponCodesRequest
) -> r.CampaignGenerateCouponCodesResponse:
    named = reference(request.campaign, "campaignId")
    coupons.generate(call.work, named, invalidate=bool(request.invalidateAnyExistingCodes))
    return r.CampaignGenerateCouponCodesResponse()


@handles("Campaign", "retrieveCouponCodes")
def retrieve_coupon_codes(
    call: Call, request: r.CampaignRetrieveCouponCodesRequest
) -> r.CampaignRetrieveCouponCodesResponse:
    named = reference(request.campaign, "campaignId")
    found = coupons.retrieve(call.work, named, request.page, request.pageSize)
    return r.CampaignRetrieveCouponCodesResponse(couponCode=coupon_codes(found, call.srd.child("couponCode")))


@handles("Campaign", "validateCode")
def validate_code(call: Call, request: r.CampaignValidateCodeRequest) -> r.CampaignValidateCodeResponse:
    try:
        valid = coupons.is_valid(call.work, request.code or "", activate_now=bool(request.activateCodeNow))
    except MissingField as missing:
        raise FailedWith(r.CampaignValidateCodeResponse(valid=False), missing) from missing
    return r.CampaignValidateCodeResponse(valid=valid)


@handles("Campaign", "activateCode")
def activate_code(call: Call, request: r.CampaignActivateCodeRequest) -> r.CampaignActivateCodeResponse:
    coupons.activate(call.work, request.code or "")
    return r.CampaignActivateCodeResponse()


@handles("Campaign", "markAllCouponsUsed")
def mark_all_coupons_used(
    call: Call, request: r.CampaignMarkAllCouponsUsedRequest
) -> r.CampaignMarkAllCouponsUsedResponse:
    coupons.mark_all_used(call.work, reference(request.campaign, "campaignId"))
    return r.CampaignMarkAllCouponsUsedResponse()
