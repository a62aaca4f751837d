"""Service NameValuePair (account §12)."""

from __future__ import annotations

from cashbox_service.app import name_values
from cashbox_service.domain.errors import InvalidValue, MissingField
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row

RETURNS: dict[str, tuple[Row, ...]] = {
    "fetchNameValueNames": (
        Row(400, "Missing required parameter '{name}'.", "decided", MissingField, "no type"),
        Row(
            400,
            'type "{value}" is not a class with name-value pairs.',
            "decided",
            InvalidValue,
            "type unknown",
        ),
    ),
}


@handles("NameValuePair", "fetchNameValueTypes")
def fetch_types(
    call: Call, _request: r.NameValuePairFetchNameValueTypesRequest
) -> r.NameValuePairFetchNameValueTypesResponse:
    return r.NameValuePairFetchNameValueTypesResponse(types=name_values.OBJECT_CLASSES)


@handles("NameValuePair", "fetchNameValueNames")
def fetch_names(
    call: Call, request: r.NameValuePairFetchNameValueNamesRequest
) -> r.NameValuePairFetchNameValueNamesResponse:
    return r.NameValuePairFetchNameValueNamesResponse(
        names=tuple(name_values.names_of_class(call.work, request.type))
    )
