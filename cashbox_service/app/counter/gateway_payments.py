"""Payments for what is owed, through a gateway the caller may choose (dialects §1, §3, §4).

As every charge: the intent is committed, the processor is asked, the outcome is booked. What the attempt has to
remember until then stands in its context; so the call, the janitor and the capture batch settle alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from cashbox_service.app.collection import charging, reversals, settlement
from cashbox_service.app.collection.settlement import Part
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.engine import projecting
from cashbox_service.app.sales import transactions
from cashbox_service.app.wallet import validating
from cashbox_service.domain.allocation import Disposition
from cashbox_service.domain.auth_codes import CANCELLED_BY_DECISION
from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.errors import CashboxError
from cashbox_service.domain.instruments import Secret
from cashbox_service.domain.lines import payment_lines, payment_with_fee_lines
from cashbox_service.domain.money import Money
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.faults import FaultPoint
from cashbox_service.logging import get_logger
from cashbox_service.processors.protocol import OutcomeKind, PaymentResult, Processor
from cashbox_service.store.entities import Account, Invoice, PaymentAttempt, PaymentMethod, Transaction

log = get_logger(__name__)

PURPOSE = "gateway payment"
PAYMENT = "payment"

_S = TransactionStatusType

_PATIENCE = timedelta(days=1)
"""How long an authorized part waits for the rest of its payment before it is taken by itself."""


@dataclass(slots=True)
class GatewayPayment:
    """What is charged to whom, for what.

    ``towards`` is what goes to the invoice, ``fee`` what is charged on top for paying so. ``line`` names one line of
    the invoice. With ``capture`` the money is taken at once, without it when ``companion`` of it is. ``companion`` is
    the VID of a transaction that was authorized before and is given up when this one fails. ``policy``: an approval
    that the merchant's AVS and CVN policy does not accept is given back.
    """

    account: Account
    invoice: Invoice
    method: PaymentMethod
    processor: Processor
    towards: Money
    fee: Money
    line: int | None = None
    capture: bool = True
    policy: bool = False
    companion: str | None = None
    disposition: Disposition = Disposition.CREDIT
    cvn: Secret | None = None
    test_values: tuple[tuple[str, str], ...] = ()
    note: str | None = None
    merchant_transaction_id: str | None = None
    instrument_key: str | None = None
    cashier_session: str | None = None
    name_values: tuple[NameValue, ...] = ()
    details: transactions.OrderDetails = field(default_factory=transactions.OrderDetails)
    particulars: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """``first``: this outcome was recorded, nobody had been before. ``to_return``: requests whose money goes back."""

    first: bool
    to_return: tuple[str, ...] = ()


def intend(work: Work, payment: GatewayPayment) -> tuple[Transaction, charging.Intent]:
    """The transaction and the intent of a charge, inside the caller's write transaction with the account locked."""
    transaction = _transaction(work, payment)
    work.uow.flush()
    intent = charging.intend(
        work,
        purpose=PURPOSE,
        operation="authorize",
        method=payment.method,
        amount=payment.towards + payment.fee,
        transaction_vid=transaction.vid,
        reference=transaction.merchant_transaction_id,
        cvn=payment.cvn,
        name_values=payment.test_values,
        capture=payment.capture,
        processor=payment.processor,
        context={
            "invoice": payment.invoice.vid,
            "line": payment.line,
            "capture": payment.capture,
            "policy": payment.policy,
            "companion": payment.companion,
            "disposition": payment.disposition.value,
        },
    )
    return transaction, intent


def book_by_hand(work: Work, payment: GatewayPayment) -> Transaction:
    """Book money that is there already, inside the caller's write transaction with the account locked."""
    transaction = _transaction(work, payment)
    transactions.move(work, transaction, _S.CAPTURED)
    work.uow.flush()
    _apply(work, transaction, payment.account, payment.invoice, payment.line, payment.disposition)
    return transaction


def carry_out(work: Work, intent: charging.Intent) -> None:
    """Ask the processor and book the outcome. No transaction may be open."""
    finish(work, intent.request_key, charging.ask(work, intent))


def finish(work: Work, request_key: str, result: PaymentResult) -> bool:
    """Book an outcome, and give back what is not wanted; False when that was done before."""
    settled = starting_over(lambda: _settled(work, request_key, result))
    work.reach(FaultPoint.OUTCOME_COMMITTED)
    if not settled.first:
        charging.return_late(work, request_key, result)
    for key in settled.to_return:
        charging.give_back(work, key)
    return settled.first


def recover(work: Work, transaction: Transaction) -> None:
    """Finish a charge whose outcome was not recorded, as the janitor would, because its caller asks again."""
    attempt = work.uow.transactions.attempt_of(transaction.vid)
    if attempt is None or attempt.state != charging.OPEN or attempt.purpose != PURPOSE:
        return
    result = charging.status(work, attempt.processor, attempt.request_key)
    if result.kind is OutcomeKind.UNKNOWN:
        return
    finish(work, attempt.request_key, result)


def settle(work: Work, request_key: str, result: PaymentResult, *, captured: bool = False) -> Settled:
    """Book the outcome of a charge inside the caller's write transaction: now, after a crash, or from the bank."""
    attempt = work.uow.transactions.attempt(request_key)
    assert attempt is not None
    assert attempt.transaction_vid is not None
    transaction = transactions.locked(work, attempt.transaction_vid)
    if not charging.settle(work, request_key, result):
        return Settled(first=False)
    if result.kind is OutcomeKind.UNKNOWN:
        return Settled(first=True)
    if result.kind is not OutcomeKind.APPROVED:
        charging.log_outcome(work, transaction, result)
        declined = result.kind is OutcomeKind.DECLINED
        return Settled(True, _failed(work, attempt, transaction) if declined else ())
    if _refusal(work, attempt, transaction, result) is not None:
        charging.log_outcome(work, transaction, result)
        transactions.move(
            work,
            transaction,
            _S.CANCELLED,
            auth_code=result.auth_code,
            avs_code=result.avs_code,
            cvn_code=result.cvn_code,
        )
        charging.mark_for_return(work, request_key)
        return Settled(True, (request_key, *_failed(work, attempt, transaction)))
    _approved(work, attempt, transaction, result, captured=captured)
    return Settled(first=True)


def _settled(work: Work, request_key: str, result: PaymentResult) -> Settled:
    with work.writing():
        settled = settle(work, request_key, result)
        work.reach(FaultPoint.OUTCOME_WRITTEN)
    return settled


def _refusal(
    work: Work, attempt: PaymentAttempt, transaction: Transaction, result: PaymentResult
) -> CashboxError | None:
    if not attempt.context["policy"]:
        return None
    return validating.judge(work, result, validating.Policy(), transaction.payment_method_type)


def _approved(
    work: Work, attempt: PaymentAttempt, transaction: Transaction, result: PaymentResult, *, captured: bool
) -> None:
    context = attempt.context
    charging.log_outcome(work, transaction, result, captured=captured or context["capture"])
    if not context["capture"] and not captured:
        # Its companion is charged next; were that never to happen, the batch takes this one all the same.
        transaction.capture_at = work.now + _PATIENCE
    assert transaction.account is not None
    invoice = work.uow.invoices.lock(context["invoice"])
    assert invoice is not None
    disposition = Disposition(context["disposition"])
    _apply(work, transaction, transaction.account, invoice, context["line"], disposition)
    if context["companion"] is not None:
        companion = transactions.locked(work, context["companion"])
        if companion.status == _S.AUTHORIZED.value:
            companion.capture_at = work.now


def _failed(work: Work, attempt: PaymentAttempt, transaction: Transaction) -> tuple[str, ...]:
    """The failure is told; a companion that was authorized before is given up too, and its money goes back."""
    work.uow.events.enqueue("transactions", "attempt failed", transaction.vid, work.now)
    companion_vid = attempt.context["companion"]
    if companion_vid is None:
        return ()
    companion = transactions.locked(work, companion_vid)
    if companion.status != _S.AUTHORIZED.value:
        return ()
    assert companion.account is not None
    transactions.move(work, companion, _S.CANCELLED, auth_code=CANCELLED_BY_DECISION)
    reversals.undo(work, companion.account, companion)
    companion.particulars = (companion.particulars or {}) | {"voided": True}
    held = work.uow.transactions.attempt_of(companion.vid)
    assert held is not None
    charging.mark_for_return(work, held.request_key)
    return (held.request_key,)


def _apply(
    work: Work,
    transaction: Transaction,
    account: Account,
    invoice: Invoice,
    line: int | None,
    disposition: Disposition,
) -> None:
    """Allocate what goes to the invoice, and note how far that came."""
    parts = _parts(work, invoice, settlement.towards_invoices(transaction), line)
    before = invoice.allocated
    settlement.apply_parts(work, transaction, account, parts, disposition)
    transaction.particulars = (transaction.particulars or {}) | {
        "applied": format(invoice.allocated - before, "f"),
        "left": format(max(invoice.balance, Decimal(0)), "f"),
    }


def _parts(work: Work, invoice: Invoice, towards: Money, line: int | None) -> Sequence[Part]:
    owed = Money.of(max(projecting.balance_now(work, invoice), Decimal(0)), invoice.currency)
    part = towards.min(owed)
    return [Part(invoice, part, line)] if part.is_positive else []


def _transaction(work: Work, payment: GatewayPayment) -> Transaction:
    total = payment.towards + payment.fee
    autobill = payment.invoice.autobill
    lines = (
        payment_with_fee_lines(payment.towards, payment.fee)
        if payment.fee.is_positive
        else payment_lines(payment.towards)
    )
    return transactions.create(
        work,
        transactions.Outline(
            kind=PAYMENT,
            account=payment.account,
            payment_method=payment.method,
            payment_method_type=payment.method.type,
            currency=total.currency,
            amount=total.amount,
            lines=lines,
            processor=payment.processor.wire_name,
            autobill=autobill,
            invoice=payment.invoice,
            merchant_transaction_id=payment.merchant_transaction_id,
            note=payment.note,
            name_values=payment.name_values,
            instrument_key=payment.instrument_key,
            cashier_session=payment.cashier_session,
            particulars=dict(payment.particulars or {}),
            details=payment.details,
        ),
    )


def lock_both(work: Work, account_vid: str, invoice_vid: str) -> tuple[Account, Invoice]:
    """The account, and then what it owes, as they are now."""
    account = accounts.lock(work, account_vid)
    invoice = work.uow.invoices.lock(invoice_vid)
    assert invoice is not None
    return account, invoice
