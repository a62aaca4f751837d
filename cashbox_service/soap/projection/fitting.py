"""How single values get from one contract to another, and which types need no change at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from cashbox_service.contract import Contract, Field
from cashbox_service.soap.projection.enumerations import LAST_RESORT, NEAREST
from cashbox_service.soap.projection.rows import Passage

Convert = Callable[[Any, Passage], Any]
"""The value of a field as the other contract has it. None for values that stay as they are."""

_NUMBERS = frozenset({"xsd:decimal", "xsd:float"})
_TEXT = "xsd:string"


class Unfit(Exception):
    """A field whose values have no place in the other contract: it needs a row."""


def conversion(
    source: Field, target: Field, source_facts: Contract, target_facts: Contract, passing: frozenset[str]
) -> Convert | None:
    """How values of ``source`` become values of ``target``. Raises Unfit."""
    one = _single(source, target, source_facts, target_facts, passing)
    if source.repeated == target.repeated:
        return one if one is None or not source.repeated else _each(one)
    return _first(one) if source.repeated else _listed(one)


def passing_types(older: Contract, model: Contract, blocked: Iterable[str]) -> frozenset[str]:
    """The types whose records serve both contracts: all that the older one has is in the model, with equal values.

    ``blocked`` are those that a row speaks of.
    """
    candidates = set(older.types) & set(model.types) - set(blocked)
    while True:
        found = frozenset(candidates)
        candidates = {name for name in found if _passes(older, model, name, found)}
        if len(candidates) == len(found):
            return found


def passing_fields(
    theirs: Sequence[Field], ours: Sequence[Field], older: Contract, model: Contract, passing: frozenset[str]
) -> bool:
    """Whether every field of an older object is one of the model's, with values that both share."""
    by_name = {field.name: field for field in ours}
    try:
        return all(
            field.name in by_name
            and field.required <= by_name[field.name].required
            and conversion(field, by_name[field.name], older, model, passing) is None
            and conversion(by_name[field.name], field, model, older, passing) is None
            for field in theirs
        )
    except Unfit:
        return False


def _passes(older: Contract, model: Contract, name: str, passing: frozenset[str]) -> bool:
    return passing_fields(older.types[name].fields, model.types[name].fields, older, model, passing)


def _single(
    source: Field, target: Field, source_facts: Contract, target_facts: Contract, passing: frozenset[str]
) -> Convert | None:
    if source.type in source_facts.types or target.type in target_facts.types:
        if source.type != target.type:
            raise Unfit(f"{source.name}: {source.type} is not {target.type}")
        return None if source.type in passing else _object(source.type)
    if target.type in target_facts.enums:
        return _enumeration(source, target, source_facts, target_facts)
    base = source_facts.enum_base(source.type) if source.type in source_facts.enums else source.type
    return _simple(source.name, base, target.type)


def _simple(name: str, source: str, target: str) -> Convert | None:
    if source == target or {source, target} <= _NUMBERS:
        return None
    if source == "xsd:int" and target in _NUMBERS:
        return lambda value, _: Decimal(value)
    raise Unfit(f"{name}: {source} is not {target}")


def _enumeration(
    source: Field, target: Field, source_facts: Contract, target_facts: Contract
) -> Convert | None:
    allowed = frozenset(target_facts.enums[target.type])
    nearest: Mapping[str, str] = NEAREST.get(target.type, {})
    if target.required:
        nearest = {**nearest, **LAST_RESORT.get(target.type, {})}
    if source.type in source_facts.enums and allowed.issuperset(source_facts.enums[source.type]):
        return None
    if target_facts.enum_base(target.type) != _TEXT:
        return lambda value, _: value if str(value) in allowed else int(nearest.get(str(value), value))

    def convert(value: Any, _: Passage) -> Any:
        if value in allowed:
            return value
        other = nearest.get(value)
        return other if other in allowed else None

    return convert


def _object(name: str) -> Convert:
    return lambda value, passage: passage.record(name, value)


def _each(one: Convert) -> Convert:
    def convert(values: Any, passage: Passage) -> Any:
        converted = [one(value, passage) for value in values]
        return tuple([value for value in converted if value is not None])

    return convert


def _first(one: Convert | None) -> Convert:
    def convert(values: Any, passage: Passage) -> Any:
        if not values:
            return None
        return values[0] if one is None else one(values[0], passage)

    return convert


def _listed(one: Convert | None) -> Convert:
    return lambda value, passage: (value if one is None else one(value, passage),)
