"""Moving the next billing: refusals, touches, and what update does to the same end (autobill §6.1, §6.6 – §6.8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import select

from cashbox_service.app.environment import Environment
from cashbox_service.store.entities import OutboxEvent
from tests.services import changes, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.soap_client import Login

Events = Callable[[Any], list[str]]


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Iterator[None]:
    sandbox.set_clock("2024-01-15T10:00:00")
    yield
    books_are_right()


@pytest.fixture
def events(environment: Environment, merchant: Login) -> Events:
    def of(autobill: Any) -> list[str]:
        with closing(environment.open(environment.merchant(merchant.login))) as work:
            return [event.type for event in work.uow.autobills.events_of(autobill.VID)]

    return of


@pytest.fixture
def bill(client: Client) -> Any:
    return changes.subscribed(client, shop.product(client))


def to_date(client: Client, bill: Any, day: str, code: int = 200, *, permanently: bool = False) -> Any:
    return (
        client("AutoBill")
        .expecting(code)
        .delayBillingToDate(autobill=shop.reference(bill), newBillingDate=day, movePermanently=permanently)
    )


def by_days(client: Client, bill: Any, days: int, code: int = 200, *, permanently: bool = False) -> Any:
    return (
        client("AutoBill")
        .expecting(code)
        .delayBillingByDays(autobill=shop.reference(bill), delayDays=days, movePermanently=permanently)
    )


def to_day(client: Client, bill: Any, day: int, code: int = 200) -> Any:
    return (
        client("AutoBill")
        .expecting(code)
        .changeBillingDayOfMonth(autobill=shop.reference(bill), dayOfMonth=day)
    )


def test_a_delay_to_the_same_day_only_touches_the_autobill(client: Client, bill: Any, events: Events) -> None:
    before, seen = shop.fetched(client, bill), events(bill)
    touched = to_date(client, bill, "2024-02-15", permanently=True)
    assert touched.nextBillingDate.isoformat() == "2024-02-15"
    assert shop.fetched(client, bill) == before
    assert events(bill) == [*seen, "DELAY_BILL"]


def test_a_billing_cannot_be_brought_forward(client: Client, bill: Any) -> None:
    said = shop.text(to_date(client, bill, "2024-02-14", 400))
    assert said == (
        'Unable to delay billing to date: newBillingDate "2024-02-14" lies before the next billing on 2024-02-15.'
    )


@pytest.mark.parametrize("days", [0, -1])
def test_days_are_a_positive_number(client: Client, bill: Any, days: int) -> None:
    assert shop.text(by_days(client, bill, days, 400)) == "Days to delay must be a positive integer."


def test_beyond_the_calendar_nothing_is_billed(client: Client, bill: Any) -> None:
    assert "delayDays" in shop.text(by_days(client, bill, 2**31 - 1, 400))


@pytest.mark.parametrize("day", [0, -1, 32])
def test_a_day_that_no_month_has(client: Client, bill: Any, day: int) -> None:
    said = shop.text(to_day(client, bill, day, 400))
    assert said == f'Unable to change billing day: dayOfMonth "{day}" is not between 1 and 31.'


def test_an_unpaid_cycle_cannot_be_delayed(client: Client, sandbox: Sandbox, bill: Any) -> None:
    sandbox.script({"authCode": "302"})
    sandbox.advance(31)
    expected = f"AutoBill {bill.merchantAutoBillId} is in state Active / In Retry."
    assert shop.text(by_days(client, bill, 3, 400)) == f"Unable to delay billing by days: {expected}"
    assert (
        shop.text(to_date(client, bill, "2024-04-01", 400)) == f"Unable to delay billing to date: {expected}"
    )
    assert shop.text(to_day(client, bill, 3, 400)) == f"Unable to change billing day: {expected}"


def test_nothing_is_delayed_before_the_start_and_after_the_last_billing(client: Client) -> None:
    ahead = shop.subscribe(client, startTimestamp="2024-03-01T00:00:00").autobill
    assert "Pending Activation" in shop.text(by_days(client, ahead, 3, 400))
    once = shop.subscribe(
        client, billingPlan=shop.reference(shop.plan(client, shop.month(cycles=1)))
    ).autobill
    assert "Active" in shop.text(by_days(client, once, 3, 400))


def test_a_bill_paid_by_hand_can_be_delayed_with_its_due_date(client: Client, sandbox: Sandbox) -> None:
    bill = changes.subscribed(client, shop.product(client), method=shop.invoiced(), invoiceTerms=10)
    shop.pay(client, bill, "10.00")
    by_days(client, bill, 5)
    sandbox.advance(36)
    assert list(shop.states(client, bill).values()) == ["Paid", "Due", "Open"]
    assert "Pay By: 2024-03-01" in shop.invoice_text(client, bill, shop.invoices(client, bill)[1])


def test_renewals_billed_ahead_are_delayed_by_their_billing_date(client: Client, sandbox: Sandbox) -> None:
    """Billed three days ahead: the period begins three days behind the day that was asked for."""
    sandbox.settings(billingLeadDays=3)
    bill = changes.subscribed(client, shop.product(client))
    assert shop.fetched(client, bill).nextBilling.timestamp.date().isoformat() == "2024-02-12"
    assert to_date(client, bill, "2024-02-20").nextBillingDate.isoformat() == "2024-02-20"
    sandbox.advance(36)
    made = shop.transactions(client, bill)[1].transactionItems[0]
    assert made.servicePeriodStartDate.date().isoformat() == "2024-02-23"


def test_what_is_billed_on_a_specified_day_stays_on_that_day(client: Client) -> None:
    bill = changes.subscribed(client, shop.product(client), specifiedBillingDay=10)
    assert "not a day on which it can be billed" in shop.text(to_date(client, bill, "2024-02-20", 400))
    assert to_date(client, bill, "2024-03-10").nextBillingDate.isoformat() == "2024-03-10"


def test_the_day_of_the_month_can_be_set_to_what_it_seems_to_be(client: Client, sandbox: Sandbox) -> None:
    """A week of trial from the 15th bills monthly on the 22nd, though the billing day says 15: now it is the 15th."""
    trial = shop.plan(client, shop.month(type="Week", cycles=1), shop.month())
    bill = changes.subscribed(client, shop.product(client), billingPlan=shop.reference(trial))
    sandbox.advance(8)
    assert shop.fetched(client, bill).nextBilling.timestamp.date().isoformat() == "2024-02-22"
    assert to_day(client, bill, 15).nextBillingDate.isoformat() == "2024-03-15"


def test_the_same_day_for_good_moves_what_a_short_month_had_hidden(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-31T10:00:00")
    bill = changes.subscribed(client, shop.product(client))
    assert to_day(client, bill, 29).nextBillingDate.isoformat() == "2024-02-29"
    sandbox.advance(40)
    assert shop.fetched(client, bill).nextBilling.timestamp.date().isoformat() == "2024-03-29"


def test_the_customer_is_told_of_a_delay_and_not_of_a_touch(
    client: Client, environment: Environment, merchant: Login, bill: Any
) -> None:
    def notices() -> list[tuple[str, str | None]]:
        with closing(environment.open(environment.merchant(merchant.login))) as work:
            rows = work.uow.session.scalars(
                select(OutboxEvent)
                .where(OutboxEvent.merchant_vid == work.merchant.vid, OutboxEvent.subject_vid == bill.VID)
                .order_by(OutboxEvent.at)
            ).all()
            return [
                (row.event, row.payload.get("billing_on")) for row in rows if row.event.startswith("billing")
            ]

    to_date(client, bill, "2024-02-15")
    assert notices() == []
    by_days(client, bill, 5)
    to_day(client, bill, 25)
    assert notices() == [("billingDelay", "2024-02-20"), ("billingDelay", "2024-02-25")]
