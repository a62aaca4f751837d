"""Service WebSession: hosted orders (websession §6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cashbox_service.app.drafts import Reference
from cashbox_service.app.hosted import web_sessions
from cashbox_service.app.hosted.web_sessions import (
    HostedCall,
    Made,
    WebSessionDraft,
    WebSessionExpired,
    WebSessionNotFound,
    WebSessionUsed,
)
from cashbox_service.app.subscriptions import autobill_lookup
from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.errors import AutoBillNotFound, InvalidRequest, MissingField
from cashbox_service.domain.hosted_form import FormName
from cashbox_service.soap import hosted_call
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.hosted_call import HostedOutcome
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import FailedWith, Row
from cashbox_service.soap.wire.narrowing import narrowed
from cashbox_service.soap.wire.values import name_values
from cashbox_service.store.entities import WebSession

_NO_MATCH = Row(
    404, "Unable to load session: No match for VID {value}.", "decided", WebSessionNotFound, "VID unknown"
)

RETURNS: dict[str, tuple[Row, ...]] = {
    "initialize": (
        Row(
            400,
            "{detail}",
            "observed",
            InvalidRequest,
            "something is missing or not served; the first one is told",
        ),
    ),
    "finalize": (
        Row(400, "Must specify a WebSession to finalize!", "observed", MissingField, "no session or VID"),
        _NO_MATCH,
        Row(400, "{detail}", "decided", WebSessionExpired, "expired"),
        Row(401, "{detail}", "observed", WebSessionUsed, "finalized before, or its form was refused"),
    ),
    "fetchByVid": (
        Row(400, "No VID specified to load session by.", "documented", MissingField, "no VID"),
        _NO_MATCH,
    ),
}


@handles("WebSession", "initialize")
def initialize(call: Call, request: r.WebSessionInitializeRequest) -> r.WebSessionInitializeResponse:
    given = request.session
    draft = (
        None
        if given is None
        else WebSessionDraft(
            given.method,
            given.version,
            given.returnURL,
            given.errorURL,
            given.ipAddress,
            _pairs(given.nameValues),
            _pairs(given.methodParamValues),
            _pairs(given.privateFormValues),
        )
    )
    made = web_sessions.initialize(
        call.work, draft, lambda version: hosted_call.served_version(version) is not None
    )
    return r.WebSessionInitializeResponse(session=_session(call, made))


@handles("WebSession", "finalize")
def finalize(call: Call, request: r.WebSessionFinalizeRequest) -> r.WebSessionFinalizeResponse:
    given = request.session
    vid = given.VID if given is not None else None
    try:
        hosted = web_sessions.begin_call(
            call.work,
            vid,
            _pairs(given.methodParamValues) if given is not None else (),
            _pairs(given.privateFormValues) if given is not None else (),
        )
    except WebSessionUsed as used:
        session = _session(call, web_sessions.by_vid(call.work, vid))
        raise FailedWith(r.WebSessionFinalizeResponse(session=session), used) from used
    is_new = _is_new_autobill(call, hosted)
    outcome = hosted_call.perform(call, hosted)
    values = _outputs(hosted, outcome, is_new)
    ended = web_sessions.end_call(
        call.work,
        hosted,
        outcome.code,
        outcome.text,
        hosted_call.dump(values, _codec(call)),
        _made(outcome.response),
    )
    return r.WebSessionFinalizeResponse(session=_session(call, ended))


@handles("WebSession", "fetchByVid")
def fetch_by_vid(call: Call, request: r.WebSessionFetchByVidRequest) -> r.WebSessionFetchByVidResponse:
    return r.WebSessionFetchByVidResponse(session=_session(call, web_sessions.by_vid(call.work, request.vid)))


def _session(call: Call, session: WebSession) -> r.WebSession:
    record = r.WebSession(
        VID=session.vid,
        method=session.method,
        version=session.api_version,
        returnURL=session.return_url,
        errorURL=session.error_url,
        ipAddress=session.ip_address,
        expireTime=session.expires_at,
        nameValues=name_values(session.name_values),
        postValues=name_values(session.posted),
        methodParamValues=name_values(session.parameters),
        privateFormValues=name_values(session.private_values),
        apiReturn=r.Return(returnCode=session.api_code, returnString=session.api_text),
        apiReturnValues=(
            r.WebSessionMethodReturn()
            if session.outcome is None
            else hosted_call.load(session.outcome, _codec(call))
        ),
    )
    return narrowed(record, call.srd.child("session"))


def _codec(call: Call) -> Any:
    """The codec that outputs are kept with: that of the newest version, whatever the call's is."""
    return hosted_call.codec_of(hosted_call.KEPT_IN, call.merchant.settings.zone)


def _outputs(hosted: HostedCall, outcome: HostedOutcome, is_new: bool) -> r.WebSessionMethodReturn:
    """The outputs of the call as the session shows them: as many as its type has room for."""
    method = hosted.method
    name = method.result[:1].upper() + method.result[1:]
    record = getattr(r, name)()
    for attribute in record.__slots__:
        value = getattr(outcome.response, attribute, None)
        if value is not None:
            setattr(record, attribute, value)
    if name == "AutoBillUpdate" and outcome.response is not None:
        autobill = getattr(outcome.response, "autobill", None)
        record.created = is_new and autobill is not None
    values = r.WebSessionMethodReturn(method=method.label)
    setattr(values, method.result, record)
    return values


def _is_new_autobill(call: Call, hosted: HostedCall) -> bool:
    if hosted.method.service != "AutoBill":
        return False
    vid = hosted.values.get(FormName("AutoBill", ("vid",)))
    merchant_id = hosted.values.get(FormName("AutoBill", ("merchantautobillid",)))
    if not vid and not merchant_id:
        return True
    try:
        autobill_lookup.resolve(call.work, Reference(vid or None, merchant_id or None))
    except AutoBillNotFound:
        return True
    return False


def _made(response: Any) -> Made:
    """What the answer names of the objects that were created or changed."""
    if response is None:
        return Made()
    autobill = getattr(response, "autobill", None)
    transaction = getattr(response, "transaction", None) or getattr(response, "initialTransaction", None)
    account = (
        getattr(response, "account", None)
        or getattr(autobill, "account", None)
        or getattr(transaction, "account", None)
    )
    method = (
        getattr(response, "paymentMethod", None)
        or getattr(autobill, "paymentMethod", None)
        or getattr(transaction, "sourcePaymentMethod", None)
    )
    return Made(_vid(account), _vid(autobill), _vid(method), _vid(transaction))


def _vid(record: Any) -> str | None:
    return record.VID if record is not None else None


def _pairs(records: Iterable[r.NameValuePair]) -> tuple[NameValue, ...]:
    return tuple(NameValue(pair.name, pair.value or "") for pair in records if pair.name)
