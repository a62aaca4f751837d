"""Service AutoBill: what became of items and plans, and the chain of upgrades (autobill §6.3, §6.4, §6.37)."""

from __future__ import annotations

from cashbox_service.app.subscriptions import autobill_lookup, item_history
from cashbox_service.app.subscriptions.autobill_view import AutoBillView
from cashbox_service.domain.errors import AutoBillNotFound, MissingField
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.autobill import autobill, autobill_item
from cashbox_service.soap.wire.inbound import reference
from cashbox_service.soap.wire.values import midnight
from cashbox_service.store.entities import AutoBill

_UNKNOWN = Row(400, "Unable to load AutoBill:  .", "inferred", AutoBillNotFound, "AutoBill unknown")
_MISSING = Row(400, "Missing required parameter '{name}'.", "decided", MissingField, "no AutoBill named")

RETURNS: dict[str, tuple[Row, ...]] = {
    "fetchBillingItemHistory": (_UNKNOWN, _MISSING),
    "fetchUpgradeHistoryByMerchantAutoBillId": (_UNKNOWN, _MISSING),
    "fetchUpgradeHistoryByVid": (_UNKNOWN, _MISSING),
}


@handles("AutoBill", "fetchBillingItemHistory")
def fetch_billing_item_history(
    call: Call, request: r.AutoBillFetchBillingItemHistoryRequest
) -> r.AutoBillFetchBillingItemHistoryResponse:
    work = call.work
    found = item_history.fetch(work, reference(request.autobill, "merchantAutoBillId"))
    view = AutoBillView(work, found.autobill)
    parts = call.srd.child("autoBillItemHistory").child("autoBillItem")
    return r.AutoBillFetchBillingItemHistoryResponse(
        autobill=autobill(view, call.srd.child("autobill")),
        autoBillItemHistory=tuple(
            [
                r.AutoBillItemHistoryRecord(
                    action=change.action,
                    actionDate=change.requested_at,
                    effectiveDate=change.effective_at,
                    autoBillItem=autobill_item(view, item, parts),
                )
                for change, item in found.items
            ]
        ),
        billingPlanHistory=tuple(
            [
                r.BillingPlanHistoryRecord(
                    merchantBillingPlanId=span.plan.merchant_billing_plan_id,
                    startDate=midnight(span.start, work.zone),
                    endDate=midnight(span.end, work.zone),
                )
                for span in found.plans
            ]
        ),
    )


@handles("AutoBill", "fetchUpgradeHistoryByMerchantAutoBillId")
def fetch_upgrade_history_by_merchant_autobill_id(
    call: Call, request: r.AutoBillFetchUpgradeHistoryByMerchantAutoBillIdRequest
) -> r.AutoBillFetchUpgradeHistoryByMerchantAutoBillIdResponse:
    found = autobill_lookup.by_merchant_id(call.work, request.merchantAutoBillId)
    return r.AutoBillFetchUpgradeHistoryByMerchantAutoBillIdResponse(upgradeHistorySteps=(_step(found),))


@handles("AutoBill", "fetchUpgradeHistoryByVid")
def fetch_upgrade_history_by_vid(
    call: Call, request: r.AutoBillFetchUpgradeHistoryByVidRequest
) -> r.AutoBillFetchUpgradeHistoryByVidResponse:
    found = autobill_lookup.by_vid(call.work, request.vid)
    return r.AutoBillFetchUpgradeHistoryByVidResponse(upgradeHistorySteps=(_step(found),))


def _step(found: AutoBill) -> r.AutoBillUpgradeHistoryStep:
    """An AutoBill is the only step of its chain: `modify` changes it in its place (autobill §6.3)."""
    return r.AutoBillUpgradeHistoryStep(vid=found.vid, startTimestamp=found.start_at)
