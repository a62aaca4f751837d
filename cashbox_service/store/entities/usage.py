"""Usage that merchants report: one row per event."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cashbox_service.domain.catalog import NameValue
from cashbox_service.store.base import (
    KEY,
    VID,
    Base,
    OwnedByMerchant,
    index_where,
    index_where_set,
    refers_to,
)
from cashbox_service.store.types import Amount, Document

_UNSET = ("invoice_vid", "settled_at", "reversed_at")
_UNBILLED = " AND ".join(f"{column} IS NULL" for column in _UNSET)


class RatedEvent(OwnedByMerchant, Base):
    """Units used, or taken back when ``amount`` is negative (catalog §5.4).

    An event is billed by the line of its item on the invoice ``invoice_vid``, or was settled outside of all invoices
    when its AutoBill ended, at ``settled_at``. One of them is set, once, in the transaction that books the money.
    ``reversed_at`` is when the merchant took the event back: it counts no more and is not shown, but its id stays
    taken. The rate plan is that of the moment when the event came in; unbilled units are priced by the plan their item
    has when they are billed.
    """

    __tablename__ = "rated_events"
    __table_args__ = (
        UniqueConstraint("merchant_vid", "merchant_event_id"),
        Index(None, "merchant_vid", "event_at", "vid"),
        Index(None, "merchant_vid", "account_vid", "event_at", "vid"),
        Index(None, "merchant_vid", "autobill_vid", "event_at", "vid"),
        Index(None, "merchant_vid", "product_vid", "event_at", "vid"),
        Index(None, "merchant_vid", "rate_plan_vid", "event_at", "vid"),
        # Totals are read from this one alone, whatever was billed before. SQLite wants the unset columns for that.
        index_where(
            _UNBILLED,
            "merchant_vid",
            "autobill_item_vid",
            "event_at",
            "amount",
            *_UNSET,
            name="ix_rated_events_unbilled_of_item",
        ),
        index_where(_UNBILLED, "merchant_vid", "event_at", "vid", name="ix_rated_events_unbilled"),
        index_where_set("merchant_vid", "invoice_vid"),
    )

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    merchant_event_id: Mapped[str] = mapped_column(KEY)
    account_vid: Mapped[str] = mapped_column(VID, refers_to("accounts.vid"))
    autobill_vid: Mapped[str] = mapped_column(VID, refers_to("autobills.vid"))
    autobill_item_vid: Mapped[str] = mapped_column(VID, refers_to("autobill_items.vid"))
    product_vid: Mapped[str] = mapped_column(VID, refers_to("products.vid"))
    rate_plan_vid: Mapped[str] = mapped_column(VID, refers_to("rate_plans.vid"))
    amount: Mapped[Decimal] = mapped_column(Amount)
    event_at: Mapped[datetime]
    received_at: Mapped[datetime]
    description: Mapped[str | None]
    name_values: Mapped[tuple[NameValue, ...]] = mapped_column(Document(tuple[NameValue, ...]), default=())
    invoice_vid: Mapped[str | None] = mapped_column(VID, refers_to("invoices.vid"))
    settled_at: Mapped[datetime | None]
    reversed_at: Mapped[datetime | None]

    @property
    def is_billed(self) -> bool:
        return self.invoice_vid is not None or self.settled_at is not None
