"""Service GiftCard (account §6.2, §6.3)."""

from __future__ import annotations

from cashbox_service.app.credit import gift_cards
from cashbox_service.app.credit.gift_cards import GiftCardDraft
from cashbox_service.domain.errors import GiftCardNotFound, InvalidRequest, MissingField
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.gift_card import gift_card
from cashbox_service.soap.wire.inbound import draft

_NOT_REVERSED = "Unable to reverse gift card: {detail}"

RETURNS: dict[str, tuple[Row, ...]] = {
    "statusInquiry": (
        Row(400, "Gift card not specified.", "decided", MissingField, "neither pin nor VID"),
        Row(
            404,
            'Unable to load gift card by VID "{value}":  No match.',
            "decided",
            GiftCardNotFound,
            "VID unknown",
        ),
    ),
    "reverse": (
        Row(400, _NOT_REVERSED, "decided", GiftCardNotFound, "VID unknown"),
        Row(
            400, _NOT_REVERSED, "decided", InvalidRequest, "no VID, nothing to reverse, the provider refuses"
        ),
    ),
}


@handles("GiftCard", "statusInquiry")
def status_inquiry(call: Call, request: r.GiftCardStatusInquiryRequest) -> r.GiftCardStatusInquiryResponse:
    card = gift_cards.inquire(call.work, draft(GiftCardDraft, request.giftcard))
    return r.GiftCardStatusInquiryResponse(giftcard=gift_card(call.work, card, call.srd.child("giftcard")))


@handles("GiftCard", "reverse")
def reverse(call: Call, request: r.GiftCardReverseRequest) -> r.GiftCardReverseResponse:
    card = gift_cards.reverse(call.work, draft(GiftCardDraft, request.giftcard))
    return r.GiftCardReverseResponse(giftcard=gift_card(call.work, card, call.srd.child("giftcard")))
