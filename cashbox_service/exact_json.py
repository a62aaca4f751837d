"""Writing JSON whose numbers never pass through a float: amounts keep the digits they have."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

_any_letters = json.JSONEncoder(ensure_ascii=False).encode
_ascii = json.JSONEncoder(ensure_ascii=True).encode


def dumps(value: Any, *, ascii_only: bool = False) -> str:
    """Compact JSON in the order of the members; raises TypeError for what JSON has no form for."""
    text = _ascii if ascii_only else _any_letters
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Mapping):
        members = (f"{text(name)}:{dumps(inner, ascii_only=ascii_only)}" for name, inner in value.items())
        return "{" + ",".join(members) + "}"
    if isinstance(value, Sequence):
        return "[" + ",".join(dumps(inner, ascii_only=ascii_only) for inner in value) + "]"
    raise TypeError(f"no JSON for {type(value).__name__}")
