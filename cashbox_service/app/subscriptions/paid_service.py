"""What service that was billed has been paid with, and how much of that is still there to be given back.

A change in mid cycle and a cancellation give back service that will not be used, but no more than was paid for it: what
was refunded by hand, or taken back through a bank, was given back before. Source: autobill §6.5, §6.35.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cashbox_service.app.collection import settlement
from cashbox_service.app.context import Work
from cashbox_service.app.disputes import refunding, refunds
from cashbox_service.app.engine import running_service
from cashbox_service.domain import final_settlement as rules
from cashbox_service.domain.chargeback import ChargebackStatus, forbids_refund
from cashbox_service.domain.errors import RefundRefused
from cashbox_service.domain.lines import Line
from cashbox_service.domain.money import Money
from cashbox_service.domain.proration import PaidLine
from cashbox_service.store.entities import AutoBill, Invoice, Transaction

Payments = tuple[tuple[Transaction, Money], ...]
Credit = tuple[tuple[Transaction | None, Money], ...]


@dataclass(frozen=True, slots=True)
class PaidWith:
    """Who paid for service, newest first, each as far as it can be given back.

    ``payments`` can be refunded; ``credit`` is what was used, by the transaction that a refund would give it back with,
    or by none; ``by_hand`` was paid in a way that cannot go back.
    """

    payments: Payments
    credit: Credit
    by_hand: Money

    @property
    def total(self) -> Money:
        """All that is still there."""
        whole = self.by_hand
        for _, amount in (*self.payments, *self.credit):
            whole = whole + amount
        return whole


def still_there(work: Work, credits_: Sequence[tuple[PaidLine, Line]], money: PaidWith) -> tuple[Line, ...]:
    """Lines that take back service, none more than refunds have left of what it was billed as, all together no more
    than is left of the money. One that takes back nothing in the end stays as a line of 0.
    """
    lines = [
        rules.at_most([line], _left_of(work, paid, line, money.total.currency))[0] for paid, line in credits_
    ]
    nothing = [line for line in lines if not line.total]
    return (*rules.at_most([line for line in lines if line.total], money.total), *nothing)


def _left_of(work: Work, paid: PaidLine, taken_back: Line, currency: str) -> Money:
    """What refunds that named the line have left of it; all of it when none did."""
    for own_id in paid.transactions:
        transaction = work.uow.transactions.by_merchant_id(own_id)
        made = work.uow.refunds.of_transaction(transaction.vid) if transaction is not None else ()
        if transaction is None or not made:
            continue
        for left in refunds.left(transaction, made).lines:
            if left.line.index_number == paid.line.index_number and left.line.sku == paid.line.sku:
                return Money.of(left.whole, currency)
    return Money.of(-taken_back.total, currency)


def paid_with(work: Work, autobill: AutoBill, invoices: Sequence[Invoice]) -> PaidWith:
    """What service was paid with, the newest first: refundable payments, credit, and money of other kinds.

    That includes what had paid for service that was given back in exchange. No payment counts for more than is left.
    """
    found = running_service.invoices_behind(work, autobill, invoices)
    payments: list[tuple[Transaction, Money]] = []
    credit: list[tuple[Transaction | None, Money]] = []
    by_hand, used = Money.zero(autobill.currency), dict[str, Money]()
    for invoice in sorted(found, key=lambda one: one.number, reverse=True):
        paid, otherwise = _payers(work, invoice)
        for transaction, amount in paid:
            before = used.get(transaction.vid, Money.zero(autobill.currency))
            left = refunds.left(transaction, work.uow.refunds.of_transaction(transaction.vid)).money
            part = amount.min(left - before)
            used[transaction.vid] = before + part
            payments.append((transaction, part))
        credit += _credit_used(work, invoice)
        by_hand = by_hand + otherwise
    return PaidWith(tuple(payments), tuple(credit), by_hand)


def _payers(work: Work, invoice: Invoice) -> tuple[tuple[tuple[Transaction, Money], ...], Money]:
    """The transactions that paid an invoice and can be refunded, newest first; what the others paid.

    Money that was refunded, or that a bank has taken back, did not pay for anything in the end.
    """
    by_hand, found = Money.zero(invoice.currency), []
    for allocation, transaction in reversed(settlement.standing_payments(work, invoice)):
        disputes = work.uow.chargebacks.of_transaction(transaction.vid)
        if any(forbids_refund(ChargebackStatus(one.status)) for one in disputes):
            continue
        left = refunds.left(transaction, work.uow.refunds.of_transaction(transaction.vid)).money
        amount = Money.of(allocation.amount, invoice.currency).min(left)
        if _is_refundable(work, transaction):
            found.append((transaction, amount))
        else:
            by_hand = by_hand + amount
    return tuple(found), by_hand


def _is_refundable(work: Work, transaction: Transaction) -> bool:
    try:
        refunding.check(work, transaction)
    except RefundRefused:
        return False
    return True


def _credit_used(work: Work, invoice: Invoice) -> Iterator[tuple[Transaction | None, Money]]:
    """Credit that an invoice used, newest first, by the transaction whose refund gives it back.

    By none where nothing can be refunded: the customer pays by hand, or has taken the money back through his bank.
    """
    used = [one for one in work.uow.transactions.of_invoice(invoice.vid) if one.credit_uses]
    for transaction in reversed(used):
        left = refunds.left(transaction, work.uow.refunds.of_transaction(transaction.vid))
        yield (transaction if _is_refundable(work, transaction) else None), left.credit
    if not used and invoice.credits_used:
        yield None, Money.of(invoice.credits_used, invoice.currency)
