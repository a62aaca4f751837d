"""Invoice: one cycle of an AutoBill as money owed, or something that a customer owes beside all AutoBills."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cashbox_service.domain.lines import Line
from cashbox_service.domain.origin import InvoiceOrigin
from cashbox_service.domain.postal import PostalAddress
from cashbox_service.store.base import ROW_ID, VID, Base, OwnedByMerchant, Versioned, refers_to
from cashbox_service.store.entities.account import Account
from cashbox_service.store.entities.autobill import AutoBill
from cashbox_service.store.types import Amount, Document


class Invoice(OwnedByMerchant, Versioned, Base):
    """One invoice (billing-engine §6); ``invoice_id`` is what merchants see, e.g. ``S1-00000003``.

    Until ``billed_on`` is set the invoice is Open: ``charges`` and ``exclusive_tax`` are the projection of the day
    it was last computed, and nothing of them stands in the ledger. Afterwards charges, tax, credits used and
    payments allocated are facts. ``cycle`` is the autoBillCycle it bills, empty on invoices between cycles;
    ``overdue_on`` the first day on which it is Overdue if still unpaid, empty while nothing makes it so.
    ``previous_balance`` is what earlier invoices owed when it was billed; ``billed_mark`` sorts after the ids of all
    allocations made until then. ``by_hand`` is an invoice for the customer to pay, decided when it is billed; of the
    others, ``lost_on`` is the day on which money that had paid it was lost: retries and grace count from it then.
    ``sales_tax_address`` is where its tax was computed for, ``tax_errors`` what kept tax from being computed;
    ``origin`` is what decided its dates and lines, kept when it is billed.

    ``document`` is set on what is owed without an AutoBill (dialects §2): an Invoice, or an Order or Proforma, which is
    Open until somebody pays it. ``particulars`` is what its maker told of it beside amounts.
    """

    __tablename__ = "invoices"
    __table_args__ = (
        UniqueConstraint("autobill_vid", "number"),
        UniqueConstraint("autobill_vid", "cycle"),
        Index(None, "merchant_vid", "invoice_id"),
        Index(None, "merchant_vid", "invoice_on"),
        Index(None, "account_vid", "state"),
        Index(None, "merchant_vid", "state", "overdue_on"),
    )

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    account_vid: Mapped[str] = mapped_column(VID, refers_to("accounts.vid"))
    autobill_vid: Mapped[str | None] = mapped_column(VID, refers_to("autobills.vid"))
    document: Mapped[str | None] = mapped_column(String(20))
    number: Mapped[int]
    invoice_id: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(20))
    cycle: Mapped[int | None]
    plan_cycle: Mapped[int | None]
    free: Mapped[bool] = mapped_column(default=False)
    by_hand: Mapped[bool] = mapped_column(default=False)
    currency: Mapped[str] = mapped_column(String(3))
    charges: Mapped[Decimal] = mapped_column(Amount, default=Decimal(0))
    exclusive_tax: Mapped[Decimal] = mapped_column(Amount, default=Decimal(0))
    credits_used: Mapped[Decimal] = mapped_column(Amount, default=Decimal(0))
    allocated: Mapped[Decimal] = mapped_column(Amount, default=Decimal(0))
    invoice_on: Mapped[date]
    due_on: Mapped[date]
    overdue_on: Mapped[date | None]
    lost_on: Mapped[date | None]
    service_start: Mapped[date | None]
    service_end: Mapped[date | None]
    lines: Mapped[tuple[Line, ...]] = mapped_column(Document(tuple[Line, ...]), default=())
    sales_tax_address: Mapped[PostalAddress | None] = mapped_column(Document(PostalAddress))
    origin: Mapped[InvoiceOrigin | None] = mapped_column(Document(InvoiceOrigin))
    tax_errors: Mapped[tuple[str, ...]] = mapped_column(Document(tuple[str, ...]), default=())
    previous_balance: Mapped[Decimal] = mapped_column(Amount, default=Decimal(0))
    attempts: Mapped[int] = mapped_column(default=0)
    billed_on: Mapped[date | None]
    billed_mark: Mapped[str | None] = mapped_column(ROW_ID)
    particulars: Mapped[dict[str, Any]] = mapped_column(Document(dict[str, Any]), default=dict)
    created_at: Mapped[datetime]

    autobill: Mapped[AutoBill | None] = relationship()
    account: Mapped[Account] = relationship()

    @property
    def unpaid_since(self) -> date | None:
        """The day from which retries and grace are counted while it is unpaid.

        That of the service, or of the billing where that comes later (billing-engine §3.2, Arrears): before it nobody
        was asked for money.
        """
        if self.lost_on is not None or self.service_start is None:
            return self.lost_on
        return max(self.service_start, self.invoice_on)

    @property
    def balance(self) -> Decimal:
        """What is still owed on it, or would be if it were billed now."""
        return self.charges + self.exclusive_tax - self.credits_used - self.allocated
