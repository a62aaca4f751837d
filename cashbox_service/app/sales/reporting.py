"""Transaction.report: sales that were made elsewhere, put on record and corrected later (transaction §7.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.sales import recording, reported_log, transaction_order
from cashbox_service.app.sales.drafts import TransactionDraft
from cashbox_service.app.sales.recording import MIGRATED, REPORTED, Told
from cashbox_service.domain.errors import InvalidRequest, MissingField, NotFound


def report(work: Work, drafts: Sequence[TransactionDraft]) -> None:
    """Put all of them on record, or none. Raises MissingField for none, InvalidRequest naming the one that is wrong."""
    if not drafts:
        raise MissingField("transactions", "No transactions specified")
    starting_over(lambda: _report(work, drafts))


def _report(work: Work, drafts: Sequence[TransactionDraft]) -> None:
    with work.writing(numbers=len(drafts)):
        for position, draft in enumerate(drafts, start=1):
            try:
                _put(work, draft)
            except (InvalidRequest, NotFound) as error:
                name = draft.merchant_transaction_id or draft.vid or position
                raise InvalidRequest(f"Transaction {name}: {error}") from error


def _put(work: Work, draft: TransactionDraft) -> None:
    existing = transaction_order.existing_of(work, draft)
    if existing is not None:
        recording.check_can_be_told(work, existing)
    kind = MIGRATED if existing is not None and existing.kind == MIGRATED else REPORTED
    checked = replace(draft, status_log=reported_log.checked(draft.status_log))
    recording.put(work, Told(checked, kind, existing))
