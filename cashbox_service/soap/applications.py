"""One Spyne application per service and version: its operations, its documents, and the way of a call through it.

One application cannot hold two services with an operation of the same name, so each has its own. They are built when
they are first needed: a service takes some milliseconds, and few servers are asked for all of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from cashbox_service.contract import Contract, Operation
from cashbox_service.soap.dispatch import Dispatcher, Exchange
from cashbox_service.soap.envelope import Limits, Request
from cashbox_service.soap.faults import ApplicationError
from cashbox_service.soap.models import Models
from cashbox_service.soap.protocol import CashBoxSoap
from cashbox_service.soap.spyne_compat import (
    Application,
    MethodContext,
    ServerBase,
    ServiceBase,
    rpc,
    unregister_application,
)
from cashbox_service.soap.wsdl import wsdl, xsd

_METHOD = "answer_{}"
"""Function names in the service class; the bare name of an operation (``initialize``) may be one of Spyne's own."""


class ContractDocuments:
    """Documents container of an application: its WSDL, written from the contract, for one address."""

    def __init__(self, contract: Contract, service: str, location_url: str) -> None:
        self._contract = contract
        self._service = service
        self._location_url = location_url
        self._document: bytes | None = None

    def build_interface_document(self, url: str | None = None) -> None:  # noqa: ARG002  Spyne's signature
        """The address is a setting; ``url``, which Spyne takes from the first request's Host, is ignored."""
        self._document = wsdl(self._contract, self._service, self._location_url)

    def get_interface_document(self) -> bytes:
        if self._document is None:
            self.build_interface_document()
        return self._document or b""


class SoapServer(ServerBase):  # type: ignore[misc]
    """The transport that the endpoint drives: it has the request already and wants the bytes back."""

    transport = "cashbox/endpoint"


class CallContext(MethodContext):  # type: ignore[misc]
    """Spyne's context of a call, without what costs time and is of no use here.

    The transport's part of it is empty, no attribute needs guarding, and an event that nobody listens to is no event.
    """

    TransportContext = None
    __setattr__ = object.__setattr__

    def fire_event(self, event: str, *args: Any, **kwargs: Any) -> None:
        if self.app.event_manager.handlers:
            super().fire_event(event, *args, **kwargs)


class ServiceApplication:
    """One service of one version."""

    def __init__(
        self, dispatcher: Dispatcher, models: Models, service: str, location_url: str, limits: Limits
    ) -> None:
        contract = dispatcher.contract
        self.service = service
        self.operations = contract.services[service].operations
        self._dispatcher = dispatcher
        self._documents = ContractDocuments(contract, service, location_url)
        self.application = Application(
            [_service_class(contract, models, service)],
            contract.service_namespace(service),
            name=service,
            in_protocol=CashBoxSoap(dispatcher, service, limits),
            out_protocol=CashBoxSoap(dispatcher, service, limits),
            documents_container=lambda _interface: self._documents,
        )
        unregister_application(self.application)  # Spyne would keep it for ever
        self._server = SoapServer(self.application)

    def wsdl(self) -> bytes:
        return self._documents.get_interface_document()

    def answer(self, request: Request, source_ip: str) -> tuple[bytes, Callable[[], None]]:
        """The bytes of the answer, and what is to be called when they are sent: it ends the work of the call.

        Raises RequestFault when there can be no Return; the work is ended then.
        """
        exchange = self._dispatcher.begin(self.service, request, source_ip)
        try:
            answer = self._answered(request, exchange)
        except BaseException:
            exchange.close()
            raise
        exchange.report()
        return answer, exchange.close

    def _answered(self, request: Request, exchange: Exchange) -> bytes:
        server = self._server
        context = CallContext(server, MethodContext.SERVER)
        try:
            context.in_document = request
            context.udc = exchange
            server.generate_contexts(context)
            server.get_in_object(context)
            server.get_out_object(context)
            if context.out_error is not None:
                raise ApplicationError
            server.get_out_string(context)
            return b"".join(context.out_string)
        finally:
            # A context and its parts refer to each other: let go, the parsed document goes now, not at the next
            # garbage collection.
            context.__dict__.clear()


class VersionApplications:
    """The applications of one version, built on first use, and its documents."""

    def __init__(self, dispatcher: Dispatcher, location_url: str, limits: Limits) -> None:
        self.contract = dispatcher.contract
        self._dispatcher = dispatcher
        self._location_url = location_url
        self._limits = limits
        self._models: Models | None = None
        self._schema: bytes | None = None
        self._built: dict[str, ServiceApplication] = {}
        self._building = threading.Lock()

    def find(self, service: str) -> ServiceApplication | None:
        """The application of the service; None when this version has no such service."""
        return self._built.get(service) or self._build(service)

    def schema(self) -> bytes:
        if self._schema is None:
            self._schema = xsd(self.contract)
        return self._schema

    def _build(self, service: str) -> ServiceApplication | None:
        if service not in self.contract.services:
            return None
        with self._building:
            if service not in self._built:
                self._models = self._models or Models(self.contract)
                self._built[service] = ServiceApplication(
                    self._dispatcher, self._models, service, self._location_url, self._limits
                )
        return self._built[service]


def _service_class(contract: Contract, models: Models, service: str) -> Any:
    operations = contract.services[service].operations.values()
    scope: dict[str, Any] = {_METHOD.format(each.name): _published(each, models) for each in operations}
    return type(ServiceBase)(service, (ServiceBase,), {"__service_name__": service, **scope})


def _published(operation: Operation, models: Models) -> Callable[..., Any]:
    """The function behind an operation, declared with the operation's parts."""

    def answer(ctx: Any) -> tuple[()]:
        exchange: Exchange = ctx.udc
        exchange.perform()
        return ()

    answer.__name__ = _METHOD.format(operation.name)  # Spyne tells operations apart by it
    declare = rpc(
        *[models.of(part) for part in operation.request],
        _args=[part.name for part in operation.request],
        _returns=[models.of(part) for part in operation.response],
        _out_variable_names=[part.name for part in operation.response],
        _operation_name=operation.name,
        _out_message_name=operation.response_element,
    )
    declared: Callable[..., Any] = declare(answer)
    return declared
