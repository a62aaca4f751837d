"""Giving back what service that will not be used has cost: to the cards that paid, as credit that was used, as credit.

Source: autobill §6.5 (the order of the sources), §6.35.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cashbox_service.app import books
from cashbox_service.app.collection import settlement
from cashbox_service.app.context import Work
from cashbox_service.app.disputes import refunding, refunds
from cashbox_service.app.engine import running_service
from cashbox_service.app.sales import transactions
from cashbox_service.domain import ledger
from cashbox_service.domain.credit import CreditOwner
from cashbox_service.domain.errors import RefundRefused
from cashbox_service.domain.money import Money
from cashbox_service.store.entities import AutoBill, Invoice, Refund, Transaction


@dataclass(slots=True)
class _Source:
    """A transaction that can be refunded: at most ``paid`` in money, and the credit it used."""

    transaction: Transaction
    paid: Money
    credit: Money
    money_back: Money
    credit_back: Money


def give_back(
    work: Work, autobill: AutoBill, amount: Money, invoices: Iterable[Invoice], reason: str
) -> list[Refund]:
    """Give back an amount that the invoices were paid with, newest payments first; the refunds that were accepted.

    Money goes back where it came from, then credit to its owners; what is left becomes credit of the AutoBill. Runs in
    the caller's write transaction with the account locked.
    """
    sources = _sources(work, autobill, list(invoices), amount.currency)
    left = amount
    for source in sources:
        source.money_back = left.min(source.paid)
        left = left - source.money_back
    for source in sources:
        source.credit_back = left.min(source.credit)
        left = left - source.credit_back
    made = [
        refunding.accept(work, source.transaction, source.money_back, source.credit_back)
        for source in sources
        if source.money_back.is_positive or source.credit_back.is_positive
    ]
    if left.is_positive:
        _grant(work, autobill, left, reason)
    return made


def _sources(work: Work, autobill: AutoBill, invoices: Sequence[Invoice], currency: str) -> list[_Source]:
    """What paid the invoices and can be refunded, newest first."""
    paid: dict[str, Decimal] = {}
    for invoice in running_service.invoices_behind(work, autobill, invoices):
        for allocation, transaction in settlement.standing_payments(work, invoice):
            paid[transaction.vid] = paid.get(transaction.vid, Decimal(0)) + allocation.amount
        for transaction in work.uow.transactions.of_invoice(invoice.vid):
            if transaction.credit_uses:
                paid.setdefault(transaction.vid, Decimal(0))  # credit alone may have paid it
    found = [transactions.locked(work, vid) for vid in paid]
    found.sort(key=lambda one: (one.happened_at, one.merchant_transaction_id), reverse=True)
    sources = (_source(work, one, Money.of(paid[one.vid], currency)) for one in found)
    return [source for source in sources if source is not None]


def _source(work: Work, transaction: Transaction, paid: Money) -> _Source | None:
    try:
        facts = refunding.check(work, transaction)
    except RefundRefused:
        return None
    if facts.only_as_a_whole:
        return None
    nothing = Money.zero(paid.currency)
    left = refunds.left(transaction, work.uow.refunds.of_transaction(transaction.vid))
    return _Source(transaction, paid.min(left.money), left.credit, nothing, nothing)


def _grant(work: Work, autobill: AutoBill, amount: Money, reason: str) -> None:
    """Credit for what nobody can be paid back."""
    grant = books.grant_currency(
        work,
        autobill.account,
        autobill,
        amount.amount,
        amount.currency,
        source=reason,
        description=reason,
    )
    books.post(work, ledger.credit_granted(CreditOwner.autobill(autobill.vid), amount))
    parts = [books.currency_part(grant, amount.amount)]
    books.log_credit(work, "Grant", autobill.account, autobill, parts)
    work.uow.events.record_autobill(autobill.vid, "CREDIT_OPERATION", work.now)
