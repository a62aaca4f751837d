"""Chance grants, revokes, moves and spends credit and tokens; a plain count beside it must say the same at the end."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.services import sales, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

CALLS = 60
COINS = ("gold", "silver")
CURRENCIES = ("USD", "JPY")

Purse = defaultdict[str, Decimal]
"""How much somebody has of each currency and each coin."""


class Bank:
    """Four accounts, the first the parent of the next two, and what each of them must have."""

    def __init__(self, client: Client, sandbox: Sandbox, chance: random.Random) -> None:
        self.client = client
        self.sandbox = sandbox
        self.chance = chance
        for coin in COINS:
            client("Token").update(token={"merchantTokenId": coin})
        self.accounts = [shop.account(client, paymentMethods=[shop.card()]) for _ in range(4)]
        children = [shop.reference(child) for child in self.accounts[1:3]]
        client("Account").addChildren(parent=shop.reference(self.accounts[0]), child=children)
        self.purses = [Purse(Decimal) for _ in self.accounts]

    def anybody(self) -> int:
        return self.chance.randrange(len(self.accounts))

    def money(self) -> tuple[str, Decimal]:
        currency = self.chance.choice(CURRENCIES)
        units = self.chance.randint(1, 900)
        return currency, Decimal(units) if currency == "JPY" else Decimal(units) / 100

    def call(self, operation: str, code: int, **arguments: Any) -> Any:
        return getattr(self.client("Account").expecting(code), operation)(**arguments)

    def of(self, who: int) -> dict[str, str]:
        return shop.reference(self.accounts[who])

    def grant(self) -> None:
        who, (currency, amount) = self.anybody(), self.money()
        part = {"currency": currency, "amount": amount, "sortValue": self.chance.randint(-2, 2)}
        self.call("grantCredit", 200, account=self.of(who), credit={"currencyAmounts": [part, part]})
        self.purses[who][currency] += 2 * amount

    def revoke(self) -> None:
        who, (currency, amount) = self.anybody(), self.money()
        part = {"currency": currency, "amount": amount}
        self.call("revokeCredit", 200, account=self.of(who), credit={"currencyAmounts": [part]})
        self.purses[who][currency] = max(self.purses[who][currency] - amount, Decimal(0))

    def revoke_one(self) -> None:
        who = self.anybody()
        credit = self.client("Account").fetchByVid(vid=self.accounts[who].VID).account.credit
        grants = credit.currencyAmounts if credit is not None else []
        if grants:
            one = self.chance.choice(grants)
            part = {"VID": one.VID, "amount": 0}
            self.call("revokeCredit", 200, account=self.of(who), credit={"currencyAmounts": [part]})
            self.purses[who][one.currency] -= one.amount

    def transfer(self) -> None:
        giver, receiver = self.anybody(), self.anybody()
        currency, amount = self.money()
        allowed = receiver in (1, 2) and giver in (0, 1, 2) and giver != receiver
        done = allowed and self.purses[giver][currency] >= amount
        self.call(
            "transferCredit",
            200 if done else 400,
            fromAccount=self.of(giver),
            toAccount=self.of(receiver),
            credit={"currencyAmounts": [{"currency": currency, "amount": amount}]},
        )
        if done:
            self.purses[giver][currency] -= amount
            self.purses[receiver][currency] += amount

    def move_tokens(self) -> None:
        who, coin = self.anybody(), self.chance.choice(COINS)
        amounts = [
            Decimal(self.chance.choice((-9, -4, -1, 2, 5, 7))) for _ in range(self.chance.randint(1, 4))
        ]
        balance, lowest = self.purses[who][coin], self.purses[who][coin]
        for amount in amounts:
            balance += amount
            lowest = min(lowest, balance)
        token = {"merchantTokenId": coin}
        movements = [
            {"tokenAmount": {"token": token, "amount": int(one)}, "authTimestamp": "2024-01-01T00:00:00Z"}
            for one in amounts
        ]
        code = 401 if lowest < 0 else 200
        self.call("tokenTransaction", code, account=self.of(who), transactions=movements)
        if code == 200:
            self.purses[who][coin] = balance

    def buy(self) -> None:
        """Something that costs 8.00, as far as credit goes; the rest is paid by card."""
        who = self.anybody()
        items = [
            {"sku": "s", "name": "Book", "price": "8.00", "quantity": 1, "taxClassification": "TaxExempt"}
        ]
        sale = sales.authorize(self.client, sales.order(self.of(who), transactionItems=items))
        used = min(self.purses[who]["USD"], Decimal("8.00"))
        assert sale.transaction.amount == Decimal("8.00") - used
        self.purses[who]["USD"] -= used

    def play(self) -> None:
        moves = (self.grant, self.revoke, self.revoke_one, self.transfer, self.move_tokens, self.buy)
        for _ in range(CALLS):
            self.chance.choice(moves)()

    def merge(self) -> None:
        """The last account becomes part of the first one."""
        self.call("transfer", 200, targetAccount=self.of(0), sourceAccount=self.of(3))
        for unit, amount in self.purses.pop().items():
            self.purses[0][unit] += amount
        self.accounts.pop()

    def found(self, who: int) -> Purse:
        account = self.client("Account").fetchByVid(vid=self.accounts[who].VID).account
        purse = Purse(Decimal)
        for part in account.tokenBalances:
            purse[part.token.merchantTokenId] += part.amount
        for amount, currency in shop.credit(account):
            purse[currency] += amount
        return purse


def held(purse: Purse) -> dict[str, Decimal]:
    return {unit: amount for unit, amount in purse.items() if amount}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_plain_count_says_the_same(
    client: Client, sandbox: Sandbox, books_are_right: Callable[[], None], seed: int
) -> None:
    bank = Bank(client, sandbox, random.Random(seed))
    for step in (bank.play, bank.merge, bank.play):
        step()
        books_are_right()
        for who, purse in enumerate(bank.purses):
            assert held(bank.found(who)) == held(purse), who
