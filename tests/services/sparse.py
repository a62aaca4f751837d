"""What a sparse response description leaves of an answer, worked out from the contract and the complete answer.

Source: spec conventions §8: what is named, what the schema requires, and VID and merchant id of every object.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from lxml import etree

from cashbox_service.contract import Contract, Field, load

MERCHANT_IDS = {
    "Account": "merchantAccountId",
    "AutoBill": "merchantAutoBillId",
    "AutoBillItem": "merchantAutoBillItemId",
    "BillingPlan": "merchantBillingPlanId",
    "Campaign": "campaignId",
    "Event": "merchantEventId",
    "Entitlement": "merchantEntitlementId",
    "PaymentMethod": "merchantPaymentMethodId",
    "Product": "merchantProductId",
    "RatePlan": "merchantRatePlanId",
    "Refund": "merchantRefundId",
    "SeasonSet": "merchantSeasonSetId",
    "Token": "merchantTokenId",
    "Transaction": "merchantTransactionId",
}

Wanted = dict[str, Any] | bool
"""True: everything; False: nothing asked for; else what is wanted of each child."""


def wanted(selector: Any) -> Wanted:
    """A JSON selector in one form: objects and lists become dictionaries, scalars True."""
    if isinstance(selector, dict):
        return {name: wanted(value) for name, value in selector.items()}
    if isinstance(selector, list):
        return {
            name: wanted(value)
            for item in selector
            for name, value in ({item: True} if isinstance(item, str) else item).items()
        }
    return selector is not False


class Sparse:
    """The expected answers of one operation."""

    def __init__(self, service: str, operation: str, version: str = "22.0") -> None:
        self._contract: Contract = load(version)
        self._parts = {field.name: field for field in self._contract.operation(service, operation).response}

    def expected(self, complete: etree._Element, description: str) -> str:
        """The complete answer, a response element, without what ``description`` does not ask for."""
        selection = wanted(json.loads(description))
        assert isinstance(selection, dict)
        objects = [name for name, field in self._parts.items() if self._is_object(field) and name != "return"]
        if not self._parts.keys() & selection.keys():
            selection = dict.fromkeys(objects, selection)
        answer = copy.deepcopy(complete)
        self._prune(answer, self._parts, {"return"}, selection)
        return shape(answer)

    def _prune(
        self, parent: etree._Element, fields: dict[str, Field], always: set[str], selection: Wanted
    ) -> None:
        for child in list(parent):
            field = fields[str(child.tag)]
            asked = selection if isinstance(selection, bool) else selection.get(field.name, False)
            if field.name == "return":
                continue
            if asked is False and not field.required and field.name not in always:
                parent.remove(child)
            elif asked is not True and self._is_object(field):
                inner = {each.name: each for each in self._contract.types[field.type].fields}
                self._prune(child, inner, {"VID", MERCHANT_IDS.get(field.type, "VID")}, asked)

    def _is_object(self, field: Field) -> bool:
        return field.type in self._contract.types


def shape(response: etree._Element) -> str:
    """A response in a form that can be compared: everything but the id of the call."""
    return "\n".join(_lines(response, ""))


def _lines(element: etree._Element, indent: str) -> list[str]:
    name = str(element.tag).rpartition("}")[2]
    if name == "soapId":
        return []
    text = (element.text or "").strip()
    return [
        f"{indent}{name} {text}".rstrip(),
        *[line for child in element for line in _lines(child, indent + "  ")],
    ]
