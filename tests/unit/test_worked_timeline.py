"""One subscription over half a year, from its plan to its money (billing-engine §16).

Plan ``tri``: a free month, two at 5.00, then 10.00. Items ``basic`` 2.00 and ``modem`` 15.00, billed once, a month
after the start. Tax 10 % on all. Started on 31 January 2024.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from cashbox_service.domain.catalog import PeriodType, PlanPeriod, PlanPrice, ProductPrice
from cashbox_service.domain.entitlement import Ends, Situation, ends, item_last_day
from cashbox_service.domain.item_timing import ItemTiming, item_starts_on
from cashbox_service.domain.lines import (
    BookedPayment,
    Charge,
    CycleCharges,
    Line,
    ServicePeriod,
    UsedCredit,
    amount_of,
    charge_lines,
    projected_amount,
    projection_lines,
    with_settlements,
)
from cashbox_service.domain.postal import PostalAddress
from cashbox_service.domain.pricing import item_price, plan_price
from cashbox_service.domain.retry import Outlook, after_failure
from cashbox_service.domain.schedule import Cycle, Terms, cycle_at
from cashbox_service.domain.tax import TaxAssessor, TaxRate, TaxTable

D = Decimal
START = date(2024, 1, 31)
FIVE, SIX, TEN = ((PlanPrice(D(price), "USD"),) for price in ("5.00", "6.00", "10.00"))
TRI = Terms(
    START,
    (
        PlanPeriod(PeriodType.MONTH, cycles=1, free=True, prices=TEN),
        PlanPeriod(PeriodType.MONTH, cycles=2, prices=FIVE),
        PlanPeriod(PeriodType.MONTH, prices=TEN),
    ),
)
BASIC = ("basic", (ProductPrice(D("2.00"), "USD"),), ItemTiming(START))
MODEM = ("modem", (ProductPrice(D("15.00"), "USD"),), ItemTiming(item_starts_on("1 month", START), cycles=1))
TAX = TaxAssessor("USD", TaxTable((TaxRate("US", D("0.1")),)), PostalAddress(country="US"))
RETRY_DAYS = (3, 7, 14)


def _cycle(index: int) -> Cycle:
    found = cycle_at(TRI, index)
    assert found is not None
    return found


def _lines(
    index: int,
    *added: Charge,
    prices: tuple[PlanPrice, ...] | None = None,
    modem: ItemTiming = MODEM[2],
) -> tuple[Line, ...]:
    cycle = _cycle(index)
    if index > 1:
        modem = modem.after_billing(_cycle(1).service_end)
    plan_prices = prices or TRI.periods[cycle.period_index].prices
    return charge_lines(
        CycleCharges(
            ServicePeriod(cycle.service_start, cycle.service_end),
            Charge("Three steps", plan_price(plan_prices, "USD"), sku="tri"),
            tuple(
                Charge(sku, item_price(item_prices, "USD", None), sku=sku)
                for sku, item_prices, timing in (BASIC, (*MODEM[:2], modem))
                if timing.is_billed(cycle.service_start)
            ),
            added,
            free=cycle.free,
        ),
        TAX,
    )


def _told(lines: tuple[Line, ...]) -> list[tuple[str, str]]:
    return [(line.name, str(line.subtotal or line.total)) for line in lines]


@pytest.mark.parametrize(
    ("index", "billed", "served_to"),
    [
        (0, "2024-01-31", "2024-02-28"),
        (1, "2024-02-29", "2024-03-30"),
        (2, "2024-03-31", "2024-04-29"),
        (3, "2024-04-30", "2024-05-30"),
        (4, "2024-05-31", "2024-06-29"),
        (5, "2024-06-30", "2024-07-30"),
    ],
)
def test_each_month_has_its_days(index: int, billed: str, served_to: str) -> None:
    cycle = _cycle(index)
    assert cycle.billing_date == cycle.service_start == date.fromisoformat(billed)
    assert cycle.service_end == date.fromisoformat(served_to)


def test_31_january_costs_nothing_and_announces_24_20() -> None:
    assert _cycle(0).free
    assert amount_of(_lines(0), "USD") == 0
    assert projected_amount(_lines(1), "USD") == D("24.20")


def test_29_february_bills_plan_basic_and_modem_with_tax() -> None:
    lines = _lines(1)
    assert _told(lines) == [
        ("Three steps", "5.00"),
        ("basic", "2.00"),
        ("modem", "15.00"),
        ("Total Tax", "2.20"),
    ]
    assert amount_of(lines, "USD") == D("24.20")


def test_the_modem_entitles_for_the_month_it_was_billed_in() -> None:
    assert item_last_day(TRI, MODEM[2], 0) == date(2024, 3, 30)


def test_31_march_follows_the_changed_price_the_added_charge_and_the_credit() -> None:
    visit = Charge("Visit", D("3.00"))
    assert projected_amount(_lines(2, prices=SIX), "USD") == D("8.80")
    assert projected_amount(_lines(2, visit, prices=SIX), "USD") == D("12.10")
    lines = with_settlements(_lines(2, visit, prices=SIX), "USD", (), [UsedCredit(D("4.00"))])
    assert _told(lines) == [
        *(
            ("Three steps", "6.00"),
            ("basic", "2.00"),
            ("Visit", "3.00"),
            ("Credit", "-4.00"),
            ("Total Tax", "1.10"),
        ),
    ]
    assert amount_of(lines, "USD") == projected_amount(lines, "USD") == D("8.10")


def test_30_april_is_declined_and_retried_until_grace_is_over() -> None:
    assert amount_of(_lines(3), "USD") == D("13.20")
    attempted, seen = date(2024, 4, 30), []
    after = after_failure(attempted, RETRY_DAYS, 21, attempted_on=attempted, hard=False)
    while after.next_attempt_on is not None:
        seen.append(after.next_attempt_on)
        after = after_failure(date(2024, 4, 30), RETRY_DAYS, 21, attempted_on=seen[-1], hard=False)
    assert seen == [date(2024, 5, 3), date(2024, 5, 7), date(2024, 5, 14)]
    assert after.outlook is Outlook.GRACE
    assert after.served_through == date(2024, 5, 20)


def test_a_part_payment_of_5_00_leaves_8_20_to_the_next_attempt() -> None:
    lines = with_settlements(_lines(3), "USD", [BookedPayment("INT00000009", D("5.00"))])
    assert _told(lines) == [
        ("Three steps", "10.00"),
        ("basic", "2.00"),
        ("Payment INT00000009", "-5.00"),
        ("Total Tax", "1.20"),
    ]
    assert amount_of(lines, "USD") == D("8.20")


def test_31_may_uses_the_credit_that_was_overpaid() -> None:
    lines = with_settlements(_lines(4), "USD", (), [UsedCredit(D("6.80"), description="Overpayment")])
    assert amount_of(lines, "USD") == D("6.40")
    assert [line.name for line in projection_lines(lines)] == ["Three steps", "basic", "Overpayment"]


def test_the_modem_without_a_start_date_is_used_up_in_the_free_month() -> None:
    at_once = ItemTiming(START, cycles=1)
    first = _lines(0, modem=at_once)
    assert _told(first)[2] == ("modem", "0.00")
    later = _lines(1, modem=at_once.after_billing(date(2024, 2, 28)))
    assert amount_of(later, "USD") == D("7.70")


def test_entitlement_follows_the_money() -> None:
    good = Situation(
        terms=TRI,
        status="Active",
        billing_state="Free/Trial",
        start=START,
        today=START,
        billed_to=date(2024, 2, 28),
        paid_to=date(2024, 2, 28),
        retry_days=RETRY_DAYS,
        grace_days=21,
    )
    assert ends(good) == Ends(None, date(2024, 2, 28))
    unpaid = replace(
        good,
        billing_state="In Retry",
        today=date(2024, 5, 3),
        billed_to=date(2024, 5, 30),
        paid_to=date(2024, 4, 29),
        unpaid_since=date(2024, 4, 30),
    )
    assert ends(unpaid) == Ends(date(2024, 5, 20), date(2024, 5, 20))
    paid = replace(good, today=date(2024, 5, 31), billed_to=date(2024, 6, 29), paid_to=date(2024, 6, 29))
    assert ends(paid) == Ends(None, date(2024, 6, 29))
    cancelled = replace(
        paid, status="Pending Cancel", billing_state="Billing Completed", today=date(2024, 6, 10)
    )
    assert ends(cancelled) == Ends(date(2024, 6, 29), date(2024, 6, 29))
    given_up = replace(unpaid, status="Cancelled", billing_state="Failed To Collect", today=date(2024, 5, 21))
    assert ends(given_up) == Ends(date(2024, 5, 20), date(2024, 5, 20))
