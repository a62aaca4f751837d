"""Offers on subscriptions that come from another system: they count from the next bill on, and nothing before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.services import campaigns, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Any:
    sandbox.set_clock("2024-06-10T10:00:00")
    yield
    books_are_right()


def _migrated(client: Client, method: dict[str, Any], *bills: dict[str, Any], **fields: Any) -> Any:
    item = {"index": 0, "product": shop.reference(shop.product(client))} | fields.pop("item", {})
    order = shop.order(client, method, startTimestamp="2024-03-15T00:00:00-07:00", items=[item], **fields)
    return (
        client("AutoBill")
        .migrate(
            autobill=order,
            nextPeriodStartDate="2024-06-15T00:00:00-07:00",
            migrationTransactions=list(bills),
        )
        .autobill
    )


def _paid(plan: Any) -> dict[str, Any]:
    """The third month, paid by card in the other system."""
    return {
        "amount": "10.00",
        "autoBillCycle": 2,
        "billingPlanCycle": 2,
        "merchantBillingPlanId": plan.merchantBillingPlanId,
        "migrationTransactionItems": [{"sku": "magazine", "name": "Magazine", "price": "10.00"}],
        "paymentMethod": shop.card(),
        "statusLog": [
            {"status": "Captured", "timestamp": "2024-05-15T08:00:00Z", "paymentMethodType": "CreditCard"}
        ],
    }


def test_a_code_of_an_item_reduces_the_bills_to_come(client: Client, sandbox: Sandbox) -> None:
    half = campaigns.promotion(client, cycles=2)
    plan = shop.plan(client)
    bill = _migrated(
        client,
        shop.card(),
        _paid(plan),
        billingPlan=shop.reference(plan),
        item={"campaignCode": half.promotionCode},
    )
    assert (bill["items"][0].campaignId, bill.nextBilling.amount) == (half.campaignId, 5)
    sandbox.advance(70)
    assert [one.amount for one in shop.transactions(client, bill)] == [10, 5, 5, 10]


def test_what_is_owed_for_periods_before_is_not_reduced(client: Client, sandbox: Sandbox) -> None:
    half = campaigns.promotion(client, cycles=2)
    bill = _migrated(client, shop.invoiced(), item={"campaignCode": half.promotionCode})
    own = bill.merchantAutoBillId
    owed = [shop.invoice_text(client, bill, f"{own}-{number:08}") for number in range(3)]
    assert all(f"Total Current Charges{'10.00':>62}" in text for text in owed)
    sandbox.advance(6)
    assert f"Total Current Charges{'5.00':>62}" in shop.invoice_text(client, bill, f"{own}-00000003")


def test_free_time_puts_off_the_next_bill(client: Client, sandbox: Sandbox) -> None:
    free = campaigns.promotion(client, **campaigns.free(1, "Month"))
    plan = shop.plan(client)
    bill = _migrated(
        client,
        shop.card(),
        _paid(plan),
        billingPlan=shop.reference(plan),
        item={"campaignCode": free.promotionCode},
    )
    assert bill.nextBilling.timestamp.date().isoformat() == "2024-07-15"
    sandbox.advance(40)
    assert [one.timestamp.date().isoformat() for one in shop.transactions(client, bill)][1:] == ["2024-07-15"]


def test_a_plan_is_reduced_by_a_code_of_its_own_and_a_code_that_is_not_for_it_stores_nothing(
    client: Client,
) -> None:
    plan = shop.plan(client, shop.month("20.00"))
    half = campaigns.promotion(client, eligibleBillingPlans=[shop.reference(plan)])
    bill = _migrated(
        client,
        shop.card(),
        _paid(plan),
        billingPlan=shop.reference(plan),
        billingPlanCampaignCode=half.promotionCode,
    )
    assert (bill.billingPlanCampaignId, bill.nextBilling.amount) == (half.campaignId, 20)
    other = shop.order(client, shop.card(), billingPlanCampaignCode=half.promotionCode)
    refused = client("AutoBill").expecting(400).migrate(autobill=other, migrationTransactions=[])
    assert "does not apply" in shop.text(refused)
    assert (
        client("AutoBill")
        .expecting(400)
        .fetchByMerchantAutoBillId(merchantAutoBillId=other["merchantAutoBillId"])
    )
