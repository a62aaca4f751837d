"""Customers who change their subscription in any way, on any day, for months: nothing is charged twice or forgotten."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.services import changes, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

D = Decimal
Check = Callable[[], None]
STEPS = 30
ACCEPTED = (200, 400, 402)


class Chance:
    """A subscription by card, and the changes that can be made to it."""

    def __init__(self, client: Client, sandbox: Sandbox, seed: int) -> None:
        self.client, self.sandbox, self.random = client, sandbox, random.Random(seed)
        self.products = [shop.product(client, price) for price in ("9.99", "0.01", "60.00", "365.00")]
        self.plans = [
            shop.plan(client, shop.month("3.33")),
            shop.plan(client, shop.month("99.99", type="Year")),
            shop.plan(client, shop.month(cycles=1, free=True), shop.month("7.00", type="Week", quantity=2)),
        ]
        self.autobill = changes.subscribed(
            client, *self.products[:2], billingPlan=shop.reference(self.plans[0])
        )

    def step(self) -> None:
        self.random.choice(
            [
                self.time_goes_by,
                self.time_goes_by,
                self.changes_items,
                self.changes_items,
                self.changes_items,
                self.changes_plan,
                self.delays,
                self.is_charged_besides,
                self.pays_ahead,
                self.declines,
            ]
        )()

    def time_goes_by(self) -> None:
        self.sandbox.advance(self.random.randint(1, 25))

    def changes_items(self) -> None:
        live = [
            item for item in shop.fetched(self.client, self.autobill)["items"] if item.removedDate is None
        ]
        product = self.random.choice(self.products)
        kinds = [changes.adding(product, cycles=self.random.choice([None, 1, 3]))]
        if live:
            item = self.random.choice(live)
            kinds += [
                changes.removing(item),
                changes.replacing(item, product),
                changes.editing(item, quantity=self.random.randint(1, 9)),
            ]
        self.modify(self.random.choice(kinds))

    def changes_plan(self) -> None:
        self.modify(plan=self.random.choice(self.plans))

    def modify(self, *items: Any, **rest: Any) -> None:
        answer = changes.modify(
            self.client,
            self.autobill,
            *items,
            effective=self.random.choice(["today", "today", "nextBill"]),
            prorated=self.random.choice([True, True, False]),
            expecting=None,  # type: ignore[arg-type]  # any
            **rest,
        )
        assert answer["return"].returnCode in ACCEPTED, shop.text(answer)

    def delays(self) -> None:
        answer = (
            self.client("AutoBill")
            .expecting(None)
            .delayBillingByDays(
                autobill=shop.reference(self.autobill),
                delayDays=self.random.randint(1, 20),
                movePermanently=self.random.choice([True, False]),
            )
        )
        assert answer["return"].returnCode in ACCEPTED, shop.text(answer)

    def is_charged_besides(self) -> None:
        self.client("AutoBill").addCharge(
            autobill=shop.reference(self.autobill),
            description="Visit",
            amount=D(self.random.randint(0, 2000)) / 100,
            currency="USD",
            taxClassification="TaxExempt",
        )

    def pays_ahead(self) -> None:
        number = shop.invoices(self.client, self.autobill)[-1]
        self.client("AutoBill").expecting(None).makePayment(
            autobill=shop.reference(self.autobill),
            paymentMethod=shop.cheque(),
            amount=D(self.random.randint(1, 3000)) / 100,
            invoiceId=number,
        )

    def declines(self) -> None:
        self.sandbox.script({"operation": "authorize", "authCode": "302"})


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_books_are_right_after_every_change(
    client: Client, sandbox: Sandbox, books_are_right: Check, seed: int
) -> None:
    sandbox.set_clock("2024-01-31T10:00:00")
    sandbox.tax({"country": "US", "rate": "0.0725", "name": "TAX"})
    chance = Chance(client, sandbox, seed)
    for _ in range(STEPS):
        chance.step()
        books_are_right()
        invoices = shop.states(client, chance.autobill)
        assert list(invoices.values()).count("Open") == 1
        assert list(invoices.values())[-1] == "Open"
        now = shop.fetched(client, chance.autobill)
        assert now.status == "Active"
        assert now.endTimestamp is not None
    sandbox.advance(60)
    books_are_right()
    taken = sum(
        one.amount for one in shop.transactions(client, chance.autobill) if shop.log(one)[0] != "Cancelled"
    )
    found = (
        client("Refund")
        .expecting(None)
        .fetchByAccount(account=shop.reference(chance.autobill.account), includeChildren=False)
    )
    assert sum(one.amount for one in found.refunds) <= taken
