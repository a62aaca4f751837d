"""Chargeback, both ways (refund-chargeback §5)."""

from __future__ import annotations

from cashbox_service.soap import records as r
from cashbox_service.soap.srd import Selection
from cashbox_service.soap.wire.values import money, name_values
from cashbox_service.store.entities import Chargeback


def chargeback(source: Chargeback, selection: Selection) -> r.Chargeback:
    """A stored chargeback; what the schema requires is always sent."""
    wants = selection.wants
    record = r.Chargeback(
        VID=source.vid,
        amount=money(source.amount, source.currency),
        reasonCode=source.reason_code,
        processorReceivedTimestamp=source.received_at,
        postedTimestamp=source.posted_at,
        status=source.status,
    )
    if wants("currency"):
        record.currency = source.currency
    if wants("presentmentAmount"):
        record.presentmentAmount = money(source.presentment_amount, source.presentment_currency)
    if wants("presentmentCurrency"):
        record.presentmentCurrency = source.presentment_currency
    if wants("divisionNumber"):
        record.divisionNumber = source.division_number
    if wants("caseNumber"):
        record.caseNumber = source.case_number
    if wants("referenceNumber"):
        record.referenceNumber = source.reference_number
    if wants("merchantNumber"):
        record.merchantNumber = source.merchant_number
    if wants("statusChangedTimestamp"):
        record.statusChangedTimestamp = source.status_changed_at
    if wants("note"):
        record.note = source.note
    if source.name_values and wants("nameValues"):
        record.nameValues = name_values(source.name_values)
    _add_transaction(record, source, selection)
    return record


def _add_transaction(record: r.Chargeback, source: Chargeback, selection: Selection) -> None:
    """What it is about: as the chargeback tells of it, else as the transaction itself does."""
    wants, disputed = selection.wants, source.transaction
    if wants("merchantUserId"):
        record.merchantUserId = source.merchant_user_id
    if disputed is None:
        if wants("merchantTransactionTimestamp"):
            record.merchantTransactionTimestamp = source.merchant_transaction_at
        return
    if wants("merchantTransactionId"):
        record.merchantTransactionId = disputed.merchant_transaction_id
    if wants("merchantTransactionTimestamp"):
        record.merchantTransactionTimestamp = source.merchant_transaction_at or disputed.happened_at
    if wants("merchantUserId") and source.merchant_user_id is None and disputed.account is not None:
        record.merchantUserId = disputed.account.merchant_account_id
