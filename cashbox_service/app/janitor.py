"""Settles payment attempts whose outcome was never recorded: after a crash, or a time-out at the processor.

Each is settled by asking the processor what became of its request key. Money that came for something that was stored is
booked; money for something that was never stored is given back; nothing is charged a second time.
"""

from __future__ import annotations

from datetime import timedelta

from cashbox_service.app import accounts, charging, collecting, settlement, transactions
from cashbox_service.app import payments as paying
from cashbox_service.app.context import MerchantContext, Work
from cashbox_service.app.environment import Environment
from cashbox_service.domain.errors import CashboxError
from cashbox_service.domain.money import Money
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.logging import get_logger
from cashbox_service.processors.protocol import OutcomeKind, PaymentResult
from cashbox_service.store.entities import PaymentAttempt

log = get_logger(__name__)

PATIENCE = timedelta(minutes=2)
"""How long an attempt may be open before it counts as abandoned; longer than any processor call takes."""


def run(env: Environment, merchant: MerchantContext, patience: timedelta = PATIENCE) -> int:
    """Settle the merchant's abandoned attempts; how many were settled."""
    work = env.open(merchant)
    try:
        before = env.clock.now() - patience
        keys = [attempt.request_key for attempt in work.uow.transactions.open_attempts(before)]
        return sum(_settle(work, key) for key in keys)
    finally:
        work.close()


def run_all(env: Environment, patience: timedelta = PATIENCE) -> int:
    """The same for every merchant."""
    return sum(run(env, merchant, patience) for merchant in env.merchants())


def _settle(work: Work, request_key: str) -> bool:
    attempt = work.uow.transactions.attempt(request_key)
    if attempt is None or attempt.state != charging.OPEN:
        return False
    result = charging.status(work, attempt.processor, request_key)
    if result.kind is OutcomeKind.UNKNOWN:
        log.warning("attempt still without outcome", request_key=request_key, processor=attempt.processor)
        return False
    try:
        _SETTLERS.get(attempt.purpose, _abandon)(work, attempt, result)
    except CashboxError as error:
        log.exception("attempt cannot be settled", request_key=request_key, reason=str(error))
        return False
    return True


def _settle_payment(work: Work, attempt: PaymentAttempt, result: PaymentResult) -> None:
    assert attempt.transaction_vid is not None
    with work.writing():
        settlement.settle_payment(work, attempt.transaction_vid, attempt.request_key, result)


def _settle_recurring(work: Work, attempt: PaymentAttempt, result: PaymentResult) -> None:
    with work.writing():
        collecting.settle(work, attempt.request_key, result)


def _abandon(work: Work, attempt: PaymentAttempt, result: PaymentResult) -> None:
    """What the money was for was never stored, or it only proved a payment method: give it back."""
    key, amount = attempt.request_key, Money.of(attempt.amount, attempt.currency)
    if result.kind in (OutcomeKind.APPROVED, OutcomeKind.PENDING):
        charging.void(work, attempt.processor, key, amount)
    with work.writing():
        charging.settle(work, key, result)
        stored = work.uow.transactions.by_vid(attempt.transaction_vid or "")
        if stored is not None and stored.status == TransactionStatusType.NEW.value:
            if stored.account_vid is not None:
                accounts.lock(work, stored.account_vid)
            transactions.move(work, stored, TransactionStatusType.CANCELLED, auth_code=result.auth_code)


_SETTLERS = {paying.PURPOSE: _settle_payment, collecting.PURPOSE: _settle_recurring}
"""What to do with an outcome, by the purpose of the attempt; every other purpose is abandoned."""
