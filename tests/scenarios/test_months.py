"""Months go by: dates that do not drift, nights that are an hour short, and the states of invoices paid by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.servers import Server
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.soap_client import Login

Check = Callable[[], None]


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check) -> Any:
    yield
    books_are_right()


def _number(autobill: Any, index: int) -> str:
    return f"{autobill.merchantAutoBillId}-{index:08d}"


def _states(client: Client, autobill: Any) -> list[str]:
    return list(shop.states(client, autobill).values())


def _service_days(client: Client, autobill: Any) -> list[str]:
    made = shop.transactions(client, autobill)
    return [one.transactionItems[0].servicePeriodStartDate.date().isoformat() for one in made]


def test_a_start_on_the_31st_bills_on_the_last_day_of_short_months(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2023-12-31T10:00:00")
    autobill = shop.subscribe(client).autobill
    sandbox.advance(274)
    assert _service_days(client, autobill) == [
        "2023-12-31",
        "2024-01-31",
        "2024-02-29",
        "2024-03-31",
        "2024-04-30",
        "2024-05-31",
        "2024-06-30",
        "2024-07-31",
        "2024-08-31",
        "2024-09-30",
    ]
    assert _states(client, autobill) == ["Paid"] * 10 + ["Open"]
    assert {one.amount for one in shop.transactions(client, autobill)} == {10}


def test_29_february_comes_back_in_the_next_leap_year(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-02-29T10:00:00")
    yearly = shop.plan(client, shop.month(type="Year"))
    autobill = shop.subscribe(client, billingPlan=shop.reference(yearly)).autobill
    for _ in range(4):
        sandbox.advance(366)
    assert _service_days(client, autobill) == [
        "2024-02-29",
        "2025-02-28",
        "2026-02-28",
        "2027-02-28",
        "2028-02-29",
    ]


@pytest.mark.parametrize(
    ("start", "billed", "end"),
    [
        ("2024-02-10T12:00:00", "2024-03-10", "2024-04-09T23:59:59-07:00"),
        ("2024-10-03T12:00:00", "2024-11-03", "2024-12-02T23:59:59-08:00"),
    ],
)
def test_a_day_of_23_or_25_hours_bills_once(
    client: Client, sandbox: Sandbox, start: str, billed: str, end: str
) -> None:
    sandbox.set_clock(start)
    autobill = shop.subscribe(client).autobill
    for hour in ("00:30", "01:30", "03:30", "23:30"):
        sandbox.bill_on(f"{billed}T{hour}:00")
    assert len(shop.transactions(client, autobill)) == 2
    assert shop.fetched(client, autobill).endTimestamp.isoformat() == end


def test_a_billing_day_begins_at_midnight_of_the_service_zone(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-15T12:00:00")
    autobill = shop.subscribe(client).autobill
    sandbox.bill_on("2024-02-14T23:59:30")
    assert _states(client, autobill) == ["Paid", "Open"]
    sandbox.bill_on("2024-02-15T00:00:30")
    assert _states(client, autobill) == ["Paid", "Paid", "Open"]


def test_runs_one_after_another_bill_each_month_once(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-15T12:00:00")
    autobill = shop.subscribe(client).autobill
    sandbox.set_clock("2024-03-20T12:00:00")
    once = ["billed", "paid", "notice"]
    assert [step["what"] for step in sandbox.bill()] == ["captured", *once, *once]
    assert sandbox.bill() == []
    assert _states(client, autobill) == ["Paid", "Paid", "Paid", "Open"]


def test_a_plan_that_ends_has_no_next_billing_and_no_open_invoice(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-15T12:00:00")
    plan = shop.plan(client, shop.month(cycles=2))
    autobill = shop.subscribe(client, billingPlan=shop.reference(plan)).autobill
    sandbox.bill_on("2024-02-15T12:00:00")
    now = shop.fetched(client, autobill)
    assert (now.nextBilling, now.endTimestamp.isoformat()) == (None, "2024-03-14T23:59:59-07:00")
    assert _states(client, autobill) == ["Paid", "Paid"]
    sandbox.bill_on("2024-03-10T12:00:00")
    assert len(shop.transactions(client, autobill)) == 2


def test_an_invoice_paid_by_hand_goes_through_all_its_states(
    client: Client, sandbox: Sandbox, server: Server, merchant: Login
) -> None:
    sandbox.set_clock("2024-01-10T12:00:00")
    autobill = shop.subscribe(client, shop.invoiced(), invoiceTerms=15).autobill

    def run_until(moment: str) -> str:
        """The clock is set over HTTP, the billing is run from the command line."""
        sandbox.set_clock(moment)
        done = server.command("bill", "--merchant", merchant.login, "--until", moment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert _states(client, autobill) == ["Due", "Open"]
    assert sandbox.bill_on("2024-01-25T23:00:00") == []
    assert _states(client, autobill) == ["Due", "Open"]
    number = _number(autobill, 0)
    said = run_until("2024-01-26T00:01:00")
    assert said.split() == [
        f"{merchant.login}:",
        "2024-01-26",
        autobill.merchantAutoBillId,
        "overdue",
        number,
        "10.00",
        "USD",
        autobill.account.merchantAccountId,
    ]
    assert _states(client, autobill) == ["Overdue", "Open"]
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Overdue")
    run_until("2024-02-10T08:00:00")
    assert _states(client, autobill) == ["Overdue", "Due", "Open"]
    shop.pay(client, autobill, "20.00", shop.cheque("chk-1"))
    assert _states(client, autobill) == ["Paid", "Paid", "Open"]
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")
    sandbox.bill_on("2024-02-20T08:00:00")
    client("AutoBill").reversePayment(autobill=shop.reference(autobill), paymentId="chk-1")
    assert _states(client, autobill) == ["Overdue", "Due", "Open"]
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Overdue")
    client("AutoBill").writeOffInvoice(autobill=shop.reference(autobill), invoiceId=number)
    assert _states(client, autobill) == ["Written Off", "Due", "Open"]
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")
    sandbox.bill_on("2024-03-10T08:00:00")
    assert _states(client, autobill) == ["Written Off", "Overdue", "Due", "Open"]
