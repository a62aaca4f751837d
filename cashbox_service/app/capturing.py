"""The capture batch: authorized money is taken, deposits learn what the bank said (transaction §6.4)."""

from __future__ import annotations

from collections.abc import Callable

from cashbox_service.app import charging, collecting, reversals, settlement, transactions
from cashbox_service.app.context import MerchantContext, Work
from cashbox_service.app.environment import Environment
from cashbox_service.domain.money import Money
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.logging import get_logger
from cashbox_service.processors.protocol import OutcomeKind

log = get_logger(__name__)


def run(env: Environment, merchant: MerchantContext) -> int:
    """Capture what is authorized and ask after pending deposits; how many transactions moved."""
    work = env.open(merchant)
    try:
        vids = [one.vid for one in work.uow.transactions.with_status("Authorized")]
        pending = [one.vid for one in work.uow.transactions.with_status("AuthorizedPending")]
        moved = sum(_moved(capture, work, vid) for vid in vids)
        return moved + sum(_moved(_settle_deposit, work, vid) for vid in pending)
    finally:
        work.close()


def _moved(step: Callable[[Work, str], bool], work: Work, transaction_vid: str) -> bool:
    """Take a step. A transaction that cannot be moved is left to the next batch and does not keep the others."""
    try:
        return step(work, transaction_vid)
    except Exception as error:
        log.exception("transaction not captured", transaction=transaction_vid, reason=type(error).__name__)
        return False


def run_all(env: Environment) -> int:
    """One batch for every merchant."""
    return sum(run(env, merchant) for merchant in env.merchants())


def capture(work: Work, transaction_vid: str) -> bool:
    """Take authorized money; a refused capture takes it off the invoices again."""
    attempt = work.uow.transactions.attempt_of(transaction_vid)
    transaction = work.uow.transactions.by_vid(transaction_vid)
    assert transaction is not None
    outcome = OutcomeKind.APPROVED
    if attempt is not None:
        amount = Money.of(transaction.amount, transaction.currency)
        outcome = charging.capture(work, attempt.processor, attempt.request_key, amount).kind
    if outcome is OutcomeKind.UNKNOWN:
        return False
    with work.writing():
        found = transactions.locked(work, transaction_vid)
        if found.status != TransactionStatusType.AUTHORIZED.value:
            return False
        code = found.status_log[0].auth_code
        if outcome is OutcomeKind.APPROVED:
            transactions.move(work, found, TransactionStatusType.CAPTURED, auth_code=code)
        else:
            transactions.move(work, found, TransactionStatusType.CANCELLED, auth_code=code)
            if found.account is not None:
                reversals.undo(work, found.account, found)
    return True


def _settle_deposit(work: Work, transaction_vid: str) -> bool:
    """What became of a deposit that was submitted to the bank."""
    attempt = work.uow.transactions.attempt_of(transaction_vid)
    if attempt is None:
        return False
    amount = Money.of(attempt.amount, attempt.currency)
    result = charging.capture(work, attempt.processor, attempt.request_key, amount)
    if result.kind in (OutcomeKind.PENDING, OutcomeKind.UNKNOWN):
        return False
    with work.writing():
        found = transactions.locked(work, transaction_vid)
        if found.status != TransactionStatusType.AUTHORIZED_PENDING.value:
            return False
        if found.kind == "payment":
            settlement.settle_payment(work, transaction_vid, attempt.request_key, result, captured=True)
        else:
            collecting.settle(work, attempt.request_key, result)
    return True
