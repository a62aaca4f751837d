"""Finding campaigns, and what the rules need to know of one (campaign §2, §6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cashbox_service.app.context import Work
from cashbox_service.app.drafts import Reference
from cashbox_service.app.paging import page
from cashbox_service.domain.campaign import CampaignState, CodeBook, CodeMarks, Offer, Switch
from cashbox_service.domain.errors import CampaignNotFound, InvalidRequest, InvalidValue, MissingField
from cashbox_service.store.entities import Campaign, CouponCode

ANY_STATE = "MatchAnyState"

CODE, ALIAS, PREFIX = "code", "alias", "prefix"
"""The kinds of names that a campaign has."""


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign as it is now, with its names."""

    campaign: Campaign
    state: CampaignState
    promotion_code: str | None = None
    prefix: str | None = None
    aliases: tuple[str, ...] = field(default=())


def offer_of(campaign: Campaign) -> Offer:
    """What its state depends on."""
    return Offer(
        Switch(campaign.switch),
        campaign.activated_at is not None,
        campaign.offer_starts_at,
        campaign.offer_ends_at,
        campaign.cancelled_at,
    )


def state_of(work: Work, campaign: Campaign) -> CampaignState:
    return offer_of(campaign).state(work.now)


def book_of(work: Work, campaign: Campaign) -> CodeBook:
    """What it says of all its codes."""
    return CodeBook(
        was_active=campaign.active_since is not None and campaign.active_since <= work.now,
        has_ended=offer_of(campaign).has_ended(work.now),
        needs_activation=campaign.coupon_requires_activation,
        max_redemptions=campaign.max_redemptions or 1,
        retirements=campaign.retirements,
    )


def marks_of(code: CouponCode) -> CodeMarks:
    """What was done with a code."""
    return CodeMarks(
        code.sequence, code.redemptions, code.retrieved_at is not None, code.activated_at is not None
    )


def view(work: Work, campaign: Campaign) -> CampaignView:
    return views(work, [campaign])[0]


def views(work: Work, campaigns: Iterable[Campaign]) -> list[CampaignView]:
    """The campaigns with their names, read together."""
    found = list(campaigns)
    names = work.uow.campaigns.names_of(one.vid for one in found)

    def named(campaign: Campaign, kind: str) -> list[str]:
        return [name.name for name in names.get(campaign.vid, ()) if name.kind == kind]

    return [
        CampaignView(
            one,
            state_of(work, one),
            next(iter(named(one, CODE)), None),
            next(iter(named(one, PREFIX)), None),
            tuple(named(one, ALIAS)),
        )
        for one in found
    ]


def resolve(work: Work, reference: Reference) -> Campaign:
    """The campaign that is named. Raises MissingField, CampaignNotFound, InvalidRequest for two of them."""
    vid, campaign_id = reference.vid, reference.merchant_id
    if not vid and not campaign_id:
        raise MissingField("campaign", "Must specify campaign VID or campaignId")
    by_id = work.uow.campaigns.by_campaign_id(campaign_id) if campaign_id else None
    if not vid:
        return _found(by_id, "campaignId", campaign_id)
    found = _found(work.uow.campaigns.by_vid(vid), "VID", vid)
    if by_id is not None and by_id.vid != found.vid:
        raise InvalidRequest("VID and campaignId belong to different objects.")
    return found


def locked(work: Work, reference: Reference) -> Campaign:
    """The campaign that is named, locked. Raises as `resolve` does."""
    found = work.uow.campaigns.lock(resolve(work, reference).vid)
    assert found is not None
    return found


def by_campaign_id(work: Work, campaign_id: str | None) -> CampaignView:
    """Raises MissingField, CampaignNotFound."""
    if not campaign_id:
        raise MissingField("campaignId")
    return view(work, _found(work.uow.campaigns.by_campaign_id(campaign_id), "campaignId", campaign_id))


def by_vid(work: Work, vid: str | None) -> CampaignView:
    """Raises MissingField, CampaignNotFound."""
    if not vid:
        raise MissingField("vid")
    return view(work, _found(work.uow.campaigns.by_vid(vid), "VID", vid))


def in_state(work: Work, state: str | None, number: int | None, size: int | None) -> Sequence[CampaignView]:
    """By age, those in a state; all of them for none. Raises InvalidWindow, InvalidValue for an unknown state."""
    wanted = page(number, size, work.settings.max_page_size)
    found = work.uow.campaigns.page(wanted.number, wanted.size, work.now, _state(state))
    return views(work, found)


def _state(given: str | None) -> CampaignState | None:
    if not given or given == ANY_STATE:
        return None
    try:
        return CampaignState(given)
    except ValueError:
        raise InvalidValue("status", given[:40], "is no state of a campaign") from None


def _found(campaign: Campaign | None, key: str, value: str | None) -> Campaign:
    if campaign is None:
        raise CampaignNotFound(key, value)
    return campaign
