"""Service AutoBill: what follows when a customer comes back from a page (autobill §6.22 – §6.24)."""

from __future__ import annotations

from cashbox_service.app.sales.transaction_finalize import NotWaiting
from cashbox_service.app.subscriptions import autobill_finalize
from cashbox_service.app.subscriptions.autobill_finalize import Finalized
from cashbox_service.app.subscriptions.autobill_view import AutoBillView
from cashbox_service.domain.errors import MissingField, TransactionNotFound, UnsupportedType
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.autobill import autobill
from cashbox_service.soap.wire.narrowing import narrowed
from cashbox_service.soap.wire.transaction_status import status

_MISSING = Row(400, "Missing required parameter '{name}'.", "decided", MissingField, "a parameter is missing")
_UNKNOWN = Row(
    400,
    'Unable to load transaction by VID "{value}":  ',
    "decided",
    TransactionNotFound,
    "VID unknown, or of no AutoBill",
)
_WRONG_TYPE = Row(
    400, "Payment method type {type} is not supported here.", "decided", UnsupportedType, "another type"
)
_NOT_WAITING = Row(400, "{detail}", "decided", NotWaiting, "it does not wait for its customer")

RETURNS: dict[str, tuple[Row, ...]] = {
    "finalizePayPalAuth": (
        _MISSING,
        _UNKNOWN,
        _WRONG_TYPE,
        Row(
            400,
            "PayPal tx needs to be in AuthPending dispsosition Disposition AuthorizationPending {needed}({found})",
            "observed",
            NotWaiting,
            "it does not wait for its buyer",
        ),
    ),
    "finalizeCarrierBilling": (_MISSING, _UNKNOWN, _WRONG_TYPE, _NOT_WAITING),
    "finalizeCustomerAction": (_MISSING, _UNKNOWN, _WRONG_TYPE, _NOT_WAITING),
}


@handles("AutoBill", "finalizePayPalAuth")
def finalize_paypal_auth(
    call: Call, request: r.AutoBillFinalizePayPalAuthRequest
) -> r.AutoBillFinalizePayPalAuthResponse:
    done = autobill_finalize.paypal(call.work, request.payPalTransactionId, agreed=bool(request.success))
    return r.AutoBillFinalizePayPalAuthResponse(authStatus=_status(call, done), autobill=_bill(call, done))


@handles("AutoBill", "finalizeCarrierBilling")
def finalize_carrier_billing(
    call: Call, request: r.AutoBillFinalizeCarrierBillingRequest
) -> r.AutoBillFinalizeCarrierBillingResponse:
    done = autobill_finalize.carrier_billing(call.work, request.transactionVid, request.confirmationCode)
    return r.AutoBillFinalizeCarrierBillingResponse(
        authStatus=_status(call, done), autobill=_bill(call, done)
    )


@handles("AutoBill", "finalizeCustomerAction")
def finalize_customer_action(
    call: Call, request: r.AutoBillFinalizeCustomerActionRequest
) -> r.AutoBillFinalizeCustomerActionResponse:
    done = autobill_finalize.customer_action(call.work, request.transactionVid)
    return r.AutoBillFinalizeCustomerActionResponse(
        authStatus=_status(call, done), autobill=_bill(call, done)
    )


def _status(call: Call, done: Finalized) -> r.TransactionStatus:
    return narrowed(status(done.transaction.status_log[0]), call.srd.child("authStatus"))


def _bill(call: Call, done: Finalized) -> r.AutoBill:
    return autobill(AutoBillView(call.work, done.autobill), call.srd.child("autobill"))
