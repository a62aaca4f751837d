"""Sparse response descriptions: which parts of an answer the caller wants.

``Selection.parse`` reads the text, ``for_response`` fits it to the parts of one response, and mappers then ask
``wants`` for a field and hand ``child`` on to the mapper of a nested object, before they build anything.

What is returned whether named or not is the mappers' part: they set an object's VID, its merchant id and the fields
that the schema requires without asking. ``wants("VID")`` is always true; a mapper that asks for all of its fields in
one loop names the others once: ``selection.including("merchantAccountId", ...)``. Source: spec conventions §8.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, NoReturn

from cashbox_service.domain.errors import InvalidRequest

MAX_CHARACTERS = 32 * 1024
MAX_DEPTH = 32

_IDENTIFIERS = frozenset({"VID", "vid"})


class Selection:
    """The selected children of one element; immutable, shared by all items of a repeated element."""

    __slots__ = ("_children", "everything")

    def __init__(self, children: Mapping[str, Selection | None] | None) -> None:
        """``children`` by name, None for one that is named as not wanted; None altogether selects everything."""
        self.everything = children is None
        self._children = children or {}

    @classmethod
    def parse(cls, text: str | None) -> Selection:
        """The selection that ``text`` describes; everything when it is empty. Raises InvalidRequest."""
        if not text or text.isspace():
            return ALL
        if len(text) > MAX_CHARACTERS:
            raise _invalid("it is too long")
        description = _json(text)
        if not isinstance(description, dict):
            raise _invalid("it is not a JSON object")
        return _of_object(description, 1)

    def wants(self, name: str) -> bool:
        """Whether the child is selected."""
        return self.everything or self._children.get(name) is not None or name in _IDENTIFIERS

    def child(self, name: str) -> Selection:
        """What is selected within the child; identifiers alone when the child itself is not selected."""
        if self.everything:
            return self
        return self._children.get(name) or NOTHING

    def including(self, *names: str) -> Selection:
        """This selection, in which the children ``names`` are selected in any case."""
        if self.everything:
            return self
        return Selection({**self._children, **{name: self._children.get(name) or ALL for name in names}})

    def for_response(self, parts: Collection[str], objects: Collection[str]) -> Selection:
        """The selection among ``parts``, the names of a response's parts, of which ``objects`` are objects.

        When no part is named at the top, the description stands for each part that is an object.
        """
        if self.everything or not self._children.keys().isdisjoint(parts):
            return self
        return Selection(dict.fromkeys(objects, self))

    def merged(self, other: Selection) -> Selection:
        """What either selects; where both name a child, ``other`` may take it back."""
        if self.everything or other.everything:
            return ALL
        children = dict(self._children)
        for name, selected in other._children.items():
            before = children.get(name)
            children[name] = selected if before is None or selected is None else before.merged(selected)
        return Selection(children)

    def __repr__(self) -> str:
        return "ALL" if self.everything else f"Selection({dict(self._children)})"


ALL = Selection(None)
"""Everything. Calls without a description share this one."""

NOTHING = Selection({})
"""Identifiers alone."""


def _json(text: str) -> Any:
    try:
        # A whole number may have any number of digits; as a float it is read at once.
        return json.loads(text, parse_constant=_not_json, parse_int=float)
    except json.JSONDecodeError as error:
        raise _invalid(f"{error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise _invalid("it is nested too deeply") from None


def _not_json(_constant: str) -> NoReturn:
    raise _invalid("it is not JSON")


def _of_object(description: Mapping[str, Any], depth: int) -> Selection:
    return Selection({name: _selector(value, depth) for name, value in description.items()})


def _selector(value: Any, depth: int) -> Selection | None:
    """What the value of a member selects of its element; None for ``false``."""
    if depth >= MAX_DEPTH:
        raise _invalid("it is nested too deeply")
    if isinstance(value, dict):
        return _of_object(value, depth + 1)
    if isinstance(value, list):
        return _of_list(value, depth + 1)
    return None if value is False else ALL


def _of_list(items: list[Any], depth: int) -> Selection:
    selected = NOTHING
    for item in items:
        if isinstance(item, str):
            selected = selected.merged(Selection({item: ALL}))
        elif isinstance(item, dict):
            selected = selected.merged(_of_object(item, depth))
        else:
            raise _invalid("a list may hold names and objects only")
    return selected


def _invalid(detail: str) -> InvalidRequest:
    return InvalidRequest(f"Invalid sparse response description: {detail}")
