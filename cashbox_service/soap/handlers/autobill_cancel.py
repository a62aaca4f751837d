"""Service AutoBill: cancel, settlementQuote and the reasons for cancelling (autobill §6.5, §6.38 – §6.40)."""

from __future__ import annotations

from cashbox_service.app.subscriptions import cancel_reasons, cancelling
from cashbox_service.app.subscriptions.autobill_view import AutoBillView
from cashbox_service.app.subscriptions.cancelling import CancelOptions, Quote
from cashbox_service.domain.cancel_reason import CancelReason
from cashbox_service.domain.errors import (
    AutoBillNotFound,
    CancelReasonNotFound,
    CommitmentNotMet,
    InvalidRequest,
    MissingField,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import FailedWith, Row
from cashbox_service.soap.wire.autobill import autobill
from cashbox_service.soap.wire.identities import blank
from cashbox_service.soap.wire.inbound import reference
from cashbox_service.soap.wire.narrowing import narrowed, narrowed_all
from cashbox_service.soap.wire.refund import refund
from cashbox_service.soap.wire.transaction import transaction

_NO_AUTOBILL = "Unable to load AutoBill:  ."

CANCEL_ROWS = (
    Row(400, "{detail}", "decided", CancelReasonNotFound, "no such reason: nothing is cancelled"),
    Row(400, "{detail}", "decided", CommitmentNotMet, "inside the minimum commitment, without force"),
)

RETURNS: dict[str, tuple[Row, ...]] = {
    "cancel": (
        Row(400, _NO_AUTOBILL, "observed", AutoBillNotFound, "AutoBill unknown"),
        Row(400, _NO_AUTOBILL, "inferred", MissingField, "no AutoBill"),
        *CANCEL_ROWS,
    ),
    "settlementQuote": (
        Row(400, _NO_AUTOBILL, "inferred", AutoBillNotFound, "AutoBill unknown"),
        Row(400, _NO_AUTOBILL, "inferred", MissingField, "no AutoBill"),
        Row(400, "{detail}", "decided", CommitmentNotMet, "inside the minimum commitment, without force"),
    ),
    "updateCancelReason": (
        Row(400, "Missing required parameter '{name}'.", "decided", MissingField, "no reason, or no text"),
        Row(400, "{detail}", "decided", InvalidRequest, "code or text cannot be taken"),
    ),
}


@handles("AutoBill", "cancel")
def cancel(call: Call, request: r.AutoBillCancelRequest) -> r.AutoBillCancelResponse:
    options = CancelOptions(
        disentitle=bool(request.disentitle),
        force=bool(request.force),
        settle=bool(request.settle),
        notice=request.sendCancellationNotice is not False,
        reason_code=request.cancelReasonCode or None,
    )
    done = cancelling.cancel(call.work, reference(request.autobill, "merchantAutoBillId"), options)
    made, given_back = call.srd.child("transactions"), call.srd.child("refunds")
    return r.AutoBillCancelResponse(
        autobill=autobill(AutoBillView(call.work, done.autobill), call.srd.child("autobill")),
        transactions=tuple([transaction(call.work, one, made) for one in done.transactions]),
        refunds=tuple([refund(call.work, one, given_back) for one in done.refunds]),
    )


@handles("AutoBill", "settlementQuote")
def settlement_quote(
    call: Call, request: r.AutoBillSettlementQuoteRequest
) -> r.AutoBillSettlementQuoteResponse:
    named = reference(request.autobill, "merchantAutoBillId")
    try:
        with cancelling.quote(call.work, named, force=bool(request.force)) as quote:
            response = _quoted(call, quote, amount_only=bool(request.amountOnly))
    except CommitmentNotMet as error:
        raise FailedWith(r.AutoBillSettlementQuoteResponse(note=str(error)), error) from error
    blank(response, quote.would_be_new)
    for one in response.transactions:
        one.merchantTransactionId = one.paymentProcessorTransactionId = None
    for given_back in response.refunds:
        given_back.merchantRefundId = None
    return response


def _quoted(call: Call, quote: Quote, *, amount_only: bool) -> r.AutoBillSettlementQuoteResponse:
    response = r.AutoBillSettlementQuoteResponse(
        amount=quote.amount.amount, currency=quote.amount.currency, note=quote.note
    )
    if not amount_only:
        made, given_back = call.srd.child("transactions"), call.srd.child("refunds")
        response.transactions = tuple([transaction(call.work, one, made) for one in quote.transactions])
        response.refunds = tuple([refund(call.work, one, given_back) for one in quote.refunds])
    return response


@handles("AutoBill", "fetchAllCancelReason")
def fetch_all_cancel_reason(
    call: Call, request: r.AutoBillFetchAllCancelReasonRequest
) -> r.AutoBillFetchAllCancelReasonResponse:
    shown = [_reason(one) for one in cancel_reasons.all_reasons(call.work)]
    return r.AutoBillFetchAllCancelReasonResponse(
        cancelReasons=narrowed_all(shown, call.srd.child("cancelReasons"))
    )


@handles("AutoBill", "updateCancelReason")
def update_cancel_reason(
    call: Call, request: r.AutoBillUpdateCancelReasonRequest
) -> r.AutoBillUpdateCancelReasonResponse:
    sent = request.cancelReason or r.CancelReason()
    stored = cancel_reasons.put(call.work, sent.reason_code or None, sent.description or None)
    return r.AutoBillUpdateCancelReasonResponse(
        cancelReason=narrowed(_reason(stored), call.srd.child("cancelReason"))
    )


def _reason(source: CancelReason) -> r.CancelReason:
    return r.CancelReason(reason_code=source.code, description=source.description)
