"""ElectronicSignature, both ways (notifications §3.1)."""

from __future__ import annotations

from cashbox_service.app.context import Work
from cashbox_service.app.customers.signatures import SignatureDraft
from cashbox_service.app.views import account_view
from cashbox_service.soap import records as r
from cashbox_service.soap.srd import Selection
from cashbox_service.soap.wire.account import account
from cashbox_service.soap.wire.inbound import reference
from cashbox_service.soap.wire.transaction import transaction
from cashbox_service.store.entities import ElectronicSignature


def signature_draft(record: r.ElectronicSignature | None) -> SignatureDraft | None:
    """What a caller says of a signature."""
    if record is None:
        return None
    return SignatureDraft(
        uri=record.uri,
        source_ip=record.sourceIp,
        at=record.timestamp,
        account=reference(record.account, "merchantAccountId"),
        transaction=reference(record.transaction, "merchantTransactionId"),
        description=record.description,
    )


def signature(work: Work, source: ElectronicSignature, selection: Selection) -> r.ElectronicSignature:
    """A stored signature with its account and transaction."""
    record = r.ElectronicSignature(
        VID=source.vid,
        uri=source.uri,
        timestamp=source.signed_at,
        account=account(account_view(work, source.account), selection.child("account")),
        transaction=transaction(work, source.transaction, selection.child("transaction")),
    )
    if selection.wants("sourceIp"):
        record.sourceIp = source.source_ip
    if selection.wants("description"):
        record.description = source.description
    return record
