"""Transaction and its items (transaction §2, §3); its status log is in ``transaction_status``."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from cashbox_service.app.context import Work
from cashbox_service.app.views import account_view
from cashbox_service.domain.lines import Line, LineRefund, LineTokens
from cashbox_service.domain.mandate import Mandate
from cashbox_service.domain.tax import TaxLine
from cashbox_service.soap import records as r
from cashbox_service.soap.srd import Selection
from cashbox_service.soap.wire.account import account
from cashbox_service.soap.wire.address import address, tax_exemption
from cashbox_service.soap.wire.narrowing import narrowed, narrowed_all
from cashbox_service.soap.wire.payment_method import payment_method
from cashbox_service.soap.wire.transaction_status import status
from cashbox_service.soap.wire.values import midnight, money, name_values, quantity
from cashbox_service.store.entities import Transaction


def transaction(work: Work, source: Transaction, selection: Selection) -> r.Transaction:
    """A stored transaction, status log newest first."""
    wants = selection.wants
    record = r.Transaction(VID=source.vid, merchantTransactionId=source.merchant_transaction_id)
    if wants("amount"):
        record.amount = money(source.amount, source.currency)
    if wants("originalAmount"):
        record.originalAmount = money(source.original_amount, source.currency)
    if wants("currency"):
        record.currency = source.currency
    if wants("divisionNumber"):
        record.divisionNumber = source.division_number
    if wants("timestamp"):
        record.timestamp = source.happened_at
    _add_parties(work, record, source, selection)
    if wants("statusLog"):
        record.statusLog = narrowed_all(map(status, source.status_log), selection.child("statusLog"))
    if wants("paymentProcessor"):
        record.paymentProcessor = source.payment_processor
    if wants("paymentProcessorTransactionId"):
        record.paymentProcessorTransactionId = source.processor_transaction_id
    if wants("ecpTransactionType"):
        record.ecpTransactionType = source.ecp_transaction_type
    if source.shipping_address is not None and wants("shippingAddress"):
        record.shippingAddress = address(source.shipping_address, selection.child("shippingAddress"))
    if source.name_values and wants("nameValues"):
        record.nameValues = name_values(source.name_values)
    if wants("transactionItems"):
        record.transactionItems = items(
            source.lines, source.currency, work.zone, selection.child("transactionItems")
        )
    _add_notes(record, source, selection)
    _add_cycle(record, source, selection)
    return record


def _add_parties(work: Work, record: r.Transaction, source: Transaction, selection: Selection) -> None:
    if source.account is not None and selection.wants("account"):
        record.account = account(account_view(work, source.account), selection.child("account"))
    if source.payment_method is not None and selection.wants("sourcePaymentMethod"):
        record.sourcePaymentMethod = payment_method(
            source.payment_method, selection.child("sourcePaymentMethod")
        )
    if source.dest_payment_method_vid is not None and selection.wants("destPaymentMethod"):
        assert source.dest_payment_method is not None
        record.destPaymentMethod = payment_method(
            source.dest_payment_method, selection.child("destPaymentMethod")
        )


def _add_notes(record: r.Transaction, source: Transaction, selection: Selection) -> None:
    wants = selection.wants
    if wants("merchantAffiliateId"):
        record.merchantAffiliateId = source.merchant_affiliate_id
    if wants("merchantAffiliateSubId"):
        record.merchantAffiliateSubId = source.merchant_affiliate_sub_id
    if wants("userAgent"):
        record.userAgent = source.user_agent
    if wants("note"):
        record.note = source.note
    if wants("preferredNotificationLanguage"):
        record.preferredNotificationLanguage = source.preferred_notification_language
    if wants("sourcePhoneNumber"):
        record.sourcePhoneNumber = source.source_phone_number
    if wants("sourceMacAddress"):
        record.sourceMacAddress = source.source_mac_address
    if wants("sourceIp"):
        record.sourceIp = source.source_ip
    if wants("billingStatementIdentifier"):
        record.billingStatementIdentifier = source.billing_statement_identifier
    if source.tax_exemptions and wants("taxExemptions"):
        entries = [tax_exemption(entry) for entry in source.tax_exemptions]
        record.taxExemptions = narrowed_all(entries, selection.child("taxExemptions"))
    if source.sales_tax_address is not None and wants("salesTaxAddress"):
        record.salesTaxAddress = address(source.sales_tax_address, selection.child("salesTaxAddress"))
    if wants("verificationCode"):
        record.verificationCode = source.verification_code
    if source.mandate is not None and wants("mandate"):
        record.mandate = narrowed(_mandate(source.mandate), selection.child("mandate"))


def _add_cycle(record: r.Transaction, source: Transaction, selection: Selection) -> None:
    wants = selection.wants
    if wants("autoBillCycle"):
        record.autoBillCycle = source.autobill_cycle
    if wants("billingPlanCycle"):
        record.billingPlanCycle = source.billing_plan_cycle
    if wants("originalActivityDate"):
        record.originalActivityDate = source.original_activity_at
    if wants("retryNumber"):
        record.retryNumber = source.retry_number
    if source.autobill_vid is not None:
        if wants("autobillVID"):
            record.autobillVID = source.autobill_vid
        if wants("merchantAutobillIdentifier") and source.autobill is not None:
            record.merchantAutobillIdentifier = source.autobill.merchant_autobill_id


def _mandate(source: Mandate) -> r.Mandate:
    return r.Mandate(created=source.created, identifier=source.identifier, status=source.status)


def items(
    lines: Sequence[Line], currency: str, zone: ZoneInfo, selection: Selection
) -> tuple[r.TransactionItem, ...]:
    return tuple([item(line, currency, zone, selection) for line in lines])


def item(line: Line, currency: str, zone: ZoneInfo, selection: Selection) -> r.TransactionItem:
    """One line; what the schema requires (name, price, quantity) is always sent."""
    wants = selection.wants
    record = r.TransactionItem(
        name=line.name, price=money(line.price, currency), quantity=quantity(line.quantity)
    )
    if wants("sku"):
        record.sku = line.sku
    if wants("indexNumber"):
        record.indexNumber = line.index_number
    if wants("itemType"):
        record.itemType = line.item_type.value
    if wants("merchantAutoBillItemId"):
        record.merchantAutoBillItemId = line.merchant_autobill_item_id
    if wants("autoBillItemVid"):
        record.autoBillItemVid = line.autobill_item_vid
    if line.name_values and wants("nameValues"):
        record.nameValues = name_values(line.name_values)
    if wants("taxClassification"):
        record.taxClassification = line.tax_classification
    if line.tokens and wants("tokens"):
        record.tokens = narrowed_all(map(_tokens, line.tokens), selection.child("tokens"))
    if wants("campaignId"):
        record.campaignId = line.campaign_id
    if wants("campaignDescription"):
        record.campaignDescription = line.campaign_description
    if wants("servicePeriodStartDate"):
        record.servicePeriodStartDate = midnight(line.service_start, zone)
    if wants("servicePeriodEndDate"):
        record.servicePeriodEndDate = midnight(line.service_end, zone)
    _add_totals(record, line, currency, selection)
    return record


def _add_totals(record: r.TransactionItem, line: Line, currency: str, selection: Selection) -> None:
    wants = selection.wants
    if wants("taxType"):
        record.taxType = line.tax_type
    if line.tax and wants("tax"):
        taxes = [tax_item(tax, currency) for tax in line.tax]
        record.tax = narrowed_all(taxes, selection.child("tax"))
    if line.related_transactions and wants("relatedTransactions"):
        record.relatedTransactions = line.related_transactions
    if line.refunds and wants("itemRefunds"):
        refunds = [_refund(one, currency) for one in line.refunds]
        record.itemRefunds = narrowed_all(refunds, selection.child("itemRefunds"))
    if wants("discount"):
        record.discount = money(line.discount, currency)
    if wants("subtotal"):
        record.subtotal = money(line.subtotal, currency)
    if wants("total"):
        record.total = money(line.total, currency)


def tax_item(source: TaxLine, currency: str) -> r.TaxItem:
    """The tax of one jurisdiction."""
    return r.TaxItem(
        jurisdiction=source.jurisdiction or None,
        name=source.name or None,
        amount=money(source.amount, currency),
        externalTaxName=source.external_tax_name,
        externalTaxCategory=source.external_tax_category,
        externalJurisdictionName=source.external_jurisdiction_name,
        taxRate=source.tax_rate,
    )


def _tokens(source: LineTokens) -> r.TokenAmount:
    token = r.Token(VID=source.token_vid, merchantTokenId=source.merchant_token_id)
    return r.TokenAmount(token=token, amount=source.amount)


def _refund(source: LineRefund, currency: str) -> r.TransactionItemRefundSummary:
    return r.TransactionItemRefundSummary(
        amount=money(source.amount, currency),
        taxAmount=money(source.tax_amount, currency),
        taxOnly=source.tax_only,
        timestamp=source.at,
        refundId=source.refund_id,
    )
