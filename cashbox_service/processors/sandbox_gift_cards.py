"""A simulated provider of gift cards, whose cards are put on its shelf through the control plane (account §6).

A card has a sku and a state. ``timeOut`` lets the next redemption go without an answer: ``request`` before it is
carried out, ``answer`` afterwards.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from cashbox_service.domain.errors import InvalidValue, MissingField
from cashbox_service.domain.gift_card import GiftCardState
from cashbox_service.processors.gift_cards import CardShelf, GiftCardAnswer, GiftCardRequest

STATES: Final = (
    GiftCardState.ACTIVE,
    GiftCardState.REDEEMED,
    GiftCardState.DEACTIVE,
    GiftCardState.UNKNOWN,
)
"""What a card on the shelf can be; a provider that does not answer is Unknown."""

TIME_OUTS: Final = ("request", "answer")

_DONE, _USED, _REFUSED, _NO_SUCH_CARD, _NOTHING_TO_REVERSE = "00", "38", "05", "14", "25"
_MESSAGES: Final = {
    _DONE: "Approved",
    _USED: "Card is used up",
    _REFUSED: "Card is not active",
    _NO_SUCH_CARD: "No such card",
    _NOTHING_TO_REVERSE: "Nothing to reverse",
}
MAX_TEXT: Final = 255

Card = Mapping[str, Any]


def digest(merchant: str, pin: str) -> str:
    """What a card is filed under: the shelf holds no pins."""
    return hashlib.sha256(f"{merchant}/{pin}".encode()).hexdigest()


def card_of(body: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Pin and document of a card as the control plane gets it. Raises MissingField, InvalidValue."""
    texts = {name: body.get(name) for name in ("pin", "sku")}
    for name, value in texts.items():
        if not isinstance(value, str) or not value.strip():
            raise MissingField(name)
        if len(value) > MAX_TEXT:
            raise InvalidValue(name, "…", f"is longer than {MAX_TEXT} characters")
    state, time_out = body.get("state", GiftCardState.ACTIVE.value), body.get("timeOut")
    if state not in {one.value for one in STATES}:
        raise InvalidValue("state", str(state)[:40], f"is none of {', '.join(STATES)}")
    if time_out is not None and time_out not in TIME_OUTS:
        raise InvalidValue("timeOut", str(time_out)[:40], f"is none of {', '.join(TIME_OUTS)}")
    document = {"sku": str(texts["sku"]).strip(), "state": state, "timeOut": time_out, "answers": {}}
    return str(texts["pin"]).strip(), document


class SandboxGiftCards:
    """Answers from its shelf."""

    def __init__(self, shelf: CardShelf) -> None:
        self._shelf = shelf

    def inquire(self, request: GiftCardRequest) -> GiftCardAnswer:
        card = self._shelf.find(request.merchant, _filed(request))
        if card is None:
            return _answer(None, False, GiftCardState.DEACTIVE, _NO_SUCH_CARD)
        state = GiftCardState(card["state"])
        if state is GiftCardState.UNKNOWN:
            return GiftCardAnswer.none()
        code = {GiftCardState.ACTIVE: _DONE, GiftCardState.REDEEMED: _USED}.get(state, _REFUSED)
        return _answer(card, True, state, code)

    def redeem(self, request: GiftCardRequest) -> GiftCardAnswer:
        asked = self._shelf.find(request.merchant, _filed(request))
        card = self._shelf.change(
            request.merchant, _filed(request), lambda card: _redeemed(card, request.key)
        )
        if asked is None or card is None:
            return _answer(None, False, GiftCardState.DEACTIVE, _NO_SUCH_CARD)
        if asked["timeOut"] is not None or request.key not in card["answers"]:
            return GiftCardAnswer.none()
        return _told(card, request.key)

    def reverse(self, request: GiftCardRequest) -> GiftCardAnswer:
        card = self._shelf.change(
            request.merchant, _filed(request), lambda card: _reversed(card, request.key)
        )
        if card is None:
            return _answer(None, False, GiftCardState.DEACTIVE, _NO_SUCH_CARD)
        if card["state"] == GiftCardState.UNKNOWN:
            return GiftCardAnswer.none()
        if card["answers"].get(request.key) != "reversed":
            return _answer(card, False, GiftCardState(card["state"]), _NOTHING_TO_REVERSE)
        return _answer(card, True, GiftCardState.ACTIVE, _DONE)

    def status(self, request: GiftCardRequest) -> GiftCardAnswer | None:
        card = self._shelf.find(request.merchant, _filed(request))
        if card is None or request.key not in card["answers"]:
            return None
        return _told(card, request.key)


def create(shelf: CardShelf) -> SandboxGiftCards:
    """The simulated provider, for the settings line."""
    return SandboxGiftCards(shelf)


def _filed(request: GiftCardRequest) -> str:
    return digest(request.merchant, request.pin.reveal())


def _redeemed(card: Card, key: str) -> Card:
    """The card after an attempt; one whose request is lost, or that the provider knows, is what it was."""
    if key in card["answers"] or card["state"] == GiftCardState.UNKNOWN:
        return card
    if card["timeOut"] == "request":
        return {**card, "timeOut": None}
    active = card["state"] == GiftCardState.ACTIVE
    outcome = "redeemed" if active else "refused"
    state = GiftCardState.REDEEMED.value if active else card["state"]
    return {**card, "timeOut": None, "state": state, "answers": {**card["answers"], key: outcome}}


def _reversed(card: Card, key: str) -> Card:
    if card["answers"].get(key) != "redeemed" or card["state"] == GiftCardState.UNKNOWN:
        return card
    return {**card, "state": GiftCardState.ACTIVE.value, "answers": {**card["answers"], key: "reversed"}}


def _told(card: Card, key: str) -> GiftCardAnswer:
    """What the redemption of a key was answered."""
    if card["answers"][key] == "redeemed":
        return _answer(card, True, GiftCardState.REDEEMED, _DONE)
    state = GiftCardState(card["state"])
    return _answer(card, False, state, _USED if state is GiftCardState.REDEEMED else _REFUSED)


def _answer(card: Card | None, done: bool, state: GiftCardState, code: str) -> GiftCardAnswer:
    return GiftCardAnswer(done, state, card["sku"] if card is not None else None, code, _MESSAGES[code])
