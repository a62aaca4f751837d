"""Service Diagnostic: echoes and constants for trying out a client (notifications §4). Nothing is stored."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from cashbox_service.domain.errors import InvalidRequest, InvalidValue, MissingField
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import FailedWith, Row
from cashbox_service.soap.srd import Selection
from cashbox_service.soap.versions import contract_of

GREETING = "hello world"
ASCII_TEXT = "The quick brown fox jumps over the lazy dog"
NON_ASCII_TEXT = "Größe, façade, señor, Ångström"
NON_LATIN_TEXT = "Привет, 世界, こんにちは"

RETURNS: dict[str, tuple[Row, ...]] = {
    "putHello": (Row(400, "You didn't say hello world", "decided", InvalidRequest, "another text"),),
    "echoStringByProxy": (
        Row(400, "Missing required parameter '{name}'.", "decided", MissingField, "no version"),
        Row(400, 'version "{value}" is not served.', "decided", InvalidValue, "unknown version"),
    ),
    "putSomeMockTransactions": (
        Row(
            400,
            "Missing required parameter '{name}'.",
            "decided",
            MissingField,
            "no array, or nothing after it",
        ),
    ),
    "echoBoolean": (Row(400, "Missing required parameter '{name}'.", "decided", MissingField, "no value"),),
    "echoDateTime": (Row(400, "Missing required parameter '{name}'.", "decided", MissingField, "no value"),),
}


@handles("Diagnostic", "getHello")
def get_hello(call: Call, _request: r.DiagnosticGetHelloRequest) -> r.DiagnosticGetHelloResponse:
    return r.DiagnosticGetHelloResponse(serverString=GREETING)


@handles("Diagnostic", "putHello")
def put_hello(call: Call, request: r.DiagnosticPutHelloRequest) -> r.DiagnosticPutHelloResponse:
    response = r.DiagnosticPutHelloResponse(serverEchoOfClientString=request.clientString)
    said = re.sub(r"[\s.,;:!?]+$", "", (request.clientString or "").strip()).lower()
    if said != GREETING:
        raise FailedWith(response, InvalidRequest())
    return response


@handles("Diagnostic", "echoString")
def echo_string(call: Call, request: r.DiagnosticEchoStringRequest) -> r.DiagnosticEchoStringResponse:
    return r.DiagnosticEchoStringResponse(
        serverEchoOfClientString=request.clientString,
        reference_ASCII_string=ASCII_TEXT,
        reference_non_ASCII_string=NON_ASCII_TEXT,
        reference_non_Latin_string=NON_LATIN_TEXT,
    )


@handles("Diagnostic", "echoStringByProxy")
def echo_string_by_proxy(
    call: Call, request: r.DiagnosticEchoStringByProxyRequest
) -> r.DiagnosticEchoStringByProxyResponse:
    if not request.version:
        raise MissingField("version")
    if contract_of(request.version.strip()) is None:
        raise InvalidValue("version", request.version, "is not served")
    return r.DiagnosticEchoStringByProxyResponse(
        serverEchoOfClientString=request.clientString,
        reference_ASCII_string=ASCII_TEXT,
        reference_non_ASCII_string=NON_ASCII_TEXT,
        reference_non_Latin_string=NON_LATIN_TEXT,
    )


@handles("Diagnostic", "getSomeMockTransactions")
def get_some_mock_transactions(
    call: Call, _request: r.DiagnosticGetSomeMockTransactionsRequest
) -> r.DiagnosticGetSomeMockTransactionsResponse:
    parts = call.srd.child("transactions")
    return r.DiagnosticGetSomeMockTransactionsResponse(
        transactions=tuple(_mock_transaction(number, parts) for number in (1, 2, 3))
    )


@handles("Diagnostic", "putSomeMockTransactions")
def put_some_mock_transactions(
    call: Call, request: r.DiagnosticPutSomeMockTransactionsRequest
) -> r.DiagnosticPutSomeMockTransactionsResponse:
    if not request.transactions:
        raise MissingField("transactions")
    if request.extra is None:
        raise MissingField("extra")
    return r.DiagnosticPutSomeMockTransactionsResponse(
        serverString=f'Got {len(request.transactions)} transactions, extra was "{request.extra}"'
    )


@handles("Diagnostic", "echoBoolean")
def echo_boolean(call: Call, request: r.DiagnosticEchoBooleanRequest) -> r.DiagnosticEchoBooleanResponse:
    if request.clientBoolean is None:
        raise MissingField("clientBoolean")
    return r.DiagnosticEchoBooleanResponse(
        serverEchoOfClientBoolean=request.clientBoolean,
        serverEchoOfClientBooleanAsInt=int(request.clientBoolean),
    )


@handles("Diagnostic", "echoDateTime")
def echo_date_time(call: Call, request: r.DiagnosticEchoDateTimeRequest) -> r.DiagnosticEchoDateTimeResponse:
    if request.clientDateTime is None:
        raise MissingField("clientDateTime")
    return r.DiagnosticEchoDateTimeResponse(
        serverEchoOfClientDateTime=request.clientDateTime,
        serverEchoOfClientDateTimeAsInt=int(request.clientDateTime.timestamp()),
    )


@handles("Diagnostic", "echoMockActivityFulfillment")
def echo_mock_activity_fulfillment(
    call: Call, request: r.DiagnosticEchoMockActivityFulfillmentRequest
) -> r.DiagnosticEchoMockActivityFulfillmentResponse:
    return r.DiagnosticEchoMockActivityFulfillmentResponse(
        serverEchoOfClientActivityFulfillment=request.clientActivityFulfillment
    )


@handles("Diagnostic", "uselessUseOfDiagnosticObject")
def useless_use_of_diagnostic_object(
    call: Call, request: r.DiagnosticUselessUseOfDiagnosticObjectRequest
) -> r.DiagnosticUselessUseOfDiagnosticObjectResponse:
    return r.DiagnosticUselessUseOfDiagnosticObjectResponse(
        uselessOutput=request.uselessInput or r.Diagnostic()
    )


def _mock_transaction(number: int, selection: Selection) -> r.Transaction:
    """A well-formed made-up transaction; the same one every time."""
    moment = datetime(2020, 1, number, 20, 0, tzinfo=UTC)
    amount = Decimal(number * 10).quantize(Decimal("0.01"))
    whole: dict[str, Any] = {
        "amount": amount,
        "currency": "USD",
        "timestamp": moment,
        "account": r.Account(
            VID=f"{0xACC:040x}",
            merchantAccountId="mock-account",
            name="Mock Customer" if selection.child("account").wants("name") else None,
        ),
        "statusLog": (_mock_status("Captured", moment), _mock_status("New", moment)),
        "paymentProcessor": "Vindicia",
        "transactionItems": (_mock_item(number, amount, selection.child("transactionItems")),),
    }
    chosen = {name: value for name, value in whole.items() if selection.wants(name)}
    return r.Transaction(VID=f"{number:040x}", merchantTransactionId=f"mock-transaction-{number}", **chosen)


def _mock_status(status: str, moment: datetime) -> r.TransactionStatus:
    return r.TransactionStatus(status=status, timestamp=moment, paymentMethodType="MerchantAcceptedPayment")


def _mock_item(number: int, amount: Decimal, selection: Selection) -> r.TransactionItem:
    whole: dict[str, Any] = {
        "sku": f"mock-sku-{number}",
        "indexNumber": 1,
        "itemType": "Purchase",
        "subtotal": amount,
        "total": amount,
    }
    chosen = {name: value for name, value in whole.items() if selection.wants(name)}
    return r.TransactionItem(name=f"Mock item {number}", price=amount, quantity=Decimal(1), **chosen)
