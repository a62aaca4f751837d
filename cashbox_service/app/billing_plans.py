"""Billing plans: create, change, find (catalog §1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cashbox_service.app import catalog, entitling, name_values
from cashbox_service.app.checks import check_merchant_id
from cashbox_service.app.context import Work
from cashbox_service.app.drafts import BillingPlanDraft, BillingPlanPeriodDraft, BillingPlanPriceDraft
from cashbox_service.app.paging import page
from cashbox_service.domain.catalog import (
    PlanPeriod,
    PlanPrice,
    check_entitlements_valid_for,
    check_periods,
    check_repeat_every,
    check_times_to_run,
    in_use_change_allowed,
    parse_period_type,
)
from cashbox_service.domain.errors import BillingPlanNotFound, InvalidRequest, InvalidValue, MissingField
from cashbox_service.ids import new_vid
from cashbox_service.store.entities import BillingPlan

IN_USE = "BillingPlan is in use; only prices may be changed."
MAX_DESCRIPTION = 2048


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored plan and whether this call created it."""

    plan: BillingPlan
    created: bool


def update(work: Work, draft: BillingPlanDraft | None) -> Stored:
    """Create or change a plan. Raises InvalidRequest and its kinds, BillingPlanNotFound for an unknown VID."""
    if draft is None:
        raise MissingField("billingPlan")
    with work.writing():
        return put(work, draft)


def put(work: Work, draft: BillingPlanDraft) -> Stored:
    """Create or change inside the caller's transaction."""
    found = find(work, draft)
    if found is not None:
        _change(work, found, draft)
    plan = found or _create(work, draft)
    work.uow.flush()
    return Stored(plan, found is None)


def resolve(work: Work, draft: BillingPlanDraft) -> BillingPlan:
    """The plan that an argument refers to, created when its id is new and the draft complete."""
    return find(work, draft) or put(work, draft).plan


def find(work: Work, draft: BillingPlanDraft) -> BillingPlan | None:
    """By VID, else by id. Raises BillingPlanNotFound for an unknown VID, InvalidRequest for two plans."""
    by_id = None
    if draft.merchant_billing_plan_id is not None:
        by_id = work.uow.catalog.plan_by_merchant_id(draft.merchant_billing_plan_id)
    if draft.vid is None:
        return by_id
    found = work.uow.catalog.plan_by_vid(draft.vid)
    if found is None:
        raise BillingPlanNotFound("VID", draft.vid)
    catalog.refuse_two_owners(found, by_id, "VID and merchantBillingPlanId")
    return found


def by_vid(work: Work, vid: str | None) -> BillingPlan:
    """Raises MissingField, BillingPlanNotFound."""
    if not vid:
        raise MissingField("vid")
    plan = work.uow.catalog.plan_by_vid(vid)
    if plan is None:
        raise BillingPlanNotFound("VID", vid)
    return plan


def by_merchant_id(work: Work, merchant_billing_plan_id: str | None) -> BillingPlan:
    """Raises MissingField, BillingPlanNotFound."""
    if not merchant_billing_plan_id:
        raise MissingField("merchantBillingPlanId")
    plan = work.uow.catalog.plan_by_merchant_id(merchant_billing_plan_id)
    if plan is None:
        raise BillingPlanNotFound("merchantBillingPlanId", merchant_billing_plan_id)
    return plan


def by_status(work: Work, status: str | None) -> Sequence[BillingPlan]:
    """Raises MissingField."""
    if not status:
        raise MissingField("status")
    return work.uow.catalog.plans_by_status(status)


def all_plans(work: Work, number: int | None, size: int | None) -> Sequence[BillingPlan]:
    """Oldest first. Raises InvalidWindow."""
    wanted = page(number, size, work.settings.max_page_size)
    return work.uow.catalog.plans(wanted.number, wanted.size)


def by_entitlement(work: Work, merchant_entitlement_id: str | None) -> Sequence[BillingPlan]:
    """Plans that grant the entitlement. Raises MissingField, BillingPlanNotFound when there are none."""
    if not merchant_entitlement_id:
        raise MissingField("merchantEntitlementId")
    plans = [
        plan
        for plan in work.uow.catalog.all_plans()
        if any(entry.id == merchant_entitlement_id for entry in plan.entitlement_ids)
    ]
    if not plans:
        raise BillingPlanNotFound("merchantEntitlementId", merchant_entitlement_id)
    return plans


def _create(work: Work, draft: BillingPlanDraft) -> BillingPlan:
    periods = check_periods([_period(work, entry) for entry in draft.periods])
    vid = new_vid()
    plan = BillingPlan(
        vid=vid,
        merchant_billing_plan_id=check_merchant_id(
            "merchantBillingPlanId", draft.merchant_billing_plan_id or vid
        ),
        status="Active",
        periods=periods,
        name_values=(),
        entitlement_ids=(),
        times_to_run="1",
        days_before_season_to_bill=0,
        days_entitled_before_season=0,
        days_entitled_after_season=0,
        skip_initial_free_when_repeating=True,
        created_at=work.now,
    )
    work.uow.catalog.add(plan)
    _merge(work, plan, draft)
    return plan


def _change(work: Work, plan: BillingPlan, draft: BillingPlanDraft) -> None:
    periods = plan.periods
    if draft.periods:
        periods = check_periods([_period(work, entry) for entry in draft.periods])
    if work.uow.catalog.plan_in_use(plan.vid):
        season = draft.season_set
        other_seasons = season is not None and season.vid not in (None, plan.season_set_vid)
        if other_seasons or not in_use_change_allowed(plan.periods, periods):
            raise InvalidRequest(IN_USE)
    if draft.merchant_billing_plan_id is not None:
        plan.merchant_billing_plan_id = check_merchant_id(
            "merchantBillingPlanId", draft.merchant_billing_plan_id
        )
    plan.periods = periods
    granted_before = {entry.id for entry in plan.entitlement_ids}
    _merge(work, plan, draft)
    if {entry.id for entry in plan.entitlement_ids} != granted_before:
        work.uow.flush()
        for autobill in work.uow.catalog.autobills_on_plan(plan.vid):
            entitling.refresh(work, autobill)


_TEXTS = ("tax_classification", "billing_statement_identifier")
_PLAIN = (
    "status",
    "prenotify_days",
    "days_before_season_to_bill",
    "days_entitled_before_season",
    "days_entitled_after_season",
    "entitled_off_season",
    "skip_initial_free_when_repeating",
)


def _merge(work: Work, plan: BillingPlan, draft: BillingPlanDraft) -> None:
    if draft.description is not None:
        if len(draft.description) > MAX_DESCRIPTION:
            raise InvalidValue("description", draft.description[:40] + "…", "is too long")
        plan.description = draft.description or None
    for name in _TEXTS:
        text = getattr(draft, name)
        if text is not None:
            setattr(plan, name, text or None)
    for name in _PLAIN:
        value = getattr(draft, name)
        if value is not None:
            setattr(plan, name, value)
    if draft.end_of_life_timestamp is not None:
        plan.end_of_life_at = draft.end_of_life_timestamp
    if draft.times_to_run:
        plan.times_to_run = check_times_to_run(draft.times_to_run)
    if draft.entitlements_valid_for is not None:
        plan.entitlements_valid_for = check_entitlements_valid_for(draft.entitlements_valid_for)
    if draft.repeat_every is not None:
        plan.repeat_every = check_repeat_every(draft.repeat_every)
    if draft.season_set is not None:
        plan.season_set = catalog.put_season_set(work, draft.season_set)
    if draft.name_values:
        plan.name_values = name_values.merged(work, "BillingPlan", plan.name_values, draft.name_values)
    if draft.merchant_entitlement_ids:
        plan.entitlement_ids = catalog.entitlement_ids(draft.merchant_entitlement_ids)


def _period(work: Work, draft: BillingPlanPeriodDraft) -> PlanPeriod:
    return PlanPeriod(
        type=parse_period_type(draft.type),
        quantity=1 if draft.quantity is None else draft.quantity,
        cycles=draft.cycles or 0,
        prices=tuple(_price(work, entry) for entry in draft.prices),
        expire_warning_days=draft.expire_warning_days,
        do_not_notify_first_bill=bool(draft.do_not_notify_first_bill),
        free=bool(draft.free),
    )


def _price(work: Work, draft: BillingPlanPriceDraft) -> PlanPrice:
    amount, currency = catalog.price("periods.prices", draft.amount, draft.currency)
    tokens = draft.token_amount
    token = catalog.token(work, tokens.token) if tokens is not None else None
    return PlanPrice(
        amount=amount if draft.amount is not None or token is None else None,
        currency=currency,
        price_list_name=draft.price_list_name or None,
        token_vid=token.vid if token is not None else None,
        token_amount=tokens.amount if tokens is not None and token is not None else None,
    )
