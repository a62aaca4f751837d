"""Small value objects cut down to what a sparse response description asks for.

The mappers of large objects ask before they build each part; for prices, log entries and the like it is simpler to
build them whole and take out what was not asked for. Source: spec conventions §8.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple, TypeVar

from cashbox_service.contract import load, versions
from cashbox_service.soap.record import Record
from cashbox_service.soap.srd import Selection

R = TypeVar("R", bound=Record)

_KEYS = {"Event": "merchantEventId", "Token": "merchantTokenId"}
"""The merchant's id of the value objects that have one; it is never left out."""


class _Part(NamedTuple):
    name: str
    attribute: str
    always: bool
    absent: object


def narrowed(record: R, selection: Selection) -> R:
    """``record`` without what is not selected; what the schema requires and identifiers stay."""
    if selection.everything:
        return record
    for part in _parts(type(record).__name__):
        value = getattr(record, part.attribute)
        if value is None:
            continue
        if not part.always and not selection.wants(part.name):
            setattr(record, part.attribute, part.absent)
        elif isinstance(value, Record):
            narrowed(value, selection.child(part.name))
        elif isinstance(value, tuple | list):
            narrowed_all((each for each in value if isinstance(each, Record)), selection.child(part.name))
    return record


def narrowed_all(records: Iterable[R], selection: Selection) -> tuple[R, ...]:
    """Every one of ``records`` narrowed alike."""
    return tuple([narrowed(record, selection) for record in records])


@cache
def _parts(type_name: str) -> tuple[_Part, ...]:
    fields = load(versions()[-1]).types[type_name].fields
    key = _KEYS.get(type_name)
    return tuple(
        _Part(
            field.name, field.attribute, field.required or field.name == key, () if field.repeated else None
        )
        for field in fields
    )
