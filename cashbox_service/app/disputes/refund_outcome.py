"""How a refund ends: the money has gone back, or the refund has failed and is undone (refund-chargeback §3).

Runs inside the caller's write transaction, with the transaction and its account locked.
"""

from __future__ import annotations

from cashbox_service.app import books
from cashbox_service.app.context import Work
from cashbox_service.app.disputes import refund_effects, refunding, refunds
from cashbox_service.app.sales import transactions
from cashbox_service.domain import ledger
from cashbox_service.domain.money import Money
from cashbox_service.domain.refund import FAILURE, NOT_REFUNDABLE, RefundStatus
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.processors.protocol import PaymentResult
from cashbox_service.store.entities import Refund, Transaction


def complete(
    work: Work, refund: Refund, result: PaymentResult | None = None, *, money_was_booked: bool = True
) -> None:
    """The processor has given the money back. Of a deposit that never came nothing has to leave the books."""
    refund.status = RefundStatus.COMPLETE.value
    refund.changed_at = work.now
    if result is not None:
        refund.reference_string = result.processor_transaction_id or refund.request_key
    if money_was_booked:
        pay_back(work, refund)
    refunding.announce(work, refund)


def pay_back(work: Work, refund: Refund) -> None:
    """The money leaves the books."""
    refund.paid_back = refund.amount
    entry = ledger.payment_refunded(
        refund.transaction.payment_processor or "", Money.of(refund.amount, refund.currency)
    )
    books.post(work, entry, refund.transaction)


def fail(work: Work, refund: Refund, reason: str) -> None:
    """Only this refund is undone; its transaction goes back to what it is without it."""
    refund.status = RefundStatus.FAILED.value
    refund.changed_at = work.now
    refund.note = FAILURE.format(reason=reason)
    refund_effects.undo(work, refund)
    if refund.is_logged:
        _put_back(work, refund.transaction)
    refunding.announce(work, refund)


def fail_waiting(work: Work, transaction: Transaction) -> None:
    """The transaction is off before its money was taken: what was to be refunded of it is not."""
    for refund in work.uow.refunds.of_transaction(transaction.vid):
        if refund.status == RefundStatus.PROCESSING and refund.request_key is None:
            fail(work, refund, NOT_REFUNDABLE)


def _put_back(work: Work, transaction: Transaction) -> None:
    """The previous status again: Refunded as long as another refund stands, else Captured."""
    others = refunds.standing(work.uow.refunds.of_transaction(transaction.vid))
    still = any(one.is_logged for one in others)
    status = TransactionStatusType.REFUNDED if still else TransactionStatusType.CAPTURED
    transactions.move(work, transaction, status, auth_code=transaction.status_log[0].auth_code)
