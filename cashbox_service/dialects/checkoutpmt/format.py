"""The answers: JSON with every member, null where there is none."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from cashbox_service.dialects.checkoutpmt.schema import Attribute, Failure, Link
from cashbox_service.dialects.exchange import Answer
from cashbox_service.dialects.media import json_text
from cashbox_service.dialects.negotiation import Formats, Media

ITEM = "application/vnd.oracle.adf.resourceitem+json"
COLLECTION = "application/vnd.oracle.adf.resourcecollection+json"

FORMATS = Formats(
    reads=("application/json", ITEM), writes=("application/json", ITEM, COLLECTION), mirrored=False
)

_SPARSE = (Link, Attribute, Failure)
"""Objects of which absent members are left out."""


def write(answer: Answer, _media: Media) -> bytes:
    """The bytes of an answer."""
    return json_text.dump(_plain(answer.content))


def _plain(value: Any) -> Any:
    fields = getattr(type(value), "model_fields", None)
    if fields is not None:
        members = {field.alias or name: getattr(value, name) for name, field in fields.items()}
        sparse = isinstance(value, _SPARSE)
        return {name: _plain(one) for name, one in members.items() if not (sparse and one is None)}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
