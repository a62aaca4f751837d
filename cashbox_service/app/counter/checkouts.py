"""Checkouts of the public sector: what is to be paid, under an id of its own (dialects §4, §5)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from cashbox_service.app.bills import documents, making
from cashbox_service.app.bills.documents import DocumentDraft
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.counter import collection_attempts
from cashbox_service.app.counter.outside_payments import wrong_amount
from cashbox_service.app.offers import public_names
from cashbox_service.app.offers.public_names import NameKind
from cashbox_service.domain.documents import DocumentKind
from cashbox_service.domain.errors import Duplicate, InvalidValue, NotFound
from cashbox_service.domain.lines import Charge
from cashbox_service.domain.money import Money
from cashbox_service.store.entities import Invoice

_ID_DIGITS = 18


class CheckoutNotFound(NotFound):
    """No such checkout."""

    kind = "checkout"


class CheckoutExists(Duplicate):
    """The CheckoutId is taken."""


@dataclass(frozen=True, slots=True)
class CheckoutDraft:
    """A new checkout; without an id one is generated, without an account one is made."""

    amount: Decimal
    checkout_id: str | None = None
    account_id: str | None = None
    agency_id: int | None = None
    currency: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Checkout:
    """A checkout as it stands."""

    id: str
    invoice: Invoice
    account_id: str
    agency_id: int | None
    description: str | None
    amount: Money
    balance: Money

    @property
    def status(self) -> str:
        return "Open" if self.balance.is_positive else "Paid"


def create(work: Work, draft: CheckoutDraft) -> Checkout:
    """Raises CheckoutExists, AccountNotFound, InvalidValue."""
    checkout_id = (draft.checkout_id or "").strip() or f"{secrets.randbelow(10**_ID_DIGITS):0{_ID_DIGITS}d}"
    if "/" in checkout_id:
        raise InvalidValue("CheckoutId", checkout_id[:50], "must not contain a slash")

    def made() -> Invoice:
        documents.prepare(work)
        with work.writing():
            if public_names.find(work, NameKind.CHECKOUT, checkout_id) is not None:
                raise CheckoutExists("CheckoutId", checkout_id)
            account = collection_attempts.account_for(work, draft.account_id, "AccountId")
            currency = making.currency_for(work, account, draft.currency)
            problem = wrong_amount("Amount", draft.amount, currency)
            if problem is not None:
                raise problem
            charges = [Charge(name=draft.description or "Checkout", price=draft.amount)]
            told = {"agency_id": draft.agency_id, "description": draft.description}
            wanted = DocumentDraft(DocumentKind.INVOICE, currency, charges, particulars=told)
            invoice = documents.make(work, account, wanted)
            public_names.give(work, NameKind.CHECKOUT, invoice.vid, checkout_id)
        return invoice

    return _shown(checkout_id, starting_over(made))


def find(work: Work, checkout_id: str) -> Checkout:
    """Raises CheckoutNotFound."""
    vid = public_names.find(work, NameKind.CHECKOUT, checkout_id)
    invoice = work.uow.invoices.by_vid(vid) if vid is not None else None
    if invoice is None:
        raise CheckoutNotFound("CheckoutId", checkout_id[:50])
    return _shown(checkout_id, invoice)


def listed(work: Work, offset: int, limit: int) -> Sequence[Checkout]:
    """Some of the merchant's checkouts in order of their ids."""
    return [find(work, row.name) for row in work.uow.naming.range_of(NameKind.CHECKOUT, offset, limit)]


def _shown(checkout_id: str, invoice: Invoice) -> Checkout:
    return Checkout(
        id=checkout_id,
        invoice=invoice,
        account_id=invoice.account.merchant_account_id,
        agency_id=invoice.particulars.get("agency_id"),
        description=invoice.particulars.get("description"),
        amount=Money.of(invoice.charges, invoice.currency),
        balance=Money.of(max(invoice.balance, Decimal(0)), invoice.currency),
    )
