"""What callers give of payment methods; the conventions are those of `app.drafts`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from cashbox_service.app.credit.drafts import TokenDraft
from cashbox_service.app.drafts import AddressDraft, NameValuePairDraft


@dataclass(slots=True)
class ExtendedVerificationDraft:
    """Input of a ExtendedVerification."""

    browser_accept_header: str | None = None
    browser_user_agent_header: str | None = None
    return_url: str | None = None


@dataclass(slots=True)
class CreditCardDraft:
    """Input of a CreditCard."""

    account: str | None = field(default=None, repr=False)
    bin: str | None = None
    last_digits: str | None = None
    account_length: int | None = None
    hash_type: str | None = None
    account_hash: str | None = field(default=None, repr=False)
    expiration_date: str | None = None


@dataclass(slots=True)
class EcpDraft:
    """Input of a ECP."""

    account: str | None = field(default=None, repr=False)
    hash_type: str | None = None
    account_hash: str | None = field(default=None, repr=False)
    routing_number: str | None = None
    account_type: str | None = None
    last_digits: str | None = None
    account_length: int | None = None
    allowed_transaction_type: str | None = None
    bank_name: str | None = None


@dataclass(slots=True)
class DirectDebitDraft:
    """Input of a DirectDebit."""

    account: str | None = field(default=None, repr=False)
    last_digits: str | None = None
    account_length: int | None = None
    hash_type: str | None = None
    account_hash: str | None = field(default=None, repr=False)
    country_code: str | None = None
    bank_sort_code: str | None = None
    rib_code: str | None = None


@dataclass(slots=True)
class PayPalDraft:
    """Input of a PayPal."""

    paypal_email: str | None = None
    payer_id: str | None = None
    return_url: str | None = None
    cancel_url: str | None = None
    request_reference_id: bool | None = None
    reference_id: str | None = None


@dataclass(slots=True)
class AmazonDraft:
    """Input of an Amazon; the buyer is told by Amazon alone."""

    billing_agreement_id: str | None = None


@dataclass(slots=True)
class SkrillDraft:
    """Input of a Skrill."""

    billing_agreement_id: str | None = None
    pay_from_email: str | None = None
    payment_type: str | None = None
    return_url: str | None = None
    cancel_url: str | None = None


@dataclass(slots=True)
class PaymentProviderDraft:
    """A PaymentProvider that is referred to."""

    name: str | None = None


@dataclass(slots=True)
class HostedPageDraft:
    """Input of a HostedPage."""

    payment_provider: PaymentProviderDraft | None = None
    country_code: str | None = None
    return_url: str | None = None
    language: str | None = None
    processor_payment_method_id: str | None = None
    billing_agreement_id: str | None = None


@dataclass(slots=True)
class PhoneNumberDraft:
    """Input of a PhoneNumber."""

    phone_type: str | None = None
    country_code: str | None = None
    area_code: str | None = None
    local_number: str | None = None
    extension: str | None = None
    raw_input: str | None = None


@dataclass(slots=True)
class CarrierBillingDraft:
    """Input of a CarrierBilling."""

    phone_number: PhoneNumberDraft | None = None
    carrier_id: str | None = None
    payment_provider: PaymentProviderDraft | None = None
    currency: str | None = None
    country_code: str | None = None


@dataclass(slots=True)
class ApplePayDraft:
    """Input of an ApplePay."""

    payment_instrument_name: str | None = None
    payment_network: str | None = None
    transaction_identifier: str | None = None
    payment_data: str | None = field(default=None, repr=False)


@dataclass(slots=True)
class MilitaryStarDraft:
    """Input of a MilitaryStar; ``cid`` is its verification number."""

    account: str | None = field(default=None, repr=False)
    cid: str | None = field(default=None, repr=False)
    account_last_digits: str | None = None
    account_length: int | None = None
    hash_type: str | None = None
    account_hash: str | None = field(default=None, repr=False)


@dataclass(slots=True)
class ExternalBillingDraft:
    """Input of an ExternalBilling."""

    bill_receiver: str | None = None
    payment_channel_id: str | None = None
    financial_account_id: str | None = None


@dataclass(slots=True)
class BoletoDraft:
    """Input of a Boleto."""

    fiscal_number: str | None = None


@dataclass(slots=True)
class MerchantAcceptedPaymentDraft:
    """Input of a MerchantAcceptedPayment."""

    amount: Decimal | None = None
    currency: str | None = None
    token: TokenDraft | None = None
    timestamp: datetime | None = None
    payment_type: str | None = None
    payment_id: str | None = None
    account: str | None = field(default=None, repr=False)
    last_digits: str | None = None
    account_length: int | None = None
    hash_type: str | None = None
    account_hash: str | None = field(default=None, repr=False)
    note: str | None = None


@dataclass(slots=True)
class PaymentMethodDraft:
    """Input of a PaymentMethod."""

    vid: str | None = None
    type: str | None = None
    credit_card: CreditCardDraft | None = None
    ecp: EcpDraft | None = None
    direct_debit: DirectDebitDraft | None = None
    paypal: PayPalDraft | None = None
    amazon: AmazonDraft | None = None
    skrill: SkrillDraft | None = None
    boleto: BoletoDraft | None = None
    hosted_page: HostedPageDraft | None = None
    token: TokenDraft | None = None
    merchant_accepted_payment: MerchantAcceptedPaymentDraft | None = None
    carrier_billing: CarrierBillingDraft | None = None
    apple_pay: ApplePayDraft | None = None
    military_star: MilitaryStarDraft | None = None
    external_billing: ExternalBillingDraft | None = None
    name_values: tuple[NameValuePairDraft, ...] = field(default=(), repr=False)
    account_holder_name: str | None = None
    billing_address: AddressDraft | None = None
    customer_specified_type: str | None = None
    customer_description: str | None = None
    merchant_payment_method_id: str | None = None
    currency: str | None = None
    sort_order: int | None = None
    active: bool | None = None
    extended_verification: ExtendedVerificationDraft | None = None
    external_token: str | None = None


@dataclass(slots=True)
class MandateDraft:
    """Input of a Mandate."""

    created: datetime | None = None
    identifier: str | None = None
    status: str | None = None
