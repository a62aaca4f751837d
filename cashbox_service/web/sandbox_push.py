"""Push messages in the control plane: keys, subscriptions and deliveries as JSON, under ``/sandbox/push``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, Final

from flask import Flask, request

from cashbox_service.app.context import MerchantContext
from cashbox_service.app.environment import Environment
from cashbox_service.app.operating import merchant_keys
from cashbox_service.app.operating.merchant_keys import KeyPurpose
from cashbox_service.app.pushing import deliveries, subscriptions
from cashbox_service.app.pushing.deliveries import Delivery
from cashbox_service.app.pushing.delivering import Deliverer
from cashbox_service.app.pushing.subscriptions import Wish
from cashbox_service.domain.errors import InvalidValue, MissingField
from cashbox_service.store.entities import PushSubscription

_TEXTS: Final = {
    "class": "event_class",
    "endpoint": "endpoint",
    "format": "format",
    "errorEmail": "error_email",
    "user": "user",
    "password": "password",
    "soapVersion": "soap_version",
}
_NUMBERS: Final = {"retryCount": "retry_count", "retrySeconds": "retry_seconds"}
_LISTS: Final = {"without": "without", "also": "also"}


def add_push(
    app: Flask,
    env: Environment,
    merchant: Callable[[], MerchantContext],
    body: Callable[[], Mapping[str, Any]],
) -> None:
    """The routes; ``merchant`` is who is logged in, ``body`` the JSON object of the request."""

    @app.post("/sandbox/push/key")
    def make_key() -> dict[str, Any]:
        made = merchant_keys.add(env.database, env.vault, merchant().vid, KeyPurpose.PUSH, env.clock.now())
        return {"key": made.key}

    @app.get("/sandbox/push")
    def list_subscriptions() -> dict[str, Any]:
        return {"subscriptions": [_subscription(one) for one in subscriptions.listed(env, merchant())]}

    @app.post("/sandbox/push")
    def add_subscription() -> dict[str, Any]:
        return {"subscription": _subscription(subscriptions.add(env, merchant(), wish_of(body())))}

    @app.delete("/sandbox/push/<vid>")
    def remove_subscription(vid: str) -> dict[str, Any]:
        return {"removed": subscriptions.remove(env, merchant(), vid).vid}

    @app.get("/sandbox/push/deliveries")
    def list_deliveries() -> dict[str, Any]:
        asked = request.args
        found = deliveries.listed(
            env,
            merchant(),
            subscription_vid=asked.get("subscription"),
            status=asked.get("status"),
            limit=1000,
        )
        return {"deliveries": [_delivery(one) for one in found]}

    @app.post("/sandbox/push/deliveries/<message_id>/redeliver")
    def redeliver(message_id: str) -> dict[str, Any]:
        return {"status": deliveries.redeliver(env, merchant(), message_id).status}

    @app.post("/sandbox/push/deliver")
    def deliver() -> dict[str, Any]:
        with closing(Deliverer(env)) as deliverer:
            return {"listeners": deliverer.run(until_done=True)}


def wish_of(body: Mapping[str, Any]) -> Wish:
    """What is asked for. Raises MissingField, InvalidValue naming the member."""
    given: dict[str, Any] = {}
    for name, value in body.items():
        if value is None:
            continue
        if name in _TEXTS:
            given[_TEXTS[name]] = _text(name, value)
        elif name in _NUMBERS:
            given[_NUMBERS[name]] = _number(name, value)
        elif name in _LISTS:
            given[_LISTS[name]] = _list(name, value)
        else:
            raise InvalidValue(name[:40], "", "is no member of a subscription")
    for name in ("class", "endpoint"):
        if _TEXTS[name] not in given:
            raise MissingField(name)
    return Wish(**given)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidValue(name, "", "must be text")
    return value


def _number(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidValue(name, str(value)[:40], "must be a whole number")
    return value


def _list(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise InvalidValue(name, str(value)[:40], "must be a list of events")
    return tuple(value)


def _subscription(one: PushSubscription) -> dict[str, Any]:
    return {
        "id": one.vid,
        "class": one.event_class,
        "endpoint": one.endpoint,
        "format": one.format,
        "without": one.without,
        "also": one.also,
        "retryCount": one.retry_count,
        "retrySeconds": one.retry_seconds,
        "errorEmail": one.error_email,
        "hasPassword": one.credentials is not None,
        "soapVersion": one.soap_version,
    }


def _delivery(one: Delivery) -> dict[str, Any]:
    message = one.message
    return {
        "messageId": message.message_id,
        "subscription": message.subscription_vid,
        "class": message.event_class,
        "event": message.event,
        "subject": message.subject_vid,
        "at": message.at,
        "status": message.status,
        "attempts": [
            {
                "at": attempt.at,
                "status": attempt.http_status,
                "error": attempt.error,
                "milliseconds": attempt.milliseconds,
            }
            for attempt in one.attempts
        ],
    }
