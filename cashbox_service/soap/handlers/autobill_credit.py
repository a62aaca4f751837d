"""Service AutoBill: credit (autobill §6.18 – §6.21)."""

from __future__ import annotations

from cashbox_service.app.credit import credit_changes, credit_history
from cashbox_service.app.credit.drafts import CreditDraft
from cashbox_service.app.subscriptions.autobill_view import AutoBillView
from cashbox_service.domain.errors import AutoBillNotFound, CreditNotValid, InvalidRequest, MissingField
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.autobill import autobill
from cashbox_service.soap.wire.credit_log import credit_events
from cashbox_service.soap.wire.inbound import draft, reference

_NOT_FOUND = Row(400, "AutoBill not found.", "documented", AutoBillNotFound, "AutoBill unknown")
_NOT_GIVEN = Row(400, "Missing required parameter '{name}'.", "decided", MissingField, "no AutoBill")
_WINDOW = Row(400, "{detail}", "decided", InvalidRequest, "window or paging not valid")

RETURNS: dict[str, tuple[Row, ...]] = {
    "grantCredit": (
        _NOT_FOUND,
        _NOT_GIVEN,
        Row(
            400,
            "Failed to translate credit {detail}",
            "inferred",
            CreditNotValid,
            "empty, an unknown token or currency, an amount that is not positive",
        ),
        Row(400, "Failed to grant credit {detail}", "inferred", InvalidRequest, "the AutoBill has ended"),
    ),
    "revokeCredit": (
        _NOT_FOUND,
        _NOT_GIVEN,
        Row(
            400,
            "Failed to translate credit {detail}",
            "documented",
            CreditNotValid,
            "empty, an unknown token or currency, a negative amount, time without VID",
        ),
        Row(
            400,
            "Failed to revoke credit {detail}",
            "documented",
            InvalidRequest,
            "VID of no grant of this AutoBill, of one that is used up, or of another currency",
        ),
    ),
    "fetchCreditHistory": (
        Row(400, "Unable to load AutoBill:  .", "inferred", AutoBillNotFound, "AutoBill unknown"),
        _WINDOW,
    ),
    "fetchAllCreditHistory": (_WINDOW,),
}


@handles("AutoBill", "grantCredit")
def grant_credit(call: Call, request: r.AutoBillGrantCreditRequest) -> r.AutoBillGrantCreditResponse:
    changed = credit_changes.grant_to_autobill(
        call.work,
        reference(request.autobill, "merchantAutoBillId"),
        draft(CreditDraft, request.credit),
        request.note,
    )
    return r.AutoBillGrantCreditResponse(
        autobill=autobill(AutoBillView(call.work, changed), call.srd.child("autobill"))
    )


@handles("AutoBill", "revokeCredit")
def revoke_credit(call: Call, request: r.AutoBillRevokeCreditRequest) -> r.AutoBillRevokeCreditResponse:
    changed = credit_changes.revoke_from_autobill(
        call.work,
        reference(request.autobill, "merchantAutoBillId"),
        draft(CreditDraft, request.credit),
        request.note,
    )
    return r.AutoBillRevokeCreditResponse(
        autobill=autobill(AutoBillView(call.work, changed), call.srd.child("autobill"))
    )


@handles("AutoBill", "fetchCreditHistory")
def fetch_credit_history(
    call: Call, request: r.AutoBillFetchCreditHistoryRequest
) -> r.AutoBillFetchCreditHistoryResponse:
    found = credit_history.of_autobill(
        call.work,
        reference(request.autobill, "merchantAutoBillId") if request.autobill is not None else None,
        request.timestamp,
        request.endTimestamp,
        request.page,
        request.pageSize,
    )
    return r.AutoBillFetchCreditHistoryResponse(
        creditEventLogs=credit_events(call.work, found, call.srd.child("creditEventLogs"))
    )


@handles("AutoBill", "fetchAllCreditHistory")
def fetch_all_credit_history(
    call: Call, request: r.AutoBillFetchAllCreditHistoryRequest
) -> r.AutoBillFetchAllCreditHistoryResponse:
    found = credit_history.of_autobill(
        call.work, None, request.timestamp, request.endTimestamp, request.page, request.pageSize
    )
    return r.AutoBillFetchAllCreditHistoryResponse(
        creditEventLogs=credit_events(call.work, found, call.srd.child("creditEventLogs"))
    )
