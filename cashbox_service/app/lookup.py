"""What an argument names: the argument has to be given, and the object has to exist."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from cashbox_service.domain.errors import MissingField, NotFound

T = TypeVar("T")


def named(
    argument: str,
    value: str | None,
    find: Callable[[str], T | None],
    missing: type[NotFound],
    key: str | None = None,
) -> T:
    """The object whose ``key``, called as the argument unless told otherwise, is ``value``.

    Raises MissingField with the argument, and ``missing``.
    """
    if not value:
        raise MissingField(argument)
    found = find(value)
    if found is None:
        raise missing(key or argument, value)
    return found
