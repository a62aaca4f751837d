"""Payments and their reversals as Account and AutoBill take them: the same parameters beside whom they are for."""

from __future__ import annotations

from cashbox_service.app.collection.payments import PaymentRequest
from cashbox_service.app.collection.reversals import ReversalRequest
from cashbox_service.app.wallet.drafts import PaymentMethodDraft
from cashbox_service.soap import records as r
from cashbox_service.soap.wire.inbound import draft


def payment_request(request: r.AccountMakePaymentRequest | r.AutoBillMakePaymentRequest) -> PaymentRequest:
    return PaymentRequest(
        payment_method=draft(PaymentMethodDraft, request.paymentMethod),
        amount=request.amount,
        currency=request.currency,
        invoice_id=request.invoiceId,
        overage_disposition=request.overageDisposition,
        note=request.note,
    )


def reversal_request(
    request: r.AccountReversePaymentRequest | r.AutoBillReversePaymentRequest,
) -> ReversalRequest:
    return ReversalRequest(
        timestamp=request.timestamp,
        payment_id=request.paymentId,
        invoice_id=request.invoiceId,
        index_number=request.indexNumber,
        note=request.note,
    )
