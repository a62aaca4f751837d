"""A lean HTTP load generator: one thread, raw keep-alive sockets, one request in flight on each.

It runs as a process of its own so that it never shares an interpreter lock with the server it measures: a
job is read as JSON from standard input, the outcome is written as JSON to standard output. See
``benchmarks/makepayment.py``.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

from benchmarks.figures import percentile
from benchmarks.messages import CALLS, Call

RECEIVE_BYTES = 65536
ANSWER_TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Job:
    """What to send, where to, for how long."""

    host: str
    port: int
    connections: int
    seconds: float
    autobills: list[str]
    payment_prefix: str
    """Payments are numbered behind it; the whole id is new for every call of every job."""

    operation: str
    """One of ``CALLS``."""

    @property
    def call(self) -> Call:
        return CALLS[self.operation]


@dataclass(slots=True)
class Outcome:
    """What came back. Latencies are in milliseconds, from the first byte sent to the last byte received."""

    calls: int
    seconds: float
    p50: float
    p99: float
    answer_bytes: float
    refused: int
    first_refusal: str

    @property
    def per_second(self) -> float:
        return self.calls / self.seconds


@dataclass(slots=True)
class Connection:
    """One keep-alive connection and the answer that is arriving on it."""

    sock: socket.socket
    requests: Iterator[bytes]
    started: float = 0.0
    received: bytearray = field(default_factory=bytearray)
    head_bytes: int = 0
    body_bytes: int = 0
    """Both are 0 until the head of the answer is complete."""

    def send_next(self) -> None:
        self.received.clear()
        self.head_bytes = 0
        request = next(self.requests)
        self.started = time.perf_counter()
        self.sock.sendall(request)

    def receive(self) -> bool:
        """Takes what has arrived; true when the answer is complete."""
        chunk = self.sock.recv(RECEIVE_BYTES)
        if not chunk:
            raise ConnectionError(f"closed by the server after {bytes(self.received[:200])!r}")
        self.received += chunk
        if not self.head_bytes:
            self._read_head()
        return self.head_bytes > 0 and self.head_bytes + self.body_bytes <= len(self.received)

    def _read_head(self) -> None:
        end = self.received.find(b"\r\n\r\n")
        if end >= 0:
            self.head_bytes = end + 4
            self.body_bytes = content_length(self.received[:end])


def content_length(head: bytearray) -> int:
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return int(value)
    raise ConnectionError("answer without Content-Length")


def requests_of(job: Job, number: int) -> Iterator[bytes]:
    """Endless requests of one connection.

    Connections share no AutoBill, so that none waits for another's row lock.
    """
    mine = job.autobills[number :: job.connections]
    count = 0
    while True:
        body = job.call.request(mine[count % len(mine)], f"{job.payment_prefix}{number:02d}{count:08d}")
        yield (
            f"POST /soap.pl HTTP/1.1\r\nHost: {job.host}:{job.port}\r\n"
            f"Content-Type: text/xml; charset=utf-8\r\nSOAPAction: {job.call.soap_action}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body
        count += 1


def is_success(answer: bytes | bytearray, call: Call) -> bool:
    return answer.startswith(b"HTTP/1.1 200") and b">200<" in answer and call.success in answer


class Tally:
    """Latencies and refusals as answers complete."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self.latencies: list[float] = []
        self.answer_bytes = 0
        self.refused = 0
        self.first_refusal = ""

    def add(self, connection: Connection, now: float) -> None:
        self.latencies.append((now - connection.started) * 1000)
        self.answer_bytes += connection.body_bytes
        if not is_success(connection.received, self._call):
            self.refused += 1
            self.first_refusal = self.first_refusal or connection.received[:2000].decode(errors="replace")

    def outcome(self, seconds: float) -> Outcome:
        return Outcome(
            calls=len(self.latencies),
            seconds=seconds,
            p50=percentile(self.latencies, 0.5),
            p99=percentile(self.latencies, 0.99),
            answer_bytes=self.answer_bytes / len(self.latencies),
            refused=self.refused,
            first_refusal=self.first_refusal,
        )


def run(job: Job) -> Outcome:
    """Keeps every connection busy for ``job.seconds`` and lets the last answers arrive."""
    tally = Tally(job.call)
    with selectors.DefaultSelector() as selector:
        connections = [_connect(job, number) for number in range(job.connections)]
        started = time.perf_counter()
        deadline = started + job.seconds
        for connection in connections:
            selector.register(connection.sock, selectors.EVENT_READ, connection)
            connection.send_next()
        while selector.get_map():
            _serve(selector, tally, deadline)
        finished = time.perf_counter()
    return tally.outcome(finished - started)


def _connect(job: Job, number: int) -> Connection:
    sock = socket.create_connection((job.host, job.port), timeout=ANSWER_TIMEOUT_SECONDS)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Connection(sock, requests_of(job, number))


def _serve(selector: selectors.BaseSelector, tally: Tally, deadline: float) -> None:
    ready = selector.select(ANSWER_TIMEOUT_SECONDS)
    if not ready:
        raise TimeoutError(f"no answer within {ANSWER_TIMEOUT_SECONDS} s")
    for key, _ in ready:
        connection: Connection = key.data
        if not connection.receive():
            continue
        now = time.perf_counter()
        tally.add(connection, now)
        if now < deadline:
            connection.send_next()
        else:
            selector.unregister(connection.sock)
            connection.sock.close()


if __name__ == "__main__":
    print(json.dumps(asdict(run(Job(**json.load(sys.stdin))))))
