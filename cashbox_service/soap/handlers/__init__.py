"""One module per CashBox service: wire record in, application call, wire record out.

Each module registers its operations and says in its table ``RETURNS`` with which code and text a refusal is answered,
and how that is known. No SQL, no rules. A module, and the use cases it stands on, is imported for the first call of
its service.
"""

from __future__ import annotations

from collections.abc import Mapping

MODULES: Mapping[str, str] = {
    service: f"{__name__}.{module}"
    for service, module in {
        "Account": "account",
        "Address": "address",
        "AutoBill": "autobill",
        "BillingPlan": "billing_plan",
        "Diagnostic": "diagnostic",
        "NameValuePair": "name_value_pair",
        "PaymentMethod": "payment_method",
        "Product": "product",
        "Transaction": "transaction",
    }.items()
}
"""The module that answers the calls of a service."""
