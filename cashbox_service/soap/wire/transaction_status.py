"""TransactionStatus: a log entry with the object of its payment type, both ways (transaction §3)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Final

from cashbox_service.app.sales.drafts import StatusDraft
from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.status_details import CardAttributes, CustomerChallenge, StatusDetails
from cashbox_service.soap import records as r
from cashbox_service.soap.wire.inbound import draft, wire_name
from cashbox_service.soap.wire.values import name_values
from cashbox_service.store.entities import TransactionStatusEntry

_NOTHING: Final = StatusDetails()


def status(entry: TransactionStatusEntry) -> r.TransactionStatus:
    """One log entry; an object that the schema gives a required authCode is left out until there is one."""
    details = entry.details or _NOTHING
    record = r.TransactionStatus(
        status=entry.status,
        timestamp=entry.at,
        paymentMethodType=entry.payment_method_type,
        vinAVS=entry.vin_avs,
        fundingSourceBalance=details.funding_source_balance,
    )
    if details.challenge is not None:
        record.extendedVerification = r.ExtendedVerificationResponse(
            redirectUrl=details.challenge.redirect_url, postValues=name_values(details.challenge.post_values)
        )
    part = _PARTS.get(entry.payment_method_type)
    if part is not None:
        attribute, build = part
        setattr(record, attribute, build(entry, details))
    return record


def _credit_card(
    entry: TransactionStatusEntry, details: StatusDetails
) -> r.TransactionStatusCreditCard | None:
    if entry.auth_code is None:
        return None
    return r.TransactionStatusCreditCard(
        authCode=entry.auth_code,
        avsCode=entry.avs_code,
        cvnCode=entry.cvn_code,
        extendedCardAttributes=_card_attributes(details.card_attributes),
        authApprovalCode=details.auth_approval_code,
    )


def _apple_pay(entry: TransactionStatusEntry, _: StatusDetails) -> r.TransactionStatusApplePay | None:
    return None if entry.auth_code is None else r.TransactionStatusApplePay(authCode=entry.auth_code)


def _ecp(entry: TransactionStatusEntry, _: StatusDetails) -> r.TransactionStatusECP | None:
    return None if entry.auth_code is None else r.TransactionStatusECP(authCode=entry.auth_code)


def _direct_debit(entry: TransactionStatusEntry, _: StatusDetails) -> r.TransactionStatusDirectDebit | None:
    return None if entry.auth_code is None else r.TransactionStatusDirectDebit(authCode=entry.auth_code)


def _amazon(entry: TransactionStatusEntry, _: StatusDetails) -> r.TransactionStatusAmazon | None:
    return None if entry.auth_code is None else r.TransactionStatusAmazon(authCode=entry.auth_code)


def _boleto(_: TransactionStatusEntry, details: StatusDetails) -> r.TransactionStatusBoleto | None:
    return None if details.page_url is None else r.TransactionStatusBoleto(uri=details.page_url)


def _hosted_page(
    entry: TransactionStatusEntry, details: StatusDetails
) -> r.TransactionStatusHostedPage | None:
    if entry.auth_code is None and details.page_url is None:
        return None
    return r.TransactionStatusHostedPage(authCode=entry.auth_code or "", redirectUrl=details.page_url)


def _paypal(entry: TransactionStatusEntry, details: StatusDetails) -> r.TransactionStatusPayPal | None:
    if entry.auth_code is None and details == _NOTHING:
        return None
    return r.TransactionStatusPayPal(
        token=details.token,
        paypalEmail=details.payer_email,
        payerId=details.payer_id,
        authCode=entry.auth_code,
        redirectUrl=details.page_url,
    )


def _skrill(entry: TransactionStatusEntry, details: StatusDetails) -> r.TransactionStatusSkrill | None:
    if entry.auth_code is None and details == _NOTHING:
        return None
    return r.TransactionStatusSkrill(
        authCode=entry.auth_code, token=details.token, redirectUrl=details.page_url
    )


def _carrier_billing(
    entry: TransactionStatusEntry, details: StatusDetails
) -> r.TransactionStatusCarrierBilling | None:
    if entry.auth_code is None and details.page_url is None:
        return None
    return r.TransactionStatusCarrierBilling(authCode=entry.auth_code or "", buyUrl=details.page_url)


_PARTS: Final[dict[str, tuple[str, Callable[[TransactionStatusEntry, StatusDetails], Any]]]] = {
    "CreditCard": ("creditCardStatus", _credit_card),
    "MilitaryStar": ("creditCardStatus", _credit_card),
    "ECP": ("ecpStatus", _ecp),
    "Boleto": ("boletoStatus", _boleto),
    "HostedPage": ("hostedPageStatus", _hosted_page),
    "PayPal": ("payPalStatus", _paypal),
    "DirectDebit": ("directDebitStatus", _direct_debit),
    "CarrierBilling": ("carrierBillingStatus", _carrier_billing),
    "Amazon": ("amazonStatus", _amazon),
    "Skrill": ("skrillStatus", _skrill),
    "ApplePay": ("applePayStatus", _apple_pay),
}
"""Which object a payment method type fills; the types that are not here have none."""


def _card_attributes(source: CardAttributes | None) -> r.ExtendedCardAttributes | None:
    if source is None:
        return None
    record = r.ExtendedCardAttributes()
    for field in dataclasses.fields(source):
        attribute = wire_name(field.name, r.ExtendedCardAttributes.__slots__)
        setattr(record, attribute, getattr(source, field.name))
    return record


def status_draft(record: r.TransactionStatus) -> StatusDraft:
    """A log entry as it was sent, from the object of its payment type."""
    attribute = _PARTS[record.paymentMethodType][0] if record.paymentMethodType in _PARTS else ""
    part = getattr(record, attribute, None)
    details = StatusDetails(
        page_url=_text(part, "redirectUrl", "buyUrl", "uri"),
        token=_text(part, "token"),
        payer_id=_text(part, "payerId"),
        payer_email=_text(part, "paypalEmail"),
        auth_approval_code=_text(part, "authApprovalCode"),
        card_attributes=draft(CardAttributes, getattr(part, "extendedCardAttributes", None)),
        funding_source_balance=record.fundingSourceBalance,
        challenge=_challenge(record.extendedVerification),
    )
    return StatusDraft(
        status=record.status,
        timestamp=record.timestamp,
        payment_method_type=record.paymentMethodType,
        auth_code=_text(part, "authCode"),
        avs_code=_text(part, "avsCode"),
        cvn_code=_text(part, "cvnCode"),
        vin_avs=record.vinAVS,
        details=None if details == _NOTHING else details,
    )


def _text(part: object | None, *names: str) -> str | None:
    """The first of the texts that the object has and that is not empty."""
    return next((text for name in names if (text := getattr(part, name, None))), None)


def _challenge(record: r.ExtendedVerificationResponse | None) -> CustomerChallenge | None:
    if record is None or not record.redirectUrl:
        return None
    pairs = [NameValue(pair.name or "", pair.value or "") for pair in record.postValues]
    return CustomerChallenge(record.redirectUrl, tuple(pairs))
