"""Entitlement."""

from __future__ import annotations

from datetime import datetime

from cashbox_service.soap import records as r
from cashbox_service.soap.srd import Selection
from cashbox_service.store.entities import Entitlement


def entitlement(source: Entitlement, now: datetime, selection: Selection) -> r.Entitlement:
    """Without its account, which it is nested in (account §1.1)."""
    wants = selection.wants
    record = r.Entitlement(merchantEntitlementId=source.merchant_entitlement_id)
    if wants("description"):
        record.description = source.description
    if wants("startTimestamp"):
        record.startTimestamp = source.start_at
    if wants("endTimestamp"):
        record.endTimestamp = source.end_at
    if wants("active"):
        record.active = source.start_at <= now and (source.end_at is None or now < source.end_at)
    return record
