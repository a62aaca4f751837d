"""Service Account: stopAutoBilling (account §3.2)."""

from __future__ import annotations

from cashbox_service.app.subscriptions import cancelling
from cashbox_service.app.subscriptions.cancelling import CancelOptions
from cashbox_service.app.views import account_view
from cashbox_service.domain.errors import AccountNotFound, AutoBillNotFound, MissingField
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.handlers.autobill_cancel import CANCEL_ROWS
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.account import account
from cashbox_service.soap.wire.inbound import reference

RETURNS: dict[str, tuple[Row, ...]] = {
    "stopAutoBilling": (
        Row(400, "Unable to load account:  No match.", "inferred", AccountNotFound, "account unknown"),
        Row(
            400,
            "Unable to load AutoBill:  .",
            "inferred",
            AutoBillNotFound,
            "an AutoBill is unknown or of another account: none is cancelled",
        ),
        Row(400, "{detail}", "decided", MissingField, "no account, or a reference to nothing"),
        *CANCEL_ROWS,
    ),
}


@handles("Account", "stopAutoBilling")
def stop_auto_billing(
    call: Call, request: r.AccountStopAutoBillingRequest
) -> r.AccountStopAutoBillingResponse:
    options = CancelOptions(
        disentitle=bool(request.disentitle),
        force=bool(request.force),
        reason_code=request.cancelReasonCode or None,
    )
    stopped = cancelling.stop(
        call.work,
        reference(request.account, "merchantAccountId"),
        [reference(one, "merchantAutoBillId") for one in request.autobills],
        options,
    )
    return r.AccountStopAutoBillingResponse(
        account=account(account_view(call.work, stopped), call.srd.child("account"))
    )
