"""What the marks of SOAP's encoding say of an element: that it is an array, a map, or text in base64.

Libraries that know no schema tell with ``xsi:type`` in which form they wrote a value. SOAP::Lite writes text beyond
ASCII in base64 unless it is told otherwise, and PHP's SoapClient writes arrays with keys as the maps of Apache SOAP.
Whatever else ``xsi:type`` says is nothing to the reader. Source: spec conventions §2.1, and the clients of
``tests/clients``.
"""

from __future__ import annotations

from collections.abc import Callable, Container

from lxml import etree

from cashbox_service.soap import lexical

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
BASE64 = ("base64Binary", "base64")
MAP = "Map"

_ARRAY = "Array"
_ARRAY_MARKS = (
    "{http://schemas.xmlsoap.org/soap/encoding/}arrayType",
    "{http://www.w3.org/2003/05/soap-encoding}itemType",
    "{http://www.w3.org/2003/05/soap-encoding}arraySize",
)


def kind(element: etree._Element) -> str:
    """The local name in ``xsi:type``; prefixes are often unknown, so they say nothing."""
    declared = element.get(XSI_TYPE)
    return "" if declared is None else declared.strip(lexical.WHITE_SPACE).rpartition(":")[2]


def is_array(element: etree._Element, kind: str) -> bool:
    return kind == _ARRAY or any(element.get(mark) is not None for mark in _ARRAY_MARKS)


def text_of(base64: str) -> str:
    """The text that was written in base64: UTF-8, else Latin-1; what is no base64 is taken as sent.

    Raises ValueError for characters that no document may hold.
    """
    try:
        octets = lexical.parse_base64(base64)
    except ValueError:
        return base64
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        text = octets.decode("latin-1")
    if lexical.has_illegal(text):
        raise ValueError("not a text")
    return text


def open_map(element: etree._Element, known: Container[str], on_unknown: Callable[[str], None]) -> None:
    """Makes an object of a map: its values by the names of their keys in place of its items.

    Only ``known`` names become names of elements, as libxml2 never forgets a name.
    """
    for item in list(element):
        element.remove(item)
        key, value = item.find("{*}key"), item.find("{*}value")
        name = (key.text or "").strip(lexical.WHITE_SPACE) if key is not None else ""
        if value is None or not name:
            continue
        if name in known:
            value.tag = name
            element.append(value)
        else:
            on_unknown(name)
    element.attrib.pop(XSI_TYPE)
