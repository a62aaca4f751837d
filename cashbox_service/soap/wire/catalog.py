"""Product, BillingPlan, SeasonSet and RatePlan."""

from __future__ import annotations

from collections.abc import Sequence

from cashbox_service.app.context import Work
from cashbox_service.domain.catalog import (
    CreditPart,
    PlanPeriod,
    PlanPrice,
    ProductPrice,
    RatePrice,
    RateTier,
    Season,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.srd import Selection
from cashbox_service.soap.wire.credit import token
from cashbox_service.soap.wire.narrowing import narrowed, narrowed_all
from cashbox_service.soap.wire.values import entitlement_ids, money, name_values, quantity, unit_price
from cashbox_service.store.entities import BillingPlan, Product, RatePlan, SeasonSet, Token

Tokens = dict[str, Token]


def billing_plan(work: Work, source: BillingPlan, selection: Selection) -> r.BillingPlan:
    wants = selection.wants
    record = r.BillingPlan(VID=source.vid, merchantBillingPlanId=source.merchant_billing_plan_id)
    if wants("description"):
        record.description = source.description
    if wants("status"):
        record.status = source.status
    if wants("taxClassification"):
        record.taxClassification = source.tax_classification
    if wants("periods"):
        tokens = _tokens(work, [price.token_vid for period in source.periods for price in period.prices])
        record.periods = tuple(
            [_period(period, tokens, selection.child("periods")) for period in source.periods]
        )
    if wants("prenotifyDays"):
        record.prenotifyDays = source.prenotify_days
    if wants("endOfLifeTimestamp"):
        record.endOfLifeTimestamp = source.end_of_life_at
    if source.name_values and wants("nameValues"):
        record.nameValues = name_values(source.name_values)
    if source.entitlement_ids and wants("merchantEntitlementIds"):
        ids = entitlement_ids(source.entitlement_ids)
        record.merchantEntitlementIds = narrowed_all(ids, selection.child("merchantEntitlementIds"))
    if wants("billingStatementIdentifier"):
        record.billingStatementIdentifier = source.billing_statement_identifier
    if wants("timesToRun"):
        record.timesToRun = source.times_to_run
    if wants("entitlementsValidFor"):
        record.entitlementsValidFor = source.entitlements_valid_for
    if wants("repeatEvery"):
        record.repeatEvery = source.repeat_every
    _add_seasons(record, source, selection)
    if wants("skipInitialFreeWhenRepeating"):
        record.skipInitialFreeWhenRepeating = source.skip_initial_free_when_repeating
    return record


def _add_seasons(record: r.BillingPlan, source: BillingPlan, selection: Selection) -> None:
    wants = selection.wants
    if source.season_set_vid is not None and wants("seasonSet"):
        record.seasonSet = season_set(source.season_set, selection.child("seasonSet"))
    if wants("daysBeforeSeasonToBill"):
        record.daysBeforeSeasonToBill = source.days_before_season_to_bill
    if wants("daysEntitledBeforeSeason"):
        record.daysEntitledBeforeSeason = source.days_entitled_before_season
    if wants("daysEntitledAfterSeason"):
        record.daysEntitledAfterSeason = source.days_entitled_after_season
    if wants("entitledOffSeason"):
        record.entitledOffSeason = source.entitled_off_season


def _period(period: PlanPeriod, tokens: Tokens, selection: Selection) -> r.BillingPlanPeriod:
    wants = selection.wants
    record = r.BillingPlanPeriod()
    if wants("type"):
        record.type = period.type.value
    if wants("quantity"):
        record.quantity = period.quantity
    if wants("cycles"):
        record.cycles = period.cycles
    if wants("prices"):
        prices = [_plan_price(price, tokens) for price in period.prices]
        record.prices = narrowed_all(prices, selection.child("prices"))
    if wants("expireWarningDays"):
        record.expireWarningDays = period.expire_warning_days
    if wants("doNotNotifyFirstBill"):
        record.doNotNotifyFirstBill = period.do_not_notify_first_bill
    if wants("free"):
        record.free = period.free
    return record


def _plan_price(price: PlanPrice, tokens: Tokens) -> r.BillingPlanPrice:
    record = r.BillingPlanPrice(
        amount=money(price.amount, price.currency),
        currency=price.currency,
        priceListName=price.price_list_name,
    )
    if price.token_vid is not None:
        record.tokenAmount = r.TokenAmount(
            token=token(tokens.get(price.token_vid)), amount=price.token_amount or 0
        )
    return record


def season_set(source: SeasonSet | None, selection: Selection) -> r.SeasonSet | None:
    if source is None:
        return None
    record = r.SeasonSet(VID=source.vid, merchantSeasonSetId=source.merchant_season_set_id)
    if selection.wants("seasons"):
        record.seasons = narrowed_all(map(season, source.seasons), selection.child("seasons"))
    if source.name_values and selection.wants("nameValues"):
        record.nameValues = name_values(source.name_values)
    return record


def season(source: Season) -> r.Season:
    return r.Season(description=source.description, startDate=source.start_date, endDate=source.end_date)


def product(work: Work, source: Product, selection: Selection) -> r.Product:
    wants = selection.wants
    record = r.Product(VID=source.vid, merchantProductId=source.merchant_product_id)
    if wants("descriptions"):
        texts = [
            r.ProductDescription(language=t.language, description=t.description) for t in source.descriptions
        ]
        record.descriptions = narrowed_all(texts, selection.child("descriptions"))
    if wants("status"):
        record.status = source.status
    if wants("taxClassification"):
        record.taxClassification = source.tax_classification
    if source.default_billing_plan is not None and wants("defaultBillingPlan"):
        record.defaultBillingPlan = billing_plan(
            work, source.default_billing_plan, selection.child("defaultBillingPlan")
        )
    if source.default_rate_plan is not None and wants("defaultRatePlan"):
        record.defaultRatePlan = rate_plan(work, source.default_rate_plan, selection.child("defaultRatePlan"))
    if wants("endOfLifeTimestamp"):
        record.endOfLifeTimestamp = source.end_of_life_at
    if source.name_values and wants("nameValues"):
        record.nameValues = name_values(source.name_values)
    if source.entitlement_ids and wants("merchantEntitlementIds"):
        ids = entitlement_ids(source.entitlement_ids)
        record.merchantEntitlementIds = narrowed_all(ids, selection.child("merchantEntitlementIds"))
    if wants("billingStatementIdentifier"):
        record.billingStatementIdentifier = source.billing_statement_identifier
    _add_money(work, record, source, selection)
    if source.bundled_vids and wants("bundledProducts"):
        record.bundledProducts = _bundled(work, source, selection.child("bundledProducts"))
    return record


def _add_money(work: Work, record: r.Product, source: Product, selection: Selection) -> None:
    vids = [part.token_vid for part in source.credit_granted] + [price.token_vid for price in source.prices]
    tokens = _tokens(work, vids)
    if source.credit_granted and selection.wants("creditGranted"):
        promised = credit_granted(source.credit_granted, tokens)
        record.creditGranted = narrowed(promised, selection.child("creditGranted"))
    if selection.wants("prices"):
        prices = [_product_price(price, tokens) for price in source.prices]
        record.prices = narrowed_all(prices, selection.child("prices"))


def _product_price(price: ProductPrice, tokens: Tokens) -> r.ProductPrice:
    return r.ProductPrice(
        amount=money(price.amount, price.currency),
        currency=price.currency,
        token=token(tokens.get(price.token_vid)) if price.token_vid is not None else None,
    )


def credit_granted(parts: Sequence[CreditPart], tokens: Tokens) -> r.Credit:
    """A credit that is promised, not yet granted: no identities, no owners."""
    return r.Credit(
        tokenAmounts=tuple(
            [
                r.TokenAmount(token=token(tokens.get(part.token_vid or "")), amount=int(part.amount or 0))
                for part in parts
                if part.kind == "token"
            ]
        ),
        timeIntervals=tuple(
            [
                r.TimeInterval(
                    years=part.years or None,
                    months=part.months or None,
                    weeks=part.weeks or None,
                    days=part.days or None,
                    nameValues=name_values(part.name_values),
                    sortValue=part.sort_value,
                    description=part.description,
                    reason=part.reason,
                )
                for part in parts
                if part.kind == "time"
            ]
        ),
        currencyAmounts=tuple(
            [
                r.CurrencyAmount(
                    currency=part.currency,
                    amount=money(part.amount, part.currency),
                    nameValues=name_values(part.name_values),
                    sortValue=part.sort_value,
                    description=part.description,
                    reason=part.reason,
                )
                for part in parts
                if part.kind == "currency"
            ]
        ),
    )


def _bundled(work: Work, source: Product, selection: Selection) -> tuple[r.Product, ...]:
    found = work.uow.catalog.products_by_vid(source.bundled_vids)
    return tuple([product(work, found[vid], selection) for vid in source.bundled_vids if vid in found])


def rate_plan(work: Work, source: RatePlan, selection: Selection) -> r.RatePlan:
    wants = selection.wants
    record = r.RatePlan(VID=source.vid, merchantRatePlanId=source.merchant_rate_plan_id)
    if wants("description"):
        record.description = source.description
    if wants("multiplyRatedUnitsBy"):
        record.multiplyRatedUnitsBy = source.multiply_rated_units_by
    if wants("ratedUnit"):
        unit = r.RatedUnit(nameSingular=source.unit_singular, namePlural=source.unit_plural)
        record.ratedUnit = narrowed(unit, selection.child("ratedUnit"))
    if wants("tier"):
        record.tier = narrowed_all(map(_tier, source.tiers), selection.child("tier"))
    if wants("roundingDecimals"):
        record.roundingDecimals = source.rounding_decimals
    if wants("includedUnits"):
        record.includedUnits = quantity(source.included_units)
    if wants("minimumFee"):
        record.minimumFee = narrowed_all(_rate_prices(source.minimum_fee), selection.child("minimumFee"))
    if wants("maximumFee"):
        record.maximumFee = narrowed_all(_rate_prices(source.maximum_fee), selection.child("maximumFee"))
    if wants("ratePlanModel"):
        record.ratePlanModel = source.rate_plan_model
    if wants("status"):
        record.status = source.status
    if wants("hasEventRecorded"):
        record.hasEventRecorded = work.uow.usage.recorded_for(source.vid)
    if source.name_values and wants("nameValues"):
        record.nameValues = name_values(source.name_values)
    return record


def _tier(tier: RateTier) -> r.RatePlanTier:
    return r.RatePlanTier(
        name=tier.name,
        ratePrice=tuple(
            [
                r.RatePlanPrice(amount=unit_price(p.amount, p.currency), currency=p.currency)
                for p in tier.prices
            ]
        ),
        chargeCustomer=tier.charge_customer,
        beginsAtLevel=quantity(tier.begins_at_level),
    )


def _rate_prices(prices: Sequence[RatePrice]) -> tuple[r.RatePlanPrice, ...]:
    return tuple(
        [
            r.RatePlanPrice(amount=money(price.amount, price.currency), currency=price.currency)
            for price in prices
        ]
    )


def _tokens(work: Work, vids: Sequence[str | None]) -> Tokens:
    return work.uow.catalog.tokens_by_vid({vid for vid in vids if vid is not None})
