"""Refund and its items, both ways (refund-chargeback §1)."""

from __future__ import annotations

from decimal import Decimal

from cashbox_service.app.context import Work
from cashbox_service.app.disputes.drafts import RefundDraft
from cashbox_service.app.disputes.refunding import Performed
from cashbox_service.domain.refund import RefundedItem, RefundStatus, Strategy, TokenAction
from cashbox_service.soap import records as r
from cashbox_service.soap.srd import Selection
from cashbox_service.soap.wire.credit import refunded_credit
from cashbox_service.soap.wire.inbound import draft
from cashbox_service.soap.wire.narrowing import narrowed, narrowed_all
from cashbox_service.soap.wire.transaction import tax_item, transaction
from cashbox_service.soap.wire.values import money, name_values
from cashbox_service.store.entities import Refund


def refund_draft(record: r.Refund) -> RefundDraft:
    """What a caller wants refunded."""
    made = draft(RefundDraft, record)
    assert made is not None
    return made


def refund(work: Work, source: Refund, selection: Selection) -> r.Refund:
    """A stored refund with its transaction."""
    wants = selection.wants
    record = r.Refund(VID=source.vid, merchantRefundId=source.merchant_refund_id)
    if wants("transaction"):
        record.transaction = transaction(work, source.transaction, selection.child("transaction"))
    if source.items and wants("refundItems"):
        items = [_item(item, source.currency, with_tax=source.amount_includes_tax) for item in source.items]
        record.refundItems = narrowed_all(items, selection.child("refundItems"))
    if wants("refundDistributionStrategy"):
        record.refundDistributionStrategy = source.strategy
    if wants("amount"):
        record.amount = money(source.amount, source.currency)
    if wants("amountIncludesTax"):
        record.amountIncludesTax = source.amount_includes_tax
    if wants("currency"):
        record.currency = source.currency
    if source.name_values and wants("nameValues"):
        record.nameValues = name_values(source.name_values)
    if wants("timestamp"):
        record.timestamp = source.happened_at
    if wants("referenceString"):
        record.referenceString = source.reference_string
    if wants("note"):
        record.note = source.note
    if wants("tokenAction"):
        record.tokenAction = source.token_action
    if wants("credit"):
        moved = refunded_credit(work, source)
        record.credit = narrowed(moved, selection.child("credit")) if moved is not None else None
    if wants("status"):
        record.status = source.status
    return record


def performed(work: Work, source: Performed, selection: Selection) -> r.Refund:
    """What became of a refund that was asked for."""
    if source.refund is not None:
        return refund(work, source.refund, selection)
    record = narrowed(_refused(source), selection)
    if selection.wants("transaction"):
        record.transaction = _named(work, source, selection.child("transaction"))
    return record


def _refused(source: Performed) -> r.Refund:
    """One that was not accepted: what was asked and why not, without an identity."""
    asked = source.draft
    return r.Refund(
        refundItems=tuple(
            [
                r.RefundItem(
                    transactionItemIndexNumber=item.transaction_item_index_number,
                    sku=item.sku,
                    amount=item.amount,
                    taxOnly=bool(item.tax_only),
                )
                for item in asked.refund_items
            ]
        ),
        refundDistributionStrategy=asked.refund_distribution_strategy or Strategy.NONE.value,
        amount=asked.amount,
        amountIncludesTax=bool(asked.amount_includes_tax),
        currency=source.transaction.currency if source.transaction is not None else asked.currency,
        nameValues=tuple([r.NameValuePair(name=pair.name, value=pair.value) for pair in asked.name_values]),
        note=source.note,
        tokenAction=asked.token_action or TokenAction.NONE.value,
        status=RefundStatus.FAILED.value,
    )


def _named(work: Work, source: Performed, selection: Selection) -> r.Transaction | None:
    """The transaction of a refused refund; of one that is not known only the identifiers that were sent."""
    if source.transaction is not None:
        return transaction(work, source.transaction, selection)
    asked = source.draft.transaction
    if asked is None:
        return None
    return r.Transaction(VID=asked.vid, merchantTransactionId=asked.merchant_transaction_id)


def _item(source: RefundedItem, currency: str, *, with_tax: bool) -> r.RefundItem:
    """Its amount is counted as those of the refund that was asked for, with added tax or without."""
    index = source.index_number
    return r.RefundItem(
        transactionItemIndexNumber=Decimal(index) if index is not None else None,
        sku=source.sku,
        description=source.description,
        amount=money(source.moved if with_tax else source.amount, currency),
        taxOnly=source.tax_only,
        taxes=tuple([tax_item(tax, currency) for tax in source.taxes]),
    )
