"""Merchants and their log-ins: adding, finding, settings (the command ``cashbox-service merchant``).

These run outside of any merchant's own work, so they take a database session of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from cashbox_service.crypto import hash_password
from cashbox_service.domain.errors import Duplicate, InvalidValue, NotFound
from cashbox_service.ids import new_vid
from cashbox_service.merchant_settings import MerchantSettings
from cashbox_service.store.direct import Query
from cashbox_service.store.engine import Database
from cashbox_service.store.entities import Merchant, MerchantLogin


class MerchantNotFound(NotFound):
    """No such merchant login."""

    kind = "merchant"


@dataclass(frozen=True, slots=True)
class LoginRecord:
    """What authentication needs to know of a log-in."""

    login: str
    password_hash: str
    merchant_vid: str
    merchant_name: str
    settings: MerchantSettings
    clock_offset_microseconds: int
    tax_revision: str | None
    push_classes: frozenset[str]


def add(database: Database, login: str, password: str, now: datetime, name: str | None = None) -> str:
    """A new merchant with its first log-in; the VID of the merchant.

    Raises InvalidValue for an empty login or password, Duplicate for a login in use.
    """
    if not login.strip():
        raise InvalidValue("login", login, "must not be empty")
    if not password:
        raise InvalidValue("password", "", "must not be empty")
    password_hash = hash_password(password)
    session = database.session()
    try:
        with database.write_turn(session):
            if session.get(MerchantLogin, login) is not None:
                raise Duplicate("login", login)
            merchant = Merchant(
                vid=new_vid(), name=name or login, created_at=now, settings={}, clock_offset_microseconds=0
            )
            session.add(merchant)
            session.flush()
            session.add(
                MerchantLogin(
                    login=login, merchant_vid=merchant.vid, password_hash=password_hash, created_at=now
                )
            )
            session.commit()
            return merchant.vid
    finally:
        session.close()


_FIND = Query(
    select(
        MerchantLogin.login,
        MerchantLogin.password_hash,
        Merchant.vid,
        Merchant.name,
        Merchant.settings,
        Merchant.clock_offset_microseconds,
        Merchant.tax_revision,
        Merchant.push_classes,
    )
    .join(Merchant, Merchant.vid == MerchantLogin.merchant_vid)
    .where(MerchantLogin.login == bindparam("login"))
)


def find(database: Database, login: str) -> LoginRecord | None:
    """The log-in and its merchant, None when there is none. Asked on every call."""
    rows = _FIND.rows_outside(database.engine, login=login)
    if not rows:
        return None
    name, password_hash, vid, merchant_name, settings, offset, tax_revision, push_classes = rows[0]
    return LoginRecord(
        name,
        password_hash,
        vid,
        merchant_name,
        MerchantSettings.from_stored(settings),
        offset,
        tax_revision,
        frozenset(push_classes.split(",")) if push_classes else frozenset(),
    )


_LOGIN_OF = Query(
    select(MerchantLogin.login)
    .where(MerchantLogin.merchant_vid == bindparam("merchant"))
    .order_by(MerchantLogin.created_at, MerchantLogin.login)
    .limit(1)
)


def find_by_vid(database: Database, merchant_vid: str) -> LoginRecord | None:
    """The first log-in of a merchant, for callers that came in by a key."""
    rows = _LOGIN_OF.rows_outside(database.engine, merchant=merchant_vid)
    return find(database, rows[0][0]) if rows else None


def logins(database: Database) -> Sequence[LoginRecord]:
    """All log-ins, by name."""
    with database.session() as session:
        names = session.scalars(select(MerchantLogin.login).order_by(MerchantLogin.login)).all()
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
    _change_login(database, login, password_hash)


def change_settings(database: Database, merchant_vid: str, changes: Mapping[str, Any]) -> MerchantSettings:
    """Merge the given settings in; None puts one back to its default. Raises InvalidValue naming the setting."""
    session = database.session()
    try:
        with database.write_turn(session):
            merchant = session.get(Merchant, merchant_vid, with_for_update=True)
            if merchant is None:
                raise MerchantNotFound("VID", merchant_vid)
            settings = MerchantSettings.from_stored(merchant.settings).changed(changes)
            merchant.settings = settings.to_stored()
            session.commit()
            return settings
    finally:
        session.close()


def _change_login(database: Database, login: str, password_hash: str) -> None:
    session = database.session()
    try:
        with database.write_turn(session):
            found = session.get(MerchantLogin, login, with_for_update=True)
            if found is None:
                raise MerchantNotFound("login", login)
            found.password_hash = password_hash
            session.commit()
    finally:
        session.close()


def set_clock_offset(database: Database, merchant_vid: str, microseconds: int) -> None:
    """How far the merchant's clock is from real time. Raises MerchantNotFound."""
    session = database.session()
    try:
        with database.write_turn(session):
            merchant = session.get(Merchant, merchant_vid, with_for_update=True)
            if merchant is None:
                raise MerchantNotFound("VID", merchant_vid)
            merchant.clock_offset_microseconds = microseconds
            session.commit()
    finally:
        session.close()
