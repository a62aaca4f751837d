"""Credit: grants kept one by one, token balances, and the log of everything that happened to them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cashbox_service.domain.catalog import CreditPart, NameValue
from cashbox_service.store.base import ROW_ID, VID, Base, OwnedByMerchant, refers_to
from cashbox_service.store.entities.catalog import Token
from cashbox_service.store.types import Amount, Document


class CreditGrant(OwnedByMerchant, Base):
    """One grant of currency or time credit to an account or one of its AutoBills (account §1.4).

    Currency grants count ``granted_amount`` and what is left in ``remaining``; time grants keep their length
    and are used whole: ``remaining`` is 1 or 0. ``source_transaction_vid`` is the payment an overpayment credit
    came from.
    """

    __tablename__ = "credit_grants"
    __table_args__ = (
        CheckConstraint("remaining >= 0", name="remaining_not_negative"),
        Index(None, "account_vid", "autobill_vid"),
    )

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    account_vid: Mapped[str] = mapped_column(VID, refers_to("accounts.vid"))
    autobill_vid: Mapped[str | None] = mapped_column(VID, refers_to("autobills.vid"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    currency: Mapped[str | None] = mapped_column(String(3))
    granted_amount: Mapped[Decimal] = mapped_column(Amount)
    remaining: Mapped[Decimal] = mapped_column(Amount)
    years: Mapped[int] = mapped_column(default=0)
    months: Mapped[int] = mapped_column(default=0)
    weeks: Mapped[int] = mapped_column(default=0)
    days: Mapped[int] = mapped_column(default=0)
    sort_value: Mapped[int | None]
    description: Mapped[str | None]
    reason: Mapped[str | None]
    granted_by_cashbox: Mapped[bool] = mapped_column(default=False)
    granted_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(20))
    source_transaction_vid: Mapped[str | None] = mapped_column(VID, refers_to("transactions.vid"), index=True)
    name_values: Mapped[tuple[NameValue, ...]] = mapped_column(Document(tuple[NameValue, ...]), default=())


class TokenBalance(OwnedByMerchant, Base):
    """How many tokens of a type an account has; negative only after a refund took back tokens that were spent."""

    __tablename__ = "token_balances"

    account_vid: Mapped[str] = mapped_column(VID, refers_to("accounts.vid"), primary_key=True)
    token_vid: Mapped[str] = mapped_column(VID, refers_to("tokens.vid"), primary_key=True)
    balance: Mapped[int]

    token: Mapped[Token] = relationship(lazy="joined")


class TokenBooking(OwnedByMerchant, Base):
    """One movement of tokens that is no part of the credit history: the token calls, opening balances. Append-only.

    ``amount`` is signed; ``auth_at`` is when the merchant says that it happened (account §1.5, §4).
    """

    __tablename__ = "token_bookings"
    __table_args__ = (Index(None, "account_vid", "token_vid"),)

    row_id: Mapped[str] = mapped_column(ROW_ID, primary_key=True)
    account_vid: Mapped[str] = mapped_column(VID, refers_to("accounts.vid"))
    token_vid: Mapped[str] = mapped_column(VID, refers_to("tokens.vid"))
    kind: Mapped[str] = mapped_column(String(20))
    amount: Mapped[int]
    description: Mapped[str | None]
    auth_at: Mapped[datetime]
    at: Mapped[datetime]


class CreditEvent(OwnedByMerchant, Base):
    """One entry of the credit history (account §1.4, CreditEventLog). Append-only; amounts always positive.

    ``invoice_vid`` is set on consumption, and on tokens that a product granted with the billing of the invoice.
    """

    __tablename__ = "credit_events"
    __table_args__ = (Index(None, "merchant_vid", "at"), Index(None, "account_vid", "at"))

    row_id: Mapped[str] = mapped_column(ROW_ID, primary_key=True)
    account_vid: Mapped[str] = mapped_column(VID, refers_to("accounts.vid"))
    autobill_vid: Mapped[str | None] = mapped_column(VID, refers_to("autobills.vid"), index=True)
    invoice_vid: Mapped[str | None] = mapped_column(VID, refers_to("invoices.vid"), index=True)
    type: Mapped[str] = mapped_column(String(30))
    at: Mapped[datetime]
    note: Mapped[str | None]
    parts: Mapped[tuple[CreditPart, ...]] = mapped_column(Document(tuple[CreditPart, ...]), default=())
