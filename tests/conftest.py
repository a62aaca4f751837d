"""Fixtures that start real servers, make merchants and call as them.

``server`` runs every test that asks for it once per database kind (``--database sqlite|postgresql|both``); the server
processes and their databases live as long as the test process. At its end every server must stop cleanly, its log
must hold no card number, and ``cashbox-service audit`` must find the books of all merchants right.
"""

from __future__ import annotations

import logging
import secrets
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

from cashbox_service.ids import new_vid
from cashbox_service.logging import configure
from cashbox_service.store import registry
from cashbox_service.store.entities import Merchant, MerchantLogin
from tests.databases import KINDS, Databases, Kind
from tests.servers import Server, assert_no_card_number, running
from tests.soap_client import Login, ServiceClient

settings.register_profile("shared machine", suppress_health_check=[HealthCheck.too_slow], deadline=None)
settings.load_profile("shared machine")
"""How fast examples are made says more of what else the machine does than of a test."""

OVER_BOTH = frozenset({"store"})
"""Folders of tests that are never dealt."""

Client = Callable[[str], ServiceClient]
Servers = Callable[[Kind], Server]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=[*KINDS, "both"],
        default="both",
        help="database kinds that server tests run over (both)",
    )

    parser.addoption(
        "--deal",
        action="store_true",
        help="let the databases take turns: each case runs over one of them, but for those of the store",
    )

    parser.addoption(
        "--thorough",
        action="store_true",
        help="try every way to spoil a request instead of a few (takes some 15 minutes a database)",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--database")
        kinds = KINDS if chosen == "both" else (chosen,)
        metafunc.parametrize("database_kind", kinds, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--deal") and config.getoption("--database") == "both":
        kept = [item for item in items if not _is_dealt_elsewhere(item)]
        config.hook.pytest_deselected(items=[item for item in items if _is_dealt_elsewhere(item)])
        items[:] = kept


def _is_dealt_elsewhere(item: pytest.Item) -> bool:
    """Whether it is the other database's turn to try this case.

    The store itself is always tried over both.
    """
    spec = getattr(item, "callspec", None)
    kind: str | None = spec.params.get("database_kind") if spec is not None else None
    if kind is None or item.path.parent.name in OVER_BOTH:
        return False
    case = item.nodeid.replace(kind, "")
    turn: str = KINDS[zlib.crc32(case.encode()) % len(KINDS)]
    return turn != kind


@pytest.fixture(scope="session", autouse=True)
def _own_log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What code under test logs inside the test process goes to a file, and is searched like a server's log."""
    log = tmp_path_factory.mktemp("log") / "tests.log"
    with log.open("w") as stream:
        configure(stream, json=True)
        yield
        logging.getLogger().handlers.clear()
    assert_no_card_number(log)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """``databases.new("postgresql")``: the URL of a new, empty database."""
    with Databases(tmp_path_factory.mktemp("databases")) as made:
        yield made


@pytest.fixture(scope="session")
def servers(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """The running server over a kind of database, started when first asked for."""
    with ExitStack() as stack:
        started: dict[Kind, Server] = {}

        def server_over(kind: Kind) -> Server:
            if kind not in started:
                folder = tmp_path_factory.mktemp(f"server-{kind}")
                started[kind] = stack.enter_context(running(kind, databases.new(kind), folder))
            return started[kind]

        yield server_over
        for server in started.values():
            audit = server.command("audit")
            assert audit.returncode == 0, f"audit over {server.kind}:\n{audit.stdout}{audit.stderr}"


@pytest.fixture(scope="session")
def server(servers: Servers, database_kind: Kind) -> Server:
    """A running server, once per database kind."""
    return servers(database_kind)


@pytest.fixture
def merchant(server: Server) -> Login:
    """A new merchant of this test alone."""
    return _new_merchant(server)


@pytest.fixture(scope="module")
def module_merchant(server: Server) -> Login:
    """A new merchant that the tests of one module share."""
    return _new_merchant(server)


@pytest.fixture
def client(server: Server, merchant: Login) -> Client:
    """``client("AutoBill")``: the service as this test's merchant."""
    return lambda service: ServiceClient(server, merchant, service)


_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""A hash carries its own costs: thousands of merchants that live for one test need no dear ones."""


def _new_merchant(server: Server) -> Login:
    login, password = f"m-{secrets.token_hex(6)}", secrets.token_urlsafe(12)
    now = datetime.now(UTC)
    made = Merchant(vid=new_vid(), name=login, created_at=now, settings={}, clock_offset_microseconds=0)
    vid, password_hash = made.vid, _CHEAP.hash(password)
    with registry.changing(server.database) as rows:
        rows.add(
            made,
            MerchantLogin(login=login, merchant_vid=vid, password_hash=password_hash, created_at=now),
        )
    return Login(login, password, vid)
