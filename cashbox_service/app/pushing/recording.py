"""Messages, written in the transaction of their cause, with what they tell of as it is then (notifications §1.5).

The transaction is complete but for its commit: objects are read as it leaves them, apart from the entities that the use
case works with. Nobody's call fails because a message cannot be written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cashbox_service.app.context import Work
from cashbox_service.app.pushing.deliveries import MessageStatus
from cashbox_service.app.pushing.writing import Scribe, Told, Written
from cashbox_service.ids import new_row_id, new_vid
from cashbox_service.logging import get_logger
from cashbox_service.notify.envelope import json_text
from cashbox_service.notify.events import EventClass, class_of, is_extension, is_known
from cashbox_service.store.entities import PushSubscription
from cashbox_service.store.outages import is_of_the_store
from cashbox_service.store.repositories.events import Heard

log = get_logger(__name__)

_SILENCED_BY = {
    (EventClass.ACCOUNTS, "data change"): ("create",),
    (EventClass.AUTOBILLS, "data change"): ("start", "stop"),
}
"""Events that say nothing beside others of the same object and transaction."""


@dataclass(frozen=True, slots=True)
class _Mail:
    """One thing that happened and the subscriptions that want to know."""

    told: Told
    listeners: Sequence[PushSubscription]


def record(work: Work, heard: Sequence[Heard]) -> None:
    """Write a message for every subscription that wants to be told of something that was heard."""
    happened = list(_distinct(work.merchant.push_classes, heard))
    if not happened:
        return
    subscriptions = work.uow.push.active()
    mails = [
        _Mail(told, listeners)
        for told in happened
        if (listeners := [one for one in subscriptions if _wants(one, told)])
    ]
    if not mails:
        return
    rows = list(_rows(work, mails))
    if rows:
        work.uow.push.add_messages(rows)


def _distinct(classes: frozenset[str], heard: Sequence[Heard]) -> Iterator[Told]:
    """What happened, each thing once; entitlements of one source that start or stop together are one."""
    found: dict[tuple[Any, ...], Told] = {}
    for one in heard:
        event_class = class_of(one.topic)
        if event_class is None or event_class not in classes or not is_known(event_class, one.event):
            continue
        key = (event_class, one.event, one.subject_vid, one.facts.get("status"))
        found.setdefault(key, Told(event_class, one.event, one.subject_vid, one.at, one.facts))
    events = {(told.event_class, told.subject_vid, told.event) for told in found.values()}
    for told in found.values():
        louder = _SILENCED_BY.get((told.event_class, told.event), ())
        if not any((told.event_class, told.subject_vid, event) in events for event in louder):
            yield told


def _wants(subscription: PushSubscription, told: Told) -> bool:
    if subscription.event_class != told.event_class:
        return False
    if told.event_class is EventClass.PAYMENT_METHODS or not is_extension(told.event_class, told.event):
        return told.event not in subscription.without
    return told.event in subscription.also


def _rows(work: Work, mails: Sequence[_Mail]) -> Iterator[dict[str, object]]:
    now = work.env.clock.now()
    with Scribe(work, [mail.told for mail in mails]) as scribe:
        for mail in mails:
            for version in dict.fromkeys(one.soap_version for one in mail.listeners):
                written = _written(scribe, mail.told, version)
                if written is None:
                    continue
                for one in mail.listeners:
                    if one.soap_version == version:
                        yield _row(work, mail.told, one, written, now)


def _written(scribe: Scribe, told: Told, version: str) -> Written | None:
    """What is to be said; what cannot be said is kept as a message that failed, for somebody to see."""
    try:
        return scribe.write(told, version)
    except Exception as error:
        if is_of_the_store(error):
            raise  # the transaction is lost, and with it what there was to tell of
        log.error(  # noqa: TRY400  no text of the error: it may quote what is in the objects
            "push message not written",
            event_class=told.event_class.value,
            event=told.event,
            subject=told.subject_vid,
            error=type(error).__name__,
        )
        return Written({}, told.subject_vid, {}, is_whole=False)


def _row(
    work: Work, told: Told, subscription: PushSubscription, written: Written, now: datetime
) -> dict[str, object]:
    return {
        "message_id": new_vid(),
        "row_id": new_row_id(),
        "subscription_vid": subscription.vid,
        "event_class": told.event_class.value,
        "event": told.event,
        "subject_vid": told.subject_vid,
        "order_key": written.order_key,
        "author_id": work.author_id,
        "members": dict(written.members),
        "soap_version": subscription.soap_version,
        "content": json_text(written.content),
        "body": None,
        "at": told.at,
        "status": (MessageStatus.WAITING if written.is_whole else MessageStatus.FAILED).value,
        "failures": 0,
        "next_at": now if written.is_whole else None,
        "finished_at": None if written.is_whole else now,
    }
