"""A theatre sells seasons: billed when one opens, entitled while it lasts, and quiet in between (billing-engine §5)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.services import changes, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

D = Decimal
Check = Callable[[], None]
Rights = Callable[[Any], list[Any]]

AUTUMN = {"description": "Autumn", "startDate": "2024-09-01", "endDate": "2024-12-31"}
SPRING = {"description": "Spring", "startDate": "2025-03-01", "endDate": "2025-05-31"}
NEXT_AUTUMN = {"description": "Autumn", "startDate": "2025-09-01", "endDate": "2025-12-31"}


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Check) -> Any:
    sandbox.set_clock("2024-06-10T10:00:00")
    yield
    books_are_right()


def _plan(client: Client, *seasons: dict[str, str], cycles: int = 2, **fields: Any) -> Any:
    set_ = {"merchantSeasonSetId": shop.new_id("seasons"), "seasons": [dict(one) for one in seasons]}
    given = {"timesToRun": "unlimited", "merchantEntitlementIds": [{"id": "seat"}], "seasonSet": set_}
    return shop.plan(client, shop.month("25.00", cycles=cycles), **(given | fields))


def _subscribed(client: Client, plan: Any, **fields: Any) -> Any:
    items = [{"product": shop.reference(shop.product(client, "5.00"))}]
    return shop.subscribe(client, billingPlan=shop.reference(plan), **({"items": items} | fields)).autobill


def _with_seasons(client: Client, plan: Any, *seasons: dict[str, str], expecting: int = 200) -> Any:
    changed = {"VID": plan.seasonSet.VID, "seasons": [dict(one) for one in seasons]}
    return (
        client("BillingPlan")
        .expecting(expecting)
        .update(billingPlan=shop.reference(plan) | {"seasonSet": changed})
    )


def _billed(client: Client, autobill: Any) -> list[tuple[str, Decimal]]:
    made = shop.transactions(client, autobill)
    return [(one.timestamp.date().isoformat(), one.amount) for one in made]


def _until(sandbox: Sandbox, days: int) -> None:
    """``days`` go by, in steps that the control plane takes."""
    while days > 0:
        sandbox.advance(min(days, 300))
        days -= 300


def _spans(rights: list[Any]) -> list[tuple[str, str | None]]:
    return [
        (right.start.date().isoformat(), right.end.date().isoformat() if right.end else None)
        for right in rights
    ]


def test_two_months_pay_for_each_season_and_nothing_is_asked_in_between(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    autobill = _subscribed(client, _plan(client, AUTUMN, SPRING))
    assert shop.standing(autobill) == ("Pending Activation", "Unbilled")
    assert (autobill.nextBilling.timestamp.date().isoformat(), autobill.nextBilling.amount) == (
        "2024-09-01",
        D("30.00"),
    )
    assert (shop.transactions(client, autobill), entitlements(autobill)) == ([], [])

    sandbox.advance(83)
    now = shop.fetched(client, autobill)
    assert (shop.standing(now), _billed(client, autobill)) == (
        ("Active", "Good Standing"),
        [("2024-09-01", D("30.00"))],
    )
    assert _spans(entitlements(autobill)) == [("2024-09-01", "2024-12-31")]
    assert now.endTimestamp.isoformat() == "2024-12-31T23:59:59-08:00"

    _until(sandbox, 365)
    assert _billed(client, autobill) == [
        ("2024-09-01", D("30.00")),
        ("2024-10-01", D("30.00")),
        ("2025-03-01", D("30.00")),
        ("2025-04-01", D("30.00")),
    ]
    assert _spans(entitlements(autobill)) == [("2024-09-01", "2024-12-31"), ("2025-03-01", "2025-05-31")]
    paused = shop.fetched(client, autobill)
    assert (shop.standing(paused), paused.nextBilling) == (("Active", "Good Standing"), None)
    assert list(shop.states(client, autobill).values()) == ["Paid"] * 4


def test_a_season_that_is_added_wakes_the_subscription(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    plan = _plan(client, AUTUMN)
    autobill = _subscribed(client, plan)
    _until(sandbox, 300)
    assert shop.fetched(client, autobill).nextBilling is None

    _with_seasons(client, plan, AUTUMN, NEXT_AUTUMN)

    assert shop.fetched(client, autobill).nextBilling.timestamp.date().isoformat() == "2025-09-01"
    _until(sandbox, 180)
    assert [day for day, _ in _billed(client, autobill)][2:] == ["2025-09-01", "2025-10-01"]
    assert _spans(entitlements(autobill))[-1] == ("2025-09-01", "2025-12-31")


def test_seasons_to_come_may_move_and_go_but_billed_ones_keep_their_dates(
    client: Client, sandbox: Sandbox
) -> None:
    plan = _plan(client, AUTUMN, SPRING)
    autobill = _subscribed(client, plan)
    sandbox.advance(120)
    later = SPRING | {"startDate": "2025-04-01"}
    _with_seasons(client, plan, AUTUMN | {"description": "The first"}, later)
    assert shop.fetched(client, autobill).nextBilling.timestamp.date().isoformat() == "2025-04-01"
    refused = _with_seasons(client, plan, AUTUMN | {"endDate": "2024-12-01"}, later, expecting=400)
    assert "billed already" in shop.text(refused)
    _with_seasons(client, plan, AUTUMN)
    assert shop.fetched(client, autobill).nextBilling is None
    assert list(shop.states(client, autobill).values()) == ["Paid", "Paid", "Closed"]
    _with_seasons(client, plan, AUTUMN, SPRING)
    assert list(shop.states(client, autobill).values()) == ["Paid", "Paid", "Closed", "Open"]
    _until(sandbox, 200)
    assert [day for day, _ in _billed(client, autobill)][2:] == ["2025-03-01", "2025-04-01"]


def test_money_for_a_season_that_goes_becomes_credit(client: Client, sandbox: Sandbox) -> None:
    plan = _plan(client, AUTUMN, SPRING)
    autobill = _subscribed(client, plan)
    sandbox.advance(120)
    shop.pay(client, autobill, "12.00", invoiceId=shop.invoices(client, autobill)[-1])
    _with_seasons(client, plan, AUTUMN)
    assert shop.credit(client("Account").fetchByVid(vid=autobill.account.VID).account) == [
        (D("12.00"), "USD")
    ]


def test_a_late_customer_pays_at_once_and_in_full_for_what_is_left(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    sandbox.set_clock("2024-11-20T10:00:00")
    autobill = _subscribed(client, _plan(client, AUTUMN, SPRING, cycles=0))
    assert _billed(client, autobill) == [("2024-11-20", D("30.00"))]
    assert _spans(entitlements(autobill)) == [("2024-11-20", "2024-12-31")]
    sandbox.advance(60)
    assert [day for day, _ in _billed(client, autobill)] == ["2024-11-20", "2024-12-20"]


def test_billing_comes_ahead_of_the_season_and_the_seat_some_days_around_it(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    plan = _plan(
        client,
        AUTUMN,
        SPRING,
        cycles=1,
        daysBeforeSeasonToBill=14,
        daysEntitledBeforeSeason=3,
        daysEntitledAfterSeason=7,
    )
    autobill = _subscribed(client, plan)
    sandbox.advance(69)
    assert _billed(client, autobill) == [("2024-08-18", D("30.00"))]
    (right,) = entitlements(autobill)
    assert _spans([right]) == [("2024-08-29", "2025-01-07")]
    named = {"account": shop.reference(autobill.account), "merchantEntitlementId": "seat"}
    assert not client("Account").isEntitled(**named).entitled
    sandbox.advance(11)
    assert client("Account").isEntitled(**named).entitled


def test_a_seat_for_the_whole_year_does_not_end_with_the_season(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    autobill = _subscribed(client, _plan(client, AUTUMN, SPRING, entitledOffSeason=True))
    _until(sandbox, 240)
    assert _spans(entitlements(autobill)) == [("2024-09-01", None)]


def test_no_season_entitles_before_it_is_paid(client: Client, sandbox: Sandbox, entitlements: Rights) -> None:
    autobill = _subscribed(client, _plan(client, AUTUMN, SPRING))
    _until(sandbox, 200)
    sandbox.script(*[{"authCode": "302"}] * 2)
    sandbox.advance(66)
    assert shop.fetched(client, autobill).billingState == "In Retry"
    assert _spans(entitlements(autobill)) == [("2024-09-01", "2024-12-31")]
    sandbox.advance(8)
    assert shop.fetched(client, autobill).billingState == "Good Standing"
    assert _spans(entitlements(autobill))[1:] == [("2025-03-08", "2025-05-31")]


def test_a_plan_for_two_seasons_expires_after_the_second(client: Client, sandbox: Sandbox) -> None:
    autobill = _subscribed(client, _plan(client, AUTUMN, SPRING, NEXT_AUTUMN, timesToRun="2"))
    _until(sandbox, 355)
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")
    sandbox.advance(1)
    assert shop.standing(shop.fetched(client, autobill)) == ("Expired", "Billing Completed")


def test_leaving_in_season_keeps_what_is_paid_and_gives_back_the_rest_by_day(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    monthly = _plan(client, AUTUMN, cycles=0)
    stays, goes = (_subscribed(client, monthly) for _ in range(2))
    sandbox.advance(92)
    sandbox.set_clock("2024-09-10T12:00:00")
    kept = client("AutoBill").cancel(autobill=shop.reference(stays), disentitle=False, force=False).autobill
    assert kept.endTimestamp.isoformat() == "2024-09-30T23:59:59-07:00"
    assert _spans(entitlements(stays)) == [("2024-09-01", "2024-09-30")]
    done = client("AutoBill").cancel(autobill=shop.reference(goes), disentitle=True, force=False, settle=True)
    assert [refund.amount for refund in done.refunds] == [D("20.00")]
    whole = _subscribed(client, _plan(client, AUTUMN, cycles=1))
    sandbox.set_clock("2024-10-21T12:00:00")
    done = client("AutoBill").cancel(
        autobill=shop.reference(whole), disentitle=True, force=False, settle=True
    )
    # billed on 10 September for the 113 days to 31 December, of which 71 are left
    assert [refund.amount for refund in done.refunds] == [D("18.85")]


def test_items_may_wait_for_a_later_season(client: Client, sandbox: Sandbox) -> None:
    cushion = shop.product(client, "3.00")
    items = [
        {"product": shop.reference(shop.product(client, "5.00"))},
        {"product": shop.reference(cushion), "startDate": "1 season"},
        {"product": shop.reference(cushion), "startDate": "2 Seasons"},
    ]
    plan = _plan(client, AUTUMN, SPRING, cycles=1)
    autobill = _subscribed(client, plan, items=items)
    starts = [item.startDate for item in autobill["items"]]
    assert (starts[0], starts[1][:10], starts[2]) == (None, "2025-03-01", "2 Seasons")
    _until(sandbox, 300)
    assert [amount for _, amount in _billed(client, autobill)] == [D("30.00"), D("33.00")]
    _with_seasons(client, plan, AUTUMN, SPRING, NEXT_AUTUMN)
    _until(sandbox, 150)
    assert [amount for _, amount in _billed(client, autobill)][2:] == [D("36.00")]
    ordinary = shop.order(client, shop.card(), items=items)
    assert "needs a plan with seasons" in shop.text(shop.update(client, ordinary, expecting=400))


def test_subscriptions_are_told_by_whether_their_season_runs(client: Client, sandbox: Sandbox) -> None:
    autumn = _subscribed(client, _plan(client, AUTUMN))
    spring = _subscribed(client, _plan(client, SPRING))
    shop.subscribe(client)

    def told(operation: str) -> list[str]:
        return [one.VID for one in getattr(client("AutoBill"), operation)().autoBills]

    assert (told("fetchAllInSeason"), told("fetchAllOffSeason")) == ([], [autumn.VID, spring.VID])
    sandbox.advance(100)
    assert (told("fetchAllInSeason"), told("fetchAllOffSeason")) == ([autumn.VID], [spring.VID])
    client("AutoBill").cancel(autobill=shop.reference(autumn), disentitle=True, force=False)
    assert told("fetchAllInSeason") == []


def test_bills_to_come_are_those_of_the_seasons_that_are_known(client: Client) -> None:
    autobill = _subscribed(client, _plan(client, AUTUMN, SPRING))
    bills = client("AutoBill").fetchFutureRebills(autobill=shop.reference(autobill), quantity=10).transactions
    assert [bill.timestamp.date().isoformat() for bill in bills] == [
        "2024-09-01",
        "2024-10-01",
        "2025-03-01",
        "2025-04-01",
    ]


def test_a_plan_whose_seasons_are_all_over_waits_for_a_new_one(client: Client, sandbox: Sandbox) -> None:
    plan = _plan(client, AUTUMN)
    sandbox.set_clock("2025-02-01T10:00:00")
    autobill = _subscribed(client, plan)
    assert (shop.standing(autobill), autobill.nextBilling) == (("Pending Activation", "Unbilled"), None)
    _with_seasons(client, plan, AUTUMN, SPRING)
    assert shop.fetched(client, autobill).nextBilling.timestamp.date().isoformat() == "2025-03-01"
    sandbox.advance(28)
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")


def test_an_exchange_in_a_season_credits_all_its_cycles_by_the_day_and_charges_in_full(
    client: Client, sandbox: Sandbox
) -> None:
    """Two cycles of 5.00 serve the 122 days of autumn, of which 46 are left; 8.00 is charged once (autobill §6.35)."""
    autobill = _subscribed(client, _plan(client, AUTUMN, SPRING))
    _until(sandbox, 159)
    assert sandbox.now().startswith("2024-11-16")
    better = changes.replacing(autobill["items"][0], shop.product(client, "8.00"))
    refused = changes.modify(client, autobill, better, effective="nextBill", expecting=400)
    assert "effectiveDate today" in shop.text(refused)
    done = changes.modify(client, autobill, better)
    assert [total for _, _, total in changes.lines(done.transaction)] == [D("-1.89"), D("-1.89"), D("8.00")]
    assert done.transaction.amount == D("4.22")
    undone = changes.modify(client, autobill, changes.removing(done.autobill["items"][1]))
    assert [one.amount for one in undone.refunds] == [D("4.22"), D("3.78")]
    assert done.autobill.nextBilling.timestamp.date().isoformat() == "2025-03-01"
    assert done.autobill.nextBilling.amount == D("33.00")


def test_an_item_of_a_season_that_nobody_knows_yet_is_in_the_history(client: Client) -> None:
    items = [{"product": shop.reference(shop.product(client)), "startDate": "3 seasons"}]
    autobill = _subscribed(client, _plan(client, AUTUMN), items=items)
    told = client("AutoBill").fetchBillingItemHistory(autobill=shop.reference(autobill))
    assert [one.action for one in told.autoBillItemHistory] == ["Add"]
