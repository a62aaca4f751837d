"""Migrations lead to exactly the tables that the entities describe."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from cashbox_service.store import schema
from cashbox_service.store.engine import Database
from cashbox_service.store.entities import Base


def test_the_migrated_database_has_the_tables_of_the_entities(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    assert schema.upgrade(database) is False
    schema.check(database)


def test_an_empty_database_is_refused_with_the_command_to_run(tmp_path: Path) -> None:
    empty = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(schema.OutdatedDatabase, match="cashbox-service db upgrade"):
        schema.check(empty)
    empty.close()
