"""Wire records to the input objects of the use cases, by name and annotation.

``draft(AccountDraft, record)`` copies every field of the draft from the record's attribute of the same name in the
wire's spelling: ``merchant_account_id`` from ``merchantAccountId``, ``vid`` from ``VID``. Nested drafts and tuples of
drafts follow their annotations. A field whose metadata says that it is ``mapped`` elsewhere keeps its default: a mapper
of its own fills it. Converters are built once per pair of classes.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, TypeVar, Union

from cashbox_service.app.drafts import Reference

D = TypeVar("D")


def draft(kind: type[D], record: object | None) -> D | None:
    """The draft of ``record``; None when the record is absent."""
    if record is None:
        return None
    convert: Callable[[Any], D] = _converter(kind, type(record))  # type: ignore[arg-type]  # classes are hashable
    return convert(record)


def drafts(kind: type[D], records: Iterable[object]) -> list[D]:
    """The drafts of records of a list."""
    return [found for record in records if (found := draft(kind, record)) is not None]


def reference(record: Any, merchant_id: str) -> Reference:
    """The identifiers of ``record``: its VID and its attribute ``merchant_id``; empty when the record is absent."""
    if record is None:
        return Reference()
    return Reference(vid=record.VID, merchant_id=getattr(record, merchant_id))


def wire_name(name: str, candidates: typing.Iterable[str]) -> str:
    """The attribute among ``candidates`` that the snake case ``name`` stands for.

    Raises TypeError when there is none: a draft may not name a field that the wire type lacks.
    """
    by_key = {candidate.lower().rstrip("_"): candidate for candidate in candidates}
    key = name.replace("_", "")
    if key not in by_key:
        raise TypeError(f"the wire type has no field for {name!r}")
    return by_key[key]


@cache
def _converter(kind: Any, record_type: type) -> Callable[[Any], Any]:
    hints = typing.get_type_hints(kind)
    copies: list[tuple[str, str]] = []
    nested: list[tuple[str, str, Any]] = []
    repeated: list[tuple[str, str, Any]] = []
    for field in dataclasses.fields(kind):
        if "mapped" in field.metadata:
            continue
        source = wire_name(field.name, _attributes(record_type))
        target = _draft_type(hints[field.name])
        if target is None:
            copies.append((field.name, source))
        elif typing.get_origin(hints[field.name]) is tuple:
            repeated.append((field.name, source, target))
        else:
            nested.append((field.name, source, target))

    def convert(record: Any) -> Any:
        values: dict[str, Any] = {name: getattr(record, source) for name, source in copies}
        for name, source, target in nested:
            values[name] = draft(target, getattr(record, source))
        for name, source, target in repeated:
            values[name] = tuple([draft(target, item) for item in getattr(record, source)])
        return kind(**values)

    return convert


def _attributes(record_type: type) -> list[str]:
    return [slot for base in record_type.__mro__ for slot in getattr(base, "__slots__", ())]


def _draft_type(hint: Any) -> Any:
    """The dataclass behind ``X``, ``X | None`` or ``tuple[X, ...]``; None for plain values."""
    if typing.get_origin(hint) in (Union, types.UnionType):
        members = [member for member in typing.get_args(hint) if member is not type(None)]
        hint = members[0] if len(members) == 1 else None
    elif typing.get_origin(hint) is tuple:
        hint = typing.get_args(hint)[0]
    return hint if dataclasses.is_dataclass(hint) else None
