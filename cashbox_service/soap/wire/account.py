"""Account, and the account as it appears inside other objects."""

from __future__ import annotations

from cashbox_service.app.views import AccountView
from cashbox_service.soap import records as r
from cashbox_service.soap.srd import Selection
from cashbox_service.soap.wire.address import address, tax_exemption
from cashbox_service.soap.wire.credit import credit, token_balances
from cashbox_service.soap.wire.entitlement import entitlement
from cashbox_service.soap.wire.narrowing import narrowed, narrowed_all
from cashbox_service.soap.wire.payment_method import payment_method
from cashbox_service.soap.wire.values import name_values


def account(view: AccountView, selection: Selection) -> r.Account:
    """The whole account (account §1.1, "Returned content")."""
    source, wants = view.account, selection.wants
    record = r.Account(VID=source.vid, merchantAccountId=source.merchant_account_id)
    if wants("externalId"):
        record.externalId = source.external_id
    if wants("parentMerchantAccountId"):
        record.parentMerchantAccountId = view.parent_merchant_account_id
    if wants("defaultCurrency"):
        record.defaultCurrency = source.default_currency
    if wants("emailAddress"):
        record.emailAddress = source.email_address
    if wants("emailTypePreference"):
        record.emailTypePreference = source.email_type_preference
    if wants("preferredLanguage"):
        record.preferredLanguage = source.preferred_language
    if wants("warnBeforeAutobilling"):
        record.warnBeforeAutobilling = source.warn_before_autobilling
    if wants("company"):
        record.company = source.company
    if wants("name"):
        record.name = source.name
    if source.shipping_address_vid is not None and wants("shippingAddress"):
        record.shippingAddress = address(source.shipping_address, selection.child("shippingAddress"))
    if wants("taxType"):
        record.taxType = source.tax_type
    _add_lists(record, view, selection)
    return record


def _add_lists(record: r.Account, view: AccountView, selection: Selection) -> None:
    source, wants = view.account, selection.wants
    if wants("paymentMethods"):
        methods = selection.child("paymentMethods")
        record.paymentMethods = tuple([payment_method(entry, methods) for entry in view.payment_methods])
    if source.name_values and wants("nameValues"):
        record.nameValues = name_values(source.name_values)
    if source.tax_exemptions and wants("taxExemptions"):
        entries = [tax_exemption(entry) for entry in source.tax_exemptions]
        record.taxExemptions = narrowed_all(entries, selection.child("taxExemptions"))
    if wants("tokenBalances"):
        balances = token_balances(view.token_balances)
        record.tokenBalances = narrowed_all(balances, selection.child("tokenBalances"))
    if wants("credit"):
        available = credit(view.credit, view.token_balances, source)
        record.credit = narrowed(available, selection.child("credit")) if available is not None else None
    if wants("entitlements"):
        parts = selection.child("entitlements")
        record.entitlements = tuple([entitlement(entry, view.work.now, parts) for entry in view.entitlements])


def sparse_account(view: AccountView, selection: Selection) -> r.Account:
    """The account as an AutoBill echoes it (autobill §1, field 3)."""
    source, wants = view.account, selection.wants
    return r.Account(
        VID=source.vid,
        merchantAccountId=source.merchant_account_id,
        emailAddress=source.email_address if wants("emailAddress") else None,
        emailTypePreference=source.email_type_preference if wants("emailTypePreference") else None,
        name=source.name if wants("name") else None,
    )
