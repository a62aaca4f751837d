"""Strategies that spoil a sound request: some of its values replaced, left out, doubled, or joined by others.

What is put in is well-formed and of the contract, but odd: ids of something else, limits of numbers, long texts.
"""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st
from lxml import etree

from cashbox_service.contract import IDENTIFIERS, Contract, Field, load

FACTS: Contract = load("22.0")
DEPTH = 4
"""Objects within objects that are added; deeper ones are left out."""

KINDS = ("account", "address", "method", "bill", "product", "plan", "transaction")
"""Objects that exist; ``{account}`` stands for the merchant's id, ``{accountVid}`` for the VID."""

IDS = (*(f"{{{kind}}}" for kind in KINDS), "unknown", "a/b", "x" * 300, "ü" * 200, "", "  ")
SALES = ("authorized", "paypal", "carrier", "hosted")
"""Sales that are not over yet, under VIDs alone."""

VIDS = (*(f"{{{kind}Vid}}" for kind in (*KINDS, *SALES)), "0" * 40, "nonsense", "")
TEXTS = (
    "", " ", "x", "USD", "EUR", "JPY", "usd", "QQQ", "_VT", "x" * 260, "ü" * 1100, "CVN", "vin:x", "<b>&amp;</b>",
    "'; DROP TABLE accounts; --", "{account}", "203812", "199901", "4111111111111111", "1111111111111111",
    "411111XXXXXX1111", "4555555555555550", "110000000", "unlimited", "-1", "0", "12", "2024-02-30", "AVS:N", "𝄞",
)  # fmt: skip
VALUES = {
    "xsd:boolean": ("0", "1", "true", ""),
    "xsd:int": ("", "-2147483648", "-1", "0", "1", "2", "31", "101", "2147483647"),
    "xsd:integer": ("", "-1", "0", "1", "99999999999999999999999"),
    "xsd:long": ("", "-1", "0", "9223372036854775807"),
    "xsd:decimal": (
        "", "-1", "-0.01", "0", "0.001", "1", "4.99", "10.00", "12.345", "9999999999999", "99999999999999999999",
        "1" * 60, "0." + "1" * 60,
    ),
    "xsd:date": ("", "1900-01-01", "2024-02-29", "9999-12-31"),
    "xsd:dateTime": (
        "", "1900-01-01T12:00:00Z", "1999-12-31T23:59:59Z", "2024-02-29", "2038-01-19T03:14:08+14:00",
        "9999-12-30T00:00:00Z",
    ),
    "xsd:base64Binary": ("", "AAAA"),
    "xsd:float": ("", "1.5", "-1"),
}  # fmt: skip
BROKEN = {
    "xsd:boolean": ("yes", "2", "TRUE"),
    "xsd:int": ("2147483648", "1.0", "one", "1e3"),
    "xsd:integer": ("1.0", "one"),
    "xsd:long": ("9223372036854775808", "1.0"),
    "xsd:decimal": ("NaN", "INF", "1e3", "1,5", "ten"),
    "xsd:date": ("yesterday", "2024-02-30"),
    "xsd:dateTime": ("yesterday", "2024-02-30T00:00:00Z", "2024-13-01", "0000-00-00"),
    "xsd:base64Binary": ("*",),
    "xsd:float": ("NaN", "much"),
}
"""Texts that are not of the type."""


@st.composite
def spoiled(draw: st.DrawFn, service: str, operation: str, sound: Sequence[str]) -> str:
    """A sound request with one to three odd changes."""
    root = _parsed(draw(st.sampled_from(sound)))
    for _ in range(draw(st.integers(1, 3))):
        _spoil(draw, root, _fields(service, operation), DEPTH)
    return _written(root)


@st.composite
def broken(draw: st.DrawFn, service: str, operation: str, sound: Sequence[str]) -> str:
    """A sound request with one more value, which is not of its type."""
    root = _parsed(draw(st.sampled_from(sound)))
    _break(draw, root, _fields(service, operation), DEPTH)
    return _written(root)


def can_break(service: str, operation: str) -> bool:
    """Whether a parameter of the operation, at any depth, has a type that a text can miss."""
    return any(_breakable(field, DEPTH) for field in _fields(service, operation))


def _fields(service: str, operation: str) -> Sequence[Field]:
    return FACTS.operation(service, operation).request[2:]


def _parsed(request: str) -> etree._Element:
    return etree.fromstring(f"<request>{request}</request>")


def _written(root: etree._Element) -> str:
    return "".join(etree.tostring(child, encoding="unicode") for child in root)


def _spoil(draw: st.DrawFn, parent: etree._Element, fields: Sequence[Field], depth: int) -> None:
    """Change one thing somewhere inside: in a part that is there, rather than in a further one."""
    by_name = {field.name: field for field in fields}
    if len(parent) and draw(st.integers(0, 3)):
        child = parent[draw(st.integers(0, len(parent) - 1))]
        _change(draw, child, by_name[str(child.tag)], depth)
    elif fields:
        parent.append(_odd(draw, draw(st.sampled_from(fields)), depth))


def _change(draw: st.DrawFn, child: etree._Element, field: Field, depth: int) -> None:
    if field.type in FACTS.types and draw(st.integers(0, 5)):
        _spoil(draw, child, FACTS.types[field.type].fields, depth - 1)
        return
    parent = child.getparent()
    assert parent is not None
    kind = draw(st.sampled_from(["replace", "replace", "replace", "remove", "double"]))
    if kind != "double":
        parent.remove(child)
    if kind != "remove":
        parent.append(_odd(draw, field, depth))


def _odd(draw: st.DrawFn, field: Field, depth: int) -> etree._Element:
    """An element with an odd value, or with some odd parts."""
    element = etree.Element(field.name)
    if field.type in FACTS.types:
        inner = FACTS.types[field.type].fields
        chosen = st.lists(st.sampled_from(inner), max_size=4, unique_by=lambda each: each.name)
        if depth:
            element.extend([_odd(draw, each, depth - 1) for each in draw(chosen)])
    else:
        element.text = draw(st.sampled_from(_values(field)))
    return element


def _values(field: Field) -> Sequence[str]:
    if field.type in FACTS.enums:
        return [*FACTS.enums[field.type], ""]
    if field.name in ("VID", "vid"):
        return VIDS
    return IDS if field.name in IDENTIFIERS else VALUES.get(field.type, TEXTS)


def _break(draw: st.DrawFn, parent: etree._Element, fields: Sequence[Field], depth: int) -> None:
    field = draw(st.sampled_from([each for each in fields if _breakable(each, depth)]))
    element = etree.SubElement(parent, field.name)
    if field.type in FACTS.types:
        _break(draw, element, FACTS.types[field.type].fields, depth - 1)
    elif field.type in FACTS.enums:
        element.text = "No Such Value"
    else:
        element.text = draw(st.sampled_from(BROKEN[field.type]))


def _breakable(field: Field, depth: int) -> bool:
    if field.type in FACTS.types:
        return depth > 0 and any(_breakable(each, depth - 1) for each in FACTS.types[field.type].fields)
    if field.type in FACTS.enums:
        # Return codes outside of the list have been sent, and a period's type is judged by its operation.
        return FACTS.enum_base(field.type) == "xsd:string" and field.type != "BillingPeriodType"
    return field.type in BROKEN
