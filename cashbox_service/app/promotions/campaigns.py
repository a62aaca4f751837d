"""Campaigns: made, changed, copied, switched on and off (campaign §2, §6.1 – §6.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from cashbox_service.app.checks import MAX_ID, check_merchant_id
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.drafts import Reference
from cashbox_service.app.offers.catalog import check_length
from cashbox_service.app.promotions import campaign_lookup, campaign_terms
from cashbox_service.app.promotions.campaign_lookup import ALIAS, CODE, PREFIX, CampaignView
from cashbox_service.app.promotions.drafts import CampaignDraft
from cashbox_service.domain.campaign import (
    CHANGEABLE,
    CampaignEvent,
    CampaignState,
    CampaignType,
    CouponCodeState,
    Switch,
    retire,
    switched,
)
from cashbox_service.domain.errors import Duplicate, IllegalState, InvalidRequest, MissingField
from cashbox_service.ids import new_row_id, new_vid
from cashbox_service.store.entities import Campaign, CampaignName

MAX_CYCLES = 1_000_000
MAX_ALIASES = 1000

_COPIED = (
    "description", "note", "campaign_type", "offer_starts_at", "offer_ends_at", "flat_amount", "flat_currency",
    "flat_name_values", "percentage", "grant_quantity", "grant_unit", "product_vids", "billing_plan_vids",
    "restricted_to_new", "expires_at", "cycles", "max_redemptions", "coupon_quantity", "coupon_separator",
    "coupon_requires_activation",
)  # fmt: skip


def create(work: Work, draft: CampaignDraft | None) -> CampaignView:
    """A new campaign, Inactive. Raises InvalidRequest and its kinds, ProductNotFound, BillingPlanNotFound."""
    if draft is None:
        raise MissingField("campaign", "campaign is missing")

    def created() -> CampaignView:
        with work.writing():
            return _created(work, draft)

    return starting_over(created)


def update(work: Work, draft: CampaignDraft | None) -> CampaignView:
    """Change an Inactive or Pending campaign; what must not change may be sent as it is (campaign §2.4).

    Raises MissingField, CampaignNotFound, InvalidRequest and its kinds, ProductNotFound, BillingPlanNotFound.
    """
    given = draft or CampaignDraft()

    def changed() -> CampaignView:
        with work.writing():
            campaign = campaign_lookup.locked(work, Reference(given.vid, given.campaign_id))
            _change(work, campaign, given)
            work.uow.flush()
            return campaign_lookup.view(work, campaign)

    return starting_over(changed)


def clone(work: Work, reference: Reference, campaign_id: str | None, series: str | None) -> CampaignView:
    """A copy under another id, with another promotion code or prefix. Raises MissingField, CampaignNotFound,
    InvalidRequest and its kinds."""

    def cloned() -> CampaignView:
        with work.writing():
            source = campaign_lookup.resolve(work, reference)
            if not campaign_id:
                raise MissingField("newCampaignId")
            if not (series or "").strip():
                raise MissingField("newCampaignSeries")
            copy = _row(work, _new_id(work, "newCampaignId", campaign_id), source.name)
            for column in _COPIED:
                setattr(copy, column, getattr(source, column))
            work.uow.campaigns.add(copy)
            kind = CODE if source.campaign_type == CampaignType.PROMOTION else PREFIX
            _name(work, copy, kind, "newCampaignSeries", series or "")
            work.uow.flush()
            return campaign_lookup.view(work, copy)

    return starting_over(cloned)


def activate(work: Work, reference: Reference, *, now: bool) -> None:
    """Switch a campaign on; ``now``: also one whose offer lies ahead. Raises as `_switch` does."""
    event = CampaignEvent.ACTIVATE_NOW if now else CampaignEvent.ACTIVATE

    def switch_on(campaign: Campaign) -> None:
        if campaign.offer_ends_at is not None and campaign.offer_ends_at < work.now:
            raise InvalidRequest(
                f'Campaign "{campaign.campaign_id}" cannot be activated: offerEndDate has passed'
            )
        if now and campaign.offer_starts_at > work.now:
            campaign.offer_starts_at = work.now
        campaign.activated_at = campaign.activated_at or work.now
        _note_begin(work, campaign)

    _switch(work, reference, event, "activated", switch_on)


def deactivate(work: Work, reference: Reference) -> None:
    """Switch a campaign off; what was obtained by it goes on. Raises as `_switch` does."""

    def switch_off(campaign: Campaign) -> None:
        if campaign.active_since is not None and campaign.active_since > work.now:
            campaign.active_since = None  # it never began

    _switch(work, reference, CampaignEvent.DEACTIVATE, "deactivated", switch_off)


def cancel(work: Work, reference: Reference) -> None:
    """End a campaign for good: its codes are worth nothing any more, what was obtained by them goes on.

    Raises as `_switch` does.
    """

    def end(campaign: Campaign) -> None:
        if not campaign_lookup.book_of(work, campaign).has_ended:
            campaign.retirements = retire(
                campaign.retirements, campaign.last_sequence, CouponCodeState.INVALIDATED
            )
        campaign.cancelled_at = work.now

    _switch(work, reference, CampaignEvent.CANCEL, "cancelled", end)


def _switch(
    work: Work, reference: Reference, event: CampaignEvent, verb: str, change: Callable[[Campaign], None]
) -> None:
    """Take a campaign from its state to another; where it is there already nothing happens.

    Raises MissingField, CampaignNotFound, IllegalState.
    """
    with work.writing():
        campaign = campaign_lookup.locked(work, reference)
        state = campaign_lookup.state_of(work, campaign)
        switch = switched(state, event)
        if switch is None:
            raise _refused(campaign, state, verb)
        if switch.value == campaign.switch and state is not CampaignState.PENDING:
            return
        change(campaign)
        campaign.switch = switch.value


def _refused(campaign: Campaign, state: CampaignState, verb: str) -> IllegalState:
    text = f'Campaign "{campaign.campaign_id}" cannot be {verb} in state {state.value}'
    return IllegalState("Campaign", campaign.campaign_id, state.value, text)


def _note_begin(work: Work, campaign: Campaign) -> None:
    """From when on a campaign that is on has been active; the first such moment stays."""
    if campaign.active_since is None or campaign.active_since > work.now:
        campaign.active_since = max(work.now, campaign.offer_starts_at)


def _created(work: Work, draft: CampaignDraft) -> CampaignView:
    if not draft.name:
        raise MissingField("name", "name is missing")
    if not draft.campaign_type:
        raise MissingField("campaignType", "campaignType is missing")
    fixed = campaign_terms.fixed_columns(work, draft)
    kind = fixed["campaignType"]["campaign_type"]
    campaign_terms.check_kind(draft, kind)
    campaign = _row(work, _new_id(work, "campaignId", draft.campaign_id), draft.name)
    for columns in fixed.values():
        for column, value in columns.items():
            setattr(campaign, column, value)
    if kind == CampaignType.COUPON:
        campaign.max_redemptions = campaign.max_redemptions or 1
        campaign.coupon_quantity = campaign.coupon_quantity or 1
    campaign.description, campaign.note = draft.description or None, draft.note or None
    campaign.offer_starts_at = draft.offer_start_date or work.now
    campaign.offer_ends_at = draft.offer_end_date
    campaign.cycles = campaign_terms.count("cycles", draft.cycles, MAX_CYCLES)
    campaign.expires_at = draft.expiration_date
    code, prefix = (draft.promotion_code or "").strip(), (draft.coupon_code_prefix or "").strip()
    campaign_terms.check_whole(campaign, code or None)
    check_length("couponCodeSeparator", draft.coupon_code_separator, MAX_ID)
    work.uow.campaigns.add(campaign)
    if code:
        _name(work, campaign, CODE, "promotionCode", code)
    if prefix:
        _name(work, campaign, PREFIX, "couponCodePrefix", prefix)
    _add_aliases(work, campaign, draft.promotion_code_aliases)
    work.uow.flush()
    return campaign_lookup.view(work, campaign)


def _new_id(work: Work, field: str, given: str | None) -> str:
    if not given:
        raise MissingField(field, f"{field} is missing")
    own_id = check_merchant_id(field, given)
    if work.uow.campaigns.by_campaign_id(own_id) is not None:
        raise Duplicate(field, own_id)
    return own_id


def _row(work: Work, campaign_id: str, name: str) -> Campaign:
    return Campaign(
        vid=new_vid(),
        campaign_id=campaign_id,
        name=name,
        switch=Switch.OFF.value,
        flat_name_values=(),
        product_vids=(),
        billing_plan_vids=(),
        restricted_to_new=False,
        coupon_requires_activation=False,
        last_sequence=0,
        retirements=(),
        created_at=work.now,
    )


def _change(work: Work, campaign: Campaign, draft: CampaignDraft) -> None:
    state = campaign_lookup.state_of(work, campaign)
    if state not in CHANGEABLE:
        raise IllegalState(
            "Campaign",
            campaign.campaign_id,
            state.value,
            f'Campaign "{campaign.campaign_id}" cannot be changed in state {state.value}',
        )
    _check_fixed(work, campaign, draft)
    if draft.name == "":
        raise MissingField("name", "name is missing")
    campaign.name = draft.name or campaign.name
    for field in ("description", "note"):
        text = getattr(draft, field)
        if text is not None:
            setattr(campaign, field, text or None)
    _change_duration(campaign, draft)
    _change_window(work, campaign, draft, state)
    if draft.promotion_code_aliases:
        if campaign.campaign_type != CampaignType.PROMOTION:
            raise _fixed("promotionCodeAliases")
        work.uow.campaigns.remove_aliases(campaign.vid)
        _add_aliases(work, campaign, draft.promotion_code_aliases)


def _change_duration(campaign: Campaign, draft: CampaignDraft) -> None:
    """A rolling campaign stays rolling, a fixed one fixed."""
    campaign_terms.check_duration(draft.cycles, draft.expiration_date)
    if draft.cycles is not None and (campaign.expires_at is not None or campaign.grant_quantity is not None):
        raise _fixed("cycles")
    if draft.expiration_date is not None and (
        campaign.cycles is not None or campaign.grant_quantity is not None
    ):
        raise _fixed("expirationDate")
    campaign.cycles = campaign_terms.count("cycles", draft.cycles, MAX_CYCLES) or campaign.cycles
    campaign.expires_at = draft.expiration_date or campaign.expires_at


def _change_window(work: Work, campaign: Campaign, draft: CampaignDraft, state: CampaignState) -> None:
    start: datetime = draft.offer_start_date or campaign.offer_starts_at
    end = draft.offer_end_date or campaign.offer_ends_at
    campaign_terms.check_window(start, end)
    campaign.offer_starts_at, campaign.offer_ends_at = start, end
    if state is CampaignState.PENDING:
        _note_begin(work, campaign)


def _check_fixed(work: Work, campaign: Campaign, draft: CampaignDraft) -> None:
    """Raises InvalidRequest for a field that must stay and was sent with another value."""
    if draft.campaign_id is not None and draft.campaign_id != campaign.campaign_id:
        raise _fixed("campaignId")
    for field, columns in campaign_terms.fixed_columns(work, draft).items():
        for column, value in columns.items():
            stored = getattr(campaign, column)
            same = set(stored) == set(value) if isinstance(value, tuple) else stored == value
            if not same:
                raise _fixed(field)
    known = campaign_lookup.view(work, campaign)
    for field, text, stored in (
        ("promotionCode", draft.promotion_code, known.promotion_code),
        ("couponCodePrefix", draft.coupon_code_prefix, known.prefix),
    ):
        if text and text.strip() != stored:
            raise _fixed(field)


def _fixed(field: str) -> InvalidRequest:
    return InvalidRequest(f"Campaign field {field} cannot be changed")


def _add_aliases(work: Work, campaign: Campaign, aliases: Iterable[str]) -> None:
    """In their order, one that is repeated once."""
    given = list(dict.fromkeys(alias.strip() for alias in aliases if alias and alias.strip()))
    if len(given) > MAX_ALIASES:
        raise InvalidRequest(f"promotionCodeAliases are more than {MAX_ALIASES}")
    for position, alias in enumerate(given, 1):
        _name(work, campaign, ALIAS, "promotionCodeAliases", alias, position)


def _name(work: Work, campaign: Campaign, kind: str, field: str, given: str, position: int = 0) -> None:
    """A name nobody else has. Raises InvalidValue, Duplicate."""
    name = given.strip()
    check_length(field, name, MAX_ID)
    work.uow.flush()
    taken = work.uow.campaigns.name(name) is not None
    if taken or (kind != PREFIX and work.uow.campaigns.coupon(name) is not None):
        raise Duplicate(field, name, f'{field} "{name[:40]}" is used by a campaign already.')
    work.uow.campaigns.add(
        CampaignName(row_id=new_row_id(), campaign_vid=campaign.vid, name=name, kind=kind, position=position)
    )
