"""Cards that were charged back, and where cards are issued."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, insert

from cashbox_service.domain.issuer_rows import prefixes_of
from cashbox_service.store.engine import insert_unless_there
from cashbox_service.store.entities import CardIssuer, DisputedCard
from cashbox_service.store.repositories.base import Repository


class RiskRepository(Repository):
    """What risk scoring of one merchant knows."""

    def add_disputed(self, fingerprint: str, at: datetime) -> None:
        """Remember that a payment with this card was charged back; others may do the same meanwhile."""
        connection = self.session.connection()
        connection.execute(
            insert_unless_there(DisputedCard, on_sqlite=connection.dialect.name == "sqlite"),
            [{"merchant_vid": self.merchant_vid, "fingerprint": fingerprint, "first_disputed_at": at}],
        )

    def is_disputed(self, fingerprint: str) -> bool:
        """Whether a payment with this card was ever charged back."""
        return self._one(self._of(DisputedCard).where(DisputedCard.fingerprint == fingerprint)) is not None

    def country_of(self, bin_: str) -> str | None:
        """Where the card whose number begins so was issued, by the longest prefix known; None when nobody knows."""
        found = self._all(self._of(CardIssuer).where(CardIssuer.prefix.in_(prefixes_of(bin_))))
        return max(found, key=lambda issuer: len(issuer.prefix)).country if found else None

    def add_issuers(self, countries: Iterable[tuple[str, str]]) -> None:
        """Know these prefixes and their countries, instead of whatever was known before."""
        self.session.execute(delete(CardIssuer).where(CardIssuer.merchant_vid == self.merchant_vid))
        rows = [
            {"merchant_vid": self.merchant_vid, "prefix": prefix, "country": country}
            for prefix, country in countries
        ]
        if rows:
            self.session.execute(insert(CardIssuer), rows)
