"""A push message as it is sent: envelope, signature, and the two forms of its request (notifications §1.2, §1.3).

Pure functions. The text of a message is made once; what is signed and sent again is that text, never a new one.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from urllib.parse import quote
from zoneinfo import ZoneInfo

from cashbox_service.exact_json import dumps

SIGNATURE_HEADER = "X-Webhook-Signature"
"""Where the signature stands beside a body of JSON (observed)."""


class Format(StrEnum):
    """How a message lies in the body of its request."""

    FORM = "form"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Message:
    """What a message says. ``content`` is JSON already; ``members`` are those of the header that its class adds."""

    message_id: str
    event_class: str
    event: str
    author_id: str
    merchant_vid: str
    soap_version: str
    at: datetime
    content: str = field(repr=False)
    members: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """The body to send and the headers that belong to it."""

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def text_of(message: Message, submitted: datetime, zone: ZoneInfo) -> str:
    """The JSON text of a message that is sent for the first time at the moment ``submitted``."""
    header = {
        "author_id": message.author_id,
        "class_name": message.event_class,
        "event_name": message.event,
        "message_id": message.message_id,
        "merchant_vid": message.merchant_vid,
        "submitted": submitted.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S.%f%z"),
        "soap_version": message.soap_version.replace(".", "_"),
        "event_timestamp": plain_moment(message.at, zone),
        **message.members,
    }
    return f'{{"content":{message.content},"header":{json_text(header)}}}'


def json_text(value: object) -> str:
    """The one way in which messages write JSON: without blanks, letters of all languages as they are, exact decimals.

    Half of a surrogate pair cannot be written in UTF-8; it is escaped.
    """
    text = dumps(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        return dumps(value, ascii_only=True)
    return text


def plain_moment(moment: datetime, zone: ZoneInfo) -> str:
    """``2017-11-01 17:33:23`` in the zone, without its offset."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def signature_of(text: bytes, key: str) -> str:
    """HMAC-SHA256 of the text under the merchant's key, in Base64."""
    return base64.b64encode(hmac.digest(key.encode(), text, "sha256")).decode()


def request_of(text: str, key: str, form: Format) -> SignedRequest:
    """The request that carries a message's text."""
    body = text.encode()
    signature = signature_of(body, key)
    if form is Format.JSON:
        return SignedRequest({"Content-Type": "application/json", SIGNATURE_HEADER: signature}, body)
    fields = f"json={quote(body, safe='')}&signature={quote(signature, safe='')}"
    return SignedRequest({"Content-Type": "application/x-www-form-urlencoded"}, fields.encode())
