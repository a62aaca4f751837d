"""Somebody with a browser: looks at pages, types cards, and notices what is wrong with a page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from tests.servers import ROOT
from tests.services import pay_page

PICTURES = ROOT / "build" / "screenshots"
"""Where the last run's pictures are; git ignores the folder."""

ADDRESS = {name: pay_page.CARD[name] for name in ("addr1", "city", "district", "postalCode")}
CARD = {name: pay_page.CARD[name] for name in ("holder", "number", "expiry", "cvn")}
OWN_FORM = {
    "holder": "Ada Reader",
    "number": "4111111111111111",
    "month": "07",
    "year": "2038",
    "cvn": "200",
    "addr1": "303 Twin Dolphin Drive",
    "city": "Redwood City",
    "postal": "94065",
}
_STATUS_ONLY = "Failed to load resource: the server responded with a status of"
"""What Chromium says of every page that is not a 200."""


@cache
def _axe() -> str:
    """axe-core, the accessibility checker, from the package that brings it."""
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


class Visitor:
    """One browser context with its page."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.complaints: list[str] = []
        self.page = self.open()

    def open(self) -> Page:
        """A further page of the same browser."""
        page = self.context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_STATUS_ONLY):
            self.complaints.append(message.text)

    @property
    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    def to_payment(self, shop_url: str, sku: str, how: str) -> None:
        """Through the shop to where the card is asked for."""
        self.page.goto(f"{shop_url}/checkout/{sku}")
        self.page.check(f"input[value={how}]")
        self.page.click("button")

    def fill(self, values: Mapping[str, str] = CARD, page: Page | None = None) -> None:
        for key, text in values.items():
            (page or self.page).fill(f"#{key}", text)

    def fill_page(self, changes: Mapping[str, str] | None = None, page: Page | None = None) -> None:
        """Everything that the payment page asks."""
        self.fill(CARD | ADDRESS | dict(changes or {}), page)
        (page or self.page).select_option("#country", "US")

    def pay(self, page: Page | None = None) -> None:
        """Press the button and wait for where that leads."""
        where = page or self.page
        before = where.url
        where.locator("form[method=post] button").click()
        where.wait_for_url(lambda url: url != before)

    def picture(self, name: str) -> Path:
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.png"
        self.page.screenshot(path=path, full_page=True)
        return path

    def barriers(self, *rules: str) -> list[str]:
        """What axe-core finds on the page that would keep somebody out; by all of its rules unless some are named."""
        options: dict[str, Any] = {"resultTypes": ["violations"]}
        if rules:
            options["runOnly"] = list(rules)
        self.page.evaluate(_axe())
        found: dict[str, Any] = self.page.evaluate("options => axe.run(document, options)", options)
        return [
            f"{rule['id']}: {rule['help']} at {[node['target'] for node in rule['nodes']]}"
            for rule in found["violations"]
        ]
