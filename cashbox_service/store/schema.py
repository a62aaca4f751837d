"""The state of a database's tables: create, upgrade, check.

``python -m cashbox_service.store.schema "message"`` writes a new revision from the difference between the entities
and a freshly migrated database.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from cashbox_service.store.engine import Database

_MIGRATIONS = Path(__file__).parent / "migrations"


class OutdatedDatabase(Exception):
    """The database's tables are not those this version needs."""


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def head_revision() -> str:
    """The revision this version of the service needs."""
    head = ScriptDirectory.from_config(_config(None)).get_current_head()
    assert head is not None, "the package carries no migrations"
    return head


def current_revision(database: Database) -> str | None:
    """The revision the database is at; None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database) -> bool:
    """Bring the tables up to date; False when they already were. Safe to run from several processes."""
    if current_revision(database) == head_revision():
        return False
    with database.engine.connect() as plain:
        connection = plain.execution_options(write=True)
        with connection.begin():
            if not database.is_sqlite:
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(2026112101)")
            command.upgrade(_config(connection), "head")
    return True


def check(database: Database) -> None:
    """Raises OutdatedDatabase with the command to run."""
    current, head = current_revision(database), head_revision()
    if current != head:
        raise OutdatedDatabase(
            f"The database is at revision {current or 'none'}, this version needs {head}. "
            "Run: cashbox-service db upgrade"
        )


def _write_revision(message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/revision.db")
        upgrade_if_any = ScriptDirectory.from_config(_config(None)).get_current_head()
        if upgrade_if_any:
            upgrade(database)
        with database.engine.connect() as connection:
            command.revision(_config(connection), message=message, autogenerate=True)
        database.close()


if __name__ == "__main__":
    _write_revision(sys.argv[1])
