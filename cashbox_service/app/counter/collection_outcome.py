"""What a payment on a collection attempt has come to, from what is stored of it (dialects §3)."""

from __future__ import annotations

from decimal import Decimal

from cashbox_service.app.collection import settlement
from cashbox_service.app.context import Work
from cashbox_service.app.counter.collection_drafts import Tried, guid_of
from cashbox_service.domain import collection, verification
from cashbox_service.domain.collection import CollectionMethod, Flag, Standing
from cashbox_service.domain.lines import convenience_fee_of
from cashbox_service.domain.money import quantise
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.store.entities import Transaction

_S = TransactionStatusType
_WAITING = (_S.AUTHORIZED_PENDING, _S.AUTHORIZATION_PENDING, _S.PENDING)

ON_THE_WAY = ("New", *(status.value for status in _WAITING))
"""Statuses of a payment whose money may still come."""


def is_main(transaction: Transaction) -> bool:
    """Not the fee part of a payment whose main part stands for both."""
    told = transaction.particulars or {}
    return "method" in told and not told.get("voided") and not has_rest(transaction)


def has_rest(transaction: Transaction) -> bool:
    """Whether it is a fee part that was approved: the main part comes behind it."""
    rest = Decimal((transaction.particulars or {}).get("rest", "0"))
    return bool(rest) and transaction.status in (_S.AUTHORIZED.value, _S.CAPTURED.value)


def method_of(transaction: Transaction) -> CollectionMethod:
    named = (transaction.particulars or {}).get("method")
    return CollectionMethod(named) if named is not None else CollectionMethod.OTHER


def told_before(transaction: Transaction | None) -> Flag:
    return Flag((transaction.particulars or {}).get("told", 0)) if transaction is not None else Flag.NONE


def _companion_of(work: Work, transaction: Transaction) -> Transaction | None:
    attempt = work.uow.transactions.attempt_of(transaction.vid)
    vid = attempt.context.get("companion") if attempt is not None else None
    return work.uow.transactions.by_vid(vid) if vid is not None else None


def tried_of(work: Work, guid: str, transaction: Transaction) -> Tried:
    """What a payment has come to, from what is stored of it and of its fee part."""
    told = transaction.particulars or {}
    status = _S(transaction.status)
    fee_part = _companion_of(work, transaction)
    towards = settlement.towards_invoices(transaction).amount
    newest = transaction.status_log[0]
    avs = newest.avs_code
    captured = status in (_S.CAPTURED, _S.AUTHORIZED, _S.REFUNDED)
    waiting = status in _WAITING
    method = method_of(transaction)
    applied = Decimal(told.get("applied", "0")) if captured else Decimal(0)
    outcome = collection.outcome(
        Standing(
            method=method,
            captured=captured,
            declined=status is _S.CANCELLED,
            waiting_for_bank=waiting,
            towards=towards,
            applied=applied,
            left=Decimal(told.get("left", "0")),
            avs_failed=avs is not None
            and verification.normalise_avs(avs).value in work.settings.avs_refused_results,
            cvn_failed=newest.cvn_code is not None
            and verification.bare_code(newest.cvn_code) in work.settings.cvn_refused_codes,
            fee_voided=fee_part is not None and fee_part.status == _S.CANCELLED.value,
        ),
        told_before(transaction),
    )
    if waiting and method is not CollectionMethod.CASH:
        applied = towards
    if fee_part is not None and fee_part.status in (_S.AUTHORIZED.value, _S.CAPTURED.value):
        applied += Decimal((fee_part.particulars or {}).get("applied", "0"))
    return Tried(
        attempt_id=guid,
        outcome=outcome,
        applied=quantise(applied, transaction.currency),
        fee=convenience_fee_of(transaction.lines, transaction.currency),
        payment_id=guid_of(transaction.vid),
        gateway_response=newest.auth_code or "",
        method=method,
        transaction=transaction,
    )
