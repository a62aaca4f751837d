"""Postal addresses and tax exemptions as values: what a transaction keeps of them once it is made."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """A copy of an Address at one moment (account §1.2); ``vid`` names the Address it was copied from."""

    vid: str | None = None
    name: str | None = None
    addr1: str | None = None
    addr2: str | None = None
    addr3: str | None = None
    city: str | None = None
    county: str | None = None
    district: str | None = None
    postal_code: str | None = None
    country: str | None = None
    phone: str | None = None
    fax: str | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TaxExemption:
    """A certificate that frees its holder from tax in a region; empty region = everywhere (account §1.3)."""

    region: str | None = None
    exemption_id: str | None = None
    active: bool = True
