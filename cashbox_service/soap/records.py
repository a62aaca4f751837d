"""Wire records of CashBox 22.0: one class per type, per request and per response.

Attributes have the names of the wire, Python keywords a trailing underscore. Enumerations are text in the contract's
spelling, return codes are numbers. The classes are made on first use; ``records.pyi`` declares them for editors and
the type checker.
"""

from __future__ import annotations

from cashbox_service import contract
from cashbox_service.soap import record_classes
from cashbox_service.soap.record import Record
from cashbox_service.soap.record_classes import ClassesByKey, RecordClasses

VERSION = "22.0"
"""The contract whose types the handlers speak; other versions are projections of it."""

_CLASSES = RecordClasses(lambda: contract.load(VERSION), __name__)

TYPES = ClassesByKey(_CLASSES, record_classes.type_names)
REQUESTS = ClassesByKey(_CLASSES, record_classes.request_names)
RESPONSES = ClassesByKey(_CLASSES, record_classes.response_names)


def __getattr__(name: str) -> type[Record]:
    found = _CLASSES.find(name)
    if found is None:
        raise AttributeError(f"the contract {VERSION} has no record {name}")
    globals()[name] = found
    return found
