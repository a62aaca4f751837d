"""Rules of billing that are easily got wrong, each proven by a subscription that depends on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.services import campaigns, changes, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

D = Decimal
Rights = Callable[[Any], list[Any]]

WEEKLY = {"type": "Week", "quantity": 1, "cycles": 0}
SOFT = {"operation": "authorize", "authCode": "302"}


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Any:
    sandbox.set_clock("2024-01-01T10:00:00")
    yield
    books_are_right()


def until(sandbox: Sandbox, day: str) -> list[dict[str, Any]]:
    return sandbox.advance((date.fromisoformat(day) - date.fromisoformat(sandbox.now()[:10])).days)


def attempts(client: Client, bill: Any) -> list[tuple[str, int, int, str]]:
    """Day, cycle, number and outcome of each recurring attempt, oldest first."""
    made = (one for one in shop.transactions(client, bill) if one.autoBillCycle is not None)
    return [
        (one.timestamp.date().isoformat()[5:], one.autoBillCycle, one.retryNumber, shop.log(one)[0])
        for one in made
    ]


def ends(rights: list[Any], name: str) -> list[str | None]:
    found = [one for one in rights if one.id == name]
    return [one.end.date().isoformat() if one.end is not None else None for one in found]


def test_cycles_that_fell_due_in_the_meantime_are_collected_once_the_first_is_paid(
    client: Client, sandbox: Sandbox
) -> None:
    """billing-engine §9.2: no later cycle is attempted before; then all, oldest first, one transaction each."""
    plan = shop.plan(client, WEEKLY)
    bill = shop.subscribe(client, billingPlan=shop.reference(plan)).autobill
    sandbox.bill()
    sandbox.script(SOFT, SOFT, SOFT)
    until(sandbox, "2024-01-16")
    assert attempts(client, bill)[1:] == [
        ("01-08", 1, 0, "Cancelled"), ("01-11", 1, 1, "Cancelled"), ("01-15", 1, 2, "Cancelled"),
    ]  # fmt: skip
    assert list(shop.states(client, bill).values()) == ["Paid", "Overdue", "Due", "Open"]
    shop.pay(client, bill, "10.00", invoiceId=shop.invoices(client, bill)[1])
    until(sandbox, "2024-01-17")
    assert attempts(client, bill)[4:] == [("01-16", 2, 0, "Captured")]
    assert shop.standing(shop.fetched(client, bill)) == ("Active", "Good Standing")
    until(sandbox, "2024-01-22")
    assert attempts(client, bill)[5:] == [("01-22", 3, 0, "Captured")]


def test_cycles_that_wait_are_tried_too_when_money_comes_in_the_days_of_grace(
    client: Client, sandbox: Sandbox
) -> None:
    plan = shop.plan(client, WEEKLY)
    bill = shop.subscribe(client, billingPlan=shop.reference(plan)).autobill
    sandbox.bill()
    sandbox.script(SOFT, SOFT, SOFT, SOFT)
    until(sandbox, "2024-01-24")
    assert shop.standing(shop.fetched(client, bill)) == ("Active", "Grace Period")
    shop.pay(client, bill, "10.00")
    until(sandbox, "2024-01-25")
    assert attempts(client, bill)[5:] == [("01-24", 2, 0, "Captured"), ("01-24", 3, 0, "Captured")]
    assert shop.standing(shop.fetched(client, bill)) == ("Active", "Good Standing")


def test_rights_of_a_fixed_length_count_from_the_first_billing_of_each_pass(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    """billing-engine §10.6: six months for two instalments, once a year."""
    plan = shop.plan(
        client,
        shop.month("30.00", cycles=2),
        timesToRun="2",
        repeatEvery="1 year",
        entitlementsValidFor="6 months",
        merchantEntitlementIds=[{"id": "play"}],
    )
    bill = shop.subscribe(client, billingPlan=shop.reference(plan)).autobill
    assert ends(entitlements(bill), "play") == ["2024-06-30"]
    until(sandbox, "2024-08-01")
    assert ends(entitlements(bill), "play") == ["2024-06-30"]
    until(sandbox, "2025-01-02")
    assert ends(entitlements(bill), "play") == ["2024-06-30", "2025-06-30"]
    until(sandbox, "2025-07-02")
    assert shop.standing(shop.fetched(client, bill)) == ("Expired", "Billing Completed")


def test_credit_of_a_product_is_granted_by_billings_that_were_paid_and_once_where_it_is_sold_once(
    client: Client, sandbox: Sandbox
) -> None:
    """billing-engine §8: at each successful billing of an item with it."""
    gives: dict[str, Any] = {"creditGranted": {"currencyAmounts": [{"amount": "1.00", "currency": "USD"}]}}
    bill = shop.subscribe(
        client,
        items=[
            {"product": shop.reference(shop.product(client, "10.00", **gives))},
            {"product": shop.reference(shop.product(client, "5.00", **gives)), "cycles": 1},
        ],
    ).autobill
    assert shop.credit(bill) == [(D("1.00"), "USD"), (D("1.00"), "USD")]
    sandbox.bill()
    sandbox.script(SOFT)
    until(sandbox, "2024-02-01")
    assert shop.credit(shop.fetched(client, bill)) == [(D("1.00"), "USD"), (D("1.00"), "USD")]
    until(sandbox, "2024-02-04")
    assert shop.transactions(client, bill)[-1].amount == 8
    assert shop.credit(shop.fetched(client, bill)) == [(D("1.00"), "USD")]


def test_a_renewal_paid_ahead_serves_its_own_period_after_a_cancellation(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    """billing-engine §1, §10.5: attempted days before, service dates stay; the last paid period counts."""
    sandbox.settings(billingLeadDays=5)
    plan = shop.plan(client, merchantEntitlementIds=[{"id": "play"}])
    bill = shop.subscribe(client, billingPlan=shop.reference(plan)).autobill
    until(sandbox, "2024-01-28")
    renewal = shop.transactions(client, bill)[-1]
    assert (renewal.timestamp.date().isoformat(), renewal.originalActivityDate.date().isoformat()) == (
        "2024-01-27", "2024-02-01",
    )  # fmt: skip
    gone = client("AutoBill").cancel(autobill=shop.reference(bill), disentitle=False, force=True).autobill
    assert gone.endTimestamp.isoformat() == "2024-02-29T23:59:59-08:00"
    assert ends(entitlements(bill), "play") == ["2024-02-29"]


def test_a_bill_of_nothing_writes_a_transaction_for_a_customer_who_pays_by_hand_too(
    client: Client, sandbox: Sandbox
) -> None:
    """billing-engine §4.4: whatever makes it zero, and a campaign makes no trial of it (autobill §3.2)."""
    gift = campaigns.promotion(client, percentageDiscount="100", cycles=1)
    order = shop.order(client, shop.invoiced())
    bill = shop.update(client, order, campaignCode=gift.promotionCode).autobill
    assert shop.standing(bill) == ("Active", "Good Standing")
    (made,) = shop.transactions(client, bill)
    assert (made.amount, shop.log(made), made.paymentProcessor) == (0, ["Captured", "New"], "Vindicia")
    assert list(shop.states(client, bill).values()) == ["Paid", "Open"]


def test_an_item_that_starts_between_two_billings_is_billed_with_the_first_after_it_and_as_often_as_it_says(
    client: Client, sandbox: Sandbox
) -> None:
    """billing-engine §4.2: full price, and removed the day after its last service period."""
    extra = shop.product(client, "7.00")
    bill = shop.subscribe(
        client,
        items=[
            {"product": shop.reference(shop.product(client, "10.00"))},
            {"product": shop.reference(extra), "startDate": "2024-01-20", "cycles": 2},
        ],
    ).autobill
    until(sandbox, "2024-04-02")
    assert [one.amount for one in shop.transactions(client, bill)] == [10, 17, 17, 10]
    item = shop.fetched(client, bill)["items"][1]
    assert (item.cyclesRemaining, item.removedDate.date().isoformat()) == (0, "2024-04-01")


def test_a_cancelled_customer_who_is_disentitled_after_all_gets_the_unused_days_back(
    client: Client, sandbox: Sandbox
) -> None:
    """autobill §6.5: repeating cancel on Pending Cancel; settled by the day, today counts as used."""
    bill = shop.subscribe(client, items=[{"product": shop.reference(shop.product(client, "31.00"))}]).autobill
    until(sandbox, "2024-01-10")
    named = shop.reference(bill)
    client("AutoBill").cancel(autobill=named, disentitle=False, force=True)
    until(sandbox, "2024-01-20")
    done = client("AutoBill").cancel(autobill=named, disentitle=True, force=True, settle=True)
    assert [one.amount for one in done.refunds] == [D("11.00")]
    assert shop.standing(done.autobill) == ("Cancelled", "Billing Completed")


def test_a_bill_in_arrears_is_retried_and_served_after_the_day_it_was_asked_for(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    """billing-engine §3.2, §9.2: billed four weeks after the service date, it still has its retries and its grace."""
    plan = shop.plan(client, merchantEntitlementIds=[{"id": "play"}])
    bill = shop.subscribe(
        client, billingPlan=shop.reference(plan), specifiedBillingDay=28, billingRule="Arrears"
    ).autobill
    until(sandbox, "2024-01-29")
    sandbox.script(SOFT, SOFT)
    until(sandbox, "2024-02-29")
    assert attempts(client, bill)[-1][:3] == ("02-28", 1, 0)
    assert shop.standing(shop.fetched(client, bill)) == ("Active", "In Retry")
    assert ends(entitlements(bill), "play") == ["2024-03-19"]
    until(sandbox, "2024-03-07")
    assert attempts(client, bill)[-2:] == [("03-02", 1, 1, "Cancelled"), ("03-06", 1, 2, "Captured")]
    assert ends(entitlements(bill), "play") == [None]


def test_the_end_of_a_trial_is_warned_of(client: Client, sandbox: Sandbox) -> None:
    """billing-engine §11: expireWarningDays before the end of a trial, only with warnOnExpiration."""
    plan = shop.plan(client, shop.month(cycles=1, free=True, expireWarningDays=4), shop.month("9.00"))
    shop.subscribe(client, billingPlan=shop.reference(plan), warnOnExpiration=True)
    warned = [
        step["on"] for step in until(sandbox, "2024-03-05") if step.get("notice") == "expirationWarning"
    ]
    assert warned == ["2024-01-27"]


def test_each_attempt_asks_for_the_balance_less_the_credit_of_its_day(
    client: Client, sandbox: Sandbox
) -> None:
    """billing-engine §8, §9.2: credit that comes between two attempts lowers the next, or pays all of it."""
    bill = shop.subscribe(client).autobill
    sandbox.bill()
    sandbox.script(SOFT, SOFT)
    until(sandbox, "2024-02-02")

    def grant(amount: str) -> None:
        credit = {"currencyAmounts": [{"amount": amount, "currency": "USD"}]}
        client("AutoBill").grantCredit(autobill=shop.reference(bill), credit=credit)

    grant("4.00")
    assert shop.fetched(client, bill).nextBilling.amount == 6
    until(sandbox, "2024-02-05")
    assert shop.transactions(client, bill)[-1].amount == 6
    assert shop.credit(shop.fetched(client, bill)) == [(D("4.00"), "USD")]
    grant("7.00")
    until(sandbox, "2024-02-09")
    last = shop.transactions(client, bill)[-1]
    assert (last.amount, shop.log(last)[0], last.autoBillCycle) == (0, "Captured", 1)
    assert shop.standing(shop.fetched(client, bill)) == ("Active", "Good Standing")
    assert shop.credit(shop.fetched(client, bill)) == [(D("1.00"), "USD")]


def test_a_bill_that_is_asked_for_ahead_is_announced_before_that(client: Client, sandbox: Sandbox) -> None:
    """billing-engine §11: prenotifyDays before a billing, which may lie before the service date (§3.2)."""
    sandbox.settings(billingLeadDays=5)
    account = shop.account(client, warnBeforeAutobilling=True)
    plan = shop.plan(client, prenotifyDays=3)
    shop.subscribe(client, account=shop.reference(account), billingPlan=shop.reference(plan))
    told = [(step["on"], step["notice"]) for step in until(sandbox, "2024-02-01") if step["what"] == "notice"]
    assert told == [("2024-01-24", "preBilling"), ("2024-01-27", "success")]


def test_a_right_lasts_as_long_as_one_of_two_items_gives_it(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    """billing-engine §10.10."""
    product = shop.product(client, "10.00", merchantEntitlementIds=[{"id": "play"}])
    bill = changes.subscribed(client, product, product)
    sandbox.advance(9)
    one = changes.modify(client, bill, changes.removing(bill["items"][0]))
    assert ends(entitlements(bill), "play") == [None]
    changes.modify(
        client, bill, changes.removing(one.autobill["items"][1]), changes.adding(shop.product(client))
    )
    assert ends(entitlements(bill), "play") == ["2024-01-10"]


def test_an_item_added_for_a_later_day_costs_nothing_now(client: Client, sandbox: Sandbox) -> None:
    """autobill §1.1: first billed with the first billing on or after its day, at full price."""
    bill = changes.subscribed(client, shop.product(client, "10.00"))
    sandbox.advance(9)
    later = changes.adding(shop.product(client, "7.00"), startDate="2024-02-20")
    done = changes.modify(client, bill, later)
    assert done.transaction.amount == 0
    until(sandbox, "2024-03-02")
    assert [one.amount for one in shop.transactions(client, bill)] == [10, 0, 10, 17]


def test_a_discount_to_a_day_counts_by_the_day_of_the_billing_not_of_the_service(
    client: Client, sandbox: Sandbox
) -> None:
    """campaign §4.4: each billing whose scheduled date is not after it."""
    sandbox.settings(billingLeadDays=5)
    half = campaigns.promotion(client, expirationDate="2024-01-30T00:00:00-08:00")
    bill = shop.update(client, shop.order(client, shop.card()), campaignCode=half.promotionCode).autobill
    until(sandbox, "2024-03-01")
    assert [one.amount for one in shop.transactions(client, bill)] == [5, 5, 10]


def test_more_money_than_a_coming_bill_becomes_credit_on_its_day(client: Client, sandbox: Sandbox) -> None:
    """billing-engine §6, §7: an invoice stays Open though it is paid; what exceeds it is known when it is billed."""
    bill = shop.subscribe(client).autobill
    coming = shop.invoices(client, bill)[1]
    shop.pay(client, bill, "10.00", invoiceId=coming)
    assert shop.states(client, bill)[coming] == "Open"
    cheaper = {"VID": bill["items"][0].product.VID, "prices": [{"amount": "7.00", "currency": "USD"}]}
    client("Product").update(product=cheaper)
    until(sandbox, "2024-02-01")
    assert shop.states(client, bill)[coming] == "Paid"
    assert shop.credit(shop.fetched(client, bill)) == [(D("3.00"), "USD")]
    assert shop.fetched(client, bill).nextBilling.amount == 4


def test_another_plan_by_update_waits_for_the_next_bill_and_counts_anew(
    client: Client, sandbox: Sandbox
) -> None:
    """autobill §6.1, billing-engine §2.5: autoBillCycle goes on, billingPlanCycle begins at 0."""
    bill = shop.subscribe(client).autobill
    until(sandbox, "2024-02-10")
    dear = shop.plan(client, shop.month("5.00", cycles=2), timesToRun="1")
    shop.update(client, shop.reference(bill) | {"billingPlan": shop.reference(dear)})
    until(sandbox, "2024-05-03")
    made = shop.transactions(client, bill)
    assert [(one.amount, one.autoBillCycle, one.billingPlanCycle) for one in made] == [
        (10, 0, 0), (10, 1, 1), (15, 2, 0), (15, 3, 1),
    ]  # fmt: skip
    assert shop.standing(shop.fetched(client, bill)) == ("Expired", "Billing Completed")
