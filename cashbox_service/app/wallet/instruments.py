"""From the type-specific object of a payment method to what is kept of it: masked details, sealed number, fingerprint.

One function per payment method type; adding a type is adding a row to ``_MERGERS``. A masked number sent back unchanged
means "no change" (conventions §5.2).
"""

from __future__ import annotations

from collections.abc import Callable

from stdnum import iban
from stdnum.us import rtn

from cashbox_service.app.checks import check_currency
from cashbox_service.app.context import Work
from cashbox_service.app.offers import catalog
from cashbox_service.app.wallet import wallet_instruments
from cashbox_service.app.wallet.drafts import MerchantAcceptedPaymentDraft, PaymentMethodDraft
from cashbox_service.app.wallet.instrument_parts import (
    FAILED,
    Details,
    Instrument,
    keyed_hash,
    merge_given,
    missing,
    sealing_context,
)
from cashbox_service.domain import instruments as rules
from cashbox_service.domain.errors import DataValidation, InvalidRequest, InvalidValue
from cashbox_service.domain.money import TOKEN_CURRENCY, given
from cashbox_service.store.entities import PaymentMethod

MAX_MAP_TYPE_BYTES = 64
MAX_MAP_TEXT = 255


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
        return None if rules.is_masked(number) else keyed_hash(work, "CreditCard", number)
    if draft.type == "ECP" and draft.ecp is not None and draft.ecp.account and draft.ecp.routing_number:
        return keyed_hash(work, "ECP", f"{draft.ecp.routing_number}/{draft.ecp.account.strip()}")
    if draft.type == "PayPal" and draft.paypal is not None and draft.paypal.paypal_email:
        return keyed_hash(work, "PayPal", draft.paypal.paypal_email.lower())
    if draft.type == "Boleto" and draft.boleto is not None and draft.boleto.fiscal_number:
        return keyed_hash(work, "Boleto", draft.boleto.fiscal_number)
    return None


def _credit_card(
    work: Work, method: PaymentMethod | None, details: Details, draft: PaymentMethodDraft
) -> Instrument:
    card = draft.credit_card
    if card is not None and card.expiration_date:
        details["expiration_date"] = rules.check_expiration_date(card.expiration_date)
    number = rules.normalise_number(card.account or "") if card is not None else ""
    is_new = _is_new(method, details, number, draft, "creditCard", card)
    return _card(work, method, details, "CreditCard", number if is_new else None)


def _military_star(
    work: Work, method: PaymentMethod | None, details: Details, draft: PaymentMethodDraft
) -> Instrument:
    """The card of a military exchange; its verification number, the cid, is used and never kept."""
    card = draft.military_star
    number = rules.normalise_number(card.account or "") if card is not None else ""
    is_new = _is_new(method, details, number, draft, "militaryStar", card)
    return _card(work, method, details, "MilitaryStar", number if is_new else None)


def _card(
    work: Work, method: PaymentMethod | None, details: Details, kind: str, number: str | None
) -> Instrument:
    """A card, known by its number; without a new number it stays the one it was."""
    if number is None:
        return Instrument(details, method.fingerprint if method is not None else None)
    secret = rules.check_card_number(number)
    _show(details, kind, number)
    details["bin"] = rules.bin_of(number)
    sealed = work.env.vault.seal(number, sealing_context(work, kind))
    return Instrument(details, keyed_hash(work, kind, number), sealed, secret)


def _ecp(work: Work, method: PaymentMethod | None, details: Details, draft: PaymentMethodDraft) -> Instrument:
    ecp = draft.ecp
    if ecp is not None and ecp.routing_number:
        if not rtn.is_valid(ecp.routing_number) and ecp.routing_number != "000000000":
            raise DataValidation(f"{FAILED}ECP conversion failed: routingNumber is not valid")
        details["routing_number"] = ecp.routing_number
    if ecp is not None:
        merge_given(details, ecp, "account_type", "allowed_transaction_type", "bank_name")
    details.setdefault("allowed_transaction_type", "All")
    number = (ecp.account or "").strip() if ecp is not None else ""
    is_new = _is_new(method, details, number, draft, "ecp", ecp)
    return _deposit(work, method, details, "ECP", number if is_new else None)


def _direct_debit(
    work: Work, method: PaymentMethod | None, details: Details, draft: PaymentMethodDraft
) -> Instrument:
    debit = draft.direct_debit
    if debit is not None:
        merge_given(details, debit, "country_code", "bank_sort_code", "rib_code")
    number = rules.normalise_number(debit.account or "") if debit is not None else ""
    is_new = _is_new(method, details, number, draft, "directDebit", debit)
    if is_new and number[:2].isalpha() and not iban.is_valid(number):
        raise DataValidation(f"{FAILED}DirectDebit conversion failed: account is not a valid IBAN")
    return _deposit(work, method, details, "DirectDebit", number if is_new else None)


_BANK = {"ECP": "routing_number", "DirectDebit": "bank_sort_code"}


def _deposit(
    work: Work, method: PaymentMethod | None, details: Details, kind: str, number: str | None
) -> Instrument:
    """A bank account, known by its bank and its number; without a new number either may have changed but this one."""
    sealed = None
    if number is not None:
        _show(details, kind, number)
        sealed = work.env.vault.seal(number, sealing_context(work, kind))
    elif method is not None and method.sealed:
        number = work.env.vault.open(method.sealed, sealing_context(work, kind))
    if number is None:
        return Instrument(details)
    bank = details.get(_BANK[kind], "")
    return Instrument(details, keyed_hash(work, kind, f"{bank}/{number}"), sealed)


def _merchant_accepted(
    work: Work, _method: PaymentMethod | None, details: Details, draft: PaymentMethodDraft
) -> Instrument:
    payment = draft.merchant_accepted_payment
    if payment is None:
        if not details:
            raise missing("merchantAcceptedPayment")
        return Instrument(details)
    if payment.payment_type:
        if len(payment.payment_type.encode()) > MAX_MAP_TYPE_BYTES:
            raise _too_long("paymentType", payment.payment_type)
        details["payment_type"] = payment.payment_type
    if "payment_type" not in details:
        raise DataValidation(f"{FAILED}MerchantAcceptedPayment conversion failed: paymentType is missing")
    if payment.payment_id is not None and len(payment.payment_id) > MAX_MAP_TEXT:
        raise _too_long("paymentId", payment.payment_id)
    merge_given(details, payment, "payment_id", "note")
    _merge_map_amount(work, details, payment)
    moment = payment.timestamp or (None if "timestamp" in details else work.now)
    if moment is not None:
        details["timestamp"] = moment.isoformat()
    _merge_map_account(details, payment.account)
    return Instrument(details)


def _merge_map_amount(work: Work, details: Details, payment: MerchantAcceptedPaymentDraft) -> None:
    """The amount, rounded to its currency; tokens are whole."""
    if payment.currency:
        details["currency"] = check_currency("merchantAcceptedPayment.currency", payment.currency)
    token = catalog.token(work, payment.token)
    if token is not None:
        details["token_vid"], details["merchant_token_id"] = token.vid, token.merchant_token_id
    if payment.amount is None:
        return
    if payment.amount < 0:
        raise InvalidValue("merchantAcceptedPayment.amount", payment.amount, "must not be negative")
    currency = details.get("currency") or work.settings.default_currency
    if "token_vid" in details and "currency" not in details:
        currency = TOKEN_CURRENCY
    details["amount"] = format(given("merchantAcceptedPayment.amount", payment.amount, currency), "f")


def _merge_map_account(details: Details, account: str | None) -> None:
    """The account text is only ever shown masked; an empty one shows XXX (payment-method §2.3)."""
    if account is None and "account" in details:
        return
    text = "" if account == rules.mask_merchant_accepted("") else account or ""
    if account and account == details.get("account"):
        return
    if len(text) > MAX_MAP_TEXT:
        raise _too_long("account", "")
    details["account"] = rules.mask_merchant_accepted(text)
    details["last_digits"] = rules.last_digits(text) or None
    details["account_length"] = len(text) or None


def _too_long(name: str, text: str) -> InvalidValue:
    return InvalidValue(f"merchantAcceptedPayment.{name}", f"{text[:40]}…" if text else "", "is too long")


_MERGERS: dict[str, Callable[[Work, PaymentMethod | None, Details, PaymentMethodDraft], Instrument]] = {
    "CreditCard": _credit_card,
    "ECP": _ecp,
    "DirectDebit": _direct_debit,
    "MilitaryStar": _military_star,
    "MerchantAcceptedPayment": _merchant_accepted,
    **wallet_instruments.MERGERS,
}


def _is_new(
    method: PaymentMethod | None,
    details: Details,
    number: str,
    draft: PaymentMethodDraft,
    part: str,
    given: object | None,
) -> bool:
    """Whether ``number`` is one to be stored: neither left out nor the mask that was shown (payment-method §2.1).

    It may be missing altogether where a token of the processor stands for it (payment-method §1, field 27).
    """
    if not number:
        if "account" not in details and not _external_token(method, draft):
            raise missing(part if given is None else f"{part}.account")
        return False
    if not rules.is_masked(number):
        return True
    if not rules.matches_mask(number, details.get("account", "")):
        raise DataValidation(f"{FAILED}the account is masked and matches no stored number")
    return False


def _external_token(method: PaymentMethod | None, draft: PaymentMethodDraft) -> str | None:
    if draft.external_token is not None:
        return draft.external_token
    return method.external_token if method is not None else None


def _show(details: Details, kind: str, number: str) -> None:
    """Keep what may be shown of a number."""
    details.update(
        account=rules.mask_account(kind, number),
        last_digits=rules.last_digits(number),
        account_length=rules.account_length(number),
    )
