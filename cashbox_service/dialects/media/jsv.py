"""JSV: JSON with the escaping of CSV, as ServiceStack defines it (dialects §3).

A text stands in quotes only where it has to: when it is empty, begins or ends with white space, or holds a character
that has a meaning; quotes inside are doubled. An object is ``{key:value,...}``, a list ``[value,...]``, a missing value
is nothing at all. White space around tokens is passed over, as in the documentation's own examples. JSV has no types:
everything that is neither object nor list is read as text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from cashbox_service.dialects.media import MAX_DEPTH, Unreadable, decoded

_MEANINGFUL: Final = frozenset('{}[],"\n\r\t')
_END_OF_VALUE: Final = frozenset(",}]")
_END_OF_KEY: Final = frozenset(":,}]{[")


def load(raw: bytes, charset: str | None = None) -> Any:
    """The value in a body. Raises `Unreadable`."""
    return loads(decoded(raw, charset))


def loads(text: str) -> Any:
    """The value in a text. Raises `Unreadable`."""
    reader = _Reader(text)
    value = reader.value(MAX_DEPTH)
    reader.blanks()
    if not reader.at_end:
        raise reader.error("something stands behind its end")
    return value


def dump(value: Any) -> bytes:
    return dumps(value).encode()


def dumps(value: Any) -> str:
    """The text of a value; members without one are left out."""
    if isinstance(value, Mapping):
        members = (
            f"{_quoted(name, key=True)}:{dumps(inner)}" for name, inner in value.items() if inner is not None
        )
        return "{" + ",".join(members) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ",".join(dumps("" if inner is None else inner) for inner in value) + "]"
    return "" if value is None else _quoted(_scalar(value))


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int | str):
        return str(value)
    raise TypeError(f"no JSV for {type(value).__name__}")


def _quoted(text: str, *, key: bool = False) -> str:
    plain = text and text == text.strip() and not _MEANINGFUL.intersection(text) and not (key and ":" in text)
    return text if plain else '"' + text.replace('"', '""') + '"'


class _Reader:
    """Reads one text from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._text)

    def error(self, reason: str) -> Unreadable:
        return Unreadable(f"is not JSV: {reason}, at character {self._at + 1}")

    def blanks(self) -> None:
        while not self.at_end and self._text[self._at].isspace():
            self._at += 1

    def value(self, depth: int) -> Any:
        if depth < 0:
            raise Unreadable("is nested too deep")
        self.blanks()
        sign = self._peek()
        if sign == "{":
            return self._object(depth)
        if sign == "[":
            return self._list(depth)
        return self._quoted() if sign == '"' else self._bare(_END_OF_VALUE) or None

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self._at += 1
        self.blanks()
        if self._take("}"):
            return found
        while True:
            self.blanks()
            name = self._quoted() if self._peek() == '"' else self._bare(_END_OF_KEY)
            self.blanks()
            if not self._take(":"):
                raise self.error("a colon is missing")
            found[name] = self.value(depth - 1)
            if self._ends("}"):
                return found

    def _list(self, depth: int) -> list[Any]:
        found: list[Any] = []
        self._at += 1
        self.blanks()
        if self._take("]"):
            return found
        while True:
            found.append(self.value(depth - 1))
            if self._ends("]"):
                return found

    def _ends(self, bracket: str) -> bool:
        self.blanks()
        if self._take(bracket):
            return True
        if not self._take(","):
            raise self.error(f'"{bracket}" is missing')
        return False

    def _quoted(self) -> str:
        start = self._at + 1
        while True:
            end = self._text.find('"', self._at + 1)
            if end < 0:
                raise self.error("a quote is not closed")
            self._at = end + 1
            if self._peek() != '"':
                return self._text[start:end].replace('""', '"')

    def _bare(self, ends: frozenset[str]) -> str:
        start = self._at
        while not self.at_end and self._text[self._at] not in ends:
            self._at += 1
        return self._text[start : self._at].strip()

    def _peek(self) -> str:
        return self._text[self._at] if not self.at_end else ""

    def _take(self, sign: str) -> bool:
        taken = self._peek() == sign
        self._at += taken
        return taken
