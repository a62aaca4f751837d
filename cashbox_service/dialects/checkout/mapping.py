"""From the members of CheckOut to the use case, and back; and the signature over them."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cashbox_service.app.counter.check_out_drafts import CheckOutOrder, ClientData, Finished
from cashbox_service.app.counter.outside_payments import wrong_amount
from cashbox_service.dialects.checkout.errors import MESSAGES
from cashbox_service.dialects.checkout.schema import CheckOutAnswer, CheckOutObject
from cashbox_service.dialects.media import json_text
from cashbox_service.dialects.refusals import Refusal
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.money import known_currency

WINDOW = timedelta(minutes=5)
"""How far the timestamp may be from the server's clock, which no test clock moves."""

_TIMESTAMP = re.compile(r"(\d{4})(\d\d)(\d\d) (\d\d):(\d\d)")
_MEMBERS = ("service", "apikey", "sig", "timestamp", "object")


def members(given: Any) -> dict[str, Any]:
    """The five members by their names in small letters; those that are missing are left out."""
    if not isinstance(given, Mapping):
        return {}
    by_name = {str(name).lower(): value for name, value in given.items()}
    return {name: by_name[name] for name in _MEMBERS if by_name.get(name) is not None}


def is_signed(given: Mapping[str, Any], secret: str, now: datetime) -> bool:
    """Whether the signature is that of the key's secret and the time is about now."""
    signature, timestamp = given.get("sig"), given.get("timestamp")
    if not isinstance(signature, str) or not isinstance(timestamp, str):
        return False
    signed = f"{given.get('apikey', '')}{given.get('service', '')}{timestamp}"
    expected = hmac.new(secret.encode(), signed.encode(errors="replace"), "sha256").hexdigest()
    right = hmac.compare_digest(expected.encode(), signature.strip().lower().encode(errors="replace"))
    moment = _moment(timestamp)
    return right and moment is not None and abs(now - moment) <= WINDOW + _within_the_minute(now, moment)


def key_of(given: Mapping[str, Any]) -> str:
    """What a repeat has in common with the first call: signature, time and object."""
    content = given["object"]
    text = content if isinstance(content, str) else json_text.dumps(content)
    parts = (str(given["sig"]).lower(), str(given["timestamp"]), text)
    return hashlib.sha256("\n".join(parts).encode(errors="replace")).hexdigest()


def order_of(params: CheckOutObject, default_currency: str) -> CheckOutOrder:
    """The order as the use case takes it. Raises `Refusal` (400) for an AmountPaid that nobody can be charged."""
    currency = params.currency if params.currency and known_currency(params.currency) else default_currency
    problem: InvalidValue | None = wrong_amount("AmountPaid", params.amount_paid, currency)
    if problem is not None:
        raise Refusal(400, str(problem), "AmountPaid")
    client = ClientData(
        number=params.client_id or None,
        first_name=params.first_name,
        last_name=params.last_name,
        company=params.company,
        address=params.address,
        address2=params.address2,
        city=params.city,
        state=params.state,
        zip=params.zip,
        country=params.country,
        phone=params.phone,
        email=params.email,
    )
    return CheckOutOrder(
        client=client,
        amount_paid=params.amount_paid,
        card_number=params.cc_number,
        card_expiry=params.cc_exp,
        cvv=params.cvv,
        routing_number=params.routing_number,
        account_number=params.account_number,
        account_type=params.account_type,
        description=params.description,
        amount=params.amount,
        quantity=params.quantity,
        category=params.category,
        recurring=params.recurring,
        frequency=params.frequency,
        start_date=params.start_date,
        currency=params.currency or None,
    )


def answer_of(finished: Finished) -> CheckOutAnswer:
    """The message of the stage that failed, or of success, with the code and the ids that go with it."""
    message = MESSAGES[finished.failed]
    told: dict[str, Any] = {name: finished.ids.get(name) for name in message.ids}
    if message.has_code:
        told["Response_code"] = finished.code or "0"
    return CheckOutAnswer.model_validate({"message": message.text} | told)


def _moment(text: str) -> datetime | None:
    found = _TIMESTAMP.fullmatch(text.strip())
    if found is None:
        return None
    try:
        year, month, day, hour, minute = (int(part) for part in found.groups())
        return datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError:
        return None


def _within_the_minute(now: datetime, moment: datetime) -> timedelta:
    """A timestamp names the minute it was taken in, not its first second."""
    return timedelta(seconds=59) if moment < now else timedelta(0)
