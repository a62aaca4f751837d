"""The fields of an HTML form."""

from __future__ import annotations

from urllib.parse import parse_qsl

from cashbox_service.dialects.media import Unreadable, decoded

_MAX_FIELDS = 200


def load(raw: bytes, charset: str | None = None) -> dict[str, str]:
    """Name and value of each field; of a repeated one the last. Raises `Unreadable`."""
    text = decoded(raw, charset)
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict"))
    except ValueError:
        raise Unreadable("is not a form") from None
