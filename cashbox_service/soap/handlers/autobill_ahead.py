"""Service AutoBill: what is to come, what fell on a day, and what changed (autobill §6.15, §6.16, §6.33, §6.34)."""

from __future__ import annotations

from cashbox_service.app.engine import billings_ahead
from cashbox_service.app.engine.billings_ahead import ItemRemainder
from cashbox_service.app.subscriptions import autobill_delta
from cashbox_service.app.subscriptions.autobill_view import AutoBillView
from cashbox_service.domain.errors import (
    AutoBillNotFound,
    IllegalState,
    InvalidValue,
    InvalidWindow,
    MissingField,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.autobill import autobill
from cashbox_service.soap.wire.bill import bill
from cashbox_service.soap.wire.inbound import reference
from cashbox_service.soap.wire.narrowing import narrowed_all
from cashbox_service.soap.wire.values import money

_NO_AUTOBILL = "Unable to load AutoBill:  ."

RETURNS: dict[str, tuple[Row, ...]] = {
    "fetchFutureRebills": (
        Row(400, "Quantity must be a positive integer.", "documented", InvalidValue, "quantity below 1"),
        Row(400, "No AutoBill specified in arguments.", "documented", MissingField, "no AutoBill"),
        Row(404, "No matching AutoBill found.", "documented", AutoBillNotFound, "AutoBill unknown"),
        Row(400, "AutoBill is in an inactive state {state}", "inferred", IllegalState, "it bills no more"),
    ),
    "fetchDeltaSince": (
        Row(400, "{detail}", "decided", InvalidWindow, "no timestamp, window or paging not valid"),
    ),
    "fetchRemainingPaymentDetails": (
        Row(400, _NO_AUTOBILL, "inferred", AutoBillNotFound, "AutoBill unknown"),
        Row(400, _NO_AUTOBILL, "inferred", MissingField, "no AutoBill"),
    ),
    "fetchDailyInvoiceBillings": (
        Row(400, "{detail}", "decided", InvalidWindow, "days or paging not valid"),
    ),
}


@handles("AutoBill", "fetchFutureRebills")
def fetch_future_rebills(
    call: Call, request: r.AutoBillFetchFutureRebillsRequest
) -> r.AutoBillFetchFutureRebillsResponse:
    named = reference(request.autobill, "merchantAutoBillId")
    found = billings_ahead.future_bills(call.work, named, request.quantity)
    parts = call.srd.child("transactions")
    return r.AutoBillFetchFutureRebillsResponse(
        transactions=tuple([bill(call.work, one, parts) for one in found])
    )


@handles("AutoBill", "fetchDeltaSince")
def fetch_delta_since(
    call: Call, request: r.AutoBillFetchDeltaSinceRequest
) -> r.AutoBillFetchDeltaSinceResponse:
    found = autobill_delta.between(
        call.work,
        request.timestamp,
        request.endTimestamp,
        request.page,
        request.pageSize,
        request.selectEvents,
    )
    parts = call.srd.child("autobills")
    return r.AutoBillFetchDeltaSinceResponse(
        autobills=tuple([autobill(AutoBillView(call.work, one), parts) for one in found])
    )


@handles("AutoBill", "fetchRemainingPaymentDetails")
def fetch_remaining_payment_details(
    call: Call, request: r.AutoBillFetchRemainingPaymentDetailsRequest
) -> r.AutoBillFetchRemainingPaymentDetailsResponse:
    left = billings_ahead.remaining(call.work, reference(request.autobill, "merchantAutoBillId"))
    currency = left.autobill.currency
    details = [_details(one, currency) for one in left.items]
    return r.AutoBillFetchRemainingPaymentDetailsResponse(
        autobillRemainingBalanceInSet=money(left.balance, currency),
        billingPlanRemainingBalanceInSet=money(left.plan_balance, currency),
        billingPlanRemainingPaymentsInSet=left.plan_payments,
        autobillItemRemainingPaymentDetails=narrowed_all(
            details, call.srd.child("autobillItemRemainingPaymentDetails")
        ),
    )


def _details(source: ItemRemainder, currency: str) -> r.PaymentDetails:
    product = source.item.product
    return r.PaymentDetails(
        merchantProductId=product.merchant_product_id,
        productVid=product.vid,
        merchantAutoBillItemId=source.item.merchant_autobill_item_id,
        autoBillItemVid=source.item.vid,
        remainingBalanceInSet=money(source.balance, currency),
        remainingPaymentsInSet=source.payments,
    )


@handles("AutoBill", "fetchDailyInvoiceBillings")
def fetch_daily_invoice_billings(
    call: Call, request: r.AutoBillFetchDailyInvoiceBillingsRequest
) -> r.AutoBillFetchDailyInvoiceBillingsResponse:
    found = billings_ahead.daily_bills(
        call.work, request.startTimestamp, request.endTimestamp, request.page, request.pageSize
    )
    parts = call.srd.child("transactions")
    return r.AutoBillFetchDailyInvoiceBillingsResponse(
        transactions=tuple([bill(call.work, one, parts) for one in found])
    )
