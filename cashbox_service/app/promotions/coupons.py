"""Coupon codes: made by the million, handed out, tried, activated, taken out of use (campaign §3, §6.7 – §6.11).

Codes are made in batches, each in a transaction of its own: others come in between, and what was interrupted is
completed by the next call.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.drafts import Reference
from cashbox_service.app.paging import page
from cashbox_service.app.promotions import campaign_codes, campaign_lookup
from cashbox_service.domain.campaign import (
    RANDOM_LENGTH,
    CampaignState,
    CampaignType,
    CouponCodeState,
    code_state,
    coupon_codes,
    retire,
)
from cashbox_service.domain.errors import (
    CampaignCodeRefused,
    CampaignCodeUnknown,
    IllegalState,
    InvalidRequest,
)
from cashbox_service.ids import new_vid
from cashbox_service.logging import get_logger
from cashbox_service.store.entities import Campaign, CouponCode
from cashbox_service.store.repositories.campaigns import Redeemed

log = get_logger(__name__)

BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon code as it is shown."""

    campaign_id: str
    code: CouponCode
    state: CouponCodeState
    redeemed_by: Sequence[Redeemed]


def generate(work: Work, reference: Reference, *, invalidate: bool) -> None:
    """Make as many codes as the campaign wants; ``invalidate`` takes those it has out of use first.

    Raises MissingField, CampaignNotFound, InvalidRequest, IllegalState.
    """
    vid = starting_over(partial(_promised, work, reference, invalidate=invalidate))
    while starting_over(partial(_made_some, work, vid)):
        pass


def retrieve(work: Work, reference: Reference, number: int | None, size: int | None) -> list[Coupon]:
    """The codes of a campaign but the invalidated ones; those shown before it was active are Retrieved now.

    Raises InvalidWindow, MissingField, CampaignNotFound, InvalidRequest.
    """
    wanted = page(number, size, work.settings.max_page_size)
    campaign = _of_coupons(campaign_lookup.resolve(work, reference))
    vid = campaign.vid
    with work.writing():
        campaign = work.uow.campaigns.shared(vid) or campaign
        book = campaign_lookup.book_of(work, campaign)
        codes = work.uow.campaigns.coupons(
            campaign.vid, wanted.number, wanted.size, list(_invalidated(campaign)), book.max_redemptions
        )
        before = {code.vid: code_state(book, campaign_lookup.marks_of(code)) for code in codes}
        handed_out = [vid for vid, state in before.items() if state is CouponCodeState.INITIALIZED]
        work.uow.campaigns.record_retrieved(handed_out, work.now)
        redeemed = work.uow.campaigns.redeemed_by(code.vid for code in codes if code.redemptions)
    now_out = dict.fromkeys(handed_out, CouponCodeState.RETRIEVED)
    return [
        Coupon(
            campaign.campaign_id, code, now_out.get(code.vid, before[code.vid]), redeemed.get(code.vid, ())
        )
        for code in codes
    ]


def is_valid(work: Work, text: str, *, activate_now: bool) -> bool:
    """Whether a code could be redeemed now; a coupon that only needs to be activated is, when that is asked for.

    Raises MissingField.
    """
    try:
        code = campaign_codes.found(work, text)
        if activate_now and code.coupon is not None and _is_waiting(work, code):
            activate(work, text)
            return True
        campaign_codes.check(work, code)
    except CampaignCodeRefused:
        return False
    return True


def activate(work: Work, text: str) -> None:
    """Activate one coupon code; one that is already stays so.

    Raises MissingField, CampaignCodeUnknown, CampaignCodeRefused and InvalidRequest for one that cannot be.
    """
    with work.writing():
        code = campaign_codes.found(work, text)
        if code.coupon is None:
            raise InvalidRequest(
                f'Campaign code "{code.text[:40]}" is a promotion code and needs no activation'
            )
        work.uow.campaigns.shared(code.campaign.vid)
        coupon = work.uow.campaigns.lock_coupon(code.coupon.vid)
        if coupon is None:
            raise CampaignCodeUnknown(f'Campaign code "{code.text[:40]}" does not exist')
        if _is_waiting(work, code):
            campaign_codes.check_offer(work, code.campaign)
            coupon.activated_at = work.now
            return
        campaign_codes.check(work, code)


def mark_all_used(work: Work, reference: Reference) -> None:
    """Take all codes of a campaign out of use; final ones stay what they are.

    Raises MissingField, CampaignNotFound, InvalidRequest, IllegalState for a cancelled campaign.
    """
    with work.writing():
        campaign = _of_coupons(campaign_lookup.locked(work, reference))
        state = campaign_lookup.state_of(work, campaign)
        if state is CampaignState.CANCELLED:
            raise _refused(campaign, state)
        if state is not CampaignState.COMPLETE:
            campaign.retirements = retire(
                campaign.retirements, campaign.last_sequence, CouponCodeState.MARKED_USED
            )


def _promised(work: Work, reference: Reference, *, invalidate: bool) -> str:
    """Give the campaign the numbers of the codes to be made; which campaign it is."""
    with work.writing():
        campaign = _of_coupons(campaign_lookup.locked(work, reference))
        state = campaign_lookup.state_of(work, campaign)
        if state in (CampaignState.CANCELLED, CampaignState.COMPLETE):
            raise _refused(campaign, state)
        made = work.uow.campaigns.highest_sequence(campaign.vid)
        interrupted = made < campaign.last_sequence
        if interrupted and not invalidate:
            return campaign.vid
        if made and not invalidate:
            raise InvalidRequest(
                f'Campaign "{campaign.campaign_id}" has coupon codes already; '
                "invalidateAnyExistingCodes must be set to replace them"
            )
        if made:
            campaign.retirements = retire(campaign.retirements, made, CouponCodeState.INVALIDATED)
        campaign.last_sequence = made + (campaign.coupon_quantity or 1)
        return campaign.vid


def _made_some(work: Work, vid: str) -> bool:
    """Make the next batch of codes; whether more are to come."""
    with work.writing():
        campaign = work.uow.campaigns.lock(vid)
        assert campaign is not None
        made = work.uow.campaigns.highest_sequence(vid)
        missing = min(BATCH, campaign.last_sequence - made)
        if missing <= 0 or campaign.cancelled_at is not None:
            return False
        prefix = campaign_lookup.view(work, campaign).prefix or ""
        codes = coupon_codes(
            prefix, campaign.coupon_separator or "", secrets.token_bytes(missing * RANDOM_LENGTH)
        )
        work.uow.campaigns.add_coupons(vid, made + 1, [(new_vid(), code) for code in codes])
        reached, wanted = made + missing, campaign.last_sequence
    log.info("coupon codes made", campaign=vid, made=reached, wanted=wanted)
    return reached < wanted


def _of_coupons(campaign: Campaign) -> Campaign:
    """Raises InvalidRequest for a promotion."""
    if campaign.campaign_type != CampaignType.COUPON:
        raise InvalidRequest(f'Campaign "{campaign.campaign_id}" is not a Coupon campaign')
    return campaign


def _refused(campaign: Campaign, state: CampaignState) -> IllegalState:
    text = f'Campaign "{campaign.campaign_id}" cannot be changed in state {state.value}'
    return IllegalState("Campaign", campaign.campaign_id, state.value, text)


def _is_waiting(work: Work, code: campaign_codes.Code) -> bool:
    """Whether the coupon only needs to be activated."""
    return campaign_codes.coupon_state(work, code) is CouponCodeState.NOT_YET_ACTIVATED


def _invalidated(campaign: Campaign) -> Iterator[tuple[int, int]]:
    """The spans of numbers whose codes were invalidated, each behind its first and up to its last."""
    reached = 0
    for one in campaign.retirements:
        if one.state is CouponCodeState.INVALIDATED:
            yield reached, one.up_to
        reached = one.up_to
