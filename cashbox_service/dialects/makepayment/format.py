"""The answers in JSON and in XML: the same members in the same order, but for the list of issues (dialects §2)."""

from __future__ import annotations

from typing import Any

from cashbox_service.dialects.exchange import Answer
from cashbox_service.dialects.makepayment.schema import (
    Failure,
    MakePaymentResults,
    PaymentTypes,
    TransactionsResults,
)
from cashbox_service.dialects.media import json_text, xml_text
from cashbox_service.dialects.negotiation import Formats, Media

FORMATS = Formats(
    reads=("application/json", "text/json", "application/xml", "text/xml"),
    writes=("application/json", "text/json", "application/xml", "text/xml"),
)

NAMESPACES = (
    ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
"""Declared on every root, as in the text; nothing is in them."""

_ROOTS: dict[type[Any], str] = {
    MakePaymentResults: "MakePaymentResults",
    PaymentTypes: "PaymentTypesResults",
    TransactionsResults: "TransactionsResults",
    Failure: "Error",
}


def write(answer: Answer, media: Media) -> bytes:
    """The bytes of an answer."""
    model = answer.content
    members = model.model_dump(by_alias=True)
    if media is Media.JSON:
        return json_text.dump(_shown(members))
    return xml_text.dump(_ROOTS[type(model)], _in_xml(type(model), members), NAMESPACES)


def _in_xml(model: type[Any], members: dict[str, Any]) -> dict[str, Any]:
    """Every item of a list is named by the list."""
    if model is MakePaymentResults:
        data = members["MakePaymentDataData"]
        issues = {"MakePaymentIssue": data["MakePaymentIssues"]}
        return {"MakePaymentDataData": data | {"MakePaymentIssues": issues}}
    if model is PaymentTypes:
        return {"PaymentTypes": {"PaymentType": members["PaymentTypes"]}}
    if model is TransactionsResults:
        return members | {"Transactions": {"Transaction": _shown(members["Transactions"])}}
    return members


def _shown(value: Any) -> Any:
    """Days as text."""
    if isinstance(value, dict):
        return {name: _shown(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_shown(inner) for inner in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
