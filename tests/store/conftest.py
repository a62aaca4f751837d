"""A migrated database of each kind for tests of the store, and merchants in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from cashbox_service.ids import new_vid
from cashbox_service.store import schema
from cashbox_service.store.engine import Database
from cashbox_service.store.entities import Merchant
from cashbox_service.store.unit_of_work import UnitOfWork
from tests.databases import Databases, Kind

NOW = datetime(2024, 3, 10, 9, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture(scope="session")
def database(database_kind: Kind, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """An up-to-date database."""
    with Databases(tmp_path_factory.mktemp("store")) as databases:
        opened = Database(databases.new(database_kind))
        schema.upgrade(opened)
        yield opened
        opened.close()


@pytest.fixture
def new_merchant(database: Database) -> Callable[[], str]:
    """Makes a merchant and gives its VID."""

    def make() -> str:
        session = database.session()
        try:
            with database.write_turn(session):
                merchant = Merchant(
                    vid=new_vid(), name="A shop", created_at=NOW, settings={}, clock_offset_microseconds=0
                )
                session.add(merchant)
                session.commit()
                return merchant.vid
        finally:
            session.close()

    return make


@pytest.fixture
def work(database: Database, new_merchant: Callable[[], str]) -> Iterator[UnitOfWork]:
    """The unit of work of a new merchant."""
    with UnitOfWork(database, new_merchant()) as unit:
        yield unit
