"""Service Transaction: what can be read of transactions (transaction §7.13)."""

from __future__ import annotations

from cashbox_service.app.hosted import session_objects
from cashbox_service.app.sales import transaction_delta, transactions
from cashbox_service.app.wallet.drafts import PaymentMethodDraft
from cashbox_service.domain.errors import (
    AccountNotFound,
    AutoBillNotFound,
    InvalidWindow,
    MissingField,
    NothingFound,
    TransactionNotFound,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.session_rows import session_rows
from cashbox_service.soap.wire.inbound import draft, reference
from cashbox_service.soap.wire.transaction import transaction

_MISSING = "Missing required parameter '{name}'."
_NO_ACCOUNT = "Unable to load account to search by:  No matches."

RETURNS: dict[str, tuple[Row, ...]] = {
    "fetchByVid": (
        Row(400, _MISSING, "decided", MissingField, "no VID"),
        Row(
            404,
            'Unable to load transaction by VID "{value}":  ',
            "observed",
            TransactionNotFound,
            "VID unknown",
        ),
    ),
    "fetchByMerchantTransactionId": (
        Row(400, _MISSING, "decided", MissingField, "no id"),
        Row(
            404,
            'Unable to load transaction by merchantTransactionId "{value}":  ',
            "observed",
            TransactionNotFound,
            "id unknown",
        ),
    ),
    "fetchByAccount": (
        Row(400, _NO_ACCOUNT, "observed", AccountNotFound, "account unknown"),
        Row(400, _NO_ACCOUNT, "observed", MissingField, "no account"),
        Row(404, "No transactions found for account.", "decided", NothingFound, "none, or past the end"),
    ),
    "fetchByAutobill": (
        Row(400, _MISSING, "decided", MissingField, "no AutoBill"),
        Row(404, "Unable to load AutoBill:  .", "inferred", AutoBillNotFound, "AutoBill unknown"),
    ),
    "fetchDeltaSince": (
        Row(400, "{detail}", "documented", InvalidWindow, "timestamp missing, or a window that is none"),
    ),
    "fetchDelta": (Row(400, "{detail}", "decided", InvalidWindow, "pageSize below 1"),),
    "fetchByPaymentMethod": (
        Row(404, "No match found for payment method.", "decided", NothingFound, "payment method not found"),
    ),
    "fetchByWebSessionVid": session_rows("transaction", TransactionNotFound),
}


@handles("Transaction", "fetchByVid")
def fetch_by_vid(call: Call, request: r.TransactionFetchByVidRequest) -> r.TransactionFetchByVidResponse:
    found = transactions.by_vid(call.work, request.vid)
    return r.TransactionFetchByVidResponse(
        transaction=transaction(call.work, found, call.srd.child("transaction"))
    )


@handles("Transaction", "fetchByMerchantTransactionId")
def fetch_by_merchant_transaction_id(
    call: Call, request: r.TransactionFetchByMerchantTransactionIdRequest
) -> r.TransactionFetchByMerchantTransactionIdResponse:
    found = transactions.by_merchant_id(call.work, request.merchantTransactionId)
    return r.TransactionFetchByMerchantTransactionIdResponse(
        transaction=transaction(call.work, found, call.srd.child("transaction"))
    )


@handles("Transaction", "fetchByAccount")
def fetch_by_account(
    call: Call, request: r.TransactionFetchByAccountRequest
) -> r.TransactionFetchByAccountResponse:
    found = transactions.of_account(
        call.work,
        reference(request.account, "merchantAccountId"),
        bool(request.includeChildren),
        request.page,
        request.pageSize,
    )
    parts = call.srd.child("transactions")
    return r.TransactionFetchByAccountResponse(
        transactions=tuple(transaction(call.work, one, parts) for one in found)
    )


@handles("Transaction", "fetchByAutobill")
def fetch_by_autobill(
    call: Call, request: r.TransactionFetchByAutobillRequest
) -> r.TransactionFetchByAutobillResponse:
    found = transactions.of_autobill(call.work, reference(request.autobill, "merchantAutoBillId"))
    parts = call.srd.child("transactions")
    return r.TransactionFetchByAutobillResponse(
        transactions=tuple(transaction(call.work, one, parts) for one in found)
    )


@handles("Transaction", "fetchByPaymentMethod")
def fetch_by_payment_method(
    call: Call, request: r.TransactionFetchByPaymentMethodRequest
) -> r.TransactionFetchByPaymentMethodResponse:
    pattern = draft(PaymentMethodDraft, request.paymentMethod)
    found = transactions.of_payment_method(call.work, pattern, request.page, request.pageSize)
    parts = call.srd.child("transactions")
    return r.TransactionFetchByPaymentMethodResponse(
        transactions=tuple(transaction(call.work, one, parts) for one in found)
    )


@handles("Transaction", "fetchDeltaSince")
def fetch_delta_since(
    call: Call, request: r.TransactionFetchDeltaSinceRequest
) -> r.TransactionFetchDeltaSinceResponse:
    found = transaction_delta.between(
        call.work,
        request.timestamp,
        request.endTimestamp,
        request.page,
        request.pageSize,
        draft(PaymentMethodDraft, request.paymentMethod),
    )
    parts = call.srd.child("transactions")
    return r.TransactionFetchDeltaSinceResponse(
        transactions=tuple(transaction(call.work, one, parts) for one in found)
    )


@handles("Transaction", "fetchDelta")
def fetch_delta(call: Call, request: r.TransactionFetchDeltaRequest) -> r.TransactionFetchDeltaResponse:
    delta = transaction_delta.since_last(call.work, request.pageSize)
    parts = call.srd.child("transactions")
    return r.TransactionFetchDeltaResponse(
        transactions=tuple(transaction(call.work, one, parts) for one in delta.transactions),
        startDate=delta.start,
        endDate=delta.end,
    )


@handles("Transaction", "fetchByWebSessionVid")
def fetch_by_web_session_vid(
    call: Call, request: r.TransactionFetchByWebSessionVidRequest
) -> r.TransactionFetchByWebSessionVidResponse:
    found = session_objects.transaction_of(call.work, request.vid)
    return r.TransactionFetchByWebSessionVidResponse(
        transaction=transaction(call.work, found, call.srd.child("transaction"))
    )
