"""Proving a payment method without taking money: an authorization of 1.00 that is voided (payment-method §3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from cashbox_service.app.collection import charging, instructing
from cashbox_service.app.context import Work
from cashbox_service.app.sales import transactions
from cashbox_service.domain import verification
from cashbox_service.domain.errors import CashboxError, PaymentRefused
from cashbox_service.domain.instruments import Secret
from cashbox_service.domain.lines import validation_lines
from cashbox_service.domain.money import Money
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.ids import new_vid
from cashbox_service.processors.protocol import OutcomeKind, PaymentRequest, PaymentResult
from cashbox_service.store.entities import (
    Account,
    PaymentAttempt,
    PaymentMethod,
    Transaction,
    TransactionStatusEntry,
)

PURPOSE = "validation"
CHECKED_WITH_PROCESSOR = ("CreditCard", "MilitaryStar", "ApplePay", "ECP", "DirectDebit")
ALWAYS_VALID = ("MerchantAcceptedPayment", "ExternalBilling", "Token", "Amazon")
"""Nobody is asked about these; Amazon's come with an agreement that the buyer has confirmed there."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Which halves of the AVS/CVN policy the caller waives."""

    ignore_avs: bool = False
    ignore_cvn: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A validation that is about to be made: prepared inside a transaction, carried out after it."""

    key: str
    processor: str
    request: PaymentRequest
    method_type: str
    transaction_vid: str
    merchant_transaction_id: str


@dataclass(frozen=True, slots=True)
class Validation:
    """What a validation came to. ``refusal`` is set when the payment method must not be used."""

    result: PaymentResult
    status: TransactionStatusEntry
    refusal: CashboxError | None


def plan(
    work: Work,
    method: PaymentMethod,
    cvn: Secret | None,
    amount: Money | None = None,
    statement_identifier: str | None = None,
) -> Plan:
    """Prepare a request for money from a payment method, stored or about to be; 1.00 proves it."""
    key = new_vid()
    reference = work.next_transaction_id()
    if amount is None:
        amount = Money.of(Decimal(1), method.currency or work.settings.default_currency)
    request = instructing.prepare(work, key, method, amount, reference, cvn, statement_identifier)
    processor = work.env.processors.for_type(method.type).name
    return Plan(key, processor, request, method.type, new_vid(), reference)


def carry_out(work: Work, prepared: Plan, policy: Policy) -> Validation:
    """Commit the intent, ask the processor, void what it approved, commit the outcome, judge it."""
    with work.writing():
        note_attempt(work, prepared, "validate", PURPOSE)
    intent = charging.Intent(prepared.key, prepared.processor, "validate", prepared.request)
    result = charging.ask(work, intent)
    with work.writing():
        charging.settle(work, prepared.key, result)
    refusal = judge(work, result, policy, prepared.method_type)
    status = TransactionStatusType.CANCELLED if refusal else TransactionStatusType.AUTHORIZED_FOR_VALIDATION
    return Validation(result, status_entry(work, prepared.method_type, status, result), refusal)


def note_attempt(work: Work, prepared: Plan, operation: str, purpose: str) -> None:
    """Record the intent of a request whose transaction is stored, if at all, with its outcome."""
    work.uow.transactions.add(
        PaymentAttempt(
            request_key=prepared.key,
            transaction_vid=prepared.transaction_vid,
            processor=prepared.processor,
            operation=operation,
            purpose=purpose,
            context={},
            amount=prepared.request.amount.amount,
            currency=prepared.request.amount.currency,
            state=charging.OPEN,
            created_at=work.env.clock.now(),
        )
    )


def judge(work: Work, result: PaymentResult, policy: Policy, method_type: str) -> CashboxError | None:
    """What is wrong with an authorization, by the processor or by the merchant's policy (transaction §5.4)."""
    if result.kind is OutcomeKind.DECLINED:
        return PaymentRefused(result.auth_code or "", result.is_hard)
    if result.kind is OutcomeKind.UNKNOWN:
        return PaymentRefused("", hard=False, message="Unable to authorize payment method: no answer")
    settings = work.settings
    return verification.verdict(
        verification.VerificationPolicy(
            settings.avs_refused_results, settings.cvn_refused_codes, settings.avs_cvn_required
        ),
        avs_code=result.avs_code,
        cvn_code=result.cvn_code,
        ignore_avs=policy.ignore_avs,
        ignore_cvn=policy.ignore_cvn,
        payment_method_type=method_type,
    )


def record(
    work: Work, prepared: Plan, outcome: Validation, account: Account | None, method: PaymentMethod
) -> Transaction:
    """Keep the internal transaction of a successful validation; never captured, never billed."""
    amount = prepared.request.amount
    transaction = transactions.create(
        work,
        transactions.Outline(
            kind="validation",
            vid=prepared.transaction_vid,
            merchant_transaction_id=prepared.merchant_transaction_id,
            account=account,
            payment_method=method,
            payment_method_type=method.type,
            currency=amount.currency,
            amount=amount.amount,
            lines=validation_lines(amount),
            processor=work.env.processors.for_type(method.type).wire_name,
        ),
    )
    transactions.move(
        work,
        transaction,
        TransactionStatusType.AUTHORIZED_FOR_VALIDATION,
        auth_code=outcome.result.auth_code,
        avs_code=outcome.result.avs_code,
        cvn_code=outcome.result.cvn_code,
        vin_avs=outcome.status.vin_avs,
    )
    return transaction


def status_entry(
    work: Work, method_type: str, status: TransactionStatusType, result: PaymentResult
) -> TransactionStatusEntry:
    """A log entry that is shown in an answer and not stored."""
    avs = verification.normalise_avs(result.avs_code) if result.avs_code is not None else None
    return TransactionStatusEntry(
        status=status.value,
        at=work.now,
        payment_method_type=method_type,
        auth_code=result.auth_code or "",
        avs_code=result.avs_code,
        cvn_code=result.cvn_code,
        vin_avs=avs.value if avs is not None else None,
    )
