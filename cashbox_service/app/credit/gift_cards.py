"""Gift cards: asking a provider about one, and undoing its redemption (account §6.2, §6.3)."""

from __future__ import annotations

from dataclasses import dataclass, field

from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.credit import granting
from cashbox_service.app.credit.granting import Owner
from cashbox_service.app.customers import accounts
from cashbox_service.app.wallet.instrument_parts import sealing_context
from cashbox_service.domain.credit_log import CreditEventType
from cashbox_service.domain.errors import (
    GiftCardNotFound,
    GiftCardRefused,
    InvalidRequest,
    InvalidValue,
    MissingField,
)
from cashbox_service.domain.gift_card import GiftCardState
from cashbox_service.domain.instruments import Secret
from cashbox_service.ids import new_vid
from cashbox_service.processors.gift_cards import (
    DEFAULT_PROVIDER,
    GiftCardAnswer,
    GiftCardProvider,
    GiftCardRequest,
)
from cashbox_service.store.entities import GiftCard

MAX_PIN = 255
MAX_PROVIDER = 255

_KIND = "gift card"
_LAST = 4


@dataclass(slots=True)
class GiftCardDraft:
    """Input of a GiftCard: its VID, or the pin of a card that was not asked about before."""

    vid: str | None = None
    pin: str | None = field(default=None, repr=False)
    payment_provider: str | None = None


def inquire(work: Work, draft: GiftCardDraft | None) -> GiftCard:
    """Ask the provider what a card is; the first time it is stored under a VID.

    Raises MissingField without VID and pin, GiftCardNotFound, InvalidValue for a pin that is too long.
    """
    if draft is None or not (draft.vid or draft.pin):
        raise MissingField("giftcard", "Gift card not specified.")
    if draft.vid:
        card = found(work, draft.vid)
        answer = provider_of(work, card).inquire(request(work, card))
        return _noted(work, card.vid, answer)
    pin, provider = Secret((draft.pin or "").strip()), (draft.payment_provider or "").strip()
    _check(pin, provider)
    provider = provider or DEFAULT_PROVIDER
    answer = work.env.gift_cards.named(provider).inquire(GiftCardRequest(work.merchant.vid, pin))

    def stored() -> str:
        with work.writing():
            return _stored(work, pin, provider).vid

    return _noted(work, starting_over(stored), answer)


def reverse(work: Work, draft: GiftCardDraft | None) -> GiftCard:
    """Undo the last redemption at the provider; credit that was granted stays.

    Raises MissingField, GiftCardNotFound, InvalidRequest when there is nothing to reverse, GiftCardRefused when the
    provider refuses.
    """
    if draft is None or not draft.vid:
        raise MissingField("giftcard", "Gift card not specified.")
    card = found(work, draft.vid)
    vid, key = card.vid, card.request_key
    if key is None:
        raise InvalidRequest("There is nothing to reverse.")
    answer = provider_of(work, card).reverse(request(work, card, key))
    if not answer.done:
        raise GiftCardRefused(answer.message or "The provider refuses.")
    with work.writing():
        owner = work.uow.gift_cards.by_vid(vid)
        if owner is not None and owner.account_vid is not None:
            accounts.lock(work, owner.account_vid)
        card = locked(work, vid)
        if card.request_key == key:
            _log_reversal(work, card)
            note(work, card, answer, GiftCardState.ACTIVE)
            card.request_key, card.pending_since = None, None
    return card


def found(work: Work, vid: str) -> GiftCard:
    """Raises GiftCardNotFound."""
    card = work.uow.gift_cards.by_vid(vid)
    if card is None:
        raise GiftCardNotFound("VID", vid)
    return card


def locked(work: Work, vid: str) -> GiftCard:
    """The card that is known to exist, locked."""
    card = work.uow.gift_cards.lock(vid)
    assert card is not None
    return card


def provider_of(work: Work, card: GiftCard) -> GiftCardProvider:
    return work.env.gift_cards.named(card.provider)


def request(work: Work, card: GiftCard, key: str = "") -> GiftCardRequest:
    """What its provider is asked about a card."""
    pin = Secret(work.env.vault.open(card.sealed, sealing_context(work, _KIND)))
    return GiftCardRequest(work.merchant.vid, pin, key)


def note(work: Work, card: GiftCard, answer: GiftCardAnswer, state: GiftCardState) -> None:
    """What the provider said last."""
    card.state = state.value
    card.asked_at = work.now
    card.response_code, card.response_message = answer.code, answer.message
    card.sku = answer.sku or card.sku


def owner_of(work: Work, card: GiftCard) -> Owner | None:
    """Whose credit the card became, or becomes."""
    if card.account_vid is None:
        return None
    account = work.uow.accounts.by_vid(card.account_vid)
    assert account is not None
    autobill = work.uow.autobills.by_vid(card.autobill_vid) if card.autobill_vid is not None else None
    return Owner(account, autobill)


def _noted(work: Work, vid: str, answer: GiftCardAnswer) -> GiftCard:
    """The card after an inquiry; a redemption that is on its way stays so."""
    with work.writing():
        card = locked(work, vid)
        if card.pending_since is None:
            note(work, card, answer, answer.state)
    return card


def _stored(work: Work, pin: Secret, provider: str) -> GiftCard:
    context = sealing_context(work, _KIND)
    fingerprint = work.env.vault.fingerprint(pin.reveal(), context)
    known = work.uow.gift_cards.by_fingerprint(provider, fingerprint)
    if known is not None:
        return known
    return work.uow.gift_cards.add(
        GiftCard(
            vid=new_vid(),
            provider=provider,
            fingerprint=fingerprint,
            sealed=work.env.vault.seal(pin.reveal(), context),
            last_digits=pin.reveal()[-_LAST:],
            pin_length=len(pin.reveal()),
            state=GiftCardState.UNKNOWN.value,
            asked_at=work.now,
            created_at=work.now,
        )
    )


def _check(pin: Secret, provider: str) -> None:
    if not pin:
        raise MissingField("giftcard", "Gift card not specified.")
    if len(pin.reveal()) > MAX_PIN:
        raise InvalidValue("pin", "…", f"is longer than {MAX_PIN} characters")
    if len(provider) > MAX_PROVIDER:
        raise InvalidValue(
            "paymentProvider", provider[:40] + "…", f"is longer than {MAX_PROVIDER} characters"
        )


def _log_reversal(work: Work, card: GiftCard) -> None:
    """A redeemed card that is reversed is told in the history; the balances stay (account §6.3)."""
    owner = owner_of(work, card)
    if owner is not None and card.pending_since is None and card.state == GiftCardState.REDEEMED.value:
        granting.log(work, owner, CreditEventType.GIFT_CARD_REVERSAL, card.parts, None)
