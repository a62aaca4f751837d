"""AutoBill, its items and the projection of its next billing (autobill §1)."""

from __future__ import annotations

from cashbox_service.app.context import Work
from cashbox_service.app.subscriptions.autobill_view import AutoBillView, Projection
from cashbox_service.app.views import account_view
from cashbox_service.domain.discount import latest
from cashbox_service.soap import records as r
from cashbox_service.soap.srd import Selection
from cashbox_service.soap.wire.account import sparse_account
from cashbox_service.soap.wire.catalog import billing_plan, product, rate_plan
from cashbox_service.soap.wire.credit import credit, token
from cashbox_service.soap.wire.narrowing import narrowed
from cashbox_service.soap.wire.payment_method import payment_method
from cashbox_service.soap.wire.transaction import items as transaction_items
from cashbox_service.soap.wire.values import midnight, money, name_values, quantity
from cashbox_service.store.entities import AutoBillItem


def autobill(view: AutoBillView, selection: Selection) -> r.AutoBill:
    source, work, wants = view.autobill, view.work, selection.wants
    record = r.AutoBill(VID=source.vid, merchantAutoBillId=source.merchant_autobill_id)
    if wants("account"):
        record.account = sparse_account(account_view(work, source.account), selection.child("account"))
    if wants("billingPlan"):
        record.billingPlan = billing_plan(work, source.billing_plan, selection.child("billingPlan"))
    if source.payment_method is not None and wants("paymentMethod"):
        record.paymentMethod = payment_method(source.payment_method, selection.child("paymentMethod"))
    if wants("currency"):
        record.currency = source.currency
    if wants("customerAutoBillName"):
        record.customerAutoBillName = source.customer_autobill_name
    if wants("status"):
        record.status = view.status
    if wants("billingState"):
        record.billingState = source.billing_state
    if wants("startTimestamp"):
        record.startTimestamp = source.start_at
    if wants("endTimestamp"):
        record.endTimestamp = source.end_at
    if wants("items"):
        parts = selection.child("items")
        record.items = tuple([autobill_item(view, entry, parts) for entry in source.items])
    _add_terms(record, view, selection)
    _add_money(record, view, selection)
    _add_statement(record, view, selection)
    return record


def _add_terms(record: r.AutoBill, view: AutoBillView, selection: Selection) -> None:
    source, wants = view.autobill, selection.wants
    if wants("sourceIp"):
        record.sourceIp = source.source_ip
    if wants("billingStatementIdentifier"):
        record.billingStatementIdentifier = source.billing_statement_identifier
    if wants("billingDay"):
        record.billingDay = source.billing_day
    if wants("minimumCommitment"):
        record.minimumCommitment = source.minimum_commitment
    if wants("merchantAffiliateId"):
        record.merchantAffiliateId = source.merchant_affiliate_id
    if wants("merchantAffiliateSubId"):
        record.merchantAffiliateSubId = source.merchant_affiliate_sub_id
    if wants("warnOnExpiration"):
        record.warnOnExpiration = source.warn_on_expiration
    if source.name_values and wants("nameValues"):
        record.nameValues = name_values(source.name_values)
    if wants("specifiedBillingDay"):
        record.specifiedBillingDay = source.specified_billing_day
    if wants("billingOffset"):
        record.billingOffset = view.billing_offset
    if wants("billingRule"):
        record.billingRule = source.billing_rule


def _add_money(record: r.AutoBill, view: AutoBillView, selection: Selection) -> None:
    source, wants = view.autobill, selection.wants
    if wants("nextBilling"):
        record.nextBilling = _next_billing(view, view.next_billing, selection.child("nextBilling"))
    if wants("credit"):
        available = credit(view.credit, (), source.account, source)
        record.credit = narrowed(available, selection.child("credit")) if available is not None else None
    if source.cancel_reason_code is not None and wants("cancelReason"):
        reason = r.CancelReason(reason_code=source.cancel_reason_code, description=view.cancel_reason)
        record.cancelReason = reason
    if wants("billingPlanCampaignId"):
        record.billingPlanCampaignId = _campaign_of(view, None)
    if wants("subscriptionBalance"):
        record.subscriptionBalance = money(source.subscription_balance, source.currency)


def _add_statement(record: r.AutoBill, view: AutoBillView, selection: Selection) -> None:
    source, wants = view.autobill, selection.wants
    if wants("statementFormat"):
        record.statementFormat = source.statement_format
    if wants("invoiceTerms"):
        record.invoiceTerms = source.invoice_terms
    if wants("statementOffset"):
        record.statementOffset = source.statement_offset
    if wants("statementTemplateId"):
        record.statementTemplateId = source.statement_template_id


def _next_billing(
    view: AutoBillView, projection: Projection | None, selection: Selection
) -> r.Transaction | None:
    """Only amount, currency, timestamp and items are filled (autobill §1, field 20)."""
    if projection is None:
        return None
    currency, zone = view.autobill.currency, view.work.zone
    record = r.Transaction()
    if selection.wants("amount"):
        record.amount = money(projection.amount, currency)
    if selection.wants("currency"):
        record.currency = currency
    if selection.wants("timestamp"):
        record.timestamp = midnight(projection.date, zone)
    if selection.wants("transactionItems"):
        record.transactionItems = transaction_items(
            projection.lines, currency, zone, selection.child("transactionItems")
        )
    return record


def autobill_item(view: AutoBillView, source: AutoBillItem, selection: Selection) -> r.AutoBillItem:
    """One item, as it is or as it was."""
    work: Work = view.work
    wants, currency = selection.wants, view.autobill.currency
    record = r.AutoBillItem(VID=source.vid, merchantAutoBillItemId=source.merchant_autobill_item_id)
    if wants("index"):
        record.index = source.index
    if wants("product"):
        record.product = product(work, source.product, selection.child("product"))
    if source.amount is not None:
        if wants("amount"):
            record.amount = money(source.amount, currency)
        if wants("currency"):
            record.currency = currency
    rated_by = source.rate_plan or source.product.default_rate_plan
    if rated_by is not None and wants("ratePlan"):
        record.ratePlan = rate_plan(work, rated_by, selection.child("ratePlan"))
    if source.name_values and wants("nameValues"):
        record.nameValues = name_values(source.name_values)
    if wants("quantity"):
        record.quantity = quantity(source.quantity)
    if source.token_vid is not None and wants("token"):
        paid_in = token(work.uow.catalog.token_by_vid(source.token_vid))
        record.token = narrowed(paid_in, selection.child("token")) if paid_in is not None else None
    _add_cycles(record, source, selection)
    if wants("addedDate"):
        record.addedDate = source.added_at
    if wants("removedDate"):
        record.removedDate = midnight(source.removed_on, work.zone)
    if wants("startDate"):
        record.startDate = view.item_start(source)
    if wants("campaignId"):
        record.campaignId = _campaign_of(view, source.vid)
    _add_links(record, view, source, selection)
    return record


def _add_cycles(record: r.AutoBillItem, source: AutoBillItem, selection: Selection) -> None:
    if source.cycles is None:
        return
    if selection.wants("cycles"):
        record.cycles = source.cycles
    if selection.wants("cyclesRemaining"):
        record.cyclesRemaining = max(0, source.cycles - source.cycles_billed)


def _campaign_of(view: AutoBillView, item_vid: str | None) -> str | None:
    """The campaign that reduces an item, or the plan, or reduced it last."""
    found = latest(view.autobill.discounts, item_vid)
    return found.campaign_id if found is not None else None


def _add_links(
    record: r.AutoBillItem, view: AutoBillView, source: AutoBillItem, selection: Selection
) -> None:
    """Which item it took the place of, and which took its place (autobill §1.1)."""
    wants, before = selection.wants, view.item(source.transitioned_from_vid)
    after = view.successor(source)
    if before is not None:
        if wants("transitionedFromMerchantAutoBillItemId"):
            record.transitionedFromMerchantAutoBillItemId = before.merchant_autobill_item_id
        if wants("transitionedFromAutoBillItemVid"):
            record.transitionedFromAutoBillItemVid = before.vid
    if after is not None:
        if wants("transitionedToMerchantAutoBillItemId"):
            record.transitionedToMerchantAutoBillItemId = after.merchant_autobill_item_id
        if wants("transitionedToAutoBillItemVid"):
            record.transitionedToAutoBillItemVid = after.vid
