"""Service Refund: refunds that are carried out, some that were made elsewhere, reading both (refund-chargeback §4)."""

from __future__ import annotations

from collections.abc import Iterable

from cashbox_service.app.disputes import refund_reporting, refunding, refunds
from cashbox_service.app.wallet.drafts import PaymentMethodDraft
from cashbox_service.domain.errors import (
    AccountNotFound,
    InvalidRequest,
    InvalidWindow,
    MissingField,
    NothingFound,
    PaymentMethodNotFound,
    RefundNotFound,
    TransactionNotFound,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.inbound import draft, reference
from cashbox_service.soap.wire.refund import performed, refund, refund_draft
from cashbox_service.store.entities import Refund

_SOME_FAILED = Row(
    206,
    "Some (or all) refunds failed; check VIDs, notes.",
    "observed",
    None,
    "at least one was not accepted; its note says why",
)

RETURNS: dict[str, tuple[Row, ...]] = {
    "perform": (
        _SOME_FAILED,
        Row(400, "No refunds specified", "decided", MissingField, "empty list"),
    ),
    "report": (
        Row(400, "No refunds specified", "decided", MissingField, "empty list"),
        Row(400, "{detail}", "documented", InvalidRequest, "one is not valid; nothing is stored"),
    ),
    "fetchByVid": (
        Row(400, "No VID specified to load refund by.", "documented", MissingField, "no VID"),
        Row(
            404,
            "Unable to load refund: No match for VID {value}.",
            "documented",
            RefundNotFound,
            "VID unknown",
        ),
    ),
    "fetchByAccount": (
        Row(400, "Account not specified.", "inferred", MissingField, "no account"),
        Row(404, 'No match found for {key} "{value}"', "inferred", AccountNotFound, "account unknown"),
        Row(404, "No refunds found for account.", "inferred", NothingFound, "none"),
    ),
    "fetchByTransaction": (
        Row(400, "No transaction specified to load by!", "documented", MissingField, "no transaction"),
        Row(
            404,
            "Unable to load refund: No match for transaction.",
            "documented",
            NothingFound,
            "it has no refunds",
        ),
        Row(
            404,
            "Unable to load transaction to search by: No matches.",
            "observed",
            TransactionNotFound,
            "transaction unknown",
        ),
    ),
    "fetchDeltaSince": (
        Row(
            400,
            "Must specify a time stamp to find refunds newer than",
            "documented",
            MissingField,
            "no timestamp",
        ),
        Row(400, "{detail}", "decided", InvalidWindow, "a window that is none"),
        Row(
            404,
            "Unable to find payment method in database.",
            "documented",
            PaymentMethodNotFound,
            "payment method unknown",
        ),
    ),
}


@handles("Refund", "perform")
def perform(call: Call, request: r.RefundPerformRequest) -> r.RefundPerformResponse:
    outcomes = refunding.perform(call.work, [refund_draft(record) for record in request.refunds])
    parts = call.srd.child("refunds")
    response = r.RefundPerformResponse(
        refunds=tuple([performed(call.work, outcome, parts) for outcome in outcomes])
    )
    if any(outcome.refund is None for outcome in outcomes):
        response.return_ = r.Return(returnCode=_SOME_FAILED.code, returnString=_SOME_FAILED.text)
    return response


@handles("Refund", "report")
def report(call: Call, request: r.RefundReportRequest) -> r.RefundReportResponse:
    stored = refund_reporting.report(call.work, [refund_draft(record) for record in request.refunds])
    return r.RefundReportResponse(refunds=_shown(call, stored))


@handles("Refund", "fetchByVid")
def fetch_by_vid(call: Call, request: r.RefundFetchByVidRequest) -> r.RefundFetchByVidResponse:
    found = refunds.by_vid(call.work, request.vid)
    return r.RefundFetchByVidResponse(refund=refund(call.work, found, call.srd.child("refund")))


@handles("Refund", "fetchByAccount")
def fetch_by_account(call: Call, request: r.RefundFetchByAccountRequest) -> r.RefundFetchByAccountResponse:
    account = reference(request.account, "merchantAccountId")
    found = refunds.of_account(call.work, account, bool(request.includeChildren))
    return r.RefundFetchByAccountResponse(refunds=_shown(call, found))


@handles("Refund", "fetchByTransaction")
def fetch_by_transaction(
    call: Call, request: r.RefundFetchByTransactionRequest
) -> r.RefundFetchByTransactionResponse:
    found = refunds.of_transaction(call.work, reference(request.transaction, "merchantTransactionId"))
    return r.RefundFetchByTransactionResponse(refunds=_shown(call, found))


@handles("Refund", "fetchDeltaSince")
def fetch_delta_since(call: Call, request: r.RefundFetchDeltaSinceRequest) -> r.RefundFetchDeltaSinceResponse:
    pattern = draft(PaymentMethodDraft, request.paymentMethod)
    found = refunds.between(call.work, request.timestamp, request.endTimestamp, pattern)
    return r.RefundFetchDeltaSinceResponse(refunds=_shown(call, found))


def _shown(call: Call, found: Iterable[Refund]) -> tuple[r.Refund, ...]:
    parts = call.srd.child("refunds")
    return tuple([refund(call.work, one, parts) for one in found])
