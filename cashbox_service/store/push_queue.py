"""Push messages as the workers see them: which are due, taken by one of several workers, forgotten.

A message that is taken is due again when its taker's time is over, so that one whose worker died is sent by another.
Messages of one order key are due one after the other. Times here are real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session, aliased

from cashbox_service.store.base import Base
from cashbox_service.store.engine import Database
from cashbox_service.store.entities import PushAttempt, PushMessage, PushSubscription

_DELETED_AT_ONCE = 500

Settle = Callable[[Callable[[Base], None], PushMessage], None]
"""Writes the outcome of a message into it; the first argument stores a row beside it."""


def is_empty(database: Database) -> bool:
    """Whether there are no messages at all, neither to be sent nor to be forgotten."""
    with database.session() as session:
        return not session.scalar(select(select(PushMessage.message_id).exists()))


def with_due_messages(database: Database, now: datetime) -> Sequence[PushSubscription]:
    """The subscriptions for which something is to be sent."""
    waits = exists().where(
        PushMessage.subscription_vid == PushSubscription.vid,
        PushMessage.merchant_vid == PushSubscription.merchant_vid,
        PushMessage.next_at <= now,
    )
    with database.session() as session:
        return session.scalars(
            select(PushSubscription)
            .where(PushSubscription.active.is_not(None), waits)
            .order_by(PushSubscription.created_at, PushSubscription.vid)
        ).all()


def take(
    database: Database,
    subscription: PushSubscription,
    now: datetime,
    until: datetime,
    limit: int,
    write: Callable[[PushMessage], str],
) -> Sequence[PushMessage]:
    """Messages that are due, the oldest first and the first of each order key alone; the caller's until that moment.

    Of one that was never sent ``write`` gives the text that is sent from now on.
    """
    earlier = aliased(PushMessage)
    comes_second = exists().where(
        earlier.subscription_vid == PushMessage.subscription_vid,
        earlier.order_key == PushMessage.order_key,
        earlier.next_at.is_not(None),
        earlier.row_id < PushMessage.row_id,
    )
    with _writing(database) as session:
        taken = session.scalars(
            select(PushMessage)
            .where(
                PushMessage.merchant_vid == subscription.merchant_vid,
                PushMessage.subscription_vid == subscription.vid,
                PushMessage.next_at <= now,
                ~comes_second,
            )
            .order_by(PushMessage.next_at, PushMessage.row_id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=PushMessage)
        ).all()
        for message in taken:
            message.next_at = until
            if message.body is None:
                message.body, message.content = write(message), None
        return taken


def forget(database: Database, before: datetime) -> int:
    """Delete messages that were delivered or given up by then, with their attempts; how many."""
    forgotten = 0
    while True:
        with _writing(database) as session:
            ids = session.scalars(
                select(PushMessage.message_id)
                .where(PushMessage.finished_at < before)
                .order_by(PushMessage.message_id)
                .limit(_DELETED_AT_ONCE)
                .with_for_update(skip_locked=True)
            ).all()
            session.execute(delete(PushAttempt).where(PushAttempt.message_id.in_(ids)))
            session.execute(delete(PushMessage).where(PushMessage.message_id.in_(ids)))
        forgotten += len(ids)
        if len(ids) < _DELETED_AT_ONCE:
            return forgotten


@contextmanager
def _writing(database: Database) -> Iterator[Session]:
    session = database.session()
    try:
        with database.write_turn(session):
            yield session
            session.commit()
    finally:
        session.close()
