"""``cashbox-service worker``, ``bill`` and ``audit``: what is due, and whether the books are right."""

from __future__ import annotations

import signal
from types import FrameType

import click

from cashbox_service.cli.opened import database_option, moment_of, opened, step_text


@click.command()
@database_option
def worker(database_url: str | None) -> None:
    """Bill what is due and settle what is open, again and again. Any number of workers may run."""
    from cashbox_service.logging import configure, get_logger
    from cashbox_service.worker import billing_worker

    with opened(database_url) as env:
        settings = env.settings
        configure(json=settings.log_format == "json", level=settings.log_level)
        working = billing_worker(env)

        def stop(_number: int, _frame: FrameType | None) -> None:
            working.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        get_logger(__name__).info("ready", pause_seconds=settings.worker_seconds)
        working.run()


@click.command()
@click.option("--until", required=True, metavar="TIME", help="Do all that is due by this moment (ISO 8601).")
@click.option("--merchant", "login", metavar="LOGIN", help="Only this merchant; all when not given.")
@database_option
def bill(until: str, login: str | None, database_url: str | None) -> None:
    """Settle, capture and bill once, now. Says what was done, a line for each step."""
    from cashbox_service.app import sandbox

    with opened(database_url) as env:
        for merchant in [env.merchant(login)] if login else env.merchants():
            report = sandbox.run_billing(env, merchant, moment_of(until, merchant.settings.zone))
            for step in report.steps:
                click.echo(f"{merchant.login}: {step_text(step)}")


@click.command()
@database_option
def audit(database_url: str | None) -> None:
    """Compare every balance with the ledger; exit code 1 when one differs."""
    from cashbox_service.app import audit as books

    with opened(database_url) as env:
        findings = books.run_all(env)
    for finding in findings:
        click.echo(f"{finding.merchant}: {finding.subject}: {finding.problem}")
    if findings:
        raise click.ClickException(f"{len(findings)} findings.")
    click.echo("The books are right.")
