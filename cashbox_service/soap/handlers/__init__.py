"""Modules of CashBox services: wire record in, application call, wire record out.

Each module registers operations of one service and says in its table ``RETURNS`` with which code and text a refusal is
answered, and how that is known. No SQL, no rules. The modules of a service, and the use cases they stand on, are
imported for the first call of that service.
"""

from __future__ import annotations

from collections.abc import Mapping

MODULES: Mapping[str, tuple[str, ...]] = {
    service: tuple(f"{__name__}.{module}" for module in modules)
    for service, modules in {
        "Account": (
            "account",
            "account_credit",
            "account_entitlement",
            "account_family",
            "account_gift_card",
            "account_stop",
            "account_token",
        ),
        "Activity": ("activity",),
        "Address": ("address",),
        "AutoBill": (
            "autobill",
            "autobill_ahead",
            "autobill_campaign",
            "autobill_cancel",
            "autobill_charge",
            "autobill_credit",
            "autobill_dates",
            "autobill_finalize",
            "autobill_gift_card",
            "autobill_history",
            "autobill_migrate",
            "autobill_modify",
            "autobill_season",
        ),
        "BillingPlan": ("billing_plan",),
        "Campaign": ("campaign", "campaign_coupon"),
        "Chargeback": ("chargeback",),
        "Diagnostic": ("diagnostic",),
        "ElectronicSignature": ("electronic_signature",),
        "EmailTemplate": ("email_template",),
        "Entitlement": ("entitlement",),
        "GiftCard": ("gift_card",),
        "NameValuePair": ("name_value_pair",),
        "PaymentMethod": ("payment_method",),
        "PaymentProvider": ("payment_provider",),
        "Product": ("product",),
        "RatePlan": ("rate_plan", "rate_plan_usage"),
        "Refund": ("refund",),
        "SeasonSet": ("season_set",),
        "Token": ("token",),
        "Transaction": (
            "transaction",
            "transaction_auth",
            "transaction_capture",
            "transaction_finalize",
            "transaction_report",
            "transaction_score",
            "transaction_tax",
        ),
        "WebSession": ("web_session",),
    }.items()
}
"""The modules that answer the calls of a service."""
