"""Making a document of an account in a transaction of its own, for callers that bring all of it at once."""

from __future__ import annotations

from cashbox_service.app.bills import documents
from cashbox_service.app.bills.documents import DocumentDraft
from cashbox_service.app.checks import check_currency
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.store.entities import Account, Invoice


def document(work: Work, account_vid: str, draft: DocumentDraft) -> Invoice:
    """A new order, proforma or invoice. Raises AccountNotFound, InvalidValue."""

    def made() -> Invoice:
        documents.prepare(work)
        with work.writing():
            return documents.make(work, accounts.lock(work, account_vid), draft)

    return starting_over(made)


def currency_for(work: Work, account: Account | None, given: str | None) -> str:
    """The currency that was named, else the account's, else the merchant's. Raises InvalidValue."""
    if given:
        return check_currency("Currency", given)
    own = account.default_currency if account is not None else None
    return own or work.settings.default_currency
