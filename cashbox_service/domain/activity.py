"""What customers did on the merchant's site, as evidence for disputes (notifications §5).

Every kind of activity has details of its own; those of one kind alone may be given. The names of the fields are those
of the interface in snake case.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Final

from cashbox_service.domain.errors import InvalidRequest, UnknownActivityType
from cashbox_service.domain.postal import PostalAddress


class ActivityType(StrEnum):
    """The kinds of activities, in the spelling and order of the interface."""

    LOGIN = "Login"
    LOGOUT = "Logout"
    URI_VIEW = "URIView"
    PHONE = "Phone"
    EMAIL = "Email"
    FULFILLMENT = "Fulfillment"
    USAGE = "Usage"
    NAMED_VALUE = "NamedValue"
    CANCELLATION = "Cancellation"
    NOTE = "Note"


@dataclass(frozen=True, slots=True)
class Visit:
    """A log-in or log-out; one without address ended by time-out."""

    ip: str | None = None


@dataclass(frozen=True, slots=True)
class URIView:
    """Something was delivered electronically; ``transfer_time`` in seconds."""

    ip: str | None = None
    uri: str | None = None
    size: int | None = None
    bytes_transferred: int | None = None
    transfer_time: int | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class PhoneContact:
    """A call; ``type`` says who called whom."""

    src_phone_number: str | None = None
    dest_phone_number: str | None = None
    cid_phone_number: str | None = None
    ani_phone_number: str | None = None
    duration_seconds: int | None = None
    note: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class EmailContact:
    """A letter."""

    src_email: str | None = None
    dest_email: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Fulfillment:
    """Something was delivered by a carrier."""

    merchant_transaction_id: str | None = None
    shipper: str | None = None
    tracking_string: str | None = None
    shipping_address: PostalAddress | None = None
    delivered: bool | None = None
    received_ts: datetime | None = None
    receipt_name: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """How long something was used, in seconds."""

    description: str | None = None
    total: int | None = None
    last_day: int | None = None
    last_week: int | None = None
    last_month: int | None = None
    last_year: int | None = None
    last_usage_date: datetime | None = None


@dataclass(frozen=True, slots=True)
class NamedValue:
    """Anything that has no kind of its own."""

    type: str | None = None
    name: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Somebody, the ``initiator``, ended a service."""

    reason: str | None = None
    confirmation_code: int | None = None
    initiator: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A remark."""

    note: str | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """The details of an activity, in the field of its kind."""

    login_args: Visit | None = None
    logout_args: Visit | None = None
    uriview_args: URIView | None = None
    phone_args: PhoneContact | None = None
    email_args: EmailContact | None = None
    fulfillment_args: Fulfillment | None = None
    usage_args: Usage | None = None
    namedvalue_args: NamedValue | None = None
    cancellation_args: Cancellation | None = None
    note_args: Note | None = None


_FIELD: Final = dict(zip(ActivityType, [field.name for field in fields(Details)], strict=True))

_REQUIRED: Final[dict[ActivityType, tuple[str, ...]]] = {
    ActivityType.URI_VIEW: ("uri", "description"),
    ActivityType.PHONE: ("type",),
    ActivityType.NAMED_VALUE: ("type", "name", "value"),
    ActivityType.CANCELLATION: ("initiator",),
}
"""What the details of a kind cannot do without."""


def parse_type(text: str | None) -> ActivityType:
    """The kind of that exact spelling. Raises UnknownActivityType."""
    try:
        return ActivityType(text or "")
    except ValueError:
        raise UnknownActivityType(text or "", ",".join(ActivityType)) from None


def check_details(kind: ActivityType, details: Details) -> None:
    """Raises InvalidRequest for details of another kind, and where something required is missing."""
    for other, name in _FIELD.items():
        if other is not kind and getattr(details, name) is not None:
            raise InvalidRequest(f"{_wire(name)} does not belong to an activity of type {kind.value}.")
    own = getattr(details, _FIELD[kind])
    for name in _REQUIRED.get(kind, ()):
        if own is None or not getattr(own, name):
            raise InvalidRequest(f"{_wire(_FIELD[kind])}.{name} is missing.")


def _wire(name: str) -> str:
    return name.replace("_args", "Args")
