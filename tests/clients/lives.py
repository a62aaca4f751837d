"""What every stack has to find in the life of a subscription: ``life`` programs print it in the forms of their own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

DENIED = "Denied access to method (noSuchOperation) in class (Account)"
FORBIDDEN = 'Permission denied to domain "soap"'

LIFE: dict[str, Any] = {
    "product": {
        "code": 200,
        "created": True,
        "description": "Zeitschrift für Gärtner – 月刊",
        "end": "2031-12-31T23:59:59-08:00",
        "price": Decimal(10),
        "names": [["shelf", "north"]],
    },
    "plan": {
        "code": 200,
        "period": ["Month", 1, 0, False],
        "names": [["a", "1"], ["b", "<&>"]],
        "entitlements": [],
    },
    "account": {
        "code": 200,
        "created": True,
        "name": "Ádá Łovelace 東京 €",
        "company": None,
        "warned": True,
        "names": [["tier", "gold"]],
        "card": ["CreditCard", "411111XXXXXX1111", "Köln", True],
    },
    "by card": {
        "code": 200,
        "status": ["Active", "Good Standing", "Authorized"],
        "items": 1,
        "next": Decimal(10),
        "amount": Decimal(10),
        "cycle": 0,
        "log": ["Authorized", "New"],
        "names": 5,
    },
    "invoices": [["by-invoice-00000000"], []],
    "paid": [
        [200, "Success", Decimal(4), "bezahlt – schön", "Authorized"],
        [200, "Success", Decimal(6), "bezahlt – schön", "Captured"],
    ],
    "left": [],
    "autobills": ["by-card", "by-invoice"],
    "transactions": [Decimal(10), Decimal(4), Decimal(6)],
    "sent back": [200, False, "Ada Ö", [["tier", "gold"]], 200, "Größe", 1],
    "refused": [
        [403, FORBIDDEN, False],
        [400, 'Unable to load account by merchantAccountId "nobody":  No match.', False],
    ],
}


def alike(found: Any, expected: Any) -> Any:
    """``found`` with numbers as ``expected`` has them: to many libraries they are strings."""
    if isinstance(expected, dict):
        return {key: alike(value, expected.get(key)) for key, value in found.items()}
    if isinstance(expected, list) and len(found) == len(expected):
        return [alike(each, like) for each, like in zip(found, expected, strict=True)]
    if isinstance(expected, (int, Decimal)) and not isinstance(expected, bool):
        return type(expected)(found)
    return found
