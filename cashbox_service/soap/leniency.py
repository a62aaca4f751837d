"""Enumeration values that are accepted though the contract spells them otherwise.

Source: spec conventions §2.1, autobill §1 (InvoiceStates), catalog §1.4 (period types), §2.1 (product status).
"""

from __future__ import annotations

from cashbox_service.contract import Contract

CASELESS = frozenset({"PaymentOverageDisposition"})
"""Enumerations matched without regard to case."""

SYNONYMS = {
    "InvoiceStates": {"WrittenOff": "Written Off", "writtenOff": "Written Off"},
    "ProductStatus": {"New": "Active"},
}

UNCHECKED = frozenset({("BillingPlanPeriod", "type"), ("Activity", "activityType")})
"""Fields whose value reaches the use case as sent: it has a refusal of its own for wrong ones."""


def spellings(facts: Contract, enum: str) -> dict[str, str]:
    """Every accepted spelling but those of ``CASELESS``, to the contract's."""
    return {value: value for value in facts.enums[enum]} | SYNONYMS.get(enum, {})
