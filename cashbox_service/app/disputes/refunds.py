"""Refunds: reading them, and what they leave of a transaction (refund-chargeback §2, §4.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import Reference
from cashbox_service.app.lookup import named
from cashbox_service.app.paging import window
from cashbox_service.app.sales import transactions
from cashbox_service.app.wallet import payment_method_search
from cashbox_service.app.wallet.drafts import PaymentMethodDraft
from cashbox_service.domain.credit import CreditUse
from cashbox_service.domain.errors import (
    MissingField,
    NothingFound,
    PaymentMethodNotFound,
    RefundNotFound,
    TransactionNotFound,
)
from cashbox_service.domain.money import Money
from cashbox_service.domain.refund import Earlier, Left, RefundStatus, Strategy, left_of
from cashbox_service.domain.refund_credit import still_used
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.store.entities import Refund, Transaction

BEFORE_CAPTURE = (TransactionStatusType.AUTHORIZED, TransactionStatusType.AUTHORIZED_PENDING)
"""Statuses of a transaction whose money was not taken yet."""


def by_vid(work: Work, vid: str | None) -> Refund:
    """Raises MissingField, RefundNotFound."""
    return named("vid", vid, work.uow.refunds.by_vid, RefundNotFound, "VID")


def of_account(work: Work, reference: Reference, include_children: bool) -> Sequence[Refund]:
    """Oldest first. Raises MissingField, AccountNotFound, NothingFound."""
    account = accounts.resolve(work, reference)
    owners = accounts.with_children(work, account, include_children)
    found = work.uow.refunds.of_accounts(owners)
    if not found:
        raise NothingFound("No refunds found for account.")
    return found


def of_transaction(work: Work, reference: Reference) -> Sequence[Refund]:
    """Failed ones included, oldest first. Raises MissingField, TransactionNotFound, NothingFound."""
    if reference.is_empty:
        raise MissingField("transaction")
    transaction = transactions.find(work, reference)
    if transaction is None:
        key = "VID" if reference.vid is not None else "merchantTransactionId"
        raise TransactionNotFound(key, reference.vid or reference.merchant_id)
    found = work.uow.refunds.of_transaction(transaction.vid)
    if not found:
        raise NothingFound("No refunds found for transaction.")
    return found


def between(
    work: Work, since: datetime | None, until: datetime | None, pattern: PaymentMethodDraft | None
) -> Sequence[Refund]:
    """By their timestamps; none is no error. Raises MissingField, InvalidWindow, PaymentMethodNotFound."""
    if since is None:
        raise MissingField("timestamp")
    lower, upper = window(since, until, work.now)
    vids = None
    if pattern is not None:
        methods = payment_method_search.matching(work, pattern)
        if not methods:
            raise PaymentMethodNotFound("VID", pattern.vid or "")
        vids = [method.vid for method in methods]
    return work.uow.refunds.between(lower, upper, vids)


def standing(refunds: Iterable[Refund]) -> list[Refund]:
    """Those that count: all that did not fail."""
    return [refund for refund in refunds if refund.status != RefundStatus.FAILED]


def left(transaction: Transaction, refunds: Iterable[Refund]) -> Left:
    """What these refunds leave of their transaction."""
    currency = transaction.currency
    used = sum((use.amount for use in transaction.credit_uses), Decimal(0))
    return left_of(
        Money.of(transaction.amount, currency),
        Money.of(used, currency),
        transaction.lines,
        [_earlier(refund) for refund in refunds],
    )


def _earlier(refund: Refund) -> Earlier:
    """Of one that failed only the credit counts that was spent before it could be taken back."""
    credit = sum((restored.standing for restored in refund.credits), Decimal(0))
    if refund.status == RefundStatus.FAILED:
        return Earlier(Strategy.REMAINING_BALANCE, Decimal(0), credit)
    return Earlier(Strategy(refund.strategy), refund.amount, credit, refund.items)


def credit_left(work: Work, transaction: Transaction) -> list[CreditUse]:
    """What of the credit that a transaction used no refund has given back."""
    made = work.uow.refunds.of_transaction(transaction.vid)
    return still_used(transaction.credit_uses, (restored for refund in made for restored in refund.credits))


def stops_capture(work: Work, transaction: Transaction) -> bool:
    """Whether everything of a transaction is refunded before its money was taken: then it is cancelled instead.

    Not once the processor has refused to cancel: what it took is captured and paid back.
    """
    if transaction.status not in BEFORE_CAPTURE:
        return False
    made = standing(work.uow.refunds.of_transaction(transaction.vid))
    return bool(made) and not any(one.void_declined for one in made) and left(transaction, made).is_nothing
