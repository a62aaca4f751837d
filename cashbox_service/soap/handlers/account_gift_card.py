"""Service Account: redeemGiftCard (account §6.1)."""

from __future__ import annotations

from cashbox_service.app.credit import gift_card_redeeming
from cashbox_service.app.credit.gift_cards import GiftCardDraft
from cashbox_service.app.views import account_view
from cashbox_service.domain.errors import AccountNotFound, GiftCardNotFound, InvalidRequest
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import FailedWith, Row
from cashbox_service.soap.wire.account import account
from cashbox_service.soap.wire.gift_card import gift_card
from cashbox_service.soap.wire.inbound import draft, reference

NOT_REDEEMED = "Unable to redeem gift card: {detail}"
REDEMPTION_ROWS = (
    Row(
        404,
        'Unable to load gift card by VID "{value}":  No match.',
        "decided",
        GiftCardNotFound,
        "VID of the card unknown",
    ),
    Row(
        400,
        NOT_REDEEMED,
        "decided",
        InvalidRequest,
        "no card, not Active, no product for its sku or one without credit, the provider refuses",
    ),
)

RETURNS: dict[str, tuple[Row, ...]] = {
    "redeemGiftCard": (
        Row(400, NOT_REDEEMED, "inferred", AccountNotFound, "account unknown"),
        *REDEMPTION_ROWS,
    ),
}


@handles("Account", "redeemGiftCard")
def redeem_gift_card(call: Call, request: r.AccountRedeemGiftCardRequest) -> r.AccountRedeemGiftCardResponse:
    parts = call.srd.child("giftcard")
    try:
        card, changed = gift_card_redeeming.for_account(
            call.work,
            reference(request.account, "merchantAccountId"),
            draft(GiftCardDraft, request.giftcard),
        )
    except gift_card_redeeming.Refused as refused:
        response = r.AccountRedeemGiftCardResponse(giftcard=gift_card(call.work, refused.card, parts))
        raise FailedWith(response, refused.error) from refused
    return r.AccountRedeemGiftCardResponse(
        giftcard=gift_card(call.work, card, parts),
        account=account(account_view(call.work, changed), call.srd.child("account")),
    )
