"""A process that is killed while a gift card is redeemed, and calls that meet on one card: its credit comes once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import requests

from cashbox_service.faults import FaultPoint
from tests.conftest import Client
from tests.reliability.conftest import Crashing, Settle
from tests.reliability.racing import Race, codes
from tests.servers import Server
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.soap_client import Login

CREDIT = {"currencyAmounts": [{"amount": "10.00", "currency": "USD"}]}
TEN = [(Decimal("10.00"), "USD")]


@pytest.fixture(autouse=True)
def _audited(books_are_right: Callable[[], None]) -> Any:
    yield
    books_are_right()


@pytest.fixture
def card(client: Client, sandbox: Sandbox) -> str:
    """A card that can be redeemed; its VID."""
    pin, sku = shop.new_id("pin"), shop.product(client, creditGranted=CREDIT).merchantProductId
    sandbox.gift_cards({"pin": pin, "sku": sku})
    vid: str = client("GiftCard").statusInquiry(giftcard={"pin": pin}).giftcard.VID
    return vid


def status(client: Client, card: str) -> str:
    found: str = client("GiftCard").statusInquiry(giftcard={"VID": card}).giftcard.status.status
    return found


def credit(client: Client, account: Any) -> list[tuple[Decimal, str]]:
    return shop.credit(client("Account").fetchByVid(vid=account.VID).account)


@pytest.mark.parametrize(
    ("point", "found", "amount"),
    [
        (FaultPoint.INTENT_COMMITTED, "Active", []),
        (FaultPoint.PROCESSOR_ANSWERED, "Redeemed", TEN),
        (FaultPoint.OUTCOME_WRITTEN, "Redeemed", TEN),
    ],
)
def test_what_the_provider_did_is_found_out_after_a_crash(
    client: Client,
    crashing: Crashing,
    settle: Settle,
    card: str,
    point: FaultPoint,
    found: str,
    amount: list[tuple[Decimal, str]],
) -> None:
    account = shop.account(client)
    with crashing(point) as doomed, pytest.raises(requests.ConnectionError):
        doomed("Account").redeemGiftCard(account=shop.reference(account), giftcard={"VID": card})
    assert (status(client, card), credit(client, account)) == ("RedemptionPending", [])

    assert [settle(), settle()] == [1, 0]

    assert (status(client, card), credit(client, account)) == (found, amount)


def test_after_the_outcome_is_stored_only_the_answer_is_lost(
    client: Client, crashing: Crashing, settle: Settle, card: str
) -> None:
    account = shop.account(client)
    with crashing(FaultPoint.OUTCOME_COMMITTED) as doomed, pytest.raises(requests.ConnectionError):
        doomed("Account").redeemGiftCard(account=shop.reference(account), giftcard={"VID": card})
    assert (status(client, card), credit(client, account)) == ("Redeemed", TEN)
    assert settle() == 0


def test_ten_accounts_that_redeem_one_card_at_once_get_it_once(
    client: Client, server: Server, second_server: Server, merchant: Login, card: str
) -> None:
    accounts = [shop.account(client) for _ in range(10)]
    calls = [
        f'<account xmlns=""><VID>{one.VID}</VID></account><giftcard xmlns=""><VID>{card}</VID></giftcard>'
        for one in accounts
    ]
    answers = Race(merchant, server, second_server)("Account", "redeemGiftCard", calls)
    assert codes(answers) == {"200": 1, "400": 9}
    assert sum(len(credit(client, one)) for one in accounts) == 1
