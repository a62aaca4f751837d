"""Why an AutoBill was cancelled: the codes that come with the service, and their texts.

0 to 99 are the service's own, 100 to 999 are ready-made reasons of merchants. Source: autobill §4.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

UNSPECIFIED: Final = "1"
CHARGED_BACK: Final = "4"
NOT_COLLECTED: Final = "5"

DESCRIPTIONS: Final = MappingProxyType(
    {
        "0": "Vindicia: Administrative Action",
        UNSPECIFIED: "CashBox: Unspecified",
        "2": "CashBox: AutoBill Ended",
        "3": "CashBox: Account Updater reports card closed",
        CHARGED_BACK: "CashBox: Chargeback received. Policy specifies AutoBill be canceled.",
        NOT_COLLECTED: "CashBox: Permanently Suspended for Non-Payment. Unable to Collect Payment",
        "100": "Merchant: Cost",
        "101": "Merchant: No Longer Needed",
        "102": "Merchant: Switched Provider",
        "103": "Merchant: Customer Dissatisfied",
        "104": "Merchant: Technical Problem",
        "105": "Merchant: Duplicate Subscription",
        "106": "Merchant: Fraud",
        "107": "Merchant:  Generic Cancel (Other)",
    }
)
"""What answers say of each code."""
