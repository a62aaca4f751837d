"""AutoBill.update with dryrun: everything is computed, nothing is stored or charged (conventions §10)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client


@pytest.fixture(autouse=True)
def _noon(sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-15T12:00:00")


def _order_of_new_things(client: Client, **fields: Any) -> dict[str, Any]:
    product = {"merchantProductId": shop.new_id("sku"), "prices": [{"amount": "3.00", "currency": "USD"}]}
    plan = {"merchantBillingPlanId": shop.new_id("plan"), "periods": [shop.month("4.00")]}
    return shop.order(
        client,
        shop.card(merchantPaymentMethodId=shop.new_id("pm")),
        account={"merchantAccountId": shop.new_id("account"), "name": "Ada"},
        billingPlan=plan,
        items=[{"product": product}],
        **fields,
    )


def test_the_first_billing_is_projected(client: Client) -> None:
    answer = shop.update(client, _order_of_new_things(client), dryrun=True)
    assert answer.autobill.status == "Dryrun"
    assert answer.initialTransaction.amount == 7
    assert [line.total for line in answer.initialTransaction.transactionItems] == [4, 3, 0]
    assert shop.log(answer.initialTransaction) == ["New"]
    assert answer.authStatus is None
    assert answer.score == -1


def test_nothing_that_would_be_new_has_a_vid(client: Client) -> None:
    answer = shop.update(client, _order_of_new_things(client), dryrun=True)
    autobill, first = answer.autobill, answer.initialTransaction
    assert (autobill.VID, autobill.items[0].VID, autobill.account.VID) == (None, None, None)
    assert (autobill.billingPlan.VID, autobill.items[0].product.VID) == (None, None)
    assert (autobill.paymentMethod.VID, autobill.paymentMethod.creditCard.VID) == (None, None)
    assert (first.VID, first.merchantTransactionId, first.paymentProcessorTransactionId) == (None, None, None)
    assert (first.account.VID, first.sourcePaymentMethod.VID, first.autobillVID) == (None, None, None)
    assert {line.autoBillItemVid for line in first.transactionItems} == {None}
    assert {line.autoBillItemVid for line in autobill.nextBilling.transactionItems} == {None}
    assert "vin:AutoBillVID" not in shop.names(first)


def test_what_exists_already_keeps_its_vid(client: Client) -> None:
    account = shop.account(client)
    plan, product = shop.plan(client), shop.product(client)
    order = shop.order(
        client,
        shop.card(),
        account=shop.reference(account),
        billingPlan=shop.reference(plan),
        items=[{"product": shop.reference(product)}],
    )
    autobill = shop.update(client, order, dryrun=True).autobill
    assert autobill.VID is None
    assert autobill.account.VID == account.VID
    assert autobill.billingPlan.VID == plan.VID
    assert autobill.items[0].product.VID == product.VID


def test_nothing_is_stored(client: Client) -> None:
    order = _order_of_new_things(client)
    shop.update(client, order, dryrun=True)
    client("AutoBill").expecting(400).fetchByMerchantAutoBillId(
        merchantAutoBillId=order["merchantAutoBillId"]
    )
    account, plan = order["account"]["merchantAccountId"], order["billingPlan"]["merchantBillingPlanId"]
    client("Account").expecting(400).fetchByMerchantAccountId(merchantAccountId=account)
    client("BillingPlan").expecting(404).fetchByMerchantBillingPlanId(merchantBillingPlanId=plan)
    sku = order["items"][0]["product"]["merchantProductId"]
    client("Product").expecting(400).fetchByMerchantProductId(merchantProductId=sku)
    method = order["paymentMethod"]["merchantPaymentMethodId"]
    client("PaymentMethod").expecting(404).fetchByMerchantPaymentMethodId(paymentMethodId=method)


def test_the_same_order_can_be_made_afterwards(client: Client) -> None:
    order = _order_of_new_things(client)
    shop.update(client, order, dryrun=True)
    assert shop.standing(shop.update(client, order).autobill) == ("Active", "Good Standing")


def test_a_card_that_would_be_declined_is_not_asked(client: Client) -> None:
    order = shop.order(client, shop.card(shop.HARD_DECLINED))
    answer = shop.update(client, order, dryrun=True, validateForFuturePayment=True)
    assert answer.initialTransaction.amount == 10
    assert answer.authStatus is None


def test_no_payment_method_is_needed(client: Client) -> None:
    answer = shop.update(client, shop.order(client), dryrun=True)
    assert answer.initialTransaction.amount == 10


def test_a_future_start_has_no_initial_transaction(client: Client) -> None:
    order = shop.order(client, shop.card(), startTimestamp="2024-03-01T00:00:00-08:00")
    answer = shop.update(client, order, dryrun=True)
    assert answer.initialTransaction is None
    assert answer.autobill.nextBilling.amount == 10
    assert answer.autobill.nextBilling.timestamp.isoformat() == "2024-03-01T00:00:00-08:00"


def test_what_is_wrong_is_told(client: Client) -> None:
    order = shop.order(client, shop.card(), items=[])
    answer = shop.update(client, order, expecting=400, dryrun=True)
    assert answer["return"].returnString == "AutoBill has no items."


def test_a_change_is_shown_and_not_made(client: Client) -> None:
    autobill = shop.subscribe(client, customerAutoBillName="Home").autobill
    change = {
        "VID": autobill.VID,
        "customerAutoBillName": "Office",
        "items": [{"VID": autobill.items[0].VID, "quantity": 3}],
        "paymentMethod": shop.card(shop.OTHER_CARD),
    }
    answer = shop.update(client, change, dryrun=True)
    assert answer.autobill.VID == autobill.VID
    assert answer.autobill.customerAutoBillName == "Office"
    assert answer.autobill.nextBilling.amount == 30
    assert answer.autobill.items[0].VID == autobill.items[0].VID
    now = shop.fetched(client, autobill)
    assert (now.customerAutoBillName, now.items[0].quantity, now.nextBilling.amount) == ("Home", 1, 10)
    assert now.paymentMethod.VID == autobill.paymentMethod.VID


def test_numbers_of_transactions_are_not_used_up_visibly(client: Client) -> None:
    shop.update(client, shop.order(client, shop.card()), dryrun=True)
    answer = shop.subscribe(client)
    assert answer.initialTransaction.merchantTransactionId.startswith("INT")
