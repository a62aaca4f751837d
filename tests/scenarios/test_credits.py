"""Credit in the life of a subscription: time, money, tokens and gift cards, parents and mergers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.services import sales, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

D = Decimal


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Any:
    sandbox.set_clock("2024-01-15T10:00:00")
    yield
    books_are_right()


def grant(client: Client, autobill: Any, **credit: Any) -> Any:
    return client("AutoBill").grantCredit(autobill=shop.reference(autobill), credit=credit).autobill


def usd(amount: str) -> list[dict[str, str]]:
    return [{"amount": amount, "currency": "USD"}]


def billed(client: Client, autobill: Any) -> list[tuple[date, Decimal]]:
    return [(one.timestamp.date(), one.amount) for one in shop.transactions(client, autobill)]


def next_day(client: Client, autobill: Any) -> date:
    found: date = shop.fetched(client, autobill).nextBilling.timestamp.date()
    return found


def test_ten_days_of_credit_put_the_bill_off_once_and_count_no_cycle(
    client: Client, sandbox: Sandbox, entitlements: Callable[[Any], list[Any]]
) -> None:
    product = shop.product(client, merchantEntitlementIds=[{"id": "film"}])
    bill = shop.subscribe(
        client, shop.card(), items=[{"index": 0, "product": shop.reference(product)}]
    ).autobill

    granted = grant(client, bill, timeIntervals=[{"days": 10}], currencyAmounts=usd("4.00"))

    assert next_day(client, granted) == date(2024, 2, 25)
    future = client("AutoBill").fetchFutureRebills(autobill=shop.reference(bill), quantity=2).transactions
    assert [one.timestamp.date() for one in future] == [date(2024, 2, 25), date(2024, 3, 25)]
    sandbox.advance(31)
    assert billed(client, bill) == [(date(2024, 1, 15), D("10.00"))]
    assert shop.fetched(client, bill).endTimestamp.date() == date(2024, 2, 24)
    assert [right.end for right in entitlements(bill)] == [None]
    assert shop.credit(shop.fetched(client, bill)) == [(D("4.00"), "USD")]

    sandbox.advance(10)

    assert billed(client, bill)[1:] == [(date(2024, 2, 25), D("6.00"))]
    assert shop.transactions(client, bill)[-1].autoBillCycle == 1
    assert next_day(client, bill) == date(2024, 3, 25)
    history = client("AutoBill").fetchCreditHistory(
        autobill=shop.reference(bill), endTimestamp="2099-01-01T00:00:00Z", page=0, pageSize=10
    )
    used = [
        (entry.type, len(entry.credit.timeIntervals), len(entry.credit.currencyAmounts))
        for entry in history.creditEventLogs
    ]
    assert used == [("Grant", 1, 1), ("Consumption", 1, 0), ("Consumption", 0, 1)]


def test_credits_of_time_are_used_one_after_the_other_and_can_be_revoked_until_then(
    client: Client, sandbox: Sandbox
) -> None:
    bill = shop.subscribe(client, shop.card()).autobill
    grant(client, bill, timeIntervals=[{"months": 1, "sortValue": 2}])
    week = grant(client, bill, timeIntervals=[{"weeks": 1, "sortValue": 1}])
    assert next_day(client, week) == date(2024, 3, 22)
    sandbox.advance(31)
    left = shop.fetched(client, bill).credit.timeIntervals
    assert [part.months for part in left] == [1]

    revoked = client("AutoBill").revokeCredit(
        autobill=shop.reference(bill), credit={"timeIntervals": [{"VID": left[0].VID}]}
    )

    assert next_day(client, revoked.autobill) == date(2024, 2, 22)
    sandbox.advance(7)
    assert billed(client, bill)[1:] == [(date(2024, 2, 22), D("10.00"))]


def test_a_plan_with_an_end_ends_later(
    client: Client, sandbox: Sandbox, entitlements: Callable[[Any], list[Any]]
) -> None:
    plan = shop.plan(client, shop.month("10.00", cycles=3), merchantEntitlementIds=[{"id": "film"}])
    free = shop.product(client, None)
    bill = shop.subscribe(
        client,
        shop.card(),
        billingPlan=shop.reference(plan),
        items=[{"index": 0, "product": shop.reference(free)}],
    ).autobill
    grant(client, bill, timeIntervals=[{"days": 10}])

    sandbox.advance(90)

    assert [day for day, _ in billed(client, bill)] == [
        date(2024, 1, 15),
        date(2024, 2, 25),
        date(2024, 3, 25),
    ]
    assert shop.fetched(client, bill).status == "Active"
    assert [right.end.date() for right in entitlements(bill)] == [date(2024, 4, 24)]
    sandbox.advance(12)
    assert shop.fetched(client, bill).status == "Expired"


def test_a_day_of_the_month_that_was_asked_for_moves_along(client: Client, sandbox: Sandbox) -> None:
    bill = shop.subscribe(client, shop.card(), billingDay=20).autobill
    sandbox.advance(36)
    grant(client, bill, timeIntervals=[{"days": 10}])
    sandbox.advance(80)
    assert [day for day, _ in billed(client, bill)] == [
        date(2024, 1, 15),
        date(2024, 2, 20),
        date(2024, 3, 30),
        date(2024, 4, 30),
    ]
    assert shop.fetched(client, bill).billingDay == 30


def test_a_customer_who_pays_by_hand_is_invoiced_later_as_well(client: Client, sandbox: Sandbox) -> None:
    bill = shop.subscribe(client, shop.invoiced()).autobill
    grant(client, bill, timeIntervals=[{"days": 5}])
    sandbox.advance(31)
    assert len(shop.invoices(client, bill, "Open")) == 1
    sandbox.advance(5)
    assert list(shop.states(client, bill).values())[1] == "Due"


def test_a_year_of_a_family_with_cards_tokens_and_a_merger(client: Client, sandbox: Sandbox) -> None:
    """The parent pays; a gift card, credit and tokens come and go; two accounts become one at the end."""
    client("Token").update(token={"merchantTokenId": "mile"})
    miles = {"token": {"merchantTokenId": "mile"}, "amount": 3}
    parent = shop.account(client, paymentMethods=[shop.card(shop.OTHER_CARD)])
    child = shop.account(client)
    client("Account").addChildren(parent=shop.reference(parent), child=[shop.reference(child)])
    product = shop.product(client, creditGranted={"tokenAmounts": [miles]})
    bill = shop.update(
        client,
        shop.order(
            client,
            account=shop.reference(child),
            items=[{"index": 0, "product": shop.reference(product)}],
        ),
    ).autobill
    gift = shop.product(client, creditGranted={"currencyAmounts": usd("25.00")}).merchantProductId
    sandbox.gift_cards({"pin": "60064912345", "sku": gift})

    sandbox.advance(60)
    client("Account").redeemGiftCard(account=shop.reference(parent), giftcard={"pin": "60064912345"})
    client("Account").transferCredit(
        fromAccount=shop.reference(parent),
        toAccount=shop.reference(child),
        credit={"currencyAmounts": usd("15.00")},
    )
    sandbox.advance(60)
    sale = sales.authorize(client, sales.order(shop.reference(parent)))
    assert sales.captured(client, sale) == [200]
    client("Account").decrementTokens(account=shop.reference(child), tokenAmounts=[miles])
    client("Account").removeChildren(
        parent=shop.reference(parent),
        child=[shop.reference(child)],
        payerReplacementBehavior="ReplaceOnAllAutoBills",
    )
    sandbox.advance(10)
    assert shop.standing(shop.fetched(client, bill)) == ("Active", "In Retry")

    client("Account").transfer(targetAccount=shop.reference(parent), sourceAccount=shop.reference(child))
    client("Account").updatePaymentMethod(
        account=shop.reference(parent),
        paymentMethod={"VID": parent.paymentMethods[0].VID},
        updateBehavior="CatchUp",
        updateScopeOnAccount="AllDue",
        updateScopeOnChildren="None",
    )
    sandbox.advance(220)

    assert shop.standing(shop.fetched(client, bill)) == ("Active", "Good Standing")
    paid = [one for one in shop.transactions(client, bill) if shop.log(one)[0] == "Captured"]
    assert len(paid) == 12
    merged = client("Account").fetchByVid(vid=parent.VID).account
    assert [part.amount for part in merged.tokenBalances] == [3 * 12 - 3]
    assert merged.credit.currencyAmounts == []
    assert sum((one.amount for one in paid), Decimal(0)) == D("105.00")
