"""Time credit, free time and delays on a plan with seasons: what is put off is served all the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.services import campaigns, shop
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
