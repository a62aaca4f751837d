"""What callers give: the input objects of the use cases. What every area uses stands here, the rest in its area.

Field names are those of the CashBox types in snake case. ``None`` means not given (leave unchanged), an empty string
clears a text (conventions §5.3). Read-only fields of the wire types do not appear, except identifiers.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(slots=True)
class NameValuePairDraft:
    """Input of a NameValuePair."""

    name: str | None = None
    value: str | None = None


@dataclass(slots=True)
class AddressDraft:
    """Input of a Address."""

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
class Reference:
    """An object named by its identifiers; the VID wins (conventions §4.2)."""

    vid: str | None = None
    merchant_id: str | None = None

    @property
    def is_empty(self) -> bool:
        return self.vid is None and self.merchant_id is None
