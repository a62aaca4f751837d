"""Subscriptions to push notifications, their messages and attempts, as their merchant sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import insert, select, update

from cashbox_service.store.entities import Merchant, PushAttempt, PushCursor, PushMessage, PushSubscription
from cashbox_service.store.repositories.base import Repository


class PushRepository(Repository):
    """What one merchant is told, and whether it arrived."""

    def active(self) -> Sequence[PushSubscription]:
        """Those that count, the oldest first."""
        return self._all(
            self._of(PushSubscription)
            .where(PushSubscription.active.is_not(None))
            .order_by(PushSubscription.created_at, PushSubscription.vid)
        )

    def cursor(self) -> PushCursor | None:
        """Up to where ends of entitlements were told, locked."""
        statement = self._of(PushCursor).with_for_update()
        return self._one(statement.execution_options(populate_existing=True))

    def subscription(self, vid: str) -> PushSubscription | None:
        return self._one(self._of(PushSubscription).where(PushSubscription.vid == vid))

    def message(self, message_id: str) -> PushMessage | None:
        return self._one(self._of(PushMessage).where(PushMessage.message_id == message_id))

    def lock_messages(self, message_ids: Sequence[str]) -> Sequence[PushMessage]:
        """Those that are still there, locked in one order by everybody."""
        return self._all(
            self._of(PushMessage)
            .where(PushMessage.message_id.in_(message_ids))
            .order_by(PushMessage.message_id)
            .with_for_update()
        )

    def messages(self, subscription_vid: str | None, status: str | None, limit: int) -> Sequence[PushMessage]:
        """The newest, of one subscription and in one state where these are given."""
        statement = self._of(PushMessage)
        if subscription_vid is not None:
            statement = statement.where(PushMessage.subscription_vid == subscription_vid)
        if status is not None:
            statement = statement.where(PushMessage.status == status)
        return self._all(statement.order_by(PushMessage.row_id.desc()).limit(limit))

    def attempts(self, message_ids: Iterable[str]) -> Sequence[PushAttempt]:
        """Of these messages, in order."""
        return self._all(
            self._of(PushAttempt)
            .where(PushAttempt.message_id.in_(list(message_ids)))
            .order_by(PushAttempt.row_id)
        )

    def add_messages(self, rows: Sequence[dict[str, object]]) -> None:
        """Written at once, whatever the running transaction writes otherwise."""
        self.session.execute(insert(PushMessage), [row | {"merchant_vid": self.merchant_vid} for row in rows])

    def record_classes(self) -> None:
        """Let the merchant's own row name the classes of the subscriptions that count."""
        self.session.execute(select(Merchant.vid).where(Merchant.vid == self.merchant_vid).with_for_update())
        classes = sorted({one.event_class for one in self.active()})
        self.session.execute(
            update(Merchant).where(Merchant.vid == self.merchant_vid).values(push_classes=",".join(classes))
        )

    def remove_waiting(self, subscription_vid: str, at: datetime) -> None:
        """Nobody is told any more what still waits."""
        self.session.execute(
            update(PushMessage)
            .where(
                PushMessage.merchant_vid == self.merchant_vid,
                PushMessage.subscription_vid == subscription_vid,
                PushMessage.next_at.is_not(None),
            )
            .values(status="dropped", next_at=None, finished_at=at)
        )
