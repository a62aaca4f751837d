"""What is sold and on which terms, as values, and the rules such values must keep.

The stored objects (plan, product, rate plan, season set) hold these values in tuples. The ``check_...``
functions refuse with the literal text of the rule; which call the text belongs to is said by the interface.
Source: catalog §1, §2, §3, §5; billing-engine §2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from cashbox_service.domain.errors import InvalidRequest, InvalidValue
from cashbox_service.domain.interval import FOREVER, is_forever, parse_interval

UNLIMITED: Final = "unlimited"
MAX_QUANTITY: Final = 5000
MAX_CYCLES: Final = 100_000
MAX_PERIODS: Final = 50
MAX_PASSES: Final = 1000


class PeriodType(StrEnum):
    """The unit of a billing period, in the spelling of the interface."""

    DAY = "Day"
    WEEK = "Week"
    MONTH = "Month"
    YEAR = "Year"


@dataclass(frozen=True, slots=True)
class NameValue:
    """A named text of the merchant on any object (conventions §9)."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class EntitlementId:
    """A right under the merchant's own name (catalog §1.3)."""

    id: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class PlanPrice:
    """The price of one cycle. An entry without ``amount`` is a price in tokens alone (catalog §1.3)."""

    amount: Decimal | None
    currency: str
    price_list_name: str | None = None
    token_vid: str | None = None
    token_amount: int | None = None


@dataclass(frozen=True, slots=True)
class PlanPeriod:
    """``cycles`` billings, 0 = without end, each for ``quantity`` units of ``type`` (catalog §1.2)."""

    type: PeriodType
    quantity: int = 1
    cycles: int = 0
    prices: tuple[PlanPrice, ...] = ()
    expire_warning_days: int | None = None
    do_not_notify_first_bill: bool = False
    free: bool = False


@dataclass(frozen=True, slots=True)
class ProductDescription:
    """What a product is called in one language (catalog §2.1)."""

    language: str
    description: str


@dataclass(frozen=True, slots=True)
class ProductPrice:
    """The price of a product; with ``token_vid`` the amount counts tokens of that type (catalog §2.1)."""

    amount: Decimal
    currency: str
    token_vid: str | None = None


@dataclass(frozen=True, slots=True)
class Season:
    """A span of dates, both ends included, in which a seasonal plan serves (catalog §3)."""

    description: str | None
    start_date: date
    end_date: date


@dataclass(frozen=True, slots=True)
class RatePrice:
    """A price or fee of a rate plan in one currency (catalog §5.1)."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class RateTier:
    """What units from a level on cost; ``charge_customer`` is PerUnit or FlatFee (catalog §5.1)."""

    name: str
    prices: tuple[RatePrice, ...]
    charge_customer: str
    begins_at_level: Decimal


@dataclass(frozen=True, slots=True)
class CreditPart:
    """One part of a credit: money, time or tokens, as ``kind`` says: ``currency``, ``time``, ``token``.

    In a product's creditGranted only the worth and the texts are set; in the credit history ``vid`` names the
    grant, and granted_at, granted_by_cashbox and source are those of the grant (account §1.4).
    """

    kind: str
    amount: Decimal | None = None
    currency: str | None = None
    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0
    token_vid: str | None = None
    sort_value: int | None = None
    description: str | None = None
    reason: str | None = None
    name_values: tuple[NameValue, ...] = ()
    vid: str | None = None
    granted_at: datetime | None = None
    granted_by_cashbox: bool = False
    source: str | None = None


def parse_period_type(text: str | None) -> PeriodType:
    """The period type of that exact spelling; InvalidRequest in the plan's own words for anything else."""
    try:
        return PeriodType(text or "")
    except ValueError:
        raise InvalidRequest(
            "Unable to load BillingPlanPeriod: Error: For this billing plan, "
            f"the billing period type {text or ''} is not valid"
        ) from None


def check_periods(periods: Sequence[PlanPeriod]) -> tuple[PlanPeriod, ...]:
    """The periods of a plan. InvalidRequest for none, InvalidValue for what cannot be billed."""
    if not periods:
        raise InvalidRequest("Unable to create BillingPlan without a Billing Period ")
    if len(periods) > MAX_PERIODS:
        raise InvalidValue("periods", len(periods), f"exceeds the limit of {MAX_PERIODS}")
    for period in periods:
        _check_period(period)
    for period in periods[:-1]:
        if period.cycles == 0:
            raise InvalidValue("periods.cycles", 0, "is only allowed in the last Billing Period")
    return tuple(periods)


def _check_period(period: PlanPeriod) -> None:
    if not 1 <= period.quantity <= MAX_QUANTITY:
        raise InvalidValue("periods.quantity", period.quantity, f"is not between 1 and {MAX_QUANTITY}")
    if not 0 <= period.cycles <= MAX_CYCLES:
        raise InvalidValue("periods.cycles", period.cycles, f"is not between 0 and {MAX_CYCLES}")
    if period.expire_warning_days is not None and period.expire_warning_days < 0:
        raise InvalidValue("periods.expireWarningDays", period.expire_warning_days, "must not be negative")
    seen: set[tuple[str, str | None, str | None]] = set()
    for price in period.prices:
        _check_price(price)
        key = (price.currency, price.price_list_name, price.token_vid)
        if key in seen:
            raise InvalidValue("periods.prices.currency", price.currency, "has two prices of the same name")
        seen.add(key)


def _check_price(price: PlanPrice) -> None:
    if price.amount is not None and price.amount < 0:
        raise InvalidValue("periods.prices.amount", price.amount, "must not be negative")
    if price.token_amount is not None and price.token_amount < 0:
        raise InvalidValue("periods.prices.tokenAmount", price.token_amount, "must not be negative")


def in_use_change_allowed(old: Sequence[PlanPeriod], new: Sequence[PlanPeriod]) -> bool:
    """Whether a plan in use may go from ``old`` to ``new``: prices and notices may differ, nothing else.

    Source: catalog §1.4.
    """
    return [_structure(period) for period in old] == [_structure(period) for period in new]


def _structure(period: PlanPeriod) -> tuple[PeriodType, int, int, bool]:
    return period.type, period.quantity, period.cycles, period.free


def check_times_to_run(text: str) -> str:
    """How often the period set runs, as stored: a number from 1 up, or ``unlimited``. Raises InvalidValue."""
    value = text.strip().lower()
    if value == UNLIMITED:
        return UNLIMITED
    if not (value.isascii() and value.isdigit() and len(value) <= len(str(MAX_PASSES))):
        raise InvalidValue("timesToRun", text, "is neither a positive number nor unlimited")
    if not 1 <= int(value) <= MAX_PASSES:
        raise InvalidValue("timesToRun", text, f"is not between 1 and {MAX_PASSES}")
    return str(int(value))


def check_repeat_every(text: str) -> str | None:
    """An interval as given, None for an empty text; InvalidValue for anything else."""
    if not text.strip():
        return None
    parse_interval(text, field="repeatEvery")
    return text.strip()


def check_entitlements_valid_for(text: str) -> str | None:
    """An interval as given, or ``forever``; None for empty and ``Standard``. Raises InvalidValue."""
    if text.strip().lower() in ("", "standard"):
        return None
    if is_forever(text):
        return FOREVER
    parse_interval(text, field="entitlementsValidFor")
    return text.strip()


def check_seasons(seasons: Sequence[Season]) -> tuple[Season, ...]:
    """Seasons in order of time and apart from each other; InvalidValue otherwise. Source: catalog §3."""
    previous: Season | None = None
    for season in seasons:
        if season.end_date < season.start_date:
            raise InvalidValue("seasons.endDate", season.end_date, "lies before the season's startDate")
        if previous is not None and season.start_date <= previous.end_date:
            raise InvalidValue(
                "seasons.startDate", season.start_date, "does not lie after the season before it"
            )
        previous = season
    return tuple(seasons)


def check_tiers(tiers: Sequence[RateTier]) -> tuple[RateTier, ...]:
    """At least one tier, levels ascending, no negative price; InvalidRequest or InvalidValue otherwise.

    Source: catalog §5.5.
    """
    if not tiers:
        raise InvalidRequest("Unable to create RatePlan without a tier")
    level: Decimal | None = None
    for tier in tiers:
        if tier.begins_at_level < 0 or (level is not None and tier.begins_at_level <= level):
            raise InvalidValue("tier.beginsAtLevel", tier.begins_at_level, "is not above the tier before it")
        level = tier.begins_at_level
        for price in tier.prices:
            if price.amount < 0:
                raise InvalidValue("tier.ratePrice.amount", price.amount, "must not be negative")
    return tuple(tiers)


def check_fees(minimum: Sequence[RatePrice], maximum: Sequence[RatePrice]) -> None:
    """InvalidValue when the least charge of a currency is above the greatest. Source: catalog §5.5."""
    largest = {fee.currency: fee.amount for fee in maximum}
    for fee in minimum:
        if fee.currency in largest and fee.amount > largest[fee.currency]:
            raise InvalidValue("minimumFee", fee.amount, "is more than maximumFee")
