"""Providers of gift cards: who there is, and what the simulated one does with the cards on its shelf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cashbox_service.domain.errors import InvalidRequest, InvalidValue, MissingField
from cashbox_service.domain.gift_card import GiftCardState, after_redemption, check_redeemable
from cashbox_service.domain.instruments import Secret
from cashbox_service.processors.gift_cards import GiftCardRequest, build_providers
from cashbox_service.processors.sandbox_gift_cards import SandboxGiftCards, card_of, digest

Card = Mapping[str, Any]


class MemoryShelf:
    """Cards in memory."""

    def __init__(self) -> None:
        self.cards: dict[tuple[str, str], Card] = {}

    def find(self, merchant: str, filed: str) -> Card | None:
        return self.cards.get((merchant, filed))

    def put(self, merchant: str, cards: Mapping[str, Card]) -> None:
        self.cards.update({(merchant, filed): card for filed, card in cards.items()})

    def change(self, merchant: str, filed: str, change: Callable[[Card], Card]) -> Card | None:
        found = self.find(merchant, filed)
        if found is None:
            return None
        self.cards[merchant, filed] = changed = change(found)
        return changed


@pytest.fixture
def shelf() -> MemoryShelf:
    return MemoryShelf()


@pytest.fixture
def provider(shelf: MemoryShelf) -> SandboxGiftCards:
    return SandboxGiftCards(shelf)


def request(key: str = "", pin: str = "1234", merchant: str = "m") -> GiftCardRequest:
    return GiftCardRequest(merchant, Secret(pin), key)


def lay(shelf: MemoryShelf, **fields: Any) -> None:
    pin, card = card_of({"pin": "1234", "sku": "gift"} | fields)
    shelf.put("m", {digest("m", pin): card})


def test_a_card_is_redeemed_once_whatever_it_is_asked(shelf: MemoryShelf, provider: SandboxGiftCards) -> None:
    lay(shelf)
    assert (provider.inquire(request()).state, provider.inquire(request()).sku) == ("Active", "gift")
    assert provider.status(request("k-1")) is None
    first, again, other = (provider.redeem(request(key)) for key in ("k-1", "k-1", "k-2"))
    assert (first.done, first.state, first.code) == (True, "Redeemed", "00")
    assert again == first == provider.status(request("k-1"))
    assert (other.done, other.state, other.code) == (False, "Redeemed", "38")
    assert provider.inquire(request()).state == "Redeemed"


def test_only_the_redemption_itself_is_reversed(shelf: MemoryShelf, provider: SandboxGiftCards) -> None:
    lay(shelf)
    assert (provider.reverse(request("k-1")).done, provider.reverse(request("k-1")).code) == (False, "25")
    provider.redeem(request("k-1"))
    assert not provider.reverse(request("k-2")).done
    assert [provider.reverse(request("k-1")).done for _ in range(2)] == [True, True]
    assert provider.redeem(request("k-3")).done
    assert provider.reverse(request("k-1")).done
    assert provider.inquire(request()).state == "Redeemed", "what k-3 did is not undone by k-1"


@pytest.mark.parametrize(("lost", "done"), [("request", False), ("answer", True)])
def test_a_lost_answer_leaves_it_open_what_was_done(
    shelf: MemoryShelf, provider: SandboxGiftCards, lost: str, done: bool
) -> None:
    lay(shelf, timeOut=lost)
    assert provider.redeem(request("k-1")).state == "Unknown"
    told = provider.status(request("k-1"))
    assert (told is not None and told.done) is done
    assert provider.redeem(request("k-1")).done


def test_a_card_that_is_not_there_belongs_to_nobody(shelf: MemoryShelf, provider: SandboxGiftCards) -> None:
    lay(shelf)
    for asked in (request("k", pin="9999"), request("k", merchant="other")):
        answers = (provider.inquire(asked), provider.redeem(asked), provider.reverse(asked))
        assert {(one.done, one.state, one.code) for one in answers} == {(False, "Deactive", "14")}
        assert provider.status(asked) is None


def test_a_provider_that_does_not_answer_does_nothing(shelf: MemoryShelf, provider: SandboxGiftCards) -> None:
    lay(shelf, state="Unknown")
    answers = (provider.inquire(request()), provider.redeem(request("k")), provider.reverse(request("k")))
    assert {(one.done, one.state) for one in answers} == {(False, "Unknown")}


def test_the_shelf_holds_no_pins(shelf: MemoryShelf) -> None:
    lay(shelf, pin="60064999")
    assert "60064999" not in repr(shelf.cards)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"sku": "gift"}, MissingField),
        ({"pin": "1"}, MissingField),
        ({"pin": 1, "sku": "gift"}, MissingField),
        ({"pin": "1", "sku": "x" * 256}, InvalidValue),
        ({"pin": "1", "sku": "gift", "state": "Lost"}, InvalidValue),
        ({"pin": "1", "sku": "gift", "timeOut": "never"}, InvalidValue),
    ],
)
def test_a_card_that_cannot_be_is_refused(body: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        card_of(body)


def test_in_the_sandbox_one_provider_is_simulated_and_in_production_none(shelf: MemoryShelf) -> None:
    lay(shelf)
    sandbox, production = (build_providers([], shelf, sandbox=flag) for flag in (True, False))
    assert sandbox.named("InComm").inquire(request()).state == "Active"
    for nobody in (sandbox.named("Acme"), production.named("InComm")):
        answers = (nobody.inquire(request()), nobody.redeem(request("k")), nobody.reverse(request("k")))
        assert {(one.done, one.state) for one in answers} == {(False, "Unknown")}
        told = nobody.status(request("k"))
        assert told is not None
        assert told.state == "Unknown"


def test_a_line_names_a_further_provider(shelf: MemoryShelf) -> None:
    lay(shelf)
    line = "Acme = cashbox_service.processors.sandbox_gift_cards:create"
    assert build_providers([line], shelf, sandbox=False).named("Acme").inquire(request()).done


@pytest.mark.parametrize("line", ["Acme", "= a:b", "Acme = nowhere", "Acme = no.such.module:create"])
def test_a_wrong_line_is_named(shelf: MemoryShelf, line: str) -> None:
    with pytest.raises(ValueError, match="gift card line"):
        build_providers([line], shelf, sandbox=False)


@pytest.mark.parametrize("state", [state for state in GiftCardState if state is not GiftCardState.ACTIVE])
def test_only_an_active_card_can_be_redeemed(state: GiftCardState) -> None:
    check_redeemable(GiftCardState.ACTIVE)
    with pytest.raises(InvalidRequest, match=state.value):
        check_redeemable(state)


@pytest.mark.parametrize(
    ("done", "told", "expected"),
    [
        (True, GiftCardState.REDEEMED, GiftCardState.REDEEMED),
        (False, GiftCardState.REDEEMED, GiftCardState.REDEEMED),
        (False, GiftCardState.DEACTIVE, GiftCardState.DEACTIVE),
        (False, GiftCardState.ACTIVE, GiftCardState.DEACTIVE),
        (False, GiftCardState.UNKNOWN, GiftCardState.REDEMPTION_PENDING),
    ],
)
def test_what_an_attempt_makes_of_a_card(done: bool, told: GiftCardState, expected: GiftCardState) -> None:
    assert after_redemption(done=done, told=told) is expected
