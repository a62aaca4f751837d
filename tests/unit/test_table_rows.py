"""Tables written by hand: every wrong row is told, by number, column and value."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.issuer_rows import issuer_countries, prefixes_of
from cashbox_service.domain.rows import WrongRows
from cashbox_service.domain.tax import TaxRate, TaxTable
from cashbox_service.domain.tax_rows import as_row, tax_table

D = Decimal
VAT = {"country": "GB", "rate": "0.2", "inclusive": "true", "jurisdiction": "COUNTRY_78295", "name": "VAT"}


def test_rows_of_text_and_of_json_make_the_same_table() -> None:
    rate = TaxRate("GB", D("0.2"), inclusive=True, jurisdiction="COUNTRY_78295", name="VAT")
    assert tax_table([VAT]) == tax_table([VAT | {"rate": 0.2, "inclusive": True}]) == TaxTable((rate,))


def test_a_row_needs_a_place_and_a_rate_alone() -> None:
    assert tax_table([{"country": " us ", "rate": 0}]).rates == (TaxRate("US", D(0)),)
    assert tax_table([{"country": "US", "rate": "1", "district": None, "inclusive": ""}]).rates == (
        TaxRate("US", D(1)),
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"country": "GBR"}, 'country "GBR" is not a two-letter ISO 3166-1 code'),
        ({"country": ""}, 'country "" is not a two-letter ISO 3166-1 code'),
        ({"country": 44}, 'country "44" is not text'),
        ({"rate": ""}, "rate is missing"),
        ({"rate": None}, "rate is missing"),
        ({"rate": "20"}, 'rate "20" is not between 0 and 1; 20 % is written 0.2'),
        ({"rate": "-0.1"}, 'rate "-0.1" is not between 0 and 1; 20 % is written 0.2'),
        ({"rate": "20%"}, 'rate "20%" is not a number'),
        ({"rate": "NaN"}, 'rate "NaN" is not a number'),
        ({"rate": True}, 'rate "True" is not a number'),
        ({"rate": "0.123456789"}, 'rate "0.123456789" has more than 8 decimal places'),
        ({"inclusive": "maybe"}, 'inclusive "maybe" is not true or false'),
        ({"district": "x" * 51}, f'district "{"x" * 40}" is longer than 50 characters'),
        ({"percent": "20"}, 'column "percent" is not one of country, rate, district'),
    ],
)
def test_a_wrong_value_is_named_with_its_row(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(WrongRows) as refused:
        tax_table([VAT | {"country": "FR"}, VAT | change])
    (found,) = refused.value.problems
    assert found.startswith(f"row 2: {problem}")
    assert str(refused.value) == found


def test_every_wrong_row_is_told_and_long_lists_are_cut() -> None:
    with pytest.raises(WrongRows) as refused:
        tax_table([{"country": "FR"}] * 25)
    assert len(refused.value.problems) == 25
    shown = str(refused.value).splitlines()
    assert shown[0] == "row 1: rate is missing"
    assert shown[20:] == ["and 5 more"]


def test_what_is_no_row_is_refused() -> None:
    with pytest.raises(WrongRows, match="row 1: is not an object with columns"):
        tax_table(["GB"])  # type: ignore[list-item]


def test_two_rows_for_the_same_tax_are_refused() -> None:
    with pytest.raises(WrongRows, match="row 3: has the same place, class, jurisdiction and name as row 1"):
        tax_table([VAT, VAT | {"classification": "Service"}, VAT | {"rate": "0.175"}])


def test_a_table_is_bounded() -> None:
    rows = [{"country": "US", "rate": "0.1", "name": str(number)} for number in range(10_002)]
    with pytest.raises(WrongRows) as refused:
        tax_table(rows)
    assert refused.value.problems == ("row 10001: there may be at most 10000 rows",)


TEXT = st.text(st.characters(categories=["Lu", "Ll", "Nd"]), max_size=20)


@given(
    st.builds(
        TaxRate,
        st.sampled_from(["US", "GB", "DE"]),
        st.decimals(0, 1, places=4),
        TEXT, TEXT, st.booleans(), TEXT, TEXT,
    )
)  # fmt: skip
def test_a_rate_survives_being_written_and_read(rate: TaxRate) -> None:
    assert tax_table([as_row(rate)]).rates == (rate,)


def test_issuers_are_read_with_their_countries() -> None:
    assert issuer_countries([{"prefix": "411111", "country": "us"}, {"prefix": "4", "country": "GB"}]) == [
        ("411111", "US"),
        ("4", "GB"),
    ]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"prefix": "", "country": "US"}, 'prefix "" is not 1 to 8 digits'),
        ({"prefix": "123456789", "country": "US"}, 'prefix "123456789" is not 1 to 8 digits'),
        ({"prefix": "41x", "country": "US"}, 'prefix "41x" is not 1 to 8 digits'),
        ({"prefix": 4, "country": "US"}, 'prefix "4" is not text'),
        ({"prefix": "4", "country": "USA"}, 'country "USA" is not a two-letter ISO 3166-1 code'),
        ({"prefix": "5", "country": "US"}, "has the same prefix as row 1"),
    ],
)
def test_a_wrong_issuer_is_told(row: dict[str, Any], problem: str) -> None:
    with pytest.raises(WrongRows) as refused:
        issuer_countries([{"prefix": "5", "country": "US"}, row])
    assert refused.value.problems == (f"row 2: {problem}",)


def test_the_prefixes_of_a_card_end_with_its_eighth_digit() -> None:
    assert prefixes_of("411") == ["4", "41", "411"]
    assert prefixes_of("4111111111")[-1] == "41111111"
    assert prefixes_of("") == []
