"""Messages as their merchant looks after them: what was sent, what became of it, and sending one again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum

from cashbox_service.app.context import MerchantContext
from cashbox_service.app.environment import Environment
from cashbox_service.domain.errors import IllegalState, InvalidValue, NotFound
from cashbox_service.store.entities import PushAttempt, PushMessage

MOST_SHOWN = 1000


class MessageStatus(StrEnum):
    """What became of a message: ``failed`` after its last attempt, ``dropped`` with its subscription."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


class MessageNotFound(NotFound):
    """No such message."""

    kind = "push message"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message and every attempt to deliver it, in order."""

    message: PushMessage
    attempts: Sequence[PushAttempt]


def listed(
    env: Environment,
    merchant: MerchantContext,
    *,
    subscription_vid: str | None = None,
    status: str | None = None,
    limit: int = 50,
) -> Sequence[Delivery]:
    """The newest messages first. Raises InvalidValue."""
    if status is not None and status not in set(MessageStatus):
        raise InvalidValue("status", status[:40], f"is none of {', '.join(MessageStatus)}")
    with closing(env.open(merchant)) as work:
        messages = work.uow.push.messages(subscription_vid, status, min(limit, MOST_SHOWN))
        attempts = defaultdict(list)
        for attempt in work.uow.push.attempts([one.message_id for one in messages]):
            attempts[attempt.message_id].append(attempt)
        return [Delivery(message, attempts[message.message_id]) for message in messages]


def redeliver(env: Environment, merchant: MerchantContext, message_id: str) -> PushMessage:
    """Send a message again, the very same, with all its attempts anew. Raises MessageNotFound, IllegalState."""
    with closing(env.open(merchant)) as work, work.writing():
        message = work.uow.push.message(message_id)
        if message is None:
            raise MessageNotFound("id", message_id[:40])
        if message.subscription.active is None:
            raise IllegalState("Push message", message_id, "dropped", "The subscription was removed.")
        if message.status == MessageStatus.WAITING:
            raise IllegalState("Push message", message_id, "waiting", "The message waits to be sent already.")
        message.status, message.failures = MessageStatus.WAITING.value, 0
        message.next_at, message.finished_at = env.clock.now(), None
        return message
