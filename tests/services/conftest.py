"""Fixtures for tests of the services: the merchant's clock, its books, and what its AutoBills entitle to."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from cashbox_service.app.environment import Environment
from cashbox_service.app.operating import audit
from cashbox_service.ids import new_vid
from cashbox_service.settings import Settings
from cashbox_service.store.entities import Token
from cashbox_service.wsgi import build_environment
from tests.conftest import Client
from tests.servers import VAULT_KEY, Server
from tests.services.decrees import Decrees
from tests.services.sandbox import Sandbox
from tests.services.wire import Wire
from tests.soap_client import Login, ServiceClient

MakeToken = Callable[[str], str]


@pytest.fixture
def sandbox(server: Server, merchant: Login) -> Sandbox:
    """The clock and the billing runs of this test's merchant."""
    return Sandbox(server, merchant)


@pytest.fixture
def wire(server: Server, merchant: Login) -> Wire:
    """Requests written by hand, as this test's merchant."""
    return Wire(server, merchant)


@pytest.fixture
def shared(server: Server, module_merchant: Login) -> Client:
    """``client`` as the merchant of the whole module: quicker, for tests that make up new ids."""
    return lambda service: ServiceClient(server, module_merchant, service)


@pytest.fixture
def shared_client(server: Server, module_merchant: Login) -> Client:
    """``client`` as the merchant of the whole module, for tests that store nothing."""
    return lambda service: ServiceClient(server, module_merchant, service)


@pytest.fixture
def shared_wire(server: Server, module_merchant: Login) -> Wire:
    """``wire`` as the merchant of the whole module."""
    return Wire(server, module_merchant)


@pytest.fixture
def decrees(server: Server) -> Decrees:
    """Writes states to the store that no call leads to."""
    return Decrees(server)


@pytest.fixture(scope="session")
def environment(server: Server) -> Iterator[Environment]:
    """The use cases inside the test process, over the server's database; for reading only."""
    settings = Settings(database_url=server.database_url, vault_key=VAULT_KEY)
    made = build_environment(settings)
    yield made
    made.close()


@pytest.fixture
def books_are_right(environment: Environment, merchant: Login) -> Callable[[], None]:
    """Asks the audit about this test's merchant; call it after every step that moves money."""

    def check() -> None:
        assert audit.run(environment, environment.merchant(merchant.login)) == []

    return check


@dataclass(frozen=True)
class Right:
    """An entitlement as it stands in the store."""

    id: str
    start: datetime
    end: datetime | None


@pytest.fixture
def entitlements(environment: Environment, merchant: Login) -> Callable[[Any], list[Right]]:
    """What an AutoBill entitles to, read from the store; moments in Pacific time."""

    def of(autobill: Any) -> list[Right]:
        with closing(environment.open(environment.merchant(merchant.login))) as work:
            return [
                Right(
                    entry.merchant_entitlement_id,
                    entry.start_at.astimezone(work.zone),
                    entry.end_at.astimezone(work.zone) if entry.end_at is not None else None,
                )
                for entry in work.uow.entitlements.of_autobill(autobill.VID)
            ]

    return of


@pytest.fixture
def make_token(environment: Environment, merchant: Login) -> MakeToken:
    """Stores a token type of this test's merchant; its merchantTokenId."""

    def make(kind: str) -> str:
        own_id = f"{kind}-{secrets.token_hex(5)}"
        with closing(environment.open(environment.merchant(merchant.login))) as work, work.writing():
            work.uow.catalog.add(Token(vid=new_vid(), merchant_token_id=own_id, description="Coins"))
        return own_id

    return make
