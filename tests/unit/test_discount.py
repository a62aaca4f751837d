"""What a campaign takes off, and for how many billings (campaign §4.3, §4.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.discount import (
    Discount,
    after_billing,
    before_billing,
    discounted,
    latest,
    running,
    with_discount,
    without_plan,
)
from cashbox_service.domain.lines import (
    Charge,
    CycleCharges,
    ItemType,
    Line,
    ServicePeriod,
    charge_lines,
    charged_line,
)
from cashbox_service.domain.tax import TaxAssessor

D = Decimal
NOW = datetime(2024, 1, 15, tzinfo=UTC)
PERIOD = ServicePeriod(date(2024, 1, 15), date(2024, 2, 14))
HALF = Discount("v", "spring", "Half price", percentage=D(50))
PLAN = Charge("Monthly", D("4.00"), sku="plan")

amounts = st.decimals(D("0.01"), D("99999"), places=2)
percentages = st.decimals(D("0.000001"), D(100), places=6)
offers = st.one_of(
    st.builds(lambda p: replace(HALF, percentage=p), percentages),
    st.builds(lambda a: replace(HALF, percentage=None, amount=a), amounts),
)
limits = st.builds(
    lambda offer, cycles: replace(offer, cycles=cycles, item_vid="i"),
    offers,
    st.none() | st.integers(1, 6),
)


def lines(discounts: tuple[Discount, ...], *, free: bool = False) -> tuple[Line, ...]:
    """A cycle of a plan and one item, reduced by what counts now."""
    item = Charge("Magazine", D("10.00"), sku="sku", autobill_item_vid="i")
    return charge_lines(
        CycleCharges(
            period=PERIOD,
            plan=discounted(PLAN, running(discounts, None, NOW)),
            items=(discounted(item, running(discounts, "i", NOW)),),
            free=free,
        ),
        TaxAssessor("USD"),
    )


@pytest.mark.parametrize(
    ("discount", "price", "quantity", "off"),
    [
        (HALF, "10.00", "1", "-5.00"),
        (replace(HALF, percentage=D(10)), "74.99", "1", "-7.50"),
        (replace(HALF, percentage=D(100)), "9.99", "3", "-29.97"),
        (replace(HALF, percentage=None, amount=D(4)), "3.00", "2", "-4.00"),
        (replace(HALF, percentage=None, amount=D(4)), "3.00", "1", "-3.00"),
        (HALF, "0.01", "1", "-0.01"),
    ],
)
def test_what_is_taken_off_a_line(discount: Discount, price: str, quantity: str, off: str) -> None:
    charge = Charge("Magazine", D(price), D(quantity))
    line = charged_line(discounted(charge, discount), TaxAssessor("USD"))
    assert (line.discount, line.campaign_id, line.campaign_description) == (D(off), "spring", "Half price")


@given(offers, amounts, st.decimals(D("0.000001"), D(1000), places=6))
def test_no_line_falls_below_nothing(discount: Discount, price: Decimal, quantity: Decimal) -> None:
    charge = discounted(Charge("Magazine", price, quantity), discount)
    line = charged_line(charge, TaxAssessor("USD"))
    assert D(0) <= line.net <= line.subtotal
    assert D(0) <= line.total


@given(limits, st.lists(st.booleans(), max_size=12))
def test_no_discount_outlives_its_cycles_and_free_ones_use_none(discount: Discount, free: list[bool]) -> None:
    discounts: tuple[Discount, ...] = (discount,)
    reduced = 0
    for is_free in free:
        made = lines(discounts, free=is_free)
        shown = [line for line in made if line.campaign_id is not None]
        reduced += len(shown)
        assert not (is_free and shown)
        discounts = after_billing(discounts, made)
    charged = free.count(False)
    assert reduced == (charged if discount.cycles is None else min(charged, discount.cycles))
    assert discounts[0].used == reduced


@given(st.integers(0, 5), st.integers(-3, 3))
def test_a_discount_counts_to_the_last_moment_of_a_fixed_campaign(used: int, days: int) -> None:
    fixed = replace(HALF, expires_at=NOW, used=used)
    assert fixed.counts_at(NOW + timedelta(days)) is (days <= 0)


def test_a_discount_of_the_plan_is_not_that_of_a_charge_made_once() -> None:
    of_plan = (replace(HALF, cycles=2),)
    once = Line("Poster", D(1), D(1), D("0.50"), campaign_id="spring")
    assert after_billing(of_plan, [once]) == of_plan
    assert after_billing(of_plan, lines(of_plan))[0].used == 1


def test_a_cycle_is_worked_out_anew_as_it_was() -> None:
    used_up = after_billing((replace(HALF, cycles=1, item_vid="i"),), lines((replace(HALF, item_vid="i"),)))
    made = lines((replace(HALF, item_vid="i"),))
    assert running(used_up, "i", NOW) is None
    assert running(before_billing(used_up, made), "i", NOW) is not None


def test_what_gives_back_is_not_reduced() -> None:
    credit = Charge("Credit", D(5), item_type=ItemType.CREDIT)
    assert discounted(credit, HALF) is credit
    assert discounted(PLAN, None) is PLAN


def test_one_discount_takes_the_place_of_another_and_goes_with_its_plan() -> None:
    summer = replace(HALF, campaign_id="summer")
    of_item = replace(HALF, item_vid="i")
    both = with_discount((HALF, of_item), summer)
    assert (latest(both, None), latest(both, "i"), latest(both, "j")) == (summer, of_item, None)
    assert without_plan(both) == (of_item,)
