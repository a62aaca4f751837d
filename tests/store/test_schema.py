"""Migrations lead to exactly the tables that the entities describe, and an empty database gets those at once."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from cashbox_service.store import schema
from cashbox_service.store.engine import Database
from cashbox_service.store.entities import Base
from tests.databases import Databases, Kind

DDL_PARTS = re.compile(r",(?![^(]*\))")
"""The commas of a CREATE TABLE that are not inside parentheses."""


@pytest.fixture
def migrated(database_kind: Kind, tmp_path: Path) -> Iterator[Database]:
    """A database whose tables were made by the migrations alone."""
    with Databases(tmp_path) as databases:
        opened = Database(databases.new(database_kind))
        with opened.engine.connect() as plain:
            connection = plain.execution_options(write=True)
            with connection.begin():
                schema.migrate(connection)
        yield opened
        opened.close()


def test_the_migrated_database_has_the_tables_of_the_entities(migrated: Database) -> None:
    with migrated.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


def test_an_empty_database_gets_the_tables_that_the_migrations_make(
    migrated: Database, database: Database
) -> None:
    with migrated.engine.connect() as one, database.engine.connect() as other:
        assert described(other) == described(one)
    schema.check(migrated)


def test_the_revision_needed_is_the_head_of_the_migrations(migrated: Database) -> None:
    with migrated.engine.connect() as connection:
        scripts = ScriptDirectory.from_config(schema._config(connection))
        assert schema.head_revision() == scripts.get_current_head()
        assert schema.current_revision(migrated) == schema.head_revision()


def test_neither_alembic_nor_postgresql_is_imported_for_a_file_that_is_empty_or_up_to_date(
    tmp_path: Path,
) -> None:
    program = f"""
import sys
from cashbox_service.store import schema
from cashbox_service.store.engine import Database
database = Database("sqlite:///{tmp_path / "new.db"}")
assert schema.upgrade(database)
assert not schema.upgrade(database)
schema.check(database)
assert not {{"alembic", "sqlalchemy.dialects.postgresql"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    assert schema.upgrade(database) is False
    schema.check(database)


def test_an_empty_database_is_refused_with_the_command_to_run(tmp_path: Path) -> None:
    empty = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(schema.OutdatedDatabase, match="cashbox-service db upgrade"):
        schema.check(empty)
    empty.close()


def described(connection: Connection) -> dict[str, Any]:
    """Everything about the tables but the order of their constraints."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT type || ' ' || name, sql FROM sqlite_master"))
        return {name: parts(sql or "") for name, sql in rows}
    found: dict[str, Any] = {}
    inspector = inspect(connection)
    for table in inspector.get_table_names():
        found[table] = {
            "columns": [column | {"type": repr(column["type"])} for column in inspector.get_columns(table)],
            "key": inspector.get_pk_constraint(table),
            "unique": by_name(inspector.get_unique_constraints(table)),
            "foreign": by_name(inspector.get_foreign_keys(table)),
            "checks": by_name(inspector.get_check_constraints(table)),
            "indexes": by_name(inspector.get_indexes(table)),
        }
    return found


def by_name(constraints: Any) -> dict[str, Any]:
    return {constraint["name"]: constraint for constraint in constraints}


def parts(ddl: str) -> list[str]:
    """What stands between the outermost parentheses, in order of the alphabet, and what stands around them."""
    head, _, rest = " ".join(ddl.split()).partition("(")
    body, _, tail = rest.rpartition(")")
    return [head, tail, *sorted(part.strip() for part in DDL_PARTS.split(body))]
