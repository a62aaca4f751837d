"""The interface facts of each API version, as data files with a typed loader.

Here live names, order, occurrence and types of everything on the wire, and which names are identifiers. What a call
does, and how bytes are read or written, does not belong here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from cashbox_service.contract.identifiers import IDENTIFIERS
from cashbox_service.contract.model import Contract, Field, Operation, Service, Type

__all__ = ["IDENTIFIERS", "Contract", "Field", "Operation", "Service", "Type", "load", "parse", "versions"]

_OCCURRENCE = {"?": (False, False), "*": (False, True), "+": (True, True)}
"""Suffix of a type reference: (required, repeated); without a suffix the element occurs exactly once."""


@cache
def load(version: str) -> Contract:
    """The contract of ``version``, such as ``22.0``. Raises KeyError when there is none."""
    if version not in versions():
        raise KeyError(f"no contract of version {version!r}")
    file = resources.files(__name__).joinpath(f"{version}.json")
    return parse(json.loads(file.read_text(encoding="utf-8")))


@cache
def versions() -> tuple[str, ...]:
    """All versions that have a contract, oldest first."""
    names = (entry.name for entry in resources.files(__name__).iterdir())
    found = [name.removesuffix(".json") for name in names if name.endswith(".json")]
    return tuple(sorted(found, key=lambda version: [int(number) for number in version.split(".")]))


def parse(facts: Mapping[str, Any]) -> Contract:
    """The contract written in the notation of the data files."""
    return Contract(
        version=facts["version"],
        namespaces=facts["namespaces"],
        enums={name: tuple(values) for name, values in facts["enums"].items()},
        enum_bases=facts.get("enumBases", {}),
        types={name: Type(name, _fields(parts)) for name, parts in facts["types"].items()},
        services={name: Service(name, _operations(parts)) for name, parts in facts["services"].items()},
    )


def _operations(parts: Mapping[str, Any]) -> dict[str, Operation]:
    return {name: Operation(name, _fields(each["in"]), _fields(each["out"])) for name, each in parts.items()}


def _fields(parts: Mapping[str, str]) -> tuple[Field, ...]:
    return tuple(_field(name, reference) for name, reference in parts.items())


def _field(name: str, reference: str) -> Field:
    required, repeated = _OCCURRENCE.get(reference[-1], (True, False))
    return Field(name, reference.rstrip("?*+"), required, repeated)
