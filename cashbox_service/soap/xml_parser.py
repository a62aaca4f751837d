"""The XML parser for requests: nothing outside of the document is ever read, and nothing of it is kept.

libxml2 keeps every name it has seen in a dictionary that lives as long as the thread and only grows. A stranger who
sends a new name with every request could thus fill the memory. So each thread parses only what it has parsed before,
give or take the text (real clients send the same few dozen forms of requests again and again), and as much new as its
allowance permits; everything else is parsed in a thread of its own, whose dictionary ends with it.
"""

from __future__ import annotations

import re
import threading
from typing import Any, cast

from lxml import etree

from cashbox_service.soap.faults import Malformed

NOVELTY_BYTES = 4 * 1024 * 1024
"""Bytes of requests in new forms that one thread parses itself in its life."""

_FAMILIAR_SIZE = 64 * 1024
"""A larger document is always parsed apart: there the thread costs next to nothing."""

_CONTENT = re.compile(rb""">\s*[^<\s"'][^<"']*""")
"""Text between tags. It ends at a quote, so that nothing after an attribute's value passes for text."""


def _parser() -> etree.XMLParser:
    """``collect_ids=False`` is never to be added here: it makes libxml2 open external document types."""
    return etree.XMLParser(
        encoding="utf-8",  # whatever the declaration says: the bytes were converted
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
    )


class _ThreadParser(threading.local):
    def __init__(self) -> None:
        self.parser = _parser()
        self._familiar: set[int] = set()
        self._allowance = NOVELTY_BYTES

    def may_parse(self, text: bytes) -> bool:
        """Whether parsing ``text`` in this thread adds nothing lasting, or what is added is within the allowance."""
        if len(text) > _FAMILIAR_SIZE:
            return False
        form = hash(_CONTENT.sub(b">", text))
        if form in self._familiar:
            return True
        if len(text) > self._allowance:
            return False
        self._allowance -= len(text)
        self._familiar.add(form)
        return True


_here = _ThreadParser()


def parse_xml(text: bytes) -> etree._Element:
    """The root of the document in ``text``, which is UTF-8. Raises Malformed."""
    try:
        if _here.may_parse(text):
            return etree.fromstring(text, _here.parser)
        return _parsed_apart(text)
    except etree.XMLSyntaxError as error:
        raise Malformed(_position(error)) from None


def declares_document_type(text: bytes) -> bool:
    """Whether ``<!DOCTYPE`` stands before the root element; comments and instructions there are stepped over."""
    position = 0
    while True:
        position = text.find(b"<", position)
        if text.startswith(b"<?", position):
            position = text.find(b"?>", position)
        elif text.startswith(b"<!--", position):
            position = text.find(b"-->", position + 4)
        else:
            return text.startswith(b"<!", position)
        if position < 0:
            return False


def _parsed_apart(text: bytes) -> etree._Element:
    roots: list[etree._Element] = []
    errors: list[etree.XMLSyntaxError] = []

    def parse() -> None:
        try:
            roots.append(etree.fromstring(text, _parser()))
        except etree.XMLSyntaxError as error:
            errors.append(error)

    thread = threading.Thread(target=parse, name="parse-apart", daemon=True)
    thread.start()
    thread.join()
    if not roots:
        raise errors[0]
    return roots[0]


def _position(error: etree.XMLSyntaxError) -> str:
    """Where and of what kind the error is. The parser's own text quotes the document, which may hold secrets."""
    line, column = error.position
    last = cast("Any", error.error_log).last_error  # lxml's stubs lack it
    kind = (
        last.type_name.removeprefix("ERR_").replace("_", " ").lower() if last is not None else "syntax error"
    )
    return f"not well-formed XML: {kind} at line {line}, column {column}"
