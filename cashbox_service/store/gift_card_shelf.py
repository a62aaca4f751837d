"""The cards of the simulated gift card provider, where every process of the service finds them.

Like a processor's books these are not our own rows: each change is a transaction of its own, never inside that of a
call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from cashbox_service.store.engine import Database
from cashbox_service.store.entities import SandboxGiftCard

Card = Mapping[str, Any]


class DatabaseCardShelf:
    """Cards by merchant and digest of the pin (processors.gift_cards.CardShelf)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, merchant: str, digest: str) -> Card | None:
        """The card as it is."""
        with self._database.session() as session:
            found = session.get(SandboxGiftCard, (merchant, digest))
            return None if found is None else found.card

    def put(self, merchant: str, cards: Mapping[str, Card]) -> None:
        """Add cards, or replace those that are there."""
        with self._database.session() as session, self._database.write_turn(session):
            for digest, card in cards.items():
                session.merge(SandboxGiftCard(merchant_vid=merchant, digest=digest, card=dict(card)))
            session.commit()

    def change(self, merchant: str, digest: str, change: Callable[[Card], Card]) -> Card | None:
        """Replace a card by what ``change`` makes of it, one at a time; None for one that is not there."""
        with self._database.session() as session, self._database.write_turn(session):
            found = session.scalar(
                select(SandboxGiftCard)
                .where(SandboxGiftCard.merchant_vid == merchant, SandboxGiftCard.digest == digest)
                .with_for_update()
            )
            if found is None:
                return None
            found.card = dict(change(found.card))
            changed = found.card
            session.commit()
            return changed
