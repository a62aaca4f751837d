"""Service Transaction: capture and cancel (transaction §7.3, §7.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cashbox_service.app.drafts import Reference
from cashbox_service.app.sales import transaction_capture
from cashbox_service.app.sales.transaction_capture import Outcome, Result
from cashbox_service.domain.errors import MissingField
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.inbound import reference
from cashbox_service.soap.wire.narrowing import narrowed_all

_DONE = Row(200, "Ok", "observed", None, "the items were looked at, whatever became of each")

RETURNS: dict[str, tuple[Row, ...]] = {
    "capture": (
        _DONE,
        Row(400, "Must specify transactions to capture", "decided", MissingField, "empty list"),
    ),
    "cancel": (
        _DONE,
        Row(400, "Must specify transactions to cancel", "decided", MissingField, "empty list"),
    ),
}

ITEM_CODES: Final = {
    Outcome.DONE: 200,
    Outcome.NOT_POSSIBLE: 400,
    Outcome.REFUSED: 402,
    Outcome.NOT_FOUND: 404,
    Outcome.NEVER_AUTHORIZED: 405,
    Outcome.FAILED: 500,
}
"""The code of each result of a call."""


@handles("Transaction", "capture")
def capture(call: Call, request: r.TransactionCaptureRequest) -> r.TransactionCaptureResponse:
    results = transaction_capture.capture(call.work, _references(request.transactions))
    done = _count_done(results)
    parts = call.srd.child("results")
    return r.TransactionCaptureResponse(
        return_=r.Return(returnCode=_DONE.code, returnString=_DONE.text),
        qtySuccess=done,
        qtyFail=len(results) - done,
        results=narrowed_all(
            (
                r.CaptureResult(
                    returnCode=ITEM_CODES[result.outcome],
                    merchantTransactionId=result.merchant_transaction_id,
                    originalMerchantTransactionId=result.original_id,
                )
                for result in results
            ),
            parts,
        ),
    )


@handles("Transaction", "cancel")
def cancel(call: Call, request: r.TransactionCancelRequest) -> r.TransactionCancelResponse:
    results = transaction_capture.cancel(call.work, _references(request.transactions))
    done = _count_done(results)
    return r.TransactionCancelResponse(
        return_=r.Return(returnCode=_DONE.code, returnString=_DONE.text),
        qtySuccess=done,
        qtyFail=len(results) - done,
        results=narrowed_all(
            (
                r.CancelResult(
                    returnCode=ITEM_CODES[result.outcome],
                    merchantTransactionId=result.merchant_transaction_id,
                )
                for result in results
            ),
            call.srd.child("results"),
        ),
    )


def _references(records: Sequence[r.Transaction]) -> list[Reference]:
    return [reference(record, "merchantTransactionId") for record in records]


def _count_done(results: Sequence[Result]) -> int:
    return sum(result.outcome is Outcome.DONE for result in results)
