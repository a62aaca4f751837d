"""What commands share: settings from flags, an opened environment, refusals as one line on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cashbox_service.checked import WrongValue
from cashbox_service.clock import parse_moment
from cashbox_service.domain.errors import CashboxError
from cashbox_service.logging import configure
from cashbox_service.settings import Settings

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from cashbox_service.app.context import MerchantContext
    from cashbox_service.app.engine.replay import Report, Step
    from cashbox_service.app.environment import Environment

Command = TypeVar("Command", bound=Callable[..., Any])

database_option: Callable[[Command], Command] = click.option(
    "--database-url", metavar="URL", help="The store; CASHBOX_DATABASE_URL, else sqlite:///var/cashbox.db."
)


def settings_from(**flags: object) -> Settings:
    """Settings with the flags that were given; the environment and the defaults fill the rest."""
    given: dict[str, Any] = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)
    except WrongValue as wrong:
        raise click.UsageError(str(wrong)) from None


def built(settings: Settings) -> Environment:
    """The environment of these settings. What is wrong with them ends the command."""
    from cashbox_service.wsgi import build_environment

    try:
        return build_environment(settings)
    except WrongValue as wrong:
        raise click.UsageError(str(wrong)) from None


@contextmanager
def opened(database_url: str | None) -> Iterator[Environment]:
    """The environment over an up-to-date store. Refusals end the command with their text and exit code 1."""
    from cashbox_service.store import schema

    settings = settings_from(database_url=database_url)
    configure(json=settings.log_format == "json", level="warning")
    env = built(settings)
    try:
        with refusals_shown():
            schema.check(env.database)
            yield env
    finally:
        env.close()


@contextmanager
def refusals_shown() -> Iterator[None]:
    """Turns what a use case refuses into the command's error message."""
    from cashbox_service.store.schema import OutdatedDatabase

    try:
        yield
    except (CashboxError, OutdatedDatabase) as refusal:
        raise click.ClickException(str(refusal)) from None


def sandbox_merchant(env: Environment, login: str) -> MerchantContext:
    """The merchant of a log-in, for what only a sandbox may do. Ends the command in production mode."""
    if not env.settings.is_sandbox:
        raise click.ClickException("This is possible in sandbox mode only.")
    return env.merchant(login)


def moment_of(text: str, zone: ZoneInfo) -> datetime:
    """The moment a person wrote; without an offset it is in ``zone``. Ends the command when it is none."""
    try:
        return parse_moment(text, zone)
    except ValueError:
        raise click.UsageError(f'"{text}" is not a time, such as 2024-02-29T12:00:00Z.') from None


def step_text(step: Step) -> str:
    """One thing that happened, as a line: whom it happened to, and its figures."""
    parts = [step.on.isoformat(), step.autobill, step.what, step.notice, step.invoice, step.amount]
    parts.append(step.transaction)
    if step.attempt:
        parts.append(f"attempt {step.attempt}")
    if step.code is not None:
        parts.append(f"code {step.code}")
    if step.next is not None:
        parts.append(f"next attempt {step.next}")
    if step.entitlement is not None:
        end = f"until {step.until}" if step.until is not None else "without end"
        parts.append(f"{step.entitlement} {end}")
    parts += [step.reason, step.account]
    return "  ".join(part for part in parts if part)


def report_rest(report: Report) -> str:
    """What of a report was not listed."""
    counts = ", ".join(f"{count} {what}" for what, count in sorted(report.counts.items()))
    return f"{report.omitted} more steps, in all {counts}"
