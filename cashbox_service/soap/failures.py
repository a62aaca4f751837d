"""What the log says of an unexpected exception: its kind and place, never its text.

The text of an exception may quote anything: a parameter of a statement, a key of a dictionary, a part of a request.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator

_CHAIN = 5
"""Exceptions of a chain that are named."""


def describe(error: BaseException) -> dict[str, str]:
    """The fields of a log event: the types of ``error`` and of what led to it, and the way of each."""
    chain = list(_causes(error))
    return {
        "error": " from ".join(f"{type(each).__module__}.{type(each).__qualname__}" for each in chain),
        "traceback": "\n".join(_way(each) for each in chain),
    }


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    for _ in range(_CHAIN):
        if cause is None:
            return
        yield cause
        cause = cause.__cause__ or cause.__context__


def _way(error: BaseException) -> str:
    """The calls from where the exception was caught to where it was raised."""
    steps = traceback.walk_tb(error.__traceback__)
    return "\n".join(f"{frame.f_code.co_filename}:{line} in {frame.f_code.co_name}" for frame, line in steps)
