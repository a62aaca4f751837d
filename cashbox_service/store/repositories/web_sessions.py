"""WebSessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from cashbox_service.store.engine import Database
from cashbox_service.store.entities import WebSession
from cashbox_service.store.repositories.base import Repository


def owner_of(database: Database, vid: str) -> str | None:
    """The merchant of a session: browsers know no more than its VID, and may send anything in its place."""
    if not (vid.isascii() and vid.isalnum()):
        return None
    with database.session() as session:
        return session.scalars(select(WebSession.merchant_vid).where(WebSession.vid == vid)).one_or_none()


class WebSessionRepository(Repository):
    """Sessions of one merchant."""

    def by_vid(self, vid: str) -> WebSession | None:
        return self._one(self._of(WebSession).where(WebSession.vid == vid))

    def lock(self, vid: str) -> WebSession | None:
        return self._lock(self._of(WebSession).where(WebSession.vid == vid), WebSession)

    def with_secrets_until(self, moment: datetime, limit: int) -> Sequence[WebSession]:
        """The first of those whose secrets had to be gone by then."""
        return self._all(
            self._of(WebSession)
            .where(WebSession.sealed_until <= moment)
            .order_by(WebSession.sealed_until, WebSession.vid)
            .limit(limit)
        )
