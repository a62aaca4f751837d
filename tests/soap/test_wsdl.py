"""The published documents say what the contract says, and clients can load them."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from cashbox_service import contract
from cashbox_service.contract import Contract, Field
from cashbox_service.soap import wsdl
from tests.soap import published

ADDRESS = "https://billing.example.com/soap.pl?a=1&b=2"
SOAP = "http://schemas.xmlsoap.org/wsdl/soap/"
NS = {"wsdl": published.WSDL, "soap": SOAP, "xsd": published.XSD}
CONTRACTS = [contract.load(version) for version in contract.versions()]
SERVICES = [
    pytest.param(facts, service, id=f"{facts.version}-{service}")
    for facts in CONTRACTS
    for service in facts.services
]
ALL = [pytest.param(facts, id=facts.version) for facts in CONTRACTS]


def definitions(facts: Contract, service: str) -> etree._Element:
    return etree.fromstring(wsdl.wsdl(facts, service, ADDRESS))


def names(root: etree._Element, path: str) -> list[str]:
    return [element.get("name", "") for element in root.findall(path, NS)]


def qualified(element: etree._Element, attribute: str) -> str:
    """A prefixed reference such as ``tns:update`` as ``{namespace}update``."""
    prefix, _, name = published.attributes(element)[attribute].partition(":")
    return f"{{{element.nsmap[prefix]}}}{name}"


def fields(sequence: etree._Element) -> list[tuple[str, str, str, str]]:
    assert sequence.tag == f"{{{published.XSD}}}sequence"
    found = []
    for element in sequence:
        assert element.tag == f"{{{published.XSD}}}element"
        assert set(element.attrib) <= {"name", "type", "minOccurs", "maxOccurs"}
        lowest, highest = element.get("minOccurs", "1"), element.get("maxOccurs", "1")
        found.append((element.get("name", ""), qualified(element, "type"), lowest, highest))
    return found


def expected(facts: Contract, parts: tuple[Field, ...]) -> list[tuple[str, str, str, str]]:
    return [
        (
            part.name,
            f"{{{published.XSD}}}{part.type.removeprefix('xsd:')}"
            if part.is_builtin
            else f"{{{facts.types_namespace}}}{part.type}",
            "1" if part.required else "0",
            "unbounded" if part.repeated else "1",
        )
        for part in parts
    ]


@pytest.mark.parametrize(("facts", "service"), SERVICES)
def test_a_wsdl_has_the_names_that_clients_address(facts: Contract, service: str) -> None:
    root = definitions(facts, service)
    namespace = f"http://soap.vindicia.com/v{facts.version.replace('.', '_')}/{service}"
    assert root.get("targetNamespace") == root.nsmap["tns"] == namespace
    assert names(root, "wsdl:service") == [service]
    assert names(root, "wsdl:service/wsdl:port") == [f"{service}Port"]
    assert names(root, "wsdl:binding") == [f"{service}Binding"]
    assert names(root, "wsdl:portType") == [f"{service}PortType"]
    port, binding = root.find("wsdl:service/wsdl:port", NS), root.find("wsdl:binding", NS)
    assert port is not None
    assert binding is not None
    assert qualified(port, "binding") == f"{{{namespace}}}{service}Binding"
    assert qualified(binding, "type") == f"{{{namespace}}}{service}PortType"
    assert [address.get("location") for address in port.findall("soap:address", NS)] == [ADDRESS]


@pytest.mark.parametrize(("facts", "service"), SERVICES)
def test_a_wsdl_has_two_messages_with_one_part_for_every_operation(facts: Contract, service: str) -> None:
    root = definitions(facts, service)
    messages = {
        message.get("name"): [(part.get("name"), qualified(part, "element")) for part in message]
        for message in root.findall("wsdl:message", NS)
    }
    namespace = facts.service_namespace(service)
    wanted = {}
    for operation in facts.services[service].operations:
        wanted[f"{operation}_in"] = [("parameters", f"{{{namespace}}}{operation}")]
        wanted[f"{operation}_out"] = [("parameters", f"{{{namespace}}}{operation}Response")]
    assert messages == wanted


@pytest.mark.parametrize(("facts", "service"), SERVICES)
def test_port_type_and_binding_hold_every_operation_in_order(facts: Contract, service: str) -> None:
    root = definitions(facts, service)
    operations = list(facts.services[service].operations)
    namespace = facts.service_namespace(service)
    assert names(root, "wsdl:portType/wsdl:operation") == operations
    assert names(root, "wsdl:binding/wsdl:operation") == operations
    for operation in root.findall("wsdl:portType/wsdl:operation", NS):
        name = operation.get("name")
        assert [(etree.QName(way).localname, qualified(way, "message")) for way in operation] == [
            ("input", f"{{{namespace}}}{name}_in"),
            ("output", f"{{{namespace}}}{name}_out"),
        ]


@pytest.mark.parametrize(("facts", "service"), SERVICES)
def test_the_binding_is_document_literal_and_names_the_action(facts: Contract, service: str) -> None:
    root = definitions(facts, service)
    binding = root.find("wsdl:binding/soap:binding", NS)
    assert binding is not None
    assert published.attributes(binding) == {
        "style": "document",
        "transport": "http://schemas.xmlsoap.org/soap/http",
    }
    for operation in root.findall("wsdl:binding/wsdl:operation", NS):
        action = operation.find("soap:operation", NS)
        assert action is not None
        assert action.get("soapAction") == f"{facts.service_namespace(service)}#{operation.get('name')}"
        assert action.get("style") == "document"
        bodies = [published.attributes(body) for body in operation.findall("*/soap:body", NS)]
        assert bodies == [{"use": "literal"}, {"use": "literal"}]


@pytest.mark.parametrize(("facts", "service"), SERVICES)
def test_message_elements_have_the_parts_of_the_contract(facts: Contract, service: str) -> None:
    schema = definitions(facts, service).find("wsdl:types/xsd:schema", NS)
    assert schema is not None
    assert published.attributes(schema) == {"targetNamespace": facts.service_namespace(service)}
    imports = [published.attributes(each) for each in schema.findall("xsd:import", NS)]
    assert imports == [{"namespace": facts.types_namespace, "schemaLocation": "./Vindicia.xsd"}]
    found = {element.get("name"): fields(element[0][0]) for element in schema.findall("xsd:element", NS)}
    wanted = {}
    for operation in facts.services[service].operations.values():
        wanted[operation.name] = expected(facts, operation.request)
        wanted[operation.response_element] = expected(facts, operation.response)
    assert found == wanted


@pytest.mark.parametrize("facts", ALL)
def test_the_schema_has_the_types_and_enumerations_of_the_contract(facts: Contract) -> None:
    schema = etree.fromstring(wsdl.xsd(facts))
    assert published.attributes(schema) == {"targetNamespace": facts.types_namespace}
    types = {each.get("name"): fields(each[0]) for each in schema.findall("xsd:complexType", NS)}
    assert types == {each.name: expected(facts, each.fields) for each in facts.types.values()}
    enums = {}
    for each in schema.findall("xsd:simpleType", NS):
        values = [value.get("value") for value in each[0]]
        enums[each.get("name")] = (qualified(each[0], "base"), values)
    assert enums == {
        name: (f"{{{published.XSD}}}{facts.enum_base(name).removeprefix('xsd:')}", list(values))
        for name, values in facts.enums.items()
    }
    assert enums["ReturnCode"][0] == f"{{{published.XSD}}}int"


@pytest.mark.parametrize(("facts", "service"), SERVICES)
def test_a_client_loads_the_committed_wsdl(facts: Contract, service: str) -> None:
    loaded = published.client(service, facts.version).wsdl.services[service].ports[f"{service}Port"]
    assert loaded.binding_options["address"] == wsdl.ORIGINAL_ADDRESS
    assert set(loaded.binding.port_type.operations) == set(facts.services[service].operations)


def test_the_committed_documents_are_those_of_the_contracts(tmp_path: Path) -> None:
    wsdl.main(["export", str(tmp_path)])
    fresh = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.*sd*")}
    top = published.FOLDERS
    committed = {path.relative_to(top): path.read_bytes() for path in top.rglob("*.*sd*")}
    assert fresh == committed
    assert len(fresh) == len(contract.versions()) + sum(
        len(contract.load(version).services) for version in contract.versions()
    )
