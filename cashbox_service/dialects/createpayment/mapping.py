"""From the members of CreatePayment to the use cases, and back."""

from __future__ import annotations

from decimal import Decimal

from cashbox_service.app.counter.collection_drafts import (
    Attempt,
    AttemptDraft,
    CollectionPayment,
    Payor,
    Tried,
)
from cashbox_service.app.counter.payment_keys import MAX_KEY
from cashbox_service.dialects.createpayment import schema
from cashbox_service.dialects.createpayment.schema import (
    AttemptPayment,
    CollectionAttempt,
    CollectionAttemptParams,
    CreatePayment,
    CreatePaymentResult,
    PaymentProcessingResult,
)
from cashbox_service.dialects.refusals import Refusal
from cashbox_service.domain.collection import sentences
from cashbox_service.merchant_settings import MerchantSettings

_DIGITS_SHOWN = 4


def payment_of(params: CreatePayment, settings: MerchantSettings, key: str | None) -> CollectionPayment:
    """The payment as the use case takes it. Raises `Refusal` (400) naming a member that does not fit the others."""
    if key is not None and not 0 < len(key) <= MAX_KEY:
        raise Refusal(400, f"Idempotency-Key has more than {MAX_KEY} characters or none.")
    method, fee = params.payment_method, params.convenience_fee or Decimal(0)
    if method.is_card and params.card_type is None:
        raise Refusal(400, "CardType is required for CC and DC.", "CardType")
    if params.last_four and not (params.last_four.isascii() and params.last_four.isdigit()):
        raise Refusal(400, "LastFour is not four digits.", "LastFour")
    if method.is_card and len(params.last_four) != _DIGITS_SHOWN:
        raise Refusal(400, "LastFour is not four digits.", "LastFour")
    if fee < 0:
        raise Refusal(400, "ConvenienceFee must not be negative.", "ConvenienceFee")
    return CollectionPayment(
        token=params.payment_token,
        amount=params.payment_amount,
        payor=payor_of(params.payor, settings),
        method=method,
        fingerprint=params.fingerprint.strip(),
        last_four=params.last_four,
        card_type=params.card_type or "",
        is_fee_payment=params.is_fee_payment,
        convenience_fee=fee,
        gateway_name=params.gateway_name or None,
        key=key,
    )


def payor_of(given: schema.Payor, settings: MerchantSettings) -> Payor:
    """The payor; what is needed and missing is the merchant's default."""
    return Payor(
        first_name=given.first_name,
        last_name=given.last_name,
        address=given.address or settings.payor_address,
        address2=given.address2 or None,
        city=given.city or settings.payor_city,
        state=given.state or settings.payor_state,
        country=given.country or settings.payor_country,
        zip=given.zip or None,
        email=given.email or settings.payor_email,
        phone=given.phone or None,
        note=given.note or None,
    )


def draft_of(params: CollectionAttemptParams) -> AttemptDraft:
    return AttemptDraft(
        params.amount, params.currency or None, params.fees or Decimal(0), params.account_ref or None
    )


def result_of(tried: Tried) -> CreatePaymentResult:
    """The answer to a payment."""
    return CreatePaymentResult(
        result=PaymentProcessingResult(
            payment_id=tried.payment_id,
            originating_attempt_id=tried.attempt_id,
            amount_applied=tried.applied,
            payment_processing_outcome=int(tried.outcome),
            is_successful=tried.is_successful,
            tsys_mapped_gateway_response=tried.gateway_response,
        ),
        errors=sentences(tried.outcome),
    )


def attempt_of(attempt: Attempt) -> CollectionAttempt:
    """An attempt with its payments."""
    invoice = attempt.invoice
    return CollectionAttempt(
        id=attempt.id,
        account_ref=attempt.account_ref,
        invoice_id=invoice.invoice_id,
        currency=invoice.currency,
        amount=attempt.amount,
        fees=attempt.fees,
        balance=attempt.balance,
        status=invoice.state,
        payments=[_payment(one) for one in attempt.payments],
    )


def _payment(tried: Tried) -> AttemptPayment:
    assert tried.transaction is not None
    assert tried.payment_id is not None
    return AttemptPayment(
        payment_id=tried.payment_id,
        payment_method=tried.method.value,
        amount_applied=tried.applied,
        convenience_fee=tried.fee,
        payment_processing_outcome=int(tried.outcome),
        is_successful=tried.is_successful,
        created_at=tried.transaction.happened_at,
    )
