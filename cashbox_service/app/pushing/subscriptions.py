"""Subscriptions: which listeners of a merchant are told of which events (notifications §1.1)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field

from cashbox_service.app.context import MerchantContext, Work
from cashbox_service.app.environment import Environment
from cashbox_service.app.operating import merchant_keys
from cashbox_service.app.pushing import expiring
from cashbox_service.crypto import Vault
from cashbox_service.domain.errors import InvalidRequest, InvalidValue, MissingField, NotFound
from cashbox_service.ids import new_vid
from cashbox_service.notify.addresses import RefusedEndpoint, check_endpoint
from cashbox_service.notify.envelope import Format
from cashbox_service.notify.events import EVENTS, EXTENSIONS, EventClass
from cashbox_service.notify.sender import Credentials
from cashbox_service.store.entities import PushSubscription

DEFAULT_RETRY_COUNT = 5
DEFAULT_RETRY_SECONDS = 300
MOST_RETRIES = 100
LONGEST_RETRY_SECONDS = 24 * 60 * 60
MOST_SUBSCRIPTIONS = 100
"""Of one merchant. Every event is written once for each that wants it."""

_MAX_TEXT = 255


class SubscriptionNotFound(NotFound):
    """No such subscription."""

    kind = "push subscription"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A subscription as somebody asks for it; what is None takes its default."""

    event_class: str
    endpoint: str
    format: str = Format.JSON.value
    without: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    retry_count: int = DEFAULT_RETRY_COUNT
    retry_seconds: int = DEFAULT_RETRY_SECONDS
    error_email: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    soap_version: str | None = None


def add(env: Environment, merchant: MerchantContext, wish: Wish) -> PushSubscription:
    """A further subscription of the merchant; what happens from its commit on is told.

    Raises MissingField, InvalidValue naming what is wrong, InvalidRequest without a key to sign with.
    """
    event_class = _class(wish.event_class)
    if not wish.endpoint:
        raise MissingField("endpoint")
    try:
        check_endpoint(wish.endpoint, env.settings.push_allowed_networks)
    except RefusedEndpoint as refused:
        raise InvalidValue("endpoint", wish.endpoint[:100], str(refused)) from None
    version = _version(env, wish.soap_version)
    vid = new_vid()
    row = PushSubscription(
        vid=vid,
        event_class=event_class.value,
        without=_events("without", wish.without, EVENTS[event_class]),
        also=_events("also", wish.also, EXTENSIONS.get(event_class, ())),
        endpoint=wish.endpoint,
        format=_format(wish.format),
        retry_count=_within("retryCount", wish.retry_count, 0, MOST_RETRIES),
        retry_seconds=_within("retrySeconds", wish.retry_seconds, 1, LONGEST_RETRY_SECONDS),
        error_email=_email(wish.error_email),
        credentials=_sealed(env.vault, merchant.vid, vid, wish),
        soap_version=version,
        active=True,
        created_at=env.clock.now(),
    )
    if merchant_keys.push_key(env.database, env.vault, merchant.vid) is None:
        raise InvalidRequest("Messages cannot be signed: the merchant has no push key.")
    with closing(env.open(merchant)) as work, work.writing():
        active = work.uow.push.active()
        if len(active) >= MOST_SUBSCRIPTIONS:
            raise InvalidRequest(f"A merchant can have {MOST_SUBSCRIPTIONS} subscriptions.")
        if event_class is EventClass.ENTITLEMENT and not any(
            one.event_class == event_class for one in active
        ):
            expiring.begin(work)
        work.uow.push.add(row)
        work.uow.flush()
        work.uow.push.record_classes()
    return row


def listed(env: Environment, merchant: MerchantContext) -> Sequence[PushSubscription]:
    """Those that count, the oldest first."""
    with closing(env.open(merchant)) as work:
        return work.uow.push.active()


def found(env: Environment, merchant: MerchantContext, vid: str) -> PushSubscription:
    """The one that counts with this VID. Raises SubscriptionNotFound."""
    with closing(env.open(merchant)) as work:
        return _required(work, vid)


def remove(env: Environment, merchant: MerchantContext, vid: str) -> PushSubscription:
    """From now on nothing is told; what waits to be sent is dropped. Raises SubscriptionNotFound."""
    with closing(env.open(merchant)) as work, work.writing():
        row = _required(work, vid)
        row.active, row.credentials = None, None
        work.uow.flush()
        work.uow.push.record_classes()
        work.uow.push.remove_waiting(row.vid, env.clock.now())
        return row


def credentials_of(vault: Vault, subscription: PushSubscription) -> Credentials | None:
    """What its listener asks for."""
    if subscription.credentials is None:
        return None
    context = _context(subscription.merchant_vid, subscription.vid)
    user, password = json.loads(vault.open(subscription.credentials, context))
    return Credentials(user, password)


def _required(work: Work, vid: str) -> PushSubscription:
    row = work.uow.push.subscription(vid)
    if row is None or row.active is None:
        raise SubscriptionNotFound("id", vid[:40])
    return row


def _sealed(vault: Vault, merchant_vid: str, vid: str, wish: Wish) -> str | None:
    if not wish.user:
        if wish.password:
            raise MissingField("user")
        return None
    if ":" in wish.user or len(wish.user) > _MAX_TEXT:
        raise InvalidValue("user", wish.user[:40], "must be short and without a colon")
    if wish.password is not None and len(wish.password) > _MAX_TEXT:
        raise InvalidValue("password", "", f"must not be longer than {_MAX_TEXT} characters")
    return vault.seal(json.dumps([wish.user, wish.password or ""]), _context(merchant_vid, vid))


def _context(merchant_vid: str, vid: str) -> str:
    """Binds sealed credentials to their merchant and subscription."""
    return f"{merchant_vid}/push subscription/{vid}"


def _class(given: str) -> EventClass:
    try:
        return EventClass(given)
    except ValueError:
        raise InvalidValue("class", given[:40], f"is none of {', '.join(EventClass)}") from None


def _events(name: str, given: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    for event in given:
        if event not in known:
            reason = f"is none of {', '.join(known)}" if known else "is no event of this class"
            raise InvalidValue(name, event[:40], reason)
    return tuple(dict.fromkeys(given))


def _format(given: str) -> str:
    if given not in set(Format):
        raise InvalidValue("format", given[:40], f"is none of {', '.join(Format)}")
    return given


def _version(env: Environment, given: str | None) -> str:
    contents = env.contents
    assert contents is not None
    if given is None:
        return contents.newest
    if not contents.knows(given):
        raise InvalidValue("soapVersion", given[:40], "is not served")
    return given


def _within(name: str, given: int, least: int, most: int) -> int:
    if not least <= given <= most:
        raise InvalidValue(name, given, f"must be a whole number from {least} to {most}")
    return given


def _email(given: str | None) -> str | None:
    if not given:
        return None
    local, at, domain = given.rpartition("@")
    if not (local and at and domain) or not given.isprintable() or " " in given or len(given) > _MAX_TEXT:
        raise InvalidValue("errorEmail", given[:40], "is not an e-mail address")
    return given
