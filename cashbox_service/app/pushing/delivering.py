"""Delivery: every listener gets its messages, in order where they belong together, as often as it takes (§1.6).

A worker looks for listeners with messages that are due and serves each of them in a thread of its own, a few at a time:
one that is slow or down keeps nobody else waiting. Messages are taken in a transaction, sent outside of any, and what
became of them is written in another one. A worker that dies in between leaves messages that are sent once more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta

from cashbox_service.app.context import MerchantContext, Work
from cashbox_service.app.environment import Environment
from cashbox_service.app.mail import operators
from cashbox_service.app.operating import merchant_keys
from cashbox_service.app.pushing.deliveries import MessageStatus
from cashbox_service.app.pushing.subscriptions import credentials_of
from cashbox_service.crypto import VaultError
from cashbox_service.ids import new_row_id
from cashbox_service.logging import get_logger
from cashbox_service.notify.envelope import Format, Message, request_of, text_of
from cashbox_service.notify.sender import Credentials, Outcome, Sender
from cashbox_service.store import push_queue
from cashbox_service.store.entities import PushAttempt, PushMessage, PushSubscription

log = get_logger(__name__)

_TAKEN_AT_ONCE = 20
_TURN_SECONDS = 10
"""After that a listener lets the others have their turn."""

_SPARE_SECONDS = 5
"""Beyond a turn and its last message, before another worker takes what this one took."""

_UNWRITTEN_SECONDS = 1
"""How long outcomes may wait to be written together: a worker that dies sends again what it had not written."""

_FORGETTING_PAUSE = timedelta(hours=1)

_NO_KEY = Outcome(None, "The merchant has no push key to sign with.", 0)
_UNSEALABLE = Outcome(None, "Key, user or password cannot be read with the vault keys of this process.", 0)

Count = Callable[[str], None]


def _uncounted(_outcome: str) -> None:
    """For whoever keeps no figures."""


@dataclass(frozen=True, slots=True)
class _Listener:
    """Where to, and what it takes to be let in and believed."""

    subscription: PushSubscription
    key: str
    credentials: Credentials | None


class Deliverer:
    """Delivers what is due, for as long as its process lives. `run` is called again and again, by one thread."""

    def __init__(self, env: Environment, count: Count = _uncounted) -> None:
        """``count`` is told of every attempt: delivered, refused, unreachable; and of what is given up."""
        settings = env.settings
        self._env = env
        self._count = count
        self._sender = Sender(settings.push_allowed_networks, settings.push_timeout_seconds)
        self._taken_for = timedelta(seconds=_TURN_SECONDS + settings.push_timeout_seconds + _SPARE_SECONDS)
        self._threads = ThreadPoolExecutor(settings.push_threads, thread_name_prefix="push")
        self._serving: dict[str, Future[None]] = {}
        self._stopping = threading.Event()
        self._forget_at = env.clock.now()

    def run(self, *, until_done: bool = False) -> int:
        """Begin to serve the listeners that have something to get; how many. ``until_done`` waits for them."""
        now = self._env.clock.now()
        if now >= self._forget_at:
            self._forget_at = now + _FORGETTING_PAUSE
            push_queue.forget(self._env.database, now - timedelta(days=self._env.settings.push_keep_days))
        self._serving = {vid: one for vid, one in self._serving.items() if not one.done()}
        waiting = [
            one
            for one in push_queue.with_due_messages(self._env.database, now)
            if one.vid not in self._serving
        ]
        for subscription in waiting:
            self._serving[subscription.vid] = self._threads.submit(self._serve, subscription)
        if until_done:
            wait(self._serving.values())
        return len(waiting)

    def close(self) -> None:
        """Stop after the messages that are on their way."""
        self._stopping.set()
        self._threads.shutdown(cancel_futures=True)
        self._sender.close()

    def _serve(self, subscription: PushSubscription) -> None:
        try:
            self._take_turn(subscription)
        except Exception:
            log.exception("push delivery failed", subscription=subscription.vid)

    def _take_turn(self, subscription: PushSubscription) -> None:
        merchant = self._env.merchant_of(subscription.merchant_vid)
        if merchant is None:
            return
        listener = self._listener(subscription)
        ends = time.monotonic() + _TURN_SECONDS

        def write(message: PushMessage) -> str:
            return text_of(_as_message(message), self._env.clock.now(), merchant.settings.zone)

        while not self._stopping.is_set() and time.monotonic() < ends:
            now = self._env.clock.now()
            taken = push_queue.take(
                self._env.database, subscription, now, now + self._taken_for, _TAKEN_AT_ONCE, write
            )
            if not taken or not self._send_all(merchant, listener, subscription, taken, ends):
                return

    def _listener(self, subscription: PushSubscription) -> _Listener | Outcome:
        """What is needed to send; the outcome of every message where that is not there."""
        try:
            key = merchant_keys.push_key(self._env.database, self._env.vault, subscription.merchant_vid)
            credentials = credentials_of(self._env.vault, subscription)
        except VaultError:
            return _UNSEALABLE
        return _Listener(subscription, key, credentials) if key is not None else _NO_KEY

    def _send_all(
        self,
        merchant: MerchantContext,
        listener: _Listener | Outcome,
        subscription: PushSubscription,
        taken: Sequence[PushMessage],
        ends: float,
    ) -> bool:
        """Send messages until one finds nobody there, or the turn is over; whether to go on."""
        outcomes: dict[str, Outcome] = {}
        written_at, goes_on = time.monotonic(), True
        for place, message in enumerate(taken):
            outcome = self._send(listener, message)
            outcomes[message.message_id] = outcome
            now = time.monotonic()
            goes_on = not (outcome.is_unreachable or self._stopping.is_set() or now > ends)
            if not outcome.is_delivered or not goes_on or now - written_at > _UNWRITTEN_SECONDS:
                self._settle(merchant, subscription, outcomes)
                outcomes, written_at = {}, now
            if not goes_on:
                self._give_back(merchant, taken[place + 1 :])
                return False
        if outcomes:
            self._settle(merchant, subscription, outcomes)
        return goes_on

    def _send(self, listener: _Listener | Outcome, message: PushMessage) -> Outcome:
        if isinstance(listener, Outcome):
            return listener
        assert message.body is not None
        subscription = listener.subscription
        request = request_of(message.body, listener.key, Format(subscription.format))
        return self._sender.send(subscription.endpoint, request, listener.credentials)

    def _settle(
        self, merchant: MerchantContext, subscription: PushSubscription, outcomes: Mapping[str, Outcome]
    ) -> None:
        for outcome in outcomes.values():
            self._count(_figure(outcome))
        with closing(self._env.open(merchant)) as work, work.writing():
            now = self._env.clock.now()
            for message in work.uow.push.lock_messages(list(outcomes)):
                outcome = outcomes[message.message_id]
                work.uow.push.add(
                    PushAttempt(
                        row_id=new_row_id(),
                        message_id=message.message_id,
                        at=now,
                        http_status=outcome.status,
                        error=outcome.error,
                        milliseconds=outcome.milliseconds,
                    )
                )
                if message.status != MessageStatus.WAITING:
                    continue  # another worker took it when this one's time was over
                if outcome.is_delivered:
                    message.status, message.next_at, message.finished_at = (
                        MessageStatus.DELIVERED.value,
                        None,
                        now,
                    )
                else:
                    self._retry_or_give_up(work, subscription, message, outcome)

    def _give_back(self, merchant: MerchantContext, unsent: Sequence[PushMessage]) -> None:
        """Messages that were taken and not sent are due again at once."""
        if not unsent:
            return
        with closing(self._env.open(merchant)) as work, work.writing():
            now = self._env.clock.now()
            for message in work.uow.push.lock_messages([one.message_id for one in unsent]):
                if message.status == MessageStatus.WAITING:
                    message.next_at = now

    def _retry_or_give_up(
        self, work: Work, subscription: PushSubscription, message: PushMessage, outcome: Outcome
    ) -> None:
        now = self._env.clock.now()
        message.failures += 1
        if message.failures <= subscription.retry_count:
            message.next_at = now + timedelta(seconds=subscription.retry_seconds)
            return
        message.status, message.next_at, message.finished_at = MessageStatus.FAILED.value, None, now
        self._count("given up")
        log.warning(
            "push message given up",
            message=message.message_id,
            subscription=subscription.vid,
            status=outcome.status,
            error=outcome.error,
        )
        if subscription.error_email is not None:
            _report(work, subscription.error_email, subscription, message, outcome)


def _report(
    work: Work, address: str, subscription: PushSubscription, message: PushMessage, outcome: Outcome
) -> None:
    """Tell the error address; of each message once, however often it is given up."""
    problem = outcome.error or f"The listener answered with HTTP status {outcome.status}."
    lines = (
        f"The message {message.message_id} could not be delivered to {subscription.endpoint}.",
        f"It tells of {message.event_class} / {message.event}, VID {message.subject_vid}.",
        f"The last attempt failed: {problem}",
        "It is not tried again by itself. To send it once more:",
        f"cashbox-service push redeliver {work.merchant.login} {message.message_id}",
    )
    subject = f"Push message given up: {message.event_class} / {message.event}"
    operators.tell_operator(work, address, subject, "\n".join(lines), key=f"push {message.message_id}")


def _figure(outcome: Outcome) -> str:
    if outcome.is_delivered:
        return "delivered"
    return "unreachable" if outcome.is_unreachable else "refused"


def _as_message(row: PushMessage) -> Message:
    assert row.content is not None
    return Message(
        message_id=row.message_id,
        event_class=row.event_class,
        event=row.event,
        author_id=row.author_id,
        merchant_vid=row.merchant_vid,
        soap_version=row.soap_version,
        at=row.at,
        content=row.content,
        members=row.members,
    )
