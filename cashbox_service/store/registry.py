"""Merchants with their log-ins, keys and tax tables, for those who stand outside of any merchant's own work.

``reading`` and ``changing`` open a session of their own; what is asked on every call is read without one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from cashbox_service.merchant_settings import MerchantSettings
from cashbox_service.store.base import Base
from cashbox_service.store.direct import Query
from cashbox_service.store.engine import Database
from cashbox_service.store.entities import (
    CardIssuer,
    Merchant,
    MerchantKey,
    MerchantLogin,
    MerchantTaxTable,
    NumberBlock,
    PushSubscription,
    StatementTemplate,
)

_KEPT = frozenset(
    entity.__tablename__
    for entity in (
        Merchant,
        MerchantLogin,
        MerchantKey,
        NumberBlock,
        MerchantTaxTable,
        CardIssuer,
        PushSubscription,
        StatementTemplate,
    )
)
"""Tables of what a merchant is and has been set up with, rather than of what it did."""

_LOGIN = Query(
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

_FIRST_LOGIN = Query(
    select(MerchantLogin.login)
    .where(MerchantLogin.merchant_vid == bindparam("merchant"))
    .order_by(MerchantLogin.created_at, MerchantLogin.login)
    .limit(1)
)


_KEY = Query(
    select(MerchantKey.merchant_vid, MerchantKey.purpose, MerchantKey.sealed).where(
        MerchantKey.digest == bindparam("digest")
    )
)


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


def find_login(database: Database, login: str) -> LoginRecord | None:
    """The log-in and its merchant, None when there is none. Asked on every call."""
    rows = _LOGIN.rows_outside(database.connections, login=login)
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


def first_login(database: Database, merchant_vid: str) -> str | None:
    """The oldest log-in of a merchant."""
    rows = _FIRST_LOGIN.rows_outside(database.connections, merchant=merchant_vid)
    return rows[0][0] if rows else None


class FoundKey(NamedTuple):
    """A key as it is stored."""

    merchant_vid: str
    purpose: str
    sealed: str | None


def find_key(database: Database, digest: str) -> FoundKey | None:
    """The key with this hash, whoever's it is. Asked on every call of a dialect."""
    rows = _KEY.rows_outside(database.connections, digest=digest)
    return FoundKey(*rows[0]) if rows else None


class Registry:
    """The rows of all merchants, in one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, *rows: Base) -> None:
        """Store rows, those that others refer to first."""
        for row in rows:
            self._session.add(row)
            self._session.flush()

    def merchant(self, vid: str) -> Merchant | None:
        """The merchant, locked until the transaction ends."""
        return self._session.get(Merchant, vid, with_for_update=True)

    def login(self, login: str) -> MerchantLogin | None:
        """A log-in, locked until the transaction ends."""
        return self._session.get(MerchantLogin, login, with_for_update=True)

    def logins(self) -> Sequence[str]:
        """All log-ins, by name."""
        return self._session.scalars(select(MerchantLogin.login).order_by(MerchantLogin.login)).all()

    def keys(self, merchant_vid: str, *, locked: bool = False) -> Sequence[MerchantKey]:
        """The keys of a merchant, the oldest first."""
        query = (
            select(MerchantKey)
            .where(MerchantKey.merchant_vid == merchant_vid)
            .order_by(MerchantKey.created_at, MerchantKey.digest)
        )
        return self._session.scalars(query.with_for_update() if locked else query).all()

    def key_for(self, merchant_vid: str, purpose: str) -> MerchantKey | None:
        """The key of a purpose for which a merchant has at most one."""
        query = select(MerchantKey).where(
            MerchantKey.merchant_vid == merchant_vid, MerchantKey.purpose == purpose
        )
        return self._session.scalars(query).one_or_none()

    def remove_key(self, key: MerchantKey) -> None:
        self._session.delete(key)
        self._session.flush()

    def tax_table(self, merchant_vid: str) -> MerchantTaxTable | None:
        """What the merchant has loaded of tax rates; None when it never did."""
        return self._session.get(MerchantTaxTable, merchant_vid)

    def empty(self, merchant_vid: str) -> None:
        """Delete all that the merchant's calls made; log-ins, keys, settings, tables and subscriptions
        stay."""
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in _KEPT and "merchant_vid" in table.c:
                self._session.execute(delete(table).where(table.c.merchant_vid == merchant_vid))


@contextmanager
def reading(database: Database) -> Iterator[Registry]:
    """The registry, to read in."""
    with database.session() as session:
        yield Registry(session)


@contextmanager
def changing(database: Database) -> Iterator[Registry]:
    """The registry in a write transaction of its own, committed when the block is left without an error."""
    with database.session() as session, database.write_turn(session):
        yield Registry(session)
        session.commit()
