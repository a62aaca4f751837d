"""Ways to spoil a sound request: one wrong value at a time, or several odd ones together.

``odd_ones`` lists every single change to a request, field by field of the contract: values that cannot be read, ids of
nothing and of something else, limits of numbers and texts, parts left out, doubled or nested without end. Where the
conventions fix what must come of it, the change says so. ``spoiled`` draws requests with a few changes at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from xml.sax.saxutils import escape

from hypothesis import strategies as st
from lxml import etree

from cashbox_service.contract import IDENTIFIERS, Contract, Field, load
from cashbox_service.soap.leniency import UNCHECKED

FACTS: Contract = load("22.0")
DEPTH = 4
"""Objects within objects that ``spoiled`` adds; deeper ones are left out."""

KINDS = ("account", "address", "method", "bill", "product", "plan", "transaction")
"""Objects that exist; ``{account}`` stands for the merchant's id, ``{accountVid}`` for the VID."""

BY_PATTERN = "fetchByPaymentMethod/"
"""Operations that search by the first id which is given and look at no other (account §2.8, transaction §7)."""

NO_VID = "0" * 40
NO_ID = "no such id"
TWINS = {
    "Account": ("merchantAccountId", "{otherAccount}"),
    "AutoBill": ("merchantAutoBillId", "{otherBill}"),
    "BillingPlan": ("merchantBillingPlanId", "{otherPlan}"),
    "PaymentMethod": ("merchantPaymentMethodId", "{otherMethod}"),
    "Product": ("merchantProductId", "{otherProduct}"),
}
"""By type, the merchant's id of an object that no sound request names."""

IDS = (*(f"{{{kind}}}" for kind in KINDS), NO_ID, "a/b", "x" * 300, "ü" * 200, "", "  ", "\u200b", "a\tb\nc")
VIDS = (*(f"{{{kind}Vid}}" for kind in KINDS), NO_VID, "nonsense", "x" * 300, "")
TEXTS = (
    "", " ", "x", "USD", "EUR", "JPY", "usd", "QQQ", "_VT", "x" * 260, "ü" * 1100, "x" * 70_000, "CVN", "vin:x",
    "<b>&amp;</b>", "'; DROP TABLE accounts; --", "{account}", "203812", "199901", "4111111111111111",
    "1111111111111111", "411111XXXXXX1111", "4555555555555550", "110000000", "unlimited", "-1", "0", "12",
    "2024-02-30", "AVS:N", "𝄞", "\u202e\ufffd", "a\tb\nc\u0085d\x7f", "%s%n{0}{detail}",
)  # fmt: skip
VALUES = {
    "xsd:boolean": ("0", "1", "true", ""),
    "xsd:int": ("", "-2147483648", "-1", "0", "1", "2", "31", "101", "2147483647"),
    "xsd:integer": ("", "-1", "0", "1", "99999999999999999999999"),
    "xsd:long": ("", "-1", "0", "9223372036854775807"),
    "xsd:decimal": (
        "", "-1", "-0.01", "0", "-0", "0.001", "1", "4.99", "10.00", "12.345", "9999999999999",
        "9223372036854.775808", "99999999999999999999", "1" * 60, "0." + "1" * 60,
    ),
    "xsd:date": ("", "1900-01-01", "2024-02-29", "9999-12-31"),
    "xsd:dateTime": (
        "", "0001-01-01T00:00:00", "1900-01-01T12:00:00Z", "1999-12-31T23:59:59Z", "2024-02-29",
        "2038-01-19T03:14:08+14:00", "9999-12-30T00:00:00Z",
    ),
    "xsd:base64Binary": ("", "AAAA"),
    "xsd:float": ("", "1.5", "-1"),
}  # fmt: skip
BROKEN = {
    "xsd:boolean": ("yes", "2", "TRUE"),
    "xsd:int": ("2147483648", "1.0", "one", "1e3", "0x1"),
    "xsd:integer": ("1.0", "one"),
    "xsd:long": ("9223372036854775808", "1.0"),
    "xsd:decimal": ("NaN", "INF", "1e300", "1,5", "ten", "--1", "1" * 1001),
    "xsd:date": ("yesterday", "2024-02-30"),
    "xsd:dateTime": (
        "yesterday",
        "2024-02-30T00:00:00Z",
        "2024-13-01",
        "0000-00-00",
        "10000-01-01T00:00:00Z",
    ),
    "xsd:base64Binary": ("*",),
    "xsd:float": ("NaN", "much"),
}
"""Texts that are not of the type."""

NOT_XML = "&#1;"
"""Content that no XML document may have."""

SHOWN = 100
"""Characters of a wrong value that are quoted."""

_PLACE = "<place-of-the-change/>"


@dataclass(frozen=True)
class Odd:
    """One change to a sound request.

    ``field`` is the field it is about, of the type or service ``owner``, ``value`` what it was given. ``text`` is the
    return string that must come of it, ``refused`` says that the call must not succeed, ``fault`` that there is no
    Return at all; otherwise the call may succeed or be refused.
    """

    where: str
    request: str
    owner: str
    field: Field
    value: str
    text: str | None = None
    refused: bool = False
    fault: bool = False

    def __repr__(self) -> str:
        return f"{self.where} := {self.value[:SHOWN]!r}"


def odd_ones(service: str, operation: str, sound: Sequence[str]) -> list[Odd]:
    """Every change to each of the sound requests; no request twice."""
    found: dict[str, Odd] = {}
    for request in sound:
        root = _parsed(request)
        for odd in _inside(root, root, _fields(service, operation), service, operation):
            found.setdefault(odd.request, odd)
    return list(found.values())


def _inside(
    root: etree._Element, parent: etree._Element, fields: Sequence[Field], owner: str, where: str
) -> Iterator[Odd]:
    """All changes to the fields of one object of the request, whether they are given or not, and within them."""
    for field in fields:
        given = [child for child in parent if child.tag == field.name]
        for content in _contents(field, owner):
            yield _changed(root, parent, given, field, owner, f"{where}/{field.name}", content)
        for child in given:
            yield _changed(root, parent, [child], field, owner, f"{where}/{field.name}", _LEFT_OUT)
            yield _changed(root, parent, [], field, owner, f"{where}/{field.name}", _again(child))
            if field.type in FACTS.types:
                inner = FACTS.types[field.type].fields
                yield from _inside(root, child, inner, field.type, f"{where}/{field.name}")
                yield from _contradictions(root, child, field.type, f"{where}/{field.name}")
            elif field.name in ("VID", "vid"):
                dangling = _Content(_element(field, NO_VID), NO_VID, refused=True)
                yield _changed(root, parent, [child], field, owner, f"{where}/{field.name}", dangling)


@dataclass(frozen=True)
class _Content:
    """Elements to stand in the place of a field, and what is known of the answer."""

    xml: str
    value: str
    text: str | None = None
    refused: bool = False
    fault: bool = False


_LEFT_OUT = _Content("", "(left out)")


def _again(child: etree._Element) -> _Content:
    return _Content(etree.tostring(child, encoding="unicode"), "(twice)")


def _contradictions(root: etree._Element, named: etree._Element, type_: str, where: str) -> Iterator[Odd]:
    """An object named by its VID and by the merchant's id of another one (conventions §4.2)."""
    if type_ in TWINS and not where.startswith(BY_PATTERN) and named.find("VID") is not None:
        name, other = TWINS[type_]
        field = next(each for each in FACTS.types[type_].fields if each.name == name)
        given = [child for child in named if child.tag == name]
        content = _Content(_element(field, other), other, refused=True)
        yield _changed(root, named, given, field, type_, f"{where}/{name}", content)


def _changed(
    root: etree._Element,
    parent: etree._Element,
    instead_of: Sequence[etree._Element],
    field: Field,
    owner: str,
    where: str,
    content: _Content,
) -> Odd:
    children = list(parent)
    at = children.index(instead_of[0]) if instead_of else len(children)
    place = etree.Element("place-of-the-change")
    try:
        for child in instead_of:
            parent.remove(child)
        parent.insert(at, place)
        request = _written(root).replace(_PLACE, content.xml)
    finally:
        parent[:] = children
    return Odd(where, request, owner, field, content.value, content.text, content.refused, content.fault)


@cache
def _contents(field: Field, owner: str) -> tuple[_Content, ...]:
    """What may be put in the place of a field."""
    nil = f'<{field.name} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="1"/>'
    common = [
        _Content(nil, "(nil)"),
        _Content(f"<{field.name}>{NOT_XML}</{field.name}>", NOT_XML, fault=True),
    ]
    if field.type in FACTS.types:
        return (*common, *_objects(field, owner))
    inner = _Content(f"<{field.name}><b>x</b></{field.name}>", "<b>", text=_unreadable(field, owner, "<b>"))
    return (
        *common,
        inner,
        *(_Content(_element(field, text), text) for text in _values(field)),
        *(
            _Content(_element(field, text), text, text=_unreadable(field, owner, text))
            for text in _broken(field, owner)
        ),
    )


def _objects(field: Field, owner: str) -> Iterator[_Content]:
    name = field.name
    yield _Content(_element(field, "text"), "text", text=_unreadable(field, owner, ""))
    yield _Content(_element(field, ""), "")
    yield _Content(f"<{name}><unknown><unknown>x</unknown></unknown></{name}>", "<unknown>")
    yield _Content(f"<{name}>{'<a>' * 70}{'</a>' * 70}</{name}>", "<a>…", fault=True)
    if any(each.name == "VID" for each in FACTS.types[field.type].fields):
        yield _Content(f"<{name}><VID>{NO_VID}</VID></{name}>", NO_VID)
    if field.repeated:
        yield _Content(f"<{name}/>" * 500, "(500 of them)")


def _unreadable(field: Field, owner: str, value: str) -> str:
    """The return string for a value that is not of its type (conventions §2.1)."""
    kind = field.type if field.is_builtin else f"vin:{field.type}"
    return (
        f'Invalid Arguments - Item "Vindicia::Soap::{owner}.{field.name}" of type {kind} '
        f'has invalid value "{_shown(value)}"!'
    )


def _shown(value: str) -> str:
    """A long row of digits might be a card number."""
    masked = "X" * (len(value) - 4) + value[-4:] if value.isdigit() and len(value) > 11 else value
    return ("X" * SHOWN if len(masked) > 2 * SHOWN else masked)[:SHOWN]


def _broken(field: Field, owner: str) -> Sequence[str]:
    if field.type in FACTS.enums:
        # Return codes outside of the list have been sent, and a period's type is judged by its operation.
        checked = FACTS.enum_base(field.type) == "xsd:string" and (owner, field.name) not in UNCHECKED
        return ("No Such Value",) if checked else ()
    return BROKEN.get(field.type, ())


def _values(field: Field) -> Sequence[str]:
    if field.type in FACTS.enums:
        return [*FACTS.enums[field.type], ""]
    if field.name in ("VID", "vid"):
        return VIDS
    return IDS if field.name in IDENTIFIERS else VALUES.get(field.type, TEXTS)


def _element(field: Field, text: str) -> str:
    return f"<{field.name}>{escape(text)}</{field.name}>"


def _fields(service: str, operation: str) -> Sequence[Field]:
    return FACTS.operation(service, operation).request[2:]


def _parsed(request: str) -> etree._Element:
    return etree.fromstring(f"<request>{request}</request>")


def _written(root: etree._Element) -> str:
    return "".join(etree.tostring(child, encoding="unicode") for child in root)


@st.composite
def spoiled(draw: st.DrawFn, service: str, operation: str, sound: Sequence[str]) -> str:
    """A sound request with two or three odd changes, among them objects that were not there."""
    root = _parsed(draw(st.sampled_from(sound)))
    for _ in range(draw(st.integers(2, 3))):
        _spoil(draw, root, _fields(service, operation), DEPTH)
    return _written(root)


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
        if depth > 0:
            element.extend([_odd(draw, each, depth - 1) for each in draw(chosen)])
    else:
        element.text = draw(st.sampled_from(_values(field)))
    return element
