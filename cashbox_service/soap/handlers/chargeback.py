"""Service Chargeback: disputed payments as they come in, and reading them (refund-chargeback §7)."""

from __future__ import annotations

from collections.abc import Iterable

from cashbox_service.app.disputes import chargebacks, disputing
from cashbox_service.app.disputes.drafts import ChargebackDraft
from cashbox_service.domain.errors import (
    AccountNotFound,
    ChargebackNotFound,
    InvalidRequest,
    InvalidWindow,
    MissingField,
    NothingFound,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.chargeback import chargeback
from cashbox_service.soap.wire.inbound import draft, reference
from cashbox_service.store.entities import Chargeback

_MISSING = "Missing required parameter '{name}'."
_NO_VID = 'Unable to load chargeback by VID "{value}":  No match.'
_NO_MATCH = 'Unable to load chargebacks by {key} "{value}":  No match.'

RETURNS: dict[str, tuple[Row, ...]] = {
    "update": (
        Row(400, "Chargeback must have an amount", "observed", MissingField, "no amount on a new one"),
        Row(404, _NO_VID, "decided", ChargebackNotFound, "VID unknown"),
        Row(400, "{detail}", "decided", InvalidRequest, "a value is not valid"),
    ),
    "report": (
        Row(404, _NO_VID, "decided", ChargebackNotFound, "VID of one unknown; nothing is stored"),
        Row(400, "{detail}", "decided", InvalidRequest, "none given, or one not valid; nothing is stored"),
    ),
    "fetchByVid": (
        Row(400, _MISSING, "decided", MissingField, "no VID"),
        Row(404, _NO_VID, "decided", ChargebackNotFound, "VID unknown"),
    ),
    "fetchByAccount": (
        Row(400, "Account not specified.", "decided", MissingField, "no account"),
        Row(404, 'No match found for {key} "{value}"', "documented", AccountNotFound, "account unknown"),
        Row(404, "No chargebacks found for account.", "decided", NothingFound, "none"),
    ),
    "fetchByCaseNumber": (
        Row(400, _MISSING, "decided", MissingField, "no number"),
        Row(404, _NO_MATCH, "decided", ChargebackNotFound, "none"),
    ),
    "fetchByReferenceNumber": (
        Row(400, _MISSING, "decided", MissingField, "no number"),
        Row(404, _NO_MATCH, "decided", ChargebackNotFound, "none"),
    ),
    "fetchByStatus": (
        Row(400, _MISSING, "decided", MissingField, "no status"),
        Row(400, "{detail}", "decided", InvalidWindow, "paging not valid"),
    ),
    "fetchByStatusSince": (
        Row(400, _MISSING, "decided", MissingField, "no status or timestamp"),
        Row(400, "{detail}", "decided", InvalidWindow, "paging not valid"),
    ),
    "fetchByMerchantTransactionId": (
        Row(400, _MISSING, "decided", MissingField, "no id"),
        Row(
            400,
            'Unable to load chargebacks by merchantTransactionId "{value} ":  No match.',
            "observed",
            ChargebackNotFound,
            "none",
        ),
    ),
    "fetchDeltaSince": (
        Row(400, _MISSING, "decided", MissingField, "no timestamp"),
        Row(400, "{detail}", "decided", InvalidWindow, "window or paging not valid"),
    ),
    "fetchDelta": (Row(400, "{detail}", "decided", InvalidWindow, "pageSize below 1"),),
}


@handles("Chargeback", "update")
def update(call: Call, request: r.ChargebackUpdateRequest) -> r.ChargebackUpdateResponse:
    stored = disputing.update(call.work, draft(ChargebackDraft, request.chargeback))
    return r.ChargebackUpdateResponse(
        chargeback=chargeback(stored.chargeback, call.srd.child("chargeback")), created=stored.created
    )


@handles("Chargeback", "report")
def report(call: Call, request: r.ChargebackReportRequest) -> r.ChargebackReportResponse:
    drafts = [draft(ChargebackDraft, record) for record in request.chargebacks]
    disputing.report(call.work, [one for one in drafts if one is not None])
    return r.ChargebackReportResponse()


@handles("Chargeback", "fetchByVid")
def fetch_by_vid(call: Call, request: r.ChargebackFetchByVidRequest) -> r.ChargebackFetchByVidResponse:
    found = chargebacks.by_vid(call.work, request.vid)
    return r.ChargebackFetchByVidResponse(chargeback=chargeback(found, call.srd.child("chargeback")))


@handles("Chargeback", "fetchByAccount")
def fetch_by_account(
    call: Call, request: r.ChargebackFetchByAccountRequest
) -> r.ChargebackFetchByAccountResponse:
    account = reference(request.account, "merchantAccountId")
    found = chargebacks.of_account(call.work, account, bool(request.includeChildren))
    return r.ChargebackFetchByAccountResponse(chargebacks=_shown(call, found))


@handles("Chargeback", "fetchByCaseNumber")
def fetch_by_case_number(
    call: Call, request: r.ChargebackFetchByCaseNumberRequest
) -> r.ChargebackFetchByCaseNumberResponse:
    found = chargebacks.with_case_number(call.work, request.caseNumber)
    return r.ChargebackFetchByCaseNumberResponse(chargebacks=_shown(call, found))


@handles("Chargeback", "fetchByReferenceNumber")
def fetch_by_reference_number(
    call: Call, request: r.ChargebackFetchByReferenceNumberRequest
) -> r.ChargebackFetchByReferenceNumberResponse:
    found = chargebacks.with_reference_number(call.work, request.referenceNumber)
    return r.ChargebackFetchByReferenceNumberResponse(chargebacks=_shown(call, found))


@handles("Chargeback", "fetchByStatus")
def fetch_by_status(
    call: Call, request: r.ChargebackFetchByStatusRequest
) -> r.ChargebackFetchByStatusResponse:
    found = chargebacks.with_status(call.work, request.status, request.page, request.pageSize)
    return r.ChargebackFetchByStatusResponse(chargebacks=_shown(call, found))


@handles("Chargeback", "fetchByStatusSince")
def fetch_by_status_since(
    call: Call, request: r.ChargebackFetchByStatusSinceRequest
) -> r.ChargebackFetchByStatusSinceResponse:
    found = chargebacks.with_status_since(
        call.work, request.status, request.timestamp, request.page, request.pageSize
    )
    return r.ChargebackFetchByStatusSinceResponse(chargebacks=_shown(call, found))


@handles("Chargeback", "fetchByMerchantTransactionId")
def fetch_by_merchant_transaction_id(
    call: Call, request: r.ChargebackFetchByMerchantTransactionIdRequest
) -> r.ChargebackFetchByMerchantTransactionIdResponse:
    found = chargebacks.of_transaction(call.work, request.merchantTransactionId)
    return r.ChargebackFetchByMerchantTransactionIdResponse(chargebacks=_shown(call, found))


@handles("Chargeback", "fetchDeltaSince")
def fetch_delta_since(
    call: Call, request: r.ChargebackFetchDeltaSinceRequest
) -> r.ChargebackFetchDeltaSinceResponse:
    found = chargebacks.changed_between(
        call.work, request.timestamp, request.endTimestamp, request.page, request.pageSize
    )
    return r.ChargebackFetchDeltaSinceResponse(chargebacks=_shown(call, found))


@handles("Chargeback", "fetchDelta")
def fetch_delta(call: Call, request: r.ChargebackFetchDeltaRequest) -> r.ChargebackFetchDeltaResponse:
    found = chargebacks.next_batch(call.work, request.pageSize)
    return r.ChargebackFetchDeltaResponse(chargebacks=_shown(call, found))


def _shown(call: Call, found: Iterable[Chargeback]) -> tuple[r.Chargeback, ...]:
    parts = call.srd.child("chargebacks")
    return tuple([chargeback(one, parts) for one in found])
