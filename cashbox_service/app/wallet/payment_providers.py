"""Payment providers: who moves the money, as merchants may ask about it (payment-method §4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NoReturn

from cashbox_service.app.context import Work
from cashbox_service.domain.errors import (
    InvalidValue,
    MissingField,
    PaymentProviderNotFound,
    UnsupportedProvider,
)
from cashbox_service.processors import merchant_accepted, sandbox

_ALWAYS_KNOWN: Final = frozenset({sandbox.WIRE_NAME, merchant_accepted.WIRE_NAME})
"""What transactions may name whether or not it is configured in this mode."""

_ADDED_BY_THE_SERVICE: Final = frozenset({"merchant-id", "password", "sig", "timestamp"})
"""Arguments of a request to a provider that prove who asks: they are never the caller's."""


@dataclass(frozen=True, slots=True)
class PaymentProvider:
    """Whoever moves money, under the name that transactions carry; its authorizations lapse after so many days."""

    name: str
    auth_expiration_days: int


def by_name(work: Work, name: str | None) -> PaymentProvider:
    """Raises MissingField, PaymentProviderNotFound."""
    if not name:
        raise MissingField("name")
    if name not in _ALWAYS_KNOWN and work.env.processors.with_wire_name(name) is None:
        raise PaymentProviderNotFound("name", name)
    return PaymentProvider(name, work.settings.auth_expiration_days)


def refuse_request(name: str | None, request_type: str | None, arguments: Iterable[str | None]) -> NoReturn:
    """A request of the provider's own kind: no provider here takes any.

    Always raises: MissingField, InvalidValue for an argument that the service would have to add, and
    UnsupportedProvider where nothing else is wrong.
    """
    if not name:
        raise MissingField("paymentProvider")
    if not request_type:
        raise MissingField("requestType")
    for argument in arguments:
        if (argument or "").lower() in _ADDED_BY_THE_SERVICE:
            raise InvalidValue("requestArguments", argument, "is not for the caller to send")
    raise UnsupportedProvider(name)
