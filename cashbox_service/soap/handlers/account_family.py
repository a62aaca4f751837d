"""Service Account: families, and merging two accounts (account §7, §8)."""

from __future__ import annotations

from cashbox_service.app.customers import families, merging
from cashbox_service.app.views import account_view
from cashbox_service.domain.errors import AccountNotFound, InvalidRequest
from cashbox_service.domain.family import PayerReplacement
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.account import account
from cashbox_service.soap.wire.inbound import reference

_NO_MATCH = 'No match found for {key} "{value}"'

RETURNS: dict[str, tuple[Row, ...]] = {
    "addChildren": (
        Row(404, _NO_MATCH, "decided", AccountNotFound, "parent or a child unknown"),
        Row(
            400,
            "{detail}",
            "inferred",
            InvalidRequest,
            "none given; another parent without force; a parent as child, a child as parent; both the same",
        ),
    ),
    "removeChildren": (
        Row(404, _NO_MATCH, "decided", AccountNotFound, "parent or a child unknown"),
        Row(400, "{detail}", "decided", InvalidRequest, "no child of this parent"),
    ),
    "fetchFamily": (
        Row(404, _NO_MATCH, "decided", AccountNotFound, "account unknown"),
        Row(400, "{detail}", "decided", InvalidRequest, "no account"),
    ),
    "transfer": (
        Row(404, _NO_MATCH, "decided", AccountNotFound, "one of the accounts unknown"),
        Row(400, "{detail}", "decided", InvalidRequest, "both are the same, or their families conflict"),
    ),
}


@handles("Account", "addChildren")
def add_children(call: Call, request: r.AccountAddChildrenRequest) -> r.AccountAddChildrenResponse:
    linked = families.add_children(
        call.work,
        reference(request.parent, "merchantAccountId"),
        [reference(child, "merchantAccountId") for child in request.child],
        force=bool(request.force),
        payer=_payer(request.payerReplacementBehavior),
    )
    parts = call.srd.child("childAdded")
    return r.AccountAddChildrenResponse(
        childAdded=tuple(account(account_view(call.work, one), parts) for one in linked)
    )


@handles("Account", "removeChildren")
def remove_children(call: Call, request: r.AccountRemoveChildrenRequest) -> r.AccountRemoveChildrenResponse:
    families.remove_children(
        call.work,
        reference(request.parent, "merchantAccountId"),
        [reference(child, "merchantAccountId") for child in request.child],
        payer=_payer(request.payerReplacementBehavior),
    )
    return r.AccountRemoveChildrenResponse()


@handles("Account", "fetchFamily")
def fetch_family(call: Call, request: r.AccountFetchFamilyRequest) -> r.AccountFetchFamilyResponse:
    found = families.of(call.work, reference(request.account, "merchantAccountId"))
    parts = call.srd.child("child")
    return r.AccountFetchFamilyResponse(
        parent=account(account_view(call.work, found.parent), call.srd.child("parent")),
        child=tuple(account(account_view(call.work, one), parts) for one in found.children),
    )


@handles("Account", "transfer")
def transfer(call: Call, request: r.AccountTransferRequest) -> r.AccountTransferResponse:
    merged = merging.merge(
        call.work,
        reference(request.targetAccount, "merchantAccountId"),
        reference(request.sourceAccount, "merchantAccountId"),
    )
    return r.AccountTransferResponse(
        mergedAccount=account(account_view(call.work, merged), call.srd.child("mergedAccount"))
    )


def _payer(behavior: str | None) -> PayerReplacement:
    return PayerReplacement(behavior) if behavior else PayerReplacement.ONLY_FUTURE
