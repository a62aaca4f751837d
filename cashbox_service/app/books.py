"""Writing what happens to money: ledger entries, allocations, credit.

Everything here runs inside the caller's write transaction, next to the cause of the change. Nothing is edited: a
reversal is a further row that names the one it takes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from cashbox_service.app.context import Work
from cashbox_service.domain.catalog import CreditPart
from cashbox_service.domain.ledger import AccountKind, Entry, EntryKind, LedgerAccount, Posting
from cashbox_service.ids import new_row_id, new_vid
from cashbox_service.store.direct import fresh
from cashbox_service.store.entities import (
    Account,
    Allocation,
    AutoBill,
    CreditEvent,
    CreditGrant,
    Invoice,
    LedgerEntry,
    LedgerPosting,
    Transaction,
)


def post(work: Work, entry: Entry, transaction: Transaction | None = None) -> None:
    """Post one balanced entry; nothing when there is nothing to post."""
    if not entry.postings:
        return
    entry_id = new_row_id()
    row = fresh(
        LedgerEntry,
        row_id=entry_id,
        kind=entry.kind.value,
        currency=entry.currency,
        transaction_vid=transaction.vid if transaction is not None else None,
        at=work.now,
    )
    work.uow.ledger.add(row)
    for position, posting in enumerate(entry.postings):
        work.uow.ledger.add(
            fresh(
                LedgerPosting,
                entry_id=entry_id,
                position=position,
                account=posting.account.kind.value,
                subject=posting.account.subject,
                amount=posting.amount,
            )
        )


def entry_of(row: LedgerEntry) -> Entry:
    """A posted entry as a value. Raises InvalidEntry for one that no ledger may hold."""
    return Entry(
        EntryKind(row.kind),
        row.currency,
        tuple(
            Posting(LedgerAccount(AccountKind(posting.account), posting.subject), posting.amount)
            for posting in row.postings
        ),
    )


def entries_of(work: Work, transaction: Transaction) -> list[Entry]:
    """What was posted for a transaction, in order."""
    return [entry_of(row) for row in work.uow.ledger.of_transaction(transaction.vid)]


def cash_subject(transaction: Transaction) -> str:
    """Where the money of a transaction lies: with its processor, or in the cash drawer of a session (dialects §4)."""
    processor = transaction.payment_processor or ""
    session = transaction.cashier_session
    return processor if session is None else session_subject(processor, session)


def session_subject(processor: str, session: str) -> str:
    """What the cash of one session of a cash drawer is kept under."""
    return f"{processor}/{session}"


def allocate(
    work: Work,
    transaction: Transaction,
    invoice: Invoice,
    amount: Decimal,
    position: int,
    line: int | None = None,
) -> None:
    """Put money of a transaction on an invoice, or on one line of it; the ledger is the caller's."""
    work.uow.invoices.add(
        fresh(
            Allocation,
            row_id=new_row_id(),
            transaction_vid=transaction.vid,
            invoice_vid=invoice.vid,
            position=position,
            line=line,
            amount=amount,
            at=work.now,
        )
    )
    invoice.allocated += amount
    work.uow.invoices.changed(invoice)


def take_back(work: Work, allocation: Allocation, invoice: Invoice) -> None:
    """Undo one allocation with a row of the negative amount."""
    work.uow.invoices.add(
        fresh(
            Allocation,
            row_id=new_row_id(),
            transaction_vid=allocation.transaction_vid,
            invoice_vid=invoice.vid,
            position=allocation.position,
            line=allocation.line,
            amount=-allocation.amount,
            reverses_id=allocation.row_id,
            at=work.now,
        )
    )
    invoice.allocated -= allocation.amount
    work.uow.invoices.changed(invoice)


def grant_currency(
    work: Work,
    account: Account,
    autobill: AutoBill | None,
    amount: Decimal,
    currency: str,
    *,
    source: str,
    description: str | None = None,
    reason: str | None = None,
    sort_value: int | None = None,
    by_cashbox: bool = True,
    transaction: Transaction | None = None,
) -> CreditGrant:
    """A new currency grant to an account or to one of its AutoBills; the event and the ledger are the caller's."""
    return work.uow.credits.add(
        CreditGrant(
            vid=new_vid(),
            account_vid=account.vid,
            autobill_vid=autobill.vid if autobill is not None else None,
            kind="currency",
            currency=currency,
            granted_amount=amount,
            remaining=amount,
            years=0,
            months=0,
            weeks=0,
            days=0,
            sort_value=sort_value,
            description=description,
            reason=reason,
            granted_by_cashbox=by_cashbox,
            granted_at=work.now,
            source=source,
            source_transaction_vid=transaction.vid if transaction is not None else None,
            name_values=(),
        )
    )


def log_credit(
    work: Work,
    type_: str,
    account: Account,
    autobill: AutoBill | None,
    parts: Sequence[CreditPart],
    *,
    note: str | None = None,
    invoice: Invoice | None = None,
) -> None:
    """One entry of the credit history (account §1.4); amounts are positive whatever the direction."""
    work.uow.credits.add(
        CreditEvent(
            row_id=new_row_id(),
            account_vid=account.vid,
            autobill_vid=autobill.vid if autobill is not None else None,
            invoice_vid=invoice.vid if invoice is not None else None,
            type=type_,
            at=work.now,
            note=note,
            parts=tuple(parts),
        )
    )


def currency_part(grant: CreditGrant, amount: Decimal) -> CreditPart:
    """What a credit event says of one grant."""
    return CreditPart(
        kind="currency",
        amount=amount,
        currency=grant.currency,
        sort_value=grant.sort_value,
        description=grant.description,
        reason=grant.reason,
        name_values=grant.name_values,
        vid=grant.vid,
        granted_at=grant.granted_at,
        granted_by_cashbox=grant.granted_by_cashbox,
        source=grant.source,
    )
