"""What customers may use and until when: through subscriptions, by the merchant, and as a cache learns of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

Check = Callable[[], None]


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Check) -> Any:
    sandbox.set_clock("2024-01-15T12:00:00")
    yield
    books_are_right()


def _granting(client: Client, *ids: str) -> list[dict[str, Any]]:
    product = shop.product(
        client, merchantEntitlementIds=[{"id": one, "description": one.title()} for one in ids]
    )
    return [{"product": shop.reference(product)}]


def _rights(client: Client, account: Any, **options: Any) -> list[Any]:
    given = {"account": shop.reference(account)} | options
    return list(client("Entitlement").fetchByAccount(**given).entitlements)


def _ends(rights: list[Any]) -> list[tuple[str, str | None, bool]]:
    found = [
        (
            right.merchantEntitlementId,
            right.endTimestamp.date().isoformat() if right.endTimestamp else None,
            right.active,
        )
        for right in rights
    ]
    return sorted(found, key=lambda one: (one[0], one[1] or ""))


def _may(client: Client, account: Any, right: str) -> bool:
    answer = client("Account").isEntitled(account=shop.reference(account), merchantEntitlementId=right)
    return bool(answer.entitled)


def _grant(client: Client, account: Any, right: str, start: str | None = None, end: str | None = None) -> Any:
    entitlement = {"merchantEntitlementId": right, "startTimestamp": start, "endTimestamp": end}
    answer = client("Account").grantEntitlement(account=shop.reference(account), entitlement=entitlement)
    return answer.account


def _changed(client: Client, since: str, **rest: Any) -> list[Any]:
    window = {"timestamp": since, "page": 0, "pageSize": 100} | rest
    return list(client("Entitlement").fetchDeltaSince(**window).entitlements)


def test_a_subscription_entitles_while_it_is_paid_and_through_retries(
    client: Client, sandbox: Sandbox
) -> None:
    plan = shop.plan(client, merchantEntitlementIds=[{"id": "member"}])
    autobill = shop.subscribe(
        client, billingPlan=shop.reference(plan), items=_granting(client, "read")
    ).autobill
    home = autobill.account

    by_plan, by_product = sorted(_rights(client, home), key=lambda right: str(right.merchantEntitlementId))
    assert (by_plan.merchantEntitlementId, by_plan.productVID) == ("member", None)
    product = autobill["items"][0].product
    assert (by_product.merchantProductId, by_product.productVID) == (product.merchantProductId, product.VID)
    for right in (by_plan, by_product):
        assert (right.autoBillVID, right.merchantAutoBillId) == (autobill.VID, autobill.merchantAutoBillId)
        assert (right.account.VID, right.endTimestamp, right.active) == (home.VID, None, True)
    assert (_may(client, home, "read"), _may(client, home, "write")) == (True, False)

    sandbox.script(*[{"authCode": "302"}] * 4)
    sandbox.advance(31)
    assert _ends(_rights(client, home)) == [("member", "2024-03-06", True), ("read", "2024-03-06", True)]
    sandbox.advance(20)
    assert _may(client, home, "read")
    sandbox.advance(1)
    assert (_may(client, home, "read"), _rights(client, home)) == (False, [])
    assert _ends(_rights(client, home, showAll=True)) == [
        ("member", "2024-03-06", False),
        ("read", "2024-03-06", False),
    ]


def test_a_pending_subscription_entitles_to_nothing_yet(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(
        client, items=_granting(client, "read"), startTimestamp="2024-02-01T00:00:00-08:00"
    ).autobill
    assert _rights(client, autobill.account, showAll=True) == []
    sandbox.advance(17)
    assert _may(client, autobill.account, "read")


def test_a_merchant_grants_prolongs_and_revokes_a_right_by_itself(client: Client, sandbox: Sandbox) -> None:
    home = shop.account(client)
    granted = _grant(client, home, "beta", end="2024-01-31T00:00:00-08:00")
    assert _ends(granted.entitlements) == [("beta", "2024-01-31", True)]
    (right,) = _rights(client, home)
    assert (right.autoBillVID, right.productVID, right.account.merchantAccountId) == (
        None,
        None,
        home.merchantAccountId,
    )

    named = {"account": shop.reference(home), "merchantEntitlementId": "beta"}
    client("Account").extendEntitlementByInterval(**named, interval={"months": 1})
    assert _ends(_rights(client, home)) == [("beta", "2024-02-29", True)]
    client("Account").extendEntitlementToDate(**named, extensionDate="2024-03-15T00:00:00-07:00")
    assert _ends(_rights(client, home)) == [("beta", "2024-03-15", True)]
    refused = (
        client("Account")
        .expecting(400)
        .extendEntitlementToDate(**named, extensionDate="2024-03-01T00:00:00-08:00")
    )
    assert shop.text(refused).startswith("Entitlement extension failed: extensionDate ")

    sandbox.set_clock("2024-02-10T09:00:00")
    client("Account").revokeEntitlement(**named)
    assert (_may(client, home, "beta"), _rights(client, home)) == (False, [])
    assert _ends(_rights(client, home, showAll=True)) == [("beta", "2024-02-10", False)]
    refused = client("Account").expecting(400).revokeEntitlement(**named)
    assert shop.text(refused) == (
        "Entitlement revocation failed: Could not find active entitlement for revocation."
    )


def test_a_right_that_is_over_comes_back_from_now_on(client: Client, sandbox: Sandbox) -> None:
    home = shop.account(client)
    _grant(client, home, "beta", end="2024-01-20T00:00:00-08:00")
    sandbox.set_clock("2024-02-01T12:00:00")
    assert not _may(client, home, "beta")
    client("Account").extendEntitlementByInterval(
        account=shop.reference(home), entitlement={"merchantEntitlementId": "beta"}, interval={"weeks": 1}
    )
    assert _ends(_rights(client, home)) == [("beta", "2024-02-08", True)]


def test_grants_never_touch_what_subscriptions_entitle_to(client: Client) -> None:
    autobill = shop.subscribe(client, items=_granting(client, "read")).autobill
    named = {"account": shop.reference(autobill.account), "merchantEntitlementId": "read"}
    client("Account").expecting(400).revokeEntitlement(**named)
    client("Account").expecting(400).extendEntitlementByInterval(**named, interval={"days": 1})
    _grant(client, autobill.account, "read")
    client("Account").revokeEntitlement(**named)
    assert _may(client, autobill.account, "read")


def test_future_grants_are_shown_and_go_with_the_active_one(client: Client, sandbox: Sandbox) -> None:
    home = shop.account(client)
    _grant(client, home, "beta")
    _grant(client, home, "beta", start="2024-06-01T00:00:00-07:00", end="2024-06-30T00:00:00-07:00")
    named = {"entitlementId": "beta", "account": shop.reference(home)}
    fetch = client("Entitlement").fetchByEntitlementIdAndAccount
    assert _ends(_rights(client, home)) == [("beta", None, True), ("beta", "2024-06-30", False)]
    assert len(fetch(**named).entitlements) == 1
    assert len(fetch(**named, showAll=True).entitlements) == 2
    client("Account").revokeEntitlement(
        account=shop.reference(home), merchantEntitlementId="beta", note="moved"
    )
    assert _ends(_rights(client, home, showAll=True)) == [("beta", "2024-01-15", False)]


def test_a_cache_learns_of_every_change_once(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, items=_granting(client, "read")).autobill
    home = autobill.account
    _grant(client, home, "beta")
    start = "2024-01-15T00:00:00-08:00"
    assert [right.merchantEntitlementId for right in _changed(client, start)] == ["read", "beta"]
    sandbox.set_clock("2024-01-20T12:00:00")
    later = "2024-01-16T00:00:00-08:00"
    assert _changed(client, later) == []
    client("AutoBill").cancel(autobill=shop.reference(autobill), disentitle=True, force=False)
    (gone,) = _changed(client, later)
    assert (gone.merchantEntitlementId, gone.active, gone.account.VID) == ("read", False, home.VID)
    client("Account").revokeEntitlement(account=shop.reference(home), merchantEntitlementId="beta")
    pages = [_changed(client, later, page=page, pageSize=1) for page in range(3)]
    assert [[right.merchantEntitlementId for right in page] for page in pages] == [["read"], ["beta"], []]
    until = {"endTimestamp": "2024-01-19T00:00:00-08:00"}
    assert _changed(client, start, **until) == []


def test_a_cache_learns_that_a_paid_month_is_over(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, items=_granting(client, "read")).autobill
    client("AutoBill").cancel(autobill=shop.reference(autobill), disentitle=False, force=False)
    assert _ends(_rights(client, autobill.account)) == [("read", "2024-02-14", True)]
    sandbox.advance(31)
    (gone,) = _changed(client, "2024-02-15T00:00:00-08:00")
    assert (gone.merchantEntitlementId, gone.active) == ("read", False)


def test_rights_added_to_a_plan_in_use_are_told(client: Client, sandbox: Sandbox) -> None:
    plan = shop.plan(client, merchantEntitlementIds=[{"id": "member"}])
    autobill = shop.subscribe(client, billingPlan=shop.reference(plan)).autobill
    sandbox.set_clock("2024-01-20T12:00:00")
    ids = [{"id": "member"}, {"id": "lounge"}]
    client("BillingPlan").update(billingPlan=shop.reference(plan) | {"merchantEntitlementIds": ids})
    (added,) = _changed(client, "2024-01-20T00:00:00-08:00")
    assert (added.merchantEntitlementId, added.autoBillVID) == ("lounge", autobill.VID)
    assert added.startTimestamp.date().isoformat() == "2024-01-20"
