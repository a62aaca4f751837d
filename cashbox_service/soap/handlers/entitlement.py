"""Service Entitlement (account §9.6 – §9.8)."""

from __future__ import annotations

from collections.abc import Iterable

from cashbox_service.app.customers import entitlements
from cashbox_service.domain.errors import AccountNotFound, InvalidWindow, MissingField
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.entitlement_source import entitlement_with_source
from cashbox_service.soap.wire.inbound import reference
from cashbox_service.store.entities import Entitlement

_NO_ACCOUNT = Row(400, "{detail}", "decided", AccountNotFound, "account unknown")
_MISSING = Row(400, "{detail}", "decided", MissingField, "a parameter is missing")

RETURNS: dict[str, tuple[Row, ...]] = {
    "fetchByAccount": (_NO_ACCOUNT, _MISSING),
    "fetchByEntitlementIdAndAccount": (_NO_ACCOUNT, _MISSING),
    "fetchDeltaSince": (
        Row(400, "{detail}", "decided", InvalidWindow, "no timestamp, window or paging not valid"),
    ),
}


@handles("Entitlement", "fetchByAccount")
def fetch_by_account(
    call: Call, request: r.EntitlementFetchByAccountRequest
) -> r.EntitlementFetchByAccountResponse:
    found = entitlements.of_account(
        call.work,
        reference(request.account, "merchantAccountId"),
        show_all=bool(request.showAll),
        include_children=bool(request.includeChildren),
    )
    return r.EntitlementFetchByAccountResponse(entitlements=_shown(call, found))


@handles("Entitlement", "fetchByEntitlementIdAndAccount")
def fetch_by_entitlement_id_and_account(
    call: Call, request: r.EntitlementFetchByEntitlementIdAndAccountRequest
) -> r.EntitlementFetchByEntitlementIdAndAccountResponse:
    found = entitlements.of_account_by_id(
        call.work,
        request.entitlementId,
        reference(request.account, "merchantAccountId"),
        show_all=bool(request.showAll),
        include_children=bool(request.includeChildren),
    )
    return r.EntitlementFetchByEntitlementIdAndAccountResponse(entitlements=_shown(call, found))


@handles("Entitlement", "fetchDeltaSince")
def fetch_delta_since(
    call: Call, request: r.EntitlementFetchDeltaSinceRequest
) -> r.EntitlementFetchDeltaSinceResponse:
    found = entitlements.changed_between(
        call.work, request.timestamp, request.endTimestamp, request.page, request.pageSize
    )
    return r.EntitlementFetchDeltaSinceResponse(entitlements=_shown(call, found))


def _shown(call: Call, found: Iterable[Entitlement]) -> tuple[r.Entitlement, ...]:
    parts = call.srd.child("entitlements")
    return tuple([entitlement_with_source(call.work, one, parts) for one in found])
