"""A customer comes back from the page where he approved the first payment of an AutoBill (autobill §6.22 – §6.24)."""

from __future__ import annotations

from dataclasses import dataclass

from cashbox_service.app import activation, transaction_finalize, transactions
from cashbox_service.app.context import Work
from cashbox_service.domain.errors import MissingField, TransactionNotFound
from cashbox_service.domain.transaction_state import AttemptSummary, TransactionStatusType, summary
from cashbox_service.store.entities import AutoBill, Transaction, TransactionStatusEntry

_BEGUN = (activation.KIND, "recurring", "validation")
"""Kinds of the transaction that an AutoBill waits, or waited, for."""


@dataclass(frozen=True, slots=True)
class Finalized:
    """Where the first payment stands, and the AutoBill unless the payment failed."""

    status: TransactionStatusEntry
    autobill: AutoBill | None


def paypal(work: Work, vid: str | None, *, agreed: bool) -> Finalized:
    """Raises MissingField, TransactionNotFound, UnsupportedType, NotWaiting."""
    found = _found(work, vid, "payPalTransactionId")
    transaction_finalize.paypal(work, found.vid, agreed=agreed)
    return _finalized(work, found.vid)


def carrier_billing(work: Work, vid: str | None, confirmation_code: str | None) -> Finalized:
    """Raises as `paypal`."""
    found = _found(work, vid, "transactionVid")
    transaction_finalize.carrier_billing(work, found.vid, confirmation_code)
    return _finalized(work, found.vid)


def customer_action(work: Work, vid: str | None) -> Finalized:
    """Raises as `paypal`; a customer who has not decided yet is waited for."""
    found = _found(work, vid, "transactionVid")
    transaction_finalize.customer_action(work, found.vid)
    return _finalized(work, found.vid)


def _found(work: Work, vid: str | None, name: str) -> Transaction:
    """The transaction that an AutoBill was begun with."""
    if not vid:
        raise MissingField(name)
    found = work.uow.transactions.by_vid(vid)
    if found is None or found.autobill_vid is None or found.kind not in _BEGUN:
        raise TransactionNotFound("VID", vid)
    return found


def _finalized(work: Work, vid: str) -> Finalized:
    work.uow.end_reading()
    transaction = transactions.by_vid(work, vid)
    failed = summary(TransactionStatusType(transaction.status)) is AttemptSummary.FAILURE
    proven = transaction.status == TransactionStatusType.AUTHORIZED_FOR_VALIDATION
    shown = transaction.autobill if proven or not failed else None
    return Finalized(transaction.status_log[0], shown)
