"""What the log says of an unexpected exception: its kind and place, never its text.

The text of an exception may quote anything: a parameter of a statement, a key of a dictionary, a part of a request.
"""

from __future__ import annotations

import traceback

_CHAIN = 5
"""Exceptions of a chain that are named."""


def describe(error: BaseException) -> dict[str, str]:
    """The fields of a log event: the types of ``error`` and of what led to it, and the lines it passed through."""
    kinds: list[str] = []
    places: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < _CHAIN:
        kinds.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        places.append("".join(traceback.format_tb(cause.__traceback__)))
        cause = cause.__cause__ or cause.__context__
    return {"error": " from ".join(kinds), "traceback": "\n".join(places)}
