"""Service AutoBill: what follows when a customer has approved the first payment on a page (autobill §6.22 – §6.24)."""

from __future__ import annotations

from typing import TypeVar

from cashbox_service.app import activation_finalize
from cashbox_service.app.activation_finalize import Finalized
from cashbox_service.app.autobill_view import AutoBillView
from cashbox_service.app.transaction_finalize import NotWaiting
from cashbox_service.domain.errors import MissingField, TransactionNotFound, UnsupportedType
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.autobill import autobill
from cashbox_service.soap.wire.narrowing import narrowed
from cashbox_service.soap.wire.transaction_status import status

_MISSING = Row(400, "Missing required parameter '{name}'.", "decided", MissingField, "no VID")
_UNKNOWN = Row(
    400, 'Unable to load transaction by VID "{value}":  ', "decided", TransactionNotFound, "VID unknown"
)
_NOT_WAITING = (
    "PayPal tx needs to be in AuthPending dispsosition Disposition AuthorizationPending {needed}({found})"
)
_WRONG_TYPE = Row(
    400, "Payment method type {type} is not supported here.", "decided", UnsupportedType, "another type"
)

RETURNS: dict[str, tuple[Row, ...]] = {
    "finalizePayPalAuth": (
        _MISSING,
        Row(400, _NOT_WAITING, "observed", NotWaiting, "it does not wait for its customer"),
        _WRONG_TYPE,
        _UNKNOWN,
    ),
    "finalizeCarrierBilling": (
        _MISSING,
        Row(400, "{detail}", "decided", NotWaiting, "it does not wait for its customer"),
        _WRONG_TYPE,
        _UNKNOWN,
    ),
    "finalizeCustomerAction": (_MISSING, _WRONG_TYPE, _UNKNOWN),
}

Response = TypeVar(
    "Response",
    r.AutoBillFinalizePayPalAuthResponse,
    r.AutoBillFinalizeCarrierBillingResponse,
    r.AutoBillFinalizeCustomerActionResponse,
)


@handles("AutoBill", "finalizePayPalAuth")
def finalize_paypal_auth(
    call: Call, request: r.AutoBillFinalizePayPalAuthRequest
) -> r.AutoBillFinalizePayPalAuthResponse:
    done = activation_finalize.paypal(call.work, request.payPalTransactionId, agreed=bool(request.success))
    return _answer(call, done, r.AutoBillFinalizePayPalAuthResponse())


@handles("AutoBill", "finalizeCarrierBilling")
def finalize_carrier_billing(
    call: Call, request: r.AutoBillFinalizeCarrierBillingRequest
) -> r.AutoBillFinalizeCarrierBillingResponse:
    done = activation_finalize.carrier_billing(call.work, request.transactionVid, request.confirmationCode)
    return _answer(call, done, r.AutoBillFinalizeCarrierBillingResponse())


@handles("AutoBill", "finalizeCustomerAction")
def finalize_customer_action(
    call: Call, request: r.AutoBillFinalizeCustomerActionRequest
) -> r.AutoBillFinalizeCustomerActionResponse:
    done = activation_finalize.customer_action(call.work, request.transactionVid)
    return _answer(call, done, r.AutoBillFinalizeCustomerActionResponse())


def _answer(call: Call, done: Finalized, response: Response) -> Response:
    """Where the payment stands; the AutoBill only where that is no failure."""
    response.authStatus = narrowed(status(done.status), call.srd.child("authStatus"))
    if done.autobill is not None:
        response.autobill = autobill(AutoBillView(call.work, done.autobill), call.srd.child("autobill"))
    return response
