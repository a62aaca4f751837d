"""Running servers for tests: real processes on a free port, started by ``python run_server.py`` or forked."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from cashbox_service.redaction import is_card_number
from cashbox_service.store.engine import Database
from tests.forked import Forked, command, run_forked

ROOT = Path(__file__).parents[1]
START_SECONDS = 30
STOP_SECONDS = 30
VAULT_KEY = "5e" * 32
"""The encryption key of all tests."""

_LISTENING = re.compile(r"listening on http://([\w.\[\]:]+):(\d+)")
_READY = re.compile(r"\bready\b")
_LONG_RUN = re.compile(r"(?<![0-9a-f])\d{12,19}(?![0-9a-f])")


@dataclass(frozen=True)
class Answer:
    """What a server answered to one HTTP request."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Server:
    """A running server process over one database."""

    kind: str
    database_url: str
    process: subprocess.Popen[bytes] | Forked
    log: Path
    host: str
    port: int
    ready_seconds: float
    environment: dict[str, str] = field(repr=False)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @cached_property
    def database(self) -> Database:
        """The database of this server, open for the test process as long as the server runs."""
        return Database(self.database_url, pool_size=2)

    def request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One HTTP request over a connection of its own; header names of the answer in lower case."""
        connection = HTTPConnection(self.host, self.port, timeout=60)
        try:
            connection.request(method, path, body or None, dict(headers or {}))
            response = connection.getresponse()
            answered = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, answered, response.read())
        finally:
            connection.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.request("GET", path, headers=headers)

    def post(self, body: bytes, path: str = "/soap.pl", headers: Mapping[str, str] | None = None) -> Answer:
        """POST raw bytes, by default as a SOAP 1.1 message without SOAPAction."""
        return self.request("POST", path, body, headers or {"Content-Type": "text/xml; charset=utf-8"})

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``cashbox-service`` with these arguments over this server's database."""
        return run_forked(command, arguments, self.environment)

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)

    def let_go(self) -> None:
        """Close what this process opened."""
        if "database" in vars(self):
            self.database.close()


def run_command(arguments: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run ``cashbox-service`` as a process; its output as text."""
    return subprocess.run(
        [sys.executable, "-m", "cashbox_service.cli", *arguments],
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def environment_for(database_url: str, **settings: str) -> dict[str, str]:
    """The environment of a process over that database, free of settings from outside."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CASHBOX_")}
    own = {
        "CASHBOX_DATABASE_URL": database_url,
        "CASHBOX_VAULT_KEY": VAULT_KEY,
        # Billing runs when a test asks for it, never beside it.
        "CASHBOX_EMBEDDED_WORKER": "false",
        "CASHBOX_LOG_FORMAT": "json",
        "CASHBOX_PUSH_ALLOWED_NETWORKS": "127.0.0.1",  # where the listeners of tests are
    }
    given = {f"CASHBOX_{name.upper()}": value for name, value in settings.items()}
    return inherited | own | given


@contextmanager
def running(
    kind: str,
    database_url: str,
    folder: Path,
    *arguments: str,
    ends_with: int = 0,
    code: Path = ROOT,
    **settings: str,
) -> Iterator[Server]:
    """A server of the ``code`` in a folder, ready to answer. At its end it stops with 0 and has logged no card number.

    One that is to end by itself has to do so with ``ends_with``, the exit code or minus the number of a signal.
    """
    environment = environment_for(database_url, **settings)
    log = folder / "server.log"
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "run_server.py", "--port", "0", *arguments],
            cwd=code,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    with _watched(kind, database_url, environment, process, log, started, ends_with) as server:
        yield server


@contextmanager
def forked(
    kind: str, database_url: str, folder: Path, *, ends_with: int = 0, **settings: str
) -> Iterator[Server]:
    """The same from a process that has imported the service, for tests that start a server each."""
    environment = environment_for(database_url, **settings)
    log = folder / "server.log"
    log.touch()
    started = time.monotonic()
    process = Forked(command, ["serve", "--port", "0"], environment, log)
    with _watched(kind, database_url, environment, process, log, started, ends_with) as server:
        yield server


@contextmanager
def _watched(
    kind: str,
    database_url: str,
    environment: dict[str, str],
    process: subprocess.Popen[bytes] | Forked,
    log: Path,
    started: float,
    ends_with: int,
) -> Iterator[Server]:
    try:
        host, port = _await_ready(process, log)
        ready_seconds = time.monotonic() - started
        server = Server(kind, database_url, process, log, host, port, ready_seconds, environment)
        try:
            yield server
        finally:
            server.let_go()
        exit_code = server.stop()
        assert exit_code == ends_with, f"the server exited with {exit_code}:\n{_tail(log)}"
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    assert_no_card_number(log)


def _await_ready(process: subprocess.Popen[bytes] | Forked, log: Path) -> tuple[str, int]:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        text = log.read_text()
        listening = _LISTENING.search(text)
        if listening and _READY.search(text):
            return listening[1].strip("[]"), int(listening[2])
        time.sleep(0.01)
    raise RuntimeError(f"the server did not become ready:\n{_tail(log)}")


def assert_no_card_number(log: Path) -> None:
    """No run of digits in a log may be a card number."""
    text = log.read_text(errors="replace")
    found = {run for run in _LONG_RUN.findall(text) if is_card_number(run)}
    assert not found, f"{log} holds card numbers ending in {sorted(run[-4:] for run in found)}"


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-40:])
