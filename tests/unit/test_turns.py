"""Threads that take turns: who serves a call, what a slow one holds up, and how all of it ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from queue import Empty, SimpleQueue

import pytest

from cashbox_service.turns import Turns

LONG = 30.0
"""Seconds in which anything has happened, on any machine."""


class Call:
    """A call that ends when it is told to, or at once."""

    def __init__(self, *, waits: bool = False, fails: bool = False) -> None:
        self.begun, self.over, self.done, self.cancelled = (threading.Event() for _ in range(4))
        self.thread: int | None = None
        self._fails = fails
        if not waits:
            self.over.set()

    def service(self) -> None:
        self.thread = threading.get_ident()
        self.begun.set()
        assert self.over.wait(LONG)
        self.done.set()
        if self._fails:
            raise RuntimeError("told to")

    def cancel(self) -> None:
        self.cancelled.set()


class Loop:
    """What stands for the sockets: calls arrive through a queue, and only one thread may wait for them."""

    def __init__(self, threads: int, patience: float) -> None:
        self._arriving: SimpleQueue[Call | None] = SimpleQueue()
        self._inside = threading.Lock()
        self.crowded = False
        self.turns = Turns(threads, patience, self._wait, lambda: self._arriving.put(None))

    def arrive(self, *calls: Call) -> None:
        for call in calls:
            self._arriving.put(call)

    def is_read(self) -> bool:
        """Whether everything that arrived was taken in, by now or soon."""
        return eventually(self._arriving.empty)

    def _wait(self, seconds: float) -> None:
        if not self._inside.acquire(blocking=False):
            self.crowded = True
            return
        try:
            call = self._arriving.get(timeout=seconds)
            if call is not None:
                self.turns.add_task(call)
        except Empty:
            pass
        finally:
            self._inside.release()


def eventually(is_true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + LONG
    while not is_true() and time.monotonic() < deadline:
        time.sleep(0.005)
    return is_true()


@pytest.fixture
def serving() -> Iterator[Callable[[int, float], Loop]]:
    with ExitStack() as stack:

        def start(threads: int = 2, patience: float = 0.01) -> Loop:
            loop = Loop(threads, patience)
            loop.turns.start()
            stack.callback(loop.turns.shutdown)
            return loop

        yield start


Serving = Callable[..., Loop]
PATIENCE = [pytest.param(0.0, id="without patience"), pytest.param(0.01, id="with patience")]


def test_the_thread_that_waits_for_calls_serves_them(serving: Serving) -> None:
    loop, calls = serving(patience=LONG), [Call() for _ in range(20)]
    loop.arrive(*calls)
    assert all(call.done.wait(LONG) for call in calls)
    assert len({call.thread for call in calls}) == 1


@pytest.mark.parametrize("patience", PATIENCE)
def test_a_slow_call_holds_up_no_other(serving: Serving, patience: float) -> None:
    loop, slow, others = serving(patience=patience), Call(waits=True), [Call() for _ in range(5)]
    loop.arrive(slow, *others)
    assert all(call.done.wait(LONG) for call in others)
    assert not slow.done.is_set()
    assert slow.thread not in {call.thread for call in others}
    slow.over.set()
    assert slow.done.wait(LONG)


def test_a_slow_call_after_a_long_silence_is_noticed(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cashbox_service.turns._WATCH_ON_SECONDS", 0.0)
    loop = serving()
    time.sleep(0.1)  # the watcher sleeps by now
    slow, other = Call(waits=True), Call()
    loop.arrive(slow, other)
    assert other.done.wait(LONG)
    slow.over.set()


@pytest.mark.parametrize("patience", PATIENCE)
def test_so_many_calls_run_at_once_and_the_next_begins_as_one_ends(serving: Serving, patience: float) -> None:
    loop, calls = serving(threads=3, patience=patience), [Call(waits=True) for _ in range(5)]
    loop.arrive(*calls)
    assert all(call.begun.wait(LONG) for call in calls[:3])
    assert loop.is_read()
    time.sleep(0.1)
    assert [call.begun.is_set() for call in calls] == [True] * 3 + [False] * 2
    calls[1].over.set()
    assert calls[3].begun.wait(LONG)
    assert not calls[4].begun.is_set()
    for call in calls:
        call.over.set()
    assert calls[4].done.wait(LONG)


@pytest.mark.parametrize("patience", PATIENCE)
def test_no_two_threads_wait_for_calls_at_once(serving: Serving, patience: float) -> None:
    loop, calls = serving(threads=4, patience=patience / 10), [Call(waits=n % 7 == 0) for n in range(300)]
    for call in calls:
        loop.arrive(call)
        if not call.over.is_set():
            threading.Timer(0.003, call.over.set).start()
    assert all(call.done.wait(LONG) for call in calls)
    assert not loop.crowded


def test_a_thread_that_lost_the_lead_leaves_what_waits_to_the_leader(serving: Serving) -> None:
    loop = serving(threads=3, patience=0.05)
    slow, next_one, waiting = Call(waits=True), Call(waits=True), Call()
    by_the_leader: list[bool] = []

    def serve() -> None:
        by_the_leader.append(loop.turns.is_leader())
        Call.service(waiting)

    vars(waiting)["service"] = serve
    loop.arrive(slow)
    assert slow.begun.wait(LONG)
    loop.arrive(next_one)
    assert next_one.begun.wait(LONG)
    loop.turns.add_task(waiting)
    slow.over.set()
    assert waiting.done.wait(LONG)
    next_one.over.set()
    assert by_the_leader == [True]


def test_a_call_that_fails_takes_nobody_along(serving: Serving) -> None:
    loop, calls = serving(), [Call(fails=True) for _ in range(5)]
    loop.arrive(*calls, last := Call())
    assert all(call.done.wait(LONG) for call in (*calls, last))


@pytest.mark.parametrize("patience", PATIENCE)
def test_what_never_began_is_cancelled_at_the_end(patience: float) -> None:
    loop = Loop(1, patience)
    loop.turns.start()
    running, waiting = Call(waits=True), Call()
    loop.arrive(running, waiting)
    assert running.begun.wait(LONG)
    assert loop.is_read()
    threading.Timer(0.05, running.over.set).start()
    assert loop.turns.shutdown(timeout=LONG)
    assert running.done.is_set()
    assert waiting.cancelled.is_set()
    assert not waiting.begun.is_set()
