"""Service Transaction: score (transaction §7.6)."""

from __future__ import annotations

from cashbox_service.app.sales import transaction_score
from cashbox_service.domain.errors import (
    AccountNotFound,
    DataValidation,
    InvalidRequest,
    NotFound,
    UnknownTaxClass,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.scoring import add_score
from cashbox_service.soap.wire.transaction import transaction
from cashbox_service.soap.wire.transaction_draft import transaction_draft

RETURNS: dict[str, tuple[Row, ...]] = {
    "score": (
        Row(400, "Data validation error {detail}", "decided", DataValidation, "a part cannot be stored"),
        Row(400, "Error validating transaction:  {detail}", "decided", UnknownTaxClass, "tax class unknown"),
        Row(400, "{detail}", "documented", InvalidRequest, "no transaction, or one that was processed"),
        Row(404, "Unable to load Account", "documented", AccountNotFound, "VID of the account unknown"),
        Row(404, "{detail}", "decided", NotFound, "another object that is named does not exist"),
    ),
}


@handles("Transaction", "score")
def score(call: Call, request: r.TransactionScoreRequest) -> r.TransactionScoreResponse:
    scored = transaction_score.score(call.work, transaction_draft(request.transaction))
    response = r.TransactionScoreResponse(
        transaction=transaction(call.work, scored.transaction, call.srd.child("transaction"))
    )
    add_score(response, scored.verdict, call.srd)
    return response
