"""The status machine of a transaction, and what a payment attempt came to (transaction §4, §6.1)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from cashbox_service.domain.errors import IllegalState


class TransactionStatusType(StrEnum):
    """Where the money of a transaction stands; the values are the wire spellings."""

    NEW = "New"
    AUTHORIZATION_PENDING = "AuthorizationPending"
    AUTHORIZED_PENDING = "AuthorizedPending"
    AUTHORIZED = "Authorized"
    AUTHORIZED_FOR_VALIDATION = "AuthorizedForValidation"
    CANCELLED = "Cancelled"
    CAPTURED = "Captured"
    SETTLED = "Settled"
    REFUNDED = "Refunded"
    PENDING = "Pending"


class AttemptSummary(StrEnum):
    """A payment attempt in one word (transaction §4, TransactionAttemptSummary)."""

    SUCCESS = "Success"
    FAILURE = "Failure"
    PENDING = "Pending"


_S = TransactionStatusType

_NEXT: Final[Mapping[TransactionStatusType | None, frozenset[TransactionStatusType]]] = {
    None: frozenset({_S.NEW}),
    _S.NEW: frozenset(
        {
            _S.AUTHORIZED,
            _S.AUTHORIZED_FOR_VALIDATION,
            _S.AUTHORIZATION_PENDING,
            _S.AUTHORIZED_PENDING,
            _S.CANCELLED,
            _S.CAPTURED,
        }
    ),
    _S.AUTHORIZATION_PENDING: frozenset(
        {
            _S.AUTHORIZED,
            # The customer agreed to an AutoBill of which nothing is due yet.
            _S.AUTHORIZED_FOR_VALIDATION,
            _S.CANCELLED,
            _S.PENDING,
            _S.AUTHORIZED_PENDING,
            _S.CAPTURED,
        }
    ),
    _S.PENDING: frozenset({_S.CAPTURED, _S.AUTHORIZED, _S.CANCELLED}),
    _S.AUTHORIZED_PENDING: frozenset({_S.CAPTURED, _S.CANCELLED}),
    _S.AUTHORIZED: frozenset({_S.CAPTURED, _S.CANCELLED}),
    # Cancelled: the bank returned the deposit, the money is lost.
    _S.CAPTURED: frozenset({_S.REFUNDED, _S.CANCELLED}),
    # Every further partial refund is logged anew; the last one that fails puts the transaction back.
    _S.REFUNDED: frozenset({_S.REFUNDED, _S.CAPTURED}),
}
"""Every legal step; ``None`` stands for a transaction that does not exist yet."""

_SUMMARIES: Final[Mapping[TransactionStatusType, AttemptSummary]] = {
    _S.AUTHORIZED: AttemptSummary.SUCCESS,
    _S.CAPTURED: AttemptSummary.SUCCESS,
    _S.AUTHORIZATION_PENDING: AttemptSummary.PENDING,
    _S.AUTHORIZED_PENDING: AttemptSummary.PENDING,
    _S.PENDING: AttemptSummary.PENDING,
}


def can_advance(
    current: TransactionStatusType | None, new: TransactionStatusType, *, reported: bool = False
) -> bool:
    """Whether the step is legal. What was charged elsewhere and is reported or migrated comes as supplied."""
    return reported or new in _NEXT.get(current, frozenset())


def advance(
    current: TransactionStatusType | None,
    new: TransactionStatusType,
    *,
    key: str = "",
    reported: bool = False,
) -> TransactionStatusType:
    """``new``, when the step is legal; else `IllegalState` with ``key``, the transaction's id."""
    if not can_advance(current, new, reported=reported):
        state = "" if current is None else current.value
        raise IllegalState("Transaction", key, state)
    return new


def summary(status: TransactionStatusType) -> AttemptSummary:
    """What an attempt with this resulting status came to."""
    return _SUMMARIES.get(status, AttemptSummary.FAILURE)
