"""What units cost: the documented examples, and properties over any tiers (catalog §5.2)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain import rating
from cashbox_service.domain.catalog import RatePrice, RateTier
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.money import quantise
from cashbox_service.domain.rating import RateTerms, rate

D = Decimal
EACH, HIGHEST = "EachRespectiveTier", "HighestApplicableTier"
UNIT, FLAT = "PerUnit", "FlatFee"
ONE = D(1)


def tier(level: str, price: str | None, charge: str = UNIT, currency: str = "USD") -> RateTier:
    prices = (RatePrice(D(price), currency),) if price is not None else ()
    return RateTier(f"from {level}", prices, charge, D(level))


def usd(amount: str) -> tuple[RatePrice, ...]:
    return (RatePrice(D(amount), "USD"),)


DOCUMENTED = (tier("0", "2.00"), tier("10", "1.00"))
FROM_ONE = (tier("1", "2.00"), tier("11", "1.00"))
EXAMPLE_2 = (tier("1", "0.50"), tier("101", "20.00", FLAT))


@pytest.mark.parametrize(
    ("terms", "units", "amount", "reached"),
    [
        (RateTerms(DOCUMENTED), "15", "24.00", "from 10"),
        (RateTerms(DOCUMENTED, HIGHEST), "15", "15.00", "from 10"),
        (RateTerms(DOCUMENTED), "9", "18.00", "from 0"),
        (RateTerms(DOCUMENTED), "10", "19.00", "from 10"),
        (RateTerms(FROM_ONE), "10", "20.00", "from 1"),
        (RateTerms(FROM_ONE), "11", "21.00", "from 11"),
        (RateTerms(EXAMPLE_2, included=D(5)), "130", "70.00", "from 101"),
        (RateTerms(EXAMPLE_2, included=D(5), maximum_fee=usd("60.00")), "130", "60.00", "from 101"),
        (RateTerms(EXAMPLE_2, included=D(5)), "105", "50.00", "from 1"),
        (RateTerms(EXAMPLE_2, included=D(5)), "106", "70.00", "from 101"),
        (RateTerms(EXAMPLE_2, HIGHEST), "130", "20.00", "from 101"),
        (RateTerms(DOCUMENTED), "0", "0.00", None),
        (RateTerms(DOCUMENTED, minimum_fee=usd("5.00")), "0", "5.00", None),
        (RateTerms(DOCUMENTED, minimum_fee=usd("5.00")), "2", "5.00", "from 0"),
        (RateTerms(DOCUMENTED, minimum_fee=usd("5.00")), "3", "6.00", "from 0"),
        (RateTerms(DOCUMENTED, included=D(20)), "15", "0.00", None),
        # Units below the first tier are free.
        (RateTerms((tier("5", "1.00"),)), "4", "0.00", None),
        (RateTerms((tier("5", "1.00"),)), "6", "2.00", "from 5"),
        # Rounding of units: half away from zero, decimals and hundreds.
        (RateTerms(DOCUMENTED), "2.5", "6.00", "from 0"),
        (RateTerms(DOCUMENTED), "2.49", "4.00", "from 0"),
        (RateTerms(DOCUMENTED, rounding=2), "2.495", "5.00", "from 0"),
        (RateTerms(DOCUMENTED, rounding=2), "9.99", "19.98", "from 0"),
        (RateTerms(DOCUMENTED, rounding=2), "10.01", "20.00", "from 10"),
        (RateTerms((tier("0", "0.01"), tier("1000", "0.005")), rounding=-2), "1249", "10.50", "from 1000"),
        (RateTerms((tier("0", "0.01"), tier("1000", "0.005")), rounding=-2), "50", "1.00", "from 0"),
        # A level between two steps is reached by the step after it.
        (RateTerms((tier("0", "2.00"), tier("10.5", "1.00"))), "11", "21.00", "from 10.5"),
        # Prices below the minor unit are rounded once, at the end.
        (RateTerms((tier("0", "0.004"),)), "1", "0.00", "from 0"),
        (RateTerms((tier("0", "0.004"),)), "1000", "4.00", "from 0"),
        (RateTerms((tier("0", None), tier("100", "0.10"))), "101", "0.20", "from 100"),
    ],
)
def test_units_cost(terms: RateTerms, units: str, amount: str, reached: str | None) -> None:
    rated = rate(terms, D(units), "USD")
    assert (f"{rated.amount:f}", rated.tier) == (amount, reached)


def test_fees_of_another_currency_do_not_count() -> None:
    fees = (RatePrice(D("100"), "EUR"),)
    assert rate(RateTerms(DOCUMENTED, minimum_fee=fees), D(1), "USD").amount == D("2.00")
    assert rate(RateTerms(DOCUMENTED, maximum_fee=(RatePrice(D("1"), "EUR"),)), D(1), "USD").amount == D(
        "2.00"
    )


def test_the_least_fee_may_be_left_out() -> None:
    terms = RateTerms(DOCUMENTED, minimum_fee=usd("5.00"))
    assert rate(terms, D(1), "USD", with_minimum=False).amount == D("2.00")


def test_a_currency_without_price_is_refused() -> None:
    with pytest.raises(InvalidValue, match="has no price in tier from 0 of the rate plan"):
        rate(RateTerms(DOCUMENTED), D(1), "EUR")
    with pytest.raises(InvalidValue):
        rating.check_priced((tier("0", "1"), tier("5", "1", currency="EUR")), "USD")
    rating.check_priced(DOCUMENTED, "USD")


@pytest.mark.parametrize("rounding", [-10, 7])
def test_steps_beyond_reason_are_refused(rounding: int) -> None:
    with pytest.raises(InvalidValue, match="roundingDecimals"):
        rating.check_rounding(rounding)


@pytest.mark.parametrize(
    ("given_", "kept"),
    [("0.1000000000000000055511151231257827", "0.100000"), ("1000000000", "1000000000.000000")],
)
def test_units_are_kept_to_six_decimals(given_: str, kept: str) -> None:
    assert str(rating.given_units("amount", D(given_))) == kept


@pytest.mark.parametrize("given_", ["1000000000.1", "NaN", "Infinity", "-1000000001"])
def test_units_beyond_any_count_are_refused(given_: str) -> None:
    with pytest.raises(InvalidValue, match="amount"):
        rating.given_units("amount", D(given_))


@st.composite
def tier_lists(draw: st.DrawFn, step: Decimal = ONE) -> tuple[RateTier, ...]:
    """Tiers whose levels are whole steps."""
    levels = sorted(draw(st.sets(st.integers(0, 60), min_size=1, max_size=5)))
    return tuple(
        tier(
            str(level * step),
            str(draw(st.decimals(0, 20, places=3))),
            draw(st.sampled_from([UNIT, UNIT, FLAT])),
        )
        for level in levels
    )


def by_counting(tiers: tuple[RateTier, ...], steps: int, step: Decimal) -> Decimal:
    """The charge unit by unit: each is priced by the last tier that begins at or below it."""
    total, reached = D(0), set()
    for k in range(1, steps + 1):
        for each in tiers:  # a flat tier is paid for once it is reached, also when it is passed over at once
            if each.begins_at_level <= k * step and each.charge_customer == FLAT and each.name not in reached:
                reached.add(each.name)
                total += each.prices[0].amount
        of_unit = [each for each in tiers if each.begins_at_level <= k * step]
        if of_unit and of_unit[-1].charge_customer == UNIT:
            total += of_unit[-1].prices[0].amount * step
    return total


@given(st.data(), st.sampled_from([-2, -1, 0, 1, 3]), st.integers(0, 80))
def test_the_charge_is_that_of_counting_unit_by_unit(data: st.DataObject, rounding: int, steps: int) -> None:
    step = D(1).scaleb(-rounding)
    tiers = data.draw(tier_lists(step))
    counted = by_counting(tiers, steps, step)
    charged = rate(RateTerms(tiers, rounding=rounding), steps * step, "USD").amount
    assert charged == quantise(counted, "USD")


@given(tier_lists(), st.integers(0, 80))
def test_the_highest_tier_prices_all_units(tiers: tuple[RateTier, ...], units: int) -> None:
    reached = [each for each in tiers if each.begins_at_level <= units] if units else []
    expected = D(0)
    if reached:
        price = reached[-1].prices[0].amount
        expected = price if reached[-1].charge_customer == FLAT else price * units
    assert rate(RateTerms(tiers, HIGHEST), D(units), "USD").amount == quantise(expected, "USD")


fractions = st.decimals(0, 90, places=4)
any_terms = st.builds(
    RateTerms,
    tier_lists(),
    st.just(EACH),
    st.integers(-1, 4),
    st.decimals(0, 20, places=3),
    st.sampled_from([(), usd("3.00")]),
    st.sampled_from([(), usd("40.00")]),
)


@given(any_terms, fractions, fractions)
def test_more_units_never_cost_less(terms: RateTerms, one: Decimal, other: Decimal) -> None:
    fewer, more = sorted([one, other])
    assert rate(terms, fewer, "USD").amount <= rate(terms, more, "USD").amount


@given(any_terms, st.lists(st.decimals("0.0001", 30, places=4), max_size=8))
def test_it_does_not_matter_in_which_events_units_come(terms: RateTerms, events: list[Decimal]) -> None:
    whole = sum(events, D(0))
    in_another_order = sum(reversed(events), D(0))
    assert rate(terms, whole, "USD") == rate(terms, in_another_order, "USD")


@given(st.decimals(0, 90, places=4), st.decimals(0, 90, places=4), st.decimals(0, 5, places=3))
def test_with_one_price_from_the_first_unit_parts_add_up(
    one: Decimal, other: Decimal, price: Decimal
) -> None:
    """Nothing between two parts is lost or counted twice, as far as no part is rounded."""
    terms = RateTerms((tier("0", str(price)),), rounding=4)
    exact = (one + other) * price
    assert rate(terms, one + other, "USD").amount == quantise(exact, "USD")


@given(any_terms, fractions)
def test_fees_are_bounds(terms: RateTerms, units: Decimal) -> None:
    amount = rate(terms, units, "USD").amount
    assert all(amount >= fee.amount for fee in terms.minimum_fee)
    assert all(amount <= fee.amount for fee in terms.maximum_fee)


@given(any_terms, st.integers(0, 60))
def test_at_the_beginning_of_a_tier_one_more_unit_is_priced_by_it(terms: RateTerms, level: int) -> None:
    plain = RateTerms((tier("0", "3"), tier(str(level + 1), "1")))
    before, at = (rate(plain, D(units), "USD").amount for units in (level, level + 1))
    assert at - before == D("1.00")


@given(tier_lists(), st.decimals(0, 90, places=2), st.decimals(0, 30, places=2))
def test_included_units_come_off_first(
    tiers: tuple[RateTier, ...], units: Decimal, included: Decimal
) -> None:
    with_included = rate(RateTerms(tiers, rounding=2, included=included), units, "USD")
    assert with_included == rate(RateTerms(tiers, rounding=2), max(D(0), units - included), "USD")


def test_the_shares_of_the_tiers_say_how_the_charge_came_about() -> None:
    rated = rate(RateTerms(EXAMPLE_2, included=D(5), maximum_fee=usd("60.00")), D(130), "USD")
    assert rated.charged == 125
    assert rated.shares == (
        rating.TierShare("from 1", D("0.50"), D(100)),
        rating.TierShare("from 101", D("20.00"), None),
    )
    (share,) = rate(RateTerms(DOCUMENTED, HIGHEST), D(15), "USD").shares
    assert (share.tier, share.units, share.amount) == ("from 10", D(15), D("15.00"))
