"""How an AutoBill came to be what it is: changes of its items and of its plan. Append-only."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from cashbox_service.domain.item_history import ItemSnapshot
from cashbox_service.store.base import ROW_ID, VID, Base, OwnedByMerchant, refers_to
from cashbox_service.store.types import Document


class AutoBillItemChange(OwnedByMerchant, Base):
    """An item was added, edited or removed (autobill §6.37).

    ``effective_at`` is when that takes effect, which can be the next billing. The item is kept as it was then: before
    the first billing items can go without a trace elsewhere.
    """

    __tablename__ = "autobill_item_changes"
    __table_args__ = (Index(None, "autobill_vid", "requested_at"),)

    row_id: Mapped[str] = mapped_column(ROW_ID, primary_key=True)
    autobill_vid: Mapped[str] = mapped_column(VID, refers_to("autobills.vid"))
    action: Mapped[str] = mapped_column(String(10))
    requested_at: Mapped[datetime]
    effective_at: Mapped[datetime]
    item: Mapped[ItemSnapshot] = mapped_column(Document(ItemSnapshot))


class AutoBillPlanChange(OwnedByMerchant, Base):
    """Another billing plan took, or takes, the place of the one before on a day (autobill §6.37)."""

    __tablename__ = "autobill_plan_changes"
    __table_args__ = (Index(None, "autobill_vid", "requested_at"),)

    row_id: Mapped[str] = mapped_column(ROW_ID, primary_key=True)
    autobill_vid: Mapped[str] = mapped_column(VID, refers_to("autobills.vid"))
    from_plan_vid: Mapped[str] = mapped_column(VID, refers_to("billing_plans.vid"))
    to_plan_vid: Mapped[str] = mapped_column(VID, refers_to("billing_plans.vid"))
    effective_on: Mapped[date]
    requested_at: Mapped[datetime]
