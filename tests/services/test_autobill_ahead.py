"""Bills to come, instalments left, bills of the day, and AutoBills that changed (autobill §6.15, §6.16, §6.33)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.services import sales, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

D = Decimal
TAX = {"country": "US", "rate": "0.1", "jurisdiction": "COUNTRY_US", "name": "US TAX"}


@pytest.fixture(autouse=True)
def _winter(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Any:
    sandbox.set_clock("2024-01-31T10:00:00")
    yield
    books_are_right()


def _rebills(client: Client, autobill: Any, quantity: int) -> list[Any]:
    answer = client("AutoBill").fetchFutureRebills(autobill=shop.reference(autobill), quantity=quantity)
    return list(answer.transactions)


def _when_and_how_much(bills: list[Any]) -> list[tuple[str, Decimal]]:
    return [(bill.timestamp.date().isoformat(), bill.amount) for bill in bills]


def test_future_rebills_are_what_the_months_then_bring(client: Client, sandbox: Sandbox) -> None:
    sandbox.tax(TAX)
    home = shop.account(client, shippingAddress=shop.address())
    plan = shop.plan(client, shop.month("5.00", cycles=2), shop.month("8.00"))
    items = [
        {"product": shop.reference(shop.product(client, "2.00"))},
        {"product": shop.reference(shop.product(client, "15.00")), "cycles": 1, "startDate": "1 month"},
    ]
    autobill = shop.subscribe(
        client, account=shop.reference(home), billingPlan=shop.reference(plan), items=items
    ).autobill

    foretold = _rebills(client, autobill, 3)

    assert _when_and_how_much(foretold) == [
        ("2024-02-29", D("24.20")),
        ("2024-03-31", D("11.00")),
        ("2024-04-30", D("11.00")),
    ]
    first = foretold[0]
    assert (first.VID, first.merchantTransactionId, list(first.statusLog)) == (None, None, [])
    assert (first.autoBillCycle, first.billingPlanCycle, first.autobillVID) == (1, 1, autobill.VID)
    assert (first.account.VID, first.sourcePaymentMethod.VID) == (home.VID, autobill.paymentMethod.VID)
    sandbox.advance(60)
    happened = shop.transactions(client, autobill)[1:]
    assert _when_and_how_much(happened) == _when_and_how_much(foretold[:2])
    for come, told in zip(happened, foretold, strict=False):
        assert [(line.sku, line.total, line.indexNumber) for line in come.transactionItems] == [
            (line.sku, line.total, line.indexNumber) for line in told.transactionItems
        ]


def test_a_finite_plan_foretells_no_more_than_it_bills(client: Client) -> None:
    plan = shop.plan(client, shop.month(cycles=3))
    autobill = shop.subscribe(client, billingPlan=shop.reference(plan)).autobill
    assert len(_rebills(client, autobill, 50)) == 2


def test_payments_ahead_and_credit_lower_the_bills_to_come_one_after_the_other(
    client: Client, sandbox: Sandbox
) -> None:
    home = shop.account(client)
    autobill = shop.subscribe(client, account=shop.reference(home)).autobill
    sales.grant(client, home, "14.00")
    shop.pay(client, autobill, "3.00", invoiceId=shop.invoices(client, autobill)[-1])
    assert [bill.amount for bill in _rebills(client, autobill, 4)] == [0, 3, 10, 10]
    assert shop.fetched(client, autobill).nextBilling.amount == 0


def test_one_that_starts_later_foretells_its_first_bill_too(client: Client) -> None:
    autobill = shop.subscribe(client, startTimestamp="2024-03-05T00:00:00-08:00").autobill
    bills = _rebills(client, autobill, 2)
    assert _when_and_how_much(bills) == [("2024-03-05", D(10)), ("2024-04-05", D(10))]
    assert [bill.autoBillCycle for bill in bills] == [0, 1]


def test_instalments_of_the_running_pass_are_counted_down(client: Client, sandbox: Sandbox) -> None:
    plan = shop.plan(client, shop.month("40.00", cycles=3), timesToRun="5", repeatEvery="1 year")
    items = [
        {"product": shop.reference(shop.product(client, "2.00")), "quantity": 2},
        {
            "product": shop.reference(shop.product(client, "9.00")),
            "cycles": 2,
            "merchantAutoBillItemId": "two",
        },
    ]
    autobill = shop.subscribe(client, billingPlan=shop.reference(plan), items=items).autobill

    def left() -> tuple[Any, ...]:
        details = client("AutoBill").fetchRemainingPaymentDetails(autobill=shop.reference(autobill))
        return (
            details.autobillRemainingBalanceInSet,
            details.billingPlanRemainingBalanceInSet,
            details.billingPlanRemainingPaymentsInSet,
            [
                (one.merchantAutoBillItemId, one.remainingBalanceInSet, one.remainingPaymentsInSet)
                for one in details.autobillItemRemainingPaymentDetails
            ],
        )

    assert left() == (D("97.00"), D("80.00"), 2, [(None, D("8.00"), 2), ("two", D("9.00"), 1)])
    sandbox.advance(29)
    assert left() == (D("44.00"), D("40.00"), 1, [(None, D("4.00"), 1)])
    sandbox.advance(31)
    assert left() == (0, 0, 0, [])


def test_a_plan_without_end_has_no_remainder(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    details = client("AutoBill").fetchRemainingPaymentDetails(autobill=shop.reference(autobill))
    assert (details.autobillRemainingBalanceInSet, details.billingPlanRemainingPaymentsInSet) == (0, 0)
    assert details.autobillItemRemainingPaymentDetails == []


def _daily(client: Client, **window: Any) -> list[Any]:
    return list(client("AutoBill").fetchDailyInvoiceBillings(**window).transactions)


def test_yesterdays_invoices_are_told_for_printing(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, shop.invoiced()).autobill
    shop.subscribe(client)
    assert _daily(client) == []
    sandbox.advance(1)
    shop.pay(client, autobill, "4.00")

    (issued,) = _daily(client)

    assert (issued.amount, issued.timestamp.date().isoformat()) == (D("6.00"), "2024-01-31")
    assert issued.sourcePaymentMethod.type == "MerchantAcceptedPayment"
    assert issued.account.merchantAccountId == autobill.account.merchantAccountId
    assert (issued.VID, list(issued.statusLog), issued.merchantAutobillIdentifier) == (
        None,
        [],
        autobill.merchantAutoBillId,
    )
    assert [line.total for line in issued.transactionItems] == [0, D(10), D(-4), 0]


def test_days_to_come_are_foretold_and_days_past_are_whole(client: Client, sandbox: Sandbox) -> None:
    first = shop.subscribe(client, shop.invoiced()).autobill
    sandbox.set_clock("2024-02-10T18:00:00")
    second = shop.subscribe(client, shop.invoiced()).autobill
    window = {"startTimestamp": "2024-01-31T23:00:00-08:00", "endTimestamp": "2024-04-10T01:00:00-07:00"}
    expected = [
        ("2024-01-31", first),
        ("2024-02-10", second),
        ("2024-02-29", first),
        ("2024-03-10", second),
        ("2024-03-31", first),
        ("2024-04-10", second),
    ]
    found = _daily(client, **window)
    assert [(bill.timestamp.date().isoformat(), bill.autobillVID) for bill in found] == [
        (day, autobill.VID) for day, autobill in expected
    ]
    pages = [_daily(client, page=page, pageSize=4, **window) for page in range(3)]
    assert [len(page) for page in pages] == [4, 2, 0]
    assert [bill.timestamp for page in pages for bill in page] == [bill.timestamp for bill in found]


def _changed(client: Client, since: str, *events: str, **rest: Any) -> list[str]:
    paging = {"page": 0, "pageSize": 100} | rest
    answer = client("AutoBill").fetchDeltaSince(timestamp=since, selectEvents=list(events), **paging)
    return [autobill.VID for autobill in answer.autobills]


def test_changes_of_status_are_told_once_each_with_the_state_of_now(client: Client, sandbox: Sandbox) -> None:
    first, second = (shop.subscribe(client).autobill for _ in range(2))
    assert _changed(client, "2024-01-31T00:00:00-08:00") == [first.VID, second.VID]
    sandbox.set_clock("2024-02-05T10:00:00")
    assert _changed(client, "2024-02-01T00:00:00-08:00") == []
    flags = {"disentitle": True, "force": False}
    client("AutoBill").cancel(autobill=shop.reference(second), **flags)
    assert _changed(client, "2024-02-01T00:00:00-08:00") == [second.VID]
    since = {"timestamp": "2024-01-31T00:00:00-08:00", "page": 0, "pageSize": 10}
    told = client("AutoBill").fetchDeltaSince(**since, endTimestamp="2024-02-01T00:00:00-08:00")
    assert [(one.VID, one.status) for one in told.autobills] == [
        (first.VID, "Active"),
        (second.VID, "Cancelled"),
    ]


def test_events_are_selected_by_name(client: Client, sandbox: Sandbox) -> None:
    paid, left = (shop.subscribe(client).autobill for _ in range(2))
    sandbox.set_clock("2024-02-05T10:00:00")
    since = "2024-02-01T00:00:00-08:00"
    shop.pay(client, paid, "1.00", invoiceId=shop.invoices(client, paid)[-1])
    client("AutoBill").cancel(autobill=shop.reference(left), disentitle=False, force=False)
    assert _changed(client, since, "NON_RECURRING_TRANSACTION") == [paid.VID]
    assert _changed(client, since, "CANCELLATION") == [left.VID]
    assert _changed(client, since, "NON_RECURRING_TRANSACTION", "CANCELLATION") == [paid.VID, left.VID]
    assert _changed(client, since, "MODIFICATION") == []
    sandbox.set_clock("2024-02-29T10:00:00")
    sandbox.bill()
    since = "2024-02-29T00:00:00-08:00"
    assert _changed(client, since, "TRANSACTION") == [paid.VID]
    assert _changed(client, since, "END_DATE_CHANGE") == [paid.VID]
    assert _changed(client, since, "END") == [left.VID]


def test_changes_come_in_pages(client: Client) -> None:
    made = [shop.subscribe(client, shop.invoiced()).autobill.VID for _ in range(5)]
    since = "2024-01-31T00:00:00-08:00"
    pages = [_changed(client, since, page=page, pageSize=2) for page in range(4)]
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert [vid for page in pages for vid in page] == made
