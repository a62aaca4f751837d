"""Frozen domain dataclasses to plain JSON structures and back, by their annotations.

Supported field types: str, int, bool, Decimal, date, datetime, Enum, nested dataclasses, ``tuple[X, ...]``,
``dict[str, X]`` and ``X | None``. Fields that hold their default are left out, so that a later field with a
default reads old documents. Converters are built once per type; ``text`` writes the JSON of what ``dump`` gives in a
third of the time.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, Union, cast

Converter = Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _optional(kind: Any) -> Any:
    """The X of ``X | None``, or None when the type is not optional."""
    if typing.get_origin(kind) in (Union, types.UnionType):
        members = [member for member in typing.get_args(kind) if member is not type(None)]
        if len(members) == 1:
            return members[0]
    return None


@cache
def dump(kind: Any) -> Converter:
    """A function that turns a value of ``kind`` into JSON structures."""
    inner = _optional(kind)
    if inner is not None:
        convert = dump(inner)
        return _same if convert is _same else lambda value: None if value is None else convert(value)
    origin = typing.get_origin(kind)
    if origin is tuple:
        item = dump(typing.get_args(kind)[0])
        return lambda value: [item(entry) for entry in value]
    if origin is dict:
        item = dump(typing.get_args(kind)[1])
        return lambda value: {key: item(entry) for key, entry in value.items()}
    if kind in (str, int, bool, Any):
        return _same
    if kind is Decimal:
        return lambda value: format(value, "f")
    if kind in (date, datetime):
        return lambda value: value.isoformat()
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda value: value.value
    if dataclasses.is_dataclass(kind):
        return _dump_dataclass(kind)
    raise TypeError(f"no document form for {kind!r}")


@cache
def text(kind: Any) -> Callable[[Any], str]:
    """A function that turns a value of ``kind`` into the text of its JSON document."""
    inner = _optional(kind)
    if inner is not None:
        write = text(inner)
        return lambda value: "null" if value is None else write(value)
    origin = typing.get_origin(kind)
    if origin is tuple:
        item = text(typing.get_args(kind)[0])
        return lambda value: f"[{','.join([item(entry) for entry in value])}]" if value else "[]"
    if kind is str:
        return quoted
    if kind is int:
        return str
    if kind is bool:
        return {False: "false", True: "true"}.__getitem__
    if kind is Decimal:
        return _decimal_text
    if kind in (date, datetime):
        return lambda value: f'"{value.isoformat()}"'
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {member: json.dumps(member.value) for member in kind}.__getitem__
    if dataclasses.is_dataclass(kind):
        return _write_dataclass(kind)
    convert = dump(kind)
    if origin is dict:
        return lambda value: json.dumps(convert(value)) if value else "{}"
    return lambda value: json.dumps(convert(value))


def _decimal_text(value: Decimal) -> str:
    written = str(value)
    return f'"{value:f}"' if "E" in written else f'"{written}"'


@cache
def load(kind: Any) -> Converter:
    """A function that turns JSON structures back into a value of ``kind``."""
    inner = _optional(kind)
    if inner is not None:
        convert = load(inner)
        return _same if convert is _same else lambda value: None if value is None else convert(value)
    origin = typing.get_origin(kind)
    if origin is tuple:
        item = load(typing.get_args(kind)[0])
        return lambda value: tuple([item(entry) for entry in value])
    if origin is dict:
        item = load(typing.get_args(kind)[1])
        return lambda value: {key: item(entry) for key, entry in value.items()}
    if kind in (str, int, bool, Any):
        return _same
    if kind is Decimal:
        return Decimal
    if kind is datetime:
        return datetime.fromisoformat
    if kind is date:
        return date.fromisoformat
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if dataclasses.is_dataclass(kind):
        return _load_dataclass(kind)
    raise TypeError(f"no document form for {kind!r}")


def _fields(kind: Any) -> list[tuple[dataclasses.Field[Any], Any]]:
    hints = typing.get_type_hints(kind)
    return [(field, hints[field.name]) for field in dataclasses.fields(kind)]


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default is not dataclasses.MISSING:
        return field.default
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return dataclasses.MISSING


def _dump_dataclass(kind: Any) -> Converter:
    parts = [(field.name, dump(hint), _default(field)) for field, hint in _fields(kind)]

    def convert(value: Any) -> dict[str, Any]:
        document: dict[str, Any] = {}
        for name, dump_field, default in parts:
            entry = getattr(value, name)
            if entry is not default and entry != default:
                document[name] = dump_field(entry)
        return document

    return convert


def _write_dataclass(kind: Any) -> Callable[[Any], str]:
    """Made as code of its own: one test per field, and no more for those that hold their default."""
    known: dict[str, Any] = {}
    code = ["def write(value):", " parts = []"]
    for number, (field, hint) in enumerate(_fields(kind)):
        known |= {f"write_{number}": text(_optional(hint) or hint), f"default_{number}": _default(field)}
        code += [
            f" entry = value.{field.name}",
            f" if entry is not default_{number} and entry != default_{number}:",
            f"  parts.append({f'{quoted(field.name)}:'!r} + {_written(hint, f'write_{number}')})",
        ]
    code.append(" return '{' + ','.join(parts) + '}'")
    exec("\n".join(code), known)  # noqa: S102 - names of fields are all that it is made of
    return cast("Callable[[Any], str]", known["write"])


def _written(hint: Any, write: str) -> str:
    """The expression for the text of an entry."""
    inner = _optional(hint)
    return f"{write}(entry)" if inner is None else f"('null' if entry is None else {write}(entry))"


def _load_dataclass(kind: Any) -> Converter:
    loaders = {field.name: load(hint) for field, hint in _fields(kind)}

    def convert(document: dict[str, Any]) -> Any:
        return kind(**{name: loaders[name](entry) for name, entry in document.items() if name in loaders})

    return convert
