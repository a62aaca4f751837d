"""A real browser, the demo shop, and a merchant that both of them use.

The browser is the machine's own Chromium, driven by Playwright; without one these tests are skipped. One is started
for a module, since starting it takes longer than most tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.conftest import Client, Servers, _new_merchant
from tests.servers import ROOT, Server
from tests.services.sandbox import Sandbox
from tests.soap_client import Login, ServiceClient
from tests.web.browsing import Visitor

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_OPEN = "the shop is open at "


def _chromium() -> str:
    """Where the browser is; CASHBOX_TEST_CHROMIUM names another one."""
    named = os.environ.get("CASHBOX_TEST_CHROMIUM")
    found = named or next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium, or set CASHBOX_TEST_CHROMIUM")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = _chromium()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, headless=True, args=_FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def served(servers: Servers, request: pytest.FixtureRequest) -> Server:
    """A server over one kind of database: what pages do there, other tests try over both."""
    chosen = request.config.getoption("--database")
    return servers("sqlite" if chosen == "both" else chosen)


@pytest.fixture(scope="module")
def owner(served: Server) -> Login:
    """The merchant whose shop it is."""
    return _new_merchant(served)


@pytest.fixture(scope="module")
def soap(served: Server, owner: Login) -> Client:
    return lambda service: ServiceClient(served, owner, service)


@pytest.fixture
def other(served: Server) -> tuple[Client, Sandbox]:
    """A merchant of this test alone, whose clock may be moved."""
    login = _new_merchant(served)
    return (lambda service: ServiceClient(served, login, service)), Sandbox(served, login)


@pytest.fixture(scope="module")
def shop_url(
    browser: Browser, served: Server, owner: Login, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The demo shop as its README says it is started, and its address."""
    with _shop(served, owner, tmp_path_factory.mktemp("shop") / "shop.log") as url:
        yield url


@contextmanager
def _shop(served: Server, owner: Login, log: Path) -> Iterator[str]:
    command = [sys.executable, str(ROOT / "examples" / "shop" / "run.py"), "--port", "0"]
    options = ["--service", served.url, "--login", owner.login, "--password", owner.password]
    with log.open("w") as errors:
        process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            assert process.stdout is not None
            told = process.stdout.readline()
            assert told.startswith(_OPEN), told + log.read_text()
            yield told.removeprefix(_OPEN).strip()
        finally:
            process.terminate()
            assert process.wait(30) == 0
            process.communicate()
    assert "Traceback" not in log.read_text()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Any]:
    """``visit(color_scheme="dark")``: somebody with a browser of his own; nothing may go wrong in its console."""
    contexts = []

    def come(**options: Any) -> Visitor:
        context = browser.new_context(
            **({"locale": "en-US", "viewport": {"width": 1000, "height": 900}} | options)
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        return Visitor(context)

    yield come
    for context in contexts:
        context.close()


@pytest.fixture
def visitor(visit: Any) -> Iterator[Visitor]:
    come: Visitor = visit()
    yield come
    assert come.complaints == []
