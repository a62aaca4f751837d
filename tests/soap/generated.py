"""Deep messages made from the contract: every field filled, repeated ones twice, nesting cut at a depth.

The values differ from field to field, so that two fields changing places is noticed, and are awkward where the type
allows it: markup, quotes, carriage returns, letters beyond Latin, negative offsets, many digits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import count
from typing import Any, NamedTuple

from cashbox_service.contract import IDENTIFIERS, Contract, Field
from cashbox_service.soap import records
from cashbox_service.soap.record import Record

DEPTH = 2
"""Optional objects nested deeper are left out; required ones are always there."""

_START = datetime(2024, 3, 10, 1, 59, 59, tzinfo=timezone(-timedelta(hours=3, minutes=30)))


class Classes(NamedTuple):
    """The classes that messages are made of."""

    types: Mapping[str, type[Record]] = records.TYPES
    requests: Mapping[tuple[str, str], type[Record]] = records.REQUESTS
    responses: Mapping[tuple[str, str], type[Record]] = records.RESPONSES


MODEL = Classes()


def request(facts: Contract, service: str, operation: str, classes: Classes = MODEL) -> Record:
    """The fullest request of the operation."""
    fields = facts.operation(service, operation).request
    return _filled(facts, classes, classes.requests[service, operation], fields, DEPTH, count(1))


def response(facts: Contract, service: str, operation: str, classes: Classes = MODEL) -> Record:
    """The fullest response of the operation."""
    fields = facts.operation(service, operation).response
    return _filled(facts, classes, classes.responses[service, operation], fields, DEPTH, count(1))


def plain(value: Any) -> Any:
    """A record, or what zeep made of one, as dictionaries and lists without absent values; moments in UTC."""
    if isinstance(value, Record):
        value = {name.removesuffix("_"): getattr(value, name) for name in value.__slots__}
    if isinstance(value, dict):
        parts = {name: plain(part) for name, part in value.items()}
        return {name: part for name, part in parts.items() if part is not None and part != []}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def leaves(value: Any, path: str = "") -> dict[str, Any]:
    """The simple values by path, such as ``account.nameValues.0.name``; an object without any is as good as absent."""
    value = plain(value)
    if isinstance(value, list):
        value = dict(enumerate(value))
    if not isinstance(value, dict):
        return {path: value}
    found: dict[str, Any] = {}
    for name, part in value.items():
        found |= leaves(part, f"{path}.{name}" if path else str(name))
    return found


def operations(facts: Contract) -> Iterator[tuple[str, str]]:
    for service in facts.services.values():
        for operation in service.operations:
            yield service.name, operation


def _filled(
    facts: Contract,
    classes: Classes,
    make: type[Record],
    fields: Sequence[Field],
    depth: int,
    numbers: Iterator[int],
) -> Record:
    values: dict[str, Any] = {}
    for field in fields:
        if field.type in facts.types and depth < 0 and not field.required:
            continue
        items = [_value(facts, classes, field, depth, numbers) for _ in range(2 if field.repeated else 1)]
        values[field.attribute] = items if field.repeated else items[0]
    return make(**values)


def _value(facts: Contract, classes: Classes, field: Field, depth: int, numbers: Iterator[int]) -> Any:
    if field.type in facts.types:
        inner = facts.types[field.type].fields
        return _filled(facts, classes, classes.types[field.type], inner, depth - 1, numbers)
    number = next(numbers)
    if field.type in facts.enums:
        choices = facts.enums[field.type]
        choice = choices[number % len(choices)]
        return int(choice) if facts.enum_base(field.type) == "xsd:int" else choice
    return _simple(field, number)


def _simple(field: Field, number: int) -> Any:
    if field.name in IDENTIFIERS and field.type == "xsd:string":
        return f"{field.name}-{number}"
    return {
        "xsd:anyURI": f"https://example.com/?q={number}&x=<y>",
        "xsd:base64Binary": bytes(range(number % 50)) + b"\xff",
        "xsd:boolean": number % 2 == 0,
        "xsd:date": date(2024, 2, 29) + timedelta(days=number),
        "xsd:dateTime": _START + timedelta(hours=number),
        "xsd:decimal": Decimal(f"-{number}.{number:040}") if number % 3 else Decimal(number),
        "xsd:float": Decimal(f"{number}.5"),
        "xsd:int": -(2**31) + number,
        "xsd:integer": 10**20 + number,
        "xsd:long": 10**12 + number,
        "xsd:string": f" {field.name} {number} <&> \"'\r\n é漢字\U0001f600 ",
    }[field.type]
