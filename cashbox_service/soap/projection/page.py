"""``docs/versions.md``: which versions there are, what each is served from, and what is otherwise in older ones.

Run: ``python -m cashbox_service.soap.projection.page`` writes the page, ``--check`` tells whether it is up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator

from cashbox_service import contract
from cashbox_service.contract import Contract
from cashbox_service.pages import code, run, table
from cashbox_service.soap.projection import TYPE_ROWS, model
from cashbox_service.soap.projection.enumerations import LAST_RESORT, NEAREST
from cashbox_service.soap.projection.operations import OPERATIONS
from cashbox_service.soap.projection.rows import OperationRow, TypeRow
from cashbox_service.soap.versions import CHANGES, HONOURS_SRD, SOURCES, Change, Version

PAGE = "versions.md"

_INTRODUCTION = """\
# Versions of the interface

Written by `python -m cashbox_service.soap.projection.page` from the tables of the program; do not edit.

A client of any version from {first} on works as it is: the server publishes that version's documents under
`/<version>/` and `/v<version>/`, answers in its namespaces, and shows each object as that version knows it. Which
version a call is of, the namespace of its operation says, and nothing else. There is one stored state: what one
version writes all others read, and fields that a version does not know are left out of its answers and left alone by
its updates.

The handlers speak version {model}, the model. What is otherwise in an older version is a row of the tables below, which
`cashbox_service/soap/projection` applies to the messages of a call on its way in and out. A row applies to every
version whose contract differs there; the last column names the contracts.
"""
_SOURCES = """\

## Sources

Five contracts are known; `cashbox_service/contract` holds them as data, [`wsdl/`](../wsdl) as documents. Every version
is served from one of them. The contract of 20.0 was read from a client library that left out three services,
ElectronicSignature, EmailTemplate and PaymentProvider: they are served in 20.0 as they are in 22.0. The service
SeasonSet is known from 20.0 alone, and served in 22.0 as well.
"""
_CHANGES = """\

## What came in between

Versions before a change are served without it, versions after it with it, whatever their source has.
"""
_OPERATIONS = """\

## Operations

Refusals are those of the operation that answers ([fidelity.md](fidelity.md)). One that {model} does not have here yet
([coverage.md](coverage.md)) is answered 503 in every version.
"""
_TYPES = """\

## Fields
"""
_VALUES = """\

## Values

Where the other side does not know a value it is left out of the message. These have a nearest one; those of
PaymentMethodType stand in a TransactionStatus alone, which cannot do without.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([*_lines(), ""])


def _lines() -> Iterator[str]:
    ours = model()
    yield _INTRODUCTION.format(first=_text(SOURCES[0][0]), model=ours.version)
    yield _SOURCES.lstrip("\n")
    yield from table(("Versions", "Served from", "Services", "Operations"), _sources())
    yield _CHANGES
    yield from table(("Since", "What", "Source"), _changes())
    yield _OPERATIONS.format(model=ours.version)
    yield from table(("Operation", "Parts", "Answered", "In"), [_operation(row) for row in OPERATIONS])
    yield _TYPES
    yield from table(("Type", "Fields", "Rule", "In"), [_type(row) for row in TYPE_ROWS])
    yield _VALUES
    yield from table(("Enumeration", "Value", "Becomes"), _values())


def _sources() -> Iterator[tuple[str, ...]]:
    ends = [first for first, _ in SOURCES[1:]]
    for (first, name), end in zip(SOURCES, [*ends, None], strict=True):
        facts = contract.load(name)
        operations = sum(len(service.operations) for service in facts.services.values())
        span = f"{_text(first)} and later" if end is None else f"{_text(first)} – before {_text(end)}"
        yield span, name, str(len(facts.services)), str(operations)


def _changes() -> Iterator[tuple[str, ...]]:
    heeded = "sparse response descriptions are heeded; before, they have no effect"
    rows = [(change.since, _change(change)) for change in CHANGES]
    rows.append((HONOURS_SRD, (_text(HONOURS_SRD), heeded, "conventions §8")))
    yield from (row for _, row in sorted(rows))


def _change(change: Change) -> tuple[str, ...]:
    names = ", ".join(code(f"{change.service}.{name}") for name in change.operations)
    what = names if change.parameter is None else f"parameter {code(change.parameter)} of {names}"
    shape = f"; the shape of {change.shape} before 4.0" if change.shape is not None else ""
    return _text(change.since), what + shape, change.evidence


def _operation(row: OperationRow) -> tuple[str, ...]:
    return code(".".join(row.key)), _codes(row.fields), row.why, _where(row.applies)


def _type(row: TypeRow) -> tuple[str, ...]:
    return code(row.type), _codes(row.fields), row.why, _where(row.applies)


def _values() -> Iterator[tuple[str, ...]]:
    for values in (NEAREST, LAST_RESORT):
        for enum, nearest in values.items():
            for value, other in nearest.items():
                yield code(enum), code(value), code(other)


def _where(applies: Callable[[Contract, Contract], bool]) -> str:
    ours = model()
    return ", ".join(name for _, name in SOURCES if applies(contract.load(name), ours))


def _codes(names: Iterable[str]) -> str:
    return ", ".join(code(name) for name in names)


def _text(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


def main(arguments: list[str] | None = None) -> int:
    return run(PAGE, page(), "Write docs/versions.md.", arguments)


if __name__ == "__main__":
    sys.exit(main())
