"""Service Account: credit (account §5)."""

from __future__ import annotations

from cashbox_service.app.credit import credit_changes, credit_history, credit_transfer
from cashbox_service.app.credit.drafts import CreditDraft
from cashbox_service.app.views import account_view
from cashbox_service.domain.errors import (
    AccountNotFound,
    CreditNotValid,
    InvalidRequest,
    MissingField,
    NamedAccountNotFound,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.account import account
from cashbox_service.soap.wire.credit_log import credit_events
from cashbox_service.soap.wire.inbound import draft, reference

_NOT_FOUND = Row(400, "Account not found.", "inferred", AccountNotFound, "account unknown")
_NOT_GIVEN = Row(400, "{detail}", "decided", MissingField, "no account")
_NOT_VALID = "empty, time credit, an unknown token or currency, an amount that is not positive"
_WINDOW = Row(400, "{detail}", "decided", InvalidRequest, "window or paging not valid")

RETURNS: dict[str, tuple[Row, ...]] = {
    "grantCredit": (
        _NOT_FOUND,
        _NOT_GIVEN,
        Row(400, "Failed to translate credit: {detail}", "inferred", CreditNotValid, _NOT_VALID),
        Row(400, "Failed to grant credit: {detail}", "inferred", InvalidRequest, "anything else"),
    ),
    "revokeCredit": (
        _NOT_FOUND,
        _NOT_GIVEN,
        Row(400, "Failed to translate credit: {detail}", "inferred", CreditNotValid, _NOT_VALID),
        Row(
            400,
            "Failed to revoke credit: {detail}",
            "inferred",
            InvalidRequest,
            "VID of no grant of this account, of one that is used up, or of another currency",
        ),
    ),
    "fetchCreditHistory": (
        Row(404, 'No match found for {key} "{value}"', "decided", AccountNotFound, "account unknown"),
        _WINDOW,
    ),
    "fetchAllCreditHistory": (_WINDOW,),
    "transferCredit": (
        Row(
            400,
            "No match found for {argument}.",
            "documented",
            NamedAccountNotFound,
            "fromAccount or toAccount unknown",
        ),
        Row(400, "{detail}", "decided", InvalidRequest, "not in one family, too little credit, not valid"),
    ),
}


@handles("Account", "grantCredit")
def grant_credit(call: Call, request: r.AccountGrantCreditRequest) -> r.AccountGrantCreditResponse:
    changed = credit_changes.grant_to_account(
        call.work,
        reference(request.account, "merchantAccountId"),
        draft(CreditDraft, request.credit),
        request.note,
    )
    return r.AccountGrantCreditResponse(
        account=account(account_view(call.work, changed), call.srd.child("account"))
    )


@handles("Account", "revokeCredit")
def revoke_credit(call: Call, request: r.AccountRevokeCreditRequest) -> r.AccountRevokeCreditResponse:
    changed = credit_changes.revoke_from_account(
        call.work,
        reference(request.account, "merchantAccountId"),
        draft(CreditDraft, request.credit),
        request.note,
    )
    return r.AccountRevokeCreditResponse(
        account=account(account_view(call.work, changed), call.srd.child("account"))
    )


@handles("Account", "fetchCreditHistory")
def fetch_credit_history(
    call: Call, request: r.AccountFetchCreditHistoryRequest
) -> r.AccountFetchCreditHistoryResponse:
    found = credit_history.of_account(
        call.work,
        reference(request.account, "merchantAccountId") if request.account is not None else None,
        request.timestamp,
        request.endTimestamp,
        request.page,
        request.pageSize,
    )
    return r.AccountFetchCreditHistoryResponse(
        creditEventLogs=credit_events(call.work, found, call.srd.child("creditEventLogs"))
    )


@handles("Account", "fetchAllCreditHistory")
def fetch_all_credit_history(
    call: Call, request: r.AccountFetchAllCreditHistoryRequest
) -> r.AccountFetchAllCreditHistoryResponse:
    found = credit_history.of_account(
        call.work, None, request.timestamp, request.endTimestamp, request.page, request.pageSize
    )
    return r.AccountFetchAllCreditHistoryResponse(
        creditEventLogs=credit_events(call.work, found, call.srd.child("creditEventLogs"))
    )


@handles("Account", "transferCredit")
def transfer_credit(call: Call, request: r.AccountTransferCreditRequest) -> r.AccountTransferCreditResponse:
    credit_transfer.transfer(
        call.work,
        reference(request.fromAccount, "merchantAccountId"),
        reference(request.toAccount, "merchantAccountId"),
        draft(CreditDraft, request.credit),
    )
    return r.AccountTransferCreditResponse()
