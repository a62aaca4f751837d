"""Asking a payment processor for money: intent, call, outcome.

The intent is committed before the processor is called and the outcome after it; no transaction is open in between.
An intent without outcome, left by a crash or a time-out, is settled by the janitor, which asks the processor what
became of its request key. Nothing is ever sent twice blindly, and an outcome is recorded once: whoever comes second
sees that somebody was first. Money for something that was not stored is given back in three steps of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cashbox_service.app.collection import instructing
from cashbox_service.app.context import Work
from cashbox_service.app.sales import transactions
from cashbox_service.domain import verification
from cashbox_service.domain.instruments import Secret
from cashbox_service.domain.money import Money
from cashbox_service.domain.status_details import StatusDetails
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.faults import FaultPoint
from cashbox_service.ids import new_vid
from cashbox_service.logging import get_logger
from cashbox_service.processors.protocol import (
    CustomerBrowser,
    OutcomeKind,
    PaymentRequest,
    PaymentResult,
    Processor,
)
from cashbox_service.store.direct import fresh
from cashbox_service.store.entities import PaymentAttempt, PaymentMethod, Transaction

log = get_logger(__name__)

OPEN = "open"
APPROVED = OutcomeKind.APPROVED.value
DECLINED = OutcomeKind.DECLINED.value
PENDING = OutcomeKind.PENDING.value
SUPERSEDED = "superseded"
RETURNING = "returning"
RETURNED = "returned"
"""States of an attempt, see the entity."""

UNANSWERED = "unanswered"
"""What the context of an attempt says when the processor was asked and gave no answer."""

ABANDONED = "abandoned"
"""The purpose of an attempt whose outcome nobody wants any more."""


@dataclass(slots=True)
class Intent:
    """A request that is about to be made; ``request`` carries secrets and is never stored."""

    request_key: str
    processor: str
    operation: str
    request: PaymentRequest = field(repr=False)


def intend(
    work: Work,
    *,
    purpose: str,
    operation: str,
    method: PaymentMethod,
    amount: Money,
    transaction_vid: str,
    reference: str,
    cvn: Secret | None = None,
    statement_identifier: str | None = None,
    name_values: tuple[tuple[str, str], ...] = (),
    context: dict[str, Any] | None = None,
    capture: bool = False,
    visit: instructing.Visit | None = None,
    browser: CustomerBrowser | None = None,
    unattended: bool = False,
    processor: Processor | None = None,
) -> Intent:
    """Record the intent inside the caller's write transaction and prepare the request.

    Without a ``processor`` the one that serves the type of the payment method is asked.
    """
    key = new_vid()
    processor = processor or work.env.processors.for_type(method.type)
    work.uow.transactions.add(
        fresh(
            PaymentAttempt,
            request_key=key,
            transaction_vid=transaction_vid,
            processor=processor.name,
            operation=operation,
            purpose=purpose,
            context=context or {},
            amount=amount.amount,
            currency=amount.currency,
            state=OPEN,
            created_at=work.env.clock.now(),
            settled_at=None,
        )
    )
    request = instructing.prepare(
        work,
        key,
        method,
        amount,
        reference,
        cvn,
        statement_identifier,
        name_values,
        capture=capture,
        visit=visit,
        browser=browser,
        unattended=unattended,
    )
    return Intent(key, processor.name, operation, request)


def ask(work: Work, intent: Intent) -> PaymentResult:
    """Call the processor. No transaction may be open."""
    if work.uow.is_writing:
        raise RuntimeError("a processor is never called inside a write transaction")
    work.uow.end_reading()
    work.reach(FaultPoint.INTENT_COMMITTED)
    processor = work.env.processors.named(intent.processor)
    asked = processor.validate if intent.operation == "validate" else processor.authorize
    result = asked(intent.request)
    work.reach(FaultPoint.PROCESSOR_ANSWERED)
    return result


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A request about to be made that concerns an earlier one: give back all or a part of its money."""

    request_key: str
    processor: str
    operation: str
    authorization: str
    amount: Money

    @classmethod
    def of(cls, attempt: PaymentAttempt) -> FollowUp:
        """The request of a stored attempt."""
        return cls(
            attempt.request_key,
            attempt.processor,
            attempt.operation,
            attempt.context["authorization"],
            Money.of(attempt.amount, attempt.currency),
        )


def intend_follow_up(
    work: Work, *, purpose: str, operation: str, processor: str, authorization: str, amount: Money
) -> FollowUp:
    """Record the intent to void or refund an authorization inside the caller's write transaction."""
    attempt = PaymentAttempt(
        request_key=new_vid(),
        processor=processor,
        operation=operation,
        purpose=purpose,
        context={"authorization": authorization},
        amount=amount.amount,
        currency=amount.currency,
        state=OPEN,
        created_at=work.env.clock.now(),
    )
    work.uow.transactions.add(attempt)
    return FollowUp.of(attempt)


def follow_up(work: Work, wanted: FollowUp) -> PaymentResult:
    """Ask the processor to void or refund; under the same key it does so once. No transaction may be open."""
    if work.uow.is_writing:
        raise RuntimeError("a processor is never called inside a write transaction")
    work.uow.end_reading()
    work.reach(FaultPoint.INTENT_COMMITTED)
    processor = work.env.processors.named(wanted.processor)
    asked = processor.void if wanted.operation == "void" else processor.refund
    result = asked(wanted.authorization, wanted.amount, wanted.request_key)
    work.reach(FaultPoint.PROCESSOR_ANSWERED)
    return result


def capture(work: Work, processor: str, request_key: str, amount: Money) -> PaymentResult:
    """Take authorized money, or learn what became of a deposit. No transaction may be open."""
    work.uow.end_reading()
    return work.env.processors.named(processor).capture(request_key, amount)


def status(work: Work, processor: str, request_key: str) -> PaymentResult:
    """What became of a request. No transaction may be open."""
    work.uow.end_reading()
    return work.env.processors.named(processor).status(request_key)


def settle(work: Work, request_key: str, result: PaymentResult) -> bool:
    """Record the outcome of an attempt inside the caller's write transaction; an unknown one stays open.

    False when somebody recorded an outcome before: the caller must not book anything then, see `return_late`.
    """
    attempt = _locked(work, request_key)
    if attempt.state not in (OPEN, PENDING):
        return False
    if result.kind is OutcomeKind.UNKNOWN:
        attempt.context = {**attempt.context, UNANSWERED: True}
    else:
        attempt.state = result.kind.value
        attempt.settled_at = work.env.clock.now()
    return True


def was_never_sent(attempt: PaymentAttempt, result: PaymentResult) -> bool:
    """Whether a request whose status is ``result`` did not leave: the process ended before it asked.

    A request that was sent and got lost is something else: it tells how the processor can be reached.
    """
    return result == PaymentResult.never_received() and UNANSWERED not in attempt.context


def return_late(work: Work, request_key: str, result: PaymentResult) -> None:
    """Give back the money of an outcome that came after the attempt was settled otherwise, as never received."""
    if result.kind in (OutcomeKind.APPROVED, OutcomeKind.PENDING):
        give_back(work, request_key)


def call_off(work: Work, request_key: str, result: PaymentResult) -> None:
    """Nothing was stored for what the processor answered: give back what it took, and close the attempt."""
    if result.kind in (OutcomeKind.APPROVED, OutcomeKind.PENDING):
        give_back(work, request_key)
        return
    with work.writing():
        settle(work, request_key, result)


def give_back(work: Work, request_key: str) -> bool:
    """Return the money of an attempt that nothing was stored for, and close it; whether that is done.

    Nothing happens to money that was booked. May be called again after a crash or a time-out. No transaction may be
    open.
    """
    with work.writing():
        attempt = _locked(work, request_key)
        if attempt.state not in (OPEN, DECLINED, RETURNING):
            return False
        attempt.state = RETURNING
    work.reach(FaultPoint.RETURN_COMMITTED)
    kind = _returned(work, attempt)
    work.reach(FaultPoint.MONEY_RETURNED)
    if kind is not OutcomeKind.APPROVED:
        log.error("money is not given back yet", request_key=request_key, outcome=kind.value)
        return False
    with work.writing():
        attempt = _locked(work, request_key)
        attempt.state = RETURNED
        attempt.settled_at = work.env.clock.now()
    return True


def mark_for_return(work: Work, request_key: str) -> None:
    """Note inside the caller's write transaction that the money of an attempt is not wanted after all.

    Whoever noted it calls `give_back` afterwards; after a crash the janitor does.
    """
    _locked(work, request_key).state = RETURNING


def abandon(attempt: PaymentAttempt) -> None:
    """Leave an attempt without outcome to the janitor, who gives back what it finds the processor took."""
    attempt.purpose = ABANDONED


def _returned(work: Work, attempt: PaymentAttempt) -> OutcomeKind:
    """Void the authorization; refund it where the money was taken already."""
    work.uow.end_reading()
    key, asked = attempt.request_key, Money.of(attempt.amount, attempt.currency)
    processor = work.env.processors.named(attempt.processor)
    result = processor.void(key, asked)
    if result.kind is OutcomeKind.DECLINED:
        taken = processor.status(key).money(asked)
        result = processor.refund(key, taken, f"{key}-return")
    return result.kind


def _locked(work: Work, request_key: str) -> PaymentAttempt:
    attempt = work.uow.transactions.lock_attempt(request_key)
    if attempt is None:
        raise RuntimeError("the attempt was never recorded")
    return attempt


_STATUS = {
    OutcomeKind.APPROVED: TransactionStatusType.AUTHORIZED,
    OutcomeKind.DECLINED: TransactionStatusType.CANCELLED,
}


def log_outcome(
    work: Work, transaction: Transaction, result: PaymentResult, *, captured: bool = False
) -> None:
    """Move the transaction to what the processor said. An unknown outcome leaves it New until the janitor knows.

    What is not captured with its approval, the next capture batch takes, unless the caller says otherwise.
    """
    if result.kind is OutcomeKind.UNKNOWN:
        return
    if result.kind is OutcomeKind.PENDING:
        assert result.pending_status is not None
        status = result.pending_status
    elif result.kind is OutcomeKind.APPROVED and captured:
        status = TransactionStatusType.CAPTURED
    else:
        status = _STATUS[result.kind]
    if result.processor_transaction_id is not None:
        transaction.processor_transaction_id = result.processor_transaction_id
    if result.approved_amount is not None and result.approved_amount.amount != transaction.amount:
        transaction.original_amount = transaction.amount
        transaction.amount = result.approved_amount.amount
    avs = verification.normalise_avs(result.avs_code) if result.avs_code is not None else None
    transactions.move(
        work,
        transaction,
        status,
        auth_code=result.auth_code,
        avs_code=result.avs_code,
        cvn_code=result.cvn_code,
        vin_avs=avs.value if avs is not None else None,
        details=_details(result),
    )
    if status in (TransactionStatusType.AUTHORIZED, TransactionStatusType.AUTHORIZED_PENDING):
        transaction.capture_at = work.now


def _details(result: PaymentResult) -> StatusDetails | None:
    told = StatusDetails(
        page_url=result.redirect_url,
        token=result.token,
        payer_id=result.payer_id,
        payer_email=result.payer_email,
        auth_approval_code=result.auth_approval_code,
        card_attributes=result.card_attributes,
        funding_source_balance=result.funding_balance.amount if result.funding_balance is not None else None,
        challenge=result.challenge,
    )
    return None if told == StatusDetails() else told
