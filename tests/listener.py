"""A listener for push messages: a real HTTP server that checks signatures as the documentation says, and remembers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True)
class Received:
    """One POST: the text of the message as it came, whether its signature was right, and the headers."""

    path: str
    text: bytes
    is_signed: bool
    headers: dict[str, str]
    at: float = field(default_factory=time.monotonic)

    @property
    def message(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.text)
        return message

    @property
    def header(self) -> dict[str, str]:
        header: dict[str, str] = self.message["header"]
        return header

    @property
    def content(self) -> dict[str, Any]:
        content: dict[str, Any] = self.message["content"]
        return content

    @property
    def name(self) -> tuple[str, str]:
        return self.header["class_name"], self.header["event_name"]


class Listener:
    """What came in, in order. ``answers`` says with which status a request is answered, 202 where it says nothing."""

    def __init__(self) -> None:
        self.key = ""
        self.received: list[Received] = []
        self.answers: Callable[[Received], int | None] = lambda _: None
        self._taking = threading.Lock()
        self.url = ""

    def take(self, received: Received) -> int:
        with self._taking:
            self.received.append(received)
        return self.answers(received) or 202

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@contextmanager
def listening(port: int = 0) -> Iterator[Listener]:
    """A listener on a port of the loopback address, any free one unless it is given."""
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = listener.take(_received(self.path, body, headers, listener.key))
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("Location", f"{listener.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    listener.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _received(path: str, body: bytes, headers: dict[str, str], key: str) -> Received:
    if headers["content-type"] == "application/json":
        text, signature = body, headers.get("x-webhook-signature", "")
    else:
        fields = parse_qs(body.decode("ascii"), strict_parsing=True)
        assert list(fields) == ["json", "signature"]
        text, signature = fields["json"][0].encode(), fields["signature"][0]
    right = base64.b64encode(hmac.new(key.encode(), text, hashlib.sha256).digest()).decode()
    return Received(path, text, hmac.compare_digest(right, signature), headers)
