"""What callers give of transactions; the conventions are those of `app.drafts`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from cashbox_service.app.credit.drafts import TokenAmountDraft
from cashbox_service.app.customers.drafts import AccountDraft, TaxExemptionDraft
from cashbox_service.app.drafts import AddressDraft, NameValuePairDraft
from cashbox_service.app.wallet.drafts import MandateDraft, PaymentMethodDraft
from cashbox_service.domain.status_details import StatusDetails


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
