"""``cashbox-service serve``: prepare the store, bind the socket, say where, serve until SIGTERM."""

from __future__ import annotations

import gc
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from cashbox_service import __version__
from cashbox_service.cli.opened import built, database_option, refusals_shown, settings_from
from cashbox_service.logging import configure, get_logger
from cashbox_service.settings import Settings

if TYPE_CHECKING:
    from cashbox_service.app.environment import Environment

log = get_logger(__name__)

SANDBOX_LOGIN = "sandbox"
SANDBOX_PASSWORD = "sandbox"  # published on purpose: sandbox mode on loopback only


@click.command()
@click.option("--host", help="Address to listen on; CASHBOX_HOST, else 127.0.0.1.")
@click.option("--port", help="Port to listen on, 0 for any free one; CASHBOX_PORT, else 8080.")
@database_option
@click.option("--public-url", metavar="URL", help="How clients reach the service; CASHBOX_PUBLIC_URL.")
@click.option("--mode", help="sandbox or production; CASHBOX_MODE, else sandbox.")
@click.option("--workers", help="Server processes; CASHBOX_WORKERS, else 1.")
def serve(**flags: str | None) -> None:
    """Start the service. SIGTERM finishes the running calls and ends it."""
    started = time.monotonic()
    gc.disable()  # hardly anything of what is imported and opened now is ever garbage
    try:
        settings = settings_from(**flags)
        configure(json=settings.log_format == "json", level=settings.log_level)
        # Metrics of several processes add up only when this is entered before anything imports them.
        with _figures(settings):
            _start(settings, started)
    finally:
        gc.enable()


def _start(settings: Settings, started: float) -> None:
    from cashbox_service.server import give_freed_memory_back

    give_freed_memory_back()
    prepare(settings)
    with _bound(settings) as bound:
        settings = replace(settings, port=bound.getsockname()[1])
        _announce(settings)
        if settings.workers == 1:
            _serve_here(settings, bound, 0, started)
        else:
            _serve_in_processes(settings, bound, started)


def prepare(settings: Settings) -> None:
    """Bring an embedded store up to date, refuse an outdated shared one, make the sandbox merchant.

    An empty shared store is set up in sandbox mode; in production its operator does that with ``db upgrade``.
    """
    from cashbox_service.store import schema

    env = built(settings)
    try:
        with refusals_shown():
            is_new = schema.current_revision(env.database) is None
            if env.database.is_sqlite or (settings.is_sandbox and is_new):
                schema.upgrade(env.database)
            schema.check(env.database)
            if settings.is_sandbox and settings.on_loopback:
                _make_sandbox_merchant(env)
    finally:
        env.close()


def _make_sandbox_merchant(env: Environment) -> None:
    from cashbox_service.app.operating import merchants
    from cashbox_service.domain.errors import Duplicate

    if merchants.find(env.database, SANDBOX_LOGIN) is None:
        try:
            merchants.add(env.database, SANDBOX_LOGIN, SANDBOX_PASSWORD, env.clock.now(), "Sandbox merchant")
        except Duplicate:
            return  # another server that started at the same time made it


def _bound(settings: Settings) -> socket.socket:
    from cashbox_service.server import bind

    try:
        return bind(settings)
    except OSError as error:
        raise click.ClickException(
            f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}"
        ) from None


def _announce(settings: Settings) -> None:
    url = settings.base_url()
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    lines = [
        f"cashbox-service {__version__}, {settings.mode} mode, listening on http://{host}:{settings.port}",
        f"  calls      {url}/soap.pl",
        f"  documents  {url}/22.0/AutoBill.wsdl, ...",
    ]
    if settings.is_sandbox:
        lines.append(f"  sandbox    {url}/sandbox/clock")
    if settings.is_sandbox and settings.on_loopback:
        lines.append(f"  log in     {SANDBOX_LOGIN}, password {SANDBOX_PASSWORD} unless it was changed")
    click.echo("\n".join(lines))
    sys.stdout.flush()


def _serve_here(settings: Settings, bound: socket.socket, number: int, started: float) -> None:
    """One server process; the first of them also works unless workers run apart."""
    from cashbox_service.server import HttpServer
    from cashbox_service.wsgi import Service, build_environment

    env = build_environment(settings)
    service = Service(env, settings.base_url())
    try:
        server = HttpServer(service, bound, settings)
        _collect_only_what_is_new()
        works = settings.runs_embedded_worker and number == 0
        with _working(env) if works else nullcontext():
            log.info(
                "ready", port=settings.port, process=number, seconds=round(time.monotonic() - started, 3)
            )
            server.run()
        log.info("stopped", process=number)
    finally:
        service.close()


def _collect_only_what_is_new() -> None:
    """Collect garbage from now on, and never look again at what has been there since the start.

    To look through all modules and classes would stop the process for a tenth of a second each time.
    """
    gc.freeze()
    gc.enable()


def _serve_in_processes(settings: Settings, bound: socket.socket, started: float) -> None:
    from cashbox_service.server import ServerProcesses

    processes = ServerProcesses(
        settings.workers,
        lambda number: _serve_here(settings, bound, number, started),
        settings.stop_seconds,
    )
    if not processes.run():
        raise SystemExit(1)


@contextmanager
def _working(env: Environment) -> Iterator[None]:
    from cashbox_service.worker import billing_worker, embedded

    with embedded(billing_worker(env), env.settings.stop_seconds):
        yield


@contextmanager
def _figures(settings: Settings) -> Iterator[None]:
    if settings.workers == 1:
        yield
        return
    from cashbox_service.server import shared_figures

    with shared_figures():
        yield
