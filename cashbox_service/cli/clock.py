"""``cashbox-service clock``: the test clock of a merchant, in the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cashbox_service.cli.opened import (
    database_option,
    moment_of,
    opened,
    report_rest,
    sandbox_merchant,
    step_text,
)
from cashbox_service.cli.progress import ProgressLine, progress_option

if TYPE_CHECKING:
    from cashbox_service.app.engine.replay import Step
    from cashbox_service.app.environment import Environment


@click.group()
def clock() -> None:
    """Show and move a merchant's test clock (sandbox mode only)."""


@clock.command()
@click.argument("login")
@database_option
def show(login: str, database_url: str | None) -> None:
    """Show the merchant's time."""
    with opened(database_url) as env:
        _echo(env, login)


@clock.command("set")
@click.argument("login")
@click.argument("time")
@database_option
def set_(login: str, time: str, database_url: str | None) -> None:
    """Set the merchant's clock to TIME (ISO 8601): any time while it has no AutoBill, later only forward."""
    from cashbox_service.app.operating import sandbox

    with opened(database_url) as env:
        merchant = sandbox_merchant(env, login)
        sandbox.set_clock(env, merchant, moment_of(time, merchant.settings.zone))
        _echo(env, login)


@clock.command()
@click.argument("login")
@click.argument("days", type=click.IntRange(min=1))
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=1000,
    show_default=True,
    help="Most steps that are listed; the others are counted.",
)
@progress_option
@database_option
def advance(login: str, days: int, limit: int, progress: bool | None, database_url: str | None) -> None:
    """Move the merchant's clock by calendar DAYS, doing everything that becomes due on the way, in order."""
    from cashbox_service.app.operating import sandbox

    with opened(database_url) as env:
        if days > env.settings.max_clock_advance_days:
            raise click.UsageError(f"At most {env.settings.max_clock_advance_days} days at a time.")
        line = ProgressLine(progress)

        def tell(step: Step) -> None:
            line.clear()
            click.echo(step_text(step))

        report = sandbox.advance_clock(
            env, sandbox_merchant(env, login), days, limit=limit, keep=True, tell=tell, progress=line
        )
        line.clear()
        if report.omitted:
            click.echo(report_rest(report))
            click.echo(f"All of them: cashbox-service clock replay {login} {report.replay}")
        _echo(env, login)


@clock.command()
@click.argument("login")
@click.argument("replay_id", metavar="[ID]", required=False)
@click.option(
    "--page", type=click.IntRange(min=0), default=0, show_default=True, help="Which page; the first is 0."
)
@click.option(
    "--page-size", type=click.IntRange(1, 10_000), default=1000, show_default=True, help="Steps on a page."
)
@database_option
def replay(login: str, replay_id: str | None, page: int, page_size: int, database_url: str | None) -> None:
    """List what a run did, page by page; without an ID the runs that did more than they showed."""
    from cashbox_service.app.operating import sandbox

    with opened(database_url) as env:
        merchant = sandbox_merchant(env, login)
        if replay_id is None:
            for one in sandbox.replays(env, merchant):
                began = one.began_at.astimezone(merchant.settings.zone).isoformat(timespec="seconds")
                click.echo(f"{one.vid}\t{began}\t{one.steps} steps")
            return
        found, steps = sandbox.replay_page(env, merchant, replay_id, page, page_size)
        for step in steps:
            click.echo(step_text(step))
        if (page + 1) * page_size < found.steps:
            click.echo(f"{found.steps} steps in all; more with --page {page + 1}")


def _echo(env: Environment, login: str) -> None:
    merchant = env.merchant(login)
    click.echo(env.now(merchant).astimezone(merchant.settings.zone).isoformat())
