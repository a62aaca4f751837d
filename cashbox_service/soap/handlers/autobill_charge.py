"""Service AutoBill: addCharge (autobill §6.25)."""

from __future__ import annotations

from cashbox_service.app.subscriptions import adding_charges
from cashbox_service.app.subscriptions.adding_charges import ChargeRequest
from cashbox_service.domain.errors import AutoBillNotFound, InvalidRequest
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import TAX_ASSUMED, Row
from cashbox_service.soap.wire.inbound import reference

RETURNS: dict[str, tuple[Row, ...]] = {
    "addCharge": (
        TAX_ASSUMED,
        Row(400, "Unable to load AutoBill:  .", "inferred", AutoBillNotFound, "AutoBill unknown"),
        Row(400, "Unable to add charge: {detail}", "decided", InvalidRequest, "cannot be charged like that"),
    ),
}


@handles("AutoBill", "addCharge")
def add_charge(call: Call, request: r.AutoBillAddChargeRequest) -> r.AutoBillAddChargeResponse:
    asked = ChargeRequest(
        sku=request.sku,
        description=request.description,
        tax_classification=request.taxClassification,
        amount=request.amount,
        currency=request.currency,
        in_tokens=request.token is not None,
        quantity=request.quantity,
        campaign_code=request.campaignCode,
    )
    named = reference(request.autobill, "merchantAutoBillId")
    adding_charges.add(call.work, named, asked, dryrun=bool(request.dryrun))
    response = r.AutoBillAddChargeResponse()
    if call.work.tax_was_assumed:
        response.return_ = r.Return(returnCode=TAX_ASSUMED.code, returnString=TAX_ASSUMED.text)
    return response
