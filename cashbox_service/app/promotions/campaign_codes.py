"""Campaign codes: what a code that somebody gave stands for, and whether it can be used now (campaign §3, §4.2, §5)."""

from __future__ import annotations

from dataclasses import dataclass

from cashbox_service.app.context import Work
from cashbox_service.app.promotions import campaign_lookup
from cashbox_service.domain.campaign import CampaignState, CouponCodeState, code_key, code_state
from cashbox_service.domain.errors import CampaignCodeRefused, CampaignCodeUnknown, MissingField
from cashbox_service.store.entities import Campaign, CouponCode

_SHOWN = 40
"""So much of a code is repeated in a refusal."""

_REFUSALS = {
    CouponCodeState.NOT_YET_ACTIVATED: "is not activated",
    CouponCodeState.INITIALIZED: "is not activated",
    CouponCodeState.RETRIEVED: "is not activated",
    CouponCodeState.REDEEMED: "has no redemptions left",
    CouponCodeState.MARKED_USED: "is no longer valid",
    CouponCodeState.INVALIDATED: "is no longer valid",
    CouponCodeState.EXPIRED: "is no longer valid",
}


@dataclass(frozen=True, slots=True)
class Code:
    """A code as it was given, its campaign, and the coupon that it is; None for a promotion code."""

    text: str
    campaign: Campaign
    coupon: CouponCode | None

    @property
    def key(self) -> str:
        """What is redeemed once in a call, however often the code or an alias of it is given."""
        return self.coupon.vid if self.coupon is not None else self.campaign.vid


def found(work: Work, text: str) -> Code:
    """Raises MissingField, CampaignCodeUnknown."""
    given = text.strip()
    if not given:
        raise MissingField("code")
    name = work.uow.campaigns.name(given)
    coupon = None
    if name is not None and name.kind != campaign_lookup.PREFIX:
        vid = name.campaign_vid
    else:
        coupon = work.uow.campaigns.coupon(code_key(given))
        if coupon is None:
            raise CampaignCodeUnknown(f'Campaign code "{given[:_SHOWN]}" does not exist')
        vid = coupon.campaign_vid
    campaign = work.uow.campaigns.by_vid(vid)
    assert campaign is not None
    return Code(given, campaign, coupon)


def usable(work: Work, text: str) -> Code:
    """The code, if it can be redeemed now. Raises MissingField, CampaignCodeRefused and its kinds."""
    code = found(work, text)
    check(work, code)
    return code


def check(work: Work, code: Code) -> None:
    """Raises CampaignCodeRefused when the code cannot be redeemed now."""
    check_offer(work, code.campaign)
    state = coupon_state(work, code)
    if state is not None and state is not CouponCodeState.ACTIVATED:
        raise CampaignCodeRefused(f'Coupon code "{code.text[:_SHOWN]}" {_REFUSALS[state]}')


def check_offer(work: Work, campaign: Campaign) -> None:
    """Raises CampaignCodeRefused unless the campaign is Active."""
    state = campaign_lookup.state_of(work, campaign)
    if state in (CampaignState.PENDING, CampaignState.COMPLETE):
        raise CampaignCodeRefused(f'Campaign "{campaign.campaign_id}" is not currently being offered')
    if state is not CampaignState.ACTIVE:
        raise CampaignCodeRefused(f'Campaign "{campaign.campaign_id}" is not active')


def coupon_state(work: Work, code: Code) -> CouponCodeState | None:
    """What a coupon is now; None for a promotion code."""
    if code.coupon is None:
        return None
    return code_state(campaign_lookup.book_of(work, code.campaign), campaign_lookup.marks_of(code.coupon))
