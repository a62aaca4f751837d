"""Amounts of one currency, rounded half-up to the minor unit (conventions §6.1)."""

from __future__ import annotations

import operator
import runpy
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain import currency_digits
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.money import (
    TOKEN_CURRENCY,
    Money,
    known_currency,
    minor_digits,
    quantise,
    split,
    total,
)

currencies = st.sampled_from(["USD", "JPY", "KWD", "UYW", TOKEN_CURRENCY])
amounts = st.decimals(-(10**9), 10**9, places=5, allow_nan=False, allow_infinity=False)
monies = st.builds(Money.of, amounts, currencies)
dollars = st.builds(Money.of, amounts, st.just("USD"))
weights = st.lists(st.decimals(0, 1000, places=3), min_size=1, max_size=12).filter(any)


def usd(amount: str) -> Money:
    return Money.of(Decimal(amount), "USD")


def test_the_committed_digits_are_those_of_babel_and_iso() -> None:
    table = runpy.run_path(str(Path(__file__).with_name("currency_table.py")))
    assert table["digits_by_currency"]() == currency_digits.MINOR_DIGITS
    assert Path(str(currency_digits.__file__)).read_text("utf-8") == table["render"]()


def test_each_currency_that_is_taken_from_iso_needs_to_be() -> None:
    by_iso = runpy.run_path(str(Path(__file__).with_name("currency_table.py")))["BY_ISO"]
    assert [code for code, digits in by_iso.items() if get_currency_precision(code) == digits] == []


ISO_4217 = (
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    (
        2,
        "AFN ALL AUD BRL CAD CHF COP CZK DKK EUR GBP HUF IDR INR IRR LAK LBP MGA MMK MXN PKR RSD SOS TRY TWD UZS YER",
    ),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
)
"""Decimals by the standard: every currency in use with another number than two, and some of those that have two."""


@pytest.mark.parametrize(("digits", "codes"), ISO_4217)
def test_amounts_are_rounded_as_banks_settle_them(digits: int, codes: str) -> None:
    assert {code: minor_digits(code) for code in codes.split()} == dict.fromkeys(codes.split(), digits)


@pytest.mark.parametrize(
    ("currency", "digits"), [("USD", 2), ("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), (TOKEN_CURRENCY, 0)]
)
def test_a_currency_has_the_digits_of_its_minor_unit(currency: str, digits: int) -> None:
    assert known_currency(currency)
    assert minor_digits(currency) == digits


@pytest.mark.parametrize("code", ["", "usd", "US", "USDX", "ZZZ", "VT", "_vt"])
def test_an_unknown_currency_is_refused(code: str) -> None:
    assert not known_currency(code)
    for make in (lambda: minor_digits(code), lambda: Money.of(1, code), lambda: Money.zero(code)):
        with pytest.raises(InvalidValue) as refused:
            make()
        assert (refused.value.field, refused.value.value) == ("currency", code)


@pytest.mark.parametrize(
    ("raw", "currency", "kept"),
    [
        ("0.005", "USD", "0.01"),
        ("0.0049999", "USD", "0.00"),
        ("-0.005", "USD", "-0.01"),
        ("14.9900000000000002131628207280300557613372802734375", "USD", "14.99"),
        ("1.4", "JPY", "1"),
        ("1.5", "JPY", "2"),
        ("2.5", "JPY", "3"),
        ("1.0005", "KWD", "1.001"),
        ("2.5", TOKEN_CURRENCY, "3"),
        ("1E+3", "USD", "1000.00"),
    ],
)
def test_amounts_are_rounded_half_up_to_the_minor_unit(raw: str, currency: str, kept: str) -> None:
    assert str(quantise(Decimal(raw), currency)) == kept
    assert str(Money.of(Decimal(raw), currency).amount) == kept


@pytest.mark.parametrize("raw", ["-0", "-0.00", "-0.004", "0"])
def test_zero_has_no_sign(raw: str) -> None:
    assert str(usd(raw).amount) == "0.00"
    assert str((-usd(raw)).amount) == "0.00"


@pytest.mark.parametrize("raw", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+20", "-1E+20", "1E+999999"])
def test_what_is_no_amount_is_refused(raw: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        Money.of(Decimal(raw), "USD")
    assert refused.value.field == "amount"


@pytest.mark.parametrize(
    "combine",
    [operator.add, operator.sub, operator.lt, operator.le, operator.gt, operator.ge, Money.min, Money.max],
)
def test_currencies_are_never_mixed(combine: Callable[[Money, Money], object]) -> None:
    with pytest.raises(InvalidValue) as refused:
        combine(usd("1"), Money.of(1, "EUR"))
    assert refused.value.field == "currency"


def test_amounts_of_different_currencies_are_unequal_without_an_error() -> None:
    assert usd("1") != Money.of(1, "EUR")
    assert Money.zero("USD") != Money.zero("EUR")


def test_equal_amounts_are_equal_however_they_were_written() -> None:
    assert Money(Decimal("1.000000"), "USD") == usd("1")
    assert hash(Money(Decimal("1.000000"), "USD")) == hash(usd("1"))


def test_arithmetic_and_comparison() -> None:
    assert usd("1.10") + usd("2.20") == usd("3.30")
    assert usd("1.10") - usd("2.20") == -usd("1.10")
    assert abs(usd("-1.10")) == usd("1.10")
    assert usd("1").min(usd("2")) == usd("1") == usd("2").min(usd("1"))
    assert usd("1").max(usd("2")) == usd("2") == usd("2").max(usd("1"))
    assert usd("1") < usd("2") <= usd("2")
    assert usd("3") > usd("2") >= usd("2")
    assert not usd("2") < usd("2")
    assert not usd("2") > usd("2")
    assert usd("0").is_zero
    assert usd("1").is_positive
    assert usd("-1").is_negative
    assert not (usd("0").is_positive)
    assert not (usd("0").is_negative)
    assert not usd("1").is_zero
    assert str(usd("1000")) == "1000.00 USD"


def test_a_product_is_rounded_once() -> None:
    assert usd("365").times(Decimal("0.065")) == usd("23.73")
    assert usd("365").times(Decimal("0.0125")) == usd("4.56")
    assert usd("9.99").times(3) == usd("29.97")


def test_a_total_of_nothing_is_zero_and_of_another_currency_is_refused() -> None:
    assert total([], "USD") == usd("0")
    assert total([usd("1"), usd("2.50")], "USD") == usd("3.50")
    with pytest.raises(InvalidValue):
        total([usd("1")], "EUR")


@pytest.mark.parametrize(
    ("amount", "parts", "shares"),
    [
        ("10.00", [1, 1, 1], ["3.34", "3.33", "3.33"]),
        ("-10.00", [1, 1, 1], ["-3.34", "-3.33", "-3.33"]),
        ("0.01", [1, 1], ["0.01", "0.00"]),
        ("10.00", [0, 3, 0], ["0.00", "10.00", "0.00"]),
        ("1.00", [Decimal("0.0725"), Decimal("0.0125")], ["0.85", "0.15"]),
        ("0.05", [3, 3, 3], ["0.02", "0.02", "0.01"]),
        ("0.00", [1, 2], ["0.00", "0.00"]),
    ],
)
def test_the_unit_left_over_goes_to_the_share_that_lost_most(
    amount: str, parts: list[Decimal | int], shares: list[str]
) -> None:
    assert [str(share.amount) for share in split(usd(amount), parts)] == shares


@pytest.mark.parametrize("parts", [[], [0], [0, 0], [1, -1], [-1]])
def test_weights_that_name_no_share_are_a_programming_error(parts: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split(usd("1"), parts)


@given(monies, weights)
def test_a_split_adds_up_and_no_share_is_a_unit_away_from_its_exact_part(
    amount: Money, parts: list[Decimal]
) -> None:
    shares = split(amount, parts)
    assert total(shares, amount.currency) == amount
    unit = Decimal(1).scaleb(-minor_digits(amount.currency))
    for share, weight in zip(shares, parts, strict=True):
        assert abs(share.amount - amount.amount * weight / sum(parts)) < unit * (1 + Decimal("1e-12"))
        assert weight or share.is_zero


@given(dollars, dollars, dollars)
def test_money_is_an_ordered_group(a: Money, b: Money, c: Money) -> None:
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    assert a - b == a + -b
    assert (a - a).is_zero
    assert (a < b) == (a + c < b + c)
    assert a.min(b) + a.max(b) == a + b


@given(amounts, currencies)
def test_rounding_moves_an_amount_by_half_a_unit_at_most_and_is_final(amount: Decimal, currency: str) -> None:
    kept = quantise(amount, currency)
    assert abs(kept - amount) * 2 <= Decimal(1).scaleb(-minor_digits(currency))
    assert str(quantise(kept, currency)) == str(kept)
    assert -kept == quantise(-amount, currency)
