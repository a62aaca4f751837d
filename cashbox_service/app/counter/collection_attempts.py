"""Collection attempts: an unpaid invoice under a GUID (dialects §3)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import Decimal

from cashbox_service.app.bills import documents
from cashbox_service.app.bills.documents import DocumentDraft
from cashbox_service.app.checks import check_currency
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.counter.collection_drafts import (
    FEES,
    Attempt,
    AttemptDraft,
    CollectionAttemptNotFound,
)
from cashbox_service.app.counter.collection_outcome import is_main, tried_of
from cashbox_service.app.counter.outside_payments import wrong_amount
from cashbox_service.app.customers import accounts
from cashbox_service.app.customers.drafts import AccountDraft
from cashbox_service.app.offers import public_names
from cashbox_service.app.offers.public_names import NameKind
from cashbox_service.domain.documents import DocumentKind
from cashbox_service.domain.errors import AccountNotFound
from cashbox_service.domain.lines import Charge
from cashbox_service.domain.money import quantise
from cashbox_service.store.entities import Account, Invoice


def open_attempt(work: Work, draft: AttemptDraft) -> Attempt:
    """A new one. Raises AccountNotFound for an unknown account, InvalidValue for an amount that cannot be owed."""
    currency = check_currency("Currency", draft.currency or work.settings.default_currency)
    for name, amount in (("Amount", draft.amount), ("Fees", draft.fees or None)):
        problem = wrong_amount(name, amount, currency) if amount is not None else None
        if problem is not None:
            raise problem
    charges = [Charge(name="Amount", price=draft.amount)]
    if draft.fees:
        charges.append(Charge(name=FEES, price=draft.fees, sku=FEES))
    invoice, guid = starting_over(lambda: _opened(work, draft, currency, charges))
    return _shown(work, guid, invoice)


def shown(work: Work, guid: str) -> Attempt:
    """The attempt with its payments. Raises CollectionAttemptNotFound."""
    name, invoice = found(work, guid)
    return _shown(work, name, invoice)


def _opened(work: Work, draft: AttemptDraft, currency: str, charges: Sequence[Charge]) -> tuple[Invoice, str]:
    documents.prepare(work)
    with work.writing():
        account = account_for(work, draft.account_ref, "AccountRef")
        invoice = documents.make(work, account, DocumentDraft(DocumentKind.INVOICE, currency, charges))
        guid = public_names.give(work, NameKind.COLLECTION_ATTEMPT, invoice.vid, str(uuid.uuid4()))
    return invoice, guid


def account_for(work: Work, merchant_account_id: str | None, name: str) -> Account:
    """The account that is named, locked; without a name a new one, in the caller's write transaction.

    Raises AccountNotFound under the wire name.
    """
    if not merchant_account_id:
        draft = AccountDraft(merchant_account_id=f"payor-{uuid.uuid4()}")
        return accounts.put(work, draft).account
    found = work.uow.accounts.by_merchant_id(merchant_account_id)
    if found is None:
        raise AccountNotFound(name, merchant_account_id[:40])
    return accounts.lock(work, found.vid)


def found(work: Work, guid: str) -> tuple[str, Invoice]:
    try:
        name = str(uuid.UUID(guid))
    except ValueError:
        name = ""
    vid = public_names.find(work, NameKind.COLLECTION_ATTEMPT, name) if name else None
    invoice = work.uow.invoices.by_vid(vid) if vid is not None else None
    if invoice is None:
        raise CollectionAttemptNotFound("Id", guid[:40])
    return name, invoice


def _shown(work: Work, guid: str, invoice: Invoice) -> Attempt:
    fees = sum((line.total for line in invoice.lines if line.sku == FEES), Decimal(0))
    tried = work.uow.transactions.meant_for(invoice.account_vid, invoice.vid)
    return Attempt(
        id=guid,
        invoice=invoice,
        account_ref=invoice.account.merchant_account_id,
        amount=quantise(invoice.charges - fees, invoice.currency),
        fees=quantise(fees, invoice.currency),
        balance=quantise(invoice.balance, invoice.currency),
        payments=[tried_of(work, guid, one) for one in tried if is_main(one)],
    )
