"""Service Token (account §11)."""

from __future__ import annotations

from cashbox_service.app.credit import tokens
from cashbox_service.app.credit.drafts import TokenDraft
from cashbox_service.domain.errors import InvalidRequest, MissingField, TokenNotFound
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.credit import token
from cashbox_service.soap.wire.inbound import draft
from cashbox_service.soap.wire.narrowing import narrowed

_NO_ID = Row(400, "Identifier not specified", "documented", MissingField, "neither VID nor merchantTokenId")

RETURNS: dict[str, tuple[Row, ...]] = {
    "update": (
        _NO_ID,
        Row(404, "Unable to load token", "documented", TokenNotFound, "VID unknown"),
        Row(
            400,
            "Unable to save token: {detail}",
            "documented",
            InvalidRequest,
            "ids of two tokens, or an id not valid",
        ),
    ),
    "fetch": (_NO_ID, Row(404, "Unable to load token", "documented", TokenNotFound, "not found")),
}


@handles("Token", "update")
def update(call: Call, request: r.TokenUpdateRequest) -> r.TokenUpdateResponse:
    stored = token(tokens.update(call.work, draft(TokenDraft, request.token)))
    assert stored is not None
    return r.TokenUpdateResponse(token=narrowed(stored, call.srd.child("token")))


@handles("Token", "fetch")
def fetch(call: Call, request: r.TokenFetchRequest) -> r.TokenFetchResponse:
    found = token(tokens.fetch(call.work, draft(TokenDraft, request.token)))
    assert found is not None
    return r.TokenFetchResponse(token=narrowed(found, call.srd.child("token")))
