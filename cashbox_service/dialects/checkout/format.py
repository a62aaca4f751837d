"""The answer of CheckOut: JSON, message first."""

from __future__ import annotations

from cashbox_service.dialects.exchange import Answer
from cashbox_service.dialects.media import json_text
from cashbox_service.dialects.negotiation import Formats, Media

FORMATS = Formats(
    reads=("application/json", "text/json", "application/x-www-form-urlencoded"),
    writes=("application/json", "text/json"),
)


def write(answer: Answer, _media: Media) -> bytes:
    """The members that are there, in the order of the text."""
    return json_text.dump(answer.content.model_dump(by_alias=True, exclude_none=True))
