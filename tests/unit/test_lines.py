"""The lines of a cycle, of an attempt to collect it, of a payment; and which items a cycle bills."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.item_timing import ItemTiming, item_starts_on
from cashbox_service.domain.lines import (
    BookedPayment,
    Charge,
    CycleCharges,
    ItemType,
    Line,
    ServicePeriod,
    UsedCredit,
    amount_of,
    charge_lines,
    charged_line,
    charges_of,
    exclusive_tax_of,
    generic_lines,
    payment_lines,
    projected_amount,
    projection_lines,
    validation_lines,
    with_settlements,
)
from cashbox_service.domain.money import Money
from cashbox_service.domain.postal import PostalAddress
from cashbox_service.domain.tax import TaxAssessor, TaxLine, TaxRate, TaxTable, TaxType

D = Decimal
UNTAXED = TaxAssessor("USD")
TEN_PERCENT = TaxAssessor(
    "USD", TaxTable((TaxRate("US", D("0.1"), name="TAX"),)), PostalAddress(country="US")
)
VAT = TaxAssessor(
    "GBP", TaxTable((TaxRate("GB", D("0.2"), inclusive=True, name="VAT"),)), PostalAddress(country="GB")
)
FEBRUARY = ServicePeriod(date(2024, 2, 29), date(2024, 3, 30))

TRI = Charge("Three steps", D("5.00"), sku="tri")
BASIC = Charge("Basic", D("2.00"), sku="basic", autobill_item_vid="b" * 40)
MODEM = Charge("Modem", D("15.00"), sku="modem", merchant_autobill_item_id="i-1")


def _cycle(*, free: bool = False, added: tuple[Charge, ...] = ()) -> CycleCharges:
    return CycleCharges(FEBRUARY, TRI, (BASIC, MODEM), added, free=free)


def _totals(lines: tuple[Line, ...]) -> list[tuple[str | None, str, Decimal]]:
    return [(line.sku, line.name, line.total) for line in lines]


def test_a_cycle_charges_plan_and_items_with_tax_and_sums_the_tax_up_last() -> None:
    lines = charge_lines(_cycle(), TEN_PERCENT)
    assert _totals(lines) == [
        ("tri", "Three steps", D("5.50")),
        ("basic", "Basic", D("2.20")),
        ("modem", "Modem", D("16.50")),
        ("Total Tax", "Total Tax", D("2.20")),
    ]
    assert [line.index_number for line in lines] == [1, 2, 3, 4]
    assert amount_of(lines, "USD") == D("24.20")
    assert exclusive_tax_of(lines, "USD") == D("2.20")


def test_every_line_of_the_schedule_and_the_tax_summary_carry_the_service_period_and_tax_type() -> None:
    for line in charge_lines(_cycle(), TEN_PERCENT):
        assert (line.service_start, line.service_end) == (date(2024, 2, 29), date(2024, 3, 30))
        assert line.tax_type == "Exclusive Sales"


def test_the_tax_summary_has_its_exact_attributes() -> None:
    assert charge_lines(_cycle(), TEN_PERCENT)[-1] == Line(
        sku="Total Tax",
        name="Total Tax",
        index_number=4,
        item_type=ItemType.PURCHASE,
        price=D(0),
        quantity=D(1),
        subtotal=D(0),
        discount=D(0),
        total=D("2.20"),
        tax_classification="TaxExempt",
        tax_type=TaxType.EXCLUSIVE_SALES,
        tax=(TaxLine("COUNTRY_US", "TAX", D("2.20")),),
        service_start=date(2024, 2, 29),
        service_end=date(2024, 3, 30),
    )


def test_without_a_tax_engine_the_summary_is_there_and_is_zero() -> None:
    summary = charge_lines(_cycle(), UNTAXED)[-1]
    assert (summary.sku, summary.total, summary.tax_type) == (
        "Total Tax",
        D(0),
        TaxType.EXCLUSIVE_SALES,
    )
    assert not summary.tax


def test_the_plan_line_is_there_even_at_zero() -> None:
    lines = charge_lines(CycleCharges(FEBRUARY, replace(TRI, price=D(0)), (BASIC,)), UNTAXED)
    assert _totals(lines)[0] == ("tri", "Three steps", D("0.00"))


def test_an_ordinary_line_has_price_times_quantity_its_discount_and_its_exclusive_tax() -> None:
    charge = replace(BASIC, price=D("3.333"), quantity=D("2.5"), discount=D("-1.00"), campaign_id="c1")
    line = charged_line(charge, TEN_PERCENT, FEBRUARY)
    assert (line.price, line.quantity) == (D("3.333"), D("2.5"))
    assert (line.subtotal, line.discount, line.net) == (D("8.33"), D("-1.00"), D("7.33"))
    assert (line.exclusive_tax, line.total) == (D("0.73"), D("8.06"))
    assert line.campaign_id == "c1"


def test_contained_tax_changes_no_total() -> None:
    lines = charge_lines(CycleCharges(FEBRUARY, replace(TRI, price=D("301")), ()), VAT)
    assert [line.total for line in lines] == [D("301.00"), D("50.17")]
    assert {line.tax_type for line in lines} == {TaxType.INCLUSIVE_SALES}
    assert amount_of(lines, "GBP") == D("301.00")
    assert exclusive_tax_of(lines, "GBP") == 0


def test_a_discount_takes_a_number_of_its_own_that_is_not_shown() -> None:
    charges = CycleCharges(FEBRUARY, TRI, (replace(BASIC, discount=D("-0.50")), MODEM))
    assert [line.index_number for line in charge_lines(charges, UNTAXED)] == [1, 2, 4, 5]


def test_a_discount_takes_at_most_the_whole_line_and_none_leaves_no_trace() -> None:
    line = charged_line(replace(BASIC, discount=D("-9")), TEN_PERCENT)
    assert (line.discount, line.total) == (D("-2.00"), D(0))
    assert charged_line(BASIC, TEN_PERCENT).discount is None


def test_in_a_free_period_plan_and_items_cost_nothing_but_charges_and_earlier_usage_do() -> None:
    charges = CycleCharges(
        period=FEBRUARY,
        plan=TRI,
        items=(replace(BASIC, discount=D("-1"), campaign_id="c1"),),
        added=(Charge("Setup", D("3.00")),),
        usage=(Charge("Minutes", D("0.10"), D(7), sku="minutes"),),
        usage_period=ServicePeriod(date(2024, 1, 31), date(2024, 2, 28)),
        free=True,
    )
    lines = charge_lines(charges, UNTAXED)
    assert [line.total for line in lines] == [0, 0, D("3.00"), D("0.70"), 0]
    assert [(line.discount, line.campaign_id) for line in lines[:2]] == [(None, None)] * 2
    assert [line.service_start and line.service_start.isoformat() for line in lines] == [
        "2024-02-29",
        "2024-02-29",
        None,
        "2024-01-31",
        "2024-02-29",
    ]


def test_a_one_time_item_in_a_free_first_period_is_billed_at_nothing() -> None:
    assert amount_of(charge_lines(_cycle(free=True), TEN_PERCENT), "USD") == 0


def test_texts_and_links_of_a_charge_come_with_its_line() -> None:
    charge = replace(
        MODEM,
        tax_classification="PhysicalGoods",
        campaign_id="c1",
        campaign_description="Spring",
        autobill_item_vid="m" * 40,
        related_transactions=("INT1",),
        name_values=(NameValue("colour", "red"),),
    )
    line = charged_line(charge, UNTAXED)
    assert (line.sku, line.name, line.tax_classification) == ("modem", "Modem", "PhysicalGoods")
    assert (line.merchant_autobill_item_id, line.autobill_item_vid) == ("i-1", "m" * 40)
    assert (line.campaign_id, line.campaign_description) == ("c1", "Spring")
    assert (line.related_transactions, line.name_values) == (("INT1",), (NameValue("colour", "red"),))


@pytest.mark.parametrize(
    ("item_type", "total", "tax_total"),
    [
        (ItemType.CREDIT, "-4.00", "0.00"),
        (ItemType.TAXABLE_CREDIT, "-4.40", "-0.40"),
        (ItemType.DISCOUNT_BEFORE_TAX, "-4.40", "-0.40"),
        (ItemType.MODIFICATION_REFUND, "-4.40", "-0.40"),
    ],
)
def test_kinds_that_reduce_the_total_come_out_negative(
    item_type: ItemType, total: str, tax_total: str
) -> None:
    line = charged_line(Charge("Less", D("4.00"), item_type=item_type), TEN_PERCENT)
    assert (line.price, line.subtotal, line.total, line.exclusive_tax) == (
        D(-4),
        D(-4),
        D(total),
        D(tax_total),
    )


def test_payments_and_then_credits_stand_before_the_summary_untaxed_and_renumbered() -> None:
    charges = CycleCharges(FEBRUARY, replace(TRI, price=D("6.00")), (BASIC,), (Charge("Visit", D("3.00")),))
    lines = with_settlements(
        charge_lines(charges, TEN_PERCENT),
        "USD",
        [BookedPayment("INT00000007", D("1.00"))],
        [
            UsedCredit(D("4.00"), "Sorry", "Refund of March"),
            UsedCredit(D("0.05"), None, "Rest"),
            UsedCredit(D("0.01")),
        ],
    )
    assert [(line.index_number, line.name, line.total) for line in lines] == [
        (1, "Three steps", D("6.60")),
        (2, "Basic", D("2.20")),
        (3, "Visit", D("3.30")),
        (4, "Payment INT00000007", D("-1.00")),
        (5, "Sorry", D("-4.00")),
        (6, "Rest", D("-0.05")),
        (7, "Credit", D("-0.01")),
        (8, "Total Tax", D("1.10")),
    ]
    payment = lines[3]
    assert payment.subtotal == payment.price == payment.total
    assert (payment.sku, payment.item_type, payment.tax, payment.service_start) == (None, "Credit", (), None)
    assert amount_of(lines, "USD") == D("7.04")
    assert charges_of(lines, "USD") == D("12.10")
    assert exclusive_tax_of(lines, "USD") == D("1.10")


def test_settling_again_on_a_retry_starts_from_the_invoice_lines() -> None:
    invoice = charge_lines(CycleCharges(FEBRUARY, replace(TRI, price=D(10)), (BASIC,)), TEN_PERCENT)
    assert amount_of(with_settlements(invoice, "USD"), "USD") == D("13.20")
    assert amount_of(with_settlements(invoice, "USD", [BookedPayment("P", D(5))]), "USD") == D("8.20")


def test_a_projection_leaves_out_numbers_zero_lines_and_the_summary() -> None:
    charges = CycleCharges(FEBRUARY, replace(TRI, price=D(0)), (BASIC,))
    lines = with_settlements(charge_lines(charges, TEN_PERCENT), "USD", (), [UsedCredit(D("1.00"))])
    shown = projection_lines(lines)
    assert [(line.index_number, line.name, line.total) for line in shown] == [
        (None, "Basic", D("2.20")),
        (None, "Credit", D("-1.00")),
    ]
    assert projected_amount(lines, "USD") == D("1.20")


def test_a_projection_never_asks_for_less_than_nothing() -> None:
    lines = with_settlements(charge_lines(_cycle(), UNTAXED), "USD", [BookedPayment("P", D(50))])
    assert projected_amount(lines, "USD") == 0
    assert amount_of(lines, "USD") == D("-28.00")


def test_a_payment_is_one_generic_item_and_a_tax_summary_of_zero() -> None:
    item, summary = payment_lines(Money.of(D("20"), "USD"))
    assert (item.sku, item.name, item.item_type, item.quantity) == (
        None,
        "Generic item",
        ItemType.PURCHASE,
        D(1),
    )
    assert item.price == item.subtotal == item.total == D("20.00")
    assert (item.tax_classification, item.service_start, item.tax) == ("OtherTaxable", None, ())
    assert (summary.sku, summary.total, summary.service_start) == ("Total Tax", D(0), None)
    assert [item.index_number, summary.index_number] == [1, 2]


def test_tax_on_an_amount_without_items_is_shown_and_not_added() -> None:
    item, summary = generic_lines(Money.of(D("20"), "USD"), TEN_PERCENT)
    assert (item.total, item.tax) == (D("20.00"), ())
    assert (summary.total, summary.tax) == (D("2.00"), (TaxLine("COUNTRY_US", "TAX", D("2.00")),))
    assert amount_of((item, summary), "USD") == D("20.00")


def test_a_validation_has_one_line_that_says_it_charges_nothing() -> None:
    (line,) = validation_lines(Money.of(D(1), "USD"))
    assert (line.name, line.total, line.index_number) == (
        "For Validation Only - no charge to you",
        D("1.00"),
        1,
    )


PRICES = st.decimals(min_value=0, max_value=1000, places=2)
CHARGES = st.builds(
    Charge,
    name=st.just("x"),
    price=PRICES,
    quantity=st.decimals(min_value=0, max_value=50, places=3),
    discount=PRICES.map(lambda amount: -amount),
    tax_classification=st.sampled_from([None, "TaxExempt", "Service"]),
)
TABLES = st.lists(
    st.builds(
        TaxRate,
        country=st.just("US"),
        rate=st.decimals(min_value=0, max_value=D("0.5"), places=4),
        classification=st.sampled_from(["", "Service"]),
        inclusive=st.booleans(),
        jurisdiction=st.sampled_from(["A", "B", "C"]),
    ),
    max_size=4,
)


@given(CHARGES, st.lists(CHARGES, max_size=4), st.lists(CHARGES, max_size=2), TABLES, st.booleans())
def test_amount_tax_and_summary_always_agree(
    plan: Charge, items: list[Charge], added: list[Charge], rates: list[TaxRate], free: bool
) -> None:
    assessor = TaxAssessor("USD", TaxTable(tuple(rates)), PostalAddress(country="US"))
    lines = charge_lines(CycleCharges(FEBRUARY, plan, tuple(items), tuple(added), free=free), assessor)
    *charged, summary = lines
    assert summary.is_tax_summary
    assert len(charged) == 1 + len(items) + len(added)
    assert summary.total == sum(part.amount for line in charged for part in line.tax)
    assert sum(part.amount for part in summary.tax) == summary.total
    assert amount_of(lines, "USD") == sum(line.net for line in charged) + exclusive_tax_of(lines, "USD")
    assert all(line.net >= 0 for line in charged)
    numbers = [line.index_number or 0 for line in lines]
    assert numbers == sorted(set(numbers))
    if all(rate.inclusive for rate in rates):
        assert exclusive_tax_of(lines, "USD") == 0


STARTED = date(2024, 1, 31)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, date(2024, 1, 31)),
        ("", date(2024, 1, 31)),
        ("  ", date(2024, 1, 31)),
        ("2024-03-05", date(2024, 3, 5)),
        ("2016-12-01T00:00:00-08:00", date(2016, 12, 1)),
        ("3 days", date(2024, 2, 3)),
        ("1 month", date(2024, 2, 29)),
        ("2 Months", date(2024, 3, 31)),
        ("1 year", date(2025, 1, 31)),
    ],
)
def test_an_item_starts_with_the_autobill_on_a_date_or_after_an_interval(
    text: str | None, expected: date
) -> None:
    assert item_starts_on(text, STARTED) == expected


@pytest.mark.parametrize("text", ["2 seasons", "soon", "2024-02-30", "05/03/2024", "0 days", "2024-3-5"])
def test_another_start_of_an_item_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        item_starts_on(text, STARTED)
    assert refusal.value.field == "items.startDate"


@pytest.mark.parametrize(
    ("service_start", "billed"),
    [
        (date(2024, 1, 31), False),
        (date(2024, 2, 28), False),
        (date(2024, 2, 29), True),
        (date(2024, 3, 31), True),
    ],
)
def test_an_item_is_billed_with_the_first_cycle_on_or_after_its_start(
    service_start: date, billed: bool
) -> None:
    assert ItemTiming(date(2024, 2, 29)).is_billed(service_start) is billed


def test_an_item_is_not_billed_from_the_day_of_its_removal_on() -> None:
    item = ItemTiming(STARTED, removed_on=date(2024, 3, 31))
    assert item.is_billed(date(2024, 3, 30))
    assert not item.is_billed(date(2024, 3, 31))


def test_an_item_with_cycles_is_removed_the_day_after_its_last_service_period() -> None:
    item = ItemTiming(STARTED, cycles=2).after_billing(date(2024, 2, 28))
    assert (item.cycles_remaining, item.removed_on) == (1, None)
    item = item.after_billing(date(2024, 3, 30))
    assert (item.cycles_remaining, item.removed_on) == (0, date(2024, 3, 31))
    assert not item.is_billed(date(2024, 3, 31))


def test_an_item_without_cycles_stays() -> None:
    item = ItemTiming(STARTED).after_billing(date(2024, 2, 28))
    assert (item.cycles_remaining, item.cycles_billed, item.removed_on) == (None, 1, None)
    assert item.is_billed(date(2034, 1, 31))
