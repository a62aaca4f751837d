"""The embedded HTTP server: one socket, one or more processes, and a stop that loses no call.

One process serves with threads (waitress, whose threads take `turns`). With more, the parent binds the socket, forks
the servers before it opens a database, replaces one that dies, and passes SIGTERM on. On SIGTERM a server stops
accepting connections, finishes the calls it has begun and exits with 0.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from types import FrameType
from typing import TYPE_CHECKING

from waitress import wasyncore
from waitress.server import BaseWSGIServer, create_server

from cashbox_service.channels import Channel
from cashbox_service.logging import get_logger
from cashbox_service.settings import Settings
from cashbox_service.turns import Turns

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log = get_logger(__name__)

Serve = Callable[[int], None]
"""What a server process does; the argument is its number, from 0."""

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
"""Parameters of mallopt, from glibc's malloc.h."""

_RESTART_PAUSE_SECONDS = 1.0
_ORPHAN_CHECK_SECONDS = 1.0
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_ENDED_WELL = (0, -signal.SIGTERM)
"""A process that SIGTERM met before it served, or after it had finished, ends by the signal itself."""


def bind(settings: Settings) -> socket.socket:
    """The listening socket. Raises OSError when the address is taken or not ours."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        settings.host or None, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(settings.backlog)
    except OSError:
        bound.close()
        raise
    return bound


def give_freed_memory_back() -> None:
    """Let glibc return large blocks as soon as they are freed, and keep few heaps; elsewhere do nothing.

    Checking a password takes 19 MB for some milliseconds (argon2id). Left alone, glibc learns from the first one to
    serve such blocks from the heaps of the threads, which never shrink.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, 1024 * 1024)
        # Setting the one stops glibc from raising the other, and every call would shrink and grow the heap again.
        mallopt(_M_TRIM_THRESHOLD, 4 * 1024 * 1024)
        mallopt(_M_ARENA_MAX, 1)


class HttpServer:
    """Serves one WSGI application on a bound socket until it is told to stop."""

    def __init__(self, application: WSGIApplication, bound: socket.socket, settings: Settings) -> None:
        self._stop_seconds = settings.stop_seconds
        self._stops: SimpleQueue[None] = SimpleQueue()  # may be put into by a signal handler at any point
        self._failure: BaseException | None = None
        self._turns = Turns(settings.threads, _patience(settings), self._turn, self._wake)
        self._server: BaseWSGIServer = create_server(
            application,
            _dispatcher=self._turns,
            sockets=[bound],
            threads=settings.threads,
            backlog=settings.backlog,
            connection_limit=settings.connections,
            channel_timeout=settings.idle_seconds,
            max_request_header_size=settings.max_header_bytes,
            # The endpoint answers a body that is somewhat too large in SOAP; far larger ones are cut off here.
            max_request_body_size=4 * settings.max_request_bytes,
            asyncore_use_poll=True,
            clear_untrusted_proxy_headers=True,
            ident=None,
        )
        vars(self._server).update(pull_trigger=self._wake_others, channel_class=Channel)

    def run(self) -> None:
        """Serve until `stop`, then finish the calls that have begun. Runs in the main thread, which only waits.

        Raises what made the loop of the server fail.
        """
        with _on_signals(self.stop):
            self._turns.start()
            self._stops.get()
            if self._failure is not None:
                raise self._failure
            self._drain()

    def stop(self) -> None:
        """Begin to stop; safe in a signal handler and from another thread."""
        self._stops.put(None)

    def _turn(self, seconds: float) -> None:
        try:
            wasyncore.loop(timeout=seconds, map=self._server._map, use_poll=True, count=1)  # noqa: SLF001
        except BaseException as error:
            self._failure = error
            self.stop()
            time.sleep(seconds)

    def _wake(self) -> None:
        self._server.trigger.pull_trigger()

    def _wake_others(self) -> None:
        """What waitress calls after each answer, so that the connection is read from again."""
        if not self._turns.is_leader():
            self._wake()

    def _drain(self) -> None:
        self._in_loop(self._close_port)
        self._in_loop(lambda: None)  # by then everything that had arrived is read
        deadline = time.monotonic() + self._stop_seconds
        while self._busy() and time.monotonic() < deadline:
            time.sleep(0.02)
        if unfinished := self._busy():
            log.warning("calls were cut off", calls=unfinished)
        self._turns.shutdown(timeout=1)
        for channel in list(self._server.active_channels.values()):
            channel.handle_close()
        self._server.trigger.close()

    def _close_port(self) -> None:
        self._server.handle_accept()  # one more that has arrived already
        wasyncore.dispatcher.close(self._server)

    def _in_loop(self, action: Callable[[], None]) -> None:
        """Do something where no two threads are at once, and wait until it is done."""
        done = threading.Event()

        def act() -> None:
            action()
            done.set()

        self._server.trigger.pull_trigger(act)
        done.wait(self._stop_seconds)

    def _busy(self) -> int:
        """Connections with a call that is being read, worked on, or answered."""
        channels = list(self._server.active_channels.values())
        return sum(1 for one in channels if one.requests or one.request or one.total_outbufs_len)


def _patience(settings: Settings) -> float:
    """How many seconds a call may keep the thread that reads from all connections (see ``turns``)."""
    return 0.02 if settings.on_sqlite else 0.0


@contextmanager
def _on_signals(action: Callable[[], None]) -> Iterator[None]:
    def handle(_number: int, _frame: FrameType | None) -> None:
        action()

    before = {number: signal.signal(number, handle) for number in _STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class ServerProcesses:
    """Several server processes under one parent, which only watches them."""

    def __init__(self, count: int, serve: Serve, stop_seconds: int) -> None:
        self._count = count
        self._serve = serve
        self._stop_seconds = stop_seconds
        self._running: dict[int, int] = {}
        self._stopping = False

    def run(self) -> bool:
        """Keep the processes running until a stop signal; whether all of them then ended in time."""
        with _on_signals(self._stop):
            for number in range(self._count):
                self._start(number)
            while self._running and not self._stopping:
                self._replace_ended(*self._await_end())
            return self._await_all()

    def _start(self, number: int) -> None:
        parent = os.getpid()
        pid = os.fork()
        if pid:
            self._running[pid] = number
            return
        # In the child: never return into the parent's code.
        status = 1
        try:
            for stop in _STOP_SIGNALS:
                signal.signal(stop, signal.SIG_DFL)
            _stop_when_orphaned(parent)
            self._serve(number)
            status = 0
        except BaseException:
            log.exception("server process failed", number=number)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _stop(self) -> None:
        self._stopping = True

    def _signal_all(self, number: signal.Signals) -> None:
        for pid in self._running:
            os.kill(pid, number)

    def _await_end(self) -> tuple[int, int]:
        """The next process that ended and its wait status; pid 0 when a signal came first."""
        while not self._stopping:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid:
                return pid, status
            time.sleep(0.1)
        return 0, 0

    def _replace_ended(self, pid: int, status: int) -> None:
        if pid not in self._running:
            return
        number = self._running.pop(pid)
        _forget_figures(pid)
        if not self._stopping:
            log.error("server process ended", number=number, status=os.waitstatus_to_exitcode(status))
            time.sleep(_RESTART_PAUSE_SECONDS)
        if not self._stopping:
            self._start(number)

    def _await_all(self) -> bool:
        self._signal_all(signal.SIGTERM)
        deadline = time.monotonic() + self._stop_seconds + 5
        succeeded = True
        while self._running and time.monotonic() < deadline:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid:
                self._running.pop(pid, None)
                succeeded = succeeded and os.waitstatus_to_exitcode(status) in _ENDED_WELL
            else:
                time.sleep(0.02)
        self._signal_all(signal.SIGKILL)
        return succeeded and not self._running


def _stop_when_orphaned(parent: int) -> None:
    """Stop this process when its parent is gone, killed or crashed: nobody else would."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_ORPHAN_CHECK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def _forget_figures(pid: int) -> None:
    from cashbox_service.metrics import forget_process

    forget_process(pid)


@contextmanager
def shared_figures() -> Iterator[None]:
    """Let the processes of one server add up their metrics; to be entered before metrics are imported."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="cashbox-figures-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        try:
            yield
        finally:
            del os.environ["PROMETHEUS_MULTIPROC_DIR"]
