"""The classes of wire records, made from a contract when they are first asked for.

A contract has hundreds of them, of which a process needs those of the operations that are called: written out as
code they would be the largest part of a start, in time and memory.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from cashbox_service.contract import Contract, Field
from cashbox_service.soap.record import Record

K = TypeVar("K")
Names = Callable[[Contract], Mapping[K, str]]

_SEASON = (("page", "xsd:int"), ("pageSize", "xsd:int"), ("nowDate", "xsd:date"))

UNPUBLISHED: Mapping[str, tuple[Field, ...]] = {
    record: tuple([Field(name, kind, required=False, repeated=False) for name, kind in parts])
    for record, parts in {
        "AutoBillUpdateResponse": (("created", "xsd:boolean"),),
        "AutoBillFetchAllInSeasonRequest": _SEASON,
        "AutoBillFetchAllOffSeasonRequest": _SEASON,
        "RatePlanRecordEventRequest": (("setTotal", "xsd:boolean"),),
    }.items()
}
"""Parts of messages, by record, that handlers speak of though 22.0 does not publish them: other versions have them."""


def request_name(service: str, operation: str) -> str:
    """Name of the record of a request: ``AutoBillMakePaymentRequest``."""
    return f"{service}{operation[0].upper()}{operation[1:]}Request"


def response_name(service: str, operation: str) -> str:
    """Name of the record of a response: ``AutoBillMakePaymentResponse``."""
    return f"{service}{operation[0].upper()}{operation[1:]}Response"


def type_names(facts: Contract) -> dict[str, str]:
    """Names of the records of types."""
    return {name: name for name in facts.types}


def request_names(facts: Contract) -> dict[tuple[str, str], str]:
    """Names of the records of requests by service and operation."""
    return {key: request_name(*key) for key in _operations(facts)}


def response_names(facts: Contract) -> dict[tuple[str, str], str]:
    """Names of the records of responses by service and operation."""
    return {key: response_name(*key) for key in _operations(facts)}


def declarations(facts: Contract) -> dict[str, tuple[str, Sequence[Field]]]:
    """Docstring and fields of every record by its name: the types, then request and response of each operation."""
    found: dict[str, tuple[str, Sequence[Field]]] = {
        each.name: (f"Type {each.name}.", each.fields) for each in facts.types.values()
    }
    for service, name in _operations(facts):
        operation, of = facts.operation(service, name), f"of {service}.{name}."
        found[request_name(service, name)] = (f"Request {of}", operation.request)
        found[response_name(service, name)] = (f"Response {of}", operation.response)
    return {name: (text, _with_unpublished(name, fields)) for name, (text, fields) in found.items()}


def _with_unpublished(name: str, fields: Sequence[Field]) -> Sequence[Field]:
    known = {field.name for field in fields}
    return (*fields, *[added for added in UNPUBLISHED.get(name, ()) if added.name not in known])


def _operations(facts: Contract) -> Iterator[tuple[str, str]]:
    for service in facts.services.values():
        for operation in service.operations:
            yield service.name, operation


class RecordClasses:
    """The classes of a contract's records, which say that they are of ``module``. Safe to use from several threads.

    The contract is loaded when the first class is asked for.
    """

    def __init__(self, load: Callable[[], Contract], module: str) -> None:
        self._load = load
        self._module = module
        self._made: dict[str, type[Record]] = {}
        self._making = threading.Lock()

    @cached_property
    def facts(self) -> Contract:
        return self._load()

    @cached_property
    def _declarations(self) -> Mapping[str, tuple[str, Sequence[Field]]]:
        return declarations(self.facts)

    def find(self, name: str) -> type[Record] | None:
        """The class ``name``, always the same one; None when the contract has no such record."""
        declared = self._declarations.get(name)
        if declared is None:
            return None
        with self._making:
            if name not in self._made:
                self._made[name] = self._make(name, *declared)
            return self._made[name]

    def _make(self, name: str, docstring: str, fields: Sequence[Field]) -> type[Record]:
        scope: dict[str, Any] = {"__module__": self._module, "__doc__": docstring}
        scope["__slots__"] = tuple(field.attribute for field in fields)
        code = compile(_initializer(fields), f"<record {name}>", "exec")
        exec(code, {}, scope)  # noqa: S102  source made of contract names alone
        return type(name, (Record,), scope)


class ClassesByKey(Mapping[K, type[Record]]):
    """Some of the classes under other keys; a class is made when its key is looked up."""

    def __init__(self, classes: RecordClasses, names: Names[K]) -> None:
        self._classes = classes
        self._choose = names

    @cached_property
    def _names(self) -> Mapping[K, str]:
        return self._choose(self._classes.facts)

    def __getitem__(self, key: K) -> type[Record]:
        found = self._classes.find(self._names[key])
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[K]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _initializer(fields: Sequence[Field]) -> str:
    parameters = ", ".join(f"{field.attribute}={() if field.repeated else None}" for field in fields)
    body = [f"    self.{field.attribute} = {field.attribute}" for field in fields]
    return "\n".join([f"def __init__(self, *, {parameters}):", *body]) + "\n"
