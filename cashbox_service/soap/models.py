"""The contract's types as Spyne classes: what the descriptors of the operations are declared with.

The values of a call never become instances of these; they are records (``records.py``). The classes are shared by the
applications of all services of one version. Types refer to each other in circles, so all of them exist before the
first gets its fields.
"""

from __future__ import annotations

from typing import Any

from cashbox_service.contract import Contract, Field
from cashbox_service.soap.spyne_compat import (
    AnyUri,
    Boolean,
    ByteArray,
    ComplexModel,
    Date,
    DateTime,
    Decimal,
    Enum,
    Float,
    Integer,
    Integer32,
    Integer64,
    Unicode,
)

_BUILTIN: dict[str, Any] = {
    "xsd:anyURI": AnyUri,
    "xsd:base64Binary": ByteArray,
    "xsd:boolean": Boolean,
    "xsd:date": Date,
    "xsd:dateTime": DateTime,
    "xsd:decimal": Decimal,
    "xsd:float": Float,
    "xsd:int": Integer32,
    "xsd:integer": Integer,
    "xsd:long": Integer64,
    "xsd:string": Unicode,
}

Key = tuple[str, bool, bool]


class Models:
    """The Spyne classes of one contract."""

    def __init__(self, contract: Contract) -> None:
        self._named: dict[str, Any] = dict(_BUILTIN)
        for name, values in contract.enums.items():
            base = contract.enum_base(name)
            self._named[name] = Enum(*values, type_name=name) if base == "xsd:string" else _BUILTIN[base]
        for name in contract.types:
            scope = {"__namespace__": contract.types_namespace}
            self._named[name] = type(ComplexModel)(name, (ComplexModel,), scope)
        self._occurring: dict[Key, Any] = {}
        for each in contract.types.values():
            for field in each.fields:
                self._named[each.name].append_field(field.name, self.of(field))

    def of(self, field: Field) -> Any:
        """The class of the field's values, with its occurrence."""
        if not field.required and not field.repeated:
            return self._named[field.type]  # what Spyne's classes are by themselves
        key = (field.type, field.required, field.repeated)
        if key not in self._occurring:
            most = "unbounded" if field.repeated else 1
            self._occurring[key] = self._named[field.type].customize(
                min_occurs=int(field.required), max_occurs=most
            )
        return self._occurring[key]
