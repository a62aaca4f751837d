"""A stock Spyne server that answers one operation with a canned Transaction and keeps no data at all.

It is the yardstick: the published Spyne 2.14.0 with its own ``Soap11`` on both sides, ComplexModel
classes built from the contract, under the same HTTP server and number of threads as the service. What had to give way:

* only the types reachable from the operation are built, and a field that leads back to a type still being built
  is left out (``Entitlement.account``, ``Product.bundledProducts``): Spyne cannot take mutually recursive
  classes;
* elements of the answer are namespace-qualified, as Spyne's serialiser always writes them.

``validator=None`` is used since it is the faster one. Run: ``python -m benchmarks.stock_spyne --port 0``.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spyne import (
    AnyUri,
    Application,
    Boolean,
    ComplexModel,
    Date,
    DateTime,
    Decimal,
    Integer,
    Integer32,
    MethodContext,
    ServiceBase,
    Unicode,
    rpc,
)
from spyne.protocol.soap import Soap11
from spyne.server import ServerBase
from spyne.server.wsgi import WsgiApplication

from benchmarks.messages import (
    ANSWER_FILE,
    CALLS,
    OPERATION,
    Call,
    assemble,
    base_type,
    contract_facts,
    is_repeated,
    read_answer,
)
from cashbox_service.server import HttpServer, bind
from cashbox_service.settings import Settings

SIMPLE_TYPES: Mapping[str, Any] = {
    "xsd:string": Unicode,
    "xsd:anyURI": AnyUri,
    "xsd:boolean": Boolean,
    "xsd:int": Integer32,
    "xsd:integer": Integer,
    "xsd:decimal": Decimal,
    "xsd:dateTime": DateTime,
    "xsd:date": Date,
}


class StockModel:
    """Spyne classes for the part of a contract that is reachable from given type references."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.namespace: str = facts["namespaces"]["types"]
        self.types: Mapping[str, Mapping[str, str]] = facts["types"]
        self._enums: Mapping[str, list[str]] = facts["enums"]
        self._enum_bases: Mapping[str, str] = facts["enumBases"]
        self._classes: dict[str, Any] = {}
        self._being_built: set[str] = set()

    def members(self, references: Mapping[str, str]) -> dict[str, Any]:
        """Spyne types by name, without the fields that lead back to a class still being built."""
        return {
            name: self._member(reference)
            for name, reference in references.items()
            if base_type(reference) not in self._being_built
        }

    def make(self, name: str) -> Any:
        return self._classes[name]()

    def _member(self, reference: str) -> Any:
        kind = self._class(base_type(reference))
        least = 0 if reference.endswith(("?", "*")) else 1
        if is_repeated(reference):
            return kind.customize(min_occurs=least, max_occurs="unbounded")
        return kind.customize(min_occurs=least)

    def _class(self, name: str) -> Any:
        if name in SIMPLE_TYPES:
            return SIMPLE_TYPES[name]
        if name not in self._classes:
            self._classes[name] = self._enumeration(name) if name in self._enums else self._complex(name)
        return self._classes[name]

    def _enumeration(self, name: str) -> Any:
        if name in self._enum_bases:
            return SIMPLE_TYPES[self._enum_bases[name]].customize(type_name=name)
        return Unicode(values=self._enums[name], type_name=name)

    def _complex(self, name: str) -> Any:
        self._being_built.add(name)
        fields = list(self.members(self.types[name]).items())
        self._being_built.remove(name)
        attributes = {"__namespace__": self.namespace, "__type_name__": name, "_type_info": fields}
        return type(ComplexModel)(name, (ComplexModel,), attributes)


class StockService:
    """The Spyne application whose one operation returns the parts of a response document, built once."""

    def __init__(self, document: bytes, validator: str | None = None, call: Call = CALLS[OPERATION]) -> None:
        facts = contract_facts()
        self._call = call
        operation = facts["services"][call.service][call.operation]
        model = StockModel(facts)
        inputs, outputs = model.members(operation["in"]), model.members(operation["out"])
        answer = assemble(read_answer(document), operation["out"], model.types, model.make)
        self._transaction = answer["transaction"]
        self.answer = tuple(answer.get(name) for name in outputs)
        self.app = Application(
            [self._service(inputs, outputs)],
            tns=facts["namespaces"]["service"].format(Service=call.service),
            name=call.service,
            in_protocol=Soap11(validator=validator),
            out_protocol=Soap11(),
        )
        self._server = ServerBase(self.app)

    def _service(self, inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> Any:
        def method(_context: object, *_arguments: object) -> object:
            return self.answer

        name = self._call.operation
        method.__name__ = name
        described = rpc(
            *inputs.values(),
            _args=list(inputs),
            _returns=tuple(outputs.values()),
            _out_variable_names=list(outputs),
        )(method)
        return type(ServiceBase)(self._call.service, (ServiceBase,), {name: described})

    def read(self, request: bytes) -> Any:
        """Parses and decodes a request; the context that Spyne carries through a call."""
        context = MethodContext(self._server, MethodContext.SERVER)
        context.in_string = [request]
        (context,) = self._server.generate_contexts(context)
        self._server.get_in_object(context)
        if context.in_error is not None:
            raise context.in_error
        return context

    def write(self, context: Any) -> bytes:
        """Serialises the canned answer."""
        context.out_object = self.answer
        self._server.get_out_string(context)
        return b"".join(context.out_string)

    def pad_to(self, size: int) -> None:
        """Lengthens the transaction's note until the answer has ``size`` bytes.

        Spyne names no types in its answer, which makes it shorter; padded, both servers send as much.
        """
        missing = size - len(self.write(self.read(self._call.request("size", "size"))))
        if missing < 0:
            raise ValueError(f"the stock answer is {-missing} bytes longer than {size}")
        self._transaction.note = (self._transaction.note or "") + "." * missing


def main() -> None:
    options = argparse.ArgumentParser(description="Stock Spyne server answering one operation.")
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=0, help="0 takes any free port, which is printed")
    options.add_argument("--threads", type=int, default=4, help="threads of the HTTP server")
    options.add_argument("--answer", type=Path, default=ANSWER_FILE, help="response document to answer with")
    options.add_argument("--answer-bytes", type=int, help="pad the answer to this size")
    options.add_argument("--operation", choices=CALLS, default=OPERATION)
    chosen = options.parse_args()
    stock = StockService(chosen.answer.read_bytes(), call=CALLS[chosen.operation])
    if chosen.answer_bytes:
        stock.pad_to(chosen.answer_bytes)
    settings = Settings(host=chosen.host, port=chosen.port, threads=chosen.threads)
    bound = bind(settings)
    print(f"stock Spyne: http://{chosen.host}:{bound.getsockname()[1]}/", flush=True)
    HttpServer(WsgiApplication(stock.app), bound, settings).run()


if __name__ == "__main__":
    main()
