"""Changes by the day: credits, debits and their taxes, against a walk over the days one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.lines import (
    Charge,
    ItemType,
    Line,
    ServicePeriod,
    charged_line,
    numbered,
    tax_summary,
)
from cashbox_service.domain.money import minor_digits
from cashbox_service.domain.postal import PostalAddress
from cashbox_service.domain.proration import (
    PaidLine,
    Span,
    credit_line,
    debit_line,
    in_force,
    left_from,
    net,
    paid_with_the_rest,
    share,
)
from cashbox_service.domain.tax import TaxAssessor, TaxRate, TaxTable

APRIL = ServicePeriod(date(2024, 4, 1), date(2024, 4, 30))
UNTAXED = TaxAssessor("USD")
HOME = PostalAddress(country="US", district="CA")

currencies = st.sampled_from(["USD", "JPY", "BHD"])
periods = st.builds(
    lambda first, days: ServicePeriod(first, first + timedelta(days=days - 1)),
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    st.integers(1, 400),
)


def rate(percent: str, *, inclusive: bool = False, code: str = "STATE_CA") -> TaxRate:
    return TaxRate(
        country="US",
        rate=Decimal(percent) / 100,
        district="CA",
        inclusive=inclusive,
        jurisdiction=code,
        name=code,
    )


def taxed(*rates: TaxRate, currency: str = "USD") -> TaxAssessor:
    return TaxAssessor(currency, TaxTable(rates), HOME)


@st.composite
def assessors(draw: st.DrawFn, currency: str) -> TaxAssessor:
    """No tax, added taxes of one or two jurisdictions, or one that prices contain."""
    kind = draw(st.sampled_from(["none", "added", "two", "contained"]))
    percent = str(draw(st.integers(1, 30)))
    if kind == "none":
        return TaxAssessor(currency)
    first = rate(percent, inclusive=kind == "contained")
    rates = (first, rate("1.25", code="CITY_LA")) if kind == "two" else (first,)
    return taxed(*rates, currency=currency)


@st.composite
def amounts(draw: st.DrawFn, currency: str) -> Decimal:
    digits = minor_digits(currency)
    return Decimal(draw(st.integers(0, 10**7))).scaleb(-digits)


@st.composite
def situations(draw: st.DrawFn) -> tuple[TaxAssessor, ServicePeriod, date, Decimal, Decimal]:
    """A way to tax, a period, a day of it, and two prices."""
    currency = draw(currencies)
    period = draw(periods)
    today = period.first + timedelta(days=draw(st.integers(0, (period.last - period.first).days)))
    return draw(assessors(currency)), period, today, draw(amounts(currency)), draw(amounts(currency))


def line(
    price: Decimal | str,
    period: ServicePeriod = APRIL,
    assessor: TaxAssessor = UNTAXED,
    item: str | None = "item",
    discount: Decimal | str = "0",
) -> Line:
    charge = Charge(name="Service", price=Decimal(price), autobill_item_vid=item, discount=Decimal(discount))
    return charged_line(charge, assessor, period)


def debit(price: Decimal | str, period: ServicePeriod, today: date, assessor: TaxAssessor, item: str) -> Line:
    """What adding an item today charges for the rest of the period."""
    rest = ServicePeriod(max(today, period.first), period.last)
    return debit_line(line(price, rest, assessor, item), left_from(period, today), assessor)


def by_walking(amount: Decimal, period: ServicePeriod, today: date, currency: str) -> Decimal:
    """The oracle: every day costs the same, those from today on are added up one by one, and rounded in the end."""
    days = [period.first + timedelta(days=n) for n in range((period.last - period.first).days + 1)]
    a_day = Fraction(amount) / len(days)
    left = sum((a_day for day in days if day >= today), Fraction(0))
    unit = Fraction(1, 10 ** minor_digits(currency))
    whole, rest = divmod(abs(left), unit)
    units = whole + (1 if rest * 2 >= unit else 0)
    return Decimal(int(units)).scaleb(-minor_digits(currency)).copy_sign(-1 if left < 0 else 1)


def test_the_worked_example_of_a_replacement() -> None:
    """30.00 for April is replaced on the 16th by 60.00: 15.00 back, 30.00 to pay (autobill §6.35)."""
    back = credit_line(PaidLine(line("30.00"), APRIL, ("T1",)), date(2024, 4, 16), "USD")
    paid = debit("60.00", APRIL, date(2024, 4, 16), UNTAXED, "other")
    assert back is not None
    assert (back.total, paid.total) == (Decimal("-15.00"), Decimal("30.00"))
    assert net([back, paid], "USD").amount == Decimal("15.00")
    assert back.item_type is ItemType.MODIFICATION_REFUND
    assert back.related_transactions == ("T1",)
    assert (back.service_start, back.service_end) == (date(2024, 4, 16), date(2024, 4, 30))


@pytest.mark.parametrize(
    ("today", "days"), [((4, 1), 30), ((4, 2), 29), ((4, 30), 1), ((5, 1), 0), ((3, 20), 30)]
)
def test_today_belongs_to_the_days_that_are_left(today: tuple[int, int], days: int) -> None:
    assert left_from(APRIL, date(2024, *today)) == Span(days, 30)


@given(situations())
def test_a_share_is_what_a_walk_over_the_days_adds_up_to(
    situation: tuple[TaxAssessor, ServicePeriod, date, Decimal, Decimal],
) -> None:
    assessor, period, today, price, _ = situation
    currency = assessor.currency
    expected = by_walking(price, period, today, currency)
    assert share(price, left_from(period, today), currency) == expected
    assert share(-price, left_from(period, today), currency) == -expected
    assert debit(price, period, today, assessor, "item").net == expected


@given(situations())
def test_what_is_given_back_and_what_is_kept_add_up_to_what_was_paid(
    situation: tuple[TaxAssessor, ServicePeriod, date, Decimal, Decimal],
) -> None:
    assessor, period, today, price, _ = situation
    paid = line(price, period, assessor)
    back = credit_line(PaidLine(paid, period), today, assessor.currency)
    if back is None:
        assert share(paid.net, left_from(period, today), assessor.currency) == 0
        return
    kept = paid.total + back.total
    assert 0 <= kept <= paid.total
    assert sum((part.amount for part in back.tax), Decimal(0)) == -share(
        sum((part.amount for part in paid.tax), Decimal(0)), left_from(period, today), assessor.currency
    )
    assert all(part.amount <= 0 for part in back.tax)
    assert back.total == back.net + back.exclusive_tax


@given(situations())
def test_a_change_and_its_undoing_on_the_same_day_come_to_nothing(
    situation: tuple[TaxAssessor, ServicePeriod, date, Decimal, Decimal],
) -> None:
    """A is replaced by B, and B by A again: both sums of money, and the taxes, are those of before."""
    assessor, period, today, old, new = situation
    currency = assessor.currency
    rest = ServicePeriod(today, period.last)
    changes = [
        credit_line(PaidLine(line(old, period, assessor, "A"), period), today, currency),
        debit(new, period, today, assessor, "B"),
    ]
    undone = [
        credit_line(PaidLine(debit(new, period, today, assessor, "B"), rest), today, currency),
        debit(old, period, today, assessor, "A"),
    ]
    lines = [one for one in (*changes, *undone) if one is not None]
    amount = sum((one.net for one in lines), Decimal(0))
    assert amount == 0
    # B's tax comes back to the last unit. A's was rounded over the whole period once and over the rest now.
    for_b = [changes[1], undone[0]]
    assert sum((one.total for one in for_b if one is not None), Decimal(0)) == 0
    unit = Decimal(1).scaleb(-minor_digits(currency))
    assert abs(net(lines, currency).amount) <= len(changes) * unit


@given(situations(), st.data())
def test_an_item_added_and_later_removed_keeps_what_its_days_cost(
    situation: tuple[TaxAssessor, ServicePeriod, date, Decimal, Decimal], data: st.DataObject
) -> None:
    assessor, period, today, price, _ = situation
    added = debit(price, period, today, assessor, "B")
    rest = ServicePeriod(today, period.last)
    later = today + timedelta(days=data.draw(st.integers(0, (period.last - today).days)))
    back = credit_line(PaidLine(added, rest), later, assessor.currency)
    given_back = -back.net if back is not None else Decimal(0)
    assert given_back == by_walking(added.net, rest, later, assessor.currency)
    assert 0 <= given_back <= added.net


@given(situations())
def test_a_first_cycle_paid_with_the_rest_leaves_nothing_to_pay(
    situation: tuple[TaxAssessor, ServicePeriod, date, Decimal, Decimal],
) -> None:
    assessor, period, _, one, other = situation
    debits = [line(one, period, assessor, None), line(other, period, assessor, "B")]
    lines = [*debits, paid_with_the_rest(debits, assessor.currency)]
    assert net(lines, assessor.currency).is_zero
    closed = numbered([*lines, tax_summary(lines, assessor.currency, period)])
    assert closed[-1].total == 0
    assert lines[-1].exclusive_tax == -sum(one.exclusive_tax for one in debits)


def test_a_discount_of_the_line_makes_its_credit_smaller() -> None:
    back = credit_line(PaidLine(line("30.00", discount="-10.00"), APRIL), date(2024, 4, 16), "USD")
    assert back is not None
    assert back.total == Decimal("-10.00")


def test_a_debit_takes_its_share_of_the_discount_and_of_the_quantity() -> None:
    full = charged_line(
        Charge(name="Seats", price=Decimal("3.00"), quantity=Decimal(10), discount=Decimal("-6.00")), UNTAXED
    )
    part = debit_line(full, Span(15, 30), UNTAXED)
    assert (part.price, part.quantity, part.subtotal) == (Decimal("15.00"), Decimal(1), Decimal("15.00"))
    assert (part.discount, part.total) == (Decimal("-3.00"), Decimal("12.00"))


def test_added_tax_comes_back_in_proportion_and_rounded_by_itself() -> None:
    """10.00 and 1.00 tax, 19 of 30 days left: 6.33 and 0.63 (billing-engine §16, variant C)."""
    period = ServicePeriod(date(2024, 5, 31), date(2024, 6, 29))
    back = credit_line(PaidLine(line("10.00", period, taxed(rate("10"))), period), date(2024, 6, 11), "USD")
    assert back is not None
    assert (back.subtotal, back.total) == (Decimal("-6.33"), Decimal("-6.96"))
    assert [part.amount for part in back.tax] == [Decimal("-0.63")]


def test_contained_tax_is_shown_and_changes_no_total() -> None:
    assessor = taxed(rate("20", inclusive=True))
    back = credit_line(PaidLine(line("12.00", APRIL, assessor), APRIL), date(2024, 4, 16), "USD")
    assert back is not None
    assert back.total == back.subtotal == Decimal("-6.00")
    assert [part.amount for part in back.tax] == [Decimal("-1.00")]


def test_a_period_that_was_stretched_is_worth_the_same_over_more_days() -> None:
    """A billing delayed by ten days: forty days for the price of thirty."""
    stretched = ServicePeriod(date(2024, 4, 1), date(2024, 5, 10))
    back = credit_line(PaidLine(line("40.00"), stretched), date(2024, 5, 1), "USD")
    assert back is not None
    assert back.total == Decimal("-10.00")


def test_nothing_comes_back_of_what_was_free_or_is_over() -> None:
    assert credit_line(PaidLine(line("0"), APRIL), date(2024, 4, 16), "USD") is None
    assert credit_line(PaidLine(line("30"), APRIL), date(2024, 5, 1), "USD") is None


def test_of_each_item_the_line_billed_last_counts() -> None:
    first, plan = PaidLine(line("30"), APRIL), PaidLine(line("5", item=None), APRIL)
    rest = ServicePeriod(date(2024, 4, 16), date(2024, 4, 30))
    edited = PaidLine(line("20", rest), rest)
    credited = PaidLine(replace(line("9", rest), item_type=ItemType.MODIFICATION_REFUND), rest)
    summary = PaidLine(tax_summary([first.line], "USD", APRIL), APRIL)
    assert in_force([plan, first, summary, credited, edited]) == (plan, edited)
    assert [paid.is_plan for paid in in_force([plan, first])] == [True, False]
    assert in_force([plan, first, credited]) == (plan,)


def test_of_a_period_billed_ahead_its_own_line_counts() -> None:
    may = ServicePeriod(date(2024, 5, 1), date(2024, 5, 31))
    both = PaidLine(line("30"), APRIL), PaidLine(line("31", may), may, cycle=1)
    assert in_force(both) == both
    back = [credit_line(one, date(2024, 4, 16), "USD") for one in both]
    assert [one.total for one in back if one is not None] == [Decimal("-15.00"), Decimal("-31.00")]


def test_of_a_season_the_lines_of_all_its_cycles_count_until_they_are_given_back() -> None:
    both = PaidLine(line("5"), APRIL, cycle=0), PaidLine(line("5"), APRIL, cycle=1)
    assert in_force(both) == both
    back = PaidLine(replace(line("9"), item_type=ItemType.MODIFICATION_REFUND), APRIL, cycle=1)
    assert in_force((*both, back)) == ()


def test_the_oracle_rounds_half_up() -> None:
    two_days = ServicePeriod(date(2024, 4, 1), date(2024, 4, 2))
    assert by_walking(Decimal("0.01"), two_days, date(2024, 4, 2), "USD") == Decimal("0.01")
    assert Decimal("0.005").quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal("0.01")
