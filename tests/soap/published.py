"""The published documents as clients and validators see them: zeep clients and schemas of whole envelopes."""

# zeep carries no annotations
# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import zeep
from lxml import etree
from zeep.helpers import serialize_object

from cashbox_service import contract

VERSION = "22.0"
FOLDERS = Path(__file__).parents[2] / "wsdl"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XSD = "http://www.w3.org/2001/XMLSchema"
WSDL = "http://schemas.xmlsoap.org/wsdl/"

_ENVELOPE_SCHEMA = """\
<xsd:schema xmlns:xsd="{xsd}" targetNamespace="{soap}" elementFormDefault="qualified">
 <xsd:import namespace="{service}" schemaLocation="{file}"/>
 <xsd:element name="Envelope">
  <xsd:complexType>
   <xsd:sequence>
    <xsd:element name="Body">
     <xsd:complexType>
      <xsd:sequence><xsd:any namespace="{service}" processContents="strict"/></xsd:sequence>
     </xsd:complexType>
    </xsd:element>
   </xsd:sequence>
   <xsd:anyAttribute namespace="##any" processContents="skip"/>
  </xsd:complexType>
 </xsd:element>
</xsd:schema>
"""


@cache
def client(service: str, version: str = VERSION) -> zeep.Client:
    """A zeep client of the committed WSDL."""
    return zeep.Client(str(FOLDERS / version / f"{service}.wsdl"))


@cache
def envelope_schema(service: str, version: str = VERSION) -> etree.XMLSchema:
    """The schema of a whole SOAP 1.1 message of ``service``, made of the committed WSDL and XSD."""
    document = etree.parse(str(FOLDERS / version / f"{service}.wsdl"))
    messages = document.find(f"{{{WSDL}}}types/{{{XSD}}}schema")
    assert messages is not None
    with TemporaryDirectory() as folder:
        directory = Path(folder)
        (directory / "Vindicia.xsd").write_bytes((FOLDERS / version / "Vindicia.xsd").read_bytes())
        (directory / "messages.xsd").write_bytes(etree.tostring(messages))
        namespace = contract.load(version).service_namespace(service)
        text = _ENVELOPE_SCHEMA.format(xsd=XSD, soap=SOAP, service=namespace, file="messages.xsd")
        (directory / "envelope.xsd").write_text(text)
        return etree.XMLSchema(file=str(directory / "envelope.xsd"))


def check(service: str, message: bytes, version: str = VERSION) -> etree._Element:
    """The operation's element of a message that holds to the published schema; fails when it does not."""
    envelope = etree.fromstring(message)
    envelope_schema(service, version).assertValid(envelope)
    return envelope[0][0]


def attributes(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.items()}


def zeep_request(service: str, operation: str, parts: dict[str, Any], version: str = VERSION) -> bytes:
    """The request that zeep makes of ``parts``."""
    described = client(service, version)
    envelope = described.create_message(described.service, operation, **parts)
    return etree.tostring(envelope)


def zeep_answer(service: str, operation: str, message: bytes, version: str = VERSION) -> dict[str, Any]:
    """What zeep understands of a response, by part."""
    output = client(service, version).service._binding._operations[operation].output
    decoded = serialize_object(output.deserialize(etree.fromstring(message)), dict)
    if len(contract.load(version).operation(service, operation).response) > 1:
        return dict(decoded)
    return {"return": decoded}  # zeep unwraps a single part
