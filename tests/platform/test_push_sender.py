"""The sender of push messages against servers that misbehave, and names that lead where they should not."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cashbox_service.notify.addresses import Network
from cashbox_service.notify.envelope import SignedRequest
from cashbox_service.notify.sender import Outcome, Sender

LOOPBACK = (ip_network("127.0.0.0/8"),)
REQUEST = SignedRequest({"Content-Type": "application/json"}, b"{}")
ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"

Answer = Callable[[socket.socket], None]


def send(url: str, allowed: Sequence[Network] = LOOPBACK) -> Outcome:
    with closing(Sender(allowed, 1)) as sender:
        return sender.send(url, REQUEST)


@contextmanager
def answering(answer: Answer, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server whose every connection is answered so; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                    with connection:
                        secured = context.wrap_socket(connection, server_side=True) if context else connection
                        with secured:
                            read_whole(secured)
                            answer(secured)
                except OSError:
                    if listening.fileno() < 0:
                        return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


def read_whole(connection: socket.socket) -> None:
    """Read a request to its end: a connection that is closed with bytes unread is reset, and its answer may be lost."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += more(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *([0-9]+)", head)
    missing = int(length[1]) - len(body) if length else 0
    while missing > 0:
        missing -= len(more(connection))


def more(connection: socket.socket) -> bytes:
    received = connection.recv(65536)
    if not received:
        raise ConnectionError
    return received


def resolved_to(*addresses: str) -> Callable[..., Any]:
    """Names lead to these addresses, numbers to themselves."""

    def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        found = addresses if host == "shop.example" else (host,)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    return getaddrinfo


@pytest.mark.parametrize("addresses", [("10.0.0.1",), ("8.8.8.8", "169.254.169.254"), ("127.0.0.1",)])
def test_a_name_that_leads_into_a_private_network_is_not_called(
    monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolved_to(*addresses))
    outcome = send("https://shop.example/", ())
    assert outcome.status is None
    assert outcome.error == "The endpoint must not be an address of a private network."


def test_the_address_that_was_checked_is_the_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    resolve = resolved_to("127.0.0.1")

    def resolve_once(host: str, *arguments: Any, **named: Any) -> list[Any]:
        asked.append(host)
        assert asked.count("shop.example") == 1
        found: list[Any] = resolve(host, *arguments, **named)
        return found

    with answering(lambda one: one.sendall(ACCEPTED)) as port:
        monkeypatch.setattr(socket, "getaddrinfo", resolve_once)
        assert send(f"http://shop.example:{port}/").status == 202
    assert asked[0] == "shop.example"


def drip(connection: socket.socket) -> None:
    for byte in ACCEPTED * 3:
        connection.sendall(bytes([byte]))
        time.sleep(0.1)


def test_an_answer_that_comes_in_drops_is_given_up_in_time() -> None:
    with answering(drip) as port:
        started = time.monotonic()
        outcome = send(f"http://127.0.0.1:{port}/")
    assert outcome.error == "No answer within 1 seconds."
    assert time.monotonic() - started < 3


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def test_of_an_answer_only_the_status_counts() -> None:
    with answering(endless) as port:
        assert send(f"http://127.0.0.1:{port}/").is_delivered


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200"])
def test_what_is_no_answer_is_a_failure(answer: bytes) -> None:
    with answering(lambda one: one.sendall(answer)) as port:
        outcome = send(f"http://127.0.0.1:{port}/")
    assert outcome.is_unreachable
    assert "ProtocolError" in (outcome.error or "")


def test_over_tls_a_listener_has_to_prove_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = self_signed(tmp_path / "listener.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with answering(lambda one: one.sendall(ACCEPTED), context) as port:
        refused = send(f"https://localhost:{port}/")
        assert "CERTIFICATE_VERIFY_FAILED" in (refused.error or "")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert send(f"https://localhost:{port}/").status == 202
        assert send(f"https://127.0.0.2:{port}/").is_unreachable


def self_signed(file: Path) -> Path:
    """A certificate for localhost and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file
