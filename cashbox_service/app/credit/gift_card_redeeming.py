"""Redeeming gift cards: what a card's product promises becomes credit (account §6.1, autobill §6.17).

In three steps, like a charge: the attempt is committed, the provider is asked outside of any transaction, the outcome
is committed. A crash or a lost answer in between leaves a card that is RedemptionPending, and `settle_abandoned` asks
what became of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from cashbox_service.app.context import Work
from cashbox_service.app.credit import gift_cards, granting
from cashbox_service.app.credit.credit_changes import check_not_ended
from cashbox_service.app.credit.gift_cards import GiftCardDraft
from cashbox_service.app.credit.granting import Cause, Owner
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import Reference
from cashbox_service.app.subscriptions import autobill_lookup
from cashbox_service.domain.catalog import CreditPart
from cashbox_service.domain.credit_log import CreditEventType
from cashbox_service.domain.errors import GiftCardRefused, InvalidRequest
from cashbox_service.domain.gift_card import GiftCardState, after_redemption, check_redeemable
from cashbox_service.faults import FaultPoint
from cashbox_service.ids import new_vid
from cashbox_service.logging import get_logger
from cashbox_service.processors.gift_cards import GiftCardAnswer
from cashbox_service.store.entities import Account, AutoBill, GiftCard

log = get_logger(__name__)

SOURCE = "GiftCard"


class Refused(Exception):
    """The provider did not redeem the card, which is shown as it is now."""

    def __init__(self, error: GiftCardRefused, card: GiftCard) -> None:
        super().__init__(str(error))
        self.error = error
        self.card = card


def for_account(work: Work, reference: Reference, draft: GiftCardDraft | None) -> tuple[GiftCard, Account]:
    """The card and the account with its new credit.

    Raises MissingField, AccountNotFound, GiftCardNotFound, InvalidRequest for a card that cannot be redeemed, Refused.
    """
    vid = accounts.resolve(work, reference).vid
    card_vid = _card(work, draft)

    def owner() -> Owner:
        return Owner(accounts.lock(work, vid))

    card = _redeem(work, card_vid, owner)
    account = work.uow.accounts.by_vid(vid)
    assert account is not None
    return card, account


def for_autobill(work: Work, reference: Reference, draft: GiftCardDraft | None) -> tuple[GiftCard, AutoBill]:
    """The card and the AutoBill with its new credit. Raises as `for_account`, AutoBillNotFound, IllegalState."""
    found = autobill_lookup.resolve(work, reference)
    vid, account_vid = found.vid, found.account_vid
    card_vid = _card(work, draft)

    def owner() -> Owner:
        account = accounts.lock(work, account_vid)
        autobill = work.uow.autobills.lock(vid)
        assert autobill is not None
        check_not_ended(autobill)
        return Owner(account, autobill)

    card = _redeem(work, card_vid, owner)
    autobill = work.uow.autobills.by_vid(vid)
    assert autobill is not None
    return card, autobill


def settle_abandoned(work: Work, before: datetime) -> int:
    """Ask what became of redemptions that began before and have no outcome; how many are settled now."""
    pending = [(card.vid, card.request_key or "") for card in work.uow.gift_cards.pending(before)]
    return sum(_settled(work, vid, key) for vid, key in pending)


def _settled(work: Work, vid: str, key: str) -> bool:
    """Settle one redemption. One that cannot be settled is logged and does not keep the others waiting."""
    try:
        card = gift_cards.found(work, vid)
        answer = gift_cards.provider_of(work, card).status(gift_cards.request(work, card, key))
        if answer is not None and answer.state is GiftCardState.UNKNOWN:
            log.warning("gift card still without outcome", gift_card=vid)
            return False
        _settle(work, vid, key, answer)
    except Exception as error:
        log.exception("gift card cannot be settled", gift_card=vid, reason=type(error).__name__)
        return False
    return True


def _card(work: Work, draft: GiftCardDraft | None) -> str:
    """The VID of the card; one that was never asked about is asked about now."""
    if draft is not None and draft.vid:
        return gift_cards.found(work, draft.vid).vid
    return gift_cards.inquire(work, draft).vid


def _redeem(work: Work, vid: str, owner: Callable[[], Owner]) -> GiftCard:
    key = new_vid()
    with work.writing():
        redeemed_for = owner()
        card = gift_cards.locked(work, vid)
        check_redeemable(GiftCardState(card.state))
        card.parts = _credit_of(work, card, redeemed_for)
        card.account_vid = redeemed_for.account.vid
        card.autobill_vid = redeemed_for.autobill.vid if redeemed_for.autobill is not None else None
        card.state = GiftCardState.REDEMPTION_PENDING.value
        card.request_key, card.pending_since = key, work.env.clock.now()
    work.reach(FaultPoint.INTENT_COMMITTED)
    answer = gift_cards.provider_of(work, card).redeem(gift_cards.request(work, card, key))
    work.reach(FaultPoint.PROCESSOR_ANSWERED)
    if answer.state is GiftCardState.UNKNOWN:
        raise Refused(GiftCardRefused(answer.message or "The provider does not answer."), card)
    card = _settle(work, vid, key, answer)
    if not answer.done:
        raise Refused(GiftCardRefused(answer.message or "The provider refuses."), card)
    return card


def _credit_of(work: Work, card: GiftCard, owner: Owner) -> tuple[CreditPart, ...]:
    """What the product of the card's sku promises. Raises InvalidRequest when that can be granted to nobody."""
    product = work.uow.catalog.product_by_sku(card.sku) if card.sku else None
    if product is None:
        raise InvalidRequest(
            f'There is no product with the merchantProductId "{card.sku or ""}" of the gift card.'
        )
    if not product.credit_granted:
        raise InvalidRequest(f'The product "{card.sku}" of the gift card grants no credit.')
    if owner.autobill is None and any(part.kind == "time" for part in product.credit_granted):
        raise InvalidRequest(f'The product "{card.sku}" grants time, which an account cannot have.')
    return product.credit_granted


def _settle(work: Work, vid: str, key: str, answer: GiftCardAnswer | None) -> GiftCard:
    """Commit the outcome unless somebody else did; a redemption that was never received leaves the card Active."""
    with work.writing():
        pending = work.uow.gift_cards.by_vid(vid)
        if pending is not None and pending.account_vid is not None:
            accounts.lock(work, pending.account_vid)
        card = gift_cards.locked(work, vid)
        if card.request_key != key or card.pending_since is None:
            return card
        card.pending_since = None
        if answer is None:
            card.state, card.request_key = GiftCardState.ACTIVE.value, None
            return card
        gift_cards.note(work, card, answer, after_redemption(done=answer.done, told=answer.state))
        if answer.done:
            _grant(work, card)
        else:
            card.request_key = None
        work.reach(FaultPoint.OUTCOME_WRITTEN)
    work.reach(FaultPoint.OUTCOME_COMMITTED)
    return card


def _grant(work: Work, card: GiftCard) -> None:
    owner = gift_cards.owner_of(work, card)
    assert owner is not None
    cause = Cause(SOURCE, CreditEventType.GIFT_CARD_REDEMPTION)
    card.parts = granting.grant(work, owner, [replace(part, vid=None) for part in card.parts], cause)
