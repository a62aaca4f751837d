"""Service PaymentProvider (payment-method §4)."""

from __future__ import annotations

from typing import NoReturn

from cashbox_service.app.wallet import payment_providers
from cashbox_service.domain.errors import (
    InvalidValue,
    MissingField,
    PaymentProviderNotFound,
    UnsupportedProvider,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.narrowing import narrowed

_MISSING = "Missing required parameter '{name}'."

RETURNS: dict[str, tuple[Row, ...]] = {
    "fetchByName": (
        Row(400, _MISSING, "documented", MissingField, "no name"),
        Row(
            404,
            'Unable to load PaymentProvider by name "{value}":  No match.',
            "documented",
            PaymentProviderNotFound,
            "name unknown",
        ),
    ),
    "dataRequest": (
        Row(400, _MISSING, "decided", MissingField, "no provider, or no requestType"),
        Row(
            400, "{detail}", "documented", InvalidValue, "merchant-id, password, sig or timestamp as argument"
        ),
        Row(
            400,
            "PaymentProvider {name} not supported",
            "decided",
            UnsupportedProvider,
            "any other request: no provider here takes any",
        ),
    ),
}


@handles("PaymentProvider", "fetchByName")
def fetch_by_name(
    call: Call, request: r.PaymentProviderFetchByNameRequest
) -> r.PaymentProviderFetchByNameResponse:
    found = payment_providers.by_name(call.work, request.name)
    record = r.PaymentProvider(name=found.name, authExpirationDays=found.auth_expiration_days)
    return r.PaymentProviderFetchByNameResponse(
        paymentProvider=narrowed(record, call.srd.child("paymentProvider"))
    )


@handles("PaymentProvider", "dataRequest")
def data_request(_call: Call, request: r.PaymentProviderDataRequestRequest) -> NoReturn:
    provider = request.paymentProvider
    payment_providers.refuse_request(
        provider.name if provider is not None else None,
        request.requestType,
        [argument.name for argument in request.requestArguments],
    )
