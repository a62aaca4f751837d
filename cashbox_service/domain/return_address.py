"""Addresses of web pages that customers are sent back to, with what is told there (transaction §7.9, §7.11)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit, urlunsplit

from cashbox_service.domain.errors import InvalidValue

_SHOWN = 80


def checked(field: str, url: str) -> str:
    """The address. Raises InvalidValue unless a browser can be sent there."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in ("http", "https") or not parts.netloc:
        raise InvalidValue(field, url[:_SHOWN], "is not an http or https address")
    return url


def with_query(url: str, names: Mapping[str, str]) -> str:
    """The address with further query parameters."""
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(names)) if part)
    return urlunsplit(parts._replace(query=query))
