"""A job done on a second thread while the first waits: done once or not at all, and never in anybody's way."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from cashbox_service.aside import Aside

LONG = 30.0
"""Seconds in which anything has happened, on any machine."""


@pytest.fixture
def aside() -> Iterator[Aside]:
    made = Aside()
    yield made
    made.close()


def fail() -> None:
    raise RuntimeError("told to")


def test_a_job_is_over_at_the_end_and_was_done_elsewhere(aside: Aside) -> None:
    done: list[int] = []
    for _ in range(100):
        assert aside.begin(lambda: done.append(threading.get_ident()))
        aside.end()
    assert len(done) == 100
    assert len(set(done)) == 1
    assert done[0] != threading.get_ident()


def test_a_job_runs_while_the_one_who_asked_does_something_else(aside: Aside) -> None:
    asked = threading.Event()
    answered = threading.Event()

    def job() -> None:
        assert asked.wait(LONG)
        answered.set()

    assert aside.begin(job)
    asked.set()
    assert answered.wait(LONG)
    aside.end()


def test_whoever_comes_second_is_told_to_do_it_himself(aside: Aside) -> None:
    over = threading.Event()
    assert aside.begin(lambda: None if over.wait(LONG) else fail())
    assert not aside.begin(fail)
    over.set()
    aside.end()
    assert aside.begin(lambda: None)
    aside.end()


def test_a_job_that_fails_fails_alone(aside: Aside) -> None:
    done: list[str] = []
    assert aside.begin(fail)
    aside.end()
    assert aside.begin(lambda: done.append("next"))
    aside.end()
    assert done == ["next"]


def test_it_can_be_closed_at_any_time_and_used_again() -> None:
    aside, done = Aside(), []
    aside.close()
    for number in range(3):
        assert aside.begin(lambda number=number: done.append(number))  # type: ignore[misc]
        aside.end()
        aside.close()
    assert done == [0, 1, 2]


def test_without_a_thread_everybody_does_it_himself(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    aside = Aside()
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        assert not aside.begin(fail)
        assert not aside.begin(fail)
    done: list[bool] = []
    assert aside.begin(lambda: done.append(True))
    aside.end()
    aside.close()
    assert done == [True]
