"""The SOAP endpoint over HTTP: calls and documents, as a WSGI application.

- ``POST /soap.pl``, ``/v<version>/soap.pl``, ``/<version>/soap.pl`` and ``/``: calls of all services and versions.
  Which one is meant, the namespace of the operation says; path and Content-Type say nothing. SOAPAction is asked only
  about an operation in no namespace.
- ``GET /<version>/<Service>.wsdl`` and ``/<version>/Vindicia.xsd``, also with ``v`` before the version.

A call with a Return is answered with 200, a fault with 500 (413 for a request that is too large), whatever happened
inside. No header of the request is reflected. Source: spec conventions §1.1, §2.1, §2.2, §3.4.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cashbox_service.calls import FinishedCall, Observer
from cashbox_service.logging import get_logger
from cashbox_service.soap.applications import ServiceApplication
from cashbox_service.soap.call import Application
from cashbox_service.soap.encoding import unpack
from cashbox_service.soap.envelope import Limits, Request, read_envelope
from cashbox_service.soap.failures import describe
from cashbox_service.soap.faults import (
    ApplicationError,
    Malformed,
    RequestFault,
    TooLarge,
    UnknownOperation,
    UnknownService,
    content_type,
    fault_bytes,
)
from cashbox_service.soap.registry import HANDLERS, Registry
from cashbox_service.soap.services import Services
from cashbox_service.soap.versions import service_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = get_logger(__name__)

CALL_PATH = "/soap.pl"

_CALLS = re.compile(r"(?:/v?[0-9]{1,3}\.[0-9]{1,3})?/soap\.pl|/?")
_DOCUMENT = re.compile(r"/v?([0-9]{1,3}\.[0-9]{1,3})/(?:\./)?(?:(Vindicia)\.xsd|([A-Za-z]{1,40})\.wsdl)")
"""Clients that join the import ``./Vindicia.xsd`` to the folder ask for it with the dot."""
_ACTION = re.compile(r"""\s*"?([^\s"#]+)#(\w+)"?\s*""", re.ASCII)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._-]{1,40})""", re.IGNORECASE)
_SOAP_12_CONTENT = "application/soap+xml"
_DOCUMENT_TYPE = "text/xml; charset=utf-8"
_STATUS = {200: "200 OK", 413: "413 Content Too Large", 500: "500 Internal Server Error"}
_LARGEST_LENGTH = 19
"""Digits of a Content-Length."""


class SoapEndpoint:
    """Answers over HTTP for ``app``; ``base_url`` is how clients reach the service, without a trailing slash."""

    def __init__(
        self,
        app: Application,
        *,
        base_url: str,
        observer: Observer | None = None,
        limits: Limits | None = None,
        registry: Registry | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._observer = observer
        self._services = Services(
            app,
            registry=HANDLERS if registry is None else registry,
            location_url=base_url.rstrip("/") + CALL_PATH,
            limits=self._limits,
            observer=observer,
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        if _CALLS.fullmatch(path):
            if method != "POST":
                return _refused(start_response, "405 Method Not Allowed", allow="POST")
            return self._call(environ, start_response)
        document = _DOCUMENT.fullmatch(path)
        if document is None:
            return _refused(start_response, "404 Not Found")
        if method not in ("GET", "HEAD"):
            return _refused(start_response, "405 Method Not Allowed", allow="GET, HEAD")
        return self._document(document, method, start_response)

    def _call(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        kind = environ.get("CONTENT_TYPE") or ""
        soap12, request = _SOAP_12_CONTENT in kind.lower(), None
        try:
            request = read_envelope(self._body(environ), _charset(kind), self._limits)
            soap12 = request.soap12
            if "HTTP_IDEMPOTENCY_KEY" in environ:
                request = replace(request, idempotency_key=environ["HTTP_IDEMPOTENCY_KEY"])
            if not request.namespace:
                request = replace(
                    request, namespace=_named_by(environ.get("HTTP_SOAPACTION", ""), request.name)
                )
            service = self._service(request)
            answer, end = service.answer(request, environ.get("REMOTE_ADDR", ""))
        except RequestFault as error:
            fault = error
        except Exception as error:
            log.error("request failed", **describe(error))  # noqa: TRY400  the text of an exception may hold secrets
            fault = ApplicationError()
        else:
            start_response(_STATUS[200], _headers(content_type(soap12), answer))
            return _Answer(answer, end)
        fault.soap12 = fault.soap12 or soap12
        self._report(fault, time.perf_counter() - started)
        return _send(start_response, fault.http_status, content_type(fault.soap12), fault_bytes(fault))

    def _service(self, request: Request) -> ServiceApplication:
        service = self._services.find(request.namespace)
        if service is None:
            named = service_of(request.namespace)
            raise UnknownService(named[1] if named else request.namespace)
        if request.name not in service.operations:
            raise UnknownOperation(service.service, request.name)
        return service

    def _body(self, environ: WSGIEnvironment) -> bytes:
        """The unpacked body. What is declared too large is not read."""
        limit = self._limits.bytes
        body = _received(environ, limit)
        coding = environ.get("HTTP_CONTENT_ENCODING")
        return unpack(body, coding, limit) if coding else body

    def _document(self, named: re.Match[str], method: str, start_response: StartResponse) -> Iterable[bytes]:
        version, schema, name = named.groups()
        document = self._services.schema(version) if schema else None
        if name:
            service = self._services.service(version, name)
            document = service.wsdl() if service else None
        if document is None:
            return _refused(start_response, "404 Not Found")
        answer = _send(start_response, 200, _DOCUMENT_TYPE, document)
        return [] if method == "HEAD" else answer

    def _report(self, fault: RequestFault, seconds: float) -> None:
        log.info("fault", code=fault.code, text=fault.text, milliseconds=round(seconds * 1000, 2))
        if self._observer is None:
            return
        try:
            self._observer(_unanswered(seconds))
        except Exception as error:
            log.error("observer failed", **describe(error))  # noqa: TRY400  the same


def _named_by(action: str, operation: str) -> str:
    """The namespace of ``operation`` that a SOAPAction names; empty when it is one of something else.

    Libraries that take ``elementFormDefault`` for a word on operations too send them without a namespace.
    """
    named = _ACTION.fullmatch(action)
    return named[1] if named and named[2] == operation else ""


def _unanswered(seconds: float) -> FinishedCall:
    """What is reported of a request that was answered with a fault."""
    return FinishedCall(
        at=datetime.now(UTC),
        service="",
        operation="",
        version="",
        soap_id="",
        return_code=None,
        seconds=seconds,
    )


def _received(environ: WSGIEnvironment, limit: int) -> bytes:
    """The body as it came. A server that has undone chunks either knows the length or ends the stream itself."""
    stream, declared = environ["wsgi.input"], environ.get("CONTENT_LENGTH") or ""
    if not declared:
        body: bytes = stream.read(limit + 1) if environ.get("wsgi.input_terminated") else b""
        if len(body) > limit:
            raise TooLarge(f"more than {limit} bytes")
        return body
    if not (declared.isascii() and declared.isdigit() and len(declared) <= _LARGEST_LENGTH):
        raise Malformed("the Content-Length is not a number")
    length = int(declared)
    if length > limit:
        raise TooLarge(f"more than {limit} bytes")
    body = stream.read(length)
    if len(body) < length:
        raise Malformed("the body is cut off")
    return body


def _charset(kind: str) -> str | None:
    found = _CHARSET.search(kind)
    return found[1] if found else None


class _Answer:
    """An answer on its way. The server calls `close` once it is sent: nobody waits for what is put off until then."""

    __slots__ = ("_body", "close")

    def __init__(self, body: bytes, close: Callable[[], None]) -> None:
        self._body = body
        self.close = close

    def __iter__(self) -> Iterator[bytes]:
        yield self._body


def _send(start_response: StartResponse, status: int, kind: str, body: bytes) -> Iterable[bytes]:
    start_response(_STATUS[status], _headers(kind, body))
    return [body]


def _headers(kind: str, body: bytes) -> list[tuple[str, str]]:
    return [("Content-Type", kind), ("Content-Length", str(len(body)))]


def _refused(start_response: StartResponse, status: str, *, allow: str | None = None) -> Iterable[bytes]:
    headers = [("Content-Length", "0")]
    if allow is not None:
        headers.append(("Allow", allow))
    start_response(status, headers)
    return []
