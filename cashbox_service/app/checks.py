"""Checks of single values that many objects share: identifiers and currencies (conventions §2.3, §6.2)."""

from __future__ import annotations

from cashbox_service.domain.errors import InvalidValue, MissingField
from cashbox_service.domain.money import TOKEN_CURRENCY, known_currency

MAX_ID = 255


def check_merchant_id(field: str, value: str | None, longest: int = MAX_ID) -> str:
    """A merchant's identifier as it may be stored (conventions §2.3). Raises MissingField, InvalidValue."""
    if value is None:
        raise MissingField(field)
    if "/" in value:
        raise InvalidValue(field, value[:40], "must not contain a slash")
    if len(value) > longest:
        raise InvalidValue(field, value[:40] + "…", f"is longer than {longest} characters")
    return value


def check_currency(field: str, value: str) -> str:
    """An ISO 4217 code. Raises InvalidValue."""
    if value == TOKEN_CURRENCY or not known_currency(value):
        raise InvalidValue(field, value[:10], "is not a currency")
    return value
