"""MigrationTransaction, inbound (autobill §6.36, transaction §7.8)."""

from __future__ import annotations

from cashbox_service.app.sales.migration_drafts import MigrationTransactionDraft
from cashbox_service.soap import records as r
from cashbox_service.soap.wire.inbound import draft
from cashbox_service.soap.wire.transaction_status import status_draft


def migration_draft(record: r.MigrationTransaction) -> MigrationTransactionDraft:
    """The draft of a transaction with its log."""
    made = draft(MigrationTransactionDraft, record)
    assert made is not None
    made.status_log = tuple([status_draft(entry) for entry in record.statusLog])
    return made
