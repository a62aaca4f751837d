"""Answers of a dry run: what would be new has no identity yet (conventions §10)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from cashbox_service.soap import records as r
from cashbox_service.soap.record import Record


def blank(record: Record, vids: Collection[str]) -> None:
    """Take the VIDs out of a record and of all records in it; a name-value pair that holds one is left out."""
    for name in type(record).__slots__:
        value = getattr(record, name)
        if isinstance(value, Record):
            blank(value, vids)
        elif isinstance(value, list | tuple):
            setattr(record, name, _blanked(value, vids))
        elif isinstance(value, str) and value in vids:
            setattr(record, name, None)


def _blanked(items: Collection[Any], vids: Collection[str]) -> tuple[Any, ...]:
    kept = [item for item in items if not (isinstance(item, r.NameValuePair) and item.value in vids)]
    for item in kept:
        if isinstance(item, Record):
            blank(item, vids)
    return tuple(kept)
