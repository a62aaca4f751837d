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


def _amazon(_: PaymentMethod, details: dict[str, Any], selection: Selection) -> r.Amazon:
    return _copied(r.Amazon(), details, selection, billingAgreementId="billing_agreement_id")


def _skrill(_: PaymentMethod, details: dict[str, Any], selection: Selection) -> r.Skrill:
    return _copied(
        r.Skrill(),
        details,
        selection,
        billingAgreementId="billing_agreement_id",
        payFromEmail="pay_from_email",
        paymentType="payment_type",
        returnUrl="return_url",
        cancelUrl="cancel_url",
    )


def _boleto(_: PaymentMethod, details: dict[str, Any], selection: Selection) -> r.Boleto:
    return _copied(r.Boleto(), details, selection, fiscalNumber="fiscal_number")


def _hosted_page(_: PaymentMethod, details: dict[str, Any], selection: Selection) -> r.HostedPage:
    return _copied(
        r.HostedPage(
            paymentProvider=r.PaymentProvider(name=details["payment_provider"]),
            countryCode=details["country_code"],
        ),
        details,
        selection,
        returnUrl="return_url",
        language="language",
        processorPaymentMethodId="processor_payment_method_id",
        billingAgreementId="billing_agreement_id",
    )


def _token(_: PaymentMethod, details: dict[str, Any], selection: Selection) -> r.Token:
    token = r.Token(VID=details["token_vid"], merchantTokenId=details["merchant_token_id"])
    return _copied(token, details, selection, description="description")


def _carrier_billing(_: PaymentMethod, details: dict[str, Any], selection: Selection) -> r.CarrierBilling:
    record = _copied(
        r.CarrierBilling(),
        details,
        selection,
        carrierId="carrier_id",
        currency="currency",
        countryCode="country_code",
    )
    if details.get("payment_provider") and selection.wants("paymentProvider"):
        record.paymentProvider = r.PaymentProvider(name=details["payment_provider"])
    if details.get("phone_number") and selection.wants("phoneNumber"):
        record.phoneNumber = _phone_number(details["phone_number"], selection.child("phoneNumber"))
    return record


def _phone_number(details: dict[str, Any], selection: Selection) -> r.PhoneNumber:
    return _copied(
        r.PhoneNumber(areaCode=details["area_code"], localNumber=details["local_number"]),
        details,
        selection,
        phoneType="phone_type",
        countryCode="country_code",
        extension="extension",
        rawInput="raw_input",
    )


def _apple_pay(_: PaymentMethod, details: dict[str, Any], selection: Selection) -> r.ApplePay:
    return _copied(
        r.ApplePay(),
        details,
        selection,
        paymentInstrumentName="payment_instrument_name",
        paymentNetwork="payment_network",
        transactionIdentifier="transaction_identifier",
    )


def _military_star(source: PaymentMethod, details: dict[str, Any], selection: Selection) -> r.MilitaryStar:
    return _copied(
        r.MilitaryStar(VID=source.card_vid),
        details,
        selection,
        account="account",
        accountLastDigits="last_digits",
        accountLength="account_length",
    )


def _external_billing(_: PaymentMethod, details: dict[str, Any], selection: Selection) -> r.ExternalBilling:
    return _copied(
        r.ExternalBilling(
            BillReceiver=details["bill_receiver"], PaymentChannelId=details["payment_channel_id"]
        ),
        details,
        selection,
        FinancialAccountId="financial_account_id",
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
    "Amazon": ("amazon", _amazon),
    "Skrill": ("skrill", _skrill),
    "Boleto": ("boleto", _boleto),
    "HostedPage": ("hostedPage", _hosted_page),
    "Token": ("token", _token),
    "MerchantAcceptedPayment": ("merchantAcceptedPayment", _merchant_accepted),
    "CarrierBilling": ("carrierBilling", _carrier_billing),
    "ApplePay": ("applePay", _apple_pay),
    "MilitaryStar": ("militaryStar", _military_star),
    "ExternalBilling": ("ExternalBilling", _external_billing),
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
