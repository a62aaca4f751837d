"""Stripe for tests: a localstripe process, and in front of it what Stripe does and localstripe does not.

localstripe (a public emulator) keeps customers, cards, intents and refunds. It knows no idempotency keys, refuses some
parameters that Stripe takes, has no pages of banks, answers every decline with the same code, and always answers. The
front, a thread of the test process, repeats answers by Idempotency-Key, takes those parameters off and remembers them,
sends customers to a page, gives other answers when told to, and loses requests or answers.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode

KEY = "sk_test_12345"
START_SECONDS = 30
LEFT_OUT = ("off_session", "return_url", "statement_descriptor_suffix")
"""Parameters of Stripe that localstripe refuses where they belong."""

NOTHING = r"(?!)"
MOVES_MONEY = r"POST .*/(confirm|capture|cancel|refunds)$"


@dataclass(frozen=True)
class Sent:
    """A request as it came in."""

    method: str
    path: str
    params: Mapping[str, str]

    def fits(self, pattern: str) -> bool:
        """Whether ``POST /v1/refunds`` or the like has the pattern in it."""
        return re.search(pattern, f"{self.method} {self.path}") is not None


@dataclass(frozen=True)
class Given:
    """An answer."""

    status: int
    body: bytes

    @classmethod
    def of(cls, status: int, content: Any) -> Given:
        return cls(status, json.dumps(content).encode())


@dataclass
class Told:
    """An answer that is given instead of localstripe's, so many times more; -1 is without end."""

    pattern: str
    given: Given
    left: int = -1


@dataclass
class Holding:
    """``carried_out`` is set as soon as there is an answer; it is given after ``let_go``."""

    pattern: str
    carried_out: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)


@dataclass(repr=False)
class FarEnd:
    """The address that a processor is given, and what the tests do to it."""

    url: str
    port_behind: int
    sent: list[Sent] = field(default_factory=list)
    _kept: dict[str, Given] = field(default_factory=dict)
    _pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    _told: list[Told] = field(default_factory=list)
    _lost: tuple[str, str] | None = None
    _held: Holding | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def losing(self, what: str, pattern: str = MOVES_MONEY) -> Iterator[None]:
        """The ``request``, or the ``answer`` to it, of everything that fits."""
        self._lost = (what, pattern)
        try:
            yield
        finally:
            self._lost = None

    @contextmanager
    def telling(self, pattern: str, status: int, content: Any) -> Iterator[None]:
        """This answer to every request that fits, whatever localstripe would say."""
        told = Told(pattern, Given.of(status, content))
        self._told.append(told)
        try:
            yield
        finally:
            self._told.remove(told)

    @contextmanager
    def telling_once(self, pattern: str, status: int, content: Any) -> Iterator[None]:
        """The same to the first request that fits, of which there has to be one."""
        told = Told(pattern, Given.of(status, content), left=1)
        self._told.append(told)
        yield
        self._told.remove(told)
        assert told.left == 0

    @contextmanager
    def holding(self, pattern: str) -> Iterator[Holding]:
        """Requests that fit are carried out, and wait for their answer until it is let go."""
        self._held = Holding(pattern)
        try:
            yield self._held
        finally:
            self._held.let_go.set()
            self._held = None

    def forget_keys(self) -> None:
        """As after a day: what was answered under which key is not known any more."""
        self._kept.clear()

    def card(self, number: str) -> str:
        """A card that the customer typed into a form of Stripe's: its token."""
        card = {"number": number, "exp_month": "12", "exp_year": "2038", "cvc": "123"}
        fields = {f"card[{name}]": value for name, value in card.items()}
        token: str = self.ask("POST", "/v1/payment_methods", {"type": "card"} | fields)["id"]
        return token

    def visit_bank(self, intent: str, *, agrees: bool) -> None:
        """The customer is on the page that his bank shows him."""
        secret = self.ask("GET", f"/v1/payment_intents/{intent}")["client_secret"]
        decision = {"client_secret": secret, "success": str(agrees).lower()}
        self._forward("POST", f"/v1/payment_intents/{intent}/_authenticate", decision)

    def intents(self, merchant: str) -> list[dict[str, Any]]:
        """The payment intents of a merchant, oldest first."""
        return [
            one for one in self._all("payment_intents") if one["metadata"].get("cashbox_merchant") == merchant
        ]

    def refunds(self, intent: str) -> list[int]:
        """What was asked to be given back of a payment, in cents."""
        found = self.ask("GET", "/v1/refunds", {"payment_intent": intent, "limit": "100"})["data"]
        return [one["amount"] for one in found if one["payment_intent"] == intent]

    def held(self, merchant: str) -> list[int]:
        """What each payment of a merchant has taken or reserved, in cents, without what was given back."""
        amounts = (
            one["amount"] - sum(self.refunds(one["id"]))
            for one in self.intents(merchant)
            if one["status"] in ("requires_capture", "succeeded")
        )
        return [amount for amount in amounts if amount]

    def ask(self, method: str, path: str, params: Mapping[str, str] | None = None) -> Any:
        """A request of the shop itself, or of Stripe's own pages."""
        given = self._forward(method, path, params or {})
        assert given.status == 200, given.body
        return json.loads(given.body)

    def _all(self, resource: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("GET", f"/v1/{resource}", {"limit": "10000"})["data"]
        return found

    def answer(self, sent: Sent, key: str | None) -> Given | None:
        """None when the line is cut."""
        self.sent.append(sent)
        for told in reversed(self._told):
            if told.left and sent.fits(told.pattern):
                told.left -= 1
                return told.given
        what, pattern = self._lost or ("", NOTHING)
        is_lost = sent.fits(pattern)
        if is_lost and what == "request":
            return None
        with self._lock:
            given = self._kept.get(key or "") or self._forward(sent.method, sent.path, sent.params)
            given = self._shown(sent, given)
            if key is not None:
                self._kept[key] = given
        held = self._held
        if held is not None and sent.fits(held.pattern):
            held.carried_out.set()
            held.let_go.wait(30)
        return None if is_lost else given

    def _shown(self, sent: Sent, given: Given) -> Given:
        """Who confirms with an address to come back to is given a page, where localstripe only has one for scripts."""
        _, _, intent = sent.path.partition("/v1/payment_intents/")
        if "return_url" in sent.params and sent.path.endswith("/confirm"):
            page = {"url": f"{self.url}/bank/{intent}", "return_url": sent.params["return_url"]}
            self._pages[intent.removesuffix("/confirm")] = {
                "type": "redirect_to_url",
                "redirect_to_url": page,
            }
        shown = self._pages.get(intent.removesuffix("/confirm"))
        content = json.loads(given.body) if shown is not None else {}
        if content.get("status") != "requires_action":
            return given
        return Given.of(given.status, content | {"next_action": shown})

    def _forward(self, method: str, path: str, params: Mapping[str, str]) -> Given:
        known = urlencode({name: value for name, value in params.items() if name not in LEFT_OUT})
        connection = HTTPConnection("localhost", self.port_behind, timeout=30)
        try:
            headers = {"Authorization": f"Bearer {KEY}"}
            if method == "GET":
                connection.request(method, f"{path}?{known}", headers=headers)
            else:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
                connection.request(method, path, known, headers)
            response = connection.getresponse()
            return Given(response.status, response.read())
        finally:
            connection.close()


class _Front(BaseHTTPRequestHandler):
    far_end: ClassVar[FarEnd]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        self._answer(Sent("GET", path, dict(parse_qsl(query))))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self._answer(Sent("POST", self.path, dict(parse_qsl(body))))

    def _answer(self, sent: Sent) -> None:
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            given: Given | None = Given.of(401, {"error": {"type": "invalid_request_error"}})
        else:
            given = self.far_end.answer(sent, self.headers.get("Idempotency-Key"))
        if given is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(given.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(given.body)))
        self.end_headers()
        self.wfile.write(given.body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@contextmanager
def localstripe(folder: Path) -> Iterator[int]:
    """A localstripe process: its port."""
    port = _free_port()
    with (folder / "localstripe.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _await_answer(process, port)
        yield port
    finally:
        process.kill()
        process.wait()


@contextmanager
def far_end_over(port: int) -> Iterator[FarEnd]:
    """The front, before the localstripe at that port."""
    front = type("Front", (_Front,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), front)
    far_end = FarEnd(f"http://127.0.0.1:{server.server_port}", port)
    front.far_end = far_end  # type: ignore[attr-defined]  # made one line above
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield far_end
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _await_answer(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("localhost", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("localstripe did not start")
