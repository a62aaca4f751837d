"""An inbound Transaction, for the operations that process, quote, score or report one (transaction §2)."""

from __future__ import annotations

from cashbox_service.app.sales.drafts import TransactionDraft
from cashbox_service.soap import records as r
from cashbox_service.soap.wire.inbound import draft
from cashbox_service.soap.wire.transaction_status import status_draft


def transaction_draft(record: r.Transaction | None) -> TransactionDraft | None:
    """The draft with its status log; None when the record is absent."""
    made = draft(TransactionDraft, record)
    if made is not None and record is not None:
        made.status_log = tuple([status_draft(entry) for entry in record.statusLog])
    return made
