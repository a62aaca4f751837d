"""The status log of a sale that was made elsewhere, kept as it is told (transaction §4, §7.7, §7.8).

A log only grows: entries that are known already are not written again, and none is taken away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from cashbox_service.app.context import Work
from cashbox_service.app.offers.catalog import check_length
from cashbox_service.app.sales import transactions
from cashbox_service.app.sales.drafts import StatusDraft
from cashbox_service.domain.errors import MissingField
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.domain.verification import normalise_avs
from cashbox_service.store.entities import Transaction, TransactionStatusEntry

MAX_CODE = 64


def checked(told: Sequence[StatusDraft]) -> tuple[StatusDraft, ...]:
    """The log with the verdicts of its address checks, newest first as it was. Raises InvalidRequest and its kinds."""
    if not told:
        raise MissingField("statusLog")
    return tuple([_checked(entry) for entry in told])


def happened_at(told: Sequence[StatusDraft]) -> datetime | None:
    """When the sale was made, as far as its log tells: at its oldest entry."""
    moments = [entry.timestamp for entry in told if entry.timestamp is not None]
    return min(moments, default=None)


def extend(work: Work, transaction: Transaction, told: Sequence[StatusDraft]) -> None:
    """Write what is new, oldest first; an entry without a time happened when the sale did."""
    for entry in reversed(told):
        if not any(_is_same(entry, known) for known in transaction.status_log):
            at = entry.timestamp or transaction.happened_at
            transactions.note(work, transaction, replace(entry, timestamp=at))


def _is_same(entry: StatusDraft, known: TransactionStatusEntry) -> bool:
    """Whether an entry is known; a sale is New only once."""
    if entry.status != known.status:
        return False
    if entry.status == TransactionStatusType.NEW:
        return True
    return (entry.auth_code, entry.timestamp or known.at) == (known.auth_code, known.at)


def _checked(entry: StatusDraft) -> StatusDraft:
    if entry.status is None:
        raise MissingField("statusLog.status")
    for name, code in (
        ("authCode", entry.auth_code),
        ("avsCode", entry.avs_code),
        ("cvnCode", entry.cvn_code),
    ):
        check_length(f"statusLog.{name}", code, MAX_CODE)
    if entry.avs_code and entry.vin_avs is None:
        return replace(entry, vin_avs=normalise_avs(entry.avs_code).value)
    return entry
