"""The shape of a contract: services, operations, types and enumerations of one API version."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

XSD_PREFIX = "xsd:"


@dataclass(frozen=True, slots=True)
class Field:
    """One element of a type, a request or a response, in schema order.

    ``type`` is an XML schema type (``xsd:int``) or the plain name of a type or enumeration of the contract.
    """

    name: str
    type: str
    required: bool
    repeated: bool

    @property
    def attribute(self) -> str:
        """The name as a Python attribute: ``return`` becomes ``return_``."""
        return f"{self.name}_" if keyword.iskeyword(self.name) else self.name

    @property
    def is_builtin(self) -> bool:
        """Whether the type is one of XML schema's own."""
        return self.type.startswith(XSD_PREFIX)


@dataclass(frozen=True, slots=True)
class Type:
    """A complex type."""

    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a service: the parts of its request and of its response, in schema order."""

    name: str
    request: tuple[Field, ...]
    response: tuple[Field, ...]

    @property
    def response_element(self) -> str:
        return f"{self.name}Response"


@dataclass(frozen=True, slots=True)
class Service:
    """A service and its operations by name, in WSDL order."""

    name: str
    operations: Mapping[str, Operation]


@dataclass(frozen=True)
class Contract:
    """Everything the interface of one API version fixes.

    ``namespaces`` holds ``types`` and the pattern ``service`` (with ``{Service}``); ``enum_bases`` the schema type of
    the enumerations that do not restrict ``xsd:string``.
    """

    version: str
    namespaces: Mapping[str, str]
    enums: Mapping[str, tuple[str, ...]]
    enum_bases: Mapping[str, str]
    types: Mapping[str, Type]
    services: Mapping[str, Service]

    @cached_property
    def types_namespace(self) -> str:
        return self.namespaces["types"]

    def service_namespace(self, service: str) -> str:
        return self.namespaces["service"].format(Service=service)

    def enum_base(self, enum: str) -> str:
        return self.enum_bases.get(enum, "xsd:string")

    def operation(self, service: str, operation: str) -> Operation:
        return self.services[service].operations[operation]
