"""Campaigns in the life of subscriptions and sales (campaign §3.1, §4)."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.servers import Server
from tests.services import campaigns, changes, customers, hosted, sales, shop, usage
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.soap_client import Login

D = Decimal


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Any:
    sandbox.set_clock("2024-01-15T10:00:00")
    yield
    books_are_right()


def billed(client: Client, autobill: Any) -> list[D]:
    return [one.amount for one in shop.transactions(client, autobill)]


def days(client: Client, autobill: Any) -> list[date]:
    return [one.timestamp.date() for one in shop.transactions(client, autobill)]


def ordered(client: Client, code: str, *, expecting: int = 200, **fields: Any) -> Any:
    """A subscription with a code for all of it; the whole answer."""
    return shop.update(
        client, shop.order(client, shop.card(), **fields), expecting=expecting, campaignCode=code
    )


def add(client: Client, autobill: Any, code: str, *, expecting: int | None = 200, **targets: Any) -> Any:
    given: dict[str, Any] = {"applyToBillingPlan": False, "dryrun": False}
    return (
        client("AutoBill")
        .expecting(expecting)
        .addCampaign(autobill=shop.reference(autobill), campaignCode=code, **(given | targets))
    )


def test_a_year_at_half_price_and_the_full_price_after_it(client: Client, sandbox: Sandbox) -> None:
    spring = campaigns.promotion(client, cycles=12, description="Half a year's price")

    bill = ordered(client, spring.promotionCode).autobill

    first = shop.transactions(client, bill)[0]
    line = next(one for one in first.transactionItems if one.price == D("10.00"))
    assert (line.subtotal, line.discount, line.total) == (D("10.00"), D("-5.00"), D("5.00"))
    assert (line.campaignId, line.campaignDescription) == (spring.campaignId, "Half a year's price")
    assert bill["items"][0].campaignId == bill.billingPlanCampaignId == spring.campaignId
    sandbox.advance(335)
    assert billed(client, bill) == [D("5.00")] * 12
    assert shop.fetched(client, bill).nextBilling.amount == D("10.00")
    sandbox.advance(31)
    assert billed(client, bill)[12:] == [D("10.00")]


def test_what_comes_is_forecast_with_the_discounts_that_are_left(client: Client) -> None:
    spring = campaigns.promotion(client, cycles=3, **campaigns.flat("4"))
    bill = ordered(client, spring.promotionCode).autobill
    asked = client("AutoBill").fetchFutureRebills(autobill=shop.reference(bill), quantity=4)
    assert [one.amount for one in asked.transactions] == [D("6.00"), D("6.00"), D("10.00"), D("10.00")]


def test_a_discount_until_a_day_counts_by_the_day_of_the_billing(client: Client, sandbox: Sandbox) -> None:
    spring = campaigns.promotion(client, expirationDate="2024-03-15T00:00:00")
    bill = ordered(client, spring.promotionCode).autobill
    sandbox.advance(100)
    assert billed(client, bill) == [D("5.00"), D("5.00"), D("5.00"), D("10.00")]


def test_a_free_trial_uses_up_no_discount(client: Client, sandbox: Sandbox) -> None:
    plan = shop.plan(client, shop.month(cycles=1, free=True), shop.month())
    spring = campaigns.promotion(client, cycles=1)
    bill = ordered(client, spring.promotionCode, billingPlan=shop.reference(plan)).autobill
    sandbox.advance(62)
    assert billed(client, bill) == [D("0.00"), D("5.00"), D("10.00")]


def test_three_free_months_entitle_at_once_and_bill_later(
    client: Client, sandbox: Sandbox, entitlements: Callable[[Any], list[Any]]
) -> None:
    spring = campaigns.promotion(client, **campaigns.free(3, "Month"))
    product = shop.product(client, merchantEntitlementIds=[{"id": "film"}])
    bill = ordered(
        client, spring.promotionCode, items=[{"index": 0, "product": shop.reference(product)}]
    ).autobill

    assert shop.standing(bill) == ("Active", "Good Standing")
    assert bill.nextBilling.timestamp.date() == date(2024, 4, 15)
    assert [(right.id, right.end) for right in entitlements(bill)] == [("film", None)]
    assert billed(client, bill) == []
    sandbox.advance(90)
    assert billed(client, bill) == []
    sandbox.advance(31)
    assert (days(client, bill), billed(client, bill)) == (
        [date(2024, 4, 15), date(2024, 5, 15)],
        [D("10.00"), D("10.00")],
    )
    assert shop.transactions(client, bill)[0].autoBillCycle == 0


def test_who_cancels_in_his_free_time_is_entitled_to_its_end(
    client: Client, entitlements: Callable[[Any], list[Any]]
) -> None:
    spring = campaigns.promotion(client, **campaigns.free(2, "Week"))
    product = shop.product(client, merchantEntitlementIds=[{"id": "film"}])
    items = [{"index": 0, "product": shop.reference(product)}]
    bill = ordered(client, spring.promotionCode, items=items).autobill
    client("AutoBill").cancel(autobill=shop.reference(bill), disentitle=False, force=True)
    assert [right.end.date() for right in entitlements(bill)] == [date(2024, 1, 28)]


def test_free_time_of_a_later_start_begins_with_it(client: Client, sandbox: Sandbox) -> None:
    spring = campaigns.promotion(client, **campaigns.free(10, "Day"))
    bill = ordered(client, spring.promotionCode, startTimestamp="2024-02-01T00:00:00").autobill
    assert shop.standing(bill) == ("Pending Activation", "Unbilled")
    assert bill.nextBilling.timestamp.date() == date(2024, 2, 11)
    sandbox.advance(18)
    assert shop.standing(shop.fetched(client, bill)) == ("Active", "Good Standing")
    assert billed(client, bill) == []
    sandbox.advance(10)
    assert days(client, bill) == [date(2024, 2, 11)]


def test_free_time_puts_the_next_bill_of_a_subscription_off(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-31T10:00:00")
    spring = campaigns.promotion(client, **campaigns.free(1, "Month"))
    bill = shop.subscribe(client).autobill
    changed = shop.update(client, shop.reference(bill), campaignCode=spring.promotionCode).autobill
    assert changed.nextBilling.timestamp.date() == date(2024, 3, 29)
    sandbox.advance(91)
    assert days(client, bill) == [date(2024, 1, 31), date(2024, 3, 29), date(2024, 4, 30)]


def test_free_time_is_no_use_for_sales_charges_and_running_ones(client: Client) -> None:
    spring = campaigns.promotion(client, **campaigns.free(1, "Month"))
    said = f'Campaign "{spring.campaignId}" grants time and cannot be used here'
    bill = shop.subscribe(client).autobill
    assert shop.text(add(client, bill, spring.promotionCode, expecting=400)) == (
        f"Unable to add campaign: {said}"
    )
    refused = sales.sell(client, sales.order(), expecting=400, campaignCode=spring.promotionCode)
    assert shop.text(refused) == said


def test_of_fifty_clients_ten_get_the_coupon_of_ten_uses(client: Client) -> None:
    """Nobody gets it twice, nobody is charged for less than was said, and the count is right."""
    coupons, (code,) = campaigns.coupons(client, maxRedemptions=10)
    product, plan = shop.product(client), shop.plan(client)
    items = [{"index": 0, "product": shop.reference(product)}]

    def order(number: int) -> Any:
        if number % 2:
            sale = sales.order(transactionItems=[sales.item(quantity="1")])
            return sales.sell(client, sale, expecting=None, campaignCode=code)
        bill = shop.order(client, shop.card(), billingPlan=shop.reference(plan), items=items)
        return shop.update(client, bill, expecting=None, campaignCode=code)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(order, range(50)))

    codes = sorted(answer["return"].returnCode for answer in answers)
    assert codes == [200] * 10 + [400] * 40
    assert {shop.text(one) for one in answers if one["return"].returnCode == 400} == {
        f'Coupon code "{code}" has no redemptions left'
    }
    (left,) = campaigns.codes(client, coupons)
    assert (left.state, len(left.redeemedBy)) == ("Redeemed", 10)
    assert len({one.accountVID for one in left.redeemedBy}) == 10


def test_a_declined_sale_gives_the_coupon_back(client: Client) -> None:
    coupons, (code,) = campaigns.coupons(client)
    declined = sales.order(sourcePaymentMethod=shop.card(shop.HARD_DECLINED))
    assert sales.sell(client, declined, campaignCode=code).transaction.statusLog[0].status == "Cancelled"
    assert campaigns.codes(client, coupons)[0].state == "Activated"

    sold = sales.sell(client, sales.order(), campaignCode=code).transaction

    assert (sold.amount, sold.transactionItems[0].discount) == (D("10.00"), D("-10.00"))
    (used,) = campaigns.codes(client, coupons)
    assert (used.state, used.redeemedBy[0].accountVID) == ("Redeemed", sold.account.VID)


def test_a_buyer_who_does_not_agree_on_the_page_gives_the_coupon_back(client: Client) -> None:
    coupons, (code,) = campaigns.coupons(client)
    for agrees, state in ((False, "Activated"), (True, "Redeemed")):
        order = sales.order(sourcePaymentMethod=sales.paypal_page())
        waiting = sales.sell(client, order, campaignCode=code).transaction
        assert campaigns.codes(client, coupons)[0].state == "Redeemed"
        client("Transaction").finalizePayPalAuth(payPalTransactionId=waiting.VID, success=agrees)
        assert campaigns.codes(client, coupons)[0].state == state


def test_a_sale_that_is_cancelled_does_not_give_its_coupon_back(client: Client) -> None:
    coupons, (code,) = campaigns.coupons(client)
    sold = sales.authorize(client, sales.order(), campaignCode=code).transaction
    client("Transaction").cancel(transactions=[shop.reference(sold)])
    assert campaigns.codes(client, coupons)[0].state == "Redeemed"


def test_a_dry_run_and_a_subscription_that_was_not_saved_use_nothing_up(client: Client) -> None:
    coupons, (code,) = campaigns.coupons(client)
    rehearsed = ordered_dry(client, code)
    assert rehearsed.initialTransaction.amount == D("5.00")
    tried = sales.sell(client, sales.order(), campaignCode=code, dryrun=True).transaction
    assert tried.amount == D("10.00")
    order = shop.order(client, shop.card(shop.HARD_DECLINED))
    shop.update(client, order, expecting=402, campaignCode=code)
    assert campaigns.codes(client, coupons)[0].state == "Activated"
    assert ordered(client, code).initialTransaction.amount == D("5.00")
    assert campaigns.codes(client, coupons)[0].state == "Redeemed"


def ordered_dry(client: Client, code: str) -> Any:
    return shop.update(client, shop.order(client, shop.card()), campaignCode=code, dryrun=True)


def test_a_promotion_reaches_what_is_eligible_and_names_what_is_not(client: Client) -> None:
    good, bad, plan = shop.product(client), shop.product(client), shop.plan(client)
    spring = campaigns.promotion(
        client, eligibleProducts=[shop.reference(good)], eligibleBillingPlans=[shop.reference(plan)]
    )
    both = [{"index": place, "product": shop.reference(one)} for place, one in enumerate((good, bad))]
    code, said = spring.promotionCode, f'Campaign "{spring.campaignId}" does not apply to'

    bill = ordered(client, code, items=both, billingPlan=shop.reference(plan)).autobill

    assert billed(client, bill) == [D("15.00")]
    assert [item.campaignId for item in bill["items"]] == [spring.campaignId, None]
    assert shop.text(ordered(client, code, items=both, expecting=400)) == f"{said} any item"
    both[1]["campaignCode"] = code
    order = shop.order(client, shop.card(), items=both, billingPlan=shop.reference(plan))
    assert shop.text(shop.update(client, order, expecting=400)) == f"{said} {bad.merchantProductId}"
    other = shop.order(client, shop.card(), billingPlanCampaignCode=code)
    other_plan = client("BillingPlan").fetchByVid(vid=other["billingPlan"]["VID"]).billingPlan
    assert shop.text(shop.update(client, other, expecting=400)) == (
        f"{said} {other_plan.merchantBillingPlanId}"
    )


def test_only_new_subscriptions_get_an_offer_for_them(client: Client) -> None:
    spring = campaigns.promotion(client, restrictToNewSubscription=True)
    code = spring.promotionCode
    said = f'Campaign "{spring.campaignId}" is restricted to new subscriptions'
    bill = shop.subscribe(client).autobill
    assert shop.text(shop.update(client, shop.reference(bill), expecting=400, campaignCode=code)) == said
    assert shop.text(sales.sell(client, sales.order(), expecting=400, campaignCode=code)) == said
    assert billed(client, ordered(client, code).autobill) == [D("5.00")]


def test_a_promotion_is_for_a_subscription_once_and_a_coupon_each_time_it_is_given(
    client: Client, sandbox: Sandbox
) -> None:
    alias = shop.new_id("ALIAS")
    spring = campaigns.promotion(client, cycles=1, promotionCodeAliases=[alias])
    coupons, (code,) = campaigns.coupons(client, cycles=1, maxRedemptions=5)
    bill = ordered(client, spring.promotionCode).autobill
    again = shop.update(client, shop.reference(bill), expecting=400, campaignCode=alias)
    assert shop.text(again) == f'Campaign "{spring.campaignId}" was already applied to this AutoBill'

    add(client, bill, code)
    taken = add(client, bill, code, expecting=400)
    assert shop.text(taken) == "Unable to add campaign: Item already has a campaign"
    sandbox.advance(31)
    add(client, bill, code)
    sandbox.advance(60)

    assert billed(client, bill) == [D("5.00"), D("5.00"), D("5.00"), D("10.00")]
    assert len(campaigns.codes(client, coupons)[0].redeemedBy) == 2


def test_discounts_run_on_when_their_campaign_is_cancelled(client: Client, sandbox: Sandbox) -> None:
    spring = campaigns.promotion(client, cycles=3)
    bill = ordered(client, spring.promotionCode).autobill
    client("Campaign").cancelCampaign(campaign=shop.reference(spring))
    refused = ordered(client, spring.promotionCode, expecting=400)
    assert shop.text(refused) == f'Campaign "{spring.campaignId}" is not active'
    sandbox.advance(92)
    assert billed(client, bill) == [D("5.00")] * 3 + [D("10.00")]


def test_codes_reach_running_items_by_product_or_one_by_one(client: Client, sandbox: Sandbox) -> None:
    first, second = shop.product(client), shop.product(client, "20.00")
    plan = shop.plan(client, shop.month("4.00"))
    items = [{"index": place, "product": shop.reference(one)} for place, one in enumerate((first, second))]
    bill = shop.subscribe(client, items=items, billingPlan=shop.reference(plan)).autobill
    one, other, third = (campaigns.promotion(client, **campaigns.flat("1")) for _ in range(3))
    item = {"VID": bill["items"][1].VID}

    tried = add(client, bill, one.promotionCode, product=shop.reference(first), dryrun=True).autobill
    assert (tried.status, tried.nextBilling.amount) == ("Dryrun", D("33.00"))
    assert shop.fetched(client, bill).nextBilling.amount == D("34.00")
    add(client, bill, one.promotionCode, product=shop.reference(first))
    add(client, bill, other.promotionCode, item=item)
    changed = add(client, bill, third.promotionCode, item=item, applyToBillingPlan=True, expecting=400)
    assert shop.text(changed) == "Unable to add campaign: Item already has a campaign"
    of_plan = campaigns.promotion(client, eligibleBillingPlans=[shop.reference(plan)])
    changed = add(client, bill, of_plan.promotionCode, applyToBillingPlan=True).autobill
    both = {"product": shop.reference(first), "item": item}
    said = "Unable to add campaign: Specify either product or item, not both"
    assert shop.text(add(client, bill, third.promotionCode, expecting=400, **both)) == said

    assert [entry.campaignId for entry in changed["items"]] == [one.campaignId, other.campaignId]
    assert changed.billingPlanCampaignId == of_plan.campaignId
    assert changed.nextBilling.timestamp.date() == date(2024, 2, 15)
    sandbox.advance(31)
    assert billed(client, bill) == [D("34.00"), D("30.00")]


def test_a_charge_with_a_code_is_reduced_once(client: Client, sandbox: Sandbox) -> None:
    product = shop.product(client, "8.00")
    coupons, (code,) = campaigns.coupons(client, eligibleProducts=[shop.reference(product)])
    bill = shop.subscribe(client).autobill
    charge = {"description": "Poster", "campaignCode": code}
    without = client("AutoBill").expecting(400).addCharge(
        autobill=shop.reference(bill), amount="1", currency="USD", taxClassification="OtherTaxable",
        dryrun=False, **charge,
    )  # fmt: skip
    assert "A SKU is required to use a campaign code" in shop.text(without)
    client("AutoBill").addCharge(
        autobill=shop.reference(bill), sku=product.merchantProductId, dryrun=False, **charge
    )
    assert campaigns.codes(client, coupons)[0].state == "Redeemed"
    sandbox.advance(62)
    assert billed(client, bill) == [D("10.00"), D("14.00"), D("10.00")]


def test_tax_is_on_what_is_left_and_credit_pays_after_it(client: Client, sandbox: Sandbox) -> None:
    sandbox.tax({"country": "US", "rate": "0.1", "name": "Sales Tax"})
    spring = campaigns.promotion(client, percentageDiscount="25")
    account = shop.account(client, shippingAddress=shop.address())
    client("Account").grantCredit(
        account=shop.reference(account),
        credit={"currencyAmounts": [{"amount": "1.00", "currency": "USD"}]},
    )
    bill = ordered(client, spring.promotionCode, account=shop.reference(account)).autobill
    made = shop.transactions(client, bill)[0]
    line = next(one for one in made.transactionItems if one.price == D("10.00"))
    assert (line.discount, line.total, made.amount) == (D("-2.50"), D("8.25"), D("7.25"))


def test_the_whole_price_off_is_a_transaction_of_nothing(client: Client, sandbox: Sandbox) -> None:
    spring = campaigns.promotion(client, cycles=1, **campaigns.flat("99"))
    bill = ordered(client, spring.promotionCode).autobill
    sandbox.advance(31)
    assert billed(client, bill) == [D("0.00"), D("10.00")]
    assert shop.log(shop.transactions(client, bill)[0]) == ["Captured", "New"]


def test_other_money_is_not_reduced(client: Client) -> None:
    spring = campaigns.promotion(client, **campaigns.flat("1", "EUR"))
    refused = ordered(client, spring.promotionCode, expecting=400)
    assert shop.text(refused) == f'Campaign "{spring.campaignId}" has no discount in USD'


def test_lines_of_a_sale_have_codes_of_their_own_or_that_of_the_call(client: Client) -> None:
    book = shop.product(client, "10.00", merchantProductId=shop.new_id("book"))
    of_books = campaigns.promotion(client, eligibleProducts=[shop.reference(book)])
    _, (code,) = campaigns.coupons(client, **campaigns.flat("3"))
    items = [
        sales.item(sku=book.merchantProductId, quantity="1", campaignCode=code),
        sales.item(sku=book.merchantProductId, quantity="1"),
        sales.item("Pen", "2.00", "1"),
    ]
    sold = sales.sell(
        client, sales.order(transactionItems=items), campaignCode=of_books.promotionCode
    ).transaction
    assert [line.discount for line in sold.transactionItems] == [D("-3.00"), D("-5.00"), None]
    assert [line.indexNumber for line in sold.transactionItems] == [1, 3, 5]
    assert sold.amount == D("14.00")
    items[2]["campaignCode"] = of_books.promotionCode
    refused = sales.sell(client, sales.order(transactionItems=items), expecting=400)
    assert shop.text(refused) == f'Coupon code "{code}" has no redemptions left'
    del items[0]["campaignCode"]
    refused = sales.sell(client, sales.order(transactionItems=items), expecting=400)
    assert shop.text(refused) == f'Campaign "{of_books.campaignId}" does not apply to pen'


def test_sales_tax_is_quoted_on_the_reduced_price_and_redeems_nothing(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.tax({"country": "US", "rate": "0.1", "name": "Sales Tax"})
    coupons, (code,) = campaigns.coupons(client)
    sale = {"shippingAddress": shop.address(), "transactionItems": [sales.item(campaignCode=code)]}
    quoted = client("Transaction").calculateSalesTax(transaction=sale)
    assert quoted.totalTax == D("1.00")
    assert campaigns.codes(client, coupons)[0].state == "Activated"


def test_an_item_put_in_the_place_of_another_is_not_reduced_and_one_with_a_code_is(
    client: Client, sandbox: Sandbox
) -> None:
    spring, summer = campaigns.promotion(client), campaigns.promotion(client, cycles=2)
    bill = ordered(client, spring.promotionCode).autobill
    other = shop.product(client, "20.00")

    def change(**added: Any) -> Any:
        items = shop.fetched(client, bill)["items"]
        (present,) = (item for item in items if item.removedDate is None)
        return changes.modify(client, bill, changes.replacing(present, other, **added))

    sandbox.advance(15)
    assert change().autobill.nextBilling.amount == D("20.00")
    changed = change(campaignCode=summer.promotionCode).autobill
    assert changed.nextBilling.amount == D("10.00")
    sandbox.advance(60)
    assert billed(client, bill)[-2:] == [D("10.00"), D("20.00")]


def test_an_item_that_is_sent_again_before_the_first_bill_keeps_its_discount(client: Client) -> None:
    spring = campaigns.promotion(client)
    bill = ordered(client, spring.promotionCode, startTimestamp="2024-02-01T00:00:00").autobill
    sent = [{"product": {"VID": bill["items"][0].product.VID}, "quantity": "2"}]
    changed = shop.update(client, shop.reference(bill) | {"items": sent}).autobill
    assert changed["items"][0].campaignId == spring.campaignId
    assert changed.nextBilling.amount == D("10.00")


def test_an_edit_within_a_reduced_period_stays_reduced(client: Client, sandbox: Sandbox) -> None:
    spring = campaigns.promotion(client, cycles=1)
    bill = ordered(client, spring.promotionCode).autobill
    sandbox.advance(15)
    changed = changes.modify(client, bill, changes.editing(bill["items"][0], quantity="2"))
    # 16 of 31 days: 10.00 less 50 % for two, less what is left of the 5.00 paid
    assert changed.transaction.amount == D("5.16") - D("2.58")
    assert changed.autobill.nextBilling.amount == D("20.00")


def test_a_plan_that_takes_the_place_of_another_is_reduced_by_a_code_of_its_own(
    client: Client, sandbox: Sandbox
) -> None:
    cheap, dear = (shop.plan(client, shop.month(price)) for price in ("4.00", "6.00"))
    first, second = (
        campaigns.promotion(client, eligibleBillingPlans=[shop.reference(plan)]) for plan in (cheap, dear)
    )
    order = shop.order(client, shop.card(), billingPlan=shop.reference(cheap))
    bill = shop.update(client, order | {"billingPlanCampaignCode": first.promotionCode}).autobill
    assert (bill.billingPlanCampaignId, billed(client, bill)) == (first.campaignId, [D("12.00")])

    own = {"VID": bill.VID, "billingPlanCampaignCode": second.promotionCode}
    dearer = client("AutoBill").modify(
        autobill=own,
        billProratedPeriod=False,
        effectiveDate="nextBill",
        changeBillingPlanTo=shop.reference(dear),
        autoBillItemModifications=[],
    )

    assert dearer.autobill.billingPlanCampaignId == second.campaignId
    sandbox.advance(31)
    assert billed(client, bill)[1:] == [D("13.00")]


def test_an_invoice_paid_by_hand_is_reduced(client: Client) -> None:
    spring = campaigns.promotion(client)
    order = shop.order(client, shop.invoiced())
    bill = shop.update(client, order, campaignCode=spring.promotionCode).autobill
    (number, *_) = shop.invoices(client, bill)
    assert shop.due(client, bill, number) == D("5.00")


def test_usage_is_reduced_on_the_bill_that_charges_it(client: Client, sandbox: Sandbox) -> None:
    spring = campaigns.promotion(client, cycles=1)
    order = usage.order(client, usage.plan(client))
    bill = shop.update(client, order, campaignCode=spring.promotionCode).autobill
    usage.record(client, bill, "5")
    sandbox.advance(31)
    usage.record(client, bill, "5")
    sandbox.advance(31)
    assert billed(client, bill) == [D("0.00"), D("5.00"), D("10.00")]


def test_a_hosted_order_brings_its_code_as_a_parameter_of_the_merchant(
    client: Client, server: Server
) -> None:
    spring = campaigns.promotion(client)
    session = hosted.initialize(
        client,
        "Transaction_AuthCapture",
        hosted.sale(),
        {"Transaction_AuthCapture_campaignCode": spring.promotionCode},
    )
    hosted.post(server, session, hosted.CARD)
    done = hosted.finalize(client, session)
    assert done.apiReturnValues.transactionAuthCapture.transaction.amount == D("9.99")


def test_an_invoice_explains_what_was_taken_off(client: Client, server: Server, merchant: Login) -> None:
    spring = campaigns.promotion(client, description="Spring")
    bill = ordered(client, spring.promotionCode).autobill
    (number, *_) = shop.invoices(client, bill)
    told = server.command("explain", "invoice", number, "--merchant", merchant.login, "--json")
    (explained,) = json.loads(told.stdout)
    reasons = [reason for line in explained["lines"] for reason in line["reasons"]]
    (why,) = [reason for reason in reasons if reason["rule"] == "discount"]
    assert why["facts"] == {"discount": "-5.00", "campaign": spring.campaignId}
    assert why["text"] == "Spring takes 5.00 off before tax."


def test_redemptions_go_over_with_their_account(client: Client) -> None:
    coupons, (code,) = campaigns.coupons(client)
    buyer, heir = shop.account(client), shop.account(client)
    sales.sell(client, sales.order(buyer), campaignCode=code)
    client("Account").transfer(targetAccount=shop.reference(heir), sourceAccount=shop.reference(buyer))
    (used,) = campaigns.codes(client, coupons)
    assert [one.accountVID for one in used.redeemedBy] == [heir.VID]


def test_of_many_promotions_at_once_a_subscription_gets_each_once(client: Client) -> None:
    spring = campaigns.promotion(client, eligibleProducts=[shop.reference(shop.product(client))])
    product = {"VID": spring.eligibleProducts[0].VID}
    bill = shop.subscribe(client, items=[{"index": 0, "product": product}]).autobill

    def once(_: int) -> int:
        code: int = add(client, bill, spring.promotionCode, expecting=None)["return"].returnCode
        return code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(once, range(8))) == [200] + [400] * 7


def test_free_time_waits_for_a_customer_who_has_to_agree(
    client: Client, server: Server, sandbox: Sandbox
) -> None:
    spring = campaigns.promotion(client, **campaigns.free(1, "Month"))
    order = shop.order(client, sales.paypal_page())
    bill = shop.update(client, order, campaignCode=spring.promotionCode).autobill
    assert shop.standing(bill) == ("Pending Activation", "Unbilled")
    sandbox.advance(1)
    (waiting,) = shop.transactions(client, bill)

    customers.decide(server, waiting, "agree")
    client("AutoBill").finalizePayPalAuth(payPalTransactionId=waiting.VID, success=True)

    begun = shop.fetched(client, bill)
    assert shop.standing(begun) == ("Active", "Good Standing")
    assert begun.nextBilling.timestamp.date() == date(2024, 2, 15)
    sandbox.advance(31)
    assert billed(client, bill)[1:] == [D("10.00")]
