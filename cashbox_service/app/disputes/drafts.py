"""What callers give of refunds and chargebacks; the conventions are those of `app.drafts`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cashbox_service.app.drafts import NameValuePairDraft
from cashbox_service.app.sales.drafts import TransactionDraft


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
