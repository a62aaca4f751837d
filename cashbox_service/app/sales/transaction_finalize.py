"""A customer comes back from a page of a processor: the sale that waited for him goes on, or is off.

Source: transaction §6.1, §7.9 to §7.12.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from decimal import Decimal

from cashbox_service.app.collection import capturing, charging, instructing
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.sales import transaction_lines, transaction_outcome, transactions
from cashbox_service.app.taxes import taxing
from cashbox_service.domain.errors import (
    IllegalState,
    MissingField,
    TransactionNotFound,
    Unavailable,
    UnsupportedType,
)
from cashbox_service.domain.instruments import PaymentMethodType
from cashbox_service.domain.lines import amount_of, exclusive_tax_of
from cashbox_service.domain.money import Money
from cashbox_service.domain.postal import PostalAddress
from cashbox_service.domain.tax import sum_by_level
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.processors.protocol import KnowsVisits, ProcessorAddress, VisitOutcome
from cashbox_service.store.entities import Transaction

REFUSED_CODE = "false"
"""The confirmation code of a customer who did not agree (transaction §7.10)."""

_S = TransactionStatusType
_WITH_CHALLENGE = frozenset({PaymentMethodType.CREDIT_CARD, PaymentMethodType.MILITARY_STAR})
ON_PAGES = _WITH_CHALLENGE | {PaymentMethodType.HOSTED_PAGE, PaymentMethodType.SKRILL}
"""Types whose provider knows by itself what the customer did."""


class NotWaiting(IllegalState):
    """The sale does not wait for its customer; ``needed`` and ``found`` number the statuses as the contract does."""

    def __init__(self, transaction: Transaction) -> None:
        super().__init__("Transaction", transaction.merchant_transaction_id, transaction.status)
        numbers = list(TransactionStatusType)
        self.needed = numbers.index(_S.AUTHORIZATION_PENDING)
        self.found = numbers.index(_S(transaction.status))


@dataclass(frozen=True, slots=True)
class PayPalOrder:
    """An order as the buyer confirmed it at PayPal, and the tax of where he wants it sent."""

    transaction: Transaction
    billing_address: PostalAddress | None
    shipping_address: PostalAddress | None
    tax_by_level: tuple[tuple[str, Decimal], ...]
    subtotal: Money
    total: Money


def paypal(work: Work, vid: str | None, *, agreed: bool) -> Transaction | None:
    """The buyer came back from PayPal; the sale if it goes on. Raises what `waiting` and `_complete` raise."""
    transaction = _found(work, vid, "payPalTransactionId")
    _check_type(transaction, {PaymentMethodType.PAYPAL})
    if not agreed:
        call_off(work, transaction.vid)
        return None
    _complete(work, transaction.vid, None)
    return transactions.by_vid(work, transaction.vid)


def carrier_billing(work: Work, vid: str | None, confirmation_code: str | None) -> Transaction:
    """The customer read the code that his carrier sent him; the money is taken at once."""
    transaction = _found(work, vid, "transactionVid")
    if not confirmation_code:
        raise MissingField("confirmationCode")
    _check_type(transaction, {PaymentMethodType.CARRIER_BILLING})
    if confirmation_code.lower() == REFUSED_CODE:
        call_off(work, transaction.vid)
    else:
        _complete(work, transaction.vid, confirmation_code)
        capturing.capture(work, transaction.vid)
    return transactions.by_vid(work, transaction.vid)


def customer_action(work: Work, vid: str | None) -> Transaction:
    """The customer came back from a hosted page or a challenge: ask the provider what he did."""
    transaction = _found(work, vid, "transactionVid")
    _check_type(transaction, ON_PAGES)
    was_challenged = any(entry.status == _S.AUTHORIZATION_PENDING for entry in transaction.status_log)
    if transaction.payment_method_type in _WITH_CHALLENGE and not was_challenged:
        raise UnsupportedType(transaction.payment_method_type)
    if transaction.status in (_S.AUTHORIZATION_PENDING, _S.PENDING):
        capturing.ask_after(work, transaction.vid)
    return transactions.by_vid(work, transaction.vid)


def paypal_order(work: Work, vid: str | None) -> PayPalOrder:
    """Where the buyer wants the order sent, and what it costs with the tax there; the waiting sale is changed to that.

    Raises MissingField, TransactionNotFound, NotWaiting for a sale that does not wait for its buyer.
    """
    found = _found(work, vid, "payPalTransactionId")
    _check_type(found, {PaymentMethodType.PAYPAL})
    visit = _visit(work, found)

    def changed() -> PayPalOrder:
        with work.writing():
            transaction = waiting(work, found.vid)
            shipping = _address(visit.shipping_address) or transaction.shipping_address
            transaction.shipping_address = shipping
            _tax_anew(work, transaction, shipping)
        billing = _address(visit.billing_address) or taxing.billing_address(transaction.payment_method)
        return _order(transaction, billing, shipping)

    return starting_over(changed)


def _found(work: Work, vid: str | None, name: str) -> Transaction:
    if not vid:
        raise MissingField(name)
    found = work.uow.transactions.by_vid(vid)
    if found is None:
        raise TransactionNotFound("VID", vid)
    return found


def _check_type(
    transaction: Transaction, types: set[PaymentMethodType] | frozenset[PaymentMethodType]
) -> None:
    if transaction.payment_method_type not in types:
        raise UnsupportedType(transaction.payment_method_type)


def waiting(work: Work, vid: str) -> Transaction:
    """The sale, locked. Raises NotWaiting unless it waits for its customer, and nobody completes it already."""
    transaction = transactions.locked(work, vid)
    attempt = work.uow.transactions.attempt_of(vid)
    if transaction.status != _S.AUTHORIZATION_PENDING or attempt is None or attempt.state != charging.PENDING:
        raise NotWaiting(transaction)
    return transaction


def call_off(work: Work, vid: str) -> None:
    """The customer did not agree. Raises NotWaiting."""

    def cancelled() -> str | None:
        with work.writing():
            return transaction_outcome.cancel(work, waiting(work, vid))

    request_key = starting_over(cancelled)
    if request_key is not None:
        charging.give_back(work, request_key)


def _complete(work: Work, vid: str, confirmation_code: str | None) -> None:
    """Ask for the money once more, now that the customer agreed. Raises NotWaiting, NotAuthorized."""
    intent = starting_over(lambda: intend(work, vid, confirmation_code))
    transaction_outcome.carry_out(work, intent)


def intend(work: Work, vid: str, confirmation_code: str | None) -> charging.Intent:
    """The request that takes the place of the one that waited for the customer. Raises NotWaiting."""
    with work.writing():
        transaction = waiting(work, vid)
        attempt = work.uow.transactions.attempt_of(vid)
        method, details = transaction.payment_method, transaction.status_log[0].details
        assert attempt is not None
        assert method is not None
        attempt.state = charging.SUPERSEDED
        work.uow.flush()
        return charging.intend(
            work,
            purpose=attempt.purpose,
            operation="authorize",
            method=method,
            amount=Money.of(transaction.amount, transaction.currency),
            transaction_vid=vid,
            reference=transaction.merchant_transaction_id,
            statement_identifier=transaction.billing_statement_identifier,
            name_values=tuple((pair.name, pair.value) for pair in transaction.name_values),
            context=attempt.context,
            visit=instructing.Visit(
                token=details.token if details is not None else None, confirmation_code=confirmation_code
            ),
        )


def _visit(work: Work, transaction: Transaction) -> VisitOutcome:
    """What the processor knows of the buyer's visit. Raises Unavailable where it tells nothing before the payment."""
    attempt = work.uow.transactions.attempt_of(transaction.vid)
    details = transaction.status_log[0].details
    if attempt is None or details is None or details.token is None:
        return VisitOutcome()
    processor = work.env.processors.named(attempt.processor)
    if not isinstance(processor, KnowsVisits):
        raise Unavailable("orders of this payment processor")
    work.uow.end_reading()
    return processor.visit_outcome(details.token) or VisitOutcome()


def _tax_anew(work: Work, transaction: Transaction, shipping: PostalAddress | None) -> None:
    """The sale with the tax of where it goes now; its credit stays as it was."""
    account = transaction.account
    of_account = account.shipping_address if account is not None else None
    assessment = taxing.assess(
        work,
        taxing.Sale(
            transaction.currency,
            shipping_address=shipping,
            account_address=of_account.snapshot() if of_account is not None else None,
            billing_address=taxing.billing_address(transaction.payment_method),
            exemptions=(
                *(account.tax_exemptions if account is not None else ()),
                *transaction.tax_exemptions,
            ),
        ),
    )
    transaction.lines = transaction_lines.taxed_anew(transaction.lines, assessment)
    transaction.amount = max(amount_of(transaction.lines, transaction.currency), Decimal(0))
    transaction.sales_tax_address = assessment.sales_tax_address
    kept = [pair for pair in transaction.name_values if not pair.name.startswith(taxing.ERROR_NAME)]
    transaction.name_values = (*kept, *assessment.name_values)


def _order(
    transaction: Transaction, billing: PostalAddress | None, shipping: PostalAddress | None
) -> PayPalOrder:
    total = Money.of(transaction.amount, transaction.currency)
    added = Money.of(exclusive_tax_of(transaction.lines, transaction.currency), transaction.currency)
    taxes = sum_by_level(part for line in transaction.lines if line.is_tax_summary for part in line.tax)
    return PayPalOrder(transaction, billing, shipping, taxes, total - added, total)


def _address(given: ProcessorAddress | None) -> PostalAddress | None:
    """An address as the processor tells it; its names are those of the postal one."""
    return PostalAddress(**dataclasses.asdict(given)) if given is not None else None
