"""``cashbox-service push``: who is told of what happens to a merchant's customers, and whether the messages arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cashbox_service.cli.opened import database_option, opened

if TYPE_CHECKING:
    from cashbox_service.app.pushing.deliveries import Delivery
    from cashbox_service.store.entities import PushAttempt, PushSubscription


@click.group()
def push() -> None:
    """Subscribe listeners of a merchant to push messages, and look after their delivery."""


@push.command()
@click.argument("login")
@click.argument("event_class", metavar="CLASS")
@click.argument("endpoint", metavar="URL")
@click.option("--format", "form", default="json", show_default=True, help="json or form.")
@click.option("--without", multiple=True, metavar="EVENT", help="An event of the class that is not wanted.")
@click.option("--also", multiple=True, metavar="EVENT", help="An extension that is wanted.")
@click.option("--retries", type=int, default=5, show_default=True, help="Attempts after the first failed.")
@click.option("--retry-seconds", type=int, default=300, show_default=True, help="Pause between attempts.")
@click.option("--error-email", metavar="ADDRESS", help="Whom to tell of messages that were given up.")
@click.option("--user", help="For HTTP Basic; asks for the password when --password is not given.")
@click.option("--password", help="For HTTP Basic.")
@click.option("--soap-version", metavar="VERSION", help="How objects look; the newest when not given.")
@database_option
def add(
    login: str,
    event_class: str,
    endpoint: str,
    form: str,
    without: tuple[str, ...],
    also: tuple[str, ...],
    retries: int,
    retry_seconds: int,
    error_email: str | None,
    user: str | None,
    password: str | None,
    soap_version: str | None,
    database_url: str | None,
) -> None:
    """Tell the listener at URL of the events of a CLASS.

    Classes: accounts, autobills, entitlement, transactions, adjustments, "payment methods". The merchant needs a push
    key first: merchant add-key LOGIN --push. For example:

    push add acme transactions https://shop.example/cashbox --without "attempt failed"
    """
    from cashbox_service.app.pushing import subscriptions

    if user and password is None:
        password = click.prompt("Password", hide_input=True)
    wish = subscriptions.Wish(
        event_class=event_class,
        endpoint=endpoint,
        format=form,
        without=without,
        also=also,
        retry_count=retries,
        retry_seconds=retry_seconds,
        error_email=error_email,
        user=user,
        password=password,
        soap_version=soap_version,
    )
    with opened(database_url) as env:
        added = subscriptions.add(env, env.merchant(login), wish)
    click.echo(f"Added the subscription {added.vid}.")


@push.command("list")
@click.argument("login")
@database_option
def list_(login: str, database_url: str | None) -> None:
    """List the subscriptions of a merchant."""
    from cashbox_service.app.pushing import subscriptions

    with opened(database_url) as env:
        for one in subscriptions.listed(env, env.merchant(login)):
            click.echo(_subscription(one))


@push.command()
@click.argument("login")
@click.argument("subscription_id", metavar="ID")
@database_option
def remove(login: str, subscription_id: str, database_url: str | None) -> None:
    """Tell a listener nothing any more, not even what waits to be sent; ID as "push list" shows it."""
    from cashbox_service.app.pushing import subscriptions

    with opened(database_url) as env:
        removed = subscriptions.remove(env, env.merchant(login), subscription_id)
    click.echo(f"Removed the subscription {removed.vid}.")


@push.command()
@click.argument("login")
@click.option("--subscription", "subscription_id", metavar="ID", help="Only messages of this one.")
@click.option("--status", help="Only messages that are waiting, delivered, failed or dropped.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@database_option
def deliveries(
    login: str, subscription_id: str | None, status: str | None, limit: int, database_url: str | None
) -> None:
    """List messages, the newest first, with every attempt to deliver them."""
    from cashbox_service.app.pushing import deliveries as log
    from cashbox_service.app.pushing import subscriptions

    with opened(database_url) as env:
        merchant = env.merchant(login)
        vid = subscriptions.found(env, merchant, subscription_id).vid if subscription_id else None
        for one in log.listed(env, merchant, subscription_vid=vid, status=status, limit=limit):
            _show(one)


@push.command()
@click.argument("login")
@click.argument("message_ids", metavar="MESSAGE_ID...", nargs=-1, required=True)
@database_option
def redeliver(login: str, message_ids: tuple[str, ...], database_url: str | None) -> None:
    """Send messages again, the very same; the worker does it."""
    from cashbox_service.app.pushing import deliveries as log

    with opened(database_url) as env:
        merchant = env.merchant(login)
        for message_id in message_ids:
            log.redeliver(env, merchant, message_id)
            click.echo(f"{message_id} is sent again.")


def _subscription(one: PushSubscription) -> str:
    parts = [one.vid, one.event_class, one.endpoint, one.format, f"{one.retry_count} x {one.retry_seconds} s"]
    parts += [f"version {one.soap_version}"]
    parts += [f"without {event}" for event in one.without] + [f"also {event}" for event in one.also]
    if one.credentials is not None:
        parts.append("with a password")
    if one.error_email is not None:
        parts.append(one.error_email)
    return "\t".join(parts)


def _show(one: Delivery) -> None:
    message = one.message
    parts = [message.message_id, message.at.isoformat(timespec="seconds"), message.event_class, message.event]
    click.echo("\t".join([*parts, message.subject_vid, message.status]))
    for attempt in one.attempts:
        click.echo(f"\t{_attempt(attempt)}")


def _attempt(attempt: PushAttempt) -> str:
    outcome = attempt.error or f"HTTP status {attempt.http_status}"
    return f"{attempt.at.isoformat(timespec='seconds')}\t{outcome}\t{attempt.milliseconds} ms"
