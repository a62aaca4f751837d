"""A small service to send requests to: real endpoint, envelope, codec and dispatch over a hand-written application.

Its handlers echo what was read, so that an answer shows how a body was understood. Nothing is stored.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lxml import etree

from cashbox_service.calls import FinishedCall
from cashbox_service.domain.errors import InvalidRequest, NotFound, PaymentRefused, Unavailable
from cashbox_service.merchant_settings import MerchantSettings
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.endpoint import SoapEndpoint
from cashbox_service.soap.envelope import Limits
from cashbox_service.soap.registry import Registry
from cashbox_service.soap.returns import FailedWith, Row

LOGIN = "shop_soap"
PASSWORD = "pa55-word"
CARD = "4111111111111111"

ENVELOPE_11 = "http://schemas.xmlsoap.org/soap/envelope/"
ENVELOPE_12 = "http://www.w3.org/2003/05/soap-envelope"
AUTH = f"<auth><version>22.0</version><login>{LOGIN}</login><password>{PASSWORD}</password></auth>"

RETURNS: dict[str, tuple[Row, ...]] = {
    "putHello": (Row(402, "Refused with {auth_code}: {detail}", "decided", PaymentRefused),),
    "update": (
        Row(404, 'No product by {key} "{value}"', "decided", NotFound),
        Row(400, "Failed to update: {detail}", "decided", InvalidRequest),
    ),
}

ECHOES = Registry()
handles = ECHOES.handles


class Store:
    """What a call opens; it knows whether it was closed."""

    def __init__(self) -> None:
        self.is_open = True

    def close(self) -> None:
        self.is_open = False


@dataclass(frozen=True)
class Shop:
    """A merchant of the fake application."""

    vid: str = "5" * 40
    settings: MerchantSettings = field(default_factory=MerchantSettings)


class FakeApp:
    """One merchant, one password, and a record of what was asked."""

    def __init__(self, shop: Shop | None = None) -> None:
        self.shop = shop or Shop()
        self.asked: list[tuple[str, str, str]] = []
        self.opened: list[Store] = []
        self.is_stopping = False

    def authenticate(self, login: str, password: str, source_ip: str) -> Shop | None:
        self.asked.append((login, password, source_ip))
        if self.is_stopping:
            raise Unavailable("", "The service is stopping.")
        return self.shop if (login, password) == (LOGIN, PASSWORD) else None

    def open(self, merchant: Any) -> Store:
        assert merchant is self.shop
        self.opened.append(Store())
        return self.opened[-1]


@handles("Diagnostic", "echoString")
def echo_string(_call: Call, request: r.DiagnosticEchoStringRequest) -> r.DiagnosticEchoStringResponse:
    return r.DiagnosticEchoStringResponse(
        serverEchoOfClientString=request.clientString, reference_ASCII_string="constant"
    )


@handles("Diagnostic", "echoBoolean")
def echo_boolean(_call: Call, request: r.DiagnosticEchoBooleanRequest) -> r.DiagnosticEchoBooleanResponse:
    return r.DiagnosticEchoBooleanResponse(serverEchoOfClientBoolean=request.clientBoolean)


@handles("Diagnostic", "echoDateTime")
def echo_date_time(_call: Call, request: r.DiagnosticEchoDateTimeRequest) -> r.DiagnosticEchoDateTimeResponse:
    return r.DiagnosticEchoDateTimeResponse(serverEchoOfClientDateTime=request.clientDateTime)


@handles("Diagnostic", "putSomeMockTransactions")
def put_transactions(
    _call: Call, request: r.DiagnosticPutSomeMockTransactionsRequest
) -> r.DiagnosticPutSomeMockTransactionsResponse:
    ids = [one.merchantTransactionId or "-" for one in request.transactions]
    return r.DiagnosticPutSomeMockTransactionsResponse(serverString=f"{','.join(ids)};{request.extra}")


@handles("Diagnostic", "putHello")
def put_hello(_call: Call, request: r.DiagnosticPutHelloRequest) -> r.DiagnosticPutHelloResponse:
    response = r.DiagnosticPutHelloResponse(serverEchoOfClientString=request.clientString)
    raise FailedWith(response, PaymentRefused("05", hard=False, message=f"no {request.clientString}"))


@handles("Diagnostic", "getHello")
def get_hello(call: Call, request: r.DiagnosticGetHelloRequest) -> r.DiagnosticGetHelloResponse:
    """Fails in the middle of its work, with secrets in the exception."""
    assert call.work is not None
    raise RuntimeError(f"SELECT secret FROM cards: {CARD} {PASSWORD} {request.quodlibet}")


@handles("Diagnostic", "uselessUseOfDiagnosticObject")
def answer_wrongly(
    _call: Call, _request: r.DiagnosticUselessUseOfDiagnosticObjectRequest
) -> r.DiagnosticUselessUseOfDiagnosticObjectResponse:
    """An answer without a part that the contract requires."""
    return r.DiagnosticUselessUseOfDiagnosticObjectResponse()


@handles("AutoBill", "makePayment")
def make_payment(_call: Call, request: r.AutoBillMakePaymentRequest) -> r.AutoBillMakePaymentResponse:
    return r.AutoBillMakePaymentResponse(
        transaction=r.Transaction(
            amount=request.amount,
            currency=request.overageDisposition,
            preferredNotificationLanguage=request.note,
        )
    )


@handles("AutoBill", "delayBillingByDays")
def delay_billing(
    _call: Call, request: r.AutoBillDelayBillingByDaysRequest
) -> r.AutoBillDelayBillingByDaysResponse:
    days = request.delayDays
    return r.AutoBillDelayBillingByDaysResponse(nextBillingAmount=None if days is None else Decimal(days))


@handles("Account", "fetchByMerchantAccountId")
def fetch_account(
    call: Call, request: r.AccountFetchByMerchantAccountIdRequest
) -> r.AccountFetchByMerchantAccountIdResponse:
    parts = call.srd.child("account")
    account = r.Account(VID="a" * 40, merchantAccountId=request.merchantAccountId)
    if parts.wants("name"):
        account.name = "A Customer"
    if parts.wants("emailAddress"):
        account.emailAddress = "a.customer@example.com"
    return r.AccountFetchByMerchantAccountIdResponse(account=account)


@handles("Product", "update")
def update_product(_call: Call, request: r.ProductUpdateRequest) -> r.ProductUpdateResponse:
    product = request.product
    if product is None:
        raise InvalidRequest("there is no product {in} it")
    if product.VID is not None:
        raise NotFound("VID", product.VID)
    return r.ProductUpdateResponse(product=product, created=True)


@dataclass(frozen=True)
class Reply:
    """What came back over HTTP."""

    status: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def root(self) -> etree._Element:
        return etree.fromstring(self.body)

    def text(self, name: str) -> str | None:
        """The text of the first element called ``name`` in whatever namespace; None when there is none."""
        for element in self.root.iter("{*}" + name):
            return element.text or ""
        return None

    @property
    def fault(self) -> str | None:
        return self.text("faultstring") if self.text("faultstring") is not None else self.text("Text")

    @property
    def code(self) -> int | None:
        code = self.text("returnCode")
        return None if code is None else int(code)


class EchoService:
    """The endpoint over the fake application."""

    def __init__(self, limits: Limits | None = None, shop: Shop | None = None) -> None:
        self.app = FakeApp(shop)
        self.finished: list[FinishedCall] = []
        self.endpoint = SoapEndpoint(
            self.app,
            base_url="https://billing.example",
            observer=self.finished.append,
            limits=limits,
            registry=ECHOES,
        )

    def post(self, body: bytes, path: str = "/soap.pl", **environ: Any) -> Reply:
        return self.request("POST", path, body, **{"CONTENT_TYPE": "text/xml; charset=utf-8"} | environ)

    def request(self, method: str, path: str, body: bytes = b"", **environ: Any) -> Reply:
        """One HTTP request, through the WSGI interface."""
        started: list[tuple[str, dict[str, str]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], object]:
            started.append((status, dict(headers)))
            return lambda _chunk: None

        given = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_ADDR": "192.0.2.7",
            "HTTP_HOST": "evil.example",
            "wsgi.input": io.BytesIO(body),
        }
        answer = self.endpoint(given | environ, start_response)
        chunks = list(answer)
        if hasattr(answer, "close"):
            answer.close()
        return Reply(*started[0], b"".join(chunks))


def envelope(content: str, header: str = "", namespace: str = ENVELOPE_11) -> bytes:
    return (
        f'<soap:Envelope xmlns:soap="{namespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xmlns:xsd="http://www.w3.org/2001/XMLSchema">{header}<soap:Body>{content}</soap:Body></soap:Envelope>'
    ).encode()


def operation(service: str, name: str, parts: str, auth: str = AUTH, version: str = "22_0") -> str:
    namespace = f"http://soap.vindicia.com/v{version}/{service}"
    return f'<tns:{name} xmlns:tns="{namespace}">{auth}<srd/>{parts}</tns:{name}>'


def echoing(text: str) -> bytes:
    """A request whose answer repeats ``text``, which is XML."""
    return envelope(operation("Diagnostic", "echoString", f"<clientString>{text}</clientString>"))


def packed(body: bytes) -> bytes:
    return gzip.compress(body)
