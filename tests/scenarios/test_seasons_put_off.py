"""Time credit, free time and delays on a plan with seasons: what is put off is served all the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.services import campaigns, changes, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

Rights = Callable[[Any], list[Any]]

AUTUMN = ("2024-09-01", "2024-12-31")
SPRING = ("2025-03-01", "2025-05-31")
NEXT_AUTUMN = ("2025-09-01", "2025-12-31")


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Any:
    sandbox.set_clock("2024-08-20T10:00:00")
    yield
    books_are_right()


@pytest.fixture
def order(client: Client) -> dict[str, Any]:
    """Two months at 30.00 in every season, and a seat while it lasts."""
    seasons = [
        {"description": first[:7], "startDate": first, "endDate": last}
        for first, last in (AUTUMN, SPRING, NEXT_AUTUMN)
    ]
    plan = shop.plan(
        client,
        shop.month("30.00", cycles=2),
        timesToRun="unlimited",
        merchantEntitlementIds=[{"id": "seat"}],
        seasonSet={"merchantSeasonSetId": shop.new_id("seasons"), "seasons": seasons},
    )
    item = {"product": shop.reference(shop.product(client, None))}
    return shop.order(client, shop.card(), billingPlan=shop.reference(plan), items=[item])


def until(sandbox: Sandbox, day: str) -> None:
    sandbox.advance((date.fromisoformat(day) - date.fromisoformat(sandbox.now()[:10])).days)


def billed(client: Client, bill: Any) -> list[str]:
    return [one.timestamp.date().isoformat() for one in shop.transactions(client, bill)]


def seats(rights: list[Any]) -> list[tuple[str, str]]:
    return [(right.start.date().isoformat(), right.end.date().isoformat()) for right in rights]


@pytest.mark.parametrize(
    ("days", "bills", "seats_"),
    [
        (10, ["2025-03-11", "2025-04-11", "2025-09-01"], [AUTUMN, SPRING, NEXT_AUTUMN]),
        (100, ["2025-09-01"], [AUTUMN, SPRING, NEXT_AUTUMN]),
        (200, ["2025-09-17"], [AUTUMN, SPRING, NEXT_AUTUMN]),
    ],
)
def test_time_credit_puts_off_the_bill_of_a_season_and_the_seat_is_there_all_the_time(
    client: Client,
    sandbox: Sandbox,
    entitlements: Rights,
    order: dict[str, Any],
    days: int,
    bills: list[str],
    seats_: list[tuple[str, str]],
) -> None:
    bill = shop.update(client, order).autobill
    until(sandbox, "2025-01-10")
    granted = client("AutoBill").grantCredit(
        autobill=shop.reference(bill), credit={"timeIntervals": [{"days": days}]}
    )
    assert granted.autobill.nextBilling.timestamp.date().isoformat() == bills[0]
    until(sandbox, "2025-03-02")
    assert seats(entitlements(bill))[:2] == [AUTUMN, SPRING]
    until(sandbox, "2025-09-20")
    assert billed(client, bill) == ["2024-09-01", "2024-10-01", *bills]
    assert seats(entitlements(bill)) == seats_


def test_time_credit_within_a_season_moves_its_second_bill_or_lets_it_go(
    client: Client, sandbox: Sandbox, entitlements: Rights, order: dict[str, Any]
) -> None:
    bill = shop.update(client, order).autobill
    until(sandbox, "2024-09-10")
    client("AutoBill").grantCredit(
        autobill=shop.reference(bill),
        credit={"timeIntervals": [{"days": 10, "sortValue": 1}, {"months": 3, "sortValue": 2}]},
    )
    assert shop.fetched(client, bill).nextBilling.timestamp.date().isoformat() == "2025-03-01"
    until(sandbox, "2025-03-02")
    assert billed(client, bill) == ["2024-09-01", "2025-03-01"]
    assert seats(entitlements(bill)) == [AUTUMN, SPRING]


@pytest.mark.parametrize(
    ("start", "bills", "first_seat"),
    [
        ("2024-08-20T10:00:00", ["2024-10-01", "2024-11-01"], AUTUMN),
        ("2024-09-15T10:00:00", ["2024-10-15", "2024-11-15"], ("2024-09-15", "2024-12-31")),
    ],
)
def test_a_free_month_begins_with_the_season_or_in_the_middle_of_it(
    client: Client,
    sandbox: Sandbox,
    entitlements: Rights,
    order: dict[str, Any],
    start: str,
    bills: list[str],
    first_seat: tuple[str, str],
) -> None:
    sandbox.set_clock(start)
    offer = campaigns.promotion(client, **campaigns.free(1, "Month"))
    bill = shop.update(client, order, campaignCode=offer.promotionCode).autobill
    until(sandbox, "2024-09-20")
    assert (billed(client, bill), seats(entitlements(bill))) == ([], [first_seat])
    until(sandbox, "2025-03-02")
    assert billed(client, bill) == [*bills, "2025-03-01"]
    assert seats(entitlements(bill)) == [first_seat, SPRING]


def test_a_season_that_opens_later_by_a_delay_is_served_from_its_first_day(
    client: Client, sandbox: Sandbox, entitlements: Rights, order: dict[str, Any]
) -> None:
    bill = shop.update(client, order).autobill
    until(sandbox, "2025-01-10")
    client("AutoBill").delayBillingByDays(autobill=shop.reference(bill), delayDays=5, movePermanently=True)
    until(sandbox, "2025-03-02")
    assert seats(entitlements(bill)) == [AUTUMN, SPRING]
    until(sandbox, "2025-03-10")
    assert billed(client, bill)[-1] == "2025-03-06"


def monthly(client: Client) -> Any:
    return shop.plan(client, shop.month("31.00"), merchantEntitlementIds=[{"id": "month"}])


def spans(rights: list[Any]) -> list[tuple[str, str, str | None]]:
    return [
        (right.id, right.start.date().isoformat(), right.end.date().isoformat() if right.end else None)
        for right in rights
    ]


@pytest.fixture
def by_month(client: Client, sandbox: Sandbox, order: dict[str, Any]) -> Any:
    """A customer of a monthly plan, paid for January; no season runs."""
    sandbox.set_clock("2025-01-01T10:00:00")
    bill = shop.update(client, order | {"billingPlan": shop.reference(monthly(client))}).autobill
    until(sandbox, "2025-01-11")
    return bill


def test_a_change_to_a_plan_out_of_season_gives_back_the_old_one_and_waits(
    client: Client, sandbox: Sandbox, entitlements: Rights, order: dict[str, Any], by_month: Any
) -> None:
    """billing-engine §5: the first billing of a plan with seasons is that of its next season."""
    seasonal = client("BillingPlan").fetchByVid(vid=order["billingPlan"]["VID"]).billingPlan
    done = changes.modify(client, by_month, plan=seasonal)
    assert [one.amount for one in done.refunds] == [21]  # 21 of 31 days: today belongs to what comes
    assert (done.transaction.amount, done.autobill.nextBilling.timestamp.date().isoformat()) == (
        0,
        "2025-03-01",
    )
    until(sandbox, "2025-01-12")
    assert spans(entitlements(by_month)) == [("month", "2025-01-01", "2025-01-11")]
    back = changes.modify(client, by_month, plan=monthly(client))
    assert (back.transaction.amount, list(back.refunds)) == (31, [])


def test_a_change_to_a_plan_whose_seasons_are_over_waits_for_another_one(
    client: Client, sandbox: Sandbox, by_month: Any
) -> None:
    past = {"description": "Past", "startDate": "2024-03-01", "endDate": "2024-05-31"}
    seasons: dict[str, Any] = {"merchantSeasonSetId": shop.new_id("seasons"), "seasons": [past]}
    plan = shop.plan(client, shop.month("5.00"), timesToRun="unlimited", seasonSet=seasons)
    done = changes.modify(client, by_month, plan=plan)
    assert ([one.amount for one in done.refunds], done.autobill.nextBilling) == ([21], None)
    seasons["seasons"].append({"description": "Next", "startDate": "2025-02-01", "endDate": "2025-04-30"})
    client("BillingPlan").update(billingPlan=shop.reference(plan) | {"seasonSet": seasons})
    until(sandbox, "2025-02-02")
    assert billed(client, by_month)[-1] == "2025-02-01"


def test_a_plan_with_seasons_that_waits_for_the_next_bill_takes_nothing_that_was_paid(
    client: Client, sandbox: Sandbox, entitlements: Rights, order: dict[str, Any], by_month: Any
) -> None:
    shop.update(client, shop.reference(by_month) | {"billingPlan": order["billingPlan"]})
    assert spans(entitlements(by_month)) == [("month", "2025-01-01", "2025-01-31")]
    until(sandbox, "2025-03-02")
    assert billed(client, by_month) == ["2025-01-01", "2025-03-01"]
    assert spans(entitlements(by_month)) == [
        ("month", "2025-01-01", "2025-01-31"), ("seat", *SPRING),
    ]  # fmt: skip


def test_a_season_is_served_to_its_end_while_another_plan_waits_for_the_next_bill(
    client: Client, sandbox: Sandbox, entitlements: Rights, order: dict[str, Any]
) -> None:
    bill = shop.update(client, order).autobill
    until(sandbox, "2024-10-10")
    shop.update(client, shop.reference(bill) | {"billingPlan": shop.reference(monthly(client))})
    assert spans(entitlements(bill)) == [("seat", *AUTUMN)]
    until(sandbox, "2025-01-10")
    assert spans(entitlements(bill)) == [("seat", *AUTUMN)]
    until(sandbox, "2025-03-02")
    assert spans(entitlements(bill)) == [("seat", *AUTUMN), ("month", "2025-03-01", None)]
