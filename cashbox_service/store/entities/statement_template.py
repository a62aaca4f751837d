"""Templates of invoices that a merchant has loaded."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from cashbox_service.store.base import KEY, VID, Base, OwnedByMerchant, refers_to


class StatementTemplate(OwnedByMerchant, Base):
    """What the merchant's invoices look like in one form and language (autobill §1, field 27; §6.28).

    ``template_id`` is what AutoBills and fetchInvoice name; empty is the merchant's default. ``language`` is a tag in
    lower case.
    """

    __tablename__ = "statement_templates"

    merchant_vid: Mapped[str] = mapped_column(VID, refers_to("merchants.vid"), primary_key=True)
    template_id: Mapped[str] = mapped_column(KEY, primary_key=True)
    form: Mapped[str] = mapped_column(String(10), primary_key=True)
    language: Mapped[str] = mapped_column(String(40), primary_key=True)
    source: Mapped[str]
    loaded_at: Mapped[datetime]
