"""Addresses of web pages that customers are sent back to, with what is told there (transaction §7.9, §7.11)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit, urlunsplit

from cashbox_service.domain.errors import InvalidValue

_SHOWN = 80
_FOR_SCRIPTS = "ajax"


def checked(field: str, url: str) -> str:
    """The address. Raises InvalidValue unless a browser can be sent there."""
    if not is_web_address(url):
        raise InvalidValue(field, url[:_SHOWN], "is not an http or https address")
    return url


def is_web_address(url: str) -> bool:
    """Whether a browser can be sent there."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not any(map(_breaks_lines, url))


def page_address(url: str) -> str:
    """The address itself, where ``ajax`` in place of ``http`` asks for an answer to a script (websession §5.3)."""
    return f"http{url[len(_FOR_SCRIPTS) :]}" if url.lower().startswith(_FOR_SCRIPTS) else url


def origin_of(url: str) -> str:
    """Scheme, host and port, as browsers tell where a script comes from."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _breaks_lines(character: str) -> bool:
    return character < " "


def with_query(url: str, names: Mapping[str, str]) -> str:
    """The address with further query parameters."""
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(names)) if part)
    return urlunsplit(parts._replace(query=query))
