"""Service AutoBill: redeemGiftCard (autobill §6.17)."""

from __future__ import annotations

from cashbox_service.app.credit import gift_card_redeeming
from cashbox_service.app.credit.gift_cards import GiftCardDraft
from cashbox_service.app.subscriptions.autobill_view import AutoBillView
from cashbox_service.domain.errors import AutoBillNotFound
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.handlers.account_gift_card import REDEMPTION_ROWS
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import FailedWith, Row
from cashbox_service.soap.wire.autobill import autobill
from cashbox_service.soap.wire.gift_card import gift_card
from cashbox_service.soap.wire.inbound import draft, reference

RETURNS: dict[str, tuple[Row, ...]] = {
    "redeemGiftCard": (
        Row(400, "Unable to load AutoBill:  .", "inferred", AutoBillNotFound, "AutoBill unknown"),
        *REDEMPTION_ROWS,
    ),
}


@handles("AutoBill", "redeemGiftCard")
def redeem_gift_card(
    call: Call, request: r.AutoBillRedeemGiftCardRequest
) -> r.AutoBillRedeemGiftCardResponse:
    parts = call.srd.child("giftcard")
    try:
        card, changed = gift_card_redeeming.for_autobill(
            call.work,
            reference(request.autobill, "merchantAutoBillId"),
            draft(GiftCardDraft, request.giftcard),
        )
    except gift_card_redeeming.Refused as refused:
        response = r.AutoBillRedeemGiftCardResponse(giftcard=gift_card(call.work, refused.card, parts))
        raise FailedWith(response, refused.error) from refused
    return r.AutoBillRedeemGiftCardResponse(
        giftcard=gift_card(call.work, card, parts),
        autobill=autobill(AutoBillView(call.work, changed), call.srd.child("autobill")),
    )
