"""What an answer to one operation consists of, derived from the contract once and kept."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cashbox_service.contract import Contract, Field
from cashbox_service.soap import records
from cashbox_service.soap.record import Record
from cashbox_service.soap.srd import Selection

_RETURN = "return"
_ON_FAILURE: dict[str, Any] = {
    "xsd:boolean": False,
    "xsd:decimal": Decimal(0),
    "xsd:int": 0,
    "xsd:integer": 0,
    "xsd:long": 0,
    "xsd:string": "",
}
"""Values of required simple parts in an answer that has nothing to say. Source: conventions §2.2."""


@dataclass(frozen=True, slots=True)
class ResponseShape:
    """The parts of a response: all names, those of objects, and how parts are left out or filled in.

    ``optional`` holds name, attribute and the value that leaves the part out; ``required`` attribute and value.
    """

    make: type[Record]
    parts: frozenset[str]
    objects: tuple[str, ...]
    optional: tuple[tuple[str, str, Any], ...]
    required: tuple[tuple[str, Any], ...]

    def drop_unselected(self, response: Record, selection: Selection) -> None:
        """Leave out the parts that are not selected, but for those the schema requires."""
        for name, attribute, absent in self.optional:
            if not selection.wants(name):
                setattr(response, attribute, absent)

    def fill_required(self, response: Record) -> None:
        """Give the required simple parts a value where they have none."""
        for attribute, value in self.required:
            if getattr(response, attribute) is None:
                setattr(response, attribute, value)


def response_shape(
    contract: Contract, service: str, operation: str, make: type[Record] | None = None
) -> ResponseShape:
    """The shape of an answer whose record is made by ``make``, by the model's class when it is not given."""
    fields = contract.operation(service, operation).response
    content = [field for field in fields if field.name != _RETURN]
    return ResponseShape(
        make=make or records.RESPONSES[service, operation],
        parts=frozenset(field.name for field in fields),
        objects=tuple(field.name for field in content if field.type in contract.types),
        optional=tuple(
            (field.name, field.attribute, () if field.repeated else None)
            for field in content
            if not field.required
        ),
        required=tuple(
            (field.attribute, _ON_FAILURE[field.type])
            for field in content
            if _is_required_value(field, contract)
        ),
    )


def _is_required_value(field: Field, contract: Contract) -> bool:
    return field.required and not field.repeated and field.type not in contract.types
