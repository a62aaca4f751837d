"""What Stripe calls the reasons of declines, refusals and failed refunds, and the results of its checks.

The tables give the processor code that merchants see (domain/auth_codes.py), hard or soft as the catalogue has it
unless a row says otherwise. Source: docs.stripe.com/declines/codes, docs.stripe.com/error-codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cashbox_service.domain import auth_codes
from cashbox_service.processors.protocol import PaymentResult

APPROVED: Final = "100"
VALIDATED: Final = "101"
OTHER_ERROR: Final = "594"
MISSING_FIELDS: Final = "227"
INVALID_CURRENCY: Final = "238"

AUTHENTICATION_REQUIRED: Final = "authentication_required"
"""The card's bank wants to see the customer, who is not there or cannot be sent to it."""

DECLINES: Final[Mapping[str, str]] = {
    "approve_with_id": "401",
    AUTHENTICATION_REQUIRED: "401",
    "authentication_not_handled": "401",
    "call_issuer": "402",
    "card_decline_rate_limit_exceeded": "510",
    "card_declined": "303",
    "card_not_supported": "233",
    "card_velocity_exceeded": "509",
    "currency_not_supported": "239",
    "do_not_honor": "530",
    "do_not_try_again": "303",
    "duplicate_transaction": "234",
    "expired_card": "522",
    "fraudulent": "596",
    "generic_decline": "303",
    "highest_risk_level": "534",
    "incorrect_address": "260",
    "incorrect_cvc": "531",
    "incorrect_number": "201",
    "incorrect_pin": "813",
    "incorrect_zip": "260",
    "insufficient_funds": "302",
    "invalid_account": "825",
    "invalid_amount": "592",
    "invalid_cvc": "531",
    "invalid_expiry_month": "605",
    "invalid_expiry_year": "605",
    "invalid_number": "201",
    "invalid_pin": "813",
    "issuer_not_available": "301",
    "lost_card": "502",
    "merchant_blacklist": "505",
    "mobile_device_authentication_required": "401",
    "new_account_information_available": "825",
    "no_action_taken": "303",
    "not_permitted": "606",
    "payment_intent_authentication_failure": "401",
    "pickup_card": "501",
    "pin_try_exceeded": "813",
    "processing_error": "902",
    "reenter_transaction": "902",
    "restricted_card": "806",
    "revocation_of_all_authorizations": "571",
    "revocation_of_authorization": "571",
    "security_violation": "503",
    "service_not_allowed": "303",
    "setup_intent_authentication_failure": "401",
    "stolen_card": "502",
    "stop_payment_order": "570",
    "testmode_decline": "303",
    "transaction_not_allowed": "606",
    "try_again_later": "902",
    "withdrawal_count_limit_exceeded": "509",
}
"""What the card's bank or Stripe has against a payment, by ``decline_code``, else by ``code``."""

ALWAYS_HARD: Final = frozenset({"do_not_try_again", "restricted_card"})
"""Declines that trying again cannot help, although their processor codes can be soft."""

REFUSALS: Final[Mapping[str, str]] = {
    "amount_too_large": auth_codes.INVALID_AMOUNT,
    "amount_too_small": auth_codes.INVALID_AMOUNT,
    "charge_already_captured": auth_codes.INVALID_TRANSACTION_TYPE,
    "charge_already_refunded": auth_codes.INVALID_AMOUNT,
    "charge_disputed": auth_codes.INVALID_TRANSACTION_TYPE,
    "charge_expired_for_capture": auth_codes.INVALID_TRANSACTION_TYPE,
    "invalid_charge_amount": auth_codes.INVALID_AMOUNT,
    "parameter_missing": MISSING_FIELDS,
    "payment_intent_unexpected_state": auth_codes.INVALID_TRANSACTION_TYPE,
    "resource_missing": auth_codes.NOT_ON_FILE,
    "setup_intent_unexpected_state": auth_codes.INVALID_TRANSACTION_TYPE,
}
"""What is wrong with a request, by ``code``."""

FAILED_REFUNDS: Final[Mapping[str, str]] = {
    "declined": auth_codes.GENERIC_DECLINE,
    "expired_or_canceled_card": auth_codes.CARD_EXPIRED,
    "insufficient_funds": auth_codes.INSUFFICIENT_FUNDS,
    "lost_or_stolen_card": auth_codes.LOST_OR_STOLEN,
    "merchant_request": auth_codes.CANCELLED_BY_DECISION,
}
"""Why a refund did not reach the customer, by ``failure_reason``."""

_AVS: Final[Mapping[tuple[str, str], str]] = {
    ("pass", "pass"): "Y",
    ("pass", "fail"): "A",
    ("pass", "other"): "B",
    ("fail", "pass"): "Z",
    ("other", "pass"): "P",
    ("fail", "fail"): "N",
    ("fail", "other"): "N",
    ("other", "fail"): "N",
}
"""By the check of the street and that of the postal code."""

_CVN: Final[Mapping[str, str]] = {"pass": "M", "fail": "N", "unavailable": "U", "unchecked": "P"}


def declined(decline_code: str | None, code: str | None = None) -> PaymentResult:
    """The decline behind Stripe's words; a reason that is not known is a soft decline."""
    word = next((one for one in (decline_code, code) if one in DECLINES), None)
    if word is None:
        return refused(code) if code in REFUSALS else PaymentResult.declined(auth_codes.GENERIC_DECLINE)
    return PaymentResult.declined(DECLINES[word], True if word in ALWAYS_HARD else None)


def refused(code: str | None, parameter: str | None = None) -> PaymentResult:
    """The decline that stands for a request which Stripe does not take."""
    if code in DECLINES:
        return declined(None, code)
    if code not in REFUSALS and parameter == "currency":
        return PaymentResult.declined(INVALID_CURRENCY)
    return PaymentResult.declined(REFUSALS.get(code or "", OTHER_ERROR))


def failed_refund(reason: str | None) -> PaymentResult:
    """The decline behind a refund that failed."""
    return PaymentResult.declined(FAILED_REFUNDS.get(reason or "", OTHER_ERROR))


def avs_code(checks: Mapping[str, Any]) -> str | None:
    """The address check in letters as card networks use them; None when nobody checked."""
    found = [checks.get("address_line1_check"), checks.get("address_postal_code_check")]
    if not any(found) or set(found) <= {None, "unchecked"}:
        return None
    street, postal = (one if one in ("pass", "fail") else "other" for one in found)
    return _AVS.get((street, postal), "U")


def cvn_code(checks: Mapping[str, Any]) -> str | None:
    """The check of the verification number; None when nobody checked."""
    return _CVN.get(checks.get("cvc_check") or "")
