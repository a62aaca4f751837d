"""What an AutoBill entitles to while it is billed (billing-engine §10), read from the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

Rights = Callable[[Any], list[Any]]


@pytest.fixture(autouse=True)
def _noon(sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-15T12:00:00")


def _granting(client: Client, *ids: str, price: str = "1.00") -> dict[str, str]:
    return shop.reference(shop.product(client, price, merchantEntitlementIds=[{"id": one} for one in ids]))


def _ends(rights: list[Any]) -> dict[str, str | None]:
    return {right.id: right.end.date().isoformat() if right.end else None for right in rights}


def test_plan_and_products_entitle_from_the_start_and_without_end(
    client: Client, entitlements: Rights
) -> None:
    plan = shop.plan(client, merchantEntitlementIds=[{"id": "member"}])
    items = [{"product": _granting(client, "read", "print")}, {"product": _granting(client, "web")}]
    autobill = shop.subscribe(client, billingPlan=shop.reference(plan), items=items).autobill
    rights = entitlements(autobill)
    assert _ends(rights) == {"member": None, "read": None, "print": None, "web": None}
    assert {right.start for right in rights} == {autobill.startTimestamp}


def test_nothing_is_granted_before_the_start(client: Client, sandbox: Sandbox, entitlements: Rights) -> None:
    items = [{"product": _granting(client, "read")}]
    autobill = shop.subscribe(client, items=items, startTimestamp="2024-02-01T00:00:00-08:00").autobill
    assert entitlements(autobill) == []
    sandbox.bill_on("2024-02-01T09:00:00")
    assert [right.start.isoformat() for right in entitlements(autobill)] == ["2024-02-01T00:00:00-08:00"]


def test_a_finite_plan_entitles_to_its_end(client: Client, entitlements: Rights) -> None:
    plan = shop.plan(client, shop.month(cycles=12))
    items = [{"product": _granting(client, "read")}]
    autobill = shop.subscribe(client, billingPlan=shop.reference(plan), items=items).autobill
    assert _ends(entitlements(autobill)) == {"read": "2025-01-14"}
    assert autobill.endTimestamp.isoformat() == "2025-01-14T23:59:59-08:00"


def test_a_one_time_item_entitles_for_the_period_it_was_billed_in(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    items = [{"product": _granting(client, "read")}, {"product": _granting(client, "gift"), "cycles": 1}]
    autobill = shop.subscribe(client, items=items).autobill
    assert _ends(entitlements(autobill)) == {"read": None, "gift": "2024-02-14"}
    sandbox.bill_on("2024-02-15T09:00:00")
    assert _ends(entitlements(autobill)) == {"read": None, "gift": "2024-02-14"}


def test_an_item_of_some_cycles_entitles_to_the_end_of_the_last(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    items = [{"product": _granting(client, "read"), "cycles": 3}]
    autobill = shop.subscribe(client, items=items).autobill
    assert _ends(entitlements(autobill)) == {"read": "2024-04-14"}
    sandbox.bill_on("2024-02-15T09:00:00")
    assert _ends(entitlements(autobill)) == {"read": "2024-04-14"}


def test_an_item_that_starts_later_entitles_from_then_on(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    items = [
        {"product": _granting(client, "read")},
        {"product": _granting(client, "tv"), "startDate": "1 month"},
    ]
    autobill = shop.subscribe(client, items=items).autobill
    assert _ends(entitlements(autobill)) == {"read": None}
    sandbox.bill_on("2024-02-15T09:00:00")
    later = next(right for right in entitlements(autobill) if right.id == "tv")
    assert (later.start.date().isoformat(), later.end) == ("2024-02-15", None)


def test_one_right_given_twice_is_kept_as_long_as_either_gives_it(
    client: Client, entitlements: Rights
) -> None:
    product = _granting(client, "read")
    autobill = shop.subscribe(
        client, items=[{"product": product, "cycles": 1}, {"product": product}]
    ).autobill
    assert _ends(entitlements(autobill)) == {"read": None}


def test_a_right_of_fixed_length_does_not_follow_the_periods(client: Client, entitlements: Rights) -> None:
    plan = shop.plan(client, shop.month(cycles=1), entitlementsValidFor="6 months")
    items = [{"product": _granting(client, "read")}]
    autobill = shop.subscribe(client, billingPlan=shop.reference(plan), items=items).autobill
    assert _ends(entitlements(autobill)) == {"read": "2024-07-14"}
    forever = shop.plan(client, shop.month(cycles=1), entitlementsValidFor="forever")
    other = shop.subscribe(client, billingPlan=shop.reference(forever), items=items).autobill
    assert _ends(entitlements(other)) == {"read": None}
    assert other.endTimestamp is None


def test_an_added_item_entitles_from_its_first_billing(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    autobill = shop.subscribe(client, items=[{"product": _granting(client, "read")}]).autobill
    shop.update(client, shop.reference(autobill) | {"items": [{"product": _granting(client, "tv")}]})
    assert _ends(entitlements(autobill)) == {"read": None}
    sandbox.bill_on("2024-02-15T09:00:00")
    assert _ends(entitlements(autobill)) == {"read": None, "tv": None}


def test_an_unpaid_cycle_entitles_through_retries_and_grace(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    plan = shop.plan(client, nameValues=[{"name": "vin:GraceDays", "value": "30"}])
    items = [{"product": _granting(client, "read")}]
    orders = [
        shop.order(client, shop.card(shop.SOFT_DECLINED), items=items),
        shop.order(client, shop.card(shop.SOFT_DECLINED), items=items, billingPlan=shop.reference(plan)),
    ]
    ends = []
    for order in orders:
        autobill = shop.update(client, order, immediateAuthFailurePolicy="putAutoBillInRetryCycle").autobill
        ends.append(_ends(entitlements(autobill)))
    assert ends == [{"read": "2024-02-04"}, {"read": "2024-02-13"}]


def test_an_invoiced_customer_is_entitled_while_the_invoice_is_due_and_overdue(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    items = [{"product": _granting(client, "read")}]
    autobill = shop.subscribe(client, shop.invoiced(), items=items).autobill
    assert _ends(entitlements(autobill)) == {"read": None}
    sandbox.advance(5)
    assert shop.fetched(client, autobill).billingState == "Overdue"
    assert _ends(entitlements(autobill)) == {"read": None}
