"""AutoBills that end by themselves: a debt is given up, a plan is over, a bill paid by hand never comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

Check = Callable[[], None]

RETRY = "putAutoBillInRetryCycle"
GIVEN_UP = ("Cancelled", "Failed To Collect")


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Check) -> Any:
    sandbox.set_clock("2024-01-15T10:00:00")
    yield
    books_are_right()


def _standing(client: Client, autobill: Any) -> tuple[str, str]:
    return shop.standing(shop.fetched(client, autobill))


def _states(client: Client, autobill: Any) -> list[str]:
    return list(shop.states(client, autobill).values())


def _declined(client: Client, number: str, **fields: Any) -> Any:
    return shop.update(
        client, shop.order(client, shop.card(number), **fields), immediateAuthFailurePolicy=RETRY
    ).autobill


def test_after_the_last_retry_comes_grace_and_then_the_end(client: Client, sandbox: Sandbox) -> None:
    autobill = _declined(client, shop.SOFT_DECLINED)
    sandbox.advance(13)
    assert _standing(client, autobill) == ("Active", "In Retry")
    sandbox.advance(1)
    assert _standing(client, autobill) == ("Active", "Grace Period")
    sandbox.advance(6)
    assert _standing(client, autobill) == ("Active", "Grace Period")
    sandbox.advance(1)
    ended = shop.fetched(client, autobill)
    assert shop.standing(ended) == GIVEN_UP
    assert ended.cancelReason.reason_code == "5"
    assert ended.nextBilling is None
    assert _states(client, autobill) == ["Overdue", "Closed"]
    assert [one.retryNumber for one in shop.transactions(client, autobill)] == [0, 1, 2, 3]


def test_a_card_that_will_never_work_is_waited_for_until_grace_is_over(
    client: Client, sandbox: Sandbox
) -> None:
    autobill = _declined(client, shop.HARD_DECLINED)
    sandbox.advance(20)
    assert _standing(client, autobill) == ("Active", "Unusable PaymentMethod")
    sandbox.advance(1)
    assert _standing(client, autobill) == GIVEN_UP
    assert len(shop.transactions(client, autobill)) == 1


def test_a_plan_may_grant_more_days_of_grace_than_the_merchant(client: Client, sandbox: Sandbox) -> None:
    patient = shop.plan(
        client,
        shop.month(),
        nameValues=[{"name": "vin:GraceDays", "value": "40"}],
    )
    autobill = _declined(client, shop.HARD_DECLINED, billingPlan=shop.reference(patient))
    sandbox.advance(39)
    assert _standing(client, autobill) == ("Active", "Unusable PaymentMethod")
    sandbox.advance(1)
    assert _standing(client, autobill) == GIVEN_UP


def test_a_debt_that_was_given_up_can_still_be_paid_but_brings_no_service_back(
    client: Client, sandbox: Sandbox
) -> None:
    autobill = _declined(client, shop.HARD_DECLINED)
    sandbox.advance(21)
    shop.pay(client, autobill, "10.00")
    assert _standing(client, autobill) == ("Cancelled", "Billing Completed")
    assert _states(client, autobill) == ["Paid", "Closed"]
    sandbox.advance(40)
    assert _states(client, autobill) == ["Paid", "Closed"]


def test_money_that_comes_in_grace_keeps_the_autobill(client: Client, sandbox: Sandbox) -> None:
    autobill = _declined(client, shop.SOFT_DECLINED)
    sandbox.advance(16)
    shop.pay(client, autobill, "10.00")
    assert _standing(client, autobill) == ("Active", "Good Standing")
    sandbox.advance(10)
    assert _standing(client, autobill) == ("Active", "Good Standing")


def test_a_finite_plan_expires_when_its_last_period_is_over(client: Client, sandbox: Sandbox) -> None:
    twice = shop.plan(client, shop.month(cycles=2))
    autobill = shop.subscribe(client, billingPlan=shop.reference(twice)).autobill
    sandbox.advance(31)
    billed = shop.fetched(client, autobill)
    assert _states(client, autobill) == ["Paid", "Paid"]
    assert (billed.status, billed.nextBilling) == ("Active", None)
    sandbox.advance(28)
    assert _standing(client, autobill)[0] == "Active"
    sandbox.advance(1)
    assert _standing(client, autobill) == ("Expired", "Billing Completed")


def test_a_finite_plan_with_an_unpaid_last_cycle_is_given_up_not_expired(
    client: Client, sandbox: Sandbox
) -> None:
    once = shop.plan(client, shop.month(cycles=1))
    autobill = _declined(client, shop.HARD_DECLINED, billingPlan=shop.reference(once))
    sandbox.advance(60)
    assert _standing(client, autobill) == GIVEN_UP


def test_bills_paid_by_hand_are_waited_for_without_end_unless_the_merchant_says_how_long(
    client: Client, sandbox: Sandbox
) -> None:
    patient = shop.subscribe(client, shop.invoiced(), invoiceTerms=10).autobill
    sandbox.advance(80)
    assert _standing(client, patient) == ("Active", "Overdue")
    sandbox.settings(mapCancelAfterDays=30)
    strict = shop.subscribe(client, shop.invoiced(), invoiceTerms=10).autobill
    sandbox.advance(39)  # 10 days to pay, and 30 more
    assert _standing(client, strict) == ("Active", "Overdue")
    sandbox.advance(1)
    assert _standing(client, strict) == GIVEN_UP
    assert _standing(client, patient) == GIVEN_UP


def test_entitlements_end_with_what_was_given_up(
    client: Client, sandbox: Sandbox, entitlements: Callable[[Any], list[Any]]
) -> None:
    product = shop.product(client, merchantEntitlementIds=[{"id": "read"}])
    autobill = _declined(client, shop.HARD_DECLINED, items=[{"product": shop.reference(product)}])
    sandbox.advance(40)
    assert [right.end.date().isoformat() for right in entitlements(autobill)] == ["2024-02-04"]


def test_an_autobill_lives_as_long_as_what_it_entitles_to(client: Client, sandbox: Sandbox) -> None:
    longer = shop.plan(
        client,
        shop.month(cycles=1),
        entitlementsValidFor="3 months",
        merchantEntitlementIds=[{"id": "read"}],
    )
    autobill = shop.subscribe(client, billingPlan=shop.reference(longer)).autobill
    sandbox.advance(40)
    assert _standing(client, autobill) == ("Active", "Billing Completed")
    sandbox.advance(60)
    assert _standing(client, autobill) == ("Expired", "Billing Completed")
