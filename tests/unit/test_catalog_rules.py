"""What a plan, a season set and a rate plan may look like, with the literal texts of each refusal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from cashbox_service.domain import catalog as c
from cashbox_service.domain.errors import InvalidRequest, InvalidValue

MONTHLY = c.PlanPeriod(c.PeriodType.MONTH, prices=(c.PlanPrice(Decimal("9.99"), "USD"),))
TRIAL = c.PlanPeriod(c.PeriodType.DAY, quantity=14, cycles=1, free=True)


@pytest.mark.parametrize("text", ["Day", "Week", "Month", "Year"])
def test_four_period_types_are_known(text: str) -> None:
    assert c.parse_period_type(text).value == text


@pytest.mark.parametrize(("text", "shown"), [("Hour", "Hour"), ("month", "month"), ("", ""), (None, "")])
def test_an_unknown_period_type_is_refused_in_the_words_of_the_plan(text: str | None, shown: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        c.parse_period_type(text)
    assert str(refusal.value) == (
        "Unable to load BillingPlanPeriod: Error: For this billing plan, "
        f"the billing period type {shown} is not valid"
    )


def test_a_plan_without_periods_is_refused_with_a_trailing_blank() -> None:
    with pytest.raises(InvalidRequest) as refusal:
        c.check_periods([])
    assert str(refusal.value) == "Unable to create BillingPlan without a Billing Period "


def test_periods_that_make_sense_are_kept_in_order() -> None:
    assert c.check_periods([TRIAL, MONTHLY]) == (TRIAL, MONTHLY)


def test_only_the_last_period_may_be_without_end() -> None:
    with pytest.raises(InvalidValue, match="last Billing Period"):
        c.check_periods([MONTHLY, TRIAL])


@pytest.mark.parametrize(
    ("period", "field"),
    [
        (replace(MONTHLY, quantity=0), "periods.quantity"),
        (replace(MONTHLY, quantity=5001), "periods.quantity"),
        (replace(MONTHLY, cycles=-1), "periods.cycles"),
        (replace(MONTHLY, cycles=100_001), "periods.cycles"),
        (replace(MONTHLY, expire_warning_days=-1), "periods.expireWarningDays"),
        (replace(MONTHLY, prices=(c.PlanPrice(Decimal(-1), "USD"),)), "periods.prices.amount"),
        (
            replace(MONTHLY, prices=(c.PlanPrice(None, "USD", None, "a" * 40, -1),)),
            "periods.prices.tokenAmount",
        ),
        (replace(MONTHLY, prices=MONTHLY.prices * 2), "periods.prices.currency"),
        (
            replace(MONTHLY, prices=tuple(c.PlanPrice(Decimal(n), "EUR", "list") for n in (1, 2))),
            "periods.prices.currency",
        ),
    ],
)
def test_a_period_that_cannot_be_billed_is_refused(period: c.PlanPeriod, field: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        c.check_periods([period])
    assert refusal.value.field == field


def test_one_currency_may_have_prices_of_several_names_and_in_tokens() -> None:
    prices = (
        c.PlanPrice(Decimal(9), "USD"),
        c.PlanPrice(Decimal(8), "USD", "student"),
        c.PlanPrice(None, "USD", None, "a" * 40, 100),
        c.PlanPrice(Decimal(9), "EUR"),
    )
    period = replace(MONTHLY, prices=prices)
    assert c.check_periods([period]) == (period,)


def test_a_plan_has_a_limited_number_of_periods() -> None:
    with pytest.raises(InvalidValue, match="limit"):
        c.check_periods([TRIAL] * (c.MAX_PERIODS + 1))


@pytest.mark.parametrize(
    "changed",
    [
        MONTHLY,
        replace(MONTHLY, prices=(c.PlanPrice(Decimal(1), "EUR"),)),
        replace(MONTHLY, prices=()),
        replace(MONTHLY, expire_warning_days=5),
        replace(MONTHLY, do_not_notify_first_bill=True),
    ],
)
def test_prices_and_notices_of_a_plan_in_use_may_change(changed: c.PlanPeriod) -> None:
    assert c.in_use_change_allowed([TRIAL, MONTHLY], [TRIAL, changed])


@pytest.mark.parametrize(
    "changed",
    [
        replace(MONTHLY, type=c.PeriodType.YEAR),
        replace(MONTHLY, quantity=2),
        replace(MONTHLY, cycles=12),
        replace(MONTHLY, free=True),
    ],
)
def test_the_structure_of_a_plan_in_use_may_not_change(changed: c.PlanPeriod) -> None:
    assert not c.in_use_change_allowed([TRIAL, MONTHLY], [TRIAL, changed])


def test_a_plan_in_use_keeps_the_number_and_order_of_its_periods() -> None:
    assert not c.in_use_change_allowed([TRIAL, MONTHLY], [MONTHLY])
    assert not c.in_use_change_allowed([MONTHLY], [TRIAL, MONTHLY])


@pytest.mark.parametrize(
    ("text", "stored"),
    [("1", "1"), (" 5 ", "5"), ("012", "12"), ("unlimited", "unlimited"), ("Unlimited", "unlimited")],
)
def test_times_to_run_is_a_number_or_unlimited(text: str, stored: str) -> None:
    assert c.check_times_to_run(text) == stored


@pytest.mark.parametrize("text", ["0", "-1", "twice", "1.5", "", "9" * 30, "٣", "1001", "²"])
def test_other_times_to_run_are_refused(text: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        c.check_times_to_run(text)
    assert refusal.value.field == "timesToRun"


def test_repeat_every_is_an_interval_or_nothing() -> None:
    assert c.check_repeat_every(" 1 Year ") == "1 Year"
    assert c.check_repeat_every("") is None
    for text in ("2 seasons", "yearly", "forever"):
        with pytest.raises(InvalidValue, match="interval") as refusal:
            c.check_repeat_every(text)
        assert refusal.value.field == "repeatEvery"


@pytest.mark.parametrize(
    ("text", "stored"),
    [("", None), ("Standard", None), ("6 months", "6 months"), ("Forever", "forever")],
)
def test_entitlements_are_valid_for_an_interval_or_forever_or_the_service_periods(
    text: str, stored: str | None
) -> None:
    assert c.check_entitlements_valid_for(text) == stored


def test_entitlements_valid_for_anything_else_is_refused() -> None:
    with pytest.raises(InvalidValue) as refusal:
        c.check_entitlements_valid_for("2 seasons")
    assert refusal.value.field == "entitlementsValidFor"


def _season(start: date, end: date) -> c.Season:
    return c.Season(None, start, end)


SUMMER = _season(date(2024, 6, 1), date(2024, 8, 31))
AUTUMN = _season(date(2024, 9, 1), date(2024, 12, 31))


def test_seasons_follow_each_other_in_time() -> None:
    assert c.check_seasons([SUMMER, AUTUMN]) == (SUMMER, AUTUMN)
    assert c.check_seasons([_season(date(2024, 6, 1), date(2024, 6, 1))])
    assert c.check_seasons([]) == ()


@pytest.mark.parametrize(
    ("seasons", "field"),
    [
        ([_season(date(2024, 6, 2), date(2024, 6, 1))], "seasons.endDate"),
        ([AUTUMN, SUMMER], "seasons.startDate"),
        ([SUMMER, _season(date(2024, 8, 31), date(2024, 9, 30))], "seasons.startDate"),
    ],
)
def test_reversed_disordered_and_overlapping_seasons_are_refused(seasons: list[c.Season], field: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        c.check_seasons(seasons)
    assert refusal.value.field == field


def _tier(level: str, price: str = "1.00") -> c.RateTier:
    return c.RateTier(f"from {level}", (c.RatePrice(Decimal(price), "USD"),), "PerUnit", Decimal(level))


def test_tiers_begin_at_ascending_levels() -> None:
    tiers = (_tier("0"), _tier("10"), _tier("10.5"))
    assert c.check_tiers(tiers) == tiers


@pytest.mark.parametrize(
    "tiers",
    [[], [_tier("10"), _tier("10")], [_tier("10"), _tier("1")], [_tier("-1")], [_tier("0", "-0.01")]],
)
def test_missing_equal_descending_and_negative_tiers_are_refused(tiers: list[c.RateTier]) -> None:
    with pytest.raises(InvalidRequest):
        c.check_tiers(tiers)
