"""Faults as bytes, in both versions of SOAP, and what of a request gets into them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from cashbox_service.soap import faults
from cashbox_service.soap.faults import (
    ENVELOPE_11,
    ENVELOPE_12,
    ApplicationError,
    Malformed,
    NotUnderstood,
    RequestFault,
    TooLarge,
    UnknownOperation,
    UnknownService,
    WrongVersion,
    content_type,
    fault_bytes,
    presentable,
)

EVERY = [
    (Malformed("why"), "Client", "Sender", "Malformed request: why", 500),
    (TooLarge("why"), "Client", "Sender", "Malformed request: why", 413),
    (WrongVersion(), "VersionMismatch", "VersionMismatch", "Wrong SOAP version", 500),
    (NotUnderstood("Security"), "MustUnderstand", "MustUnderstand", "Header not understood: Security", 500),
    (UnknownService("Treasury"), "Client", "Sender", "Denied access to class (Treasury)", 500),
    (
        UnknownOperation("Account", "rob"),
        "Client",
        "Sender",
        "Denied access to method (rob) in class (Account)",
        500,
    ),
    (ApplicationError(), "Server", "Receiver", "Application error", 500),
]


@pytest.mark.parametrize(("fault", "code", "_code_12", "text", "status"), EVERY)
def test_fault_of_soap_11(fault: RequestFault, code: str, _code_12: str, text: str, status: int) -> None:
    fault.soap12 = False
    root = etree.fromstring(fault_bytes(fault))
    body = root.find(f"{{{ENVELOPE_11}}}Body/{{{ENVELOPE_11}}}Fault")
    assert body is not None
    assert [(part.tag, part.text) for part in body] == [("faultcode", f"soap:{code}"), ("faultstring", text)]
    assert root.nsmap["soap"] == ENVELOPE_11, "the prefix of the code is the one of the envelope"
    assert fault.http_status == status


@pytest.mark.parametrize(("fault", "_code", "code", "text", "_status"), EVERY)
def test_fault_of_soap_12(fault: RequestFault, _code: str, code: str, text: str, _status: int) -> None:
    fault.soap12 = True
    root = etree.fromstring(fault_bytes(fault))
    path = f"{{{ENVELOPE_12}}}Body/{{{ENVELOPE_12}}}Fault/{{{ENVELOPE_12}}}"
    assert root.findtext(f"{path}Code/{{{ENVELOPE_12}}}Value") == f"soap:{code}"
    reason = root.find(f"{path}Reason/{{{ENVELOPE_12}}}Text")
    assert reason is not None
    assert reason.text == text
    assert reason.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"


def test_kind_of_content_follows_the_version() -> None:
    assert content_type(soap12=False) == "text/xml; charset=utf-8"
    assert content_type(soap12=True) == "application/soap+xml; charset=utf-8"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("Account", "Account"),
        ("4111111111111111", "XXXXXXXXXXXX1111"),
        ("a 4111-1111-1111-1111 b", "a XXXX-XXXX-XXXX-1111 b"),
        ("a\x00b\x1b[31mc\ud800d\ufffee", "a?b?[31mc?d?e"),
        ("two\nlines\r", "two?lines?"),
        ("x" * 1000, "x" * 100),
    ],
)
def test_what_is_shown_of_a_name(sent: str, shown: str) -> None:
    assert presentable(sent) == shown
    assert shown in UnknownService(sent).text


@given(st.text(), st.booleans())
def test_any_name_leaves_the_fault_well_formed(name: str, soap12: bool) -> None:
    fault = UnknownOperation("Account", name)
    fault.soap12 = soap12
    root = etree.fromstring(fault_bytes(fault))
    assert presentable(name) in "".join(str(text) for text in root.itertext())


def test_the_tree_in_the_docstring_names_every_fault() -> None:
    classes = [
        each for each in vars(faults).values() if isinstance(each, type) and issubclass(each, RequestFault)
    ]
    assert faults.__doc__ is not None
    assert [each.__name__ for each in classes if each.__name__ not in faults.__doc__] == []
