"""What a merchant can be told of: classes of events, and the events of each (notifications §1.5)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class EventClass(StrEnum):
    """What subscriptions are for. The names are those of the original; one of them is singular."""

    ACCOUNTS = "accounts"
    AUTOBILLS = "autobills"
    ENTITLEMENT = "entitlement"
    TRANSACTIONS = "transactions"
    ADJUSTMENTS = "adjustments"
    PAYMENT_METHODS = "payment methods"


EVENTS: Mapping[EventClass, tuple[str, ...]] = {
    EventClass.ACCOUNTS: ("create", "data change"),
    EventClass.AUTOBILLS: ("start", "stop"),
    EventClass.ENTITLEMENT: ("start", "stop"),
    EventClass.TRANSACTIONS: ("attempt succeeded", "attempt failed"),
    EventClass.ADJUSTMENTS: ("refund",),
    EventClass.PAYMENT_METHODS: (),
}
"""What every subscription of a class is told of, unless it is opted out."""

EXTENSIONS: Mapping[EventClass, tuple[str, ...]] = {
    EventClass.AUTOBILLS: ("data change",),
    EventClass.TRANSACTIONS: ("captured",),
    EventClass.ADJUSTMENTS: ("chargeback",),
    EventClass.PAYMENT_METHODS: ("data change",),
}
"""What the original is not known to tell of: only for subscriptions that ask for it."""

_CLASS_OF_TOPIC = {"entitlements": EventClass.ENTITLEMENT} | {one.value: one for one in EventClass}


def class_of(topic: str) -> EventClass | None:
    """The class that tells of what the use cases report under a topic; None for what is not for merchants."""
    return _CLASS_OF_TOPIC.get(topic)


def is_extension(event_class: EventClass, event: str) -> bool:
    return event in EXTENSIONS.get(event_class, ())


def is_known(event_class: EventClass, event: str) -> bool:
    return event in EVENTS[event_class] or is_extension(event_class, event)
