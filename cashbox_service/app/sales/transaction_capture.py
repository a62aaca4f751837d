"""Transaction.capture and cancel: what becomes of authorized sales, one by one (transaction §7.3, §7.4).

``capture`` only schedules; the capture batch takes the money. A lapsed authorization is asked for anew, as a
transaction of its own that is stored with the answer of the processor: until then nothing refers to it, and a crash
leaves an attempt whose money the janitor gives back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

from cashbox_service.app.collection import capturing, charging
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.app.disputes import refunds
from cashbox_service.app.drafts import Reference
from cashbox_service.app.sales import transaction_outcome, transactions
from cashbox_service.app.sales.transaction_outcome import KIND, Terms
from cashbox_service.app.wallet import validating
from cashbox_service.domain.errors import ConcurrentChange, MissingField
from cashbox_service.domain.instruments import PaymentMethodType
from cashbox_service.domain.money import Money
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.logging import get_logger
from cashbox_service.processors.protocol import OutcomeKind, PaymentResult
from cashbox_service.store.entities import Transaction

log = get_logger(__name__)

PURPOSE = "reauthorization"
"""Of an attempt whose transaction is stored with its outcome; without one the janitor abandons it."""

_S = TransactionStatusType
_OVER = frozenset({_S.CAPTURED, _S.REFUNDED, _S.CANCELLED, _S.SETTLED})
_NOW = Terms(capture=True)


class Outcome(Enum):
    """What became of one transaction of the call."""

    DONE = auto()
    NOT_POSSIBLE = auto()
    """It is over already, or on its way."""
    REFUSED = auto()
    """The authorization had lapsed, and a new one was not given."""
    NOT_FOUND = auto()
    NEVER_AUTHORIZED = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class Result:
    """One transaction of the call; ``original_id`` is set when ``merchant_transaction_id`` took its place."""

    outcome: Outcome
    merchant_transaction_id: str
    original_id: str | None = None


def capture(work: Work, references: Sequence[Reference]) -> list[Result]:
    """Schedule captures, each by itself. Raises MissingField for an empty list."""
    if not references:
        raise MissingField("transactions", "Must specify transactions to capture")
    return [_each(work, reference, _capture) for reference in references]


def cancel(work: Work, references: Sequence[Reference]) -> list[Result]:
    """Cancel what is authorized or was never sent, each by itself. Raises MissingField for an empty list."""
    if not references:
        raise MissingField("transactions", "Must specify transactions to cancel")
    return [_each(work, reference, _cancel) for reference in references]


def _each(work: Work, reference: Reference, step: Callable[[Work, Transaction], Result]) -> Result:
    """One transaction of the call; whatever happens to it does not keep the others."""
    work.uow.end_reading()
    found = transactions.find(work, reference)
    if found is None:
        return Result(Outcome.NOT_FOUND, reference.merchant_id or "")
    own_id, vid = found.merchant_transaction_id, found.vid
    try:
        return step(work, found)
    except Exception as error:
        log.exception(
            "transaction neither captured nor cancelled", transaction=vid, reason=type(error).__name__
        )
        return Result(Outcome.FAILED, own_id)


def _capture(work: Work, found: Transaction) -> Result:
    vid, own_id = found.vid, found.merchant_transaction_id
    if found.lapses_at is not None and found.lapses_at <= work.now:
        capturing.lapse(work, vid)
    outcome = starting_over(lambda: _scheduled(work, vid))
    return Result(outcome, own_id) if outcome is not None else _authorized_anew(work, vid, own_id)


def _scheduled(work: Work, vid: str) -> Outcome | None:
    """Schedule the capture; None when the authorization has lapsed and has to be asked for anew."""
    with work.writing():
        transaction = transactions.locked(work, vid)
        status = _S(transaction.status)
        if status is _S.AUTHORIZED and transaction.kind == KIND and transaction.capture_at is None:
            transaction_outcome.schedule(work, transaction, _NOW)
            return Outcome.DONE
        if status is _S.CANCELLED and transaction.lapsed_at is not None:
            return None if not work.uow.transactions.is_replaced(vid) else Outcome.NOT_POSSIBLE
        return (
            Outcome.NOT_POSSIBLE if status in _OVER or status is _S.AUTHORIZED else Outcome.NEVER_AUTHORIZED
        )


def _cancel(work: Work, found: Transaction) -> Result:
    vid, own_id = found.vid, found.merchant_transaction_id
    request_key: str | None = None

    def cancelled() -> Outcome:
        nonlocal request_key
        with work.writing():
            transaction = transactions.locked(work, vid)
            refusal = _why_not_cancelled(work, transaction)
            if refusal is None:
                request_key = transaction_outcome.cancel(work, transaction)
            return refusal or Outcome.DONE

    outcome = starting_over(cancelled)
    if outcome is Outcome.DONE and request_key is not None:
        charging.give_back(work, request_key)
    return Result(outcome, own_id)


def _why_not_cancelled(work: Work, transaction: Transaction) -> Outcome | None:
    status = _S(transaction.status)
    if status in _OVER:
        return Outcome.NOT_POSSIBLE
    if transaction.kind != KIND or transaction.payment_method_type == PaymentMethodType.PAYPAL:
        return Outcome.NEVER_AUTHORIZED
    if status is _S.NEW:
        in_flight = work.uow.transactions.attempt_of(transaction.vid) is not None
        return Outcome.NEVER_AUTHORIZED if in_flight else None
    if refunds.stops_capture(work, transaction):
        return Outcome.NOT_POSSIBLE  # it is being cancelled already
    return None if status is _S.AUTHORIZED else Outcome.NEVER_AUTHORIZED


def _authorized_anew(work: Work, vid: str, own_id: str) -> Result:
    """Ask for a lapsed authorization once more, with the stored payment method and the credit it used before."""
    refused = Result(Outcome.REFUSED, own_id)
    with work.writing():
        lapsed = transactions.locked(work, vid)
        method, amount = lapsed.payment_method, _asked(lapsed)
        uses = _credit_again(work, lapsed)
        if uses is None or (amount.is_positive and (method is None or not method.active)):
            return refused
        if method is None or amount.is_zero:
            replacement = transactions.create(work, _outline(lapsed))
            transaction_outcome.settle_without_processor(work, replacement, uses, _NOW, by_hand=False)
            return Result(Outcome.DONE, replacement.merchant_transaction_id, own_id)
        plan = validating.plan(work, method, None, amount, lapsed.billing_statement_identifier)
        validating.note_attempt(work, plan, "authorize", PURPOSE)
    result = charging.ask(work, charging.Intent(plan.key, plan.processor, "authorize", plan.request))
    if result.kind is not OutcomeKind.APPROVED:
        _close(work, plan.key, result)
        return refused
    if not _stored(work, vid, plan, result):
        charging.give_back(work, plan.key)
        return refused
    return Result(Outcome.DONE, plan.merchant_transaction_id, own_id)


def _close(work: Work, request_key: str, result: PaymentResult) -> None:
    """Nothing is stored: a decline is the end, what waits for a customer is given back, no answer is the janitor's."""
    if result.kind is OutcomeKind.PENDING:
        charging.give_back(work, request_key)
        return
    with work.writing():
        charging.settle(work, request_key, result)


def _stored(work: Work, vid: str, plan: validating.Plan, result: PaymentResult) -> bool:
    """Store the sale under its new authorization; not when another call was first, or the credit is gone by now."""
    try:
        with work.writing():
            lapsed = transactions.locked(work, vid)
            uses = _credit_again(work, lapsed)
            if uses is None or not charging.settle(work, plan.key, result):
                return False
            crediting.reserve(uses)
            replacement = transactions.create(work, _outline(lapsed, plan))
            charging.log_outcome(work, replacement, result)
            transaction_outcome.book(work, replacement, uses)
            transaction_outcome.schedule(work, replacement, _NOW)
    except ConcurrentChange:
        return False
    return True


def _asked(lapsed: Transaction) -> Money:
    return Money.of(
        lapsed.amount if lapsed.original_amount is None else lapsed.original_amount, lapsed.currency
    )


def _credit_again(work: Work, lapsed: Transaction) -> list[crediting.Use] | None:
    """As much of the account's credit as the sale had used; None when there is less by now."""
    needed = Money.of(sum((use.amount for use in lapsed.credit_uses), Decimal(0)), lapsed.currency)
    if needed.is_zero or lapsed.account is None:
        return []
    uses = crediting.planned_of_account(work, lapsed.account, needed)
    return uses if crediting.total(uses, lapsed.currency) == needed else None


def _outline(lapsed: Transaction, plan: validating.Plan | None = None) -> transactions.Outline:
    """The same sale once more, under an id of its own."""
    return transactions.Outline(
        kind=KIND,
        account=lapsed.account,
        payment_method=lapsed.payment_method,
        payment_method_type=lapsed.payment_method_type,
        currency=lapsed.currency,
        amount=_asked(lapsed).amount,
        lines=lapsed.lines,
        processor=lapsed.payment_processor,
        vid=plan.transaction_vid if plan is not None else None,
        merchant_transaction_id=plan.merchant_transaction_id if plan is not None else None,
        note=lapsed.note,
        name_values=lapsed.name_values,
        statement_identifier=lapsed.billing_statement_identifier,
        replaces_vid=lapsed.vid,
        details=transactions.details_of(lapsed),
    )
