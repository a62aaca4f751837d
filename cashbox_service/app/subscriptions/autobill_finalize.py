"""A customer came back from a page, and the AutoBill that waited for him begins (autobill §6.22 – §6.24)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from cashbox_service.app.collection import capturing, charging
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.sales import transaction_finalize, transactions
from cashbox_service.app.sales.transaction_finalize import REFUSED_CODE, NotWaiting
from cashbox_service.app.subscriptions import activating
from cashbox_service.domain.errors import MissingField, TransactionNotFound, UnsupportedType
from cashbox_service.domain.instruments import PaymentMethodType
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.faults import FaultPoint
from cashbox_service.store.entities import AutoBill, Transaction

_S = TransactionStatusType


@dataclass(frozen=True, slots=True)
class Finalized:
    """The transaction that waited, and its AutoBill, as they are now."""

    transaction: Transaction
    autobill: AutoBill


def paypal(work: Work, vid: str | None, *, agreed: bool) -> Finalized:
    """The buyer came back from PayPal. Raises MissingField, TransactionNotFound, UnsupportedType, NotWaiting."""
    found = _found(work, vid, "payPalTransactionId", {PaymentMethodType.PAYPAL})
    if agreed:
        _complete(work, found.vid, None)
    else:
        transaction_finalize.call_off(work, found.vid)
    return _finalized(work, found.vid)


def carrier_billing(work: Work, vid: str | None, confirmation_code: str | None) -> Finalized:
    """The customer read the code that his carrier sent him. Raises as `paypal`."""
    found = _found(work, vid, "transactionVid", {PaymentMethodType.CARRIER_BILLING})
    if not confirmation_code:
        raise MissingField("confirmationCode")
    if confirmation_code.lower() == REFUSED_CODE:
        transaction_finalize.call_off(work, found.vid)
    else:
        _complete(work, found.vid, confirmation_code)
        capturing.capture(work, found.vid)
    return _finalized(work, found.vid)


def customer_action(work: Work, vid: str | None) -> Finalized:
    """The customer came back from a page whose provider knows what he did. Raises as `paypal`."""
    found = _found(work, vid, "transactionVid", transaction_finalize.ON_PAGES)
    if found.status not in (_S.AUTHORIZATION_PENDING, _S.PENDING):
        raise NotWaiting(found)
    capturing.ask_after(work, found.vid)
    return _finalized(work, found.vid)


def _found(work: Work, vid: str | None, name: str, types: Collection[str]) -> Transaction:
    """A transaction of an AutoBill."""
    if not vid:
        raise MissingField(name)
    found = work.uow.transactions.by_vid(vid)
    if found is None or found.autobill_vid is None:
        raise TransactionNotFound("VID", vid)
    if found.payment_method_type not in types:
        raise UnsupportedType(found.payment_method_type)
    return found


def _complete(work: Work, vid: str, confirmation_code: str | None) -> None:
    """Ask once more, now that the customer agreed; without an answer the janitor learns what became of it."""
    intent = starting_over(lambda: transaction_finalize.intend(work, vid, confirmation_code))
    result = charging.ask(work, intent)
    with work.writing():
        settled = activating.settle(work, intent.request_key, result)
        work.reach(FaultPoint.OUTCOME_WRITTEN)
    work.reach(FaultPoint.OUTCOME_COMMITTED)
    if settled.gives_back:
        charging.give_back(work, intent.request_key)
    elif not settled.first:
        charging.return_late(work, intent.request_key, result)


def _finalized(work: Work, vid: str) -> Finalized:
    transaction = transactions.by_vid(work, vid)
    assert transaction.autobill is not None
    return Finalized(transaction, transaction.autobill)
