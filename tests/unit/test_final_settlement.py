"""Unused days of paid lines, fees for leaving early, and who is given money back (autobill §6.5)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain import final_settlement as rules
from cashbox_service.domain.calendar import days_inclusive
from cashbox_service.domain.lines import ItemType, Line, amount_of, exclusive_tax_of
from cashbox_service.domain.money import Money
from cashbox_service.domain.tax import TaxLine, TaxType

D = Decimal
JUNE_1, JUNE_30 = date(2024, 6, 1), date(2024, 6, 30)


def _line(net: str, tax: str = "0", *, inclusive: bool = False, **fields: object) -> Line:
    parts = (TaxLine("US", "TAX", D(tax)),) if D(tax) else ()
    given: dict[str, object] = {"service_start": JUNE_1, "service_end": JUNE_30}
    return Line(
        name="Magazine",
        price=D(net),
        subtotal=D(net),
        total=D(net) if inclusive else D(net) + D(tax),
        tax_type=TaxType.INCLUSIVE_SALES if inclusive else TaxType.EXCLUSIVE_SALES,
        tax=parts,
        **(given | fields),  # type: ignore[arg-type]
    )


def _back(line: Line, today: date) -> Line | None:
    return rules.unused(line, line.service_end or JUNE_30, today, "USD", ("INT1",))


@pytest.mark.parametrize(
    ("net", "tax", "today", "expected"),
    [
        ("10.00", "1.00", date(2024, 6, 10), ("-6.67", "-7.34")),  # 20 of 30 days; each rounded by itself
        ("10.00", "0", JUNE_1, ("-9.67", "-9.67")),  # today counts as used
        ("10.00", "0", date(2024, 6, 29), ("-0.33", "-0.33")),
        ("10.00", "0", date(2024, 5, 20), ("-10.00", "-10.00")),  # paid ahead: all of it
        ("0.01", "0", date(2024, 6, 15), ("-0.01", "-0.01")),  # half a cent is one
    ],
)
def test_the_days_after_today_are_taken_back(
    net: str, tax: str, today: date, expected: tuple[str, str]
) -> None:
    back = _back(_line(net, tax), today)
    assert back is not None
    assert (back.subtotal, back.total) == (D(expected[0]), D(expected[1]))
    assert (back.item_type, back.related_transactions) == (ItemType.MODIFICATION_REFUND, ("INT1",))
    assert (back.service_start, back.service_end) == (max(JUNE_1, today + timedelta(1)), JUNE_30)


def test_a_discount_reduces_what_comes_back() -> None:
    back = _back(_line("8.00", discount=D("-2.00")), date(2024, 6, 15))
    assert back is not None
    assert (back.total, back.discount) == (D("-3.00"), None)


def test_contained_tax_comes_back_inside_the_price() -> None:
    back = _back(_line("12.00", "2.00", inclusive=True), date(2024, 6, 15))
    assert back is not None
    assert (back.total, [part.amount for part in back.tax]) == (D("-6.00"), [D("-1.00")])
    assert exclusive_tax_of([back], "USD") == 0


@pytest.mark.parametrize(
    "line",
    [
        _line("10.00", service_start=None, service_end=None),  # an added charge, usage
        _line("-4.00", item_type=ItemType.CREDIT),
        _line("1.00", sku="Total Tax"),
        _line("0.00"),
    ],
)
def test_lines_that_serve_no_days_or_charge_nothing_are_left_alone(line: Line) -> None:
    assert _back(line, JUNE_1) is None


def test_nothing_is_left_on_the_last_day() -> None:
    assert _back(_line("10.00"), JUNE_30) is None
    assert _back(_line("10.00"), date(2024, 7, 9)) is None


amounts = st.decimals("0.01", "99999.99", places=2)


@given(
    net=amounts,
    rate=st.sampled_from(["0", "0.0875", "0.2"]),
    length=st.integers(1, 400),
    used=st.integers(0, 450),
)
def test_no_more_comes_back_than_was_paid_and_less_every_day(
    net: Decimal, rate: str, length: int, used: int
) -> None:
    tax = Money.of(net * D(rate), "USD").amount
    last = JUNE_1 + timedelta(length - 1)
    line = _line(str(net), str(tax), service_end=last)
    today = JUNE_1 + timedelta(used - 1)
    back, later = _back(line, today), _back(line, today + timedelta(1))
    worth = -back.total if back is not None else D(0)
    assert 0 <= worth <= line.total
    assert worth >= (-later.total if later is not None else 0)
    exact = line.total * days_inclusive(today + timedelta(1), last) / length
    assert abs(worth - exact) <= D("0.01")
    if back is not None:
        assert back.total - back.subtotal == sum((part.amount for part in back.tax), D(0))


@given(
    nets=st.lists(amounts, min_size=1, max_size=5),
    rate=st.sampled_from(["0", "0.0875"]),
    limit=st.decimals("0", "1000", places=2),
)
def test_a_limit_is_kept_to_the_cent(nets: list[Decimal], rate: str, limit: Decimal) -> None:
    lines = []
    for net in nets:
        line = _line(str(net), str(Money.of(net * D(rate), "USD").amount))
        lines.append(rules.unused(line, JUNE_30, date(2024, 5, 31), "USD"))
    given_back = [line for line in lines if line is not None]
    cut = rules.at_most(given_back, Money.of(limit, "USD"))
    assert -amount_of(cut, "USD") == min(limit, -amount_of(given_back, "USD"))
    for line in cut:
        assert line.total - line.subtotal == sum((part.amount for part in line.tax), D(0))


@given(amount=amounts, limits=st.lists(amounts, max_size=6))
def test_the_first_sources_give_first_and_none_more_than_it_has(
    amount: Decimal, limits: list[Decimal]
) -> None:
    sources = [Money(limit, "USD") for limit in limits]
    drawn = rules.draw(Money(amount, "USD"), sources)
    assert sum((one.amount for one in drawn), D(0)) == min(amount, sum(limits, D(0)))
    for index, one in enumerate(drawn):
        assert one <= sources[index]
        if one < sources[index]:
            assert all(other.is_zero for other in drawn[index + 1 :])


@pytest.mark.parametrize(
    ("policy", "today", "fee"),
    [
        ("waive", JUNE_1, "0.00"),
        ("full", date(2024, 6, 29), "30.00"),
        ("prorate", date(2024, 6, 15), "15.00"),
        ("prorate", JUNE_30, "0.00"),
    ],
)
def test_the_fee_for_leaving_early(policy: str, today: date, fee: str) -> None:
    owed = Money(D("30.00"), "USD")
    assert rules.cancellation_fee(policy, owed, (JUNE_1, JUNE_30), today) == Money(D(fee), "USD")
