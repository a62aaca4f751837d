"""Chargebacks as the control plane takes and shows them: JSON with the names of the SOAP type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from cashbox_service.app.disputes.disputing import Stored
from cashbox_service.app.disputes.drafts import ChargebackDraft
from cashbox_service.domain.chargeback import ChargebackStatus
from cashbox_service.domain.errors import InvalidValue

_TEXTS: Final = {
    "VID": "vid",
    "currency": "currency",
    "reasonCode": "reason_code",
    "caseNumber": "case_number",
    "referenceNumber": "reference_number",
    "merchantTransactionId": "merchant_transaction_id",
    "status": "status",
    "note": "note",
}
_MOMENTS: Final = {
    "processorReceivedTimestamp": "processor_received_timestamp",
    "postedTimestamp": "posted_timestamp",
}

Moment = Callable[[Mapping[str, Any], str], datetime]


def draft_of(body: Mapping[str, Any], moment: Moment) -> ChargebackDraft:
    """What was sent; ``moment`` reads a moment out of it. Raises InvalidValue naming the field."""
    draft = ChargebackDraft()
    for name, value in body.items():
        if name == "amount":
            draft.amount = _amount(value)
        elif name in _TEXTS:
            setattr(draft, _TEXTS[name], _text(name, value))
        elif name in _MOMENTS:
            setattr(draft, _MOMENTS[name], moment(body, name))
        else:
            raise InvalidValue(
                name[:40], str(value)[:40], "is not a field of a chargeback that can be sent here"
            )
    if draft.status is not None and draft.status not in set(ChargebackStatus):
        raise InvalidValue("status", draft.status[:40], f"is none of {', '.join(ChargebackStatus)}")
    return draft


def _text(name: str, value: object) -> str | None:
    if not isinstance(value, str):
        raise InvalidValue(name, str(value)[:40], "must be text")
    return value.strip() or None


def _amount(value: object) -> Decimal:
    """A number, or one as text, which keeps all its digits."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            amount = Decimal("NaN")
        if amount.is_finite():
            return amount
    raise InvalidValue("amount", str(value)[:40], "must be an amount, such as 9.99")


def shown(stored: Stored) -> dict[str, Any]:
    """The chargeback as it is now, and whether it is new."""
    one = stored.chargeback
    return {
        "chargeback": {
            "VID": one.vid,
            "merchantTransactionId": one.transaction.merchant_transaction_id if one.transaction else None,
            "amount": one.amount,
            "currency": one.currency,
            "reasonCode": one.reason_code,
            "caseNumber": one.case_number,
            "referenceNumber": one.reference_number,
            "status": one.status,
            "statusChangedTimestamp": one.status_changed_at,
        },
        "created": stored.created,
    }
