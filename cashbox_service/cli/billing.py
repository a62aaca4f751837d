"""``cashbox-service worker``, ``bill``, ``parked`` and ``audit``: what is due, and whether the books are right."""

from __future__ import annotations

import signal
from types import FrameType
from typing import TYPE_CHECKING

import click

from cashbox_service.cli.opened import database_option, moment_of, opened, report_rest, step_text
from cashbox_service.cli.progress import ProgressLine, progress_option

if TYPE_CHECKING:
    from cashbox_service.app.engine.replay import Step


@click.command()
@progress_option
@database_option
def worker(progress: bool | None, database_url: str | None) -> None:
    """Bill what is due and settle what is open, again and again. Any number of workers may run."""
    from cashbox_service.collector import settled_down
    from cashbox_service.logging import configure, get_logger
    from cashbox_service.worker import billing_worker

    with opened(database_url) as env:
        settings = env.settings
        configure(json=settings.log_format == "json", level=settings.log_level)
        line = ProgressLine(progress)
        working = billing_worker(env, line)

        def stop(_number: int, _frame: FrameType | None) -> None:
            working.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        settled_down()
        get_logger(__name__).info("ready", pause_seconds=settings.worker_seconds)
        working.run()
        line.clear()


@click.command()
@click.option("--until", required=True, metavar="TIME", help="Do all that is due by this moment (ISO 8601).")
@click.option("--merchant", "login", metavar="LOGIN", help="Only this merchant; all when not given.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=1000,
    show_default=True,
    help="Most steps of a merchant that are listed; the others are counted.",
)
@progress_option
@database_option
def bill(until: str, login: str | None, limit: int, progress: bool | None, database_url: str | None) -> None:
    """Settle, capture and bill once, now. Says what was done, a line for each step."""
    from cashbox_service.app.operating import sandbox
    from cashbox_service.collector import settled_down

    with opened(database_url) as env:
        settled_down()
        line = ProgressLine(progress)
        for merchant in [env.merchant(login)] if login else env.merchants():

            def tell(step: Step, login: str = merchant.login) -> None:
                line.clear()
                click.echo(f"{login}: {step_text(step)}")

            moment = moment_of(until, merchant.settings.zone)
            report = sandbox.run_billing(env, merchant, moment, limit=limit, tell=tell, progress=line)
            line.clear()
            if report.omitted:
                click.echo(f"{merchant.login}: {report_rest(report)}")


@click.group()
def parked() -> None:
    """AutoBills that are set aside because they could not be billed."""


@parked.command("list")
@click.argument("login", required=False)
@database_option
def list_(login: str | None, database_url: str | None) -> None:
    """List the parked AutoBills of a merchant, or of all, with their reasons."""
    from cashbox_service.app.engine import parking

    with opened(database_url) as env:
        for merchant in [env.merchant(login)] if login else env.merchants():
            for autobill_id, reason in parking.parked(env, merchant):
                click.echo(f"{merchant.login}: {autobill_id}: {reason}")


@parked.command()
@click.argument("login")
@click.argument("autobill_ids", nargs=-1, metavar="[MERCHANTAUTOBILLID]...")
@click.option("--all", "everything", is_flag=True, help="All that are parked.")
@database_option
def release(login: str, autobill_ids: tuple[str, ...], everything: bool, database_url: str | None) -> None:
    """Let the next run bill parked AutoBills again. One that still cannot be billed is parked anew."""
    from cashbox_service.app.engine import parking

    if everything == bool(autobill_ids):
        raise click.UsageError("Name AutoBills, or give --all.")
    with opened(database_url) as env:
        for autobill_id in parking.release(env, env.merchant(login), autobill_ids):
            click.echo(f"released {autobill_id}")


@click.command()
@database_option
def audit(database_url: str | None) -> None:
    """Compare every balance with the ledger; exit code 1 when one differs."""
    from cashbox_service.app.operating import audit as books

    with opened(database_url) as env:
        findings = books.run_all(env)
    for finding in findings:
        click.echo(f"{finding.merchant}: {finding.subject}: {finding.problem}")
    if findings:
        raise click.ClickException(f"{len(findings)} findings.")
    click.echo("The books are right.")
