"""Service AutoBill: moving the next billing (autobill §6.6 – §6.8)."""

from __future__ import annotations

from typing import TypeVar

from cashbox_service.app.subscriptions import billing_moves
from cashbox_service.app.subscriptions.autobill_view import AutoBillView
from cashbox_service.domain.errors import AutoBillNotFound, InvalidRequest, MissingDelay, MissingField
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.autobill import autobill
from cashbox_service.soap.wire.inbound import reference
from cashbox_service.soap.wire.values import money
from cashbox_service.store.entities import AutoBill

_UNKNOWN = Row(400, "Unable to load AutoBill:  .", "inferred", AutoBillNotFound, "AutoBill unknown")
_NOT_NAMED = Row(
    400, "Must specify AutoBill to delay billing for.", "documented", MissingField, "no AutoBill named"
)

RETURNS: dict[str, tuple[Row, ...]] = {
    "delayBillingToDate": (
        Row(
            400,
            "Date to delay to must be specified and have a length.",
            "documented",
            MissingDelay,
            "no date",
        ),
        _NOT_NAMED,
        _UNKNOWN,
        Row(
            400,
            "Unable to delay billing to date: {detail}",
            "documented",
            InvalidRequest,
            "cannot be delayed",
        ),
    ),
    "delayBillingByDays": (
        Row(400, "Days to delay must be a positive integer.", "documented", MissingDelay, "no days"),
        _NOT_NAMED,
        _UNKNOWN,
        Row(
            400,
            "Unable to delay billing by days: {detail}",
            "documented",
            InvalidRequest,
            "cannot be delayed",
        ),
    ),
    "changeBillingDayOfMonth": (
        _UNKNOWN,
        Row(400, "Unable to change billing day: {detail}", "decided", InvalidRequest, "cannot be changed"),
    ),
}

Response = TypeVar(
    "Response",
    r.AutoBillDelayBillingToDateResponse,
    r.AutoBillDelayBillingByDaysResponse,
    r.AutoBillChangeBillingDayOfMonthResponse,
)


@handles("AutoBill", "delayBillingToDate")
def delay_billing_to_date(
    call: Call, request: r.AutoBillDelayBillingToDateRequest
) -> r.AutoBillDelayBillingToDateResponse:
    named = reference(request.autobill, "merchantAutoBillId")
    moved = billing_moves.delay_to(
        call.work, named, request.newBillingDate, permanently=bool(request.movePermanently)
    )
    return _answer(call, moved, r.AutoBillDelayBillingToDateResponse())


@handles("AutoBill", "delayBillingByDays")
def delay_billing_by_days(
    call: Call, request: r.AutoBillDelayBillingByDaysRequest
) -> r.AutoBillDelayBillingByDaysResponse:
    named = reference(request.autobill, "merchantAutoBillId")
    moved = billing_moves.delay_by(
        call.work, named, request.delayDays, permanently=bool(request.movePermanently)
    )
    return _answer(call, moved, r.AutoBillDelayBillingByDaysResponse())


@handles("AutoBill", "changeBillingDayOfMonth")
def change_billing_day_of_month(
    call: Call, request: r.AutoBillChangeBillingDayOfMonthRequest
) -> r.AutoBillChangeBillingDayOfMonthResponse:
    named = reference(request.autobill, "merchantAutoBillId")
    moved = billing_moves.change_day(call.work, named, request.dayOfMonth)
    return _answer(call, moved, r.AutoBillChangeBillingDayOfMonthResponse())


def _answer(call: Call, moved: AutoBill, response: Response) -> Response:
    """The AutoBill, and what will be billed when."""
    view = AutoBillView(call.work, moved)
    response.autobill = autobill(view, call.srd.child("autobill"))
    coming = view.next_billing
    if coming is not None:
        response.nextBillingDate = coming.date
        response.nextBillingAmount = money(coming.amount, moved.currency)
        response.nextBillingCurrency = moved.currency
    return response
