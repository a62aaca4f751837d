"""The published documents: one WSDL per service and the schema of the types, written from the contract.

Names, order and occurrence are part of the interface: service ``Account`` has port ``AccountPort``, binding
``AccountBinding``, port type ``AccountPortType`` and messages ``update_in`` and ``update_out`` with the one part
``parameters``. Elements inside messages are unqualified. Source: spec conventions §1.1, §1.2.

Run: ``python -m cashbox_service.soap.wsdl export wsdl`` writes all documents of every version below ``wsdl/``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from cashbox_service import contract
from cashbox_service.contract import Contract, Field, Operation, Service

SCHEMA_FILE = "Vindicia.xsd"
ORIGINAL_ADDRESS = "https://soap.vindicia.com/soap.pl"
"""The address in the documents of the original, kept in the committed ones."""

_WSDL = "http://schemas.xmlsoap.org/wsdl/"
_WSDL_SOAP = "http://schemas.xmlsoap.org/wsdl/soap/"
_HTTP_TRANSPORT = "http://schemas.xmlsoap.org/soap/http"
_XSD = "http://www.w3.org/2001/XMLSchema"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def wsdl(facts: Contract, service: str, location_url: str) -> bytes:
    """The WSDL of one service, to be called at ``location_url``."""
    return _document(_definitions(facts, facts.services[service], location_url))


def xsd(facts: Contract) -> bytes:
    """The schema of all types and enumerations."""
    return _document(_types_schema(facts))


def _document(lines: Iterable[str]) -> bytes:
    return "\n".join([_DECLARATION, *lines, ""]).encode()


def _types_schema(facts: Contract) -> Iterator[str]:
    namespace = quoteattr(facts.types_namespace)
    yield f'<xsd:schema xmlns:xsd="{_XSD}" xmlns:vin={namespace} targetNamespace={namespace}>'
    for name, values in facts.enums.items():
        yield f' <xsd:simpleType name="{name}">'
        yield f'  <xsd:restriction base="{facts.enum_base(name)}">'
        yield from (f"   <xsd:enumeration value={quoteattr(value)}/>" for value in values)
        yield "  </xsd:restriction>"
        yield " </xsd:simpleType>"
    for each in facts.types.values():
        yield f' <xsd:complexType name="{each.name}">'
        yield from _sequence(each.fields, "  ")
        yield " </xsd:complexType>"
    yield "</xsd:schema>"


def _sequence(fields: Sequence[Field], indent: str) -> Iterator[str]:
    yield f"{indent}<xsd:sequence>"
    yield from (f"{indent} {_element(field)}" for field in fields)
    yield f"{indent}</xsd:sequence>"


def _element(field: Field) -> str:
    type_name = field.type if field.is_builtin else f"vin:{field.type}"
    lowest = "" if field.required else ' minOccurs="0"'
    highest = ' maxOccurs="unbounded"' if field.repeated else ""
    return f'<xsd:element name="{field.name}" type="{type_name}"{lowest}{highest}/>'


def _definitions(facts: Contract, service: Service, location_url: str) -> Iterator[str]:
    namespace = facts.service_namespace(service.name)
    yield (
        f'<wsdl:definitions name="{service.name}" targetNamespace={quoteattr(namespace)}'
        f" xmlns:tns={quoteattr(namespace)} xmlns:vin={quoteattr(facts.types_namespace)}"
        f' xmlns:xsd="{_XSD}" xmlns:soap="{_WSDL_SOAP}" xmlns:wsdl="{_WSDL}">'
    )
    operations = tuple(service.operations.values())
    yield from _message_schema(facts, namespace, operations)
    for operation in operations:
        yield from _messages(operation)
    yield from _port_type(service.name, operations)
    yield from _binding(service.name, namespace, operations)
    yield f' <wsdl:service name="{service.name}">'
    yield f'  <wsdl:port name="{service.name}Port" binding="tns:{service.name}Binding">'
    yield f"   <soap:address location={quoteattr(location_url)}/>"
    yield "  </wsdl:port>"
    yield " </wsdl:service>"
    yield "</wsdl:definitions>"


def _message_schema(facts: Contract, namespace: str, operations: Sequence[Operation]) -> Iterator[str]:
    yield " <wsdl:types>"
    yield f"  <xsd:schema targetNamespace={quoteattr(namespace)}>"
    yield (f'   <xsd:import namespace={quoteattr(facts.types_namespace)} schemaLocation="./{SCHEMA_FILE}"/>')
    for operation in operations:
        yield from _message_element(operation.name, operation.request)
        yield from _message_element(operation.response_element, operation.response)
    yield "  </xsd:schema>"
    yield " </wsdl:types>"


def _message_element(name: str, parts: Sequence[Field]) -> Iterator[str]:
    yield f'   <xsd:element name="{name}">'
    yield "    <xsd:complexType>"
    yield from _sequence(parts, "     ")
    yield "    </xsd:complexType>"
    yield "   </xsd:element>"


def _messages(operation: Operation) -> Iterator[str]:
    elements = {"in": operation.name, "out": operation.response_element}
    for way, element in elements.items():
        yield f' <wsdl:message name="{operation.name}_{way}">'
        yield f'  <wsdl:part name="parameters" element="tns:{element}"/>'
        yield " </wsdl:message>"


def _port_type(service: str, operations: Sequence[Operation]) -> Iterator[str]:
    yield f' <wsdl:portType name="{service}PortType">'
    for operation in operations:
        yield f'  <wsdl:operation name="{operation.name}">'
        yield f'   <wsdl:input message="tns:{operation.name}_in"/>'
        yield f'   <wsdl:output message="tns:{operation.name}_out"/>'
        yield "  </wsdl:operation>"
    yield " </wsdl:portType>"


def _binding(service: str, namespace: str, operations: Sequence[Operation]) -> Iterator[str]:
    yield f' <wsdl:binding name="{service}Binding" type="tns:{service}PortType">'
    yield f'  <soap:binding style="document" transport="{_HTTP_TRANSPORT}"/>'
    for operation in operations:
        yield f'  <wsdl:operation name="{operation.name}">'
        yield f'   <soap:operation soapAction="{escape(namespace)}#{operation.name}" style="document"/>'
        yield '   <wsdl:input><soap:body use="literal"/></wsdl:input>'
        yield '   <wsdl:output><soap:body use="literal"/></wsdl:output>'
        yield "  </wsdl:operation>"
    yield " </wsdl:binding>"


def export(directory: Path, location_url: str = ORIGINAL_ADDRESS) -> list[Path]:
    """Writes the documents of every version, a folder for each, and returns the files."""
    written = []
    for version in contract.versions():
        folder = directory / version
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in documents(contract.load(version), location_url).items():
            (folder / name).write_bytes(content)
            written.append(folder / name)
    return written


def documents(facts: Contract, location_url: str) -> dict[str, bytes]:
    """All documents of one version by file name."""
    services = {f"{name}.wsdl": wsdl(facts, name, location_url) for name in facts.services}
    return {**services, SCHEMA_FILE: xsd(facts)}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Writes the published WSDL and XSD documents.")
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("export", help="write all documents below a folder")
    command.add_argument("directory", type=Path)
    command.add_argument("--location-url", default=ORIGINAL_ADDRESS, help="address to call")
    chosen = parser.parse_args(arguments)
    export(chosen.directory, chosen.location_url)


if __name__ == "__main__":
    main()
