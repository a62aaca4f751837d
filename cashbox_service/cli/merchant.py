"""``cashbox-service merchant``: merchants, their log-ins, keys and settings."""

from __future__ import annotations

import csv
import json
import sys
from typing import Any, TextIO

import click

from cashbox_service.cli.opened import database_option, opened
from cashbox_service.merchant_settings import MerchantSettings

DIALECTS = ("checkout", "makepayment", "createpayment", "checkoutpmt")


@click.group()
def merchant() -> None:
    """Add merchants, change their passwords, keys and settings."""


@merchant.command()
@click.argument("login")
@click.argument("password", required=False)
@click.option("--name", help="The company's name; the log-in when not given.")
@database_option
def add(login: str, password: str | None, name: str | None, database_url: str | None) -> None:
    """Add a merchant with its SOAP log-in. Asks for the PASSWORD when it is not given."""
    from cashbox_service.app.operating import merchants

    password = password or _ask_password()
    with opened(database_url) as env:
        vid = merchants.add(env.database, login, password, env.clock.now(), name)
    click.echo(f"Added merchant {login} (VID {vid}).")


@merchant.command("list")
@database_option
def list_logins(database_url: str | None) -> None:
    """List all log-ins with the VID and name of their merchant."""
    from cashbox_service.app.operating import merchants

    with opened(database_url) as env:
        for record in merchants.logins(env.database):
            click.echo(f"{record.login}\t{record.merchant_vid}\t{record.merchant_name}")


@merchant.command("set")
@click.argument("login")
@click.argument("assignments", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--reset", multiple=True, metavar="NAME", help="Put a setting back to its default.")
@database_option
def set_settings(
    login: str, assignments: tuple[str, ...], reset: tuple[str, ...], database_url: str | None
) -> None:
    """Change settings of a merchant, and show all of them.

    For example: merchant set acme retryDays=2,4,8 graceDays=10
    """
    from cashbox_service.app.operating import merchants

    changes: dict[str, Any] = dict(_assignment(text) for text in assignments) | dict.fromkeys(reset)
    with opened(database_url) as env:
        found = env.merchant(login)
        settings = found.settings
        if changes:
            settings = merchants.change_settings(env.database, found.vid, changes)
    _show(settings)


@merchant.command("tax")
@click.argument("login")
@click.argument("file", type=click.File(encoding="utf-8-sig"), required=False)
@database_option
def load_tax(login: str, file: TextIO | None, database_url: str | None) -> None:
    """Replace the tax table of a merchant by a FILE of rows, - for standard input; without one, show the table.

    The file is CSV, with the columns named in its first line, or a JSON list of objects: country, district,
    classification, rate (0.2 is 20 %), inclusive, jurisdiction, name. Only country and rate have to be there.
    """
    from cashbox_service.app.operating import table_files
    from cashbox_service.app.taxes import tax_tables
    from cashbox_service.domain.tax_rows import COLUMNS, as_row

    with opened(database_url) as env:
        vid = env.merchant(login).vid
        if file is None:
            writer = csv.DictWriter(sys.stdout, COLUMNS)
            writer.writeheader()
            writer.writerows(as_row(rate) for rate in tax_tables.current(env.database, vid).table.rates)
            return
        rows = table_files.rows_of(_read(file), COLUMNS, ("country", "rate"))
        loaded = tax_tables.change(env.database, vid, env.clock.now(), rows=rows)
    click.echo(f"Loaded {len(loaded.table.rates)} tax rates for {login}.")


@merchant.command("bins")
@click.argument("login")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@database_option
def load_issuers(login: str, file: TextIO, database_url: str | None) -> None:
    """Replace what a merchant knows of card issuers by a FILE of rows, - for standard input.

    The file is CSV, with the columns named in its first line, or a JSON list of objects: prefix, the first 1 to 8
    digits of card numbers, and country, where they are issued. The longest prefix that fits a card counts.
    """
    from cashbox_service.app.operating import table_files
    from cashbox_service.app.sales import scoring
    from cashbox_service.domain.issuer_rows import COLUMNS

    with opened(database_url) as env:
        rows = table_files.rows_of(_read(file), COLUMNS, COLUMNS)
        count = scoring.load_issuers(env, env.merchant(login), rows)
    click.echo(f"Loaded the countries of {count} card number prefixes for {login}.")


@merchant.command("set-password")
@click.argument("login")
@click.argument("password", required=False)
@database_option
def set_password(login: str, password: str | None, database_url: str | None) -> None:
    """Change the password of a log-in; asks for it when it is not given. Counts from the next call on."""
    from cashbox_service.app.operating import merchants

    password = password or _ask_password()
    with opened(database_url) as env:
        merchants.set_password(env.database, login, password)
    click.echo(f"Changed the password of {login}.")


@merchant.command("add-key")
@click.argument("login")
@click.option("--dialect", type=click.Choice(DIALECTS), help="The HTTP payment dialect that the key is for.")
@click.option(
    "--push", is_flag=True, help="The key that push messages are signed with: a new one, if there is one."
)
@database_option
def add_key(login: str, dialect: str | None, push: bool, database_url: str | None) -> None:
    """Make a key for programs of a merchant, and show it this once.

    CheckOut keys have a secret beside them, which calls are signed with. Listeners check push messages with the push
    key; of those a merchant has one.
    """
    from cashbox_service.app.operating.merchant_keys import KeyPurpose, add

    if push == (dialect is not None):
        raise click.UsageError("Say what the key is for: either --dialect or --push.")
    purpose = KeyPurpose.PUSH if dialect is None else KeyPurpose(dialect)
    with opened(database_url) as env:
        made = add(env.database, env.vault, env.merchant(login).vid, purpose, env.clock.now())
    click.echo(f"Added a {purpose.value} key to {login}. It cannot be shown again.")
    click.echo(f"id      {made.id}\nkey     {made.key}")
    if made.secret is not None:
        click.echo(f"secret  {made.secret}")


@merchant.command("keys")
@click.argument("login")
@database_option
def list_keys(login: str, database_url: str | None) -> None:
    """List the keys of a merchant: id, what it is for, and since when. Keys themselves cannot be shown."""
    from cashbox_service.app.operating import merchant_keys

    with opened(database_url) as env:
        for key in merchant_keys.listed(env.database, env.merchant(login).vid):
            click.echo(f"{key.id}\t{key.purpose.value}\t{key.created_at.isoformat(timespec='seconds')}")


@merchant.command("remove-key")
@click.argument("login")
@click.argument("key_id", metavar="ID")
@database_option
def remove_key(login: str, key_id: str, database_url: str | None) -> None:
    """Let a key open nothing from now on; ID as "merchant keys" lists it."""
    from cashbox_service.app.operating import merchant_keys

    with opened(database_url) as env:
        merchant_keys.remove(env.database, env.merchant(login).vid, key_id)
    click.echo(f"Removed the key {key_id} of {login}.")


def _read(file: TextIO) -> str:
    try:
        return file.read()
    except UnicodeDecodeError:
        raise click.ClickException("The file is not UTF-8 text.") from None


def _ask_password() -> str:
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f'"{text}" is not of the form NAME=VALUE.')
    return name, value


def _show(settings: MerchantSettings) -> None:
    changed = settings.to_stored()
    for name, value in settings.as_json().items():
        mark = "" if name in changed else "  (default)"
        click.echo(f"{name}={_text(value)}{mark}")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ",".join(str(one) for one in value)
    return value if isinstance(value, str) else json.dumps(value)
