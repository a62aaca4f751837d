"""One module per CashBox service: wire record in, application call, wire record out.

Each module registers its operations and says in its table ``RETURNS`` with which code and text a refusal is answered,
and how that is known. No SQL, no rules.
"""

from __future__ import annotations

from cashbox_service.soap.handlers import (
    account,
    address,
    autobill,
    billing_plan,
    diagnostic,
    name_value_pair,
    payment_method,
    product,
    transaction,
)

__all__ = [
    "account",
    "address",
    "autobill",
    "billing_plan",
    "diagnostic",
    "name_value_pair",
    "payment_method",
    "product",
    "transaction",
]
