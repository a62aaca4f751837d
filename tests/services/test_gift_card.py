"""Gift cards: asked about, redeemed once, reversed (account §1.7, §6, autobill §6.17)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from cashbox_service.app.collection import janitor
from cashbox_service.app.environment import Environment
from tests.services import shop
from tests.services.conftest import MakeToken
from tests.services.decrees import Decrees
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.services.test_account_credit import history, told
from tests.services.test_autobill_credit import history as autobill_history
from tests.soap_client import Login

D = Decimal
TEN: dict[str, Any] = {"currencyAmounts": [{"amount": "10.00", "currency": "USD", "description": "Gift"}]}


@pytest.fixture(autouse=True)
def _audited(books_are_right: Callable[[], None]) -> Any:
    yield
    books_are_right()


@pytest.fixture
def shelve(client: Client, sandbox: Sandbox) -> Callable[..., str]:
    """``shelve(credit, state=...)``: a card on the provider's shelf and its product; the pin."""

    def put(credit: dict[str, Any] | None = None, **fields: Any) -> str:
        pin = f"60064{shop.new_id('pin')}"
        sku = shop.product(client, creditGranted=TEN if credit is None else credit).merchantProductId
        sandbox.gift_cards({"pin": pin, "sku": sku} | fields)
        return pin

    return put


Shelve = Callable[..., str]


def inquire(client: Client, **card: Any) -> Any:
    return client("GiftCard").statusInquiry(giftcard=card).giftcard


def redeem(client: Client, account: Any, expecting: int = 200, **card: Any) -> Any:
    return (
        client("Account").expecting(expecting).redeemGiftCard(account=shop.reference(account), giftcard=card)
    )


def test_a_card_is_stored_under_one_vid_and_never_shows_its_pin(client: Client, shelve: Shelve) -> None:
    pin = shelve()
    card = inquire(client, pin=pin)
    assert (card.status.status, card.status.providerResponseCode) == ("Active", "00")
    assert (card.lastDigits, card.pinLength, card.pin) == (pin[-4:], len(pin), None)
    assert (card.paymentProvider, card.sku) == ("InComm", card.product.merchantProductId)
    assert inquire(client, pin=pin, paymentProvider="InComm").VID == card.VID
    assert inquire(client, VID=card.VID).status.status == "Active"
    assert inquire(client, pin=pin, paymentProvider="Other").VID != card.VID


@pytest.mark.parametrize("state", ["Redeemed", "Deactive", "Unknown"])
def test_the_state_is_what_the_provider_says(client: Client, shelve: Shelve, state: str) -> None:
    card = inquire(client, pin=shelve(state=state))
    assert card.status.status == state
    refused = redeem(client, shop.account(client), 400, VID=card.VID)
    assert shop.text(refused) == f"Unable to redeem gift card: The gift card is {state}, not Active."


def test_a_provider_that_is_not_there_leaves_the_card_unknown(client: Client) -> None:
    card = inquire(client, pin="123456", paymentProvider="Nobody")
    assert (card.status.status, card.sku, card.product) == ("Unknown", None, None)
    assert inquire(client, pin="7654321").status.status == "Deactive"


def test_a_card_becomes_credit_of_the_account(client: Client, shelve: Shelve, make_token: MakeToken) -> None:
    coin = {"token": {"merchantTokenId": make_token("coin")}, "amount": 5}
    account, card = shop.account(client), inquire(client, pin=shelve(TEN | {"tokenAmounts": [coin]}))

    done = client("Account").redeemGiftCard(
        account=shop.reference(account), giftcard={"VID": card.VID}, credit=3
    )

    assert done.giftcard.status.status == "Redeemed"
    (granted,) = done.account.credit.currencyAmounts
    assert (granted.amount, granted.description, granted.source) == (D("10.00"), "Gift", "GiftCard")
    assert [part.amount for part in done.account.tokenBalances] == [5]
    assert told(history(client, account)) == [("GiftCardRedemption", [(D("10.00"), "USD")], None)]
    again = redeem(client, account, 400, VID=card.VID)
    assert shop.text(again) == "Unable to redeem gift card: The gift card is Redeemed, not Active."
    assert len(history(client, account)) == 1


def test_a_pin_alone_is_enough(client: Client, shelve: Shelve) -> None:
    account = shop.account(client)
    assert shop.credit(redeem(client, account, pin=shelve()).account) == [(D("10.00"), "USD")]


def test_a_card_becomes_credit_of_an_autobill_time_included(client: Client, shelve: Shelve) -> None:
    bill = shop.subscribe(client, shop.card()).autobill
    pin = shelve(TEN | {"timeIntervals": [{"days": 10}]})
    refused = redeem(client, bill.account, 400, pin=pin)
    assert "grants time, which an account cannot have" in shop.text(refused)

    done = client("AutoBill").redeemGiftCard(autobill=shop.reference(bill), giftcard={"pin": pin})

    assert done.giftcard.status.status == "Redeemed"
    assert shop.credit(done.autobill) == [(D("10.00"), "USD")]
    assert [part.days for part in done.autobill.credit.timeIntervals] == [10]
    assert [entry.type for entry in autobill_history(client, bill)] == ["GiftCardRedemption"]


def test_an_ended_autobill_burns_no_card(client: Client, shelve: Shelve, decrees: Decrees) -> None:
    bill, card = shop.subscribe(client, shop.card()).autobill, inquire(client, pin=shelve())
    decrees.end(bill, "Cancelled")
    refused = (
        client("AutoBill")
        .expecting(400)
        .redeemGiftCard(autobill=shop.reference(bill), giftcard={"VID": card.VID})
    )
    assert "is in state Cancelled" in shop.text(refused)
    assert inquire(client, VID=card.VID).status.status == "Active"


def test_without_a_product_or_its_credit_no_card_is_burnt(
    client: Client, shelve: Shelve, sandbox: Sandbox
) -> None:
    account = shop.account(client)
    sandbox.gift_cards({"pin": "1111", "sku": "no such product"})
    for pin, text in (("1111", "There is no product"), (shelve({}), "grants no credit")):
        refused = redeem(client, account, 400, pin=pin)
        assert text in shop.text(refused)
        assert inquire(client, pin=pin).status.status == "Active"


def test_a_refusal_of_the_provider_is_told_with_the_card(
    client: Client, shelve: Shelve, sandbox: Sandbox
) -> None:
    account, pin = shop.account(client), shelve()
    card = inquire(client, pin=pin)
    for state in ("Redeemed", "Deactive"):
        sandbox.gift_cards({"pin": pin, "sku": card.sku})
        inquire(client, VID=card.VID)
        sandbox.gift_cards({"pin": pin, "sku": card.sku, "state": state})
        refused = redeem(client, account, 400, VID=card.VID)
        assert shop.text(refused).startswith("Unable to redeem gift card: Card is")
        assert (refused.giftcard.status.status, refused.account) == (state, None)
    assert client("Account").fetchByVid(vid=account.VID).account.credit is None


@pytest.mark.parametrize(("lost", "amount"), [("request", []), ("answer", [(D("10.00"), "USD")])])
def test_what_became_of_a_card_without_an_answer_is_found_out_later(
    client: Client, shelve: Shelve, environment: Environment, merchant: Login, lost: str, amount: list[Any]
) -> None:
    account, card = shop.account(client), inquire(client, pin=shelve(timeOut=lost))
    waiting = redeem(client, account, 400, VID=card.VID)
    assert waiting.giftcard.status.status == "RedemptionPending"
    assert inquire(client, VID=card.VID).status.status == "RedemptionPending"
    assert "RedemptionPending" in shop.text(redeem(client, account, 400, VID=card.VID))

    for settled in (1, 0):
        assert janitor.run(environment, environment.merchant(merchant.login), timedelta(0)) == settled

    assert shop.credit(client("Account").fetchByVid(vid=account.VID).account) == amount
    expected = "Redeemed" if amount else "Active"
    assert inquire(client, VID=card.VID).status.status == expected


def test_a_redeemed_card_can_be_reversed_and_its_credit_stays(client: Client, shelve: Shelve) -> None:
    account, card = shop.account(client), inquire(client, pin=shelve())
    cards = client("GiftCard")
    nothing = cards.expecting(400).reverse(giftcard={"VID": card.VID})
    assert shop.text(nothing) == "Unable to reverse gift card: There is nothing to reverse."
    redeem(client, account, VID=card.VID)

    assert cards.reverse(giftcard={"VID": card.VID}).giftcard.status.status == "Active"

    assert shop.credit(client("Account").fetchByVid(vid=account.VID).account) == [(D("10.00"), "USD")]
    assert [entry[:2] for entry in told(history(client, account))] == [
        ("GiftCardRedemption", [(D("10.00"), "USD")]),
        ("GiftCardReversal", [(D("10.00"), "USD")]),
    ]
    assert shop.text(cards.expecting(400).reverse(giftcard={"VID": card.VID})).endswith("nothing to reverse.")
    redeem(client, account, VID=card.VID)
    assert len(shop.credit(client("Account").fetchByVid(vid=account.VID).account)) == 2


def test_a_card_that_waits_for_its_outcome_can_be_freed(client: Client, shelve: Shelve) -> None:
    account, card = shop.account(client), inquire(client, pin=shelve(timeOut="answer"))
    redeem(client, account, 400, VID=card.VID)
    freed = client("GiftCard").reverse(giftcard={"VID": card.VID}).giftcard
    assert freed.status.status == "Active"
    assert history(client, account) == []
    assert shop.credit(redeem(client, account, VID=card.VID).account) == [(D("10.00"), "USD")]


def test_an_unknown_card_is_refused_in_the_words_of_each_call(client: Client) -> None:
    nobody = {"VID": "0" * 40}
    cards = client("GiftCard")
    assert shop.text(cards.expecting(404).statusInquiry(giftcard=nobody)) == (
        f'Unable to load gift card by VID "{"0" * 40}":  No match.'
    )
    assert shop.text(cards.expecting(400).reverse(giftcard=nobody)).startswith("Unable to reverse gift card:")
    redeem(client, shop.account(client), 404, **nobody)
    assert shop.text(redeem(client, shop.account(client), 400)) == (
        "Unable to redeem gift card: Gift card not specified."
    )
