"""Event and RatedUnitSummary (catalog §5.4)."""

from __future__ import annotations

from cashbox_service.app.usage.usage_fetching import ShownEvent, UsageTotal
from cashbox_service.soap import records as r
from cashbox_service.soap.srd import Selection
from cashbox_service.soap.wire.narrowing import narrowed
from cashbox_service.soap.wire.values import money, name_values, quantity


def event(source: ShownEvent, selection: Selection) -> r.Event:
    stored, item = source.event, source.item
    record = r.Event(
        merchantEventId=stored.merchant_event_id,
        VID=stored.vid,
        dateReceived=stored.received_at,
        eventDate=stored.event_at,
        description=stored.description,
        merchantAutoBillItemId=item.merchant_autobill_item_id,
        autoBillItemVid=item.autobill_item_vid,
        merchantAccountId=item.merchant_account_id,
        accountVid=item.account_vid,
        merchantAutoBillId=item.merchant_autobill_id,
        autoBillVid=item.autobill_vid,
        merchantProductId=item.merchant_product_id,
        productVid=item.product_vid,
        amount=quantity(stored.amount),
        billedStatus="Billed" if stored.is_billed else "Unbilled",
        nameValues=name_values(stored.name_values),
    )
    return narrowed(record, selection)


def rated_unit_summary(source: UsageTotal, selection: Selection) -> r.RatedUnitSummary:
    item, plan = source.item, source.plan
    record = r.RatedUnitSummary(
        merchantAccountId=item.merchant_account_id,
        accountVid=item.account_vid,
        merchantAutoBillId=item.merchant_autobill_id,
        autobillVid=item.autobill_vid,
        merchantAutoBillItemId=item.merchant_autobill_item_id,
        autobillItemVid=item.autobill_item_vid,
        merchantProductId=item.merchant_product_id,
        productVid=item.product_vid,
        merchantRatePlanId=plan.merchant_rate_plan_id,
        ratePlanVid=plan.vid,
        currentTotalRatedUnitsBill=money(source.amount, item.currency),
        ratedUnitTotal=quantity(source.units),
        ratedUnit=r.RatedUnit(nameSingular=plan.unit_singular, namePlural=plan.unit_plural),
        eventCount=source.events,
        currentTier=source.tier,
    )
    return narrowed(record, selection)
