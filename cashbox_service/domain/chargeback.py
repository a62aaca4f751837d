"""Chargebacks: their statuses, and what each means for the money (refund-chargeback §6, billing-engine §9.6).

Merchants and processors may move a chargeback from any status to any other; which steps are usual is known all the
same, so that an unusual one can be told. Whether the disputed amount counts as lost follows from the status alone.

=============================  ====  ==================================================================
status                         lost  because
=============================  ====  ==================================================================
Retrieval, Responded           no    the bank asks questions, it has not taken the money
Won, CollectionsWon            no    the money came back
Duplicate                      no    the same dispute is counted under another chargeback
every other                    yes   the bank took the money, or took it again
=============================  ====  ==================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from cashbox_service.domain.money import Money


class ChargebackStatus(StrEnum):
    """Where a dispute stands; the values are the wire spellings."""

    NEW = "New"
    RETRIEVAL = "Retrieval"
    RESPONDED = "Responded"
    INCOMPLETE = "Incomplete"
    CHALLENGED = "Challenged"
    REPRESENTED = "Represented"
    NEW_SECOND_CHARGEBACK = "NewSecondChargeback"
    WON = "Won"
    LOST = "Lost"
    LEGITIMATE = "Legitimate"
    PASS = "Pass"
    EXPIRED = "Expired"
    DUPLICATE = "Duplicate"
    COLLECTIONS_NEW = "CollectionsNew"
    COLLECTIONS_WON = "CollectionsWon"
    COLLECTIONS_LOST = "CollectionsLost"


_S = ChargebackStatus

USUAL: Final[Mapping[ChargebackStatus | None, frozenset[ChargebackStatus]]] = {
    None: frozenset({_S.NEW, _S.RETRIEVAL, _S.INCOMPLETE}),
    _S.NEW: frozenset(
        {_S.CHALLENGED, _S.LEGITIMATE, _S.PASS, _S.INCOMPLETE, _S.EXPIRED, _S.DUPLICATE, _S.WON}
    ),
    _S.RETRIEVAL: frozenset({_S.RESPONDED, _S.EXPIRED, _S.NEW}),
    _S.RESPONDED: frozenset({_S.NEW, _S.WON, _S.EXPIRED}),
    _S.INCOMPLETE: frozenset({_S.NEW, _S.EXPIRED}),
    _S.CHALLENGED: frozenset({_S.WON, _S.LOST, _S.REPRESENTED}),
    _S.REPRESENTED: frozenset({_S.NEW_SECOND_CHARGEBACK}),
    _S.NEW_SECOND_CHARGEBACK: frozenset({_S.CHALLENGED, _S.PASS, _S.LOST}),
    _S.WON: frozenset({_S.NEW_SECOND_CHARGEBACK}),
}
"""The steps that the life of a dispute takes; ``None`` stands for one that was not known before."""

_NOT_LOST: Final = frozenset({_S.RETRIEVAL, _S.RESPONDED, _S.WON, _S.DUPLICATE, _S.COLLECTIONS_WON})
_OPEN: Final = frozenset(
    {
        _S.NEW,
        _S.RETRIEVAL,
        _S.RESPONDED,
        _S.INCOMPLETE,
        _S.CHALLENGED,
        _S.REPRESENTED,
        _S.NEW_SECOND_CHARGEBACK,
    }
)
_BEFORE_THE_DISPUTE: Final = frozenset({None, _S.RETRIEVAL, _S.RESPONDED, _S.INCOMPLETE})
_DISPUTED: Final = frozenset({_S.NEW, _S.NEW_SECOND_CHARGEBACK})
_NOT_RECEIVED: Final = frozenset({None, _S.RETRIEVAL, _S.RESPONDED, _S.DUPLICATE})
_HARMLESS: Final = frozenset({_S.WON, _S.DUPLICATE})


def is_usual(previous: ChargebackStatus | None, status: ChargebackStatus) -> bool:
    """Whether the step is one that disputes take. Others are recorded all the same."""
    return previous is status or status in USUAL.get(previous, frozenset())


def loss(status: ChargebackStatus, amount: Money) -> Money:
    """What counts as lost by a chargeback of that amount in that status."""
    return Money.zero(amount.currency) if status in _NOT_LOST else amount


def is_undecided(status: ChargebackStatus) -> bool:
    """Whether the dispute can still be won."""
    return status in _OPEN


def is_received(status: ChargebackStatus | None) -> bool:
    """Whether there is a chargeback at all, more than a question of the bank or a repeated entry."""
    return status not in _NOT_RECEIVED


def forbids_refund(status: ChargebackStatus) -> bool:
    """Whether a transaction with such a chargeback may not be refunded (refund-chargeback §3)."""
    return status not in _HARMLESS


def begins(previous: ChargebackStatus | None, status: ChargebackStatus) -> bool:
    """Whether the dispute begins with this step: the moment at which the merchant's policy acts."""
    return previous in _BEFORE_THE_DISPUTE and status in _DISPUTED
