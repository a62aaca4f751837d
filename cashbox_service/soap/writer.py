"""Records to the bytes of a response.

For every type a function of straight-line Python is generated and compiled on first use: this writes a large response
in a quarter of the time that building elements takes. The shape is the one in spec conventions §2.2, where the
children of ``return`` inherit the empty default namespace and all others repeat it.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import Any, NoReturn

from cashbox_service.contract import Contract, Field
from cashbox_service.soap import lexical
from cashbox_service.soap.leniency import UNCHECKED
from cashbox_service.soap.record import Record

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"

_ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
_BARE = "Return"
"""The type whose fields are written without ``xmlns=""``, as the original did."""

_ALWAYS = "return"
"""The part that no response goes without."""

Write = Callable[[Any], str]
WriteParts = Callable[[Record, bool], str]


class UnfitResponse(Exception):
    """A handler built a response that the contract does not allow; an error of this program."""


class Writer:
    """Writes the responses of one contract, moments in ``zone``."""

    def __init__(self, facts: Contract, zone: tzinfo) -> None:
        self._facts = facts
        self._scope: dict[str, Any] = {
            "escape": lexical.escape,
            "decimal": lexical.format_decimal,
            "date": lexical.format_date,
            "base64": lexical.format_base64,
            "moment": lambda moment: lexical.format_date_time(moment, zone),
            "missing": _missing,
        }
        for name, values in facts.enums.items():
            self._scope[f"enum_{name}"] = {value: lexical.escape(value) for value in values}
        for name in facts.types:
            self._scope[_function(name)] = self._first_use(name)
        self._responses: dict[tuple[str, str], tuple[str, WriteParts, str]] = {}
        self._heads = {soap12: _envelope(facts.types_namespace, soap12) for soap12 in (False, True)}

    def response(
        self, service: str, operation: str, response: Record, *, soap12: bool, failed: bool
    ) -> bytes:
        """The whole envelope. Raises UnfitResponse."""
        opening, write, closing = self._response(service, operation)
        try:
            parts = write(response, failed)
        except UnfitResponse as error:
            raise UnfitResponse(f"{service}.{operation}: {error}") from None
        except (AttributeError, TypeError, ValueError, KeyError) as error:
            raise UnfitResponse(f"{service}.{operation}: a part is of the wrong type: {error}") from error
        return f"{self._heads[soap12]}{opening}{parts}{closing}".encode()

    def _response(self, service: str, operation: str) -> tuple[str, WriteParts, str]:
        known = self._responses.get((service, operation))
        if known is None:
            element = self._facts.operation(service, operation).response_element
            known = (
                f'<{element} xmlns="{self._facts.service_namespace(service)}">',
                self._compile_response(service, operation),
                f"</{element}></soap:Body></soap:Envelope>",
            )
            self._responses[service, operation] = known
        return known

    def _first_use(self, name: str) -> Write:
        """A function that puts the compiled writer of a type in its own place."""

        def write(record: Any) -> str:
            return self._compile_type(name)(record)

        return write

    def _compile_type(self, name: str) -> Write:
        lines = self._body(name, self._facts.types[name].fields, reset=name != _BARE)
        write: Write = self._compile(_function(name), "record", lines)
        return write

    def _compile_response(self, service: str, operation: str) -> WriteParts:
        fields = self._facts.operation(service, operation).response
        lines = self._body(f"{operation}Response", fields, reset=True, may_fail=True)
        write: WriteParts = self._compile(f"respond_{service}_{operation}", "record, failed", lines)
        return write

    def _compile(self, name: str, parameters: str, body: Iterable[str]) -> Any:
        """The function ``name``, put into the scope that all writers share; its lines show in tracebacks."""
        source = "\n    ".join([f"def {name}({parameters}):", *body]) + "\n"
        file = f"<writer of {self._facts.version} {name}>"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        scope = self._scope
        exec(compile(source, file, "exec"), scope)  # noqa: S102  source made of contract names alone
        return scope[name]

    def _body(
        self, owner: str, fields: Sequence[Field], *, reset: bool, may_fail: bool = False
    ) -> Iterator[str]:
        yield "x = ''"
        for field in fields:
            value = self._element(owner, field, reset=reset)
            absent = f"missing('{owner}.{field.name}')"
            if field.repeated:
                yield f"for v in record.{field.attribute}: x += {value}"
                if field.required:
                    yield f"if not record.{field.attribute}: {absent}"
                continue
            yield f"v = record.{field.attribute}"
            yield f"if v is not None: x += {value}"
            if field.required:
                optional = may_fail and field.type in self._facts.types and field.name != _ALWAYS
                yield f"elif not failed: {absent}" if optional else f"else: {absent}"
        yield "return x"

    def _element(self, owner: str, field: Field, *, reset: bool) -> str:
        """The f-string that writes the value ``v`` of ``field``."""
        declared = field.type if field.is_builtin else f"vin:{field.type}"
        namespace = ' xmlns=""' if reset else ""
        content = self._content(owner, field)
        return f"f'<{field.name}{namespace} xsi:type=\"{declared}\">{{{content}}}</{field.name}>'"

    def _content(self, owner: str, field: Field) -> str:
        if field.type in self._facts.types:
            return f"{_function(field.type)}(v)"
        if (owner, field.name) in UNCHECKED:
            return _CONTENT["xsd:string"]
        if field.type not in self._facts.enums:
            return _CONTENT[field.type]
        base = self._facts.enum_base(field.type)
        return f"enum_{field.type}[v]" if base == "xsd:string" else _CONTENT[base]


_CONTENT = {
    "xsd:anyURI": "escape(v)",
    "xsd:base64Binary": "base64(v)",
    "xsd:boolean": "1 if v else 0",
    "xsd:date": "date(v)",
    "xsd:dateTime": "moment(v)",
    "xsd:decimal": "decimal(v)",
    "xsd:float": "decimal(v)",
    "xsd:int": "v:d",
    "xsd:integer": "v:d",
    "xsd:long": "v:d",
    "xsd:string": "v if v.isalnum() else escape(v)",
}
"""What stands between the braces for a value ``v``; letters and digits alone never need escaping."""


def _function(name: str) -> str:
    return f"write_{name}"


def _missing(item: str) -> NoReturn:
    raise UnfitResponse(f"{item} is required and absent")


def _envelope(types_namespace: str, soap12: bool) -> str:
    """Everything before the response element. SOAP 1.2 forbids encodingStyle on the envelope."""
    encoding = "" if soap12 else f' soap:encodingStyle="{_ENCODING}"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<soap:Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xmlns:soapenc="{_ENCODING}" xmlns:vin="{types_namespace}" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
        f'{encoding} xmlns:soap="{SOAP_12 if soap12 else SOAP_11}"><soap:Body>'
    )
