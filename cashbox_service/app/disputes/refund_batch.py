"""The refund batch: processors are asked to give accepted refunds back (refund-chargeback §3).

A refund of captured money is paid back. When everything of a transaction is refunded before its money was taken, it is
cancelled instead; a part of it waits until it is captured. Each request is an attempt as in `charging`: committed
before the processor is asked, settled with its outcome, and looked after by the janitor when that is not heard of.
"""

from __future__ import annotations

from collections.abc import Sequence

from cashbox_service.app.collection import capturing, charging
from cashbox_service.app.context import MerchantContext, Work
from cashbox_service.app.disputes import refund_outcome, refunding, refunds
from cashbox_service.app.disputes.refunds import BEFORE_CAPTURE
from cashbox_service.app.environment import Environment
from cashbox_service.app.sales import transactions
from cashbox_service.domain.auth_codes import CANCELLED_BY_DECISION
from cashbox_service.domain.money import Money
from cashbox_service.domain.refund import NOT_REFUNDABLE, RefundStatus
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.faults import FaultPoint
from cashbox_service.logging import get_logger
from cashbox_service.processors.protocol import OutcomeKind, PaymentResult
from cashbox_service.store.entities import Refund, Transaction

log = get_logger(__name__)

PURPOSE = "refund"
VOID = "void"
REFUND = "refund"


def run(env: Environment, merchant: MerchantContext) -> int:
    """Carry out the merchant's accepted refunds; how many came to an end or moved."""
    work = env.open(merchant)
    try:
        return sum(_moved(work, vid) for vid in work.uow.refunds.waiting())
    finally:
        work.close()


def run_all(env: Environment) -> int:
    """The same for every merchant."""
    return sum(run(env, merchant) for merchant in env.merchants())


def _moved(work: Work, refund_vid: str) -> bool:
    """Carry out one refund. One that cannot be is left to the next batch and does not keep the others."""
    try:
        return _carry_out(work, refund_vid)
    except Exception as error:
        log.exception("refund not carried out", refund=refund_vid, reason=type(error).__name__)
        return False


def _carry_out(work: Work, refund_vid: str) -> bool:
    refund = work.uow.refunds.by_vid(refund_vid)
    if refund is None or _waits(work, refund.transaction):
        return False
    with work.writing():
        transaction = transactions.locked(work, refund.transaction_vid)
        locked = work.uow.refunds.lock(refund_vid)
        assert locked is not None
        if locked.status != RefundStatus.PROCESSING or locked.request_key is not None:
            return False  # another worker was first
        wanted = _begin(work, transaction, locked)
    if wanted is None:
        return True
    result = charging.follow_up(work, wanted)
    return settle(work, wanted.request_key, result)


def _waits(work: Work, transaction: Transaction) -> bool:
    """Whether the money has to be captured before any of it can go back."""
    return transaction.status in BEFORE_CAPTURE and not refunds.stops_capture(work, transaction)


def _begin(work: Work, transaction: Transaction, refund: Refund) -> charging.FollowUp | None:
    """What is to be asked for the refund; None when nobody has to be asked, or it has to wait after all."""
    if transaction.status in BEFORE_CAPTURE:
        if refunds.stops_capture(work, transaction):
            return _begin_cancellation(work, transaction)
        return None
    if transaction.status not in (TransactionStatusType.CAPTURED, TransactionStatusType.REFUNDED):
        refund_outcome.fail(work, refund, NOT_REFUNDABLE)
        return None
    if not refund.is_logged:
        refunding.log(work, refund)
    if not refund.amount:
        refund_outcome.complete(work, refund)
        return None
    return _intend(work, transaction, REFUND, Money.of(refund.amount, refund.currency), [refund])


def _begin_cancellation(work: Work, transaction: Transaction) -> charging.FollowUp | None:
    """All refunds of the transaction together are one request: not to take its money."""
    waiting = [
        one
        for one in work.uow.refunds.of_transaction(transaction.vid)
        if one.status == RefundStatus.PROCESSING
    ]
    if not transaction.amount:
        _cancel(work, transaction, waiting, None)
        return None
    return _intend(work, transaction, VOID, Money.of(transaction.amount, transaction.currency), waiting)


def _intend(
    work: Work, transaction: Transaction, operation: str, amount: Money, refunds_: Sequence[Refund]
) -> charging.FollowUp:
    attempt = work.uow.transactions.attempt_of(transaction.vid)
    if attempt is not None:
        processor, authorization = attempt.processor, attempt.request_key
    else:
        known = work.env.processors.with_wire_name(transaction.payment_processor or "")
        assert known is not None, "checked when the refund was accepted"
        processor, authorization = known.name, transaction.processor_transaction_id or ""
    wanted = charging.intend_follow_up(
        work,
        purpose=PURPOSE,
        operation=operation,
        processor=processor,
        authorization=authorization,
        amount=amount,
    )
    for refund in refunds_:
        refund.request_key = wanted.request_key
    return wanted


def settle(work: Work, request_key: str, result: PaymentResult) -> bool:
    """Write down what the processor said; False when it has not decided, or when that was done before."""
    if result.kind in (OutcomeKind.UNKNOWN, OutcomeKind.PENDING):
        return False  # the attempt stays open: the janitor asks again
    with work.writing():
        settled = _settle(work, request_key, result)
        work.reach(FaultPoint.OUTCOME_WRITTEN)
    work.reach(FaultPoint.OUTCOME_COMMITTED)
    return settled


def _settle(work: Work, request_key: str, result: PaymentResult) -> bool:
    waiting = work.uow.refunds.of_request(request_key)
    transaction = transactions.locked(work, waiting[0].transaction_vid)
    attempt = work.uow.transactions.attempt(request_key)
    assert attempt is not None
    if not charging.settle(work, request_key, result):
        return False
    approved = result.kind is OutcomeKind.APPROVED
    if attempt.operation == VOID and transaction.status not in BEFORE_CAPTURE:
        _release(waiting)  # somebody ended it meanwhile; the next batch sees how
    elif attempt.operation == VOID and approved:
        _cancel(work, transaction, waiting, result)
    elif attempt.operation == VOID:
        _let_capture(waiting)
    elif approved:
        refund_outcome.complete(work, waiting[0], result)
    else:
        refund_outcome.fail(work, waiting[0], f"Processor declined the refund with code {result.auth_code}")
    return True


def _release(waiting: Sequence[Refund]) -> None:
    """Whatever was asked for them came to nothing: they wait for another batch."""
    for refund in waiting:
        refund.request_key = None


def _let_capture(waiting: Sequence[Refund]) -> None:
    """It cannot be cancelled any more: it is captured, and then paid back."""
    _release(waiting)
    for refund in waiting:
        refund.void_declined = True


def _cancel(
    work: Work, transaction: Transaction, waiting: Sequence[Refund], result: PaymentResult | None
) -> None:
    """The money will not be taken. Invoices that it paid stay paid: that is what was refunded."""
    booked = transaction.status == TransactionStatusType.AUTHORIZED
    if booked:
        cancelled = TransactionStatusType.CANCELLED
        transactions.move(work, transaction, cancelled, auth_code=CANCELLED_BY_DECISION)
    else:
        capturing.stop_deposit(work, transaction)
    for refund in waiting:
        refund_outcome.complete(work, refund, result, money_was_booked=booked)
