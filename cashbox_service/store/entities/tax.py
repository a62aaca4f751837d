"""The table of sales tax rates that a merchant has loaded."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from cashbox_service.domain.tax import TaxRate
from cashbox_service.store.base import ROW_ID, VID, Base, OwnedByMerchant, refers_to
from cashbox_service.store.types import Document


class MerchantTaxTable(OwnedByMerchant, Base):
    """All rates of a merchant, replaced as a whole (transaction §5.2).

    ``revision`` names this state of it; the merchant's row carries the same, so that a process reads the table again
    only when it has changed. ``unavailable`` lets the engine not answer, for tests of what happens then (sandbox only).
    """

    __tablename__ = "tax_tables"

    merchant_vid: Mapped[str] = mapped_column(VID, refers_to("merchants.vid"), primary_key=True)
    revision: Mapped[str] = mapped_column(ROW_ID)
    rates: Mapped[tuple[TaxRate, ...]] = mapped_column(Document(tuple[TaxRate, ...]))
    unavailable: Mapped[bool] = mapped_column(default=False)
    loaded_at: Mapped[datetime]
