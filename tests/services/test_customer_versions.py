"""Credit, tokens, families, gift cards and activities in the words of older versions (account §14)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Client
from tests.servers import Server
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.soap_client import Login, ServiceClient

D = Decimal
VERSIONS = ("3.6", "4.3", "8.0", "20.0")
FOREVER = {"endTimestamp": "2099-01-01T00:00:00Z", "page": 0, "pageSize": 10}


@pytest.fixture(autouse=True)
def _audited(books_are_right: Callable[[], None]) -> Any:
    yield
    books_are_right()


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


@pytest.fixture
def old(server: Server, merchant: Login, version: str) -> Client:
    """The services in an older version."""
    return lambda service: ServiceClient(server, merchant, service, version=version)


def test_credit_is_granted_revoked_and_told(client: Client, old: Client) -> None:
    account = shop.account(client)
    credit = {"currencyAmounts": [{"currency": "USD", "amount": "5.00"}]}

    granted = old("Account").grantCredit(account=shop.reference(account), credit=credit, note="n").account
    assert shop.credit(granted) == [(D("5.00"), "USD")]
    part = {"currencyAmounts": [{"currency": "USD", "amount": "2.00"}]}
    old("Account").revokeCredit(account=shop.reference(account), credit=part)

    told = old("Account").fetchCreditHistory(
        account=shop.reference(account), timestamp="2020-01-01T00:00:00Z", **FOREVER
    )
    assert [(one.type, one.credit.currencyAmounts[0].amount) for one in told.creditEventLogs] == [
        ("Grant", D("5.00")),
        ("Revocation", D("2.00")),
    ]


def test_tokens_are_counted(client: Client, old: Client, version: str) -> None:
    account, coin = shop.account(client), shop.new_id("coin")
    old("Token").update(token={"merchantTokenId": coin, "description": "Coins"})
    amount = {"token": {"merchantTokenId": coin}, "amount": 5}
    old("Account").incrementTokens(account=shop.reference(account), tokenAmounts=[amount])
    movement: dict[str, Any] = {
        "tokenAmount": amount | {"amount": -2},
        "authTimestamp": "2024-01-01T00:00:00Z",
    }
    if version == "3.6":  # says it in every movement too; the account of the call counts
        movement["account"] = shop.reference(shop.account(client))
    moved = old("Account").tokenTransaction(account=shop.reference(account), transactions=[movement])
    assert [part.amount for part in moved.tokenAmounts] == [3]
    refused = old("Account").expecting(401)
    refused.decrementTokens(account=shop.reference(account), tokenAmounts=[amount])


def test_families_and_mergers(client: Client, old: Client) -> None:
    parent, child, lone = (shop.account(client) for _ in range(3))
    added = old("Account").addChildren(
        parent=shop.reference(parent), child=[shop.reference(child)], force=False
    )
    assert [one.VID for one in added.childAdded] == [child.VID]
    found = old("Account").fetchFamily(account=shop.reference(child))
    assert (found.parent.VID, [one.VID for one in found.child]) == (parent.VID, [child.VID])
    merged = old("Account").transfer(targetAccount=shop.reference(parent), sourceAccount=shop.reference(lone))
    assert merged.mergedAccount.VID == parent.VID


def test_gift_cards(client: Client, old: Client, sandbox: Sandbox) -> None:
    credit = {"currencyAmounts": [{"amount": "10.00", "currency": "USD"}]}
    pin, sku = shop.new_id("pin"), shop.product(client, creditGranted=credit).merchantProductId
    sandbox.gift_cards({"pin": pin, "sku": sku})
    card = old("GiftCard").statusInquiry(giftcard={"pin": pin}).giftcard
    assert (card.status.status, card.lastDigits) == ("Active", pin[-4:])
    account = shop.account(client)
    done = old("Account").redeemGiftCard(account=shop.reference(account), giftcard={"VID": card.VID})
    assert (done.giftcard.status.status, shop.credit(done.account)) == ("Redeemed", [(D("10.00"), "USD")])


def test_activities(client: Client, old: Client) -> None:
    told = {
        "account": shop.reference(shop.account(client)),
        "activityType": "Login",
        "activityArgs": {"loginArgs": {"ip": "192.0.2.1"}},
        "timestamp": "2024-01-01T00:00:00Z",
    }
    old("Activity").record(activities=[told])
