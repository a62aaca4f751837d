"""Service Transaction: calculateSalesTax (transaction §7.5)."""

from __future__ import annotations

from cashbox_service.app.sales import sales_tax
from cashbox_service.app.sales.sales_tax import Quote
from cashbox_service.domain.errors import (
    AccountNotFound,
    InvalidRequest,
    NotFound,
    TaxUnavailable,
    UnknownTaxClass,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.address import address
from cashbox_service.soap.wire.identities import blank
from cashbox_service.soap.wire.transaction import transaction
from cashbox_service.soap.wire.transaction_draft import transaction_draft
from cashbox_service.soap.wire.values import money

RETURNS: dict[str, tuple[Row, ...]] = {
    "calculateSalesTax": (
        Row(400, "Error validating transaction:  {detail}", "observed", UnknownTaxClass, "tax class unknown"),
        Row(
            400, "{detail}", "documented", InvalidRequest, "no transaction, a negative amount, anything else"
        ),
        Row(404, "Unable to load Account", "documented", AccountNotFound, "VID of the account unknown"),
        Row(404, "{detail}", "decided", NotFound, "another object that is named does not exist"),
        Row(
            408,
            "Required tax service temporarily unavailable.",
            "decided",
            TaxUnavailable,
            "the tax service does not answer: without it there is nothing to tell",
        ),
    ),
}


@handles("Transaction", "calculateSalesTax")
def calculate_sales_tax(
    call: Call, request: r.TransactionCalculateSalesTaxRequest
) -> r.TransactionCalculateSalesTaxResponse:
    with sales_tax.quote(call.work, transaction_draft(request.transaction)) as quote:
        response = _answer(call, quote)
    blank(response, quote.would_be_new)
    sent = request.transaction
    if response.transaction is not None and sent is not None:
        response.transaction.merchantTransactionId = sent.merchantTransactionId
    return response


def _answer(call: Call, quote: Quote) -> r.TransactionCalculateSalesTaxResponse:
    """The sale without a log: nothing was done to it."""
    currency = quote.transaction.currency
    shown = transaction(call.work, quote.transaction, call.srd.child("transaction"))
    shown.statusLog = ()
    if not quote.account_is_named:
        shown.account = None
    response = r.TransactionCalculateSalesTaxResponse(
        transaction=shown,
        taxItems=tuple(
            r.SalesTax(description=level, tax=money(amount, currency)) for level, amount in quote.by_level
        ),
        totalTax=money(quote.total, currency),
    )
    if quote.address is not None:
        response.addressType = quote.address.type.value
        response.originalAddress = address(quote.address.given, call.srd.child("originalAddress"))
        response.correctedAddress = address(quote.address.corrected, call.srd.child("correctedAddress"))
    return response
