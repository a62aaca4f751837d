"""A contract with operations of another one: how versions are described for which no data file exists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from cashbox_service.contract.model import Contract, Field, Operation, Service, Type


def with_operations(base: Contract, other: Contract, service: str, names: Sequence[str]) -> Contract:
    """``base`` with operations of ``other``'s service, and with the types and enumerations that they need.

    A type that both have keeps the shape it has in ``base``.
    """
    added = {name: other.operation(service, name) for name in names}
    operations = {**base.services[service].operations, **added}
    types, enums = _needed(base, other, added.values())
    return replace(
        base,
        services={**base.services, service: Service(service, operations)},
        types={**base.types, **types},
        enums={**base.enums, **enums},
    )


def _needed(
    base: Contract, other: Contract, operations: Iterable[Operation]
) -> tuple[dict[str, Type], dict[str, tuple[str, ...]]]:
    """The types and enumerations of ``other`` that the operations lead to and ``base`` lacks."""
    types: dict[str, Type] = {}
    enums: dict[str, tuple[str, ...]] = {}
    fields: list[Field] = [field for each in operations for field in (*each.request, *each.response)]
    while fields:
        name = fields.pop().type
        if name in other.types and name not in base.types and name not in types:
            types[name] = other.types[name]
            fields += types[name].fields
        elif name in other.enums and name not in base.enums:
            enums[name] = other.enums[name]
    return types, enums
