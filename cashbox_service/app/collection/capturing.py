"""The capture batch: authorized money is taken, what waits for a bank or a customer is asked after (transaction §6.4).

An authorization that nobody captured in time, and a customer who did not come back from a page, are given up here too.
"""

from __future__ import annotations

from collections.abc import Callable

from cashbox_service.app.collection import charging, reversals, settlement
from cashbox_service.app.context import MerchantContext, Work
from cashbox_service.app.counter import gateway_payments
from cashbox_service.app.disputes import refund_outcome, refunds
from cashbox_service.app.engine import collecting
from cashbox_service.app.environment import Environment
from cashbox_service.app.sales import transaction_outcome, transactions
from cashbox_service.app.subscriptions import activating, final_settlement
from cashbox_service.domain.auth_codes import CANCELLED_BY_DECISION
from cashbox_service.domain.money import Money
from cashbox_service.domain.notice import Notice
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.logging import get_logger
from cashbox_service.processors.protocol import OutcomeKind, PaymentResult
from cashbox_service.store.entities import PaymentAttempt, Transaction

log = get_logger(__name__)

_S = TransactionStatusType


def run(env: Environment, merchant: MerchantContext) -> int:
    """Capture what is due, ask after what waits, give up what lapsed; how many transactions moved."""
    work = env.open(merchant)
    try:
        due = [(one.vid, one.status) for one in work.uow.transactions.due_for_capture(work.now)]
        moved = sum(_moved(_STEPS[_S(status)], work, vid) for vid, status in due if _S(status) in _STEPS)
        lapsed = [one.vid for one in work.uow.transactions.lapsing(work.now)]
        return moved + sum(_moved(lapse, work, vid) for vid in lapsed)
    finally:
        work.close()


def _moved(step: Callable[[Work, str], bool], work: Work, transaction_vid: str) -> bool:
    """Take a step. A transaction that cannot be moved is left to the next batch and does not keep the others."""
    try:
        return step(work, transaction_vid)
    except Exception as error:
        log.exception("transaction not moved", transaction=transaction_vid, reason=type(error).__name__)
        return False


def run_all(env: Environment) -> int:
    """One batch for every merchant."""
    return sum(run(env, merchant) for merchant in env.merchants())


def capture(work: Work, transaction_vid: str) -> bool:
    """Take authorized money; a refused capture takes back what the authorization booked."""
    attempt = work.uow.transactions.attempt_of(transaction_vid)
    transaction = work.uow.transactions.by_vid(transaction_vid)
    assert transaction is not None
    if transaction.status != _S.AUTHORIZED.value or refunds.stops_capture(work, transaction):
        return False
    outcome = OutcomeKind.APPROVED
    if attempt is not None:
        amount = Money.of(transaction.amount, transaction.currency)
        outcome = charging.capture(work, attempt.processor, attempt.request_key, amount).kind
    if outcome is OutcomeKind.UNKNOWN:
        return False
    with work.writing():
        found = transactions.locked(work, transaction_vid)
        if found.status != _S.AUTHORIZED.value:
            return False
        code = found.status_log[0].auth_code
        if outcome is OutcomeKind.APPROVED:
            transactions.move(work, found, _S.CAPTURED, auth_code=code)
            work.uow.events.mention("transactions", "captured", found.vid, work.now)
            if found.kind == collecting.PURPOSE:  # a bill counts as charged once its money is taken
                work.uow.events.record_told("transactions", "attempt succeeded", found.vid, work.now)
            if found.email_when_captured:
                work.uow.events.enqueue_notice(Notice.SUCCESS, found.vid, work.now)
            return True
        if refunds.stops_capture(work, found):
            return False  # refunded meanwhile; whoever does that cancels it
        refund_outcome.fail_waiting(work, found)
        transactions.move(work, found, _S.CANCELLED, auth_code=code)
        work.uow.events.record_told("transactions", "attempt failed", found.vid, work.now)
        if found.kind == transaction_outcome.KIND:
            transaction_outcome.take_back(work, found)
        elif found.account is not None:
            reversals.undo(work, found.account, found)
    return True


def ask_after(work: Work, transaction_vid: str) -> bool:
    """What became of a payment that a customer has to confirm on a page (transaction §7.11)."""
    attempt = work.uow.transactions.attempt_of(transaction_vid)
    if attempt is None:
        return False
    return _settled(work, attempt, charging.status(work, attempt.processor, attempt.request_key))


def _settle_deposit(work: Work, transaction_vid: str) -> bool:
    """What became of a deposit that was submitted to the bank; one that is refunded is stopped instead."""
    attempt = work.uow.transactions.attempt_of(transaction_vid)
    transaction = work.uow.transactions.by_vid(transaction_vid)
    assert transaction is not None
    if attempt is None or refunds.stops_capture(work, transaction):
        return False
    amount = Money.of(attempt.amount, attempt.currency)
    result = charging.capture(work, attempt.processor, attempt.request_key, amount)
    return _settled(work, attempt, result, captured=True)


def _settled(work: Work, attempt: PaymentAttempt, result: PaymentResult, *, captured: bool = False) -> bool:
    """Book what a processor now says of a payment that it had left open before."""
    assert attempt.transaction_vid is not None
    if result.kind is OutcomeKind.UNKNOWN:
        return False
    refused = False
    with work.writing():
        found = transactions.locked(work, attempt.transaction_vid)
        if found.status not in _OPEN or not _is_news(found, result):
            return False
        if result.kind is OutcomeKind.DECLINED and refunds.stops_capture(work, found):
            return False  # refunded meanwhile; whoever does that cancels it
        refused = _book(work, found, attempt.request_key, result, captured=captured)
    if refused:
        charging.give_back(work, attempt.request_key)
    return True


def _book(
    work: Work, transaction: Transaction, request_key: str, result: PaymentResult, *, captured: bool
) -> bool:
    """Whether the policy refuses what the processor approved."""
    if transaction.kind == transaction_outcome.KIND:
        settled = transaction_outcome.settle(work, request_key, result, captured=captured)
        return settled.refusal is not None
    attempt = work.uow.transactions.attempt(request_key)
    if attempt is not None and attempt.purpose == gateway_payments.PURPOSE:
        gateway_payments.settle(work, request_key, result, captured=captured)
    elif transaction.kind == "payment":
        settlement.settle_payment(work, transaction.vid, request_key, result, captured=captured)
    elif transaction.kind == activating.KIND:
        return activating.settle(work, request_key, result).gives_back
    elif transaction.kind == final_settlement.KIND:
        final_settlement.book(work, request_key, result)
    else:
        collecting.settle(work, request_key, result, captured=captured)
    return False


def stop_deposit(work: Work, transaction: Transaction) -> None:
    """A deposit that the processor was told to stop ends like one that the bank refused."""
    attempt = work.uow.transactions.attempt_of(transaction.vid)
    assert attempt is not None
    stopped = PaymentResult.declined(CANCELLED_BY_DECISION, is_hard=False)
    _book(work, transaction, attempt.request_key, stopped, captured=False)


def _is_news(transaction: Transaction, result: PaymentResult) -> bool:
    """Whether the result says more than the transaction knows: a bank or a customer may let one wait for long."""
    return result.kind is not OutcomeKind.PENDING or (
        result.pending_status is not None and result.pending_status.value != transaction.status
    )


def lapse(work: Work, transaction_vid: str) -> bool:
    """Give up an authorization that nobody captured in time, or a customer who did not come back (transaction §6.4)."""
    with work.writing():
        found = transactions.locked(work, transaction_vid)
        if found.lapses_at is None or found.lapses_at > work.now or refunds.stops_capture(work, found):
            return False
        authorized = found.status == _S.AUTHORIZED.value
        code = found.status_log[0].auth_code
        request_key = transaction_outcome.cancel(work, found, code)
        found.lapsed_at = work.now if authorized else None
    if request_key is not None:
        charging.give_back(work, request_key)
    return True


_OPEN = frozenset({_S.AUTHORIZED_PENDING.value, _S.AUTHORIZATION_PENDING.value, _S.PENDING.value})

_STEPS: dict[TransactionStatusType, Callable[[Work, str], bool]] = {
    _S.AUTHORIZED: capture,
    _S.AUTHORIZED_PENDING: _settle_deposit,
    _S.AUTHORIZATION_PENDING: ask_after,
    _S.PENDING: ask_after,
}
"""What the batch does with a transaction whose time has come."""
