"""``cashbox-service db``: the tables of the store."""

from __future__ import annotations

import click

from cashbox_service.cli.opened import database_option, refusals_shown, settings_from


@click.group()
def db() -> None:
    """Create, upgrade and check the tables of the store."""


@db.command()
@database_option
def upgrade(database_url: str | None) -> None:
    """Bring the tables up to date. Safe while servers of this version run."""
    from cashbox_service.store import schema
    from cashbox_service.store.engine import Database

    database = Database(settings_from(database_url=database_url).database_url)
    try:
        changed = schema.upgrade(database)
        click.echo(f"{'Upgraded to' if changed else 'Already at'} revision {schema.head_revision()}.")
    finally:
        database.close()


@db.command()
@database_option
def check(database_url: str | None) -> None:
    """Say whether the tables are those this version needs; exit code 1 when not."""
    from cashbox_service.store import schema
    from cashbox_service.store.engine import Database

    database = Database(settings_from(database_url=database_url).database_url)
    try:
        with refusals_shown():
            schema.check(database)
        click.echo(f"Up to date at revision {schema.head_revision()}.")
    finally:
        database.close()
