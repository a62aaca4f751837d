"""What an intent or a refund of Stripe says about the request that made it.

A payment intent is confirmed at most once with success, and keeps the reason of its last failure: its state alone
tells what became of the request, today or in a year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from cashbox_service.domain.status_details import CardAttributes, CustomerChallenge
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.processors.protocol import OutcomeKind, PaymentResult
from cashbox_service.processors.stripe import codes
from cashbox_service.processors.stripe.calls import Answer

CANCELED: Final = "canceled"
NEEDS_CAPTURE: Final = "requires_capture"
NEEDS_CUSTOMER: Final = "requires_action"
SUCCEEDED: Final = "succeeded"

_DONE: Final = frozenset({NEEDS_CAPTURE, SUCCEEDED})


def result_of(intent: Answer) -> PaymentResult | None:
    """What became of a request for money or of a validation.

    None when the intent alone does not tell: it was not confirmed, it was closed, or it waits for a customer who
    cannot be sent anywhere.
    """
    status = intent["status"]
    if status in _DONE or (status == CANCELED and _was_authorized(intent)):
        return _approved(intent)
    if status == "processing":
        waiting = PaymentResult.pending(TransactionStatusType.AUTHORIZED_PENDING)
        return waiting.for_reference(intent["id"])
    if status == NEEDS_CUSTOMER:
        return _at_page(intent)
    error = intent.get("last_payment_error") or intent.get("last_setup_error")
    if error:
        return codes.declined(error.get("decline_code"), error.get("code")).for_reference(intent["id"])
    return None


def refund_result_of(refund: Answer) -> PaymentResult:
    """What became of a refund. Bank and card networks may take days, and may refuse in the end."""
    status = refund.get("status")
    if status in ("failed", CANCELED):
        result = codes.failed_refund(refund.get("failure_reason"))
    elif status in ("pending", NEEDS_CUSTOMER):
        result = PaymentResult.pending(TransactionStatusType.PENDING)
    else:
        result = PaymentResult.approved(codes.APPROVED)
    return result.for_reference(refund["id"])


def counts(refund: Answer) -> bool:
    """Whether the refund gives money back, or may yet."""
    return refund.get("status") not in ("failed", CANCELED)


def _approved(intent: Answer) -> PaymentResult:
    is_setup = intent.get("object") == "setup_intent"
    result = PaymentResult.approved(codes.VALIDATED if is_setup else codes.APPROVED)
    card = _card_of(intent)
    checks = card.get("checks") or {}
    return replace(
        result,
        processor_transaction_id=intent["id"],
        avs_code=codes.avs_code(checks),
        cvn_code=codes.cvn_code(checks),
        auth_approval_code=card.get("authorization_code"),
        card_attributes=_attributes(card),
    )


def _was_authorized(intent: Answer) -> bool:
    charge = _charge_of(intent)
    return charge.get("status") == SUCCEEDED


def _charge_of(intent: Answer) -> Mapping[str, Any]:
    charge = intent.get("latest_charge")
    return charge if isinstance(charge, Mapping) else {}


def _card_of(intent: Answer) -> Mapping[str, Any]:
    details = _charge_of(intent).get("payment_method_details") or {}
    return details.get("card") or {}


def _attributes(card: Mapping[str, Any]) -> CardAttributes | None:
    funding, country = card.get("funding"), card.get("country")
    if funding not in ("credit", "debit", "prepaid"):
        return CardAttributes(country_of_issuance=country) if country else None
    return CardAttributes(
        credit_card=int(funding == "credit"),
        debit_card=int(funding == "debit"),
        prepaid_card=int(funding == "prepaid"),
        country_of_issuance=country,
    )


def _at_page(intent: Answer) -> PaymentResult | None:
    """The customer has to show himself to his bank; None when there is no page to send him to."""
    action = (intent.get("next_action") or {}).get("redirect_to_url") or {}
    url = action.get("url")
    if not url or intent.get("object") == "setup_intent":
        return None
    return PaymentResult(
        OutcomeKind.PENDING,
        pending_status=TransactionStatusType.AUTHORIZATION_PENDING,
        processor_transaction_id=intent["id"],
        redirect_url=url,
        challenge=CustomerChallenge(url),
    )
