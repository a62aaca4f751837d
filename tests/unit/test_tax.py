"""Tax from a table: which rates apply, and rounding that never creates or loses a cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.errors import UnknownTaxClass
from cashbox_service.domain.postal import PostalAddress, TaxExemption
from cashbox_service.domain.tax import (
    UNTAXED,
    AddressType,
    LineTax,
    TaxAddress,
    TaxAssessor,
    TaxLine,
    TaxRate,
    TaxTable,
    TaxType,
    choose_address,
    frees,
    sales_tax_address,
    sum_by_jurisdiction,
    sum_by_level,
)

D = Decimal
CALIFORNIA = PostalAddress(country="US", district="CA")
NEVADA = PostalAddress(country="us", district="nv")
BRITAIN = PostalAddress(country="GB")

STATE = TaxRate("US", D("0.065"), district="CA", jurisdiction="STATE_06", name="CALIFORNIA STATE SALES TAX")
COUNTY = TaxRate("US", D("0.0125"), district="CA", jurisdiction="COUNTY_085", name="SANTA CLARA COUNTY TAX")
SERVICE_FREE = TaxRate("US", D(0), district="CA", classification="Service", jurisdiction="STATE_06")
VAT = TaxRate("GB", D("0.2"), inclusive=True, jurisdiction="COUNTRY_78295", name="VAT")
TABLE = TaxTable((STATE, COUNTY, SERVICE_FREE, VAT))


def _assess(
    base: str,
    *rates: TaxRate,
    to: PostalAddress | None = CALIFORNIA,
    of: str | None = None,
    currency: str = "USD",
    freed: tuple[TaxExemption, ...] = (),
) -> LineTax:
    return TaxAssessor(currency, TaxTable(rates), to, freed).assess(D(base), of)


def _amounts(tax: LineTax) -> list[Decimal]:
    return [part.amount for part in tax.parts]


def test_exclusive_tax_is_rounded_per_jurisdiction() -> None:
    tax = TaxAssessor("USD", TABLE, CALIFORNIA).assess(D("365.00"), "PhysicalGoods")
    assert _amounts(tax) == [D("23.73"), D("4.56")]
    assert tax.exclusive == D("28.29")
    assert tax.type == "Exclusive Sales"


@pytest.mark.parametrize(
    ("price", "held"),
    [("9.99", "1.66"), ("301", "50.17"), ("0.00", "0.00"), ("0.01", "0.00"), ("0.04", "0.01")],
)
def test_a_price_at_20_percent_inclusive_holds_its_tax(price: str, held: str) -> None:
    tax = TaxAssessor("GBP", TABLE, BRITAIN).assess(D(price), "Service")
    assert _amounts(tax) == [D(held)]
    assert tax.exclusive == 0
    assert tax.type is TaxType.INCLUSIVE_SALES


def test_a_line_shows_where_each_tax_comes_from() -> None:
    assert TaxAssessor("GBP", TABLE, BRITAIN).assess(D("9.99"), "Service").parts == (
        TaxLine("COUNTRY_78295", "Inclusive VAT", D("1.66"), D("0.2"), "Inclusive VAT", "Service", "GB"),
    )


def test_several_inclusive_rates_share_the_tax_and_the_last_takes_the_remainder() -> None:
    rates = [TaxRate("CA", D(rate), inclusive=True, jurisdiction=rate) for rate in ("0.05", "0.07", "0.01")]
    tax = _assess("10.00", *rates, to=PostalAddress(country="CA"))
    assert _amounts(tax) == [D("0.44"), D("0.62"), D("0.09")]  # 1.15 in all: 0.4423, 0.6192, the rest


def test_no_share_is_negative_when_there_are_fewer_cents_than_rates() -> None:
    rates = [TaxRate("US", D("0.05"), inclusive=True, jurisdiction=str(n)) for n in range(4)]
    assert _amounts(_assess("0.12", *rates)) == [D("0.01"), D("0.01"), D("0.00"), D("0.00")]
    assert _amounts(_assess("-0.12", *rates)) == [D("-0.01"), D("-0.01"), D("0.00"), D("0.00")]


def test_a_credited_line_takes_back_the_tax_of_the_same_line_charged() -> None:
    assert _amounts(_assess("-365.00", STATE, COUNTY)) == [D("-23.73"), D("-4.56")]


def test_tax_is_rounded_to_the_currency() -> None:
    assert _amounts(_assess("365", STATE, COUNTY, currency="JPY")) == [D(24), D(5)]
    assert _amounts(_assess("1.000", STATE, currency="KWD")) == [D("0.065")]


def test_a_line_with_added_and_contained_tax_counts_as_exclusive() -> None:
    tax = _assess("120.00", STATE, TaxRate("US", D("0.2"), inclusive=True))
    assert (_amounts(tax), tax.exclusive, tax.type) == ([D("7.80"), D("20.00")], D("7.80"), "Exclusive Sales")


@pytest.mark.parametrize(
    ("address", "classification", "expected"),
    [
        (CALIFORNIA, "PhysicalGoods", ["STATE_06", "COUNTY_085"]),
        (CALIFORNIA, None, ["STATE_06", "COUNTY_085"]),
        (CALIFORNIA, "", ["STATE_06", "COUNTY_085"]),
        (PostalAddress(country=" us ", district="ca"), None, ["STATE_06", "COUNTY_085"]),
        (CALIFORNIA, "TaxExempt", []),
        (NEVADA, None, []),
        (PostalAddress(country="US"), None, []),
        (PostalAddress(country="XX"), None, []),
        (PostalAddress(), None, []),
        (BRITAIN, None, ["COUNTRY_78295"]),
    ],
)
def test_rates_apply_by_place_and_class(
    address: PostalAddress, classification: str | None, expected: list[str]
) -> None:
    parts = TaxAssessor("USD", TABLE, address).assess(D(10), classification).parts
    assert [part.jurisdiction for part in parts] == expected


def test_a_row_of_the_very_class_stands_in_for_the_row_of_all_classes_of_its_jurisdiction() -> None:
    parts = TaxAssessor("USD", TABLE, CALIFORNIA).assess(D(100), "Service").parts
    assert [(part.jurisdiction, part.amount) for part in parts] == [
        ("COUNTY_085", D("1.25")),
        ("STATE_06", D("0.00")),
    ]


def test_country_and_district_rates_add_up() -> None:
    federal = TaxRate("CA", D("0.05"), name="GST")
    provincial = TaxRate("CA", D("0.09975"), district="QC", name="QST")
    tax = _assess("100.00", federal, provincial, to=PostalAddress(country="CA", district="QC"))
    assert [(part.jurisdiction, part.name, part.amount) for part in tax.parts] == [
        ("COUNTRY_CA", "GST", D("5.00")),
        ("STATE_QC", "QST", D("9.98")),
    ]


def test_two_rows_of_one_jurisdiction_and_class_both_apply() -> None:
    assert _assess("100.00", STATE, STATE).exclusive == D("13.00")


def test_a_row_without_names_is_named_after_its_place() -> None:
    tax = _assess("100.00", TaxRate("us", D("0.1"), inclusive=True))
    assert (tax.parts[0].jurisdiction, tax.parts[0].name) == ("COUNTRY_US", "Inclusive COUNTRY_US")
    named = _assess("100.00", TaxRate("US", D("0.1"), inclusive=True, name="Inclusive VAT"))
    assert named.parts[0].name == "Inclusive VAT"


@pytest.mark.parametrize("table", [TaxTable(), TABLE])
def test_without_a_table_or_an_address_nothing_is_taxed(table: TaxTable) -> None:
    assert TaxAssessor("USD", table).assess(D(10), "Service") == UNTAXED


def test_a_price_that_has_to_do_without_known_rates_is_called_inclusive() -> None:
    assessor = TaxAssessor("USD", untaxed_type=TaxType.INCLUSIVE_SALES)
    assert assessor.assess(D(10), "Service") == LineTax(TaxType.INCLUSIVE_SALES)


@pytest.mark.parametrize(
    ("region", "freed"),
    [
        (None, True),
        ("", True),
        ("US", True),
        (" us ", True),
        ("US-CA", True),
        ("STATE_06", True),
        ("US-NV", False),
        ("GB", False),
        ("EU", False),
        ("COUNTY_085", False),
    ],
)
def test_an_exemption_frees_in_its_region(region: str | None, freed: bool) -> None:
    assert frees(TaxExemption(region, "X1"), STATE) is freed
    assert not frees(TaxExemption(region, "X1", active=False), STATE)


def test_the_european_union_is_a_region_of_its_own() -> None:
    assert frees(TaxExemption("EU", "X1"), TaxRate("de", D("0.19")))
    assert not frees(TaxExemption("EU", "X1"), TaxRate("GB", D("0.2")))


def test_an_exempt_buyer_pays_the_other_taxes() -> None:
    tax = _assess("365.00", STATE, COUNTY, freed=(TaxExemption("STATE_06", "X1"),))
    assert [(part.jurisdiction, part.amount) for part in tax.parts] == [("COUNTY_085", D("4.56"))]


@pytest.mark.parametrize("classification", [None, "", "PhysicalGoods", "TaxExempt", "DM030000"])
def test_built_in_classes_and_those_of_the_table_are_accepted(classification: str | None) -> None:
    TaxTable((TaxRate("US", D("0.1"), classification="DM030000"),)).check_classification(
        classification, "sku1"
    )


@pytest.mark.parametrize("classification", ["NT", "physicalgoods", "Taxable"])
def test_an_unknown_class_is_refused_with_the_sku(classification: str) -> None:
    with pytest.raises(UnknownTaxClass) as refusal:
        TABLE.check_classification(classification, "modem")
    assert str(refusal.value) == (
        f"The value you provided in the TaxClassification field ({classification}) is not an accepted value "
        "(sku: modem): Not a Vindicia tax classification"
    )


def test_the_first_address_with_a_country_decides() -> None:
    nowhere = (None, PostalAddress(city="Reno"), PostalAddress(country=" "))
    assert choose_address(*nowhere, BRITAIN, billing=NEVADA) == TaxAddress(AddressType.SHIPPING, BRITAIN)
    assert choose_address(*nowhere, billing=NEVADA) == TaxAddress(AddressType.BILLING, NEVADA)
    assert choose_address(*nowhere) is None
    assert choose_address() is None


def test_the_summary_adds_up_jurisdictions_and_leaves_rates_out() -> None:
    parts = [
        TaxLine("STATE_06", "CA", D("1.00"), D("0.065"), "CA", "Service", "CA"),
        TaxLine("COUNTY_085", "SC", D("0.20"), D("0.0125")),
        TaxLine("STATE_06", "CA", D("0.50"), D("0.065")),
    ]
    assert sum_by_jurisdiction(parts) == (
        TaxLine("STATE_06", "CA", D("1.50")),
        TaxLine("COUNTY_085", "SC", D("0.20")),
    )


def test_the_address_shown_is_a_cleaned_copy() -> None:
    given_address = PostalAddress(
        vid="a" * 40,
        name="Jo Doe",
        addr1="12  Main Street.",
        city="st. louis",
        postal_code="63101",
        country="us",
    )
    assert sales_tax_address(given_address) == PostalAddress(
        name="Jo Doe", addr1="12 MAIN ST", city="ST LOUIS", postal_code="63101", country="US"
    )
    abroad = PostalAddress(addr1="1 High Street", addr2="", country="GB")
    assert sales_tax_address(abroad) == PostalAddress(addr1="1 HIGH STREET", addr2="", country="GB")


AMOUNTS = st.decimals(min_value=-10_000, max_value=10_000, places=2)
RATES = st.lists(
    st.tuples(st.decimals(min_value=0, max_value=1, places=4), st.booleans()), min_size=1, max_size=5
)


@given(AMOUNTS, RATES)
def test_contained_tax_and_net_make_the_price_and_no_part_has_the_wrong_sign(
    base: Decimal, rates: list[tuple[Decimal, bool]]
) -> None:
    table = [TaxRate("US", rate, jurisdiction=str(n), inclusive=True) for n, (rate, _) in enumerate(rates)]
    held = _amounts(TaxAssessor("USD", TaxTable(tuple(table)), CALIFORNIA).assess(base, None))
    together = sum((rate.rate for rate in table), D(0))
    assert abs((base - sum(held)) - base / (1 + together)) <= D("0.005")
    assert all(amount * base >= 0 for amount in held)


@given(AMOUNTS, RATES)
def test_tax_mirrors_when_a_charge_is_taken_back(base: Decimal, rates: list[tuple[Decimal, bool]]) -> None:
    table = TaxTable(
        tuple(TaxRate("US", rate, jurisdiction=str(n), inclusive=inc) for n, (rate, inc) in enumerate(rates))
    )
    assessor = TaxAssessor("USD", table, CALIFORNIA)
    there, back = assessor.assess(base, None), assessor.assess(-base, None)
    assert _amounts(there) == [-amount for amount in _amounts(back)]
    assert (
        there.exclusive
        == -back.exclusive
        == sum(amount for amount, (_, inclusive) in zip(_amounts(there), rates, strict=True) if not inclusive)
    )


def test_taxes_are_told_by_kind_of_jurisdiction() -> None:
    parts = [
        TaxLine("STATE_06", "CA", D("1.00")),
        TaxLine("SPECIAL_A", "Trains", D("0.10")),
        TaxLine("SPECIAL_B", "Trams", D("0.20")),
        TaxLine("TYRES", "Tyre levy", D("2.00")),
        TaxLine("COUNTRY_CA", "GST", D("5.00")),
    ]
    assert sum_by_level(parts) == (
        ("State", D("1.00")),
        ("Special", D("0.30")),
        ("Tyre levy", D("2.00")),
        ("Country", D("5.00")),
    )
