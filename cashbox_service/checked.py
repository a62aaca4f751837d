"""Frozen objects whose values come from outside: each is read from text, JSON or Python and checked by itself.

::

    @dataclass(frozen=True)
    class Limits(Checked):
        depth: int = setting(64, whole(at_least=16, at_most=256))

A reader takes a value as it was given and returns the one to keep, or raises ValueError with a reason that can follow
the field's name ("must be a whole number").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import field, fields
from pathlib import Path
from typing import Any

Read = Callable[[Any], Any]

_WHOLE = re.compile(r"[+-]?\d{1,18}")
_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_NOT_GIVEN: Any = object()


class Unreadable(ValueError):
    """A reader cannot take the value; the text says why."""


class WrongValue(ValueError):
    """A field was given a value that it cannot have."""

    def __init__(self, name: str, value: object, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.value = value
        self.reason = reason


def setting(default: Any, read: Read, *, shown: bool = True) -> Any:
    """Declares a field; unless ``shown`` it is left out of the object's repr."""
    return field(default=_NOT_GIVEN, repr=shown, metadata={"default": default, "read": read})


class Checked:
    """The base of dataclasses whose fields are declared with `setting`. Raises WrongValue for the first wrong one."""

    def __post_init__(self) -> None:
        for each in fields(self):  # type: ignore[arg-type]  # subclasses are dataclasses
            given = getattr(self, each.name)
            if given is _NOT_GIVEN:
                given = self._when_not_given(each.name, each.metadata["default"])
            try:
                object.__setattr__(self, each.name, each.metadata["read"](given))
            except ValueError as error:
                raise WrongValue(each.name, given, str(error)) from None

    def _when_not_given(self, name: str, default: Any) -> Any:  # noqa: ARG002  for subclasses with another source
        return default

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """Every field's default by name."""
        return {each.name: each.metadata["default"] for each in fields(cls)}  # type: ignore[arg-type]  # the same


def text(given: Any) -> str:
    if not isinstance(given, str):
        raise Unreadable("must be text")
    return given


def whole(*, at_least: int | None = None, at_most: int | None = None) -> Read:
    """Whole numbers come as numbers or as text; true, 1.5 and "1.5" are none."""

    def read(given: Any) -> int:
        if isinstance(given, str) and _WHOLE.fullmatch(given.strip()):
            given = int(given)
        if not isinstance(given, int) or isinstance(given, bool):
            raise Unreadable("must be a whole number")
        if at_least is not None and given < at_least:
            raise Unreadable(f"must be greater than or equal to {at_least}")
        if at_most is not None and given > at_most:
            raise Unreadable(f"must be less than or equal to {at_most}")
        return given

    return read


def flag(given: Any) -> bool:
    """Flags come as booleans or as the text of one."""
    known = given if isinstance(given, bool) else _FLAGS.get(str(given).strip().lower())
    if known is None or not isinstance(given, bool | str):
        raise Unreadable("must be true or false")
    return known


def one_of(*words: str) -> Read:
    def read(given: Any) -> str:
        if given not in words:
            shown = [f"'{word}'" for word in words]
            raise Unreadable(f"must be {' or '.join(filter(None, [', '.join(shown[:-1]), shown[-1]]))}")
        return str(given)

    return read


def listed(read_one: Read, *, most: int | None = None) -> Read:
    """Lists come as such or as text with commas; empty text is the empty list."""

    def read(given: Any) -> tuple[Any, ...]:
        if isinstance(given, str):
            given = [part.strip() for part in given.split(",")] if given.strip() else ()
        if not isinstance(given, list | tuple):
            raise Unreadable("must be a list")
        if most is not None and len(given) > most:
            raise Unreadable(f"must have at most {most} items")
        return tuple(read_one(one) for one in given)

    return read


def optional(read: Read) -> Read:
    """None, or what ``read`` makes of it; empty text means that there is none."""

    def read_any(given: Any) -> Any:
        return None if given is None or (isinstance(given, str) and not given.strip()) else read(given)

    return read_any


def path(given: Any) -> Path:
    return Path(given) if isinstance(given, Path) else Path(text(given))
