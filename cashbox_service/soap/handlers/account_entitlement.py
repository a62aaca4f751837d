"""Service Account: rights that the merchant grants to accounts, and whether they have one (account §9.1 – §9.5)."""

from __future__ import annotations

from cashbox_service.app.credit.drafts import TimeIntervalDraft
from cashbox_service.app.customers import entitlements
from cashbox_service.app.customers.entitlements import Grant
from cashbox_service.app.views import account_view
from cashbox_service.domain.errors import (
    AccountNotFound,
    EntitlementNotFound,
    InvalidRequest,
    MissingField,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.account import account
from cashbox_service.soap.wire.inbound import draft, reference
from cashbox_service.store.entities import Account

_NO_ACCOUNT = Row(400, "Account not found.", "inferred", AccountNotFound, "account unknown")
_MISSING = Row(400, "{detail}", "documented", MissingField, "entitlement, account or extension missing")
_NO_GRANT = Row(400, "Entitlement not found.", "documented", EntitlementNotFound, "no such account grant")


def _failed(what: str) -> Row:
    return Row(400, f"Entitlement {what} failed: {{detail}}", "documented", InvalidRequest, "against a rule")


RETURNS: dict[str, tuple[Row, ...]] = {
    "isEntitled": (
        _NO_ACCOUNT,
        Row(400, "{detail}", "inferred", MissingField, "entitlement or account missing"),
    ),
    "grantEntitlement": (_NO_ACCOUNT, _MISSING, _failed("grant")),
    "revokeEntitlement": (_NO_ACCOUNT, _MISSING, _failed("revocation")),
    "extendEntitlementToDate": (_NO_ACCOUNT, _MISSING, _NO_GRANT, _failed("extension")),
    "extendEntitlementByInterval": (_NO_ACCOUNT, _MISSING, _NO_GRANT, _failed("extension")),
}


@handles("Account", "isEntitled")
def is_entitled(call: Call, request: r.AccountIsEntitledRequest) -> r.AccountIsEntitledResponse:
    owner = reference(request.account, "merchantAccountId")
    return r.AccountIsEntitledResponse(
        entitled=entitlements.is_entitled(call.work, owner, request.merchantEntitlementId)
    )


@handles("Account", "grantEntitlement")
def grant_entitlement(
    call: Call, request: r.AccountGrantEntitlementRequest
) -> r.AccountGrantEntitlementResponse:
    sent = request.entitlement
    wanted = None
    if sent is not None:
        wanted = Grant(sent.merchantEntitlementId, sent.description, sent.startTimestamp, sent.endTimestamp)
    owner = reference(request.account, "merchantAccountId")
    done = entitlements.grant(call.work, owner, wanted, request.note)
    return r.AccountGrantEntitlementResponse(account=_account(call, done))


@handles("Account", "revokeEntitlement")
def revoke_entitlement(
    call: Call, request: r.AccountRevokeEntitlementRequest
) -> r.AccountRevokeEntitlementResponse:
    own_id = _named(request.entitlement, request.merchantEntitlementId)
    owner = reference(request.account, "merchantAccountId")
    done = entitlements.revoke(call.work, owner, own_id, request.note)
    return r.AccountRevokeEntitlementResponse(account=_account(call, done))


@handles("Account", "extendEntitlementToDate")
def extend_entitlement_to_date(
    call: Call, request: r.AccountExtendEntitlementToDateRequest
) -> r.AccountExtendEntitlementToDateResponse:
    own_id = _named(request.entitlement, request.merchantEntitlementId)
    owner = reference(request.account, "merchantAccountId")
    done = entitlements.extend_to(call.work, owner, own_id, request.extensionDate, request.note)
    return r.AccountExtendEntitlementToDateResponse(account=_account(call, done))


@handles("Account", "extendEntitlementByInterval")
def extend_entitlement_by_interval(
    call: Call, request: r.AccountExtendEntitlementByIntervalRequest
) -> r.AccountExtendEntitlementByIntervalResponse:
    own_id = _named(request.entitlement, request.merchantEntitlementId)
    owner = reference(request.account, "merchantAccountId")
    interval = draft(TimeIntervalDraft, request.interval)
    done = entitlements.extend_by(call.work, owner, own_id, interval, request.note)
    return r.AccountExtendEntitlementByIntervalResponse(account=_account(call, done))


def _named(entitlement: r.Entitlement | None, own_id: str | None) -> str | None:
    """The id in the entitlement wins (account §9.3)."""
    return (entitlement.merchantEntitlementId if entitlement is not None else None) or own_id


def _account(call: Call, changed: Account) -> r.Account:
    return account(account_view(call.work, changed), call.srd.child("account"))
