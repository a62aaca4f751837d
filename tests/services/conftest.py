"""Fixtures for tests of the services: the merchant's clock, and its books."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cashbox_service.app import audit
from cashbox_service.app.environment import Environment
from cashbox_service.settings import Settings
from cashbox_service.wsgi import build_environment
from tests.servers import VAULT_KEY, Server
from tests.services.sandbox import Sandbox
from tests.soap_client import Login


@pytest.fixture
def sandbox(server: Server, merchant: Login) -> Sandbox:
    """The clock and the billing runs of this test's merchant."""
    return Sandbox(server, merchant)


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
