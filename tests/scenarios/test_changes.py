"""Customers change their minds: upgrades, downgrades, things bought and given back in the middle of a month."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.services import changes, shop
from tests.services.conftest import Right
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

Check = Callable[[], None]
D = Decimal


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check) -> Any:
    yield
    books_are_right()


def _silver(client: Client, price: str = "30.00", **fields: Any) -> Any:
    return shop.product(client, price, merchantEntitlementIds=[{"id": "silver"}], **fields)


def _gold(client: Client, price: str = "60.00", **fields: Any) -> Any:
    return shop.product(client, price, merchantEntitlementIds=[{"id": "gold"}], **fields)


def _states(client: Client, autobill: Any) -> list[str]:
    return list(shop.states(client, autobill).values())


def _next(client: Client, autobill: Any) -> tuple[str, Decimal]:
    coming = shop.fetched(client, autobill).nextBilling
    return coming.timestamp.date().isoformat(), coming.amount


def _amounts(client: Client, autobill: Any) -> list[Decimal]:
    return [one.amount for one in shop.transactions(client, autobill)]


def _rights(rights: list[Right]) -> list[tuple[str, bool]]:
    """The ids, and whether they end."""
    return sorted((one.id, one.end is not None) for one in rights)


def test_an_upgrade_in_mid_cycle_is_charged_by_the_day(
    client: Client, sandbox: Sandbox, entitlements: Callable[[Any], list[Right]]
) -> None:
    """30.00 for 1–30 April is replaced on the 16th by 60.00: 15 of 30 days (autobill §6.35)."""
    sandbox.set_clock("2024-04-01T10:00:00")
    silver, gold = _silver(client), _gold(client)
    bill = changes.subscribed(client, silver)
    renewal = shop.transactions(client, bill)[0]
    sandbox.advance(15)
    done = changes.modify(client, bill, changes.replacing(bill["items"][0], gold))
    charged = done.transaction
    assert changes.lines(charged) == [
        ("ModificationRefund", silver.merchantProductId, D("-15.00")),
        ("Purchase", gold.merchantProductId, D("30.00")),
    ]
    assert (charged.amount, shop.log(charged)) == (D("15.00"), ["Authorized", "New"])
    assert list(charged.transactionItems[0].relatedTransactions) == [renewal.merchantTransactionId]
    assert shop.names(charged)["vin:type"] == "modify"
    assert (charged.autoBillCycle, charged.billingPlanCycle, charged.retryNumber) == (None, 0, None)
    assert [one.servicePeriodStartDate.date().day for one in charged.transactionItems] == [16, 16, 16]
    old, new = done.autobill["items"]
    assert old.removedDate.isoformat() == "2024-04-16T00:00:00-07:00"
    assert old.transitionedToAutoBillItemVid == new.VID
    assert (new.index, new.transitionedFromAutoBillItemVid) == (1, old.VID)
    assert _states(client, bill) == ["Paid", "Closed", "Paid", "Open"]
    assert _next(client, bill) == ("2024-05-01", D("60.00"))
    assert _rights(entitlements(bill)) == [("gold", False), ("silver", True)]
    sandbox.advance(15)
    assert _amounts(client, bill) == [D("30.00"), D("15.00"), D("60.00")]
    assert shop.transactions(client, bill)[-1].autoBillCycle == 1


def test_a_downgrade_at_the_next_bill_costs_nothing_and_keeps_what_is_paid(
    client: Client, sandbox: Sandbox, entitlements: Callable[[Any], list[Right]]
) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    silver, gold = _silver(client), _gold(client)
    bill = changes.subscribed(client, gold)
    sandbox.advance(10)
    done = changes.modify(
        client, bill, changes.replacing(bill["items"][0], silver), effective="nextBill", prorated=False
    )
    assert (done.transaction, list(done.refunds)) == (None, [])
    assert done.autobill["items"][0].removedDate.isoformat() == "2024-05-01T00:00:00-07:00"
    assert _next(client, bill) == ("2024-05-01", D("30.00"))
    assert _states(client, bill) == ["Paid", "Open"]
    assert [one.id for one in entitlements(bill)] == ["gold"]
    sandbox.advance(20)
    assert _amounts(client, bill) == [D("60.00"), D("30.00")]
    assert _rights(entitlements(bill)) == [("gold", True), ("silver", False)]


def test_a_downgrade_today_pays_back_to_the_card(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    silver, gold = _silver(client), _gold(client)
    bill = changes.subscribed(client, gold)
    sandbox.advance(15)
    done = changes.modify(client, bill, changes.replacing(bill["items"][0], silver))
    assert (done.transaction.amount, shop.log(done.transaction)) == (0, ["Captured", "New"])
    assert changes.lines(done.transaction) == [
        ("ModificationRefund", gold.merchantProductId, D("-30.00")),
        ("Purchase", silver.merchantProductId, D("15.00")),
    ]
    refund = done.refunds[0]
    assert (refund.amount, refund.refundDistributionStrategy, refund.status) == (
        D("15.00"),
        "None",
        "Processing",
    )
    assert refund.transaction.amount == D("60.00")
    assert _states(client, bill) == ["Paid", "Closed", "Open"]
    sandbox.advance(1)
    assert client("Refund").fetchByVid(vid=refund.VID).refund.status == "Complete"
    sandbox.advance(14)
    assert _amounts(client, bill) == [D("60.00"), 0, D("30.00")]


def test_an_item_added_and_removed_on_the_same_day_costs_nothing(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    bill = changes.subscribed(client, _silver(client))
    sandbox.advance(10)
    added = changes.modify(client, bill, changes.adding(_gold(client, "9.99")))
    assert added.transaction.amount == D("6.66")
    removed = changes.modify(client, bill, changes.removing(added.autobill["items"][1]))
    assert [one.amount for one in removed.refunds] == [D("6.66")]
    assert removed.refunds[0].transaction.merchantTransactionId == added.transaction.merchantTransactionId
    assert _next(client, bill) == ("2024-05-01", D("30.00"))
    assert _states(client, bill) == ["Paid", "Closed", "Paid", "Closed", "Open"]


def test_what_a_change_charged_is_given_back_by_a_later_one(client: Client, sandbox: Sandbox) -> None:
    """Bought for the last 20 days, dropped when 5 of them are left: a quarter of what was paid."""
    sandbox.set_clock("2024-04-01T10:00:00")
    bill = changes.subscribed(client, _silver(client))
    sandbox.advance(10)
    added = changes.modify(client, bill, changes.adding(_gold(client)))
    assert added.transaction.amount == D("40.00")
    sandbox.advance(15)
    removed = changes.modify(client, bill, changes.removing(added.autobill["items"][1]))
    assert [one.amount for one in removed.refunds] == [D("10.00")]


def test_another_plan_from_today_charges_its_first_cycle_and_counts_from_today(
    client: Client, sandbox: Sandbox, entitlements: Callable[[Any], list[Right]]
) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    monthly = shop.plan(client, shop.month("9.00"), merchantEntitlementIds=[{"id": "monthly"}])
    yearly = shop.plan(client, shop.month("90.00", type="Year"), merchantEntitlementIds=[{"id": "yearly"}])
    silver = _silver(client, "3.00")
    bill = changes.subscribed(client, silver, billingPlan=shop.reference(monthly))
    sandbox.advance(20)
    done = changes.modify(client, bill, plan=yearly)
    assert changes.lines(done.transaction) == [
        ("ModificationRefund", monthly.merchantBillingPlanId, D("-3.00")),
        ("ModificationRefund", silver.merchantProductId, D("-1.00")),
        ("Purchase", yearly.merchantBillingPlanId, D("90.00")),
        ("Purchase", silver.merchantProductId, D("3.00")),
    ]
    assert done.transaction.amount == D("89.00")
    assert done.transaction.billingPlanCycle == 0
    assert _next(client, bill) == ("2025-04-21", D("93.00"))
    assert done.autobill.endTimestamp.isoformat() == "2025-04-20T23:59:59-07:00"
    assert _rights(entitlements(bill)) == [("monthly", True), ("silver", False), ("yearly", False)]
    assert _states(client, bill) == ["Paid", "Closed", "Paid", "Open"]
    sandbox.advance(365)
    last = shop.transactions(client, bill)[-1]
    assert (last.amount, last.autoBillCycle, last.billingPlanCycle) == (D("93.00"), 2, 1)


def test_a_plan_changed_on_the_last_day_of_its_period_charges_a_full_new_cycle(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    old, new = shop.plan(client, shop.month("30.00")), shop.plan(client, shop.month("45.00"))
    bill = shop.subscribe(
        client,
        billingPlan=shop.reference(old),
        items=[{"product": shop.reference(shop.product(client, "0"))}],
    ).autobill
    sandbox.advance(29)
    done = changes.modify(client, bill, plan=new)
    assert done.transaction.amount == D("44.00")
    assert _next(client, bill) == ("2024-05-30", D("45.00"))


def test_from_a_year_to_a_month_the_rest_of_the_year_is_paid_back(client: Client, sandbox: Sandbox) -> None:
    """366.00 for a leap year, 31 days used: 335.00 are left, of which 10.00 pay the first month."""
    sandbox.set_clock("2024-01-01T10:00:00")
    yearly, monthly = (
        shop.plan(client, shop.month("366.00", type="Year")),
        shop.plan(client, shop.month("10.00")),
    )
    free = shop.product(client, None)
    bill = changes.subscribed(client, free, billingPlan=shop.reference(yearly))
    sandbox.advance(31)
    done = changes.modify(client, bill, plan=monthly)
    assert [one.amount for one in done.refunds] == [D("325.00")]
    assert done.transaction.amount == 0
    assert _states(client, bill) == ["Paid", "Closed", "Paid", "Open"]
    number = shop.invoices(client, bill)[2]
    assert shop.due(client, bill, number) == 0
    assert "Unused service" in shop.invoice_text(client, bill, number)
    assert _next(client, bill) == ("2024-03-01", D("10.00"))
    sandbox.advance(29)
    assert _amounts(client, bill) == [D("366.00"), 0, D("10.00")]


def test_another_plan_at_the_next_bill_waits_for_its_day(
    client: Client, sandbox: Sandbox, entitlements: Callable[[Any], list[Right]]
) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    old = shop.plan(client, shop.month("30.00"), merchantEntitlementIds=[{"id": "old"}])
    new = shop.plan(client, shop.month("45.00", type="Year"), merchantEntitlementIds=[{"id": "new"}])
    bill = changes.subscribed(client, shop.product(client, None), billingPlan=shop.reference(old))
    sandbox.advance(9)
    done = changes.modify(client, bill, plan=new, effective="NEXTBILL")
    assert done.transaction is None
    assert _next(client, bill) == ("2024-05-01", D("45.00"))
    assert [one.id for one in entitlements(bill)] == ["old"]
    sandbox.advance(21)
    assert _amounts(client, bill) == [D("30.00"), D("45.00")]
    assert _rights(entitlements(bill)) == [("new", False), ("old", True)]
    assert _next(client, bill) == ("2025-05-01", D("45.00"))


def test_a_declined_change_leaves_everything_as_it_was(
    client: Client, sandbox: Sandbox, entitlements: Callable[[Any], list[Right]]
) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    bill = changes.subscribed(client, _silver(client))
    sandbox.advance(15)
    before = shop.fetched(client, bill)
    sandbox.script({"authCode": "302"})
    refused = changes.modify(client, bill, changes.replacing(bill["items"][0], _gold(client)), expecting=402)
    assert shop.text(refused) == "Unable to authorize payment method: 302"
    assert shop.fetched(client, bill) == before
    assert (_states(client, bill), _amounts(client, bill)) == (["Paid", "Open"], [D("30.00")])
    assert [one.id for one in entitlements(bill)] == ["silver"]


def test_an_answer_that_is_lost_changes_nothing_and_charges_nobody(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    bill = changes.subscribed(client, _silver(client))
    sandbox.advance(15)
    sandbox.script({"timeOut": "answer"})
    changes.modify(client, bill, changes.adding(_gold(client)), expecting=402)
    assert (_states(client, bill), _amounts(client, bill)) == (["Paid", "Open"], [D("30.00")])


def test_a_change_is_taxed_by_the_line(client: Client, sandbox: Sandbox) -> None:
    """10 %: the old item's tax comes back in proportion, the new one is taxed anew; each is rounded by itself."""
    sandbox.tax({"country": "US", "rate": "0.10", "name": "TAX"})
    sandbox.set_clock("2024-04-01T10:00:00")
    customer = shop.account(client, shippingAddress=shop.address())
    bill = changes.subscribed(client, _silver(client, "9.99"), account=shop.reference(customer))
    sandbox.advance(15)
    done = changes.modify(client, bill, changes.replacing(bill["items"][0], _gold(client, "19.99")))
    credit, debit, tax = done.transaction.transactionItems
    assert (credit.subtotal, credit.total) == (D("-5.00"), D("-5.50"))
    assert (debit.subtotal, debit.total) == (D("10.00"), D("11.00"))
    assert (tax.sku, tax.total) == ("Total Tax", D("0.50"))
    assert done.transaction.amount == D("5.50")


def test_what_was_paid_ahead_moves_to_the_new_open_invoice(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    bill = changes.subscribed(client, _silver(client))
    shop.pay(client, bill, "12.00", invoiceId=shop.invoices(client, bill)[1])
    sandbox.advance(15)
    changes.modify(client, bill, changes.adding(_gold(client, "6.00")))
    assert _states(client, bill) == ["Paid", "Closed", "Paid", "Open"]
    assert _next(client, bill) == ("2024-05-01", D("24.00"))
    sandbox.advance(15)
    assert _amounts(client, bill) == [D("30.00"), D("12.00"), D("3.00"), D("24.00")]


def test_what_a_cheque_paid_comes_back_as_credit_of_the_autobill(client: Client, sandbox: Sandbox) -> None:
    """The month was paid by cheque, which nobody can refund: the next bill is the smaller for it."""
    sandbox.set_clock("2024-04-01T10:00:00")
    bill = changes.subscribed(client, _gold(client))
    shop.pay(client, bill, "60.00", invoiceId=shop.invoices(client, bill)[1])
    sandbox.advance(45)
    done = changes.modify(client, bill, changes.replacing(bill["items"][0], _silver(client)))
    assert list(done.refunds) == []
    assert shop.credit(done.autobill) == [(D("15.49"), "USD")]
    assert _next(client, bill) == ("2024-06-01", D("14.51"))
    sandbox.advance(16)
    assert _amounts(client, bill)[-1] == D("14.51")


def test_credit_pays_for_a_change_before_the_card_does(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    bill = changes.subscribed(client, _silver(client))
    paid_ahead = shop.invoices(client, bill)[1]
    shop.pay(client, bill, "50.00", invoiceId=paid_ahead, overageDisposition="applytoCredit")
    sandbox.advance(30)
    assert shop.credit(shop.fetched(client, bill)) == [(D("20.00"), "USD")]
    all_by_credit = changes.modify(client, bill, changes.adding(_gold(client, "15.00")))
    assert (all_by_credit.transaction.amount, shop.log(all_by_credit.transaction)) == (0, ["Captured", "New"])
    part = changes.modify(client, bill, changes.adding(_gold(client, "15.00")))
    assert part.transaction.amount == D("10.00")
    back = changes.modify(client, bill, changes.removing(all_by_credit.autobill["items"][1]))
    assert sum(one.amount for one in back.refunds) == D("10.00")
    assert shop.credit(back.autobill) == [(D("5.00"), "USD")]


def test_more_licences_in_mid_cycle_are_paid_by_the_day(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    seats = shop.product(client, "3.00")
    bill = shop.subscribe(client, items=[{"product": shop.reference(seats), "quantity": 10}]).autobill
    sandbox.advance(15)
    more = changes.modify(client, bill, changes.editing(bill["items"][0], quantity=25))
    assert [total for _, _, total in changes.lines(more.transaction)] == [D("-15.00"), D("37.50")]
    assert more.transaction.amount == D("22.50")
    assert more.autobill["items"][0].quantity == 25
    assert _next(client, bill) == ("2024-05-01", D("75.00"))
    fewer = changes.modify(client, bill, changes.editing(bill["items"][0], quantity=10))
    assert [one.amount for one in fewer.refunds] == [D("22.50")]


def test_without_proration_a_change_of_items_moves_no_money(
    client: Client, sandbox: Sandbox, entitlements: Callable[[Any], list[Right]]
) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    bill = changes.subscribed(client, _silver(client))
    sandbox.advance(15)
    done = changes.modify(client, bill, changes.replacing(bill["items"][0], _gold(client)), prorated=False)
    assert (done.transaction.amount, list(done.refunds)) == (0, [])
    assert changes.lines(done.transaction) == []
    assert _rights(entitlements(bill)) == [("gold", False), ("silver", True)]
    assert _next(client, bill) == ("2024-05-01", D("60.00"))
    again = changes.modify(client, bill, changes.removing(done.autobill["items"][1]))
    assert (again.transaction.amount, list(again.refunds)) == (0, [])


def test_another_plan_without_proration_keeps_what_was_paid_for_the_old_one(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    bill = changes.subscribed(client, _silver(client))
    sandbox.advance(15)
    done = changes.modify(client, bill, plan=shop.plan(client, shop.month("5.00")), prorated=False)
    assert done.transaction.amount == D("35.00")
    assert _next(client, bill) == ("2024-05-16", D("35.00"))


def test_in_a_free_month_an_upgrade_is_free_and_a_new_plan_is_not(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    trial = shop.plan(client, shop.month(cycles=1, free=True), shop.month())
    bill = changes.subscribed(client, _silver(client), billingPlan=shop.reference(trial))
    assert shop.standing(bill) == ("Active", "Free/Trial")
    sandbox.advance(5)
    upgraded = changes.modify(client, bill, changes.replacing(bill["items"][0], _gold(client)))
    assert (upgraded.transaction.amount, list(upgraded.refunds)) == (0, [])
    assert shop.standing(upgraded.autobill) == ("Active", "Free/Trial")
    done = changes.modify(client, bill, plan=shop.plan(client, shop.month()))
    assert done.transaction.amount == D("60.00")
    assert shop.standing(done.autobill) == ("Active", "Good Standing")


def test_something_sold_once_is_charged_in_full_and_never_given_back(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    modem = shop.product(client, "15.00")
    bill = changes.subscribed(client, _silver(client))
    sandbox.advance(20)
    done = changes.modify(client, bill, changes.adding(modem, cycles=1))
    assert done.transaction.amount == D("15.00")
    assert done.autobill["items"][1].cyclesRemaining == 0
    assert done.autobill["items"][1].removedDate.date().isoformat() == "2024-05-01"
    back = changes.modify(client, bill, changes.removing(done.autobill["items"][1]))
    assert (back.transaction.amount, list(back.refunds)) == (0, [])
    assert _next(client, bill) == ("2024-05-01", D("30.00"))


def test_an_item_that_goes_with_the_next_bill_can_go_at_once_after_all(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    bill = changes.subscribed(client, _silver(client), _gold(client))
    item = bill["items"][1]
    sandbox.advance(10)
    changes.modify(client, bill, changes.removing(item), effective="nextBill")
    assert _next(client, bill) == ("2024-05-01", D("30.00"))
    sandbox.advance(5)
    done = changes.modify(client, bill, changes.removing(item))
    assert [one.amount for one in done.refunds] == [D("30.00")]


def test_before_it_starts_an_autobill_is_simply_rewritten(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    bill = changes.subscribed(client, _silver(client), startTimestamp="2024-05-01T00:00:00")
    plan = shop.plan(client, shop.month("5.00"))
    done = changes.modify(client, bill, changes.replacing(bill["items"][0], _gold(client)), plan=plan)
    assert (done.transaction, list(done.refunds)) == (None, [])
    assert len(done.autobill["items"]) == 1
    assert _next(client, bill) == ("2024-05-01", D("65.00"))
    sandbox.advance(30)
    assert _amounts(client, bill) == [D("65.00")]


def test_three_plans_in_one_day_credit_each_only_once(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    bill = changes.subscribed(client, _silver(client))
    sandbox.advance(15)
    first = changes.modify(client, bill, plan=shop.plan(client, shop.month("10.00")))
    assert first.transaction.amount == D("25.00")
    second = changes.modify(client, bill, plan=shop.plan(client, shop.month("20.00")))
    assert second.transaction.amount == D("10.00")
    third = changes.modify(client, bill, plan=shop.plan(client, shop.month("5.00")))
    assert [one.amount for one in third.refunds] == [D("10.00"), D("5.00")]
    paid = [first.transaction, second.transaction]
    assert [one.transaction.VID for one in third.refunds] == [one.VID for one in reversed(paid)]
    assert _next(client, bill) == ("2024-05-16", D("35.00"))


def _delay_by(client: Client, autobill: Any, days: int, *, permanently: bool = False) -> Any:
    return client("AutoBill").delayBillingByDays(
        autobill=shop.reference(autobill), delayDays=days, movePermanently=permanently
    )


def _delay_to(client: Client, autobill: Any, day: str, *, permanently: bool = False) -> Any:
    return client("AutoBill").delayBillingToDate(
        autobill=shop.reference(autobill), newBillingDate=day, movePermanently=permanently
    )


def _service_days(client: Client, autobill: Any) -> list[tuple[str, str]]:
    made = shop.transactions(client, autobill)
    return [
        (
            one.transactionItems[0].servicePeriodStartDate.date().isoformat(),
            one.transactionItems[0].servicePeriodEndDate.date().isoformat(),
        )
        for one in made
    ]


def test_a_billing_delayed_once_goes_back_to_its_old_grid(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    bill = changes.subscribed(client, _silver(client))
    sandbox.advance(10)
    moved = _delay_by(client, bill, 9)
    assert moved.nextBillingDate.isoformat() == "2024-05-10"
    assert (moved.nextBillingAmount, moved.nextBillingCurrency) == (D("30.00"), "USD")
    assert moved.autobill.endTimestamp.isoformat() == "2024-05-09T23:59:59-07:00"
    assert moved.autobill.billingDay == 1
    sandbox.advance(52)
    assert _service_days(client, bill) == [
        ("2024-04-01", "2024-04-30"),
        ("2024-05-10", "2024-05-31"),
        ("2024-06-01", "2024-06-30"),
    ]


def test_a_billing_delayed_for_good_moves_all_that_follow(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    bill = changes.subscribed(client, _silver(client))
    moved = _delay_to(client, bill, "2024-05-10", permanently=True)
    assert (moved.nextBillingDate.isoformat(), moved.autobill.billingDay) == ("2024-05-10", 10)
    sandbox.advance(71)
    assert [start for start, _ in _service_days(client, bill)] == ["2024-04-01", "2024-05-10", "2024-06-10"]
    assert _next(client, bill) == ("2024-07-10", D("30.00"))


def test_delays_add_up_and_a_later_one_can_be_for_good(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    bill = changes.subscribed(client, _silver(client))
    _delay_by(client, bill, 3)
    moved = _delay_by(client, bill, 4, permanently=True)
    assert moved.nextBillingDate.isoformat() == "2024-05-08"
    sandbox.advance(40)
    assert _next(client, bill) == ("2024-06-08", D("30.00"))


def test_after_a_delay_grace_counts_from_the_day_it_was_moved_to(
    client: Client, sandbox: Sandbox, entitlements: Callable[[Any], list[Right]]
) -> None:
    """The customer asked for a week, and still cannot pay: retries and 21 days of grace follow the new date."""
    sandbox.set_clock("2024-04-01T10:00:00")
    bill = changes.subscribed(client, _silver(client))
    _delay_to(client, bill, "2024-05-08")
    sandbox.script(*({"authCode": "302"} for _ in range(4)))
    sandbox.advance(37)
    assert shop.standing(shop.fetched(client, bill)) == ("Active", "In Retry")
    assert entitlements(bill)[0].end is not None
    assert entitlements(bill)[0].end.isoformat() == "2024-05-28T23:59:59-07:00"  # type: ignore[union-attr]
    sandbox.advance(21)
    assert shop.standing(shop.fetched(client, bill)) == ("Cancelled", "Failed To Collect")


def test_the_billing_day_moves_over_a_short_month(client: Client, sandbox: Sandbox) -> None:
    """From the 15th to the 31st: the last day of February, then the 31st of March again."""
    sandbox.set_clock("2024-01-15T10:00:00")
    bill = changes.subscribed(client, _silver(client))
    sandbox.advance(10)
    moved = client("AutoBill").changeBillingDayOfMonth(autobill=shop.reference(bill), dayOfMonth=31)
    assert (moved.nextBillingDate.isoformat(), moved.nextBillingAmount) == ("2024-02-29", D("30.00"))
    assert moved.autobill.billingDay == 31
    sandbox.advance(100)
    assert [start for start, _ in _service_days(client, bill)] == [
        "2024-01-15",
        "2024-02-29",
        "2024-03-31",
        "2024-04-30",
    ]


def test_a_weekly_plan_gets_its_billing_day_once(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    weekly = shop.plan(client, shop.month(type="Week"))
    bill = changes.subscribed(client, _silver(client), billingPlan=shop.reference(weekly))
    moved = client("AutoBill").changeBillingDayOfMonth(autobill=shop.reference(bill), dayOfMonth=10)
    assert moved.nextBillingDate.isoformat() == "2024-04-10"
    sandbox.advance(15)
    assert [start for start, _ in _service_days(client, bill)] == ["2024-04-01", "2024-04-10", "2024-04-15"]


def test_an_upgrade_after_a_delay_reckons_with_the_longer_period(client: Client, sandbox: Sandbox) -> None:
    """30.00 now serve forty days, of which ten are left."""
    sandbox.set_clock("2024-04-01T10:00:00")
    bill = changes.subscribed(client, _silver(client))
    _delay_to(client, bill, "2024-05-11")
    sandbox.advance(30)
    done = changes.modify(client, bill, changes.replacing(bill["items"][0], _gold(client)))
    assert [total for _, _, total in changes.lines(done.transaction)] == [D("-7.50"), D("15.00")]
    assert _next(client, bill) == ("2024-05-11", D("60.00"))


def test_a_plan_that_waits_for_the_next_bill_waits_longer_when_that_is_delayed(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    bill = changes.subscribed(client, _silver(client))
    changes.modify(client, bill, plan=shop.plan(client, shop.month("5.00")), effective="nextBill")
    moved = _delay_by(client, bill, 4)
    assert moved.autobill.endTimestamp.isoformat() == "2024-05-04T23:59:59-07:00"
    sandbox.advance(34)
    assert _amounts(client, bill) == [D("30.00"), D("35.00")]


def test_a_charge_is_added_to_the_next_bill_and_made_once(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    bill = changes.subscribed(client, _silver(client))
    modem = shop.product(client, "15.00")
    charging = {"autobill": shop.reference(bill), "description": "Modem"}
    client("AutoBill").addCharge(**charging, sku=modem.merchantProductId, quantity=2)
    client("AutoBill").addCharge(
        **(charging | {"description": "Visit"}), amount="7.25", currency="USD", taxClassification="TaxExempt"
    )
    assert _next(client, bill) == ("2024-05-01", D("67.25"))
    sandbox.advance(61)
    assert _amounts(client, bill) == [D("30.00"), D("67.25"), D("30.00")]
    renewal = shop.transactions(client, bill)[1]
    assert [(one.name, one.sku, one.quantity, one.total) for one in renewal.transactionItems[2:4]] == [
        ("Modem", modem.merchantProductId, 2, D("30.00")),
        ("Visit", None, 1, D("7.25")),
    ]
    assert renewal.transactionItems[2].servicePeriodStartDate is None


def test_an_added_charge_outlives_an_upgrade_and_a_free_month(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-04-01T10:00:00")
    trial = shop.plan(client, shop.month(cycles=2, free=True), shop.month())
    bill = changes.subscribed(client, _silver(client), billingPlan=shop.reference(trial))
    client("AutoBill").addCharge(
        autobill=shop.reference(bill),
        description="Visit",
        amount="7.25",
        currency="USD",
        taxClassification="TaxExempt",
    )
    changes.modify(client, bill, changes.replacing(bill["items"][0], _gold(client)))
    assert _next(client, bill) == ("2024-05-01", D("7.25"))
    sandbox.advance(30)
    assert _amounts(client, bill) == [0, 0, D("7.25")]


def test_an_upgrade_whose_bank_debit_is_returned_is_owed(client: Client, sandbox: Sandbox) -> None:
    """The change stands, its invoice is unpaid, and the next attempt asks for it."""
    sandbox.set_clock("2024-04-01T10:00:00")
    bill = changes.subscribed(client, _silver(client))
    customer = shop.reference(bill.account)
    shop.update(
        client, {"VID": bill.VID, "account": customer, "paymentMethod": shop.bank_account("123459999")}
    )
    sandbox.advance(15)
    done = changes.modify(client, bill, changes.replacing(bill["items"][0], _gold(client)))
    assert shop.log(done.transaction) == ["AuthorizedPending", "New"]
    assert _states(client, bill) == ["Paid", "Closed", "Due", "Open"]
    changes.modify(client, bill, changes.removing(done.autobill["items"][1]), expecting=400)
    sandbox.advance(1)
    assert shop.standing(shop.fetched(client, bill)) == ("Active", "In Retry")
    sandbox.advance(1)
    assert _states(client, bill)[2] == "Overdue"
    shop.pay(client, bill, "15.00")
    assert shop.standing(shop.fetched(client, bill)) == ("Active", "Good Standing")


def _settle(client: Client, autobill: Any) -> Any:
    """Cancelled at once and settled; the quote of the moment before has to be the same."""
    quote = client("AutoBill").settlementQuote(autobill=shop.reference(autobill))
    done = client("AutoBill").cancel(
        autobill=shop.reference(autobill), disentitle=True, force=False, settle=True
    )
    charged = sum(one.amount for one in done.transactions)
    assert quote.amount == charged - sum(one.amount for one in done.refunds)
    return done


def test_a_cancellation_after_an_upgrade_gives_back_what_the_upgrade_costs(
    client: Client, sandbox: Sandbox
) -> None:
    """60.00 a month since the 16th; of its 30.00 ten days of fifteen are left, today being used."""
    sandbox.set_clock("2024-04-01T10:00:00")
    bill = changes.subscribed(client, _silver(client))
    sandbox.advance(15)
    changes.modify(client, bill, changes.replacing(bill["items"][0], _gold(client)))
    sandbox.advance(4)
    done = _settle(client, bill)
    assert sorted(one.amount for one in done.refunds) == [D("5.00"), D("15.00")]
    history = client("AutoBill").fetchBillingItemHistory(autobill=shop.reference(bill)).autoBillItemHistory
    assert [one.action for one in history] == ["Add", "Remove", "Add", "Remove"]


def test_a_cancellation_after_a_downgrade_gives_nothing_back_twice(client: Client, sandbox: Sandbox) -> None:
    """30.00 went back with the downgrade to 30.00 a month, of which ten days of thirty are left."""
    sandbox.set_clock("2024-04-01T10:00:00")
    bill = changes.subscribed(client, _gold(client))
    sandbox.advance(15)
    done = changes.modify(client, bill, changes.replacing(bill["items"][0], _silver(client)))
    assert [one.amount for one in done.refunds] == [D("15.00")]
    sandbox.advance(4)
    assert [one.amount for one in _settle(client, bill).refunds] == [D("10.00")]


def test_a_cancellation_after_a_year_was_exchanged_for_a_month_gives_back_the_month(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.set_clock("2024-01-01T10:00:00")
    yearly, monthly = (
        shop.plan(client, shop.month("366.00", type="Year")),
        shop.plan(client, shop.month("29.00")),
    )
    bill = changes.subscribed(client, shop.product(client, None), billingPlan=shop.reference(yearly))
    sandbox.advance(31)
    assert [one.amount for one in changes.modify(client, bill, plan=monthly).refunds] == [D("306.00")]
    sandbox.advance(9)
    assert [one.amount for one in _settle(client, bill).refunds] == [D("19.00")]
    assert shop.standing(shop.fetched(client, bill)) == ("Cancelled", "Billing Completed")


def test_what_another_system_billed_is_credited_when_the_plan_changes(
    client: Client, sandbox: Sandbox
) -> None:
    """10.00 for 15 May to 14 June were paid elsewhere; on 10 June five of 31 days are left of them."""
    sandbox.set_clock("2024-06-10T10:00:00")
    old, new = shop.plan(client), shop.plan(client, shop.month("20.00"))
    paid = {
        "merchantTransactionId": shop.new_id("old"),
        "amount": "10.00",
        "currency": "USD",
        "autoBillCycle": 4,
        "billingPlanCycle": 4,
        "merchantBillingPlanId": old.merchantBillingPlanId,
        "migrationTransactionItems": [{"sku": "magazine", "name": "Magazine", "price": "10.00"}],
        "paymentMethod": shop.card(),
        "statusLog": [
            {"status": "Captured", "timestamp": "2024-05-15T08:00:00Z", "paymentMethodType": "CreditCard"}
        ],
    }
    order = shop.order(
        client, shop.card(), startTimestamp="2024-01-15T00:00:00", billingPlan=shop.reference(old)
    )
    bill = (
        client("AutoBill")
        .migrate(autobill=order, nextPeriodStartDate="2024-06-15T00:00:00", migrationTransactions=[paid])
        .autobill
    )
    done = changes.modify(client, bill, plan=new)
    assert [total for _, _, total in changes.lines(done.transaction)] == [D("-1.61"), D("20.00"), D("10.00")]
    assert done.transaction.amount == D("28.39")
    assert _next(client, bill) == ("2024-07-10", D("30.00"))
