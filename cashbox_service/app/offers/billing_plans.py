"""Billing plans: create, change, find (catalog §1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cashbox_service.app import name_values
from cashbox_service.app.checks import check_merchant_id
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.engine import entitling, parking, seasons
from cashbox_service.app.lookup import named
from cashbox_service.app.offers import catalog
from cashbox_service.app.offers.drafts import BillingPlanDraft, BillingPlanPeriodDraft, BillingPlanPriceDraft
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
from cashbox_service.domain.pricing import plan_price
from cashbox_service.ids import new_vid
from cashbox_service.store.entities import AutoBill, BillingPlan

IN_USE = "BillingPlan is in use; only prices may be changed."
MAX_DESCRIPTION = 2048
MAX_PRICE_LIST_NAME = 255
MAX_DAYS = 3660


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored plan and whether this call created it."""

    plan: BillingPlan
    created: bool


def update(work: Work, draft: BillingPlanDraft | None) -> Stored:
    """Create or change a plan. Raises InvalidRequest and its kinds, BillingPlanNotFound for an unknown VID."""
    if draft is None:
        raise MissingField("billingPlan")

    def stored() -> Stored:
        with work.writing():
            return put(work, draft)

    return starting_over(stored)


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
    return named("vid", vid, work.uow.catalog.plan_by_vid, BillingPlanNotFound, "VID")


def by_merchant_id(work: Work, merchant_billing_plan_id: str | None) -> BillingPlan:
    """Raises MissingField, BillingPlanNotFound."""
    return named(
        "merchantBillingPlanId",
        merchant_billing_plan_id,
        work.uow.catalog.plan_by_merchant_id,
        BillingPlanNotFound,
        "merchantBillingPlanId",
    )


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
    if _changes_structure(work, plan, draft, periods) and work.uow.catalog.plan_in_use(plan.vid):
        raise InvalidRequest(IN_USE)
    _check_kept_prices(work, plan, periods)
    users: Sequence[AutoBill] = ()
    if draft.merchant_entitlement_ids:
        users = work.uow.catalog.autobills_on_plan(plan.vid)
    elif periods != plan.periods:
        users = work.uow.catalog.parked_on_plan(plan.vid)
    users = entitling.locked(work, users)
    if draft.merchant_billing_plan_id is not None:
        plan.merchant_billing_plan_id = check_merchant_id(
            "merchantBillingPlanId", draft.merchant_billing_plan_id
        )
    plan.periods = periods
    granted_before = plan.entitlement_ids
    _merge(work, plan, draft)
    if plan.entitlement_ids != granted_before:
        work.uow.flush()
        for autobill in users:
            entitling.refresh(work, autobill)
    parking.try_again(users)


def _check_kept_prices(work: Work, plan: BillingPlan, periods: tuple[PlanPeriod, ...]) -> None:
    """Raises InvalidValue when a running AutoBill would lose the price of a period."""
    if periods == plan.periods:
        return
    for currency in sorted(work.uow.catalog.currencies_on_plan(plan.vid)):
        for before, after in zip(plan.periods, periods, strict=False):
            if _priced(before, currency) and not _priced(after, currency):
                raise InvalidValue("periods.prices", currency, "is needed by a running AutoBill")


def _priced(period: PlanPeriod, currency: str) -> bool:
    try:
        plan_price(period.prices, currency)
    except InvalidValue:
        return False
    return True


def _changes_structure(
    work: Work, plan: BillingPlan, draft: BillingPlanDraft, periods: tuple[PlanPeriod, ...]
) -> bool:
    """Whether running AutoBills would be billed on other days or in other seasons (catalog §1.4)."""
    if not in_use_change_allowed(plan.periods, periods):
        return True
    if draft.season_set is not None:
        named = catalog.find_season_set(work, draft.season_set)
        if named is None or named.vid != plan.season_set_vid:
            return True
    if draft.times_to_run and check_times_to_run(draft.times_to_run) != plan.times_to_run:
        return True
    if draft.repeat_every is not None and check_repeat_every(draft.repeat_every) != plan.repeat_every:
        return True
    skips = draft.skip_initial_free_when_repeating
    return skips is not None and skips != plan.skip_initial_free_when_repeating


_TEXTS = ("tax_classification", "billing_statement_identifier")
_DAYS = {
    "prenotify_days": "prenotifyDays",
    "days_before_season_to_bill": "daysBeforeSeasonToBill",
    "days_entitled_before_season": "daysEntitledBeforeSeason",
    "days_entitled_after_season": "daysEntitledAfterSeason",
}
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
    catalog.check_length("description", draft.description, MAX_DESCRIPTION)
    if draft.description is not None:
        plan.description = draft.description or None
    for name in _TEXTS:
        text = getattr(draft, name)
        if text is not None:
            setattr(plan, name, text or None)
    for name in _PLAIN:
        value = getattr(draft, name)
        if value is not None:
            setattr(plan, name, _check_days(name, value))
    if draft.end_of_life_timestamp is not None:
        plan.end_of_life_at = draft.end_of_life_timestamp
    if draft.times_to_run:
        plan.times_to_run = check_times_to_run(draft.times_to_run)
    if draft.entitlements_valid_for is not None:
        plan.entitlements_valid_for = check_entitlements_valid_for(draft.entitlements_valid_for)
    if draft.repeat_every is not None:
        plan.repeat_every = check_repeat_every(draft.repeat_every)
    if draft.season_set is not None:
        plan.season_set = seasons.put(work, draft.season_set)
    if draft.name_values:
        plan.name_values = name_values.merged(work, "BillingPlan", plan.name_values, draft.name_values)
    if draft.merchant_entitlement_ids:
        plan.entitlement_ids = catalog.entitlement_ids(draft.merchant_entitlement_ids)


def _check_days(name: str, value: Any) -> Any:
    """Counts of days are not negative. Raises InvalidValue."""
    field = _DAYS.get(name)
    if field is not None and not 0 <= value <= MAX_DAYS:
        raise InvalidValue(field, value, f"is not between 0 and {MAX_DAYS}")
    return value


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
    catalog.check_length("periods.prices.priceListName", draft.price_list_name, MAX_PRICE_LIST_NAME)
    name = draft.price_list_name or None
    if draft.token_amount is None:
        return PlanPrice(amount, currency, name)
    token = catalog.token(work, draft.token_amount.token)
    if token is None:
        raise MissingField("periods.prices.tokenAmount.token")
    if draft.token_amount.amount is None:
        raise MissingField("periods.prices.tokenAmount.amount")
    in_money = amount if draft.amount is not None else None
    return PlanPrice(in_money, currency, name, token.vid, draft.token_amount.amount)
