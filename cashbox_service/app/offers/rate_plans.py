"""Rate plans: create, change, find (catalog §5)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from cashbox_service.app import name_values
from cashbox_service.app.checks import check_currency, check_merchant_id
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.drafts import Reference
from cashbox_service.app.offers.catalog import check_length, has_content, price, refuse_two_owners
from cashbox_service.app.offers.drafts import RatePlanDraft, RatePlanPriceDraft, RatePlanTierDraft
from cashbox_service.app.paging import page
from cashbox_service.domain import rating
from cashbox_service.domain.catalog import RatePrice, RateTier, check_fees, check_tiers
from cashbox_service.domain.errors import InvalidRequest, InvalidValue, MissingField, RatePlanNotFound
from cashbox_service.domain.money import LARGEST_GIVEN
from cashbox_service.ids import new_vid
from cashbox_service.store.entities import RatePlan

MAX_NAME = 255

_IDENTIFIERS = ("vid", "merchant_rate_plan_id")
_TERMS = (
    "merchant_rate_plan_id",
    "description",
    "multiply_rated_units_by",
    "unit_singular",
    "unit_plural",
    "tiers",
    "rounding_decimals",
    "included_units",
    "minimum_fee",
    "maximum_fee",
    "rate_plan_model",
    "status",
    "name_values",
)


def update(work: Work, draft: RatePlanDraft | None, force: bool) -> RatePlan:
    """Create or change; ``force`` changes a plan for which events were recorded.

    Raises MissingField, InvalidValue, InvalidRequest, RatePlanNotFound for an unknown VID.
    """
    if draft is None:
        raise MissingField("ratePlan")

    def stored() -> RatePlan:
        with work.writing():
            found = find(work, draft)
            return _create(work, draft) if found is None else _change(work, found, draft, force)

    return starting_over(stored)


def resolve(work: Work, draft: RatePlanDraft) -> RatePlan:
    """The rate plan that an argument refers to, created when its id is new and the draft is complete.

    Raises RatePlanNotFound, MissingField, InvalidValue.
    """
    found = find(work, draft)
    if found is not None:
        return found
    if not has_content(draft, *_IDENTIFIERS):
        raise RatePlanNotFound("merchantRatePlanId", draft.merchant_rate_plan_id or "")
    return _create(work, draft)


def find(work: Work, draft: RatePlanDraft) -> RatePlan | None:
    """By VID, else by id. Raises RatePlanNotFound for an unknown VID, InvalidRequest for two rate plans."""
    by_id = None
    if draft.merchant_rate_plan_id is not None:
        by_id = work.uow.catalog.rate_plan_by_merchant_id(draft.merchant_rate_plan_id)
    if draft.vid is None:
        return by_id
    found = work.uow.catalog.rate_plan_by_vid(draft.vid)
    if found is None:
        raise RatePlanNotFound("VID", draft.vid)
    refuse_two_owners(found, by_id, "VID and merchantRatePlanId")
    return found


def by_reference(work: Work, reference: Reference) -> RatePlan:
    """The rate plan that an argument names. Raises MissingField, RatePlanNotFound, InvalidRequest."""
    if reference.vid is None and reference.merchant_id is None:
        raise MissingField("ratePlan")
    found = find(work, RatePlanDraft(vid=reference.vid, merchant_rate_plan_id=reference.merchant_id))
    if found is None:
        raise RatePlanNotFound("merchantRatePlanId", reference.merchant_id)
    return found


def by_vid(work: Work, vid: str | None) -> RatePlan:
    """Raises MissingField, RatePlanNotFound."""
    if not vid:
        raise MissingField("vid")
    return by_reference(work, Reference(vid=vid))


def by_merchant_id(work: Work, merchant_rate_plan_id: str | None) -> RatePlan:
    """Raises MissingField, RatePlanNotFound."""
    if not merchant_rate_plan_id:
        raise MissingField("merchantRatePlanId")
    return by_reference(work, Reference(merchant_id=merchant_rate_plan_id))


def all_plans(work: Work, number: int | None, size: int | None) -> Sequence[RatePlan]:
    """Oldest first; none past the end. Raises InvalidWindow."""
    wanted = page(number, size, work.settings.max_page_size)
    return work.uow.catalog.rate_plans(wanted.number, wanted.size)


def terms_of(plan: RatePlan) -> rating.RateTerms:
    """The terms of a stored plan as the rules take them."""
    return rating.RateTerms(
        plan.tiers,
        plan.multiply_rated_units_by,
        plan.rounding_decimals,
        plan.included_units,
        plan.minimum_fee,
        plan.maximum_fee,
    )


def _create(work: Work, draft: RatePlanDraft) -> RatePlan:
    for name, value in (
        ("merchantRatePlanId", draft.merchant_rate_plan_id),
        ("ratePlanModel", draft.rate_plan_model),
        ("ratedUnit", draft.rated_unit),
    ):
        if value is None:
            raise MissingField(name)
    plan = RatePlan(
        vid=new_vid(),
        multiply_rated_units_by=rating.Multiply.EACH_RESPECTIVE_TIER.value,
        unit_singular="",
        unit_plural="",
        tiers=(),
        rounding_decimals=0,
        included_units=Decimal(0),
        minimum_fee=(),
        maximum_fee=(),
        status="Active",
        name_values=(),
        created_at=work.now,
    )
    _merge(work, plan, draft)
    work.uow.catalog.add(plan)
    work.uow.flush()
    return plan


def _change(work: Work, plan: RatePlan, draft: RatePlanDraft, force: bool) -> RatePlan:
    """What was billed is not rated again; units that wait for their bill are billed by the new terms (catalog §5.5)."""
    before, model = _terms(plan), plan.rate_plan_model
    _merge(work, plan, draft)
    if _terms(plan) == before:
        return plan
    recorded = work.uow.usage.recorded_for(plan.vid)
    if recorded and not force:
        raise InvalidRequest("RatePlan has recorded events; it can be changed only with force.")
    currencies = work.uow.usage.currencies_of_plan(plan.vid)
    if plan.rate_plan_model != model and (recorded or currencies):
        raise InvalidValue("ratePlanModel", plan.rate_plan_model, "cannot be set: the RatePlan is in use")
    for currency in sorted(currencies):
        check_needed(plan, currency)
    work.uow.flush()
    return plan


def check_needed(plan: RatePlan, currency: str) -> None:
    """Raises InvalidValue when a running AutoBill could not be billed by the plan."""
    try:
        rating.check_priced(plan.tiers, currency)
    except InvalidValue as error:
        raise InvalidValue("tier.ratePrice", currency, "is needed by a running AutoBill") from error


def _terms(plan: RatePlan) -> tuple[object, ...]:
    return tuple(getattr(plan, name) for name in _TERMS)


def _merge(work: Work, plan: RatePlan, draft: RatePlanDraft) -> None:
    if draft.merchant_rate_plan_id is not None:
        plan.merchant_rate_plan_id = check_merchant_id("merchantRatePlanId", draft.merchant_rate_plan_id)
    if draft.description is not None:
        plan.description = draft.description or None
    for source, target in (
        ("multiply_rated_units_by", "multiply_rated_units_by"),
        ("rate_plan_model", "rate_plan_model"),
        ("status", "status"),
    ):
        if getattr(draft, source) is not None:
            setattr(plan, target, getattr(draft, source))
    _merge_unit(plan, draft)
    _merge_quantities(plan, draft)
    if draft.minimum_fee:
        plan.minimum_fee = _fees("minimumFee", draft.minimum_fee)
    if draft.maximum_fee:
        plan.maximum_fee = _fees("maximumFee", draft.maximum_fee)
    check_fees(plan.minimum_fee, plan.maximum_fee)
    if draft.name_values:
        plan.name_values = name_values.merged(work, "RatePlan", plan.name_values, draft.name_values)


def _merge_unit(plan: RatePlan, draft: RatePlanDraft) -> None:
    unit = draft.rated_unit
    if unit is not None:
        check_length("ratedUnit.nameSingular", unit.name_singular, MAX_NAME)
        check_length("ratedUnit.namePlural", unit.name_plural, MAX_NAME)
        plan.unit_singular = unit.name_singular or plan.unit_singular
        plan.unit_plural = unit.name_plural or plan.unit_plural
    if not plan.unit_singular:
        raise MissingField("ratedUnit.nameSingular")
    if not plan.unit_plural:
        raise MissingField("ratedUnit.namePlural")


def _merge_quantities(plan: RatePlan, draft: RatePlanDraft) -> None:
    if draft.rounding_decimals is not None:
        plan.rounding_decimals = rating.check_rounding(draft.rounding_decimals)
    if draft.included_units is not None:
        plan.included_units = rating.given_units("includedUnits", draft.included_units)
        if plan.included_units < 0:
            raise InvalidValue("includedUnits", plan.included_units, "must not be negative")
    if len(draft.tier) > rating.MAX_TIERS:
        raise InvalidValue("tier", len(draft.tier), f"exceeds the limit of {rating.MAX_TIERS}")
    if draft.tier or not plan.tiers:
        plan.tiers = check_tiers([_tier(number, tier) for number, tier in enumerate(draft.tier, 1)])


def _tier(number: int, draft: RatePlanTierDraft) -> RateTier:
    check_length("tier.name", draft.name, MAX_NAME)
    prices = tuple(_unit_price(entry) for entry in draft.rate_price)
    _check_currencies("tier.ratePrice", prices)
    return RateTier(
        name=draft.name or f"Tier {number}",
        prices=prices,
        charge_customer=draft.charge_customer or rating.ChargeCustomer.PER_UNIT.value,
        begins_at_level=rating.given_units("tier.beginsAtLevel", draft.begins_at_level or Decimal(0)),
    )


def _unit_price(draft: RatePlanPriceDraft) -> RatePrice:
    """The price of a tier, which may be a part of the currency's minor unit: a message for 0.004."""
    currency = check_currency("tier.ratePrice.currency", draft.currency or "USD")
    if draft.amount is None:
        raise MissingField("tier.ratePrice.amount")
    if abs(draft.amount) > LARGEST_GIVEN:
        raise InvalidValue("tier.ratePrice.amount", draft.amount, f"is more than {LARGEST_GIVEN}")
    return RatePrice(rating.rounded(draft.amount, rating.UNIT_PLACES), currency)


def _fees(field: str, drafts: Sequence[RatePlanPriceDraft]) -> tuple[RatePrice, ...]:
    fees = tuple(RatePrice(*price(field, entry.amount, entry.currency)) for entry in drafts)
    _check_currencies(field, fees)
    return fees


def _check_currencies(field: str, prices: Sequence[RatePrice]) -> None:
    """One price per currency (catalog §5.1). Raises InvalidValue."""
    seen: set[str] = set()
    for entry in prices:
        if entry.currency in seen:
            raise InvalidValue(f"{field}.currency", entry.currency, "is given twice")
        seen.add(entry.currency)
