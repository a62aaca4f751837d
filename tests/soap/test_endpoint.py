"""The endpoint over HTTP: paths, methods, headers, documents; through WSGI and over real connections."""

from __future__ import annotations

import gzip
import io
import socket
import threading
from collections.abc import Iterator
from typing import Any
from wsgiref.validate import validator

import pytest
from lxml import etree
from waitress import wasyncore
from waitress.server import create_server

from cashbox_service.calls import FinishedCall
from cashbox_service.conformance.events import captured_events
from cashbox_service.soap.endpoint import SoapEndpoint
from tests.soap.echo import (
    ECHOES,
    ENVELOPE_11,
    ENVELOPE_12,
    EchoService,
    FakeApp,
    echoing,
    envelope,
    operation,
)
from tests.soap.requests import FACTS

PLAIN = echoing("hello")
XSD = "{http://www.w3.org/2001/XMLSchema}"
WSDL_SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"


@pytest.fixture(scope="module")
def service() -> EchoService:
    return EchoService()


@pytest.mark.parametrize(
    "path", ["/soap.pl", "/v22.0/soap.pl", "/22.0/soap.pl", "/v3.6/soap.pl", "/v99.9/soap.pl", "/", ""]
)
def test_calls_are_taken_at_every_path_and_the_path_says_nothing(service: EchoService, path: str) -> None:
    reply = service.post(PLAIN, path)
    assert (reply.status, reply.text("serverEchoOfClientString")) == ("200 OK", "hello")


BARE = PLAIN.replace(b"tns:", b"")
ACTION = "http://soap.vindicia.com/v22_0/Diagnostic#echoString"


@pytest.mark.parametrize("action", [f'"{ACTION}"', ACTION, f' "{ACTION}" '])
def test_an_operation_without_a_namespace_is_found_by_its_soap_action(
    service: EchoService, action: str
) -> None:
    """As node-soap sends it before its version 0.19, where a schema does not qualify its elements."""
    reply = service.post(BARE, HTTP_SOAPACTION=action)
    assert (reply.status, reply.text("serverEchoOfClientString")) == ("200 OK", "hello")


@pytest.mark.parametrize(
    "action",
    [
        None, "", '""', ACTION.replace("echoString", "getHello"), "http://soap.vindicia.com/v22_0/Treasury#echoString",
        "http://soap.vindicia.com/v22_0/Diagnostic", f"{ACTION}#echoString", "echoString", "#echoString",
    ],
)  # fmt: skip
def test_an_operation_without_a_namespace_is_refused_where_no_action_names_it(
    service: EchoService, action: str | None
) -> None:
    reply = service.post(BARE) if action is None else service.post(BARE, HTTP_SOAPACTION=action)
    assert reply.status == "500 Internal Server Error"
    assert b"Denied access to class (" in reply.body


@pytest.mark.parametrize(
    "path",
    [
        "/soap.pl/", "/x/soap.pl", "/soap.plx", "/SOAP.PL", "/vv22.0/soap.pl", "/22/soap.pl", "//", "/soap.pl\n",
        "/v22.0/v22.0/soap.pl", "/../soap.pl", "/v22.0", "/index.html",
    ],
)  # fmt: skip
def test_nothing_is_at_other_paths(service: EchoService, path: str) -> None:
    for method in ("GET", "POST"):
        reply = service.request(method, path, PLAIN)
        assert (reply.status, reply.body) == ("404 Not Found", b"")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_calls_are_posted(service: EchoService, method: str) -> None:
    reply = service.request(method, "/soap.pl", PLAIN)
    assert (reply.status, reply.headers["Allow"], reply.body) == ("405 Method Not Allowed", "POST", b"")


def test_answer_names_its_kind_and_length(service: EchoService) -> None:
    reply = service.post(PLAIN)
    assert reply.headers == {
        "Content-Type": "text/xml; charset=utf-8",
        "Content-Length": str(len(reply.body)),
    }
    assert reply.root.tag == f"{{{ENVELOPE_11}}}Envelope"


def test_soap_12_is_answered_in_soap_12(service: EchoService) -> None:
    part = "<clientString>hello</clientString>"
    body = envelope(operation("Diagnostic", "echoString", part), namespace=ENVELOPE_12)
    reply = service.post(body, CONTENT_TYPE="text/xml")
    assert reply.headers["Content-Type"] == "application/soap+xml; charset=utf-8"
    assert reply.root.tag == f"{{{ENVELOPE_12}}}Envelope"
    assert reply.text("serverEchoOfClientString") == "hello"


def test_fault_before_the_envelope_is_known_follows_the_kind_of_content(service: EchoService) -> None:
    reply = service.post(b"", CONTENT_TYPE="application/SOAP+xml; charset=utf-8")
    assert reply.headers["Content-Type"] == "application/soap+xml; charset=utf-8"
    assert reply.root.tag == f"{{{ENVELOPE_12}}}Envelope"


def test_refusal_and_failure_are_http_200(service: EchoService) -> None:
    denied = service.post(envelope(operation("Diagnostic", "echoString", "", "")))
    crashed = service.post(envelope(operation("Diagnostic", "getHello", "")))
    assert [(reply.status, reply.code) for reply in (denied, crashed)] == [("200 OK", 403), ("200 OK", 500)]


@pytest.mark.parametrize("name", FACTS.services)
@pytest.mark.parametrize("prefix", ["/22.0", "/v22.0"])
def test_document_of_each_service_names_the_public_address(
    service: EchoService, prefix: str, name: str
) -> None:
    reply = service.request("GET", f"{prefix}/{name}.wsdl")
    assert (reply.status, reply.headers["Content-Type"]) == ("200 OK", "text/xml; charset=utf-8")
    root = reply.root
    assert root.get("targetNamespace") == f"http://soap.vindicia.com/v22_0/{name}"
    assert [each.get("location") for each in root.iter(f"{WSDL_SOAP}address")] == [
        "https://billing.example/soap.pl"
    ]
    assert b"evil.example" not in reply.body


def test_schema_holds_every_type(service: EchoService) -> None:
    root = service.request("GET", "/v22.0/Vindicia.xsd").root
    assert [each.get("name") for each in root.iter(f"{XSD}complexType")] == list(FACTS.types)


@pytest.mark.parametrize("version", ["21.0", "21.7", "23.0"])
def test_versions_of_one_contract_have_their_own_namespaces(service: EchoService, version: str) -> None:
    under = f"http://soap.vindicia.com/v{version.replace('.', '_')}"
    document = service.request("GET", f"/{version}/Account.wsdl").root
    assert document.get("targetNamespace") == f"{under}/Account"
    schema = service.request("GET", f"/{version}/Vindicia.xsd").root
    assert schema.get("targetNamespace") == f"{under}/Vindicia"
    part = "<clientString>hello</clientString>"
    asked = operation("Diagnostic", "echoString", part, version=version.replace(".", "_"))
    reply = service.post(envelope(asked))
    assert reply.root[0][0].tag == f"{{{under}/Diagnostic}}echoStringResponse"
    assert reply.root.nsmap["vin"] == f"{under}/Vindicia"


@pytest.mark.parametrize("version", ["3.4", "3.6", "4.2", "5.0", "13.0", "18.0", "21.0", "23.0", "24.1"])
@pytest.mark.parametrize("prefix", ["/", "/v"])
def test_documents_of_every_version_are_served(service: EchoService, version: str, prefix: str) -> None:
    namespace = f"http://soap.vindicia.com/v{version.replace('.', '_')}"
    wsdl = service.request("GET", f"{prefix}{version}/AutoBill.wsdl").root
    assert wsdl.get("targetNamespace") == f"{namespace}/AutoBill"
    schema = service.request("GET", f"{prefix}{version}/Vindicia.xsd").root
    assert schema.get("targetNamespace") == f"{namespace}/Vindicia"


@pytest.mark.parametrize("path", ["/22.0/./Vindicia.xsd", "/v3.6/./Vindicia.xsd", "/22.0/./Account.wsdl"])
def test_a_client_that_joins_the_import_to_the_folder_finds_the_schema(
    service: EchoService, path: str
) -> None:
    """The documents import ``./Vindicia.xsd``, and not every library takes the dot out."""
    plain = service.request("GET", path.replace("/./", "/"))
    assert service.request("GET", path).body == plain.body != b""


@pytest.mark.parametrize(
    "path",
    [
        "/22.0/Treasury.wsdl", "/2.9/Account.wsdl", "/0.9/Account.wsdl", "/3.6/Campaign.wsdl", "/22.0/account.wsdl",
        "/22.0/Vindicia.wsdl", "/22.0/Account.xsd", "/22.0/../22.0/Account.wsdl", "/22.00/Account.wsdl",
        "/22.0/__class__.wsdl", "/99.99/Vindicia.xsd",
    ],
)  # fmt: skip
def test_unknown_documents_are_not_found(service: EchoService, path: str) -> None:
    assert service.request("GET", path).status == "404 Not Found"


def test_documents_are_only_read(service: EchoService) -> None:
    reply = service.request("POST", "/22.0/Account.wsdl", PLAIN)
    assert (reply.status, reply.headers["Allow"]) == ("405 Method Not Allowed", "GET, HEAD")
    head, full = (service.request(method, "/22.0/Account.wsdl") for method in ("HEAD", "GET"))
    assert (head.status, head.headers, head.body) == (full.status, full.headers, b"")


def test_endpoint_keeps_to_wsgi() -> None:
    endpoint = SoapEndpoint(FakeApp(), base_url="http://x", registry=ECHOES)
    checked = validator(endpoint)
    for method, path, body in (
        ("POST", "/soap.pl", PLAIN),
        ("GET", "/22.0/Account.wsdl", b""),
        ("POST", "/", b"x"),
    ):
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": "x",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        answer = checked(environ, lambda _status, _headers, _error=None: lambda _chunk: None)
        assert b"".join(answer).startswith(b"<?xml")
        answer.close()  # type: ignore[attr-defined]


class BrokenStream(io.BytesIO):
    def read(self, _size: int | None = -1) -> bytes:
        raise OSError(5, "cannot be read", "/secret/path")


def test_whatever_breaks_is_an_application_error(service: EchoService) -> None:
    with captured_events() as events:
        reply = service.request("POST", "/soap.pl", PLAIN, **{"wsgi.input": BrokenStream()})
    assert (reply.status, reply.fault) == ("500 Internal Server Error", "Application error")
    assert reply.text("faultcode") == "soap:Server"
    assert [event["error"] for event in events if event["event"] == "request failed"] == ["builtins.OSError"]
    assert "/secret/path" not in repr(events)


def test_observer_that_fails_takes_no_answer_back() -> None:
    def fail(_call: FinishedCall) -> None:
        raise LookupError

    service = EchoService()
    service.endpoint = SoapEndpoint(FakeApp(), base_url="http://x", observer=fail, registry=ECHOES)
    assert service.post(PLAIN).code == 200
    assert (service.post(b"").fault or "").startswith("Malformed request")


def test_calls_at_the_same_time_do_not_mix() -> None:
    service = EchoService()
    answers: dict[int, str | None] = {}

    def call(number: int) -> None:
        answers[number] = service.post(echoing(f"text {number}")).text("serverEchoOfClientString")

    threads = [threading.Thread(target=call, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: f"text {number}" for number in range(40)}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A real server around the endpoint, on a free port."""
    sockets: dict[int, Any] = {}
    server = create_server(EchoService().endpoint, map=sockets, host="127.0.0.1", port=0, threads=2)
    stopping = threading.Event()

    def serve() -> None:
        while not stopping.is_set():
            wasyncore.loop(timeout=0.05, map=sockets, use_poll=True, count=1)

    thread = threading.Thread(target=serve)
    thread.start()
    yield server.effective_port
    stopping.set()
    thread.join()
    server.task_dispatcher.shutdown()
    for channel in list(sockets.values()):
        channel.close()


def head(*lines: str) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode()


def exchanged(port: int, *pieces: bytes) -> bytes:
    """Everything the server sends after it got ``pieces`` and the end of the stream."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for piece in pieces:
            connection.sendall(piece)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while data := connection.recv(65536):
            received += data
        return received


def chunked(body: bytes, size: int = 100) -> bytes:
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in [*chunks, b""])


LENGTH = f"Content-Length: {len(PLAIN)}"
HOST = "Host: evil.example"
ECHO = b">hello</serverEchoOfClientString>"


def test_http_1_0(port: int) -> None:
    answer = exchanged(port, head("POST /soap.pl HTTP/1.0", LENGTH), PLAIN)
    assert answer.startswith(b"HTTP/1.0 200 OK\r\n")
    assert ECHO in answer


def test_several_calls_on_one_connection(port: int) -> None:
    request = head("POST /soap.pl HTTP/1.1", HOST, LENGTH, "Content-Type: text/xml") + PLAIN
    answer = exchanged(port, *[request] * 3, head("GET /22.0/Token.wsdl HTTP/1.1", HOST))
    assert answer.count(b"HTTP/1.1 200 OK\r\n") == 4
    assert answer.count(ECHO) == 3
    assert b"TokenPortType" in answer
    assert b"evil.example" not in answer


def test_body_in_chunks(port: int) -> None:
    answer = exchanged(port, head("POST / HTTP/1.1", HOST, "Transfer-Encoding: chunked"), chunked(PLAIN))
    assert ECHO in answer


def test_packed_body_in_chunks(port: int) -> None:
    lines = head("POST / HTTP/1.1", HOST, "Transfer-Encoding: chunked", "Content-Encoding: gzip")
    assert ECHO in exchanged(port, lines, chunked(gzip.compress(PLAIN), 7))


def test_body_after_the_server_asked_for_it(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(
            head("POST /soap.pl HTTP/1.1", HOST, LENGTH, "Expect: 100-continue", "Connection: close")
        )
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 Continue\r\n")
        connection.sendall(PLAIN)
        answer = b""
        while data := connection.recv(65536):
            answer += data
    assert ECHO in answer


def test_body_in_slow_pieces(port: int) -> None:
    request = head("POST /soap.pl HTTP/1.1", HOST, LENGTH, "Connection: close") + PLAIN
    assert ECHO in exchanged(port, *[request[start : start + 50] for start in range(0, len(request), 50)])


def test_fault_does_not_end_the_connection(port: int) -> None:
    broken = head("POST /soap.pl HTTP/1.1", HOST, "Content-Length: 3") + b"<a>"
    answer = exchanged(port, broken, head("POST /soap.pl HTTP/1.1", HOST, LENGTH) + PLAIN)
    assert answer.index(b"HTTP/1.1 500 Internal Server Error") < answer.index(b"HTTP/1.1 200 OK")
    assert ECHO in answer


def test_body_that_is_too_large_gets_a_fault_over_the_wire(port: int) -> None:
    body = echoing("x" * 3_000_000)
    answer = exchanged(port, head("POST /soap.pl HTTP/1.1", HOST, f"Content-Length: {len(body)}"), body)
    status, _, rest = answer.partition(b"\r\n")
    assert status == b"HTTP/1.1 413 Content Too Large"
    fault = etree.fromstring(rest.partition(b"\r\n\r\n")[2])
    assert fault.findtext(".//faultstring") == "Malformed request: more than 2097152 bytes"
