"""What callers give when they bring the history of another system; see `app.drafts` (transaction §7.8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from cashbox_service.app.customers.drafts import AccountDraft, TaxExemptionDraft
from cashbox_service.app.drafts import AddressDraft, NameValuePairDraft
from cashbox_service.app.sales.drafts import StatusDraft
from cashbox_service.app.wallet.drafts import PaymentMethodDraft


@dataclass(slots=True)
class MigrationTaxItemDraft:
    """Input of a MigrationTaxItem."""

    amount: Decimal | None = None
    jurisdiction: str | None = None
    name: str | None = None


@dataclass(slots=True)
class MigrationTransactionItemDraft:
    """Input of a MigrationTransactionItem."""

    item_type: str | None = None
    service_period_start_date: datetime | None = None
    service_period_end_date: datetime | None = None
    merchant_auto_bill_item_id: str | None = None
    sku: str | None = None
    name: str | None = None
    price: Decimal | None = None
    tax_classification: str | None = None
    migration_tax_items: tuple[MigrationTaxItemDraft, ...] = ()


@dataclass(slots=True)
class MigrationTransactionDraft:
    """Input of a MigrationTransaction; its cycle counts only on an AutoBill. ``status_log`` stands newest first."""

    account: AccountDraft | None = None
    merchant_transaction_id: str | None = None
    type: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    auto_bill_cycle: int | None = None
    merchant_billing_plan_id: str | None = None
    billing_plan_cycle: int | None = None
    retry_number: int | None = None
    migration_transaction_items: tuple[MigrationTransactionItemDraft, ...] = ()
    payment_method: PaymentMethodDraft | None = None
    verification_code: str | None = field(default=None, repr=False)
    tax_inclusive: bool | None = None
    tax_exemptions: tuple[TaxExemptionDraft, ...] = ()
    sales_tax_address: AddressDraft | None = None
    shipping_address: AddressDraft | None = None
    payment_processor: str | None = None
    payment_processor_transaction_id: str | None = None
    division_number: str | None = None
    merchant_affiliate_id: str | None = None
    merchant_affiliate_sub_id: str | None = None
    preferred_notification_language: str | None = None
    source_ip: str | None = None
    name_values: tuple[NameValuePairDraft, ...] = field(default=(), repr=False)
    status_log: tuple[StatusDraft, ...] = field(default=(), metadata={"mapped": "elsewhere"})
