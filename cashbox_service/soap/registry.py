"""Which function answers which operation.

A handler module registers its functions when it is imported, which is when its service is first asked for::

    @handles("AutoBill", "makePayment")
    def make_payment(call: Call, request: r.AutoBillMakePaymentRequest) -> r.AutoBillMakePaymentResponse: ...

and keeps their return codes in a module-level ``RETURNS: dict[str, tuple[Row, ...]]`` by operation.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from cashbox_service.soap.call import Call
from cashbox_service.soap.handlers import MODULES
from cashbox_service.soap.record import Record
from cashbox_service.soap.returns import Row, Table

Handler = Callable[[Call, Any], Record]
H = TypeVar("H", bound=Callable[..., Record])

TABLE_NAME = "RETURNS"


class Registry:
    """Handlers by service and operation. ``modules`` names, by service, the modules that register them."""

    def __init__(self, modules: Mapping[str, Sequence[str]] | None = None) -> None:
        self._handlers: dict[tuple[str, str], Handler] = {}
        self._modules = dict(modules or {})
        self._loaded: set[str] = set()

    def handles(self, service: str, operation: str) -> Callable[[H], H]:
        """Registers the decorated function. Raises ValueError for a second one of the same operation."""

        def register(handler: H) -> H:
            if (service, operation) in self._handlers:
                raise ValueError(f"{service}.{operation} has a handler already")
            self._handlers[service, operation] = handler
            return handler

        return register

    def find(self, service: str, operation: str) -> Handler | None:
        self._load(service)
        return self._handlers.get((service, operation))

    def load(self) -> None:
        """Import the modules of all services."""
        for service in self._modules:
            self._load(service)

    def _load(self, service: str) -> None:
        """Import the service's modules; a thread that comes while another one imports them waits for the end."""
        if service not in self._loaded:
            for module in self._modules.get(service, ()):
                importlib.import_module(module)
            self._loaded.add(service)

    def returns(self, service: str, operation: str) -> tuple[Row, ...]:
        """The rows that the module of the operation's handler holds for it."""
        handler = self.find(service, operation)
        return _table(handler).get(operation, ()) if handler else ()

    def tables(self) -> Iterator[tuple[str, str, tuple[Row, ...]]]:
        """All rows of the handlers' modules: service, operation, rows."""
        seen: set[tuple[str, str]] = set()
        for (service, _), handler in self._handlers.items():
            if (handler.__module__, service) in seen:
                continue
            seen.add((handler.__module__, service))
            for operation, rows in _table(handler).items():
                yield service, operation, rows

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._handlers)


def _table(handler: Handler) -> Table:
    """The return codes in the handler's module. Read when asked for: the module may still be loading now."""
    found: Table = getattr(sys.modules[handler.__module__], TABLE_NAME, {})
    return found


HANDLERS = Registry(MODULES)
"""The handlers of this service."""

handles = HANDLERS.handles


def load_handlers() -> Registry:
    """``HANDLERS`` with all handler modules imported."""
    HANDLERS.load()
    return HANDLERS
