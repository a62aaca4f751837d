"""Fixtures for tests of crashes, time-outs and races: a second server process, and the processor's own books."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from cashbox_service.app.collection import janitor
from cashbox_service.app.environment import Environment
from cashbox_service.faults import FaultPoint
from tests.conftest import Client
from tests.forked import Job, run_forked
from tests.reliability import jobs
from tests.reliability.processor_books import ProcessorBooks
from tests.servers import Server, forked
from tests.services.conftest import books_are_right, environment, sandbox
from tests.soap_client import Login, ServiceClient

__all__ = ["books_are_right", "environment", "sandbox"]

Crashing = Callable[[FaultPoint], AbstractContextManager[Client]]
Settle = Callable[[], int]

Doomed = Callable[[FaultPoint], None]


@pytest.fixture
def crashing(server: Server, merchant: Login, tmp_path: Path) -> Crashing:
    """``with crashing(point) as client:`` calls go to another process over the same database, which must end there."""

    @contextmanager
    def process(point: FaultPoint) -> Iterator[Client]:
        folder = tmp_path / point.value
        folder.mkdir()
        with forked(
            server.kind, server.database_url, folder, ends_with=-signal.SIGKILL, fault_point=point.value
        ) as doomed:
            yield lambda service: ServiceClient(doomed, merchant, service)

    return process


@pytest.fixture(scope="session")
def second_server(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Another server process over the same database, as behind a load balancer."""
    folder = tmp_path_factory.mktemp(f"second-{server.kind}")
    with forked(server.kind, server.database_url, folder) as started:
        yield started


@pytest.fixture
def settle(environment: Environment, merchant: Login) -> Settle:
    """One round of the janitor at once, without its patience; how many attempts it settled."""
    return lambda: janitor.run(environment, environment.merchant(merchant.login), timedelta(0))


@pytest.fixture
def doomed_settle(server: Server, merchant: Login) -> Doomed:
    """A round of the janitor in a process that must end at the point."""
    return lambda point: _end_in(jobs.settle, server, merchant, point)


@pytest.fixture
def doomed_refunds(server: Server, merchant: Login) -> Doomed:
    """A refund batch in a process that must end at the point."""
    return lambda point: _end_in(jobs.refund, server, merchant, point)


def _end_in(job: Job, server: Server, merchant: Login, point: FaultPoint) -> None:
    environment = server.environment | {"CASHBOX_FAULT_POINT": point.value}
    ended = run_forked(job, [merchant.login], environment)
    assert ended.returncode == -signal.SIGKILL


@pytest.fixture
def at_processor(environment: Environment, merchant: Login) -> ProcessorBooks:
    """What the sandbox processor has on its books for this test's merchant."""
    return ProcessorBooks(environment, merchant)
