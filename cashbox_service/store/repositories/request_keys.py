"""Idempotency keys."""

from __future__ import annotations

from cashbox_service.store.entities import UsedRequestKey
from cashbox_service.store.repositories.base import Repository


class RequestKeyRepository(Repository):
    """Keys that one merchant's requests came with."""

    def find(self, key: str) -> UsedRequestKey | None:
        return self._one(self._of(UsedRequestKey).where(UsedRequestKey.key == key))
