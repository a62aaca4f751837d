"""Instruments whose number somebody else keeps: wallets, pages, slips, phone bills, tokens (payment-method §2.3).

What a provider reports of them (buyer, payer, encoded phone number) is read-only and ignored here. One function per
payment method type; ``MERGERS`` is joined to those of the others in ``instruments``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from cashbox_service.app.checks import check_currency
from cashbox_service.app.context import Work
from cashbox_service.app.offers import catalog
from cashbox_service.app.wallet.drafts import PaymentMethodDraft, PhoneNumberDraft
from cashbox_service.app.wallet.instrument_parts import (
    FAILED,
    Details,
    Instrument,
    keyed_hash,
    merge_given,
    missing,
    require,
    sealing_context,
)
from cashbox_service.domain.errors import DataValidation, InvalidValue
from cashbox_service.store.entities import PaymentMethod

BILL_RECEIVERS: Final = ("CES", "Ensemble", "Optima")
"""The telephone companies that bill for others."""


def _paypal(
    work: Work, _method: PaymentMethod | None, details: Details, draft: PaymentMethodDraft
) -> Instrument:
    if draft.paypal is not None:
        texts = ("paypal_email", "payer_id", "return_url", "cancel_url", "reference_id")
        merge_given(details, draft.paypal, *texts, "request_reference_id")
    email = details.get("paypal_email")
    return Instrument(details, keyed_hash(work, "PayPal", email.lower()) if email else None)


def _amazon(
    _work: Work, _method: PaymentMethod | None, details: Details, draft: PaymentMethodDraft
) -> Instrument:
    if draft.amazon is not None:
        merge_given(details, draft.amazon, "billing_agreement_id")
    require(details, "amazon", billing_agreement_id="billingAgreementId")
    return Instrument(details)


def _skrill(
    _work: Work, _method: PaymentMethod | None, details: Details, draft: PaymentMethodDraft
) -> Instrument:
    if draft.skrill is not None:
        texts = ("billing_agreement_id", "pay_from_email", "payment_type", "return_url", "cancel_url")
        merge_given(details, draft.skrill, *texts)
    elif not details:
        raise missing("skrill")
    return Instrument(details)


def _apple_pay(
    work: Work, method: PaymentMethod | None, details: Details, draft: PaymentMethodDraft
) -> Instrument:
    """The device's encrypted payment data is kept sealed and never shown."""
    pay = draft.apple_pay
    if pay is not None:
        merge_given(details, pay, "payment_instrument_name", "payment_network", "transaction_identifier")
    fingerprint = None
    if details.get("transaction_identifier"):
        fingerprint = keyed_hash(work, "ApplePay", details["transaction_identifier"])
    if pay is None or not pay.payment_data:
        if method is None or not method.sealed:
            raise missing("applePay.paymentData")
        return Instrument(details, fingerprint)
    if not _is_json(pay.payment_data):
        raise DataValidation(f"{FAILED}ApplePay conversion failed: paymentData is not JSON")
    return Instrument(
        details, fingerprint, work.env.vault.seal(pay.payment_data, sealing_context(work, "ApplePay"))
    )


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _hosted_page(
    _work: Work, _method: PaymentMethod | None, details: Details, draft: PaymentMethodDraft
) -> Instrument:
    page = draft.hosted_page
    if page is not None:
        texts = (
            "country_code",
            "return_url",
            "language",
            "processor_payment_method_id",
            "billing_agreement_id",
        )
        merge_given(details, page, *texts)
        if page.payment_provider is not None and page.payment_provider.name:
            details["payment_provider"] = page.payment_provider.name
    require(details, "hostedPage", payment_provider="paymentProvider", country_code="countryCode")
    return Instrument(details)


def _boleto(
    work: Work, _method: PaymentMethod | None, details: Details, draft: PaymentMethodDraft
) -> Instrument:
    if draft.boleto is not None:
        merge_given(details, draft.boleto, "fiscal_number")
    require(details, "boleto", fiscal_number="fiscalNumber")
    return Instrument(details, keyed_hash(work, "Boleto", details["fiscal_number"]))


def _token(
    work: Work, _method: PaymentMethod | None, details: Details, draft: PaymentMethodDraft
) -> Instrument:
    """Raises TokenNotFound for a token type that does not exist."""
    token = catalog.token(work, draft.token)
    if token is not None:
        details["token_vid"], details["merchant_token_id"] = token.vid, token.merchant_token_id
        details["description"] = token.description
    elif "token_vid" not in details:
        raise missing("token.merchantTokenId")
    return Instrument(details)


def _carrier_billing(
    _work: Work, _method: PaymentMethod | None, details: Details, draft: PaymentMethodDraft
) -> Instrument:
    """Price criteria belong to a sale and are not kept."""
    billing = draft.carrier_billing
    if billing is None:
        if not details:
            raise missing("carrierBilling")
        return Instrument(details)
    merge_given(details, billing, "carrier_id", "country_code")
    if billing.currency:
        details["currency"] = check_currency("carrierBilling.currency", billing.currency)
    if billing.payment_provider is not None and billing.payment_provider.name:
        details["payment_provider"] = billing.payment_provider.name
    if billing.phone_number is not None:
        details["phone_number"] = _phone(dict(details.get("phone_number", {})), billing.phone_number)
    return Instrument(details)


def _phone(kept: Details, given: PhoneNumberDraft) -> Details:
    texts = ("phone_type", "country_code", "area_code", "local_number", "extension", "raw_input")
    merge_given(kept, given, *texts)
    require(kept, "carrierBilling.phoneNumber", area_code="areaCode", local_number="localNumber")
    return kept


def _external_billing(
    _work: Work, _method: PaymentMethod | None, details: Details, draft: PaymentMethodDraft
) -> Instrument:
    billing = draft.external_billing
    if billing is not None:
        merge_given(details, billing, "bill_receiver", "payment_channel_id", "financial_account_id")
    require(details, "ExternalBilling", bill_receiver="BillReceiver", payment_channel_id="PaymentChannelId")
    if details["bill_receiver"] not in BILL_RECEIVERS:
        raise InvalidValue(
            "ExternalBilling.BillReceiver",
            details["bill_receiver"][:40],
            f"is not one of {', '.join(BILL_RECEIVERS)}",
        )
    return Instrument(details)


MERGERS: Final[dict[str, Callable[[Work, PaymentMethod | None, Details, PaymentMethodDraft], Instrument]]] = {
    "PayPal": _paypal,
    "Amazon": _amazon,
    "Skrill": _skrill,
    "ApplePay": _apple_pay,
    "HostedPage": _hosted_page,
    "Boleto": _boleto,
    "Token": _token,
    "CarrierBilling": _carrier_billing,
    "ExternalBilling": _external_billing,
}
