"""Service RatePlan: usage events, reported and asked for (catalog §5.5)."""

from __future__ import annotations

from cashbox_service.app.offers.drafts import ProductDraft
from cashbox_service.app.usage import usage_fetching, usage_recording
from cashbox_service.app.usage.drafts import EventDraft, UsageQuery
from cashbox_service.domain.errors import (
    AccountNotFound,
    AutoBillNotFound,
    Duplicate,
    EventNotFound,
    IllegalState,
    InvalidRequest,
    InvalidValue,
    MissingField,
    ProductNotFound,
    RatePlanNotFound,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.inbound import draft, reference
from cashbox_service.soap.wire.usage import event, rated_unit_summary

_NOTHING = Row(400, "{detail}", "decided", MissingField, "no event, or one without amount or owner")
_VALUE = Row(400, "{detail}", "decided", InvalidValue, "more than 50 events, or an amount that is none")
_USED = Row(
    400,
    'event.merchantEventId "{value}" has been used before.',
    "decided",
    Duplicate,
    "merchantEventId known, also of an event that was reversed",
)
_NO_ITEM = Row(
    400, "{detail}", "decided", InvalidRequest, "no rated item of a running AutoBill fits, or several do"
)

_FILTERED: tuple[Row, ...] = (
    Row(404, "{detail}", "decided", AccountNotFound, "account unknown"),
    Row(404, "{detail}", "decided", AutoBillNotFound, "AutoBill unknown"),
    Row(404, "{detail}", "decided", ProductNotFound, "product unknown"),
    Row(404, "{detail}", "decided", RatePlanNotFound, "rate plan unknown"),
    Row(
        400, "{detail}", "decided", InvalidRequest, "a part without identifier, a window or page that is none"
    ),
)

RETURNS: dict[str, tuple[Row, ...]] = {
    "recordEvent": (_NOTHING, _USED, _VALUE, _NO_ITEM),
    "reverseEvent": (
        Row(400, "{detail}", "decided", MissingField, "no event, or one without VID and merchantEventId"),
        Row(
            404, 'No match found for {key} "{value}"', "decided", EventNotFound, "event unknown, or reversed"
        ),
        Row(
            400,
            'Event with merchantEventId "{key}" is billed and cannot be reversed.',
            "decided",
            IllegalState,
            "event billed",
        ),
        Row(
            400,
            "{detail}",
            "decided",
            InvalidRequest,
            "more than 50 events, or less would be left than deducted",
        ),
    ),
    "deductEvent": (
        _NOTHING,
        _USED,
        Row(400, "{detail}", "decided", InvalidValue, "more than 50 events, or more units than are unbilled"),
        _NO_ITEM,
    ),
    "fetchUnbilledRatedUnitsTotal": _FILTERED,
    "fetchUnbilledEvents": _FILTERED,
    "fetchEvents": _FILTERED,
    "fetchEventById": (
        Row(400, "Missing required parameter '{name}'.", "decided", MissingField, "no id"),
        Row(404, 'No match found for merchantEventId "{value}"', "decided", EventNotFound, "id unknown"),
    ),
    "fetchEventByVid": (
        Row(400, "Missing required parameter '{name}'.", "decided", MissingField, "no VID"),
        Row(404, 'No match found for VID "{value}"', "decided", EventNotFound, "VID unknown"),
    ),
}

Filtered = (
    r.RatePlanFetchUnbilledRatedUnitsTotalRequest
    | r.RatePlanFetchUnbilledEventsRequest
    | r.RatePlanFetchEventsRequest
)


@handles("RatePlan", "recordEvent")
def record_event(call: Call, request: r.RatePlanRecordEventRequest) -> r.RatePlanRecordEventResponse:
    store = usage_recording.set_total if request.setTotal else usage_recording.record
    store(call.work, _events(request))
    return r.RatePlanRecordEventResponse()


@handles("RatePlan", "reverseEvent")
def reverse_event(call: Call, request: r.RatePlanReverseEventRequest) -> r.RatePlanReverseEventResponse:
    usage_recording.reverse(call.work, _events(request))
    return r.RatePlanReverseEventResponse()


@handles("RatePlan", "deductEvent")
def deduct_event(call: Call, request: r.RatePlanDeductEventRequest) -> r.RatePlanDeductEventResponse:
    usage_recording.deduct(call.work, _events(request))
    return r.RatePlanDeductEventResponse()


@handles("RatePlan", "fetchUnbilledRatedUnitsTotal")
def fetch_unbilled_rated_units_total(
    call: Call, request: r.RatePlanFetchUnbilledRatedUnitsTotalRequest
) -> r.RatePlanFetchUnbilledRatedUnitsTotalResponse:
    parts = call.srd.child("ratedUnitSummary")
    found = usage_fetching.totals(call.work, _query(request))
    return r.RatePlanFetchUnbilledRatedUnitsTotalResponse(
        ratedUnitSummary=tuple(rated_unit_summary(one, parts) for one in found)
    )


@handles("RatePlan", "fetchUnbilledEvents")
def fetch_unbilled_events(
    call: Call, request: r.RatePlanFetchUnbilledEventsRequest
) -> r.RatePlanFetchUnbilledEventsResponse:
    parts = call.srd.child("event")
    found = usage_fetching.events(call.work, _query(request), unbilled=True)
    return r.RatePlanFetchUnbilledEventsResponse(event=tuple(event(one, parts) for one in found))


@handles("RatePlan", "fetchEvents")
def fetch_events(call: Call, request: r.RatePlanFetchEventsRequest) -> r.RatePlanFetchEventsResponse:
    parts = call.srd.child("event")
    found = usage_fetching.events(call.work, _query(request))
    return r.RatePlanFetchEventsResponse(event=tuple(event(one, parts) for one in found))


@handles("RatePlan", "fetchEventById")
def fetch_event_by_id(
    call: Call, request: r.RatePlanFetchEventByIdRequest
) -> r.RatePlanFetchEventByIdResponse:
    found = usage_fetching.event_by_merchant_id(call.work, request.merchantEventId)
    return r.RatePlanFetchEventByIdResponse(event=event(found, call.srd.child("event")))


@handles("RatePlan", "fetchEventByVid")
def fetch_event_by_vid(
    call: Call, request: r.RatePlanFetchEventByVidRequest
) -> r.RatePlanFetchEventByVidResponse:
    found = usage_fetching.event_by_vid(call.work, request.vid)
    return r.RatePlanFetchEventByVidResponse(event=event(found, call.srd.child("event")))


def _events(
    request: r.RatePlanRecordEventRequest | r.RatePlanReverseEventRequest | r.RatePlanDeductEventRequest,
) -> list[EventDraft]:
    drafts = (draft(EventDraft, each) for each in request.event)
    return [each for each in drafts if each is not None]


def _query(request: Filtered) -> UsageQuery:
    named = request.account, request.autobill, request.ratePlan
    account, autobill, rate_plan = (
        reference(record, key) if record is not None else None
        for record, key in zip(
            named, ("merchantAccountId", "merchantAutoBillId", "merchantRatePlanId"), strict=True
        )
    )
    return UsageQuery(
        account,
        autobill,
        draft(ProductDraft, request.product),
        rate_plan,
        request.startTimestamp,
        request.endTimestamp,
        request.page,
        request.pageSize,
    )
