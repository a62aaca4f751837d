"""Formats of bodies, each as a reader from bytes to plain values and a writer back.

Plain values are mappings, lists, texts, `Decimal` and `int` numbers, booleans and None. A reader raises `Unreadable`
with a sentence for a person.
"""

from __future__ import annotations


class Unreadable(ValueError):
    """The body is not what its media type says. The text is a sentence fragment that follows "The body"."""


MAX_DEPTH = 32
"""Deepest nesting of objects and lists in any format."""


def decoded(raw: bytes, charset: str | None) -> str:
    """The text of a body. Raises `Unreadable`; nobody gets to name an exotic codec."""
    name = (charset or "utf-8").strip().strip("\"'").lower()
    if name not in _CHARSETS:
        raise Unreadable("is in a character encoding that is not supported")
    try:
        return raw.decode("utf-8-sig" if name in ("utf-8", "utf8") else name)
    except UnicodeDecodeError:
        raise Unreadable("is not text in its character encoding") from None


_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii", "iso-8859-1", "latin-1", "windows-1252", "utf-16"})
