"""The optional idempotency key of a call: a request that is sent again takes effect once.

An extension of the service, for operations that add up (conventions §11). The key is stored in the transaction of the
effect, so that there is either both or neither; a request that was refused leaves no key and may be sent again.
"""

from __future__ import annotations

from dataclasses import dataclass

from cashbox_service.app.checks import MAX_ID
from cashbox_service.app.context import Work
from cashbox_service.domain.errors import InvalidValue, RequestKeyReused
from cashbox_service.store.entities import UsedRequestKey


@dataclass(frozen=True, slots=True)
class RequestKey:
    """What a caller named his request; ``fingerprint`` tells the operation and its parameters apart from others."""

    key: str
    operation: str
    fingerprint: str


def done_before(work: Work) -> bool:
    """Whether this very request took effect before; if not, remember that it does now.

    Inside the transaction of the effect, after its locks. Without a key every request is a new one. Raises
    RequestKeyReused when the key came with another request, InvalidValue for a key that is too long.
    """
    request = work.request_key
    if request is None:
        return False
    if len(request.key) > MAX_ID:
        raise InvalidValue("Idempotency-Key", request.key[:40] + "…", f"is longer than {MAX_ID} characters")
    used = work.uow.request_keys.find(request.key)
    if used is None:
        work.uow.request_keys.add(
            UsedRequestKey(
                key=request.key, operation=request.operation, fingerprint=request.fingerprint, at=work.now
            )
        )
        work.uow.flush()
        return False
    if (used.operation, used.fingerprint) != (request.operation, request.fingerprint):
        raise RequestKeyReused(request.key[:40])
    return True
