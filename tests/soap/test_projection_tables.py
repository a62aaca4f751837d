"""The projection tables leave no gap: every field, value and operation of every version has its place in the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from cashbox_service.contract import Contract, Field, versions
from cashbox_service.soap.projection import TYPE_ROWS, model
from cashbox_service.soap.projection.enumerations import LAST_RESORT, NEAREST
from cashbox_service.soap.projection.fitting import Unfit, conversion
from cashbox_service.soap.projection.operations import OPERATIONS
from cashbox_service.soap.projection.rows import differs
from cashbox_service.soap.versions import CHANGES, SOURCES, contract_of

MODEL = model()
ODD_VERSIONS = ("3.4", "3.7", "3.9", "4.2", "5.0", "13.0", "17.0", "19.0")
CONTRACTS = [contract_of(version) for version in (*versions(), *ODD_VERSIONS)]
OLDER = [pytest.param(facts, id=facts.version) for facts in CONTRACTS if facts is not None]


def gaps(
    older: Contract, owner: str, theirs: Sequence[Field], ours: Sequence[Field], *, required: bool
) -> Iterator[str]:
    """The fields of an older object without a counterpart in the model; those it demands alone, if ``required``."""
    by_name = {field.name: field for field in ours}
    for field in theirs:
        mine = by_name.get(field.name)
        if mine is None:
            yield f"{owner}.{field.name} is not in the model"
            continue
        for source, target, facts, others in (
            (field, mine, older, MODEL),
            (mine, field, MODEL, older),
        ):
            try:
                conversion(source, target, facts, others, frozenset())
            except Unfit as error:
                yield f"{owner}.{error}"
        if required and field.required and not mine.required:
            yield f"{owner}.{field.name} is required, and the model's is not"


def spoken_of(older: Contract) -> set[str]:
    rows = {f"{row.type}.{name}" for row in TYPE_ROWS if row.applies(older, MODEL) for name in row.fields}
    for operation in OPERATIONS:
        if operation.applies(older, MODEL):
            rows |= {f"{'.'.join(operation.key)}.{name}" for name in operation.fields}
    return rows


@pytest.mark.parametrize("older", OLDER)
def test_every_field_of_a_type_has_a_place(older: Contract) -> None:
    known = set(MODEL.types) | {"EnhancedAuthResponse", "MetricStatistics"}  # reached through rows alone
    assert set(older.types) <= known
    found = [
        gap
        for each in older.types.values()
        if each.name in MODEL.types
        for gap in gaps(older, each.name, each.fields, MODEL.types[each.name].fields, required=True)
    ]
    spoken = spoken_of(older)
    assert [gap for gap in found if gap.split(" ")[0].rstrip(":") not in spoken] == []


@pytest.mark.parametrize("older", OLDER)
def test_every_operation_and_every_part_of_it_has_a_place(older: Contract) -> None:
    rows = {row.key: row for row in OPERATIONS if row.applies(older, MODEL)}
    spoken = spoken_of(older)
    found: list[str] = []
    for service in older.services.values():
        for name, operation in service.operations.items():
            row = rows.get((service.name, name))
            target = (row.target if row is not None else None) or (service.name, name)
            if row is not None and row.answers is not None:
                continue
            assert target[1] in MODEL.services[target[0]].operations, target
            mine = MODEL.operation(*target)
            owner = f"{service.name}.{name}"
            found += gaps(older, owner, operation.request, mine.request, required=False)
            found += gaps(older, owner, operation.response, mine.response, required=True)
    assert [gap for gap in found if gap.split(" ")[0].rstrip(":") not in spoken] == []


@pytest.mark.parametrize("older", OLDER)
def test_a_required_value_that_an_older_version_lacks_has_a_substitute(older: Contract) -> None:
    for each in older.types.values():
        for field in each.fields:
            if not field.required or field.type not in older.enums or field.type not in MODEL.enums:
                continue
            allowed = set(older.enums[field.type])
            substitutes = {**NEAREST.get(field.type, {}), **LAST_RESORT.get(field.type, {})}
            for value in set(MODEL.enums[field.type]) - allowed:
                assert substitutes.get(value) in allowed, f"{each.name}.{field.name}: {value}"


def test_every_row_applies_to_a_version_and_speaks_of_fields_that_it_has() -> None:
    for row in TYPE_ROWS:
        older = [facts for facts in CONTRACTS if facts is not None and row.applies(facts, MODEL)]
        assert older, row
        for name in row.fields:
            assert any(name in {field.name for field in facts.types[row.type].fields} for facts in older), (
                name
            )
    for operation in OPERATIONS:
        older = [facts for facts in CONTRACTS if facts is not None and operation.applies(facts, MODEL)]
        assert older, operation
        assert MODEL not in older, operation
        parts = {
            field.name
            for facts in older
            for field in (*facts.operation(*operation.key).request, *facts.operation(*operation.key).response)
        }
        assert set(operation.fields) <= parts, operation.key


@pytest.mark.parametrize("older", OLDER)
def test_no_operation_has_two_rows_and_no_field_is_spoken_of_twice(older: Contract) -> None:
    keys = [row.key for row in OPERATIONS if row.applies(older, MODEL)]
    assert len(keys) == len(set(keys))
    fields = [(row.type, name) for row in TYPE_ROWS if row.applies(older, MODEL) for name in row.fields]
    assert len(fields) == len(set(fields))


def test_every_substitute_is_a_value_of_some_version() -> None:
    for enum, values in (*NEAREST.items(), *LAST_RESORT.items()):
        known = {value for facts in CONTRACTS if facts is not None for value in facts.enums[enum]}
        assert {*values, *values.values()} <= known


def test_every_change_is_told_by_a_contract() -> None:
    """What a version gained is in the contract of the range it falls into, or in the one it names."""
    contracts = {name: contract_of(name) for _, name in SOURCES}
    for change in CHANGES:
        facts = contracts[change.shape or [name for first, name in SOURCES if first <= change.since][-1]]
        assert facts is not None
        operations = facts.services[change.service].operations
        assert set(change.operations) <= set(operations)
        if change.parameter is not None:
            for name in change.operations:
                assert change.parameter in {field.name for field in operations[name].request}


def test_fields_with_other_values_differ() -> None:
    older = contract_of("8.0")
    assert older is not None
    status = next(field for field in older.types["AutoBill"].fields if field.name == "status")
    assert differs(status, status, older, MODEL)
    assert not differs(status, status, MODEL, MODEL)
