"""Values that appear in many types: amounts, quantities, dates as moments, name-value pairs, texts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from cashbox_service.domain.catalog import EntitlementId, NameValue
from cashbox_service.domain.money import quantise
from cashbox_service.soap import records as r

_LAST_SECOND = time(23, 59, 59)


def money(amount: Decimal | None, currency: str | None) -> Decimal | None:
    """With the currency's minor digits (conventions §2.2)."""
    if amount is None:
        return None
    return quantise(amount, currency or "USD")


def unit_price(amount: Decimal, currency: str) -> Decimal:
    """With the currency's minor digits, and with more where the price of a unit has them."""
    rounded = quantise(amount, currency)
    return rounded if rounded == amount else amount.normalize()


def quantity(value: Decimal | None) -> Decimal | None:
    """Without trailing zeros (conventions §2.2)."""
    if value is None:
        return None
    whole = value.to_integral_value()
    return whole.quantize(Decimal(1)) if value == whole else value.normalize()


def midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    """The beginning of a day in the business zone."""
    return None if day is None else datetime.combine(day, time.min, zone)


def last_second(day: date | None, zone: ZoneInfo) -> datetime | None:
    """23:59:59 of a day in the business zone."""
    return None if day is None else datetime.combine(day, _LAST_SECOND, zone)


def name_values(pairs: Iterable[NameValue]) -> tuple[r.NameValuePair, ...]:
    """In the order they were first set."""
    return tuple([r.NameValuePair(name=pair.name, value=pair.value) for pair in pairs])


def entitlement_ids(ids: Iterable[EntitlementId]) -> tuple[r.MerchantEntitlementId, ...]:
    return tuple([r.MerchantEntitlementId(id=entry.id, description=entry.description) for entry in ids])
