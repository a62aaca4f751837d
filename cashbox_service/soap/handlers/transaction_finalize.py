"""Service Transaction: what follows when a customer comes back from a processor's page (transaction §7.9 to §7.12)."""

from __future__ import annotations

from decimal import Decimal

from cashbox_service.app.sales import transaction_finalize
from cashbox_service.app.sales.transaction_finalize import NotWaiting
from cashbox_service.app.sales.transaction_outcome import NotAuthorized
from cashbox_service.domain.errors import (
    MissingField,
    TransactionNotFound,
    UnsupportedType,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.address import address
from cashbox_service.soap.wire.narrowing import narrowed_all
from cashbox_service.soap.wire.transaction import transaction
from cashbox_service.soap.wire.values import money

_MISSING = Row(400, "Missing required parameter '{name}'.", "decided", MissingField, "no VID")
_UNKNOWN = Row(
    404, 'Unable to load transaction by VID "{value}":  ', "decided", TransactionNotFound, "VID unknown"
)
_NO_ANSWER = Row(
    402, "Error attempting to authorize", "decided", NotAuthorized, "the processor gives no answer"
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
        Row(400, _NOT_WAITING, "observed", NotWaiting, "it does not wait for its buyer"),
        _WRONG_TYPE,
        _NO_ANSWER,
        _UNKNOWN,
    ),
    "finalizeCarrierBilling": (
        _MISSING,
        Row(400, "{detail}", "decided", NotWaiting, "it does not wait for its customer"),
        _WRONG_TYPE,
        _NO_ANSWER,
        _UNKNOWN,
    ),
    "finalizeCustomerAction": (_MISSING, _WRONG_TYPE, _UNKNOWN),
    "addressAndSalesTaxFromPayPalOrder": (
        _MISSING,
        Row(400, _NOT_WAITING, "decided", NotWaiting, "it does not wait for its buyer"),
        _WRONG_TYPE,
        _UNKNOWN,
    ),
}


@handles("Transaction", "finalizePayPalAuth")
def finalize_paypal_auth(
    call: Call, request: r.TransactionFinalizePayPalAuthRequest
) -> r.TransactionFinalizePayPalAuthResponse:
    done = transaction_finalize.paypal(call.work, request.payPalTransactionId, agreed=bool(request.success))
    response = r.TransactionFinalizePayPalAuthResponse()
    if done is not None:
        response.transaction = transaction(call.work, done, call.srd.child("transaction"))
    return response


@handles("Transaction", "finalizeCarrierBilling")
def finalize_carrier_billing(
    call: Call, request: r.TransactionFinalizeCarrierBillingRequest
) -> r.TransactionFinalizeCarrierBillingResponse:
    done = transaction_finalize.carrier_billing(call.work, request.transactionVid, request.confirmationCode)
    return r.TransactionFinalizeCarrierBillingResponse(
        transaction=transaction(call.work, done, call.srd.child("transaction"))
    )


@handles("Transaction", "finalizeCustomerAction")
def finalize_customer_action(
    call: Call, request: r.TransactionFinalizeCustomerActionRequest
) -> r.TransactionFinalizeCustomerActionResponse:
    done = transaction_finalize.customer_action(call.work, request.transactionVid)
    return r.TransactionFinalizeCustomerActionResponse(
        transaction=transaction(call.work, done, call.srd.child("transaction"))
    )


@handles("Transaction", "addressAndSalesTaxFromPayPalOrder")
def address_and_sales_tax_from_paypal_order(
    call: Call, request: r.TransactionAddressAndSalesTaxFromPayPalOrderRequest
) -> r.TransactionAddressAndSalesTaxFromPayPalOrderResponse:
    order = transaction_finalize.paypal_order(call.work, request.payPalTransactionId)
    done, srd = order.transaction, call.srd
    taxes = [
        r.SalesTax(description=level, tax=money(amount, done.currency))
        for level, amount in order.tax_by_level
    ]
    return r.TransactionAddressAndSalesTaxFromPayPalOrderResponse(
        transaction=transaction(call.work, done, srd.child("transaction")),
        SalesTaxAddress=address(done.sales_tax_address, srd.child("SalesTaxAddress")),
        BillingAddress=address(order.billing_address, srd.child("BillingAddress")),
        ShippingAddress=address(order.shipping_address, srd.child("ShippingAddress")),
        taxItems=narrowed_all(taxes, srd.child("taxItems")),
        totalTax=money(sum((tax for _, tax in order.tax_by_level), Decimal(0)), done.currency),
        subtotalAmount=order.subtotal.amount,
        totalAmount=order.total.amount,
    )
