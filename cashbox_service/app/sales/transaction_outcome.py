"""What becomes of a one-time sale: the processor's answer is booked, a sale that is off is taken back.

Used by the call itself, by the janitor, and by the batch that learns later what became of money. Runs inside the
caller's write transaction. Source: transaction §5.1, §5.4, §6.1, §7.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Self

from cashbox_service.app import books
from cashbox_service.app.collection import charging
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.app.disputes import refund_outcome, refunds
from cashbox_service.app.promotions import redeeming
from cashbox_service.app.sales import transactions
from cashbox_service.app.wallet import validating
from cashbox_service.domain import ledger
from cashbox_service.domain.auth_codes import CANCELLED_BY_DECISION, INTERNAL_ZERO
from cashbox_service.domain.errors import CashboxError
from cashbox_service.domain.instruments import PaymentMethodType
from cashbox_service.domain.lines import LineTokens, exclusive_tax_of, inclusive_tax_of
from cashbox_service.domain.money import Money, split
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.faults import FaultPoint
from cashbox_service.processors.protocol import OutcomeKind, PaymentResult
from cashbox_service.store.entities import PaymentAttempt, Transaction

PURPOSE = "sale"
KIND = "one_time"

_COMPLETED_BY_CALL = frozenset({PaymentMethodType.PAYPAL, PaymentMethodType.CARRIER_BILLING})
"""Types whose customer comes back with something that only a call can hand on; for the others the batch asks."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the call asked for, as the attempt remembers it until the outcome is known.

    ``capture``: the money is to be taken, at ``capture_at`` when that is later than the outcome. ``policy``: which
    halves of the AVS/CVN policy are waived; None when no policy is applied at all.
    """

    capture: bool
    capture_at: datetime | None = None
    policy: validating.Policy | None = None

    def as_context(self) -> dict[str, Any]:
        return {
            "capture": self.capture,
            "capture_at": self.capture_at.isoformat() if self.capture_at is not None else None,
            "policy": [self.policy.ignore_avs, self.policy.ignore_cvn] if self.policy is not None else None,
        }

    @classmethod
    def of(cls, context: Mapping[str, Any]) -> Self:
        at, policy = context["capture_at"], context["policy"]
        return cls(
            context["capture"],
            datetime.fromisoformat(at) if at is not None else None,
            validating.Policy(*policy) if policy is not None else None,
        )


@dataclass(frozen=True, slots=True)
class Settled:
    """``first``: this outcome was recorded, nobody had been before. ``refusal``: the policy refused an approval."""

    first: bool
    refusal: CashboxError | None = None


class NotAuthorized(CashboxError):
    """Error attempting to authorize"""


def carry_out(work: Work, intent: charging.Intent) -> CashboxError | None:
    """Ask the processor and book the outcome; why the sale is off although it was approved, None where it is not.

    Raises NotAuthorized when there is no answer: the sale is off, and the janitor gives back what was taken. No
    transaction may be open.
    """
    key, result = intent.request_key, charging.ask(work, intent)
    if result.kind is OutcomeKind.UNKNOWN:
        with work.writing():
            give_up(work, key)
        raise NotAuthorized
    settled = starting_over(lambda: _settled(work, key, result))
    work.reach(FaultPoint.OUTCOME_COMMITTED)
    if not settled.first:
        charging.return_late(work, key, result)
    elif settled.refusal is not None:
        charging.give_back(work, key)
    return settled.refusal


def _settled(work: Work, request_key: str, result: PaymentResult) -> Settled:
    with work.writing():
        settled = settle(work, request_key, result)
        work.reach(FaultPoint.OUTCOME_WRITTEN)
    return settled


def settle(work: Work, request_key: str, result: PaymentResult, *, captured: bool = False) -> Settled:
    """Book the outcome of an attempt at a sale, now, after a crash, or when the bank has answered."""
    attempt = work.uow.transactions.attempt(request_key)
    assert attempt is not None
    assert attempt.transaction_vid is not None
    transaction = transactions.locked(work, attempt.transaction_vid)
    if not charging.settle(work, request_key, result):
        return Settled(first=False)
    if result.kind is OutcomeKind.UNKNOWN:
        return Settled(first=True)
    terms = Terms.of(attempt.context)
    uses = crediting.reserved(work, attempt.context.get("credits", []))
    charging.log_outcome(work, transaction, result, captured=captured)
    if result.kind is OutcomeKind.DECLINED:
        crediting.release(uses)
        _failed(work, transaction)
    elif result.kind is OutcomeKind.PENDING:
        wait(work, transaction)
    else:
        refusal = _refusal(work, terms, result, transaction)
        if refusal is not None:
            _reject(work, attempt, transaction, uses, result)
            return Settled(True, refusal)
        _learn_payer(transaction, result)
        book(work, transaction, uses)
        if not captured:
            schedule(work, transaction, terms)
    return Settled(first=True)


def settle_without_processor(
    work: Work, transaction: Transaction, uses: Sequence[crediting.Use], terms: Terms, *, by_hand: bool
) -> None:
    """A sale of which nothing is left to collect, or whose money was taken outside (``by_hand``): nobody is asked."""
    crediting.reserve(uses)
    if by_hand:
        transactions.move(work, transaction, TransactionStatusType.CAPTURED)
        book(work, transaction, uses)
        return
    transactions.move(work, transaction, TransactionStatusType.AUTHORIZED, auth_code=INTERNAL_ZERO)
    book(work, transaction, uses)
    schedule(work, transaction, terms)


def give_up(work: Work, request_key: str) -> None:
    """The processor did not answer: the sale is off, and what it may have taken the janitor gives back."""
    attempt = work.uow.transactions.attempt(request_key)
    assert attempt is not None
    assert attempt.transaction_vid is not None
    transaction = transactions.locked(work, attempt.transaction_vid)
    if attempt.state != charging.OPEN:
        return
    charging.abandon(attempt)
    crediting.release(crediting.reserved(work, attempt.context.get("credits", [])))
    attempt.context = {name: value for name, value in attempt.context.items() if name != "credits"}
    transactions.move(work, transaction, TransactionStatusType.CANCELLED)
    _failed(work, transaction)


def book(work: Work, transaction: Transaction, uses: Sequence[crediting.Use]) -> None:
    """Everything that follows from an approval: ledger, credit, tokens, notification."""
    account = transaction.account
    transaction.credit_uses = crediting.remembered(uses)
    if account is not None:
        for use in uses:
            books.log_credit(work, "Consumption", account, None, [books.currency_part(use.grant, use.amount)])
        for tokens in _tokens(transaction):
            crediting.grant_tokens(work, account, tokens.token_vid, tokens.amount)
    credit = [(crediting.owner_of(use.grant), Money.of(use.amount, transaction.currency)) for use in uses]
    paid = Money.of(transaction.amount, transaction.currency)
    entry = ledger.sale(
        processor=transaction.payment_processor or "", paid=paid, credit_used=credit, tax=_tax(transaction)
    )
    books.post(work, entry, transaction)
    work.uow.events.enqueue("transactions", "attempt succeeded", transaction.vid, work.now)


def schedule(work: Work, transaction: Transaction, terms: Terms) -> None:
    """When the money of an authorization is taken, or until when it may be asked for (transaction §6.4)."""
    if terms.capture:
        transaction.capture_at = max(terms.capture_at or work.now, work.now)
        transaction.lapses_at = None
    else:
        transaction.capture_at = None
        transaction.lapses_at = work.now + timedelta(days=work.settings.auth_expiration_days)


def take_back(work: Work, transaction: Transaction) -> None:
    """Undo what an approval booked: a sale that is cancelled, lapsed or refused on capture."""
    account = transaction.account
    for entry in books.entries_of(work, transaction):
        if entry.kind is ledger.EntryKind.SALE:
            books.post(work, entry.reversed(ledger.EntryKind.SALE_CANCELLED), transaction)
    for use in crediting.uses_of(work, refunds.credit_left(work, transaction)):
        use.grant.remaining += use.amount
        if account is not None:
            books.log_credit(work, "Refund", account, None, [books.currency_part(use.grant, use.amount)])
    if account is not None:
        for tokens in _tokens(transaction):
            crediting.take_tokens(work, account, tokens.token_vid, tokens.amount)


def cancel(work: Work, transaction: Transaction, auth_code: str | None = CANCELLED_BY_DECISION) -> str | None:
    """End a sale that was approved or waits, with all it booked; the request key of money to be given back."""
    approved = transaction.status == TransactionStatusType.AUTHORIZED.value
    attempt = work.uow.transactions.attempt_of(transaction.vid)
    refund_outcome.fail_waiting(work, transaction)
    transactions.move(work, transaction, TransactionStatusType.CANCELLED, auth_code=auth_code)
    if approved:
        take_back(work, transaction)
    elif attempt is not None:
        crediting.release(crediting.reserved(work, attempt.context.get("credits", [])))
    if not approved:
        redeeming.release(work, transaction)
    if attempt is None:
        return None
    charging.mark_for_return(work, attempt.request_key)
    return attempt.request_key


def _refusal(
    work: Work, terms: Terms, result: PaymentResult, transaction: Transaction
) -> CashboxError | None:
    """What the merchant's policy holds against an approval; ``auth`` leaves that to the merchant (transaction §5.4)."""
    if terms.policy is None:
        return None
    return validating.judge(work, result, terms.policy, transaction.payment_method_type)


def _learn_payer(transaction: Transaction, result: PaymentResult) -> None:
    """Who paid at PayPal, and the standing agreement where one was asked for (transaction §7.9)."""
    method = transaction.payment_method
    if method is None or result.payer_id is None:
        return
    told = {"payer_id": result.payer_id, "paypal_email": result.payer_email}
    if method.details.get("request_reference_id"):
        told["reference_id"] = result.agreement
    method.details = method.details | {name: text for name, text in told.items() if text is not None}


def _reject(
    work: Work,
    attempt: PaymentAttempt,
    transaction: Transaction,
    uses: Sequence[crediting.Use],
    result: PaymentResult,
) -> None:
    """An approval that the policy refuses is given back; the log shows both (transaction §5.4)."""
    crediting.release(uses)
    transactions.move(work, transaction, TransactionStatusType.CANCELLED, auth_code=result.auth_code)
    charging.mark_for_return(work, attempt.request_key)
    _failed(work, transaction)


def _failed(work: Work, transaction: Transaction) -> None:
    redeeming.release(work, transaction)
    work.uow.events.enqueue("transactions", "attempt failed", transaction.vid, work.now)


def wait(work: Work, transaction: Transaction) -> None:
    """The customer or a bank is next: what the batch asks for, and when a visit to a page is given up."""
    if transaction.status == TransactionStatusType.AUTHORIZED_PENDING.value:
        return
    transaction.lapses_at = work.now + timedelta(hours=work.settings.pending_expiration_hours)
    if transaction.payment_method_type not in _COMPLETED_BY_CALL:
        transaction.capture_at = work.now


def _tokens(transaction: Transaction) -> list[LineTokens]:
    return [tokens for line in transaction.lines for tokens in line.tokens]


def _tax(transaction: Transaction) -> Money:
    """The tax in what was paid: less than its lines show when only a part was approved."""
    currency, lines = transaction.currency, transaction.lines
    shown = Money.of(exclusive_tax_of(lines, currency) + inclusive_tax_of(lines, currency), currency)
    if transaction.original_amount is None:
        return shown
    used = sum((use.amount for use in transaction.credit_uses), Decimal(0))
    missing = transaction.original_amount - transaction.amount
    return split(shown, (transaction.amount + used, missing))[0]
