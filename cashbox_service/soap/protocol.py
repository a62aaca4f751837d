"""SOAP as a Spyne protocol whose bytes are ours.

Spyne publishes the operations, matches a request to its descriptor and carries the call through its context and events.
What Spyne would do with the bytes goes through the envelope reader and the codec instead, since its own serialiser can
neither write this contract's form nor read values safely: wrong half-hour offsets, NaN as a decimal, types swapped by
``xsi:type``. The exchange of a call travels in ``ctx.udc``. Arguments that Spyne passes and nobody needs here are
left unused.
"""

from __future__ import annotations

from typing import Any

from cashbox_service.soap.dispatch import Dispatcher, Exchange
from cashbox_service.soap.envelope import Limits, Request, read_envelope
from cashbox_service.soap.faults import UnknownOperation
from cashbox_service.soap.spyne_compat import Soap11


class CashBoxSoap(Soap11):  # type: ignore[misc]
    """Requests through the envelope reader and the codec, answers through the codec."""

    def __init__(self, dispatcher: Dispatcher, service: str, limits: Limits) -> None:
        super().__init__()
        self.dispatcher = dispatcher
        self.service = service
        self.limits = limits

    def create_in_document(self, ctx: Any, charset: str | None = None) -> None:
        """The envelope, unless the endpoint has read it to find out which application it is for."""
        if ctx.in_document is None:
            ctx.in_document = read_envelope(b"".join(ctx.in_string), charset, self.limits)

    def decompose_incoming_envelope(self, ctx: Any, message: str = Soap11.REQUEST) -> None:  # noqa: ARG002
        request: Request = ctx.in_document
        ctx.in_body_doc = request.operation
        ctx.method_request_string = f"{{{request.namespace}}}{request.name}"

    def get_context(self, parent: Any, transport: Any) -> None:
        """No context of the protocol's own: what belongs to a call is in its exchange."""

    def generate_method_contexts(self, ctx: Any) -> tuple[Any, ...]:
        """The context itself with its descriptor; Spyne would copy it for every auxiliary method, of which none is."""
        descriptors = self.app.interface.service_method_map.get(ctx.method_request_string)
        if descriptors is None:
            request: Request = ctx.in_document
            raise UnknownOperation(self.service, request.name)
        ctx.descriptor = descriptors[0]
        return (ctx,)

    def deserialize(self, ctx: Any, message: str) -> None:  # noqa: ARG002
        """Let the caller in and read the parameters; the handler's arguments stay within the exchange."""
        exchange: Exchange = ctx.udc
        exchange.read()
        ctx.in_object = ()

    def serialize(self, ctx: Any, message: str) -> None:  # noqa: ARG002
        exchange: Exchange = ctx.udc
        ctx.out_document = exchange.write()

    def create_out_string(self, ctx: Any, charset: str | None = None) -> None:  # noqa: ARG002
        ctx.out_string = (ctx.out_document,)
