"""Column types: exact amounts, UTC moments, and JSON documents of domain value objects."""

from __future__ import annotations

import json
import typing
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from sqlalchemy import JSON, BigInteger, Boolean, Date, DateTime, Dialect, String
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeDecorator, TypeEngine

from cashbox_service.domain.errors import InvalidValue
from cashbox_service.store.documents import dump, load, text

T = TypeVar("T")

AMOUNT_PLACES = 6
"""Decimal places kept for every stored amount and quantity: more than any currency's minor unit."""

_SCALE = Decimal(10) ** AMOUNT_PLACES
_UNSCALE = -AMOUNT_PLACES

_parsed = json.JSONDecoder().raw_decode
"""Parses what this service has written: nothing comes before a document or behind it."""


class AmountTooLarge(InvalidValue, DontWrapMixin):
    """An amount is beyond what can be stored. It was worked out of smaller ones, each of which was allowed."""

    def __init__(self, amount: Decimal) -> None:
        super().__init__("amount", format(amount, "f"), "is too large")


class Amount(TypeDecorator[Decimal]):
    """An exact decimal with six places, stored as a scaled 64-bit integer.

    Integers sum exactly in every database, SQLite included, which has no decimal type. Values with more
    places are a programming error: rounding is a rule, not storage. AmountTooLarge beyond 9.2 trillion.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else _scaled(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(_UNSCALE)


def _scaled(value: Decimal) -> int:
    scaled = value * _SCALE
    stored = int(scaled)
    if not -(2**63) <= stored < 2**63:
        raise AmountTooLarge(value)
    if stored != scaled:
        raise ValueError("amount has too many digits to be stored exactly")
    return stored


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal of any precision that is only kept and shown, stored as its text."""

    impl = String(64)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Moment(TypeDecorator[datetime]):
    """An aware UTC moment with microseconds; naive input is a programming error."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment needs a time zone")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Document(TypeDecorator[T], Generic[T]):
    """A domain value object, or a tuple of them, kept as one JSON document.

    Documents are values: to change one, assign a new one. ``Document(tuple[NameValue, ...])`` takes any type
    that :mod:`cashbox_service.store.documents` converts.
    """

    impl = JSON
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind
        self._dump: Callable[[Any], Any] = dump(kind)
        self._load: Callable[[Any], Any] = load(kind)
        self._empty = self._load([]) if typing.get_origin(kind) is tuple else None

    def read(self, document: str) -> Any:
        """The value that the text of a document stands for; most are empty lists."""
        return self._empty if document == "[]" else self._load(_parsed(document)[0])

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import (
                JSONB,
            )  # over PostgreSQL alone: it brings all drivers along

            return dialect.type_descriptor(JSONB(none_as_null=True))
        return dialect.type_descriptor(JSON(none_as_null=True))

    def process_bind_param(self, value: T | None, dialect: Dialect) -> Any:
        return None if value is None else self._dump(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> T | None:
        return None if value is None else self._load(value)


def bind_converter(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """What makes a driver's value of one that is not None; None where it needs nothing.

    The same as the toolkit's, without its layers for the types that nearly all columns have.
    """
    if isinstance(kind, Amount):
        return _scaled
    if isinstance(kind, Document):
        return text(kind.kind)
    if dialect.name == "sqlite":
        if isinstance(kind, Moment):
            return _sqlite_moment
        if isinstance(kind, Date):
            return date.isoformat
        if isinstance(kind, Boolean):
            return int
    return kind.dialect_impl(dialect).bind_processor(dialect)


def result_converter(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """What makes a value of a driver's that is not None; None where it needs nothing."""
    if isinstance(kind, Amount):
        return lambda value: Decimal(value).scaleb(_UNSCALE)
    if dialect.name == "sqlite":
        if isinstance(kind, Moment):
            return lambda value: datetime.fromisoformat(value + _IN_UTC)
        if isinstance(kind, Document):
            return kind.read
        if isinstance(kind, Date):
            return date.fromisoformat
        if isinstance(kind, Boolean):
            return bool
    return kind.dialect_impl(dialect).result_processor(dialect, None)


_IN_UTC = "+00:00"


class _SqliteMoment:
    """Writes moments as SQLite keeps them.

    Everything in a call happens at one moment, which most of its rows hold several times: the last one is remembered.
    """

    def __init__(self) -> None:
        self._last: tuple[datetime | None, str] = (None, "")

    def __call__(self, value: datetime) -> str:
        moment, text = self._last
        if moment is value:  # in one step: another thread may put its own there at any time
            return text
        if value.tzinfo is None:
            raise ValueError("a stored moment needs a time zone")
        universal = value if value.tzinfo is UTC else value.astimezone(UTC)
        text = universal.isoformat(" ", "microseconds")[: -len(_IN_UTC)]
        self._last = value, text
        return text


_sqlite_moment = _SqliteMoment()
