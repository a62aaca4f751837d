"""The idempotency key of a request, and what tells the request apart from others under the same key.

The key comes in the HTTP header ``Idempotency-Key``, or for clients that cannot send one in ``auth/evid`` behind the
words ``idempotency-key:``. Any other evid stays what it always was, a value that nobody looks at (conventions §3.1).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from cashbox_service.app.idempotency import RequestKey
from cashbox_service.soap.record import Record

PREFIX = "idempotency-key:"

_NOT_COMPARED = frozenset({"auth", "srd"})
"""Parts of a request that do not change what it does."""


def request_key(service: str, operation: str, request: Any, header: str | None) -> RequestKey | None:
    """The key that came with the request; None without one. The header counts before the evid."""
    key = (header or "").strip() or _in_evid(request)
    if not key:
        return None
    return RequestKey(key, f"{service}.{operation}", _fingerprint(request))


def _in_evid(request: Any) -> str | None:
    evid = (request.auth.evid or "").strip() if request.auth is not None else ""
    return evid[len(PREFIX) :].strip() if evid.lower().startswith(PREFIX) else None


def _fingerprint(request: Record) -> str:
    """Equal for requests that ask for the same, however they are written."""
    parts = {name: getattr(request, name) for name in request.__slots__ if name not in _NOT_COMPARED}
    return hashlib.sha256(json.dumps(_plain(parts), sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return _plain({name: getattr(value, name) for name in value.__slots__})
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items() if part is not None and part != ()}
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [_plain(part) for part in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, bool | int | str) or value is None:
        return value
    return _number_or_text(value)


def _number_or_text(value: Any) -> str:
    """Decimals of the same worth are the same, whatever their zeros."""
    normalized = getattr(value, "normalize", None)
    return str(normalized() if normalized is not None else value)
