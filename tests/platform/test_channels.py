"""Connections of the HTTP server: answers go out whole and at once, whoever reads them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from cashbox_service.server import HttpServer, bind
from cashbox_service.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LARGE = b"0123456789abcdef" * 500_000
"""More than the buffers of a connection hold."""


class Ended:
    """An answer in several pieces that notes when it is over."""

    def __init__(self, pieces: list[bytes], ended: threading.Event) -> None:
        self._pieces, self._ended = pieces, ended

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    def close(self) -> None:
        self._ended.set()


class Shown:
    """An application with a few answers, and whether the last one was closed."""

    def __init__(self) -> None:
        self.ended = threading.Event()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        pieces = {"/small": [b"small"], "/large": [LARGE], "/pieces": [b"one ", b"", b"two"], "/empty": []}[
            environ["PATH_INFO"]
        ]
        headers = [("Content-Type", "text/plain"), ("Content-Length", str(sum(map(len, pieces))))]
        start_response("200 OK", headers)
        return Ended(pieces, self.ended)


@pytest.fixture
def shown() -> Shown:
    return Shown()


@pytest.fixture
def port(shown: Shown) -> Iterator[int]:
    settings = Settings(host="127.0.0.1", port=0, threads=2)
    bound = bind(settings)
    server = HttpServer(shown, bound, settings)
    server._turns.start()  # run() sets signal handlers, which is for the main thread of a process alone
    yield bound.getsockname()[1]
    server._drain()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def ask(sock: socket.socket, path: str) -> None:
    sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())


def received(sock: socket.socket, ending: bytes) -> bytes:
    """All that comes up to ``ending``."""
    found = bytearray()
    while not found.endswith(ending):
        chunk = sock.recv(1 << 20)
        assert chunk, "the connection was closed"
        found += chunk
    return bytes(found)


def test_head_and_body_arrive_together(port: int) -> None:
    with connect(port) as sock:
        for _ in range(5):
            ask(sock, "/small")
            answer = sock.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
            assert answer.endswith(b"\r\n\r\nsmall")


def test_an_answer_in_pieces_is_the_same_answer(port: int) -> None:
    with connect(port) as sock:
        ask(sock, "/pieces")
        head, _, body = received(sock, b"two").partition(b"\r\n\r\n")
        assert body == b"one two"
        assert b"Content-Length: 7" in head


def test_an_empty_answer_is_a_head_alone(port: int) -> None:
    with connect(port) as sock:
        ask(sock, "/empty")
        assert b"Content-Length: 0" in received(sock, b"\r\n\r\n")
        ask(sock, "/small")
        assert received(sock, b"small").count(b"HTTP/1.1") == 1


def test_answers_to_requests_sent_at_once_come_in_order(port: int) -> None:
    with connect(port) as sock:
        sock.sendall(
            b"".join(f"GET /{path} HTTP/1.1\r\n\r\n".encode() for path in ("large", "small", "pieces"))
        )
        answers = received(sock, b"two")
        bodies = [part.partition(b"\r\n\r\n")[2] for part in answers.split(b"HTTP/1.1 200 OK")[1:]]
        assert bodies == [LARGE, b"small", b"one two"]


def test_a_client_that_reads_slowly_gets_everything_and_keeps_nobody_waiting(port: int) -> None:
    with connect(port) as slow, connect(port) as other:
        ask(slow, "/large")
        for _ in range(3):
            ask(other, "/small")
            received(other, b"small")
        assert received(slow, LARGE[-16:]).partition(b"\r\n\r\n")[2] == LARGE


def test_a_client_that_goes_away_does_no_harm(port: int, shown: Shown) -> None:
    gone = connect(port)
    ask(gone, "/large")
    gone.close()
    assert shown.ended.wait(10)
    with connect(port) as other:
        ask(other, "/small")
        received(other, b"small")


def test_an_answer_is_ended_once_it_is_sent(port: int, shown: Shown) -> None:
    with connect(port) as sock:
        ask(sock, "/small")
        received(sock, b"small")
        assert shown.ended.wait(10)
