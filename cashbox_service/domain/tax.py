"""Sales tax from a table of rates: which rates apply at an address, and what a line's tax comes to.

A rate belongs to a country or to a district of it, to one tax class or to all, and is either added to the price
(exclusive) or contained in it (inclusive). Tax is rounded half-up per line and jurisdiction and summed from the
rounded parts. An empty table means that no tax engine is set up: tax is 0.
Source: transaction §5.2; billing-engine §12; account §1.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final

from cashbox_service.domain.errors import UnknownTaxClass
from cashbox_service.domain.money import quantise
from cashbox_service.domain.postal import PostalAddress, TaxExemption

TAX_EXEMPT: Final = "TaxExempt"
OTHER_TAXABLE: Final = "OtherTaxable"
BUILT_IN_CLASSES: Final = frozenset(
    {
        "PhysicalGoods",
        "DownloadableExecutableSoftware",
        "DownloadableElectronicData",
        "Service",
        TAX_EXEMPT,
        OTHER_TAXABLE,
    }
)
NO_ADDRESS: Final = "Tax could not be computed: neither a shipping nor a billing address is present"

_INCLUSIVE: Final = "Inclusive"
_EUROPEAN_UNION: Final = frozenset(
    {
        *(
            "AT",
            "BE",
            "BG",
            "CY",
            "CZ",
            "DE",
            "DK",
            "EE",
            "ES",
            "FI",
            "FR",
            "GR",
            "HR",
            "HU",
            "IE",
            "IT",
            "LT",
        ),
        *("LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    }
)


_NOTHING: Final = Decimal(0)


class TaxType(StrEnum):
    """How a line's tax relates to its price; the ``Use`` kinds are only ever passed through."""

    EXCLUSIVE_SALES = "Exclusive Sales"
    INCLUSIVE_SALES = "Inclusive Sales"
    EXCLUSIVE_USE = "Exclusive Use"
    INCLUSIVE_USE = "Inclusive Use"


class AddressType(StrEnum):
    """Which of a customer's addresses decided about tax (transaction §4)."""

    SHIPPING = "Shipping"
    BILLING = "Billing"


@dataclass(frozen=True, slots=True)
class TaxAddress:
    """Where a sale goes, as far as tax is concerned: the address as it was given, and whose it is."""

    type: AddressType
    given: PostalAddress

    @property
    def corrected(self) -> PostalAddress:
        """The cleaned copy that is shown."""
        return sales_tax_address(self.given)


@dataclass(frozen=True, slots=True)
class TaxLine:
    """The tax of one jurisdiction on a line, or in the summary of a transaction (TaxItem, transaction §3)."""

    jurisdiction: str
    name: str
    amount: Decimal
    tax_rate: Decimal | None = None
    external_tax_name: str | None = None
    external_tax_category: str | None = None
    external_jurisdiction_name: str | None = None


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A row of the table: ``rate`` is a fraction, 0.2 = 20 %. Empty district or classification means all."""

    country: str
    rate: Decimal
    district: str = ""
    classification: str = ""
    inclusive: bool = False
    jurisdiction: str = ""
    name: str = ""

    @property
    def code(self) -> str:
        """The jurisdiction, made from the place where the row names none."""
        if self.jurisdiction:
            return self.jurisdiction
        return f"STATE_{self.district.upper()}" if self.district else f"COUNTRY_{self.country.upper()}"

    @property
    def title(self) -> str:
        """The name shown with the tax; inclusive taxes say so."""
        name = self.name or self.code
        return f"{_INCLUSIVE} {name}" if self.inclusive and not name.startswith(_INCLUSIVE) else name

    def applies_at(self, address: PostalAddress) -> bool:
        """Whether the address lies in the row's country and district."""
        return _same(self.country, address.country) and (
            not self.district or _same(self.district, address.district)
        )


@dataclass(frozen=True, slots=True)
class TaxTable:
    """The rates a merchant has set up, in the order in which taxes are shown."""

    rates: tuple[TaxRate, ...] = ()

    @property
    def is_empty(self) -> bool:
        """No tax engine is set up."""
        return not self.rates

    def check_classification(self, classification: str | None, sku: str | None) -> None:
        """UnknownTaxClass for one that is neither built in nor in the table; an empty class is fine."""
        if not classification or classification in BUILT_IN_CLASSES:
            return
        if any(rate.classification == classification for rate in self.rates):
            return
        raise UnknownTaxClass(classification, sku)

    def rates_for(self, address: PostalAddress, classification: str) -> tuple[TaxRate, ...]:
        """The rates for goods of that class at the address.

        Within a jurisdiction, rows of the very class stand in for the rows of all classes.
        """
        here = [rate for rate in self.rates if rate.applies_at(address)]
        own = [rate for rate in here if rate.classification == classification]
        special = {(rate.district.casefold(), rate.code) for rate in own}
        return tuple(
            rate
            for rate in here
            if rate.classification == classification
            or (not rate.classification and (rate.district.casefold(), rate.code) not in special)
        )


@dataclass(frozen=True, slots=True)
class LineTax:
    """The tax of one line; ``exclusive`` is the part that is added to its price."""

    type: TaxType = TaxType.EXCLUSIVE_SALES
    parts: tuple[TaxLine, ...] = ()
    exclusive: Decimal = _NOTHING


UNTAXED: Final = LineTax()


@dataclass(frozen=True, slots=True)
class TaxAssessor:
    """Computes the tax of the lines of one sale: the table, where it goes, and what frees the buyer.

    ``address`` is None when nobody knows where the sale goes; then nothing is taxed. ``untaxed_type`` is what a line
    without tax is called: inclusive while the rates are not known and the price has to do.
    """

    currency: str
    table: TaxTable = TaxTable()
    address: PostalAddress | None = None
    exemptions: tuple[TaxExemption, ...] = ()
    untaxed_type: TaxType = TaxType.EXCLUSIVE_SALES

    def assess(self, base: Decimal, classification: str | None) -> LineTax:
        """The tax on ``base``, a rounded amount after discount; a negative base gives negative tax.

        A line without a class is taxed as OtherTaxable.
        """
        rates = self._rates(classification or OTHER_TAXABLE)
        if not rates:
            return LineTax(type=self.untaxed_type, exclusive=quantise(_NOTHING, self.currency))
        contained = iter(self._contained(base, [rate.rate for rate in rates if rate.inclusive]))
        amounts = [
            next(contained) if rate.inclusive else quantise(base * rate.rate, self.currency) for rate in rates
        ]
        added = [amount for rate, amount in zip(rates, amounts, strict=True) if not rate.inclusive]
        return LineTax(
            type=TaxType.EXCLUSIVE_SALES if added else TaxType.INCLUSIVE_SALES,
            parts=tuple(
                _part(rate, amount, classification) for rate, amount in zip(rates, amounts, strict=True)
            ),
            exclusive=sum(added, quantise(_NOTHING, self.currency)),
        )

    def _rates(self, classification: str) -> tuple[TaxRate, ...]:
        if self.address is None or classification == TAX_EXEMPT:
            return ()
        return tuple(
            rate
            for rate in self.table.rates_for(self.address, classification)
            if not any(frees(exemption, rate) for exemption in self.exemptions)
        )

    def _contained(self, base: Decimal, rates: list[Decimal]) -> list[Decimal]:
        """What a price holds of each rate: the net is rounded and the tax is the rest.

        The rates share it in proportion, none more than is left, and the last takes the remainder.
        """
        together = sum(rates, Decimal(0))
        tax = rest = abs(base) - quantise(abs(base) / (1 + together), self.currency)
        shares: list[Decimal] = []
        for rate in rates:
            share = quantise(tax * rate / together, self.currency) if together else tax
            share = rest if len(shares) == len(rates) - 1 else min(share, rest)
            shares.append(share.copy_sign(base) if share else share)
            rest -= share
        return shares


def frees(exemption: TaxExemption, rate: TaxRate) -> bool:
    """Whether the exemption frees from that rate.

    Its region is empty (everywhere), a country, ``EU``, ``country-district``, or a jurisdiction.
    """
    if not exemption.active:
        return False
    region = (exemption.region or "").strip().casefold()
    if region == "eu" and rate.country.upper() in _EUROPEAN_UNION:
        return True
    names = {"", rate.country, rate.code} | ({f"{rate.country}-{rate.district}"} if rate.district else set())
    return region in {name.casefold() for name in names}


def choose_address(
    *shipping: PostalAddress | None, billing: PostalAddress | None = None
) -> TaxAddress | None:
    """The first address that names a country: the transaction's, the account's, the payment method's."""
    for type_, candidates in ((AddressType.SHIPPING, shipping), (AddressType.BILLING, (billing,))):
        for address in candidates:
            if address is not None and (address.country or "").strip():
                return TaxAddress(type_, address)
    return None


def sum_by_jurisdiction(parts: Iterable[TaxLine]) -> tuple[TaxLine, ...]:
    """The summary of many lines' taxes: one entry per jurisdiction and name, without rates, in order met."""
    found: dict[tuple[str, str], Decimal] = {}
    for part in parts:
        key = (part.jurisdiction, part.name)
        found[key] = found.get(key, Decimal(0)) + part.amount
    return tuple(TaxLine(jurisdiction, name, amount) for (jurisdiction, name), amount in found.items())


_LEVELS: Final = {
    "COUNTRY": "Country",
    "STATE": "State",
    "COUNTY": "County",
    "CITY": "City",
    "SPECIAL": "Special",
}
"""Kinds of jurisdictions, by how their codes begin."""


def sum_by_level(parts: Iterable[TaxLine]) -> tuple[tuple[str, Decimal], ...]:
    """What each kind of jurisdiction takes, in order met; a tax of no known kind stands under its name."""
    found: dict[str, Decimal] = {}
    for part in parts:
        level = _LEVELS.get(part.jurisdiction.partition("_")[0], part.name)
        found[level] = found.get(level, Decimal(0)) + part.amount
    return tuple(found.items())


_ABBREVIATIONS: Final = {
    "AVENUE": "AVE",
    "BOULEVARD": "BLVD",
    "DRIVE": "DR",
    "HIGHWAY": "HWY",
    "LANE": "LN",
    "ROAD": "RD",
    "STREET": "ST",
}
"""Postal abbreviations of the United States, for the last word of a street line."""


def sales_tax_address(address: PostalAddress) -> PostalAddress:
    """The cleaned copy that a transaction shows: capitals, no punctuation, single blanks, street words cut."""
    american = _same("US", address.country)
    return replace(
        address,
        vid=None,
        addr1=_street(address.addr1, american),
        addr2=_street(address.addr2, american),
        addr3=_street(address.addr3, american),
        city=_clean(address.city),
        county=_clean(address.county),
        district=_clean(address.district),
        postal_code=_clean(address.postal_code),
        country=_clean(address.country),
    )


def _clean(text: str | None) -> str | None:
    return None if text is None else " ".join(re.sub(r"[.,;]", " ", text).upper().split())


def _street(text: str | None, american: bool) -> str | None:
    cleaned = _clean(text)
    if not cleaned or not american:
        return cleaned
    *front, last = cleaned.split()
    return " ".join([*front, _ABBREVIATIONS.get(last, last)])


def _same(left: str, right: str | None) -> bool:
    return left.strip().casefold() == (right or "").strip().casefold()


def _part(rate: TaxRate, amount: Decimal, classification: str | None) -> TaxLine:
    return TaxLine(
        jurisdiction=rate.code,
        name=rate.title,
        amount=amount,
        tax_rate=rate.rate,
        external_tax_name=rate.title,
        external_tax_category=classification or OTHER_TAXABLE,
        external_jurisdiction_name=rate.district.upper() or rate.country.upper(),
    )
