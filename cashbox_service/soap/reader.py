"""Elements of a request to records.

Elements are matched by local name, unqualified or in a namespace of the contract, in any order. Unknown ones are
skipped and reported. What an empty element means depends on what it stands for: free text becomes "", everything else
is absent, and so is an optional moment that .NET sends though nobody has set it. Of an element that may occur once and
occurs twice the last one counts. Source: spec conventions §2.1, §5.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import tzinfo
from typing import Any

from lxml import etree

from cashbox_service.contract import IDENTIFIERS, Contract, Field
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.soap import encoded, lexical, records
from cashbox_service.soap.leniency import CASELESS, UNCHECKED, spellings
from cashbox_service.soap.record import Record
from cashbox_service.soap.shown import shown

Resolve = Callable[[str], "etree._Element | None"]  # noqa: SLF001  lxml has no public name for it
"""The element with an id; None when the document has none."""

MAX_DEPTH = 64
"""Objects within objects; real requests stay below ten."""

MAX_REFERENCED = 50_000
"""Cost of everything reached through references in one request: an element is 1, and so are 64 characters."""

_CHARACTERS_PER_COST = 64
_NAME_LENGTH = 100

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_NIL = f"{_XSI}nil"
_TIMES = ("xsd:date", "xsd:dateTime")
_TEXTS = ("xsd:string", "xsd:anyURI")
_VID_SPELLINGS = ("VID", "Vid", "vid")


class CodecFault(Exception):
    """The request cannot be read at all: a broken or cyclic reference, or nesting without end."""


class InvalidArgument(InvalidValue):
    """A value cannot be converted to the type that the contract gives it."""

    item: str
    type: str

    def __init__(self, item: str, type: str, value: str) -> None:  # noqa: A002  word of the wire
        visible = shown(value)
        message = (
            f'Invalid Arguments - Item "Vindicia::Soap::{item}" of type {type} has invalid value "{visible}"!'
        )
        super().__init__(item, visible, f"is not of type {type}", message)
        self.item, self.type = item, type


class _Part:
    """How one field is read: by ``convert`` from text, or as an object of type ``object_type``."""

    __slots__ = ("attribute", "convert", "empty", "item", "object_type", "repeated", "type")

    def __init__(self, owner: str, field: Field) -> None:
        self.attribute = field.attribute
        self.item = f"{owner}.{field.name}"
        self.repeated = field.repeated
        self.type = field.type if field.is_builtin else f"vin:{field.type}"
        self.object_type: str | None = None
        self.convert: Callable[[str], Any] = str
        self.empty: str | None = None

    def refused(self, value: str) -> InvalidArgument:
        return InvalidArgument(self.item, self.type, value)


class _Shape:
    """How the elements of one type are read."""

    __slots__ = ("make", "name", "parts")

    def __init__(self, name: str, make: Callable[[], Record], parts: dict[str, _Part]) -> None:
        self.name, self.make, self.parts = name, make, parts


class _Walk:
    """What one request has used up, and the references being followed."""

    __slots__ = ("following", "left", "resolve")

    def __init__(self, resolve: Resolve | None) -> None:
        self.resolve = resolve
        self.following: set[str] = set()
        self.left = MAX_REFERENCED

    @contextmanager
    def follow(self, href: str) -> Iterator[etree._Element]:
        """The element that ``href`` points to. Raises CodecFault when there is none, or it leads in a circle."""
        name = href.strip(lexical.WHITE_SPACE)
        target = self.resolve(name[1:]) if self.resolve and name.startswith("#") else None
        if target is None:
            raise CodecFault(f"no element for the reference {shown(name)}")
        if name in self.following:
            raise CodecFault(f"the reference {shown(name)} leads in a circle")
        self._pay(target)
        self.following.add(name)
        yield target
        self.following.discard(name)

    def _pay(self, target: etree._Element) -> None:
        for element in target.iter():
            self.left -= 1 + len(element.text or "") // _CHARACTERS_PER_COST
            if self.left < 0:
                raise CodecFault("the references hold too many elements")


class Reader:
    """Reads the requests of one contract. Moments without an offset are moments of ``zone``.

    ``on_unknown`` is told the path of every element that the contract lacks (``AutoBill.colour``), never a value.
    ``types`` and ``requests`` are the classes of the records that are read.
    """

    def __init__(
        self,
        facts: Contract,
        zone: tzinfo,
        on_unknown: Callable[[str], None],
        types: Mapping[str, type[Record]] = records.TYPES,
        requests: Mapping[tuple[str, str], type[Record]] = records.REQUESTS,
    ) -> None:
        self._facts = facts
        self._type_classes = types
        self._request_classes = requests
        self._parsers = lexical.parsers(zone)
        self._on_unknown = on_unknown
        self._namespaces = {facts.types_namespace, *map(facts.service_namespace, facts.services)}
        self._requests: dict[tuple[str, str], _Shape] = {}
        self._types: dict[str, _Shape] = {}

    def request(
        self, service: str, operation: str, element: etree._Element, resolve: Resolve | None
    ) -> Record:
        """The record of a whole request. Raises InvalidArgument and CodecFault."""
        return self._object(self._request_shape(service, operation), element, _Walk(resolve), 0)

    def parts(
        self,
        service: str,
        operation: str,
        element: etree._Element,
        resolve: Resolve | None,
        names: Sequence[str],
    ) -> Record:
        """The record of a request with only the parameters ``names`` read."""
        whole = self._request_shape(service, operation)
        wanted = {tag: part for tag, part in whole.parts.items() if part.attribute in names}
        return self._object(_Shape("", whole.make, wanted), element, _Walk(resolve), 0)

    def _object(self, shape: _Shape, element: etree._Element, walk: _Walk, depth: int) -> Record:
        if depth > MAX_DEPTH:
            raise CodecFault("objects are nested too deeply")
        record = shape.make()
        parts = shape.parts
        lists: dict[str, list[Any]] | None = None
        for child in element:
            part = parts.get(child.tag)
            if part is None:
                part = self._by_local_name(shape, child)
                if part is None:
                    continue
            if part.repeated:
                if lists is None:
                    lists = {}
                found = self._values(part, child, walk, depth)
                lists.setdefault(part.attribute, []).extend(found)
            elif child.keys():
                for value in self._values(part, child, walk, depth):
                    setattr(record, part.attribute, value)
            else:
                setattr(record, part.attribute, self._value(part, child, walk, depth))
        if lists is not None:
            for attribute, values in lists.items():
                setattr(record, attribute, tuple([value for value in values if value is not None]))
        return record

    def _values(self, part: _Part, element: etree._Element, walk: _Walk, depth: int) -> list[Any]:
        """The values of an element that may be nil, a reference or, for a repeated part, an array of items."""
        if not element.keys():
            return [self._value(part, element, walk, depth)]
        if element.get(_NIL, "").strip(lexical.WHITE_SPACE) in ("true", "1"):
            return [None]
        href = element.get("href")
        if href is not None:
            with walk.follow(href) as target:
                return self._values(part, target, walk, depth)
        kind = encoded.kind(element)
        if part.repeated and encoded.is_array(element, kind):
            if depth >= MAX_DEPTH:
                raise CodecFault("arrays are nested too deeply")
            items = element.iterchildren("*")
            return [value for item in items for value in self._values(part, item, walk, depth + 1)]
        if kind == encoded.MAP and part.object_type is not None:
            self._open_map(self._type_shape(part.object_type), element)
        elif kind in encoded.BASE64 and part.type in _TEXTS and element.text:
            return [self._base64(part, element)]
        return [self._value(part, element, walk, depth)]

    def _open_map(self, shape: _Shape, element: etree._Element) -> None:
        def unknown(name: str) -> None:
            self._on_unknown(f"{shape.name}.{name[:_NAME_LENGTH]}")

        encoded.open_map(element, shape.parts, unknown)

    def _base64(self, part: _Part, element: etree._Element) -> Any:
        """The value of a text that says of itself that it is in base64."""
        try:
            return part.convert(encoded.text_of(_whole_text(part, element)))
        except ValueError:
            raise part.refused("") from None  # the text might be anything, a card number included

    def _value(self, part: _Part, element: etree._Element, walk: _Walk, depth: int) -> Any:
        if part.object_type is not None:
            if len(element) and _has_elements(element):
                return self._object(self._type_shape(part.object_type), element, walk, depth + 1)
            if (element.text or "").strip(lexical.WHITE_SPACE):
                raise part.refused("")  # the text might be anything, a password included
            return None
        text = _whole_text(part, element) if len(element) else element.text
        if text is None:
            return part.empty
        try:
            return part.convert(text)
        except ValueError:
            raise part.refused(text.strip(lexical.WHITE_SPACE)) from None

    def _by_local_name(self, shape: _Shape, element: etree._Element) -> _Part | None:
        tag = element.tag
        if not isinstance(tag, str):
            return None  # a comment or a processing instruction
        namespace, _, name = tag.rpartition("}")
        part = shape.parts.get(name) if namespace[1:] in self._namespaces else None
        if part is None and shape.name:
            self._on_unknown(f"{shape.name}.{name[:_NAME_LENGTH]}")
        return part

    def _request_shape(self, service: str, operation: str) -> _Shape:
        shape = self._requests.get((service, operation))
        if shape is None:
            fields = self._facts.operation(service, operation).request
            make = self._request_classes[service, operation]
            shape = _Shape(f"{service}.{operation}", make, self._parts(service, fields))
            self._requests[service, operation] = shape
        return shape

    def _type_shape(self, name: str) -> _Shape:
        shape = self._types.get(name)
        if shape is None:
            fields = self._facts.types[name].fields
            shape = _Shape(name, self._type_classes[name], self._parts(name, fields))
            self._types[name] = shape
        return shape

    def _parts(self, owner: str, fields: Sequence[Field]) -> dict[str, _Part]:
        """The parts by tag: every spelling of VID, and the name in the namespace of the types."""
        parts: dict[str, _Part] = {}
        for field in fields:
            part = self._part(owner, field)
            for name in _vid_spellings(field.name):
                parts.setdefault(name, part)
            parts[field.name] = part
        return parts | {f"{{{self._facts.types_namespace}}}{name}": part for name, part in parts.items()}

    def _part(self, owner: str, field: Field) -> _Part:
        part = _Part(owner, field)
        if field.type in self._facts.types:
            part.object_type = field.type
        elif (owner, field.name) in UNCHECKED or _is_identifier(field):
            part.convert = _stripped
        elif field.type in _TEXTS:
            part.convert, part.empty = (_if_any, None) if field.repeated else (_as_sent, "")
        elif field.type in _TIMES and not field.required:
            part.convert = _unless_empty(_unless_never_set(self._parser(field.type)))
        else:
            part.convert = _unless_empty(self._parser(field.type))
        return part

    def _parser(self, name: str) -> Callable[[str], Any]:
        if name not in self._facts.enums:
            return self._parsers[name]
        base = self._facts.enum_base(name)
        if base != "xsd:string":
            return self._parsers[base]  # return codes: one outside the list has really been sent
        return _enumeration(spellings(self._facts, name), caseless=name in CASELESS)


def _has_elements(parent: etree._Element) -> bool:
    """Whether there is more than comments in ``parent``, which has children; nearly always told by the first."""
    return isinstance(parent[0].tag, str) or any(isinstance(child.tag, str) for child in parent)


def _whole_text(part: _Part, element: etree._Element) -> str:
    """The text around comments; an element inside a simple value makes it unreadable."""
    pieces = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str):
            raise part.refused(f"<{etree.QName(child).localname}>")
        pieces.append(child.tail or "")
    return "".join(pieces)


def _vid_spellings(name: str) -> list[str]:
    """Every way to write a name that ends in VID: vid, accountVid, accountVID …"""
    stem = name[:-3]
    return [stem + ending for ending in _VID_SPELLINGS] if name.endswith(_VID_SPELLINGS) else []


def _is_identifier(field: Field) -> bool:
    return field.name in IDENTIFIERS and field.type == "xsd:string"


def _as_sent(text: str) -> str:
    return text


def _if_any(text: str) -> str | None:
    return text or None


def _stripped(text: str) -> str | None:
    return text.strip(lexical.WHITE_SPACE) or None


def _unless_empty(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    def convert(text: str) -> Any:
        text = text.strip(lexical.WHITE_SPACE)
        return parse(text) if text else None

    return convert


def _unless_never_set(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    def convert(text: str) -> Any:
        return None if lexical.is_never_set(text) else parse(text)

    return convert


def _enumeration(values: dict[str, str], *, caseless: bool) -> Callable[[str], str]:
    known = {key.lower(): value for key, value in values.items()} if caseless else values

    def parse(text: str) -> str:
        value = known.get(text.lower() if caseless else text)
        if value is None:
            raise ValueError("not in the enumeration")
        return value

    return parse
