"""From the bytes of a request to the one operation element in its envelope.

No HTTP here beyond two header values (``Content-Encoding`` and the charset of ``Content-Type``), and no meaning: which
service, which operation and what the parameters say is decided elsewhere. Everything that is wrong with the bytes
raises a ``RequestFault``. Source: spec conventions §2.1, §2.3, §3.4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from lxml import etree

from cashbox_service.soap.encoding import as_utf8
from cashbox_service.soap.faults import (
    ENVELOPE_11,
    ENVELOPE_12,
    Malformed,
    NotUnderstood,
    RequestFault,
    TooLarge,
    WrongVersion,
)
from cashbox_service.soap.xml_parser import declares_document_type, parse_xml

_ENVELOPES = {f"{{{ENVELOPE_11}}}Envelope": ENVELOPE_11, f"{{{ENVELOPE_12}}}Envelope": ENVELOPE_12}
_OURS = frozenset(
    {
        "",
        "http://schemas.xmlsoap.org/soap/actor/next",
        f"{ENVELOPE_12}/role/next",
        f"{ENVELOPE_12}/role/ultimateReceiver",
    }
)
"""Actors and roles of header entries that are meant for this service."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of everything one request may hold."""

    bytes: int = 2 * 1024 * 1024
    elements: int = 50_000
    attributes: int = 100_000
    depth: int = 64


@dataclass(frozen=True, slots=True)
class Request:
    """The operation element of an envelope, and what is needed to read it.

    ``resolve`` finds the element with an id; it is None when the request refers to nothing. ``idempotency_key`` is what
    the HTTP header of that name says.
    """

    operation: etree._Element
    namespace: str
    name: str
    soap12: bool = False
    resolve: Callable[[str], etree._Element | None] | None = None
    idempotency_key: str | None = None


def read_envelope(body: bytes, charset: str | None = None, limits: Limits | None = None) -> Request:
    """The request in ``body``, unpacked already; ``charset`` is the one that HTTP names.

    Raises RequestFault; ``soap12`` of the fault says in which form it is to be answered.
    """
    limits = limits or _DEFAULT_LIMITS
    if len(body) > limits.bytes:
        raise TooLarge(f"more than {limits.bytes} bytes")
    text = as_utf8(body, charset)
    root = _root(text, limits)
    envelope = _ENVELOPES.get(root.tag)
    if envelope is None:
        raise _not_an_envelope(root)
    try:
        return _request(root, envelope, has_references=b"href" in text)
    except RequestFault as fault:
        fault.soap12 = envelope == ENVELOPE_12
        raise


def read_document(body: bytes, charset: str | None, limits: Limits) -> etree._Element:
    """The root of any document, under the same limits and by the same parser. Raises Malformed, TooLarge."""
    return _root(as_utf8(body, charset), limits)


def _root(text: bytes, limits: Limits) -> etree._Element:
    """The parsed document. Counting characters before the parse bounds what the parse can cost."""
    tags = text.count(b"<")
    if tags > 2 * limits.elements:
        raise TooLarge(f"more than {limits.elements} elements")
    if text.count(b"=") > limits.attributes:
        raise TooLarge(f"more than {limits.attributes} attributes")
    if not text or text.isspace():
        raise Malformed("the body is empty")
    if declares_document_type(text):
        raise Malformed("a document type declaration is not accepted")
    root = parse_xml(text)
    if root.getroottree().docinfo.internalDTD is not None:
        raise Malformed("a document type declaration is not accepted")
    if tags > limits.depth and _deeper_than(limits.depth)(root):
        raise TooLarge(f"elements are nested more than {limits.depth} deep")
    return root


@cache
def _deeper_than(depth: int) -> etree.XPath:
    return etree.XPath("boolean(" + "/*" * (depth + 1) + ")")


def _not_an_envelope(root: etree._Element) -> RequestFault:
    if etree.QName(root).localname == "Envelope":
        return WrongVersion()
    return Malformed("no Envelope")


def _request(root: etree._Element, envelope: str, *, has_references: bool) -> Request:
    header, body = _header_and_body(root, envelope)
    if header is not None and len(header):
        _refuse_mandatory_entries(header, envelope)
    operation = _operation(body)
    namespace, _, name = operation.tag.rpartition("}")
    resolve = _resolver(root) if has_references else None
    return Request(operation, namespace[1:], name, envelope == ENVELOPE_12, resolve)


def _header_and_body(root: etree._Element, envelope: str) -> tuple[etree._Element | None, etree._Element]:
    header = body = None
    header_tag, body_tag = f"{{{envelope}}}Header", f"{{{envelope}}}Body"
    for child in root:
        if child.tag == body_tag:
            if body is not None:
                raise Malformed("more than one Body")
            body = child
        elif child.tag == header_tag:
            header = child
    if body is None:
        raise Malformed("no Body")
    return header, body


def _refuse_mandatory_entries(header: etree._Element, envelope: str) -> None:
    """No header entry is known here, so one that must be understood ends the call."""
    must, actor, role = (f"{{{envelope}}}{name}" for name in ("mustUnderstand", "actor", "role"))
    for entry in _elements(header):
        meant_for = entry.get(actor) or entry.get(role) or ""
        if (entry.get(must) or "").strip() in ("1", "true") and meant_for.strip() in _OURS:
            raise NotUnderstood(etree.QName(entry).localname)


def _operation(body: etree._Element) -> etree._Element:
    """The first element of the body. Others may follow only as targets of references, as Axis 1 sends them."""
    elements = _elements(body)
    operation = next(elements, None)
    if operation is None:
        raise Malformed("the Body is empty")
    if any(other.get("id") is None for other in elements):
        raise Malformed("more than one operation")
    return operation


def _elements(parent: etree._Element) -> Iterator[etree._Element]:
    """The children of ``parent`` that are neither comments nor processing instructions."""
    return (child for child in parent if isinstance(child.tag, str))


def _resolver(root: etree._Element) -> Callable[[str], etree._Element | None]:
    by_id: dict[str, etree._Element] = {}
    for element in root.iter("*"):
        name = element.get("id")
        if name is not None:
            by_id.setdefault(name, element)
    return by_id.get


_DEFAULT_LIMITS = Limits()
