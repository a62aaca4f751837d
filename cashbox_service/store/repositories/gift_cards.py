"""Gift cards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cashbox_service.store.entities import GiftCard
from cashbox_service.store.repositories.base import Repository


class GiftCardRepository(Repository):
    """Gift cards that one merchant has asked about."""

    def by_vid(self, vid: str) -> GiftCard | None:
        return self._one(self._of(GiftCard).where(GiftCard.vid == vid))

    def by_fingerprint(self, provider: str, fingerprint: str) -> GiftCard | None:
        """The card of a provider with that keyed hash of its pin."""
        return self._one(
            self._of(GiftCard).where(GiftCard.provider == provider, GiftCard.fingerprint == fingerprint)
        )

    def lock(self, vid: str) -> GiftCard | None:
        """The card, re-read and locked."""
        return self._lock(self._of(GiftCard).where(GiftCard.vid == vid), GiftCard)

    def pending(self, before: datetime) -> Sequence[GiftCard]:
        """Cards whose redemption began before and has no outcome yet."""
        return self._all(
            self._of(GiftCard).where(GiftCard.pending_since < before).order_by(GiftCard.pending_since)
        )
