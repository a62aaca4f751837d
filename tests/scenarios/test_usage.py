"""Months of rated products: what was used is billed with the next cycle, licences with their own (billing-engine §4.5).

Every test begins on 10 January 2024 with a clean audit at its end, which also proves that each event stands on the
invoice whose line charges it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.services import shop, usage
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

D = Decimal
Check = Callable[[], None]


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Check) -> Any:
    sandbox.set_clock("2024-01-10T10:00:00")
    yield
    books_are_right()


def bills(client: Client, autobill: Any) -> list[Decimal]:
    return [transaction.amount for transaction in shop.transactions(client, autobill)]


def lines(transaction: Any) -> list[tuple[str, Decimal]]:
    """Name and total of each line but the summary of taxes."""
    return [(line.name, line.total) for line in transaction.transactionItems if line.sku != "Total Tax"]


def usage_line(client: Client, autobill: Any) -> Any:
    """The line for usage of the newest bill."""
    (line,) = [
        line
        for line in shop.transactions(client, autobill)[-1].transactionItems
        if {"vin:RatedUnits", "vin:Licenses"} & set(shop.names(line))
    ]
    return line


def test_what_a_month_used_is_on_the_next_bill(client: Client, sandbox: Sandbox) -> None:
    monthly = shop.reference(shop.plan(client, shop.month("5.00")))
    bill = usage.subscribe(client, usage.plan(client), billingPlan=monthly)
    assert bills(client, bill) == [D("5.00")]
    assert lines(shop.transactions(client, bill)[0]) == [("Monthly", D("5.00"))]

    usage.record(client, bill, "10", "5", event_id=None)
    now = shop.fetched(client, bill).nextBilling
    assert (now.amount, [line.total for line in now.transactionItems]) == (
        D("29.00"),
        [D("5.00"), D("24.00")],
    )
    sandbox.advance(31)

    assert bills(client, bill) == [D("5.00"), D("29.00")]
    line = usage_line(client, bill)
    assert (line.name, line.sku) == ("Magazine", bill["items"][0].product.merchantProductId)
    assert (line.price, line.quantity, line.subtotal, line.total) == (D("24.00"), 1, D("24.00"), D("24.00"))
    assert shop.names(line) == {"vin:RatedUnits": "15"}
    assert (line.servicePeriodStartDate.date().isoformat(), line.servicePeriodEndDate.date().isoformat()) == (
        "2024-01-10",
        "2024-02-09",
    )
    assert {event.billedStatus for event in usage.events(client)} == {"Billed"}
    assert usage.events(client, unbilled=True) == []
    assert usage.waiting(client, bill).ratedUnitTotal == 0


def test_counting_starts_from_zero_each_month(client: Client, sandbox: Sandbox) -> None:
    bill = usage.subscribe(client, usage.plan(client))
    for units in ("15", "15", "3"):
        usage.record(client, bill, units)
        sandbox.advance(31)

    assert bills(client, bill) == [D("0.00"), D("24.00"), D("24.00"), D("6.00")]


def test_events_belong_to_the_bill_after_their_day(client: Client, sandbox: Sandbox) -> None:
    """The last moment before the billing day counts, its first does not; late news of the past comes with the next."""
    bill = usage.subscribe(client, usage.plan(client, usage.tier("0", "1.00")))
    for day, units in (
        ("2024-02-09T23:59:59-08:00", "1"),
        ("2024-02-10T00:00:00-08:00", "10"),
        ("2024-03-10T12:00:00-08:00", "100"),
    ):
        usage.record(client, bill, units, eventDate=day)
    assert shop.fetched(client, bill).nextBilling.amount == D("1.00")
    sandbox.bill_on("2024-02-10T12:00:00")
    usage.record(client, bill, "1000", eventDate="2024-01-20T00:00:00-08:00")
    sandbox.bill_on("2024-03-10T12:00:00")
    sandbox.bill_on("2024-04-10T12:00:00")

    assert bills(client, bill) == [D("0.00"), D("1.00"), D("1010.00"), D("100.00")]


def test_a_month_without_use_costs_the_least_fee_or_nothing(client: Client, sandbox: Sandbox) -> None:
    fee = [{"amount": "3.00", "currency": "USD"}]
    with_fee = usage.subscribe(client, usage.plan(client, minimumFee=fee))
    without = usage.subscribe(client, usage.plan(client))
    sandbox.advance(31)

    assert bills(client, with_fee) == [D("0.00"), D("3.00")]
    assert bills(client, without) == [D("0.00"), D("0.00")]
    assert (usage_line(client, without).total, shop.names(usage_line(client, without))) == (
        0,
        {"vin:RatedUnits": "0"},
    )


def test_deductions_and_reversals_before_the_bill_count(client: Client, sandbox: Sandbox) -> None:
    bill = usage.subscribe(client, usage.plan(client, usage.tier("0", "1.00")))
    usage.record(client, bill, "100", event_id="e-1")
    usage.record(client, bill, "7", event_id="e-2")
    usage.deduct(client, bill, "30")
    usage.reverse(client, "e-2")
    sandbox.advance(31)

    assert bills(client, bill)[-1] == D("70.00")


def test_a_deduction_dated_before_the_use_waits_for_the_next_bill(client: Client, sandbox: Sandbox) -> None:
    bill = usage.subscribe(client, usage.plan(client, usage.tier("0", "1.00")))
    usage.record(client, bill, "10", eventDate="2024-02-20T00:00:00-08:00")
    usage.deduct(client, bill, "4", eventDate="2024-01-20T00:00:00-08:00")
    sandbox.advance(31)
    assert bills(client, bill)[-1] == D("0.00")
    assert len(usage.events(client, unbilled=True)) == 2
    sandbox.advance(31)

    assert bills(client, bill)[-1] == D("6.00")


def test_usage_is_taxed_by_the_class_of_its_product(client: Client, sandbox: Sandbox) -> None:
    sandbox.tax({"country": "US", "rate": "0.1", "jurisdiction": "COUNTRY_US", "name": "US TAX"})
    owner = shop.account(client, shippingAddress=shop.address())
    bill = usage.subscribe(client, usage.plan(client), account=shop.reference(owner))
    usage.record(client, bill, "15")
    sandbox.advance(31)

    assert bills(client, bill)[-1] == D("26.40")
    assert (usage_line(client, bill).subtotal, usage_line(client, bill).total) == (D("24.00"), D("26.40"))


def test_credit_pays_for_usage(client: Client, sandbox: Sandbox) -> None:
    bill = usage.subscribe(client, usage.plan(client))
    ahead = shop.invoices(client, bill, "Open")[0]
    shop.pay(client, bill, "10.00", invoiceId=ahead)
    usage.record(client, bill, "15")
    assert shop.fetched(client, bill).nextBilling.amount == D("14.00")
    sandbox.advance(31)

    assert bills(client, bill)[-1] == D("14.00")
    assert shop.states(client, bill)[ahead] == "Paid"


def test_usage_that_is_not_paid_stays_billed(client: Client, sandbox: Sandbox) -> None:
    """A retry asks for what the invoice says; later units are for the next one."""
    bill = usage.subscribe(client, usage.plan(client))
    usage.record(client, bill, "15")
    sandbox.script({"authCode": "302"})
    sandbox.bill_on("2024-02-10T08:00:00")
    assert shop.fetched(client, bill).billingState == "In Retry"
    usage.record(client, bill, "1")
    sandbox.bill_on("2024-02-13T08:00:00")

    assert bills(client, bill) == [D("0.00"), D("24.00"), D("24.00")]
    assert [shop.log(each)[0] for each in shop.transactions(client, bill)][1:] == ["Cancelled", "Captured"]
    assert usage.waiting(client, bill).ratedUnitTotal == 1


def test_an_invoice_paid_by_hand_shows_the_usage(client: Client, sandbox: Sandbox) -> None:
    bill = usage.subscribe(client, usage.plan(client), shop.invoiced())
    usage.record(client, bill, "15")
    opened = shop.invoices(client, bill, "Open")[0]
    assert shop.due(client, bill, opened) == D("24.00")
    assert re.search(r"Magazine +x 15 +24\.00", shop.invoice_text(client, bill, opened))
    sandbox.advance(31)

    assert shop.states(client, bill)[opened] == "Due"
    assert shop.due(client, bill, opened) == D("24.00")
    shop.pay(client, bill, "24.00")
    assert shop.states(client, bill)[opened] == "Paid"


def test_a_free_month_gives_its_usage_away(client: Client, sandbox: Sandbox) -> None:
    """Everything in a free period is free; the free month's own bill still charges the usage of one that was not."""
    trial = shop.plan(
        client, shop.month(cycles=1, free=True), shop.month("5.00", cycles=1), shop.month(free=True)
    )
    bill = usage.subscribe(client, usage.plan(client), billingPlan=shop.reference(trial))
    usage.record(client, bill, "9")
    sandbox.advance(31)
    assert bills(client, bill)[-1] == D("5.00")
    assert (usage_line(client, bill).total, shop.names(usage_line(client, bill))) == (
        0,
        {"vin:RatedUnits": "9"},
    )
    assert usage.events(client, unbilled=True) == []

    usage.record(client, bill, "15")
    sandbox.advance(31)
    assert bills(client, bill)[-1] == D("24.00")

    usage.record(client, bill, "15")
    sandbox.advance(31)
    assert bills(client, bill)[-1] == D("0.00")


def test_licences_are_billed_ahead_by_their_number(client: Client, sandbox: Sandbox) -> None:
    seats = usage.plan(client, ratePlanModel="LicenseBased")
    items = [{"index": 0, "product": shop.reference(usage.product(client, seats)), "quantity": "15"}]
    bill = usage.subscribe(client, seats, items=items)
    assert bills(client, bill) == [D("24.00")]
    line = usage_line(client, bill)
    assert (line.price, line.quantity, shop.names(line)) == (D("24.00"), 1, {"vin:Licenses": "15"})
    assert line.servicePeriodStartDate.date().isoformat() == "2024-01-10"

    sandbox.advance(31)
    assert bills(client, bill) == [D("24.00")] * 2
    changed = {"autobill": {"VID": bill.VID, "items": [{"VID": bill["items"][0].VID, "quantity": "5"}]}}
    shop.update(client, changed["autobill"])
    sandbox.advance(31)

    assert bills(client, bill) == [D("24.00"), D("24.00"), D("10.00")]
    assert usage.totals(client) == []


def test_an_amount_of_the_item_wins_over_its_rate_plan(client: Client, sandbox: Sandbox) -> None:
    sold = shop.reference(usage.product(client, usage.plan(client)))
    items = [{"index": 0, "product": sold, "amount": "7.00", "quantity": "2"}]
    bill = usage.subscribe(client, None, items=items)
    sandbox.advance(31)

    assert bills(client, bill) == [D("14.00"), D("14.00")]


def test_what_was_used_before_an_item_got_its_own_amount_is_billed(client: Client, sandbox: Sandbox) -> None:
    bill = usage.subscribe(client, usage.plan(client))
    usage.record(client, bill, "15")
    shop.update(client, {"VID": bill.VID, "items": [{"VID": bill["items"][0].VID, "amount": "7.00"}]})
    usage.record(client, bill, "1", expecting=400)
    sandbox.advance(62)

    assert bills(client, bill) == [D("0.00"), D("31.00"), D("7.00")]
    assert usage.events(client, unbilled=True) == []


def test_a_new_price_counts_for_units_that_wait(client: Client, sandbox: Sandbox) -> None:
    """What was billed is not rated again (catalog §5.5)."""
    rate_plan = usage.plan(client, usage.tier("0", "1.00"))
    bill = usage.subscribe(client, rate_plan)
    usage.record(client, bill, "10")
    sandbox.advance(31)
    usage.record(client, bill, "10")
    dearer = {"VID": rate_plan.VID, "tier": [usage.tier("0", "3.00")]}
    client("RatePlan").update(ratePlan=dearer, force=True)
    sandbox.advance(31)

    assert bills(client, bill) == [D("0.00"), D("10.00"), D("30.00")]


def test_an_item_that_ends_is_billed_for_its_last_month(client: Client, sandbox: Sandbox) -> None:
    fee = [{"amount": "3.00", "currency": "USD"}]
    sold = shop.reference(usage.product(client, usage.plan(client, minimumFee=fee)))
    bill = usage.subscribe(client, None, items=[{"index": 0, "product": sold, "cycles": 2}])
    usage.record(client, bill, "2")
    sandbox.advance(31)
    usage.record(client, bill, "15", eventDate="2024-03-01T00:00:00-08:00")
    sandbox.advance(31)
    assert shop.fetched(client, bill)["items"][0].removedDate.date().isoformat() == "2024-03-10"
    usage.record(client, bill, "1", eventDate="2024-03-09T00:00:00-08:00")
    usage.record(client, bill, "1", expecting=400)
    sandbox.advance(31)
    sandbox.advance(31)

    # The straggler costs its price and no least fee: the item's last month was billed.
    assert bills(client, bill) == [D("0.00"), D("4.00"), D("24.00"), D("2.00"), D("0.00")]


def test_usage_goes_on_under_another_plan(client: Client, sandbox: Sandbox) -> None:
    """The bill of the new plan's first cycle covers the last one of the old."""
    bill = usage.subscribe(client, usage.plan(client))
    usage.record(client, bill, "15")
    weekly = shop.plan(client, {"type": "Week", "quantity": 1, "cycles": 0})
    shop.update(client, {"VID": bill.VID, "billingPlan": shop.reference(weekly)})
    sandbox.advance(31)
    line = usage_line(client, bill)
    assert (line.total, line.servicePeriodStartDate.date().isoformat()) == (D("24.00"), "2024-01-10")

    usage.record(client, bill, "3")
    sandbox.advance(7)
    assert bills(client, bill)[-1] == D("6.00")


def test_a_run_that_was_missed_bills_each_month_its_own(client: Client, sandbox: Sandbox) -> None:
    bill = usage.subscribe(client, usage.plan(client))
    for day, units in (("2024-01-15", "15"), ("2024-02-15", "1"), ("2024-03-15", "2")):
        usage.record(client, bill, units, eventDate=f"{day}T00:00:00-08:00")
    sandbox.bill_on("2024-04-20T12:00:00")

    assert bills(client, bill) == [D("0.00"), D("24.00"), D("2.00"), D("4.00")]


def test_a_rehearsal_of_a_change_leaves_usage_alone(client: Client, sandbox: Sandbox) -> None:
    bill = usage.subscribe(client, usage.plan(client))
    usage.record(client, bill, "15")
    shop.update(client, {"VID": bill.VID, "customerAutoBillName": "x"}, dryrun=True)

    assert usage.waiting(client, bill).ratedUnitTotal == 15
    sandbox.advance(31)
    assert bills(client, bill)[-1] == D("24.00")


def cancel(client: Client, autobill: Any, **options: Any) -> Any:
    given = {"disentitle": False, "force": False, "settle": False} | options
    return client("AutoBill").cancel(autobill=shop.reference(autobill), **given)


def balance(client: Client, autobill: Any) -> Decimal:
    owed: Decimal = shop.fetched(client, autobill).subscriptionBalance
    return owed


def test_a_cancellation_that_settles_charges_the_usage_at_once(client: Client) -> None:
    bill = usage.subscribe(client, usage.plan(client))
    usage.record(client, bill, "15", event_id="e-1")
    usage.record(client, bill, "1", eventDate="2024-06-01T00:00:00-08:00")

    answer = cancel(client, bill, settle=True, disentitle=True)

    (charged,) = answer.transactions
    assert charged.amount == D("25.00")
    assert shop.names(usage_line(client, bill)) == {"vin:RatedUnits": "16"}
    assert balance(client, bill) == 0
    assert usage.found(client, "e-1").billedStatus == "Billed"
    assert usage.totals(client) == []
    usage.record(client, bill, "1", expecting=400)
    usage.reverse(client, "e-1", expecting=400)


def test_usage_that_is_declined_at_the_end_stays_owed(client: Client, sandbox: Sandbox) -> None:
    bill = usage.subscribe(client, usage.plan(client))
    usage.record(client, bill, "15")
    sandbox.script({"authCode": "302"})

    cancel(client, bill, settle=True, disentitle=True)

    assert balance(client, bill) == D("24.00")


def test_the_refund_of_a_settlement_is_less_by_the_usage(client: Client, sandbox: Sandbox) -> None:
    """Unused days of what was paid go back; what was used is past and does not."""
    monthly = shop.reference(shop.plan(client, shop.month("31.00")))
    bill = usage.subscribe(client, usage.plan(client, usage.tier("0", "1.00")), billingPlan=monthly)
    sandbox.advance(1)  # 30 of 31 days are left, of which today counts as used
    usage.record(client, bill, "9")

    answer = cancel(client, bill, settle=True, disentitle=True)

    assert [refund.amount for refund in answer.refunds] == [D("20.00")]
    assert balance(client, bill) == 0


def test_usage_that_was_billed_is_not_taken_back(client: Client, sandbox: Sandbox) -> None:
    bill = usage.subscribe(client, usage.plan(client))
    usage.record(client, bill, "15")
    sandbox.advance(31)

    answer = cancel(client, bill, settle=True, disentitle=True)

    assert answer.refunds == []
    assert balance(client, bill) == 0


def test_who_pays_by_hand_gets_the_last_usage_as_an_invoice(client: Client) -> None:
    bill = usage.subscribe(client, usage.plan(client), shop.invoiced())
    usage.record(client, bill, "15", event_id="e-1")

    cancel(client, bill, settle=True, disentitle=True)

    last = shop.invoices(client, bill)[-1]
    assert (shop.states(client, bill)[last], shop.due(client, bill, last)) == ("Due", D("24.00"))
    assert usage.found(client, "e-1").billedStatus == "Billed"
    shop.pay(client, bill, "24.00")
    assert shop.states(client, bill)[last] == "Paid"


@pytest.mark.parametrize("disentitle", [True, False])
def test_without_settling_usage_is_summed_up_in_the_balance(
    client: Client, sandbox: Sandbox, *, disentitle: bool
) -> None:
    sandbox.tax({"country": "US", "rate": "0.1", "jurisdiction": "COUNTRY_US", "name": "US TAX"})
    owner = shop.account(client, shippingAddress=shop.address())
    bill = usage.subscribe(client, usage.plan(client), account=shop.reference(owner))
    usage.record(client, bill, "15", event_id="e-1")

    answer = cancel(client, bill, disentitle=disentitle)

    assert answer.transactions == []
    assert balance(client, bill) == D("26.40")
    assert usage.found(client, "e-1").billedStatus == "Billed"
    usage.record(client, bill, "1", expecting=400)
    sandbox.advance(40)
    assert balance(client, bill) == D("26.40")


def test_what_an_expired_autobill_used_last_stays_owed(client: Client, sandbox: Sandbox) -> None:
    twice = shop.reference(shop.plan(client, shop.month("1.00", cycles=2)))
    bill = usage.subscribe(client, usage.plan(client), billingPlan=twice)
    usage.record(client, bill, "3")
    sandbox.advance(31)
    usage.record(client, bill, "15")
    sandbox.advance(31)

    assert shop.fetched(client, bill).status == "Expired"
    assert (bills(client, bill), balance(client, bill)) == ([D("1.00"), D("7.00")], D("24.00"))


def test_what_an_autobill_used_that_nobody_paid_stays_owed(client: Client, sandbox: Sandbox) -> None:
    bill = usage.subscribe(client, usage.plan(client))
    usage.record(client, bill, "15")
    sandbox.script(*[{"authCode": "302"}] * 9)
    sandbox.advance(31)
    usage.record(client, bill, "2")
    sandbox.advance(30)

    assert shop.standing(shop.fetched(client, bill)) == ("Cancelled", "Failed To Collect")
    assert balance(client, bill) == D("4.00")
    assert list(shop.states(client, bill).values())[1:] == ["Overdue", "Closed"]


def test_a_free_month_that_is_cut_short_owes_nothing(client: Client) -> None:
    trial = shop.plan(client, shop.month(cycles=1, free=True), shop.month("5.00"))
    bill = usage.subscribe(client, usage.plan(client), billingPlan=shop.reference(trial))
    usage.record(client, bill, "15")

    cancel(client, bill)

    assert balance(client, bill) == 0


def test_later_bills_are_foretold_without_the_usage_of_the_next(client: Client) -> None:
    fee = [{"amount": "3.00", "currency": "USD"}]
    bill = usage.subscribe(client, usage.plan(client, minimumFee=fee))
    usage.record(client, bill, "15")

    foretold = client("AutoBill").fetchFutureRebills(autobill=shop.reference(bill), quantity=3).transactions

    assert [each.amount for each in foretold] == [D("24.00"), D("3.00"), D("3.00")]
