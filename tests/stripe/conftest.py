"""Fixtures for tests of the Stripe processor: localstripe behind a front, and a service that charges through it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest

from cashbox_service.app.environment import Environment
from cashbox_service.faults import FaultPoint
from cashbox_service.settings import Settings
from cashbox_service.wsgi import build_environment
from tests.conftest import Client
from tests.databases import Databases, Kind
from tests.reliability.conftest import Crashing, settle
from tests.servers import VAULT_KEY, Server, forked
from tests.services.conftest import books_are_right, sandbox
from tests.soap_client import Login, ServiceClient
from tests.stripe.far_end import KEY, FarEnd, far_end_over, localstripe

__all__ = ["books_are_right", "sandbox", "settle"]

LINE = "CreditCard = cashbox_service.processors.stripe:create"

if find_spec("stripe") is None or find_spec("localstripe") is None:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def localstripe_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A running localstripe, as it is."""
    with localstripe(tmp_path_factory.mktemp("localstripe")) as port:
        yield port


@pytest.fixture(scope="session")
def far_end(localstripe_port: int) -> Iterator[FarEnd]:
    """The same with what Stripe does beside it."""
    with far_end_over(localstripe_port) as made:
        yield made


Start = Callable[..., AbstractContextManager[Server]]


@pytest.fixture(scope="session")
def start(far_end: FarEnd) -> Start:
    """Starts a server whose cards go to Stripe."""
    return partial(forked, processors=LINE, stripe_key=KEY, stripe_url=far_end.url)


@pytest.fixture(scope="session")
def server(
    databases: Databases,
    database_kind: Kind,
    tmp_path_factory: pytest.TempPathFactory,
    start: Start,
) -> Iterator[Server]:
    """A server whose cards go to Stripe. Its log never holds the key."""
    folder = tmp_path_factory.mktemp(f"stripe-{database_kind}")
    with start(database_kind, databases.new(database_kind), folder) as started:
        yield started
        audit = started.command("audit")
        assert audit.returncode == 0, f"{audit.stdout}{audit.stderr}"
    assert KEY not in (folder / "server.log").read_text()


@pytest.fixture(scope="session")
def environment(server: Server, far_end: FarEnd) -> Iterator[Environment]:
    """The use cases inside the test process, with the same processors."""
    variables = {"CASHBOX_STRIPE_KEY": KEY, "CASHBOX_STRIPE_URL": far_end.url}
    os.environ.update(variables)
    try:
        settings = Settings(database_url=server.database_url, vault_key=VAULT_KEY, processors=(LINE,))
        made = build_environment(settings)
    finally:
        for name in variables:
            del os.environ[name]
    yield made
    made.close()


@pytest.fixture
def crashing(server: Server, merchant: Login, start: Start, tmp_path: Path) -> Crashing:
    """``with crashing(point) as client:`` calls go to another process over the same database, which must end there."""

    @contextmanager
    def process(point: FaultPoint) -> Iterator[Client]:
        killed = -signal.SIGKILL
        with start(
            server.kind, server.database_url, tmp_path, ends_with=killed, fault_point=point.value
        ) as doomed:
            yield lambda service: ServiceClient(doomed, merchant, service)

    return process


@pytest.fixture
def held(far_end: FarEnd, merchant: Login) -> Callable[[], list[int]]:
    """What Stripe has taken or reserved for this test's merchant, in cents."""
    return lambda: far_end.held(merchant.vid)
