"""From the type-specific object of a payment method to what is kept of it: masked details, sealed number, fingerprint.

One function per payment method type; adding a type is adding a row to ``_MERGERS``. A masked number sent back unchanged
means "no change" (conventions §5.2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stdnum import iban
from stdnum.us import rtn

from cashbox_service.app import catalog
from cashbox_service.app.context import Work
from cashbox_service.app.drafts import PaymentMethodDraft
from cashbox_service.domain import instruments as rules
from cashbox_service.domain.errors import DataValidation, InvalidRequest, InvalidValue
from cashbox_service.domain.money import known_currency
from cashbox_service.store.entities import PaymentMethod

_FAILED = "Failed to create Payment-Type-Specific Payment Record: "
MAX_MAP_TYPE_BYTES = 64
MAX_MAP_TEXT = 255


@dataclass(slots=True)
class Instrument:
    """What is kept of a type-specific object. ``number`` is set when a full number was given."""

    details: dict[str, Any]
    fingerprint: str | None = None
    sealed: str | None = None
    number: rules.Secret | None = None


def merged_instrument(work: Work, method: PaymentMethod | None, draft: PaymentMethodDraft) -> Instrument:
    """The instrument of ``method`` after the draft's type-specific object is merged in.

    Raises InvalidRequest for a type that cannot be stored here, DataValidation for numbers that are not valid.
    """
    type_ = draft.type or (method.type if method is not None else None)
    merge = _MERGERS.get(type_ or "")
    if merge is None:
        raise InvalidRequest(f"Invalid payment method type:  {type_ or ''}")
    current = dict(method.details) if method is not None else {}
    return merge(work, method, current, draft)


def natural_key(work: Work, draft: PaymentMethodDraft) -> str | None:
    """The fingerprint of the number or address that identifies the instrument outside of CashBox; None without one."""
    if draft.type == "CreditCard" and draft.credit_card is not None and draft.credit_card.account:
        number = rules.normalise_number(draft.credit_card.account)
        return None if rules.is_masked(number) else _fingerprint(work, "CreditCard", number)
    if draft.type == "ECP" and draft.ecp is not None and draft.ecp.account and draft.ecp.routing_number:
        return _fingerprint(work, "ECP", f"{draft.ecp.routing_number}/{draft.ecp.account.strip()}")
    if draft.type == "PayPal" and draft.paypal is not None and draft.paypal.paypal_email:
        return _fingerprint(work, "PayPal", draft.paypal.paypal_email.lower())
    if draft.type == "Boleto" and draft.boleto is not None and draft.boleto.fiscal_number:
        return _fingerprint(work, "Boleto", draft.boleto.fiscal_number)
    return None


def _credit_card(
    work: Work, method: PaymentMethod | None, details: dict[str, Any], draft: PaymentMethodDraft
) -> Instrument:
    card = draft.credit_card
    kept = Instrument(details, method.fingerprint if method is not None else None)
    if card is None:
        _require(method, "creditCard")
        return kept
    if card.expiration_date:
        details["expiration_date"] = rules.check_expiration_date(card.expiration_date)
    if not card.account:
        _require(method, "creditCard.account")
        return kept
    number = rules.normalise_number(card.account)
    if rules.is_masked(number):
        _unchanged(method, number)
        return kept
    secret = rules.check_card_number(number)
    fingerprint = _fingerprint(work, "CreditCard", number)
    details.update(
        account=rules.mask_card(number),
        bin=rules.bin_of(number),
        last_digits=rules.last_digits(number),
        account_length=len(number),
    )
    return Instrument(details, fingerprint, work.env.vault.seal(number, _card_context(work)), secret)


def _ecp(
    work: Work, method: PaymentMethod | None, details: dict[str, Any], draft: PaymentMethodDraft
) -> Instrument:
    ecp = draft.ecp
    kept = Instrument(details, method.fingerprint if method is not None else None)
    if ecp is None:
        _require(method, "ecp")
        return kept
    if ecp.routing_number:
        if not rtn.is_valid(ecp.routing_number) and ecp.routing_number != "000000000":
            raise DataValidation(f"{_FAILED}ECP conversion failed: routingNumber is not valid")
        details["routing_number"] = ecp.routing_number
    for name in ("account_type", "bank_name"):
        if getattr(ecp, name):
            details[name] = getattr(ecp, name)
    details["allowed_transaction_type"] = ecp.allowed_transaction_type or details.get(
        "allowed_transaction_type", "All"
    )
    if not ecp.account:
        _require(method, "ecp.account")
        return kept
    number = ecp.account.strip()
    if rules.is_masked(number):
        _unchanged(method, number)
        return kept
    details.update(
        account=rules.mask_tail(number), last_digits=rules.last_digits(number), account_length=len(number)
    )
    fingerprint = _fingerprint(work, "ECP", f"{details.get('routing_number', '')}/{number}")
    return Instrument(details, fingerprint, work.env.vault.seal(number, _context(work, "ECP")))


def _direct_debit(
    work: Work, method: PaymentMethod | None, details: dict[str, Any], draft: PaymentMethodDraft
) -> Instrument:
    debit = draft.direct_debit
    kept = Instrument(details, method.fingerprint if method is not None else None)
    if debit is None:
        _require(method, "directDebit")
        return kept
    for name in ("country_code", "bank_sort_code", "rib_code"):
        if getattr(debit, name):
            details[name] = getattr(debit, name)
    if not debit.account:
        _require(method, "directDebit.account")
        return kept
    number = rules.normalise_number(debit.account)
    if rules.is_masked(number):
        _unchanged(method, number)
        return kept
    if number[:2].isalpha() and not iban.is_valid(number):
        raise DataValidation(f"{_FAILED}DirectDebit conversion failed: account is not a valid IBAN")
    details.update(
        account=rules.mask_card(number), last_digits=rules.last_digits(number), account_length=len(number)
    )
    fingerprint = _fingerprint(work, "DirectDebit", f"{details.get('bank_sort_code', '')}/{number}")
    return Instrument(details, fingerprint, work.env.vault.seal(number, _context(work, "DirectDebit")))


def _paypal(
    work: Work, _method: PaymentMethod | None, details: dict[str, Any], draft: PaymentMethodDraft
) -> Instrument:
    paypal = draft.paypal
    if paypal is not None:
        for name in ("paypal_email", "payer_id", "return_url", "cancel_url", "reference_id"):
            value = getattr(paypal, name)
            if value:
                details[name] = value
        if paypal.request_reference_id is not None:
            details["request_reference_id"] = paypal.request_reference_id
    email = details.get("paypal_email")
    return Instrument(details, _fingerprint(work, "PayPal", email.lower()) if email else None)


def _merchant_accepted(
    work: Work, method: PaymentMethod | None, details: dict[str, Any], draft: PaymentMethodDraft
) -> Instrument:
    payment = draft.merchant_accepted_payment
    if payment is None:
        _require(method, "merchantAcceptedPayment")
        return Instrument(details)
    if not payment.payment_type and "payment_type" not in details:
        raise DataValidation(f"{_FAILED}MerchantAcceptedPayment conversion failed: paymentType is missing")
    if payment.payment_type:
        if len(payment.payment_type.encode()) > MAX_MAP_TYPE_BYTES:
            raise InvalidValue(
                "merchantAcceptedPayment.paymentType", payment.payment_type[:40] + "…", "is too long"
            )
        details["payment_type"] = payment.payment_type
    if payment.payment_id is not None and len(payment.payment_id) > MAX_MAP_TEXT:
        raise InvalidValue("merchantAcceptedPayment.paymentId", payment.payment_id[:40] + "…", "is too long")
    for name in ("payment_id", "note"):
        if getattr(payment, name):
            details[name] = getattr(payment, name)
    if payment.currency:
        if not known_currency(payment.currency):
            raise InvalidValue("merchantAcceptedPayment.currency", payment.currency[:10], "is not a currency")
        details["currency"] = payment.currency
    if payment.amount is not None:
        if payment.amount < 0:
            raise InvalidValue("merchantAcceptedPayment.amount", payment.amount, "must not be negative")
        details["amount"] = format(payment.amount, "f")
    if payment.token is not None:
        token = catalog.token(work, payment.token)
        details["token_vid"] = token.vid if token is not None else None
    details.setdefault("timestamp", (payment.timestamp or work.now).isoformat())
    if payment.timestamp is not None:
        details["timestamp"] = payment.timestamp.isoformat()
    _merge_map_account(method, details, payment.account)
    return Instrument(details)


def _merge_map_account(method: PaymentMethod | None, details: dict[str, Any], account: str | None) -> None:
    """The account text is only ever shown masked; an empty one shows XXX (payment-method §2.3)."""
    if account is None and "account" in details:
        return
    if account and rules.is_masked(account) and method is not None and account == details.get("account"):
        return
    text = account or ""
    if len(text) > MAX_MAP_TEXT:
        raise InvalidValue("merchantAcceptedPayment.account", "", "is too long")
    details["account"] = rules.mask_merchant_accepted(text)
    if text:
        details.update(last_digits=rules.last_digits(text), account_length=len(text))


_MERGERS: dict[
    str, Callable[[Work, PaymentMethod | None, dict[str, Any], PaymentMethodDraft], Instrument]
] = {
    "CreditCard": _credit_card,
    "ECP": _ecp,
    "DirectDebit": _direct_debit,
    "PayPal": _paypal,
    "MerchantAcceptedPayment": _merchant_accepted,
}


def _require(method: PaymentMethod | None, part: str) -> None:
    if method is None:
        raise DataValidation(f"{_FAILED}{part} is missing")


def _unchanged(method: PaymentMethod | None, masked: str) -> None:
    """A masked number is accepted only when it is the one that was shown (payment-method §2.1)."""
    if method is None or method.details.get("account") != masked:
        raise DataValidation(f"{_FAILED}the account is masked and matches no stored number")


def _fingerprint(work: Work, kind: str, value: str) -> str:
    return work.env.vault.fingerprint(value, _context(work, kind))


def _context(work: Work, kind: str) -> str:
    """Binds a sealed value to its merchant and kind."""
    return f"{work.merchant.vid}/{kind}"


def _card_context(work: Work) -> str:
    return _context(work, "CreditCard")
