"""The embedded HTTP server under a small application: stopping, several processes, a taken port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path

import pytest

from cashbox_service.server import bind
from cashbox_service.settings import Settings

ROOT = Path(__file__).parents[2]
Start = Callable[[int], tuple["subprocess.Popen[str]", int]]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def start_processes(count: int) -> tuple[subprocess.Popen[str], int]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.platform.slow_server", str(count)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        return process, int(process.stdout.readline().split()[1])

    yield start_processes
    for process in started:
        process.terminate()
        process.communicate(timeout=20)


def get(port: int, path: str) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST" if path == "/slow" else "GET", path, body=b"x" * 100)
        return connection.getresponse().read()
    finally:
        connection.close()


@pytest.mark.parametrize("count", [1, 2])
def test_sigterm_finishes_running_calls_and_exits_with_zero(start: Start, count: int) -> None:
    process, port = start(count)
    get(port, "/")
    with ThreadPoolExecutor(4) as clients:
        running = [clients.submit(get, port, "/slow") for _ in range(4)]
        time.sleep(0.25)
        process.send_signal(signal.SIGTERM)
        answers = [one.result() for one in running]
    assert all(answer.isdigit() for answer in answers)
    assert process.wait(10) == 0


def test_a_request_that_is_still_arriving_is_answered_after_sigterm(start: Start) -> None:
    process, port = start(1)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        client.sendall(b"67890")
        assert client.recv(100).startswith(b"HTTP/1.1 200 OK")
    assert process.wait(10) == 0


def test_idle_connections_do_not_keep_the_server_from_stopping(start: Start) -> None:
    process, port = start(1)
    idle = HTTPConnection("127.0.0.1", port, timeout=10)
    idle.request("GET", "/")
    idle.getresponse().read()
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0
    idle.close()


def test_no_connection_is_accepted_after_sigterm(start: Start) -> None:
    process, port = start(1)
    get(port, "/")
    process.send_signal(signal.SIGTERM)
    process.wait(10)
    with pytest.raises(ConnectionRefusedError):
        get(port, "/")


def test_several_processes_share_the_port(start: Start) -> None:
    process, port = start(2)
    pids: set[int] = set()
    deadline = time.monotonic() + 20
    with ThreadPoolExecutor(8) as clients:
        while len(pids) < 2 and time.monotonic() < deadline:
            pids |= {int(answer) for answer in clients.map(lambda _: get(port, "/slow"), range(8))}
    assert process.pid not in pids
    assert len(pids) == 2


def test_a_process_that_dies_is_replaced(start: Start) -> None:
    _, port = start(2)
    before = {int(get(port, "/")) for _ in range(20)}
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        get(port, "/exit")
    deadline = time.monotonic() + 10
    while not (new := {int(get(port, "/")) for _ in range(20)} - before) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert new
    assert all(Path(f"/proc/{pid}").exists() or os.name != "posix" for pid in new)


def test_server_processes_stop_when_their_parent_was_killed(start: Start) -> None:
    process, port = start(2)
    get(port, "/")
    process.kill()
    process.wait(10)
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            get(port, "/")
        except OSError:
            return
        time.sleep(0.2)
    pytest.fail("server processes still answer")


def test_a_taken_port_is_refused() -> None:
    with bind(Settings(port=0)) as bound, pytest.raises(OSError, match="in use"):
        bind(Settings(port=bound.getsockname()[1]))


def test_port_zero_takes_a_free_port() -> None:
    with bind(Settings(port=0)) as one, bind(Settings(port=0)) as other:
        assert one.getsockname()[1] != other.getsockname()[1]
