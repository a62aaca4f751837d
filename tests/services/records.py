"""Records that zeep made, as plain values: what two answers have in common whichever service gave them."""

from __future__ import annotations

from typing import Any

from zeep.helpers import serialize_object


def plain(record: Any) -> Any:
    """A record as dictionaries, without what is absent or empty."""
    return _pruned(serialize_object(record, dict))


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        pruned = {name: _pruned(part) for name, part in value.items()}
        return {name: part for name, part in pruned.items() if part not in (None, [], {})}
    return [_pruned(part) for part in value] if isinstance(value, list) else value
