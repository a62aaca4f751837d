"""AutoBill.update on the items and billing days of one that exists (autobill §6.1, §6.8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

Check = Callable[[], None]
FUTURE = "2024-03-01T00:00:00-08:00"


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check, sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-01-15T12:00:00")
    yield
    books_are_right()


def _change(client: Client, autobill: Any, *, expecting: int = 200, **fields: Any) -> Any:
    return shop.update(client, shop.reference(autobill) | fields, expecting=expecting)


def _next_day(autobill: Any) -> str:
    text: str = autobill.nextBilling.timestamp.date().isoformat()
    return text


@pytest.fixture
def autobill(client: Client) -> Any:
    """Two items: ``paper`` at 10.00 and ``web`` at 2.00."""
    paper, web = shop.product(client, "10.00"), shop.product(client, "2.00")
    return shop.subscribe(
        client,
        items=[
            {"product": shop.reference(paper), "merchantAutoBillItemId": "paper"},
            {"product": shop.reference(web), "merchantAutoBillItemId": "web"},
        ],
    ).autobill


@pytest.mark.parametrize("key", ["VID", "merchantAutoBillItemId", "product VID", "product SKU"])
def test_an_item_is_matched_and_changed_from_the_next_billing(
    client: Client, sandbox: Sandbox, autobill: Any, key: str
) -> None:
    web = autobill.items[1]
    named: dict[str, Any] = {
        "VID": {"VID": web.VID},
        "merchantAutoBillItemId": {"merchantAutoBillItemId": "web"},
        "product VID": {"product": {"VID": web.product.VID}},
        "product SKU": {"product": {"merchantProductId": web.product.merchantProductId}},
    }[key]
    changed = _change(
        client, autobill, items=[named | {"quantity": 5, "nameValues": [{"name": "a", "value": "1"}]}]
    )
    items = changed.autobill.items
    assert [item.VID for item in items] == [item.VID for item in autobill.items]
    assert (items[1].quantity, shop.names(items[1])) == (5, {"a": "1"})
    assert changed.autobill.nextBilling.amount == 20
    assert len(shop.transactions(client, autobill)) == 1
    sandbox.bill_on("2024-02-15T08:00:00")
    assert shop.transactions(client, autobill)[-1].amount == 20


def test_an_amount_overrides_the_price(client: Client, autobill: Any) -> None:
    changed = _change(client, autobill, items=[{"merchantAutoBillItemId": "web", "amount": "0.50"}]).autobill
    assert changed.items[1].amount.__str__() == "0.50"
    assert changed.nextBilling.amount.__str__() == "10.50"


def test_items_that_are_not_mentioned_stay(client: Client, autobill: Any) -> None:
    changed = _change(client, autobill, items=[{"merchantAutoBillItemId": "paper", "quantity": 2}]).autobill
    assert [item.merchantAutoBillItemId for item in changed.items] == ["paper", "web"]
    assert changed.nextBilling.amount == 22


def test_an_unmatched_item_is_added_from_the_next_billing(
    client: Client, sandbox: Sandbox, autobill: Any
) -> None:
    extra = shop.product(client, "3.00")
    changed = _change(
        client, autobill, items=[{"product": shop.reference(extra), "merchantAutoBillItemId": "tv"}]
    )
    items = changed.autobill.items
    assert [(item.index, item.merchantAutoBillItemId) for item in items] == [
        (0, "paper"),
        (1, "web"),
        (2, "tv"),
    ]
    assert changed.autobill.nextBilling.amount == 15
    sandbox.bill_on("2024-02-15T08:00:00")
    lines = shop.transactions(client, autobill)[-1].transactionItems
    assert [line.total for line in lines] == [0, 10, 2, 3, 0]


def test_the_same_product_twice_matches_none(client: Client) -> None:
    product = shop.product(client)
    twice = [{"product": shop.reference(product)}, {"product": shop.reference(product)}]
    autobill = shop.subscribe(client, items=twice).autobill
    changed = _change(client, autobill, items=[{"product": shop.reference(product), "quantity": 4}]).autobill
    assert [item.quantity for item in changed.items] == [1, 1, 4]
    assert changed.nextBilling.amount == 60


def test_a_fetched_autobill_sent_back_changes_no_item(client: Client, autobill: Any) -> None:
    items = [{name: item[name] for name in item} for item in autobill.items]
    changed = _change(client, autobill, items=items).autobill
    assert changed.items == autobill.items
    assert changed.nextBilling.amount == 12


@pytest.mark.parametrize(
    ("part", "code", "named"),
    [
        ({"merchantAutoBillItemId": "web", "quantity": 0}, 400, "items.quantity"),
        ({"merchantAutoBillItemId": "web", "amount": "-1"}, 400, "items.amount"),
        ({"merchantAutoBillItemId": "web", "amount": "1", "currency": "EUR"}, 400, "items.currency"),
        ({"VID": "0" * 40, "quantity": 2}, 404, "0000"),
        (
            {"product": {"merchantProductId": "nothing"}},
            400,
            'Unable to load product by sku "nothing":  No match',
        ),
        ({"quantity": 2}, 400, "item"),
    ],
)
def test_an_item_that_breaks_a_rule_changes_nothing(
    client: Client, autobill: Any, part: dict[str, Any], code: int, named: str
) -> None:
    answer = _change(client, autobill, expecting=code, items=[part], customerAutoBillName="x")
    assert named in shop.text(answer)
    assert shop.fetched(client, autobill) == autobill


def test_before_the_first_billing_the_list_is_replaced(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, startTimestamp=FUTURE).autobill
    other = shop.product(client, "7.00")
    changed = _change(client, autobill, items=[{"product": shop.reference(other)}]).autobill
    assert [item.product.VID for item in changed.items] == [other.VID]
    assert [item.index for item in changed.items] == [0]
    assert changed.nextBilling.amount == 7
    sandbox.bill_on("2024-03-01T08:00:00")
    assert [one.amount for one in shop.transactions(client, autobill)] == [7]


@pytest.mark.parametrize(
    ("day", "dates"),
    [
        (20, ["2024-02-20", "2024-03-20", "2024-04-20"]),
        (10, ["2024-03-10", "2024-04-10", "2024-05-10"]),
        (15, ["2024-02-15", "2024-03-15", "2024-04-15"]),
        (31, ["2024-02-29", "2024-03-31", "2024-04-30"]),
    ],
)
def test_another_billing_day_moves_the_next_billing_forward(
    client: Client, sandbox: Sandbox, day: int, dates: list[str]
) -> None:
    autobill = shop.subscribe(client).autobill
    changed = _change(client, autobill, billingDay=day).autobill
    assert changed.billingDay == day
    seen = []
    for date in dates:
        seen.append(_next_day(shop.fetched(client, autobill)))
        sandbox.bill_on(f"{date}T08:00:00")
    assert seen == dates


def test_a_billing_day_never_moves_a_billing_back(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client).autobill
    _change(client, autobill, billingDay=10)
    sandbox.bill_on("2024-03-10T08:00:00")
    sandbox.bill_on("2024-04-10T08:00:00")
    changed = _change(client, autobill, billingDay=20).autobill
    assert _next_day(changed) == "2024-05-20"
    assert _next_day(_change(client, autobill, billingDay=5).autobill) == "2024-06-05"


def test_another_billing_day_of_a_weekly_plan_moves_the_next_billing_alone(
    client: Client, sandbox: Sandbox
) -> None:
    weekly = shop.plan(client, {"type": "Week", "quantity": 1, "cycles": 0})
    autobill = shop.subscribe(client, billingPlan=shop.reference(weekly)).autobill
    assert _next_day(autobill) == "2024-01-22"
    changed = _change(client, autobill, billingDay=25).autobill
    assert _next_day(changed) == "2024-01-25"
    sandbox.bill_on("2024-01-25T08:00:00")
    assert _next_day(shop.fetched(client, autobill)) == "2024-01-29"


def test_the_service_period_stretches_to_the_new_billing_day(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client).autobill
    changed = _change(client, autobill, billingDay=20).autobill
    assert changed.endTimestamp.isoformat() == "2024-02-19T23:59:59-08:00"
    sandbox.bill_on("2024-02-20T08:00:00")
    lines = shop.transactions(client, autobill)[-1].transactionItems
    assert lines[0].servicePeriodStartDate.isoformat() == "2024-02-20T00:00:00-08:00"


def test_before_the_first_billing_the_day_bends_the_schedule_from_the_start(
    client: Client, sandbox: Sandbox
) -> None:
    autobill = shop.subscribe(client, startTimestamp=FUTURE).autobill
    changed = _change(client, autobill, billingDay=10).autobill
    assert _next_day(changed) == "2024-03-01"
    sandbox.bill_on("2024-03-01T08:00:00")
    assert _next_day(shop.fetched(client, autobill)) == "2024-04-10"


@pytest.mark.parametrize("day", [0, 32, -1])
def test_a_billing_day_that_does_not_exist_is_refused(client: Client, autobill: Any, day: int) -> None:
    assert "billingDay" in shop.text(_change(client, autobill, expecting=400, billingDay=day))


@pytest.mark.parametrize(
    ("rule", "billed", "offset"),
    [(None, "2024-02-05", -10), ("Advance", "2024-02-05", -10), ("Arrears", "2024-03-05", 19)],
)
def test_a_specified_billing_day_is_the_day_of_billing_not_of_service(
    client: Client, sandbox: Sandbox, rule: str | None, billed: str, offset: int
) -> None:
    autobill = shop.subscribe(client).autobill
    changed = _change(client, autobill, specifiedBillingDay=5, billingRule=rule).autobill
    assert (changed.specifiedBillingDay, changed.billingRule) == (5, rule or "Advance")
    assert (_next_day(changed), changed.billingOffset) == (billed, offset)
    sandbox.bill_on(f"{billed}T08:00:00")
    lines = shop.transactions(client, autobill)[-1].transactionItems
    assert lines[0].servicePeriodStartDate.date().isoformat() == "2024-02-15"
