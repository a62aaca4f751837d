"""What a row of the projection tables says, and what its functions are given.

A row stands for fields that older versions have otherwise than the model does: under another name, in another place, or
not at all. It applies to every contract in which one of its ``fields`` differs from the model's, so that no row names
a version. Fields that are the same in both need no row, and neither do those that an older version simply lacks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Protocol

from cashbox_service.contract import Contract, Field

Key = tuple[str, str]
"""Service and operation."""


class Passage(Protocol):
    """One message on its way from a contract to another."""

    zone: tzinfo

    @property
    def now(self) -> datetime:
        """The moment of the call, by the merchant's clock."""

    def record(self, type_name: str, value: Any) -> Any:
        """A record of the type as the other contract has it; None for None."""

    def make(self, type_name: str, **fields: Any) -> Any:
        """A new record of the other contract."""


Takes = Callable[[Any, Any, Passage], None]
"""Puts into a record of the model what an older one says: older record, model's record, passage."""

Gives = Callable[[Any, Any, Passage], None]
"""Puts into an older record what one of the model says: model's record, older record, passage."""


@dataclass(frozen=True, slots=True)
class TypeRow:
    """Fields of a type that older versions have otherwise.

    ``lacks`` makes the row apply where the older contract has no such field: (type, field) instead of ``fields``.
    Without ``takes`` the fields are ignored in requests, without ``gives`` they are left out of answers.
    """

    type: str
    fields: tuple[str, ...]
    why: str
    takes: Takes | None = None
    gives: Gives | None = None
    lacks: tuple[str, str] | None = None

    def applies(self, older: Contract, model: Contract) -> bool:
        declared = older.types.get(self.type)
        if declared is None:
            return False
        if self.lacks is not None:
            return not _has(older, *self.lacks)
        return any(
            differs(field, _named(model.types[self.type].fields, field.name), older, model)
            for field in declared.fields
            if field.name in self.fields
        )


@dataclass(frozen=True, slots=True)
class OperationRow:
    """Parameters or answers that older versions have otherwise, or an operation that only they have.

    ``target`` is the model's operation that answers it, the one of the same name when None; ``route`` chooses it by
    the request, in contracts that have the field ``routed_by``: (type, field). ``answers``
    answers at once, without any operation of the model: it returns when there is nothing to say and raises the refusal
    otherwise. ``lacks`` names a parameter that the row stands in for where the older contract has none. ``takes`` and
    ``gives`` are those of messages; ``gives`` gets the request that is answered as its last argument.
    """

    key: Key
    fields: tuple[str, ...]
    why: str
    target: Key | None = None
    takes: Takes | None = None
    gives: Callable[[Any, Any, Passage, Any], None] | None = None
    route: Callable[[Any], Key] | None = None
    routed_by: tuple[str, str] | None = None
    answers: Callable[[Any], None] | None = None
    lacks: str | None = None

    def applies(self, older: Contract, model: Contract) -> bool:
        service, operation = self.key
        if service not in older.services or operation not in older.services[service].operations:
            return False
        if self.answers is not None or self.target is not None:
            return True
        if self.routed_by is not None:
            return _has(older, *self.routed_by)
        theirs, ours = older.operation(service, operation), model.operation(service, operation)
        if self.lacks is not None:
            return _named(theirs.request, self.lacks) is None
        pairs = [(theirs.request, ours.request), (theirs.response, ours.response)]
        return any(
            differs(field, _named(mine, field.name), older, model)
            for their, mine in pairs
            for field in their
            if field.name in self.fields
        )


def differs(older: Field, ours: Field | None, theirs: Contract, model: Contract) -> bool:
    """Whether a field means something else in the model, or nothing."""
    if ours is None or older != ours:
        return True
    return theirs.enums.get(older.type) != model.enums.get(ours.type)


def _named(fields: tuple[Field, ...], name: str) -> Field | None:
    return next((field for field in fields if field.name == name), None)


def _has(facts: Contract, type_name: str, field: str) -> bool:
    return type_name in facts.types and _named(facts.types[type_name].fields, field) is not None
