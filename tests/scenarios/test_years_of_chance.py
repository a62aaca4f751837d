"""Customers who do anything in any order for a year: whatever happens, the books are right after every step."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from cashbox_service.app.environment import Environment
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.soap_client import Login

D = Decimal
Check = Callable[[], None]
DISPOSITIONS = ("applytoOldestInvoice", "applyToThisAutoBill", "applytoCredit")
STEPS = 40


class Chance:
    """An account with two AutoBills, one by card and one by hand, and the things that can happen to it."""

    def __init__(self, client: Client, sandbox: Sandbox, seed: int) -> None:
        self.client, self.sandbox, self.random = client, sandbox, random.Random(seed)
        account = shop.reference(shop.account(client))
        self.products = [shop.product(client, price) for price in ("10.00", "2.50")]
        items = [{"product": shop.reference(product)} for product in self.products]
        self.autobills = [
            shop.subscribe(client, method, account=account, invoiceTerms=10, items=items).autobill
            for method in (shop.card(), shop.invoiced())
        ]
        self.account = self.autobills[0].account
        self.cheques: list[str] = []

    def step(self) -> None:
        actions = [
            self.time_goes_by,
            self.time_goes_by,
            self.time_goes_by,
            self.pays,
            self.pays,
            self.bounces,
            self.gives_up,
            self.declines,
            self.pays_otherwise,
            self.costs_something_else,
        ]
        self.random.choice(actions)()

    def time_goes_by(self) -> None:
        self.sandbox.advance(self.random.randint(1, 20))

    def declines(self) -> None:
        self.sandbox.script({"operation": "authorize", "authCode": self.random.choice(["302", "502", "T00"])})

    def pays_otherwise(self) -> None:
        """Another payment method for the future."""
        autobill = self.random.choice(self.autobills)
        method = self.random.choice([shop.card(), shop.card(shop.OTHER_CARD), shop.invoiced()])
        shop.update(self.client, shop.reference(autobill) | {"paymentMethod": method})

    def costs_something_else(self) -> None:
        """A price changes, so that a prepayment may turn out too large."""
        product = self.random.choice(self.products)
        price = str(D(self.random.randint(0, 2000)) / 100)
        self.client("Product").update(
            product={"VID": product.VID, "prices": [{"amount": price, "currency": "USD"}]},
            duplicateBehavior=None,
        )

    def pays(self) -> None:
        autobill = self.random.choice(self.autobills)
        number = self.random.choice([None, *shop.invoices(self.client, autobill)[-3:]])
        payment_id = shop.new_id("cheque")
        answer = (
            self.client("AutoBill")
            .expecting(None)
            .makePayment(
                autobill=shop.reference(autobill),
                paymentMethod=self.random.choice([shop.cheque(payment_id), shop.card(shop.OTHER_CARD)]),
                amount=D(self.random.randint(1, 4000)) / 100,
                invoiceId=number,
                overageDisposition=self.random.choice(DISPOSITIONS),
            )
        )
        assert answer["return"].returnCode in (200, 400), shop.text(answer)
        self.cheques.append(payment_id)

    def bounces(self) -> None:
        if self.cheques:
            answer = (
                self.client("Account")
                .expecting(None)
                .reversePayment(
                    account=shop.reference(self.account), paymentId=self.random.choice(self.cheques)
                )
            )
            returned = answer if "returnCode" in answer else answer["return"]
            assert returned.returnCode in (200, 400), shop.text(answer)

    def gives_up(self) -> None:
        autobill = self.random.choice(self.autobills)
        for state in ("Overdue", "Due"):
            for number in shop.invoices(self.client, autobill, state)[:1]:
                self.client("AutoBill").writeOffInvoice(autobill=shop.reference(autobill), invoiceId=number)


@pytest.fixture
def standing_is_right(environment: Environment, merchant: Login) -> Callable[[Any], None]:
    """Compares what an AutoBill says of itself with its invoices in the store."""

    def check(autobill: Any) -> None:
        with closing(environment.open(environment.merchant(merchant.login))) as work:
            stored = work.uow.autobills.by_vid(autobill.VID)
            assert stored is not None
            invoices = work.uow.invoices.of_autobill(autobill.VID)
            charged = [one for one in invoices if one.state in ("Due", "Overdue") and not one.by_hand]
            overdue = [one for one in invoices if one.state == "Overdue" and one.by_hand]
            if charged:
                assert stored.billing_state in ("In Retry", "Unusable PaymentMethod")
            elif overdue:
                assert stored.billing_state == "Overdue"
            else:
                assert stored.billing_state == "Good Standing"
                assert stored.retry_on is None
            assert [one.state for one in invoices].count("Open") == 1
            assert invoices[-1].state == "Open"

    return check


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_books_are_right_after_every_step(
    client: Client,
    sandbox: Sandbox,
    books_are_right: Check,
    standing_is_right: Callable[[Any], None],
    seed: int,
) -> None:
    sandbox.set_clock("2024-01-31T10:00:00")
    chance = Chance(client, sandbox, seed)
    for _ in range(STEPS):
        chance.step()
        books_are_right()
        for autobill in chance.autobills:
            standing_is_right(autobill)
