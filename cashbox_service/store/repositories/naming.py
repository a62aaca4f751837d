"""Further names of objects, and the keys of payments that may be repeated."""

from __future__ import annotations

from collections.abc import Sequence

from cashbox_service.store.entities import PaymentKey, PublicName
from cashbox_service.store.repositories.base import Repository, batched


class NamingRepository(Repository):
    """Names and keys of one merchant."""

    def named(self, kind: str, name: str) -> PublicName | None:
        return self._one(self._of(PublicName).where(PublicName.kind == kind, PublicName.name == name))

    def name_of(self, kind: str, vid: str) -> str | None:
        """What the object is called, None while it has no such name."""
        found = self._one(self._of(PublicName).where(PublicName.kind == kind, PublicName.vid == vid))
        return None if found is None else found.name

    def names_of(self, kind: str, vids: Sequence[str]) -> dict[str, str]:
        """The names of some objects by VID; those without one are left out."""
        found: dict[str, str] = {}
        for some in batched(vids):
            statement = self._of(PublicName).where(PublicName.kind == kind, PublicName.vid.in_(some))
            found |= {row.vid: row.name for row in self._all(statement)}
        return found

    def range_of(self, kind: str, offset: int, limit: int) -> Sequence[PublicName]:
        """Some names of a kind, in their own order."""
        ordered = self._of(PublicName).where(PublicName.kind == kind).order_by(PublicName.name)
        return self._all(ordered.offset(offset).limit(limit))

    def key(self, scope: str, key: str) -> PaymentKey | None:
        return self._one(self._of(PaymentKey).where(PaymentKey.scope == scope, PaymentKey.key == key))

    def lock_key(self, scope: str, key: str) -> PaymentKey | None:
        """The key, re-read and locked: whoever goes on with its payment is alone."""
        return self._lock(
            self._of(PaymentKey).where(PaymentKey.scope == scope, PaymentKey.key == key), PaymentKey
        )

    def keys_of(self, transaction_vid: str) -> Sequence[PaymentKey]:
        """The keys that lead to a transaction."""
        return self._all(self._of(PaymentKey).where(PaymentKey.transaction_vid == transaction_vid))
