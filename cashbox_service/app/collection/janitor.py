"""Settles payment attempts whose outcome was never recorded: after a crash, or a time-out at the processor.

Each is settled by asking the processor what became of its request key. Money that came for something that was stored is
booked; money for something that was never stored is given back; nothing is charged a second time. Any number of
janitors may run at once, and beside the calls they clean up after.
"""

from __future__ import annotations

from datetime import timedelta

from cashbox_service.app.collection import charging, settlement
from cashbox_service.app.collection import payments as paying
from cashbox_service.app.context import MerchantContext, Work
from cashbox_service.app.counter import gateway_payments
from cashbox_service.app.credit import gift_card_redeeming
from cashbox_service.app.customers import accounts
from cashbox_service.app.disputes import refund_batch
from cashbox_service.app.engine import collecting
from cashbox_service.app.environment import Environment
from cashbox_service.app.hosted import web_sessions
from cashbox_service.app.sales import transaction_outcome, transactions
from cashbox_service.app.subscriptions import activating, final_settlement
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.logging import get_logger
from cashbox_service.processors.protocol import MAX_CALL_SECONDS, OutcomeKind, PaymentResult
from cashbox_service.store.entities import PaymentAttempt

log = get_logger(__name__)

PATIENCE = timedelta(seconds=2 * MAX_CALL_SECONDS)
"""How long an attempt may be open before it counts as abandoned; longer than any processor call takes."""


def run(env: Environment, merchant: MerchantContext, patience: timedelta = PATIENCE) -> int:
    """Settle the merchant's abandoned attempts, and forget what expired WebSessions know; how many were done."""
    work = env.open(merchant)
    try:
        before = env.clock.now() - patience
        keys = [attempt.request_key for attempt in work.uow.transactions.open_attempts(before)]
        settled = sum(_settled(work, key) for key in keys)
        return settled + gift_card_redeeming.settle_abandoned(work, before) + web_sessions.sweep(work)
    finally:
        work.close()


def run_all(env: Environment, patience: timedelta = PATIENCE) -> int:
    """The same for every merchant."""
    return sum(run(env, merchant, patience) for merchant in env.merchants())


def _settled(work: Work, request_key: str) -> bool:
    """Settle one attempt. One that cannot be settled is logged and does not keep the others waiting."""
    try:
        return _settle(work, request_key)
    except Exception as error:
        log.exception("attempt cannot be settled", request_key=request_key, reason=type(error).__name__)
        return False


def _settle(work: Work, request_key: str) -> bool:
    attempt = work.uow.transactions.attempt(request_key)
    assert attempt is not None
    if attempt.state == charging.RETURNING:
        return charging.give_back(work, request_key)
    if attempt.state != charging.OPEN:
        return False
    result = charging.status(work, attempt.processor, request_key)
    if result.kind is OutcomeKind.UNKNOWN:
        log.warning("attempt still without outcome", request_key=request_key, processor=attempt.processor)
        return False
    return _SETTLERS.get(attempt.purpose, _abandon)(work, attempt, result)


def _settle_payment(work: Work, attempt: PaymentAttempt, result: PaymentResult) -> bool:
    assert attempt.transaction_vid is not None
    with work.writing():
        return settlement.settle_payment(work, attempt.transaction_vid, attempt.request_key, result)


def _settle_gateway_payment(work: Work, attempt: PaymentAttempt, result: PaymentResult) -> bool:
    return gateway_payments.finish(work, attempt.request_key, result)


def _settle_recurring(work: Work, attempt: PaymentAttempt, result: PaymentResult) -> bool:
    with work.writing():
        if charging.was_never_sent(attempt, result):
            return collecting.withdraw(work, attempt.request_key)
        return collecting.settle(work, attempt.request_key, result)


def _settle_sale(work: Work, attempt: PaymentAttempt, result: PaymentResult) -> bool:
    with work.writing():
        settled = transaction_outcome.settle(work, attempt.request_key, result)
    if settled.refusal is not None:
        charging.give_back(work, attempt.request_key)
    return settled.first


def _settle_refund(work: Work, attempt: PaymentAttempt, result: PaymentResult) -> bool:
    """A request that the processor never received is sent again, under the same key."""
    if result == PaymentResult.never_received():
        result = charging.follow_up(work, charging.FollowUp.of(attempt))
    return refund_batch.settle(work, attempt.request_key, result)


def _settle_activation(work: Work, attempt: PaymentAttempt, result: PaymentResult) -> bool:
    """A customer was asked for, or came back: unless that was never stored, the AutoBill follows the outcome."""
    if work.uow.transactions.by_vid(attempt.transaction_vid or "") is None:
        return _abandon(work, attempt, result)
    with work.writing():
        settled = activating.settle(work, attempt.request_key, result)
    if settled.gives_back:
        charging.give_back(work, attempt.request_key)
    return settled.first


def _settle_final(work: Work, attempt: PaymentAttempt, result: PaymentResult) -> bool:
    with work.writing():
        return final_settlement.book(work, attempt.request_key, result)


def _abandon(work: Work, attempt: PaymentAttempt, result: PaymentResult) -> bool:
    """What the money was for was never stored, or it only proved a payment method: give it back."""
    holds_money = attempt.operation != "validate" and result.kind is not OutcomeKind.DECLINED
    if holds_money and not charging.give_back(work, attempt.request_key):
        return False
    with work.writing():
        stored = work.uow.transactions.by_vid(attempt.transaction_vid or "")
        if stored is not None and stored.account_vid is not None:
            accounts.lock(work, stored.account_vid)
        if not holds_money and not charging.settle(work, attempt.request_key, result):
            return False
        if stored is not None and stored.status == TransactionStatusType.NEW.value:
            transactions.move(work, stored, TransactionStatusType.CANCELLED, auth_code=result.auth_code)
    return True


_SETTLERS = {
    paying.PURPOSE: _settle_payment,
    gateway_payments.PURPOSE: _settle_gateway_payment,
    collecting.PURPOSE: _settle_recurring,
    transaction_outcome.PURPOSE: _settle_sale,
    refund_batch.PURPOSE: _settle_refund,
    final_settlement.PURPOSE: _settle_final,
    activating.PURPOSE: _settle_activation,
}
"""What to do with an outcome, by the purpose of the attempt; every other purpose is abandoned."""
