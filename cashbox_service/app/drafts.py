"""What callers give: the input objects of the use cases.

Field names are those of the CashBox types in snake case. ``None`` means not given (leave unchanged), an empty string
clears a text (conventions §5.3). Read-only fields of the wire types do not appear here, except identifiers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from cashbox_service.domain.status_details import StatusDetails


@dataclass(slots=True)
class NameValuePairDraft:
    """Input of a NameValuePair."""

    name: str | None = None
    value: str | None = None


@dataclass(slots=True)
class AddressDraft:
    """Input of a Address."""

    vid: str | None = None
    name: str | None = None
    addr1: str | None = None
    addr2: str | None = None
    addr3: str | None = None
    city: str | None = None
    county: str | None = None
    district: str | None = None
    postal_code: str | None = None
    country: str | None = None
    phone: str | None = None
    fax: str | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None


@dataclass(slots=True)
class TaxExemptionDraft:
    """Input of a TaxExemption."""

    region: str | None = None
    exemption_id: str | None = None
    active: bool | None = None


@dataclass(slots=True)
class TokenDraft:
    """Input of a Token."""

    vid: str | None = None
    merchant_token_id: str | None = None
    description: str | None = None


@dataclass(slots=True)
class TokenAmountDraft:
    """Input of a TokenAmount."""

    token: TokenDraft | None = None
    amount: int | None = None


@dataclass(slots=True)
class CurrencyAmountDraft:
    """Input of a CurrencyAmount."""

    currency: str | None = None
    amount: Decimal | None = None
    name_values: tuple[NameValuePairDraft, ...] = ()
    sort_value: int | None = None
    description: str | None = None
    reason: str | None = None
    vid: str | None = None


@dataclass(slots=True)
class TimeIntervalDraft:
    """Input of a TimeInterval."""

    years: int | None = None
    months: int | None = None
    weeks: int | None = None
    days: int | None = None
    name_values: tuple[NameValuePairDraft, ...] = ()
    sort_value: int | None = None
    description: str | None = None
    reason: str | None = None
    vid: str | None = None


@dataclass(slots=True)
class CreditDraft:
    """Input of a Credit."""

    token_amounts: tuple[TokenAmountDraft, ...] = ()
    time_intervals: tuple[TimeIntervalDraft, ...] = ()
    currency_amounts: tuple[CurrencyAmountDraft, ...] = ()


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
class AccountDraft:
    """Input of a Account."""

    vid: str | None = None
    merchant_account_id: str | None = None
    external_id: str | None = None
    default_currency: str | None = None
    email_address: str | None = None
    email_type_preference: str | None = None
    preferred_language: str | None = None
    warn_before_autobilling: bool | None = None
    company: str | None = None
    name: str | None = None
    shipping_address: AddressDraft | None = None
    payment_methods: tuple[PaymentMethodDraft, ...] = ()
    name_values: tuple[NameValuePairDraft, ...] = ()
    tax_exemptions: tuple[TaxExemptionDraft, ...] = ()
    token_balances: tuple[TokenAmountDraft, ...] = ()
    tax_type: str | None = None


@dataclass(slots=True)
class MerchantEntitlementIdDraft:
    """Input of a MerchantEntitlementId."""

    id: str | None = None
    description: str | None = None


@dataclass(slots=True)
class SeasonDraft:
    """Input of a Season."""

    description: str | None = None
    start_date: date | None = None
    end_date: date | None = None


@dataclass(slots=True)
class SeasonSetDraft:
    """Input of a SeasonSet."""

    vid: str | None = None
    merchant_season_set_id: str | None = None
    seasons: tuple[SeasonDraft, ...] = ()
    name_values: tuple[NameValuePairDraft, ...] = ()


@dataclass(slots=True)
class BillingPlanPriceDraft:
    """Input of a BillingPlanPrice."""

    amount: Decimal | None = None
    currency: str | None = None
    price_list_name: str | None = None
    token_amount: TokenAmountDraft | None = None


@dataclass(slots=True)
class BillingPlanPeriodDraft:
    """Input of a BillingPlanPeriod."""

    type: str | None = None
    quantity: int | None = None
    cycles: int | None = None
    prices: tuple[BillingPlanPriceDraft, ...] = ()
    expire_warning_days: int | None = None
    do_not_notify_first_bill: bool | None = None
    free: bool | None = None


@dataclass(slots=True)
class BillingPlanDraft:
    """Input of a BillingPlan."""

    vid: str | None = None
    merchant_billing_plan_id: str | None = None
    description: str | None = None
    status: str | None = None
    tax_classification: str | None = None
    periods: tuple[BillingPlanPeriodDraft, ...] = ()
    prenotify_days: int | None = None
    end_of_life_timestamp: datetime | None = None
    name_values: tuple[NameValuePairDraft, ...] = ()
    merchant_entitlement_ids: tuple[MerchantEntitlementIdDraft, ...] = ()
    billing_statement_identifier: str | None = None
    times_to_run: str | None = None
    entitlements_valid_for: str | None = None
    repeat_every: str | None = None
    season_set: SeasonSetDraft | None = None
    days_before_season_to_bill: int | None = None
    days_entitled_before_season: int | None = None
    days_entitled_after_season: int | None = None
    entitled_off_season: bool | None = None
    skip_initial_free_when_repeating: bool | None = None


@dataclass(slots=True)
class RatedUnitDraft:
    """Input of a RatedUnit."""

    name_singular: str | None = None
    name_plural: str | None = None


@dataclass(slots=True)
class RatePlanPriceDraft:
    """Input of a RatePlanPrice."""

    amount: Decimal | None = None
    currency: str | None = None


@dataclass(slots=True)
class RatePlanTierDraft:
    """Input of a RatePlanTier."""

    name: str | None = None
    rate_price: tuple[RatePlanPriceDraft, ...] = ()
    charge_customer: str | None = None
    begins_at_level: Decimal | None = None


@dataclass(slots=True)
class RatePlanDraft:
    """Input of a RatePlan."""

    description: str | None = None
    merchant_rate_plan_id: str | None = None
    vid: str | None = None
    multiply_rated_units_by: str | None = None
    rated_unit: RatedUnitDraft | None = None
    tier: tuple[RatePlanTierDraft, ...] = ()
    rounding_decimals: int | None = None
    included_units: Decimal | None = None
    minimum_fee: tuple[RatePlanPriceDraft, ...] = ()
    maximum_fee: tuple[RatePlanPriceDraft, ...] = ()
    rate_plan_model: str | None = None
    status: str | None = None
    name_values: tuple[NameValuePairDraft, ...] = ()


@dataclass(slots=True)
class ProductDescriptionDraft:
    """Input of a ProductDescription."""

    language: str | None = None
    description: str | None = None


@dataclass(slots=True)
class ProductPriceDraft:
    """Input of a ProductPrice."""

    amount: Decimal | None = None
    currency: str | None = None
    token: TokenDraft | None = None


@dataclass(slots=True)
class ProductDraft:
    """Input of a Product."""

    vid: str | None = None
    merchant_product_id: str | None = None
    descriptions: tuple[ProductDescriptionDraft, ...] = ()
    status: str | None = None
    tax_classification: str | None = None
    default_billing_plan: BillingPlanDraft | None = None
    default_rate_plan: RatePlanDraft | None = None
    end_of_life_timestamp: datetime | None = None
    name_values: tuple[NameValuePairDraft, ...] = ()
    merchant_entitlement_ids: tuple[MerchantEntitlementIdDraft, ...] = ()
    billing_statement_identifier: str | None = None
    credit_granted: CreditDraft | None = None
    prices: tuple[ProductPriceDraft, ...] = ()
    bundled_products: tuple[ProductDraft, ...] = ()


@dataclass(slots=True)
class AutoBillItemDraft:
    """Input of a AutoBillItem."""

    merchant_auto_bill_item_id: str | None = None
    vid: str | None = None
    index: int | None = None
    product: ProductDraft | None = None
    amount: Decimal | None = None
    currency: str | None = None
    rate_plan: RatePlanDraft | None = None
    name_values: tuple[NameValuePairDraft, ...] = ()
    quantity: Decimal | None = None
    token: TokenDraft | None = None
    cycles: int | None = None
    start_date: str | None = None
    campaign_code: str | None = None


@dataclass(slots=True)
class MandateDraft:
    """Input of a Mandate."""

    created: datetime | None = None
    identifier: str | None = None
    status: str | None = None


@dataclass(slots=True)
class AutoBillDraft:
    """Input of a AutoBill."""

    vid: str | None = None
    merchant_auto_bill_id: str | None = None
    account: AccountDraft | None = None
    billing_plan: BillingPlanDraft | None = None
    payment_method: PaymentMethodDraft | None = None
    currency: str | None = None
    customer_auto_bill_name: str | None = None
    start_timestamp: datetime | None = None
    items: tuple[AutoBillItemDraft, ...] = ()
    source_ip: str | None = None
    billing_statement_identifier: str | None = None
    billing_day: int | None = None
    minimum_commitment: int | None = None
    merchant_affiliate_id: str | None = None
    merchant_affiliate_sub_id: str | None = None
    warn_on_expiration: bool | None = None
    name_values: tuple[NameValuePairDraft, ...] = ()
    statement_format: str | None = None
    invoice_terms: int | None = None
    statement_offset: int | None = None
    statement_template_id: str | None = None
    billing_plan_campaign_code: str | None = None
    mandate: MandateDraft | None = None
    specified_billing_day: int | None = None
    billing_rule: str | None = None


@dataclass(slots=True)
class TaxItemDraft:
    """Input of a TaxItem."""

    jurisdiction: str | None = None
    name: str | None = None
    amount: Decimal | None = None
    external_tax_name: str | None = None
    external_tax_category: str | None = None
    external_jurisdiction_name: str | None = None
    tax_rate: Decimal | None = None


@dataclass(slots=True)
class TransactionItemDraft:
    """Input of a TransactionItem; ``tax`` counts only for what was processed elsewhere."""

    sku: str | None = None
    item_type: str | None = None
    name: str | None = None
    merchant_auto_bill_item_id: str | None = None
    auto_bill_item_vid: str | None = None
    price: Decimal | None = None
    name_values: tuple[NameValuePairDraft, ...] = ()
    quantity: Decimal | None = None
    tax_classification: str | None = None
    tokens: tuple[TokenAmountDraft, ...] = ()
    campaign_code: str | None = None
    service_period_start_date: datetime | None = None
    service_period_end_date: datetime | None = None
    tax: tuple[TaxItemDraft, ...] = ()


@dataclass(slots=True)
class StatusDraft:
    """A TransactionStatus as somebody else logged it: one shape for all payment types, as it is stored."""

    status: str | None = None
    timestamp: datetime | None = None
    payment_method_type: str | None = None
    auth_code: str | None = None
    avs_code: str | None = None
    cvn_code: str | None = None
    vin_avs: str | None = None
    details: StatusDetails | None = None


@dataclass(slots=True)
class TransactionDraft:
    """Input of a Transaction. ``status_log`` stands newest first, as it was sent."""

    vid: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    division_number: str | None = None
    merchant_transaction_id: str | None = None
    previous_merchant_transaction_id: str | None = None
    timestamp: datetime | None = None
    account: AccountDraft | None = None
    source_payment_method: PaymentMethodDraft | None = None
    dest_payment_method: PaymentMethodDraft | None = None
    ecp_transaction_type: str | None = None
    payment_processor: str | None = None
    payment_processor_transaction_id: str | None = None
    source_phone_number: str | None = None
    shipping_address: AddressDraft | None = None
    name_values: tuple[NameValuePairDraft, ...] = field(default=(), repr=False)
    transaction_items: tuple[TransactionItemDraft, ...] = ()
    merchant_affiliate_id: str | None = None
    merchant_affiliate_sub_id: str | None = None
    user_agent: str | None = None
    note: str | None = None
    preferred_notification_language: str | None = None
    source_mac_address: str | None = None
    source_ip: str | None = None
    billing_statement_identifier: str | None = None
    tax_exemptions: tuple[TaxExemptionDraft, ...] = ()
    verification_code: str | None = field(default=None, repr=False)
    mandate: MandateDraft | None = None
    status_log: tuple[StatusDraft, ...] = field(default=(), metadata={"mapped": "elsewhere"})


@dataclass(slots=True)
class RefundItemDraft:
    """Input of a RefundItem."""

    transaction_item_index_number: Decimal | None = None
    sku: str | None = None
    amount: Decimal | None = None
    tax_only: bool | None = None


@dataclass(slots=True)
class RefundDraft:
    """Input of a Refund."""

    merchant_refund_id: str | None = None
    transaction: TransactionDraft | None = None
    refund_items: tuple[RefundItemDraft, ...] = ()
    refund_distribution_strategy: str | None = None
    amount: Decimal | None = None
    amount_includes_tax: bool | None = None
    currency: str | None = None
    name_values: tuple[NameValuePairDraft, ...] = ()
    timestamp: datetime | None = None
    reference_string: str | None = None
    note: str | None = None
    token_action: str | None = None


@dataclass(slots=True)
class ChargebackDraft:
    """Input of a Chargeback."""

    vid: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    presentment_amount: Decimal | None = None
    presentment_currency: str | None = None
    division_number: str | None = None
    reason_code: str | None = None
    case_number: str | None = None
    reference_number: str | None = None
    merchant_number: str | None = None
    merchant_transaction_id: str | None = None
    merchant_transaction_timestamp: datetime | None = None
    processor_received_timestamp: datetime | None = None
    posted_timestamp: datetime | None = None
    status_changed_timestamp: datetime | None = None
    status: str | None = None
    merchant_user_id: str | None = None
    note: str | None = None
    name_values: tuple[NameValuePairDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """An object named by its identifiers; the VID wins (conventions §4.2)."""

    vid: str | None = None
    merchant_id: str | None = None

    @property
    def is_empty(self) -> bool:
        return self.vid is None and self.merchant_id is None


@dataclass(slots=True)
class EmailTemplateDraft:
    """Input of an EmailTemplate; without a product it is the default for all."""

    vid: str | None = None
    product: Reference = field(default_factory=Reference, metadata={"mapped": "elsewhere"})
    template_type: str | None = None
    version: str | None = None
    from_: str | None = None
    reply_to: str | None = None
    html_message: str | None = None
    text_message: str | None = None
