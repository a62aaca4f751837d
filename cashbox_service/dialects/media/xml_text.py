"""XML as plain values: an element with children is a mapping, one without is its text, repeated ones are a list.

Namespaces and attributes are passed over, but for ``xsi:nil``. Documents are parsed by the parser of the SOAP endpoint,
which takes no document type, no entities and nothing from the network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol
from xml.sax.saxutils import escape

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


class Element(Protocol):
    """What is needed of a parsed element."""

    tag: Any
    text: Any

    def __iter__(self) -> Any: ...

    def get(self, key: str, /) -> str | None: ...


def name_of(element: Element) -> str:
    """The local name of an element."""
    return str(element.tag).rpartition("}")[2]


def content(element: Element) -> Any:
    """What an element holds."""
    if (element.get(_NIL) or "").strip() in ("true", "1"):
        return None
    children = [child for child in element if isinstance(child.tag, str)]
    if not children:
        return element.text or ""
    found: dict[str, Any] = {}
    for child in children:
        name, value = name_of(child), content(child)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def dump(root: str, value: Any, namespaces: str = "") -> bytes:
    """The document of a value. In lists every item is named by the mapping that holds it."""
    return f"<{root}{namespaces}>{_inner(value)}</{root}>".encode()


def _inner(value: Any) -> str:
    if isinstance(value, Mapping):
        return "".join(_member(name, inner) for name, inner in value.items())
    return escape(_printable(_text(value)))


def _member(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "".join(_member(name, one) for one in value)
    return f"<{name}>{_inner(value)}</{name}>"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def _printable(text: str) -> str:
    """Characters that XML cannot carry, not even escaped, become question marks."""
    return "".join(
        sign if sign in "\t\n\r" or (sign >= " " and sign not in "\ufffe\uffff") else "?" for sign in text
    )
