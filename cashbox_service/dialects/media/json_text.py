"""JSON whose numbers never pass through a float, in either direction."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from cashbox_service.dialects.media import MAX_DEPTH, Unreadable, decoded
from cashbox_service.exact_json import dumps

__all__ = ["dump", "dumps", "load", "loads"]

_MAX_DIGITS = 64


def load(raw: bytes, charset: str | None = None) -> Any:
    """The value in a body. Raises `Unreadable`."""
    return loads(decoded(raw, charset))


def loads(text: str) -> Any:
    """The value in a text; numbers with a fraction or exponent are `Decimal`. Raises `Unreadable`."""
    try:
        value = json.loads(text, parse_float=_decimal, parse_int=_whole, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise Unreadable(f"is not JSON: line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise Unreadable("is nested too deep") from None
    _check_depth(value, MAX_DEPTH)
    return value


def dump(value: Any) -> bytes:
    return dumps(value).encode()


def _decimal(digits: str) -> Decimal:
    if len(digits) > _MAX_DIGITS:
        raise Unreadable("holds a number that is too long")
    return Decimal(digits)


def _whole(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise Unreadable("holds a number that is too long")
    return int(digits)


def _refuse(name: str) -> Any:
    raise Unreadable(f"is not JSON: {name} is no number")


def _check_depth(value: Any, left: int) -> None:
    if left < 0:
        raise Unreadable("is nested too deep")
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        if isinstance(one, dict | list):
            _check_depth(one, left - 1)
