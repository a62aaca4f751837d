"""The HTTP sender: one POST per message, to addresses that were looked at, within a fixed time (notifications §1.6).

Redirects are not followed, proxies of the environment are not used, and of the answer nothing but its status counts.
httpcore is used rather than httpx, which does not let its caller choose the address that it connects to.
"""

from __future__ import annotations

import base64
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import httpcore

from cashbox_service import __version__
from cashbox_service.notify.addresses import Network, RefusedEndpoint, check_address
from cashbox_service.notify.envelope import SignedRequest

_MAX_ANSWER_BYTES = 64 * 1024
"""Of a longer answer the rest is not read, and its connection is closed."""

_IDLE_SECONDS = 15
_CONNECTIONS = 100


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a listener asks for by HTTP Basic."""

    user: str
    password: str

    def __repr__(self) -> str:
        return "Credentials(...)"

    def as_header(self) -> str:
        return f"Basic {base64.b64encode(f'{self.user}:{self.password}'.encode()).decode()}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a POST: the ``status`` answered, or the ``error`` that kept the listener from answering."""

    status: int | None
    error: str | None
    milliseconds: int

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_unreachable(self) -> bool:
        """Whether nobody answered: the next message would most likely fare the same."""
        return self.status is None


class Sender:
    """Sends messages. One instance serves all threads and keeps its connections for a while."""

    def __init__(self, allowed: Sequence[Network], timeout_seconds: float) -> None:
        self._timeout = timeout_seconds
        self._sending = threading.local()
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=_CONNECTIONS,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=_CheckedNetwork(allowed, self._sending),
        )

    def send(self, url: str, request: SignedRequest, credentials: Credentials | None = None) -> Outcome:
        """POST once. Never raises: what goes wrong is the outcome."""
        started = time.monotonic()
        self._sending.deadline = started + self._timeout
        self._sending.plain = url.lower().startswith("http:")
        headers = {"User-Agent": f"cashbox-service/{__version__}", **request.headers}
        if credentials is not None:
            headers["Authorization"] = credentials.as_header()
        status, error = None, None
        try:
            status = self._post(url, headers, request.body)
        except RefusedEndpoint as refused:
            error = f"The endpoint {refused}."
        except httpcore.TimeoutException:
            error = f"No answer within {self._timeout:g} seconds."
        except Exception as failure:
            error = f"{type(failure).__name__}: {failure}"[:200]
        return Outcome(status, error, round((time.monotonic() - started) * 1000))

    def _post(self, url: str, headers: dict[str, str], body: bytes) -> int:
        timeouts = dict.fromkeys(("connect", "read", "write", "pool"), self._timeout)
        fields = [(name, value.encode("utf-8")) for name, value in headers.items()]
        with self._pool.stream(
            "POST", url, headers=fields, content=body, extensions={"timeout": timeouts}
        ) as response:
            _read_to_end(response.iter_stream())
            status: int = response.status
            return status

    def close(self) -> None:
        self._pool.close()


def _read_to_end(chunks: Iterable[bytes]) -> None:
    """A connection whose answer was read can be used again; what goes wrong meanwhile changes no status."""
    size = 0
    try:
        for chunk in chunks:
            size += len(chunk)
            if size > _MAX_ANSWER_BYTES:
                return
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        return


class _CheckedNetwork(httpcore.NetworkBackend):
    """Connects to addresses that may be connected to, and to no other than the one that was checked."""

    def __init__(self, allowed: Sequence[Network], sending: threading.local) -> None:
        self._allowed = allowed
        self._sending = sending
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception | None = None
        for address in self._addresses(host, port):
            try:
                stream = self._network.connect_tcp(
                    address, port, _left(self._sending, timeout), local_address, socket_options
                )
            except httpcore.ConnectError as error:
                failure = error
            else:
                return _TimedStream(stream, self._sending)
        raise failure or httpcore.ConnectError("the name has no address")

    def _addresses(self, host: str, port: int) -> list[str]:
        """All that the name stands for, each of them checked. Raises RefusedEndpoint."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            raise httpcore.ConnectError(f"the name cannot be resolved: {error.strerror}") from error
        addresses = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
        for address in addresses:
            check_address(ip_address(address), self._allowed, plain=self._sending.plain)
        return addresses


class _TimedStream(httpcore.NetworkStream):
    """A connection on which no message takes longer than its time, however slowly its bytes come in."""

    def __init__(self, stream: httpcore.NetworkStream, sending: threading.local) -> None:
        self._stream = stream
        self._sending = sending

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._sending, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._sending, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, _left(self._sending, timeout))
        return _TimedStream(secured, self._sending)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(sending: threading.local, timeout: float | None) -> float:
    """What is left of the time of the message that this thread sends. Raises httpcore.ReadTimeout when it is over."""
    left: float = sending.deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time is over")
    return left if timeout is None else min(left, timeout)
