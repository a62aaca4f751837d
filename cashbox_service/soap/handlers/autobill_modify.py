"""Service AutoBill: modify (autobill §6.35)."""

from __future__ import annotations

from cashbox_service.app.offers.drafts import BillingPlanDraft
from cashbox_service.app.subscriptions import modifying
from cashbox_service.app.subscriptions.autobill_view import AutoBillView
from cashbox_service.app.subscriptions.modification import Modification
from cashbox_service.app.subscriptions.modification_items import AutoBillItemModificationDraft
from cashbox_service.app.subscriptions.modifying import Modified
from cashbox_service.domain.errors import (
    AutoBillNotFound,
    InvalidRequest,
    NoPaymentMethod,
    NotFound,
    PaymentRefused,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import TAX_ASSUMED, Row
from cashbox_service.soap.wire.autobill import autobill
from cashbox_service.soap.wire.identities import blank
from cashbox_service.soap.wire.inbound import draft, reference
from cashbox_service.soap.wire.refund import refund
from cashbox_service.soap.wire.transaction import transaction

RETURNS: dict[str, tuple[Row, ...]] = {
    "modify": (
        TAX_ASSUMED,
        Row(402, "Unable to authorize payment method: {auth_code}", "decided", PaymentRefused, "declined"),
        Row(405, "Account has no default payment method", "documented", NoPaymentMethod, "nobody to charge"),
        Row(400, "Unable to load AutoBill:  .", "inferred", AutoBillNotFound, "AutoBill unknown"),
        Row(404, "{detail}", "decided", NotFound, "unknown VID of a plan, a product or an item"),
        Row(
            400,
            "Unable to modify AutoBill: {detail}",
            "decided",
            InvalidRequest,
            "cannot be changed like that",
        ),
    ),
}


@handles("AutoBill", "modify")
def modify(call: Call, request: r.AutoBillModifyRequest) -> r.AutoBillModifyResponse:
    given = request.autobill
    items = [draft(AutoBillItemModificationDraft, one) for one in request.autoBillItemModifications]
    wanted = Modification(
        prorated=bool(request.billProratedPeriod),
        effective=request.effectiveDate,
        plan=draft(BillingPlanDraft, request.changeBillingPlanTo),
        items=[one for one in items if one is not None],
        campaign_code=given.billingPlanCampaignCode if given is not None else None,
    )
    named = reference(given, "merchantAutoBillId")
    with modifying.modify(call.work, named, wanted, dryrun=bool(request.dryrun)) as done:
        return _modified(call, done)


def _modified(call: Call, done: Modified) -> r.AutoBillModifyResponse:
    work = call.work
    response = r.AutoBillModifyResponse(
        autobill=autobill(AutoBillView(work, done.autobill, dryrun=done.dryrun), call.srd.child("autobill")),
        refunds=tuple([refund(work, one, call.srd.child("refunds")) for one in done.refunds]),
    )
    if work.tax_was_assumed:
        response.return_ = r.Return(returnCode=TAX_ASSUMED.code, returnString=TAX_ASSUMED.text)
    if done.transaction is not None:
        response.transaction = transaction(work, done.transaction, call.srd.child("transaction"))
        if done.dryrun:
            response.transaction.merchantTransactionId = None
            response.transaction.paymentProcessorTransactionId = None
    if done.dryrun:
        for one in response.refunds:
            one.merchantRefundId = None
        blank(response, done.would_be_new)
    return response
