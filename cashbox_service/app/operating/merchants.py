"""Merchants and their log-ins: adding, finding, settings (the command ``cashbox-service merchant``).

These run outside of any merchant's own work, over the registry of the store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cashbox_service.crypto import hash_password
from cashbox_service.domain.errors import Duplicate, InvalidValue, NotFound
from cashbox_service.ids import new_vid
from cashbox_service.merchant_settings import MerchantSettings
from cashbox_service.store import registry
from cashbox_service.store.engine import Database
from cashbox_service.store.entities import Merchant, MerchantLogin
from cashbox_service.store.registry import LoginRecord, Registry


class MerchantNotFound(NotFound):
    """No such merchant login."""

    kind = "merchant"


def add(database: Database, login: str, password: str, now: datetime, name: str | None = None) -> str:
    """A new merchant with its first log-in; the VID of the merchant.

    Raises InvalidValue for an empty login or password, Duplicate for a login in use.
    """
    if not login.strip():
        raise InvalidValue("login", login, "must not be empty")
    if not password:
        raise InvalidValue("password", "", "must not be empty")
    password_hash = hash_password(password)
    merchant = Merchant(
        vid=new_vid(), name=name or login, created_at=now, settings={}, clock_offset_microseconds=0
    )
    with registry.changing(database) as rows:
        if rows.login(login) is not None:
            raise Duplicate("login", login)
        rows.add(
            merchant,
            MerchantLogin(
                login=login, merchant_vid=merchant.vid, password_hash=password_hash, created_at=now
            ),
        )
    return merchant.vid


def find(database: Database, login: str) -> LoginRecord | None:
    """The log-in and its merchant, None when there is none. Asked on every call."""
    return registry.find_login(database, login)


def find_by_vid(database: Database, merchant_vid: str) -> LoginRecord | None:
    """The first log-in of a merchant, for callers that came in by a key."""
    login = registry.first_login(database, merchant_vid)
    return None if login is None else find(database, login)


def logins(database: Database) -> Sequence[LoginRecord]:
    """All log-ins, by name."""
    with registry.reading(database) as rows:
        names = rows.logins()
    found = (find(database, name) for name in names)
    return [record for record in found if record is not None]


def required(database: Database, login: str) -> LoginRecord:
    """Like find. Raises MerchantNotFound."""
    record = find(database, login)
    if record is None:
        raise MerchantNotFound("login", login)
    return record


def set_password(database: Database, login: str, password: str) -> None:
    """Raises MerchantNotFound, InvalidValue."""
    if not password:
        raise InvalidValue("password", "", "must not be empty")
    password_hash = hash_password(password)
    with registry.changing(database) as rows:
        found = rows.login(login)
        if found is None:
            raise MerchantNotFound("login", login)
        found.password_hash = password_hash


def change_settings(database: Database, merchant_vid: str, changes: Mapping[str, Any]) -> MerchantSettings:
    """Merge the given settings in; None puts one back to its default. Raises InvalidValue naming the setting."""
    with registry.changing(database) as rows:
        merchant = existing(rows, merchant_vid)
        settings = MerchantSettings.from_stored(merchant.settings).changed(changes)
        merchant.settings = settings.to_stored()
        return settings


def set_clock_offset(database: Database, merchant_vid: str, microseconds: int) -> None:
    """How far the merchant's clock is from real time. Raises MerchantNotFound."""
    with registry.changing(database) as rows:
        existing(rows, merchant_vid).clock_offset_microseconds = microseconds


def existing(rows: Registry, merchant_vid: str) -> Merchant:
    """The merchant, locked. Raises MerchantNotFound."""
    merchant = rows.merchant(merchant_vid)
    if merchant is None:
        raise MerchantNotFound("VID", merchant_vid)
    return merchant
