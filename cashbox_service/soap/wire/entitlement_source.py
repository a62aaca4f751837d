"""Entitlement with whose it is and what it comes from, as the Entitlement service shows it (account §1.6)."""

from __future__ import annotations

from cashbox_service.app.context import Work
from cashbox_service.app.views import account_view
from cashbox_service.soap import records as r
from cashbox_service.soap.srd import Selection
from cashbox_service.soap.wire.account import sparse_account
from cashbox_service.soap.wire.entitlement import entitlement
from cashbox_service.store.entities import Entitlement


def entitlement_with_source(work: Work, source: Entitlement, selection: Selection) -> r.Entitlement:
    """With its account, and the AutoBill and the product that it comes from (account §1.6)."""
    record, wants = entitlement(source, work.now, selection), selection.wants
    if source.autobill_vid is not None:
        if wants("autoBillVID"):
            record.autoBillVID = source.autobill_vid
        if wants("merchantAutoBillId"):
            autobill = work.uow.autobills.by_vid(source.autobill_vid)
            record.merchantAutoBillId = autobill.merchant_autobill_id if autobill is not None else None
    if source.product_vid is not None:
        if wants("productVID"):
            record.productVID = source.product_vid
        if wants("merchantProductId"):
            product = work.uow.catalog.product_by_vid(source.product_vid)
            record.merchantProductId = product.merchant_product_id if product is not None else None
    if wants("account"):
        owner = work.uow.accounts.by_vid(source.account_vid)
        assert owner is not None
        record.account = sparse_account(account_view(work, owner), selection.child("account"))
    return record
