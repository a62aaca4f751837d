"""The state of a database's tables: create, upgrade, check.

An empty database gets its tables from the entities and is stamped with the newest revision; one with an older
revision is migrated. Both lead to the same tables, which a test proves. Alembic is imported only to migrate: a server
over an up-to-date database starts quicker without it.

``python -m cashbox_service.store.schema "message"`` writes a new revision from the difference between the entities
and a freshly migrated database.
"""

from __future__ import annotations

import re
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    insert,
    inspect,
    select,
)

from cashbox_service.store import planner
from cashbox_service.store.base import complete_for_postgresql
from cashbox_service.store.engine import Database
from cashbox_service.store.entities import Base

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"
_REVISION = re.compile(r"""^(down_)?revision\b.*= *(?:["'](\w+)["']|None)$""", re.MULTILINE)
_LOCK = "SELECT pg_advisory_xact_lock(2026112101)"

_STAMP = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Alembic's own table, as it makes it: the revision the database is at."""


class OutdatedDatabase(Exception):
    """The database's tables are not those this version needs."""


@cache
def head_revision() -> str:
    """The revision this version of the service needs: the only one that no other builds on."""
    texts = [file.read_text(encoding="utf-8") for file in (_MIGRATIONS / "versions").glob("*.py")]
    found = [match for text in texts for match in _REVISION.finditer(text)]
    built_on = {match[2] for match in found if match[1]}
    heads = {match[2] for match in found if not match[1]} - built_on
    assert len(heads) == 1, f"the package carries migrations with {len(heads)} ends"
    return heads.pop()


def current_revision(database: Database) -> str | None:
    """The revision the database is at; None for an empty one."""
    with database.engine.connect() as connection:
        return _revision(connection)


def upgrade(database: Database) -> bool:
    """Bring the tables up to date; False when they already were. Safe to run from several processes."""
    if current_revision(database) == head_revision():
        return False
    with database.engine.connect() as plain:
        connection = plain.execution_options(write=True)
        with connection.begin():
            if not database.is_sqlite:
                connection.exec_driver_sql(_LOCK)
            if inspect(connection).get_table_names():
                migrate(connection)
            else:
                _create(connection)
    return True


def migrate(connection: Connection) -> None:
    """Run the migrations that are missing, within the transaction of ``connection``."""
    from alembic import command

    command.upgrade(_config(connection), "head")
    planner.inform(connection)


def check(database: Database) -> None:
    """Raises OutdatedDatabase with the command to run."""
    current, head = current_revision(database), head_revision()
    if current != head:
        raise OutdatedDatabase(
            f"The database is at revision {current or 'none'}, this version needs {head}. "
            "Run: cashbox-service db upgrade"
        )


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_STAMP.name):
        return None
    return connection.scalar(select(_STAMP.c.version_num))


def _create(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        complete_for_postgresql()
    Base.metadata.create_all(connection, checkfirst=False)
    _STAMP.create(connection)
    connection.execute(insert(_STAMP).values(version_num=head_revision()))
    planner.inform(connection)


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _write_revision(message: str) -> None:
    from alembic import command

    complete_for_postgresql()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/revision.db")
        with database.engine.connect() as plain:
            connection = plain.execution_options(write=True)
            with connection.begin():
                migrate(connection)
        with database.engine.connect() as connection:
            command.revision(_config(connection), message=message, autogenerate=True)
        database.close()


if __name__ == "__main__":
    _write_revision(sys.argv[1])
