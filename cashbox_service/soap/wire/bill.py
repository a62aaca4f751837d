"""A billing that is no transaction, in the shape of one: without VID and without a log (autobill §6.15, §6.34)."""

from __future__ import annotations

from cashbox_service.app.context import Work
from cashbox_service.app.engine.billings_ahead import Bill
from cashbox_service.app.views import account_view
from cashbox_service.soap import records as r
from cashbox_service.soap.srd import Selection
from cashbox_service.soap.wire.account import account
from cashbox_service.soap.wire.payment_method import payment_method
from cashbox_service.soap.wire.transaction import items
from cashbox_service.soap.wire.values import midnight, money


def bill(work: Work, source: Bill, selection: Selection) -> r.Transaction:
    """What is or will be asked for, and of whom."""
    wants, autobill = selection.wants, source.autobill
    record = r.Transaction()
    if wants("amount"):
        record.amount = money(source.amount, autobill.currency)
    if wants("currency"):
        record.currency = autobill.currency
    if wants("timestamp"):
        record.timestamp = midnight(source.on, work.zone)
    if wants("account"):
        record.account = account(account_view(work, autobill.account), selection.child("account"))
    if autobill.payment_method is not None and wants("sourcePaymentMethod"):
        parts = selection.child("sourcePaymentMethod")
        record.sourcePaymentMethod = payment_method(autobill.payment_method, parts)
    if wants("transactionItems"):
        parts = selection.child("transactionItems")
        record.transactionItems = items(source.lines, autobill.currency, work.zone, parts)
    if wants("merchantAffiliateId"):
        record.merchantAffiliateId = autobill.merchant_affiliate_id
    if wants("merchantAffiliateSubId"):
        record.merchantAffiliateSubId = autobill.merchant_affiliate_sub_id
    if wants("billingStatementIdentifier"):
        record.billingStatementIdentifier = autobill.billing_statement_identifier
    _add_cycle(work, record, source, selection)
    return record


def _add_cycle(work: Work, record: r.Transaction, source: Bill, selection: Selection) -> None:
    wants = selection.wants
    if wants("autoBillCycle"):
        record.autoBillCycle = source.cycle
    if wants("billingPlanCycle"):
        record.billingPlanCycle = source.plan_cycle
    if wants("originalActivityDate"):
        record.originalActivityDate = midnight(source.service_start, work.zone)
    if wants("autobillVID"):
        record.autobillVID = source.autobill.vid
    if wants("merchantAutobillIdentifier"):
        record.merchantAutobillIdentifier = source.autobill.merchant_autobill_id
