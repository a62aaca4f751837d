"""PaymentMethod and its type-specific objects, numbers always masked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from cashbox_service.soap import records as r
from cashbox_service.soap.srd import Selection
from cashbox_service.soap.wire.address import address
from cashbox_service.soap.wire.values import name_values
from cashbox_service.store.entities import PaymentMethod


def payment_method(source: PaymentMethod, selection: Selection) -> r.PaymentMethod:
    """The payment method with the object of its type."""
    wants = selection.wants
    record = r.PaymentMethod(VID=source.vid, merchantPaymentMethodId=source.merchant_payment_method_id)
    if wants("type"):
        record.type = source.type
    _add_details(record, source, selection)
    if source.name_values and wants("nameValues"):
        record.nameValues = name_values(source.name_values)
    if wants("accountHolderName"):
        record.accountHolderName = source.account_holder_name
    if source.billing_address_vid is not None and wants("billingAddress"):
        record.billingAddress = address(source.billing_address, selection.child("billingAddress"))
    if wants("customerSpecifiedType"):
        record.customerSpecifiedType = source.customer_specified_type
    if wants("customerDescription"):
        record.customerDescription = source.customer_description
    if wants("currency"):
        record.currency = source.currency
    if wants("sortOrder"):
        record.sortOrder = source.sort_order
    if wants("active"):
        record.active = source.active
    if wants("externalToken"):
        record.externalToken = source.external_token
    return record


def _credit_card(source: PaymentMethod, details: dict[str, Any], selection: Selection) -> r.CreditCard:
    return _copied(
        r.CreditCard(VID=source.card_vid),
        details,
        selection,
        account="account",
        bin="bin",
        lastDigits="last_digits",
        accountLength="account_length",
        expirationDate="expiration_date",
    )


def _ecp(_: PaymentMethod, details: dict[str, Any], selection: Selection) -> r.ECP:
    return _copied(
        r.ECP(),
        details,
        selection,
        account="account",
        routingNumber="routing_number",
        accountType="account_type",
        lastDigits="last_digits",
        accountLength="account_length",
        allowedTransactionType="allowed_transaction_type",
        bankName="bank_name",
    )


def _direct_debit(_: PaymentMethod, details: dict[str, Any], selection: Selection) -> r.DirectDebit:
    return _copied(
        r.DirectDebit(),
        details,
        selection,
        account="account",
        lastDigits="last_digits",
        accountLength="account_length",
        countryCode="country_code",
        bankSortCode="bank_sort_code",
        ribCode="rib_code",
    )


def _paypal(_: PaymentMethod, details: dict[str, Any], selection: Selection) -> r.PayPal:
    return _copied(
        r.PayPal(),
        details,
        selection,
        paypalEmail="paypal_email",
        payerId="payer_id",
        returnUrl="return_url",
        cancelUrl="cancel_url",
        requestReferenceId="request_reference_id",
        referenceId="reference_id",
    )


def _merchant_accepted(
    _: PaymentMethod, details: dict[str, Any], selection: Selection
) -> r.MerchantAcceptedPayment:
    record = _copied(
        r.MerchantAcceptedPayment(paymentType=details.get("payment_type")),
        details,
        selection,
        currency="currency",
        paymentId="payment_id",
        account="account",
        lastDigits="last_digits",
        accountLength="account_length",
        note="note",
    )
    if selection.wants("amount") and details.get("amount") is not None:
        record.amount = Decimal(details["amount"])
    if selection.wants("token") and details.get("token_vid") is not None:
        record.token = r.Token(VID=details["token_vid"], merchantTokenId=details["merchant_token_id"])
    if selection.wants("timestamp") and details.get("timestamp") is not None:
        record.timestamp = datetime.fromisoformat(details["timestamp"])
    return record


R = TypeVar("R")

_DETAILS: dict[str, tuple[str, Callable[[PaymentMethod, dict[str, Any], Selection], Any]]] = {
    "CreditCard": ("creditCard", _credit_card),
    "ECP": ("ecp", _ecp),
    "DirectDebit": ("directDebit", _direct_debit),
    "PayPal": ("paypal", _paypal),
    "MerchantAcceptedPayment": ("merchantAcceptedPayment", _merchant_accepted),
}


def _add_details(record: r.PaymentMethod, source: PaymentMethod, selection: Selection) -> None:
    found = _DETAILS.get(source.type)
    if found is not None and selection.wants(found[0]):
        setattr(record, found[0], found[1](source, source.details, selection.child(found[0])))


def _copied(record: R, details: dict[str, Any], selection: Selection, **fields: str) -> R:
    for wire, stored in fields.items():
        if selection.wants(wire):
            setattr(record, wire, details.get(stored))
    return record
