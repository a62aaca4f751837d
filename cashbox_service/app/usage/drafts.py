"""What callers give when they report usage or ask for it; see `app.drafts` (catalog §5.4, §5.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cashbox_service.app.drafts import NameValuePairDraft, Reference
from cashbox_service.app.offers.drafts import ProductDraft


@dataclass(slots=True)
class EventDraft:
    """Input of an Event."""

    merchant_event_id: str | None = None
    vid: str | None = None
    event_date: datetime | None = None
    description: str | None = None
    merchant_auto_bill_item_id: str | None = None
    auto_bill_item_vid: str | None = None
    merchant_account_id: str | None = None
    account_vid: str | None = None
    merchant_auto_bill_id: str | None = None
    auto_bill_vid: str | None = None
    merchant_product_id: str | None = None
    product_vid: str | None = None
    amount: Decimal | None = None
    name_values: tuple[NameValuePairDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class UsageQuery:
    """Which usage is asked for: absent parts restrict nothing."""

    account: Reference | None = None
    autobill: Reference | None = None
    product: ProductDraft | None = None
    rate_plan: Reference | None = None
    since: datetime | None = None
    until: datetime | None = None
    page: int | None = None
    page_size: int | None = None
