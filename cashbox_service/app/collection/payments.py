"""makePayment: a payment against an invoice, with any payment method (autobill §6.26, account §3.3).

A merchant-accepted payment is booked in one transaction. A payment through a processor takes three steps: the
transaction and the intent are committed, the processor is called, the outcome is booked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cashbox_service.app.collection import charging, settlement
from cashbox_service.app.collection.settlement import Target
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import Reference
from cashbox_service.app.sales import transactions
from cashbox_service.app.subscriptions import autobill_lookup
from cashbox_service.app.wallet import payers, payment_methods
from cashbox_service.app.wallet.drafts import PaymentMethodDraft
from cashbox_service.domain.allocation import Disposition, payment_amount, select_target
from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.credit import OwnerKind
from cashbox_service.domain.errors import (
    Duplicate,
    InvalidRequest,
    MissingField,
    NotFound,
)
from cashbox_service.domain.instruments import Secret, check_chargeable_alone
from cashbox_service.domain.lines import payment_lines
from cashbox_service.domain.money import Money
from cashbox_service.domain.transaction_state import AttemptSummary, TransactionStatusType, summary
from cashbox_service.faults import FaultPoint
from cashbox_service.processors.protocol import PaymentResult
from cashbox_service.store.entities import Account, AutoBill, Invoice, PaymentMethod, Transaction

PURPOSE = "payment"


@dataclass(slots=True)
class PaymentRequest:
    """A payment as the caller orders it."""

    payment_method: PaymentMethodDraft | None
    amount: Decimal | None
    currency: str | None = None
    invoice_id: str | None = None
    overage_disposition: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentMade:
    """The transaction a payment made, and what became of it: Success, Failure or Pending."""

    transaction: Transaction
    summary: str


@dataclass(slots=True)
class _Order:
    """A payment that can be made: who pays what on which invoice, and what else the account owes."""

    account: Account
    autobill: AutoBill | None
    target: Invoice
    candidates: Sequence[Invoice]
    made_on: OwnerKind
    amount: Money
    disposition: Disposition
    note: str | None


Foretell = Callable[[PaymentMade], None]
"""Is told, within its transaction, of a payment that is about to be committed."""


def pay_autobill(
    work: Work, reference: Reference, request: PaymentRequest, foretell: Foretell | None = None
) -> PaymentMade:
    """Pay an invoice of this AutoBill.

    Raises AutoBillNotFound, and InvalidRequest with its kinds for everything that prevents the payment. A declined
    payment is no error.
    """
    if reference.is_empty:
        raise MissingField("autobill")
    draft = _draft_of(request)
    if not payers.is_by_hand(draft):
        autobill = autobill_lookup.resolve(work, reference)
        return _charge(work, autobill.account_vid, autobill, request, draft)

    def booked() -> PaymentMade:
        with work.writing(batched=True):
            found = work.uow.payments.autobill(reference.vid, reference.merchant_id)
            if found is None:
                raise autobill_lookup.not_found(reference)
            autobill_lookup.check_identity(work, found, reference)
            return _book_by_hand(work, found.account, found, request, draft, foretell)

    made = starting_over(booked)
    work.reach(FaultPoint.OUTCOME_COMMITTED)
    return made


def pay_account(
    work: Work, reference: Reference, request: PaymentRequest, foretell: Foretell | None = None
) -> PaymentMade:
    """Pay an invoice of any AutoBill of the account. Raises AccountNotFound, and as pay_autobill."""
    draft = _draft_of(request)
    account = accounts.resolve(work, reference)
    if not payers.is_by_hand(draft):
        return _charge(work, account.vid, None, request, draft)

    def booked() -> PaymentMade:
        with work.writing(batched=True):
            locked = work.uow.payments.account(account.vid, None)
            if locked is None:
                raise accounts.not_found(reference)
            return _book_by_hand(work, locked, None, request, draft, foretell)

    made = starting_over(booked)
    work.reach(FaultPoint.OUTCOME_COMMITTED)
    return made


def _draft_of(request: PaymentRequest) -> PaymentMethodDraft:
    if request.payment_method is None:
        raise MissingField("paymentMethod")
    return request.payment_method


def _book_by_hand(
    work: Work,
    account: Account,
    autobill: AutoBill | None,
    request: PaymentRequest,
    draft: PaymentMethodDraft,
    foretell: Foretell | None,
) -> PaymentMade:
    """Book a merchant-accepted payment, in the caller's transaction with the account locked."""
    order = _order(work, account, autobill, work.uow.payments.invoices(account), request)
    method = payers.by_hand(work, order.account, draft, order.amount)
    transaction = _transaction(work, order, method, draft)
    transactions.move(work, transaction, TransactionStatusType.CAPTURED)
    target = Target(account, order.target, order.made_on, order.disposition)
    settlement.apply(work, transaction, order.amount, target, order.candidates)
    work.reach(FaultPoint.OUTCOME_WRITTEN)
    made = _made(transaction)
    if foretell is not None:
        work.uow.flush()  # it is told of rows that can be read
        foretell(made)
    return made


def _charge(
    work: Work,
    account_vid: str,
    autobill: AutoBill | None,
    request: PaymentRequest,
    draft: PaymentMethodDraft,
) -> PaymentMade:
    """Take a payment through a processor: commit the intent, ask, book the outcome."""
    transaction, intent = starting_over(lambda: _intend(work, account_vid, autobill, request, draft))
    result = charging.ask(work, intent)
    settled = starting_over(lambda: _settle(work, transaction.vid, intent.request_key, result))
    work.reach(FaultPoint.OUTCOME_COMMITTED)
    if not settled:
        charging.return_late(work, intent.request_key, result)
    return _made(transaction)


def _intend(
    work: Work,
    account_vid: str,
    autobill: AutoBill | None,
    request: PaymentRequest,
    draft: PaymentMethodDraft,
) -> tuple[Transaction, charging.Intent]:
    with work.writing():
        account = accounts.lock(work, account_vid)
        order = _order(work, account, autobill, work.uow.invoices.accepting(account_vid), request)
        method = _payment_method(work, order, draft)
        transaction = _transaction(work, order, method, draft)
        work.uow.flush()
        intent = charging.intend(
            work,
            purpose=PURPOSE,
            operation="authorize",
            method=method,
            amount=order.amount,
            transaction_vid=transaction.vid,
            reference=transaction.merchant_transaction_id,
            cvn=_cvn(draft),
            context=settlement.context_of(order.target, order.made_on, order.disposition),
        )
    return transaction, intent


def _settle(work: Work, transaction_vid: str, request_key: str, result: PaymentResult) -> bool:
    with work.writing():
        settled = settlement.settle_payment(work, transaction_vid, request_key, result)
        work.reach(FaultPoint.OUTCOME_WRITTEN)
    return settled


def _order(
    work: Work,
    account: Account,
    autobill: AutoBill | None,
    candidates: Sequence[Invoice],
    request: PaymentRequest,
) -> _Order:
    """Find out what is to be paid. ``candidates`` are the account's invoices that can take a payment at all."""
    disposition = Disposition.parse(request.overage_disposition)
    if request.amount is None:
        raise MissingField("amount", "Amount must be greater than zero.")
    eligible = [one for one in candidates if autobill is None or one.autobill_vid == autobill.vid]
    named = request.invoice_id
    if named and not any(one.invoice_id == named for one in eligible):
        eligible += work.uow.invoices.of_account_numbered(
            account.vid, named, autobill.vid if autobill is not None else None
        )
    if autobill is None:
        owner = f"Account {account.merchant_account_id}"
    else:
        owner = f"AutoBill Product Serial {autobill.merchant_autobill_id}"
    try:
        target = select_target([settlement.payable(one) for one in eligible], named, owner)
    except NotFound as error:
        raise InvalidRequest(str(error)) from error
    invoice = next(one for one in eligible if one.vid == target.key)
    return _Order(
        account=account,
        autobill=invoice.autobill,
        target=invoice,
        candidates=candidates,
        made_on=OwnerKind.ACCOUNT if autobill is None else OwnerKind.AUTOBILL,
        amount=payment_amount(request.amount, request.currency or None, target),
        disposition=disposition,
        note=request.note,
    )


def _payment_method(work: Work, order: _Order, draft: PaymentMethodDraft) -> PaymentMethod:
    """The payment method to charge, stored on the account when it is new (payment-method §1.1)."""
    try:
        known = payment_methods.find(work, draft)
    except NotFound as error:
        raise InvalidRequest(str(error)) from error
    if known is not None and known.type == payers.MERCHANT_ACCEPTED:
        raise Duplicate(
            "merchantPaymentMethodId",
            known.merchant_payment_method_id or known.vid,
            "A MerchantAcceptedPayment must be a new payment method on every call.",
        )
    if known is None and draft.type is None:
        if draft.merchant_payment_method_id is None:
            raise MissingField("paymentMethod")
        raise InvalidRequest("Payment method not found.")
    method = payers.to_charge(work, order.account, known, draft)
    check_chargeable_alone(method.type, method.details)
    return method


def _transaction(work: Work, order: _Order, method: PaymentMethod, draft: PaymentMethodDraft) -> Transaction:
    autobill = order.autobill
    return transactions.create(
        work,
        transactions.Outline(
            kind="payment",
            account=order.account,
            payment_method=method,
            payment_method_type=method.type,
            currency=order.amount.currency,
            amount=order.amount.amount,
            lines=payment_lines(order.amount),
            processor=work.env.processors.for_type(method.type).wire_name,
            autobill=autobill,
            invoice=order.target,
            payment_id=payers.payment_id_of(draft),
            note=order.note,
            name_values=_names_of(autobill),
            statement_identifier=autobill.billing_statement_identifier if autobill is not None else None,
        ),
    )


def _names_of(autobill: AutoBill | None) -> tuple[NameValue, ...]:
    if autobill is None:
        return ()
    return (
        NameValue("vin:AutoBillVID", autobill.vid),
        NameValue("vin:MerchantAutoBillIdentifier", autobill.merchant_autobill_id),
    )


def _cvn(draft: PaymentMethodDraft) -> Secret | None:
    number = payment_methods.cvn_of(draft)
    return Secret(number) if number else None


def _made(transaction: Transaction) -> PaymentMade:
    status = TransactionStatusType(transaction.status)
    if status is TransactionStatusType.NEW:
        # The processor did not answer and may have taken the money: whoever reads Failure would pay twice.
        return PaymentMade(transaction, AttemptSummary.PENDING.value)
    return PaymentMade(transaction, summary(status).value)
