"""What callers give of AutoBills; the conventions are those of `app.drafts`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cashbox_service.app.credit.drafts import TokenDraft
from cashbox_service.app.customers.drafts import AccountDraft
from cashbox_service.app.drafts import NameValuePairDraft
from cashbox_service.app.offers.drafts import BillingPlanDraft, ProductDraft, RatePlanDraft
from cashbox_service.app.wallet.drafts import MandateDraft, PaymentMethodDraft


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
