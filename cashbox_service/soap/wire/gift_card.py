"""Gift cards (account §1.7)."""

from __future__ import annotations

from cashbox_service.app.context import Work
from cashbox_service.soap import records as r
from cashbox_service.soap.srd import Selection
from cashbox_service.soap.wire.catalog import product
from cashbox_service.soap.wire.narrowing import narrowed
from cashbox_service.store.entities import GiftCard


def gift_card(work: Work, source: GiftCard, selection: Selection) -> r.GiftCard:
    """The card without its pin, which is never shown; its product as far as there is one."""
    status = r.GiftCardStatus(
        status=source.state,
        timestamp=source.asked_at,
        providerResponseCode=source.response_code,
        providerResponseMsg=source.response_message,
    )
    record = r.GiftCard(VID=source.vid)
    wants = selection.wants
    if wants("sku"):
        record.sku = source.sku
    if wants("lastDigits"):
        record.lastDigits = source.last_digits
    if wants("pinLength"):
        record.pinLength = source.pin_length
    if wants("paymentProvider"):
        record.paymentProvider = source.provider
    if wants("status"):
        record.status = narrowed(status, selection.child("status"))
    if wants("product"):
        found = work.uow.catalog.product_by_sku(source.sku) if source.sku else None
        record.product = product(work, found, selection.child("product")) if found is not None else None
    return record
