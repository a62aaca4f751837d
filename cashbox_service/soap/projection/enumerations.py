"""Values of enumerations that the other contract spells differently or does not know.

A value that has no row and that the other side lacks is left out, which every such field allows but those of
``LAST_RESORT``.
"""

from __future__ import annotations

from collections.abc import Mapping

NEAREST: Mapping[str, Mapping[str, str]] = {
    "AutoBillStatus": {
        "Suspended": "Legacy Suspended",
        "PendingCustomerAction": "Pending Activation",
        "Processing": "Active",
        "Pending Activation": "Active",
        "Dryrun": "Active",
        "Pending Cancel": "Cancelled",
        "Expired": "Cancelled",
        "Deleted": "Cancelled",
        "Legacy Suspended": "Suspended",
    },
    "ReturnCode": {"261": "200"},
}
"""By enumeration, the value to send instead of one that the other contract lacks (autobill §3.1).

Return codes are numbers; those that no list has, such as 228, were really sent and stay.
"""

LAST_RESORT: Mapping[str, Mapping[str, str]] = {
    "PaymentMethodType": {
        "ApplePay": "CreditCard",
        "MilitaryStar": "CreditCard",
        "Amazon": "PayPal",
        "Skrill": "PayPal",
        "HostedPage": "PayPal",
        "CarrierBilling": "PayPal",
        "MerchantAcceptedPayment": "Boleto",
        "ExternalBilling": "Boleto",
    },
}
"""The same where the older contract requires a value: cards, pages a customer is sent to, money from elsewhere."""
