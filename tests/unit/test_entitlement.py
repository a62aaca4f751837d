"""How long an AutoBill entitles, in every situation it can be in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from cashbox_service.domain.catalog import EntitlementId, PeriodType, PlanPeriod
from cashbox_service.domain.entitlement import (
    Ends,
    EntitlementPeriod,
    Situation,
    earlier,
    ends,
    item_last_day,
    merged,
)
from cashbox_service.domain.interval import Interval, IntervalUnit
from cashbox_service.domain.item_timing import ItemTiming
from cashbox_service.domain.schedule import Terms

JANUARY_31 = date(2024, 1, 31)
TRI = Terms(
    JANUARY_31,
    (
        PlanPeriod(PeriodType.MONTH, cycles=1, free=True),
        PlanPeriod(PeriodType.MONTH, cycles=2),
        PlanPeriod(PeriodType.MONTH),
    ),
)
YEAR_OF_MONTHS = Terms(JANUARY_31, (PlanPeriod(PeriodType.MONTH, cycles=12),))
INSTALMENTS = Terms(
    JANUARY_31,
    (PlanPeriod(PeriodType.MONTH, cycles=3),),
    times_to_run="5",
    repeat_every=Interval(1, IntervalUnit.YEAR),
)
GOOD = Situation(
    terms=TRI,
    status="Active",
    billing_state="Good Standing",
    start=JANUARY_31,
    today=date(2024, 6, 1),
    billed_to=date(2024, 6, 29),
    paid_to=date(2024, 6, 29),
    retry_days=(3, 7, 14),
    grace_days=21,
)
UNPAID = replace(
    GOOD,
    billing_state="In Retry",
    today=date(2024, 5, 1),
    billed_to=date(2024, 5, 30),
    paid_to=date(2024, 4, 29),
    unpaid_since=date(2024, 4, 30),
)


def _both(day: date | None) -> Ends:
    return Ends(day, day)


def test_a_plan_without_end_entitles_without_end_and_shows_the_end_of_the_period_billed_last() -> None:
    assert ends(GOOD) == Ends(None, date(2024, 6, 29))


@pytest.mark.parametrize("state", ["Good Standing", "Free/Trial", "Overdue", "Billing Completed"])
def test_all_states_in_which_no_attempt_is_outstanding_count_as_paid(state: str) -> None:
    assert ends(replace(GOOD, billing_state=state)) == Ends(None, date(2024, 6, 29))


def test_before_the_first_billing_an_endless_autobill_shows_no_end() -> None:
    assert ends(replace(GOOD, billed_to=None, paid_to=None)) == Ends(None, None)


def test_a_finite_plan_entitles_to_its_end_from_the_beginning() -> None:
    first = replace(GOOD, terms=YEAR_OF_MONTHS, billed_to=date(2024, 2, 28), paid_to=date(2024, 2, 28))
    assert ends(first) == _both(date(2025, 1, 30))
    assert ends(replace(first, status="Expired", billing_state="Billing Completed")) == _both(
        date(2025, 1, 30)
    )


@pytest.mark.parametrize("state", ["In Retry", "Unusable PaymentMethod", "Grace Period"])
def test_while_a_cycle_is_unpaid_entitlement_ends_with_retries_and_grace(state: str) -> None:
    assert ends(replace(UNPAID, billing_state=state)) == _both(date(2024, 5, 20))


def test_grace_adds_to_the_end_of_a_finite_plan_only_while_a_payment_is_missing() -> None:
    week = Terms(date(2024, 4, 30), (PlanPeriod(PeriodType.WEEK, cycles=1),))
    unpaid = replace(UNPAID, terms=week, start=date(2024, 4, 30), billed_to=date(2024, 5, 6), paid_to=None)
    assert ends(unpaid) == _both(date(2024, 5, 20))
    paid = replace(unpaid, billing_state="Good Standing", unpaid_since=None, paid_to=date(2024, 5, 6))
    assert ends(paid) == _both(date(2024, 5, 6))


@pytest.mark.parametrize("status", ["Pending Cancel", "Cancelled"])
def test_a_cancelled_autobill_entitles_to_the_end_of_the_last_paid_period(status: str) -> None:
    cancelled = replace(GOOD, status=status, billing_state="Billing Completed", today=date(2024, 6, 10))
    assert ends(cancelled) == _both(date(2024, 6, 29))


def test_cancelling_with_a_cycle_unpaid_ends_with_the_last_paid_period() -> None:
    cancelled = replace(
        UNPAID, status="Cancelled", billing_state="Failed To Collect", today=date(2024, 5, 10)
    )
    assert ends(cancelled) == _both(date(2024, 4, 29))


def test_a_collection_that_failed_leaves_the_days_served_unpaid() -> None:
    failed = replace(UNPAID, status="Cancelled", billing_state="Failed To Collect", today=date(2024, 5, 21))
    assert ends(failed) == _both(date(2024, 5, 20))


def test_an_autobill_cancelled_before_its_first_billing_ends_on_its_start_day() -> None:
    waiting = replace(
        GOOD, status="Pending Cancel", billing_state="Billing Completed", billed_to=None, paid_to=None
    )
    assert ends(waiting) == _both(JANUARY_31)


def test_a_fixed_length_counts_from_the_first_billing_of_the_pass() -> None:
    fixed = replace(GOOD, terms=INSTALMENTS, valid_for="1 year", billed_to=date(2024, 2, 28))
    assert ends(fixed) == _both(date(2025, 1, 30))
    assert ends(replace(fixed, billed_to=None)) == _both(date(2025, 1, 30))
    assert ends(replace(fixed, billed_to=date(2024, 4, 29))) == _both(date(2025, 1, 30))
    assert ends(replace(fixed, billed_to=date(2025, 2, 27))) == _both(date(2026, 1, 30))


def test_a_fixed_length_does_not_depend_on_the_periods() -> None:
    short = replace(GOOD, valid_for="6 months", billed_to=date(2024, 9, 29))
    assert ends(short) == _both(date(2024, 7, 30))


def test_entitlements_for_ever_have_no_end_and_show_none() -> None:
    assert ends(replace(GOOD, valid_for="forever")) == Ends(None, None)
    over = replace(GOOD, terms=YEAR_OF_MONTHS, valid_for="forever", billing_state="Billing Completed")
    assert ends(over) == Ends(None, None)


def test_an_unpaid_cycle_shortens_a_fixed_length() -> None:
    assert ends(replace(UNPAID, valid_for="forever")) == _both(date(2024, 5, 20))


@pytest.mark.parametrize(
    ("paid_to", "expected"), [(date(2024, 2, 28), date(2024, 2, 28)), (date(2024, 4, 29), date(2025, 1, 30))]
)
def test_cancelling_keeps_a_fixed_length_once_the_whole_pass_is_paid(paid_to: date, expected: date) -> None:
    cancelled = replace(
        GOOD,
        terms=INSTALMENTS,
        status="Pending Cancel",
        billing_state="Billing Completed",
        valid_for="1 year",
        billed_to=paid_to,
        paid_to=paid_to,
    )
    assert ends(cancelled) == _both(expected)


def test_a_one_time_item_entitles_for_the_period_of_its_billing() -> None:
    modem = ItemTiming(date(2024, 2, 29), cycles=1)
    assert item_last_day(TRI, modem, 0) == date(2024, 3, 30)
    assert item_last_day(TRI, modem.after_billing(date(2024, 3, 30)), 2) == date(2024, 3, 30)


def test_an_item_entitles_to_the_end_of_its_cycles() -> None:
    item = ItemTiming(JANUARY_31, cycles=3)
    assert item_last_day(TRI, item, 0) == date(2024, 4, 29)
    assert item_last_day(TRI, item.after_billing(date(2024, 2, 28)), 1) == date(2024, 4, 29)


def test_an_item_without_limit_of_its_own_lasts_with_the_plan() -> None:
    assert item_last_day(TRI, ItemTiming(JANUARY_31), 0) is None
    assert item_last_day(YEAR_OF_MONTHS, ItemTiming(JANUARY_31, cycles=13), 0) is None


def test_a_removed_item_entitles_to_the_day_before_its_removal() -> None:
    assert item_last_day(TRI, ItemTiming(JANUARY_31, removed_on=date(2024, 4, 16)), 3) == date(2024, 4, 15)


def test_of_two_ends_the_earlier_counts_and_none_is_without_end() -> None:
    may, june = date(2024, 5, 1), date(2024, 6, 1)
    assert earlier(may, june) == earlier(june, may) == earlier(may, None) == earlier(None, may) == may
    assert earlier(None, None) is None


def test_a_right_from_two_items_of_a_product_is_one_with_the_widest_span() -> None:
    play, extra = EntitlementId("play", "Play"), EntitlementId("extra")
    first, second = datetime(2024, 1, 31, tzinfo=UTC), datetime(2024, 2, 29, tzinfo=UTC)
    product, other = "p" * 40, "q" * 40
    assert merged(
        [
            EntitlementPeriod(play, product, second, date(2024, 3, 30)),
            EntitlementPeriod(play, product, first, date(2024, 2, 28)),
            EntitlementPeriod(play, other, second, None),
            EntitlementPeriod(play, None, second, date(2024, 3, 30)),
            EntitlementPeriod(play, None, second, None),
            EntitlementPeriod(extra, product, second, None),
            EntitlementPeriod(extra, product, second, date(2024, 3, 30)),
        ]
    ) == (
        EntitlementPeriod(play, product, first, date(2024, 3, 30)),
        EntitlementPeriod(play, other, second, None),
        EntitlementPeriod(play, None, second, None),
        EntitlementPeriod(extra, product, second, None),
    )
    assert merged([]) == ()
