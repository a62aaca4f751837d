"""Starts servers as processes, waits until they answer, and reads their memory."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.messages import ROOT

START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 20
POLL_SECONDS = 0.005
LOG_CHARACTERS = 8000
ROUTINE = re.compile(r"\[info |Task queue depth")
ADDRESS = re.compile(r"http://(127\.0\.0\.1):(\d+)")


@dataclass(frozen=True, slots=True)
class RunningServer:
    """Where a started server listens, and how long it took to answer its first request."""

    host: str
    port: int
    pid: int
    log: Path
    ready_seconds: float

    def resident_megabytes(self) -> float:
        """Resident memory now, child processes included, in units of 10^6 bytes."""
        return sum(_resident_kib(pid) for pid in [self.pid, *_children(self.pid)]) * 1024 / 1e6

    def complaints(self) -> str:
        """The start of what the server logged, without the lines of calls that went well."""
        lines = self.log.read_text().splitlines(keepends=True)
        return "".join(line for line in lines if not ROUTINE.search(line))[:LOG_CHARACTERS]


def _resident_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, tasks.read_text().split()):
            found += [child, *_children(child)]
    return found


@contextmanager
def running(
    arguments: Sequence[str], log: Path, health_path: str, environment: Mapping[str, str] | None = None
) -> Iterator[RunningServer]:
    """Runs ``python arguments`` until the block ends; its output goes to ``log``.

    The server must print its address (``http://127.0.0.1:<port>``); it counts as ready when ``health_path``
    answers without a server error.
    """
    started = time.perf_counter()
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", *arguments],
            cwd=ROOT,
            env=os.environ | dict(environment or {}),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            host, port = _address(process, log)
            _await_answer(process, host, port, health_path)
            yield RunningServer(host, port, process.pid, log, time.perf_counter() - started)
        finally:
            _stop(process)


def _address(process: subprocess.Popen[bytes], log: Path) -> tuple[str, int]:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = ADDRESS.search(log.read_text())
        if found:
            return found[1], int(found[2])
        time.sleep(POLL_SECONDS)
    raise RuntimeError(f"the server printed no address:\n{log.read_text()[-LOG_CHARACTERS:]}")


def _await_answer(process: subprocess.Popen[bytes], host: str, port: int, path: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            connection = HTTPConnection(host, port, timeout=5)
            connection.request("GET", path)
            if connection.getresponse().status < 500:
                return
        except OSError:
            pass
        time.sleep(POLL_SECONDS)
    raise RuntimeError(f"server on port {port} does not answer")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
