"""Threads that take turns at waiting for input: whoever found some also serves it.

Handing each call to another thread makes two threads fight for the interpreter all the while: every statement on
SQLite lets go of it and has to win it back. Here the thread that waits for input, the leader, serves what came in
itself and then waits again. A second thread watches it: once a call takes longer than the watcher's ``patience``,
the watcher becomes the leader, and the slow call goes on beside it. Without patience the next leader is called before
a call is served, which is right where calls mostly wait themselves, for a database in another process.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from cashbox_service.logging import get_logger

log = get_logger(__name__)

_WATCH_ON_SECONDS = 0.5
"""So long after a call the watcher keeps looking. Later it sleeps, and has to be woken for the next call."""


class Task(Protocol):
    """A call that has arrived, as waitress gives it to its dispatcher."""

    def service(self) -> None: ...

    def cancel(self) -> None: ...


class Turns:
    """At most ``threads`` calls at a time, and one thread more, so that input is read while all of them take long.

    ``wait`` waits for input, for so many seconds at most, and gives each call that is complete to `add_task`; no two
    threads are in it at once. ``wake`` ends it early.
    """

    def __init__(
        self, threads: int, patience: float, wait: Callable[[float], None], wake: Callable[[], None]
    ) -> None:
        self._most = threads
        self._patience = patience
        self._wait = wait
        self._wake = wake
        self._tasks: deque[Task] = deque()
        lock = threading.Lock()
        self._spare = threading.Condition(lock)
        """Threads with nothing to do wait here, for the lead or the watch to become free."""

        self._watch = threading.Condition(lock)
        """The watcher waits here. The lock of the two guards everything below."""

        self._leader: int | None = None
        self._is_watched = False
        self._watcher_sleeps = False
        self._serving = 0
        self._called_at = 0.0
        """When the leader began its last call."""

        self._leader_serves = False
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._run, name=f"calls-{number}", daemon=True)
            for number in range(threads + 1)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def add_task(self, task: Task) -> None:
        """Serve ``task`` as soon as a thread is free. Called within ``wait``, or by a task that is being served."""
        self._tasks.append(task)

    def is_leader(self) -> bool:
        """Whether this thread is the one that waits for input next: nobody else has to be woken for it."""
        return self._leader == threading.get_ident()

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """End all threads that come to an end within ``timeout`` seconds; whether calls were cancelled."""
        with self._spare:
            self._stopping = True
            self._spare.notify_all()
            self._watch.notify_all()
        self._wake()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        cancelled = False
        while cancel_pending and self._tasks:
            self._tasks.popleft().cancel()
            cancelled = True
        return cancelled

    def _run(self) -> None:
        while self._take_the_lead():
            self._serve()
            while self.is_leader() and not self._stopping:
                self._wait(1.0)
                self._serve()

    def _take_the_lead(self) -> bool:
        """Return once this thread is the leader; false when all is over."""
        with self._spare:
            while not self._stopping:
                if self._leader is None or self._is_out_of_patience():
                    self._leader = threading.get_ident()
                    self._leader_serves = False
                    self._spare.notify()  # who was watching does so no longer
                    return True
                if self._patience and not self._is_watched:
                    self._look_later()
                else:
                    self._spare.wait()
        return False

    def _is_out_of_patience(self) -> bool:
        return self._leader_serves and time.monotonic() - self._called_at > self._patience

    def _look_later(self) -> None:
        self._is_watched = True
        is_quiet = not self._leader_serves and time.monotonic() - self._called_at > _WATCH_ON_SECONDS
        self._watcher_sleeps = is_quiet
        self._watch.wait(None if is_quiet else self._patience)
        self._is_watched = self._watcher_sleeps = False

    def _serve(self) -> None:
        """Serve what has arrived, until there is nothing left or enough others serve as well."""
        while (task := self._begin()) is not None:
            try:
                task.service()
            except BaseException:
                log.exception("a call failed outside the application")
            finally:
                self._end()

    def _begin(self) -> Task | None:
        with self._spare:
            if not self._tasks or self._serving >= self._most or self._stopping:
                return None
            if self._leader_serves and not self.is_leader():
                # Two at once would fight over the interpreter: the leader goes on with what is left.
                return None
            self._serving += 1
            if self.is_leader():
                if self._patience:
                    self._leader_serves = True
                    self._called_at = time.monotonic()
                    if self._watcher_sleeps:
                        self._watch.notify()
                else:
                    self._leader = None
                    self._spare.notify()
            return self._tasks.popleft()

    def _end(self) -> None:
        with self._spare:
            self._serving -= 1
            if self.is_leader():
                self._leader_serves = False
