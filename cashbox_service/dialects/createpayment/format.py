"""The answers in JSON, JSV, XML and CSV (dialects §3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cashbox_service.dialects.createpayment.schema import CollectionAttempt, CreatePaymentResult, Failure
from cashbox_service.dialects.exchange import Answer
from cashbox_service.dialects.media import csv_text, json_text, jsv, xml_text
from cashbox_service.dialects.negotiation import Formats, Media

_TYPES = ("application/json", "text/jsv", "application/xml", "text/xml", "text/csv", "text/json")

FORMATS = Formats(reads=_TYPES, writes=_TYPES, by_name=True)


def write(answer: Answer, media: Media) -> bytes:
    """The bytes of an answer; absent members are left out, but for CSV, whose line of names is always the same."""
    model = answer.content
    members = _plain(model.model_dump(by_alias=True, exclude_none=media is not Media.CSV))
    if media is Media.JSON:
        return json_text.dump(members)
    if media is Media.JSV:
        return jsv.dump(members)
    if media is Media.XML:
        root = "CollectionAttempt" if isinstance(model, CollectionAttempt) else "CreatePaymentResult"
        return xml_text.dump(root, _in_xml(_capitalised(members)))
    return csv_text.dump(_in_csv(model, _capitalised(members)))


def _in_xml(members: dict[str, Any]) -> dict[str, Any]:
    """Every item of a list is named."""
    named = {"Errors": "string", "Payments": "Payment"}
    return {name: {named[name]: value} if name in named else value for name, value in members.items()}


def _in_csv(model: Any, members: dict[str, Any]) -> Mapping[str, Any]:
    """The members of the result beside the errors; payments of an attempt as JSV in one column."""
    if isinstance(model, CreatePaymentResult):
        result: dict[str, Any] = members["Result"]
        return result | {"Errors": members["Errors"]}
    if isinstance(model, Failure):
        return members
    return members | {"Payments": jsv.dumps(members["Payments"])}


def _capitalised(value: Any) -> Any:
    if isinstance(value, dict):
        return {name[:1].upper() + name[1:]: _capitalised(inner) for name, inner in value.items()}
    return [_capitalised(inner) for inner in value] if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    """Moments as text."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime) else value
