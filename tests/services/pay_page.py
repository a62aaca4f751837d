"""The payment page in tests: read and posted as a browser without scripts would.

page = pay_page.opened(server, session)
page.fields["number"]; page.texts("h1")
pay_page.send(server, session, pay_page.CARD | {"cvn": "12"}).errors
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from lxml import html

from tests.servers import Answer, Server

CARD = {
    "holder": "Ada Reader",
    "number": "4111 1111 1111 1111",
    "expiry": "07/38",
    "cvn": "200",
    "addr1": "303 Twin Dolphin Drive",
    "city": "Redwood City",
    "district": "CA",
    "postalCode": "94065",
    "country": "US",
}
"""What a customer types into the page."""


class Page:
    """A page with its parts by name."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.root: Any = html.fromstring(answer.body.decode())

    @property
    def fields(self) -> dict[str, Any]:
        return {each.get("name"): each for each in self.root.xpath("//input | //select")}

    @property
    def errors(self) -> dict[str, str]:
        """What the page says is wrong, by field."""
        return {
            name: self.root.get_element_by_id(f"{name}-error").text_content()
            for name, each in self.fields.items()
            if each.get("aria-invalid") == "true"
        }

    @property
    def way_on(self) -> str | None:
        """Where the browser is sent by itself."""
        found = self.root.xpath("//meta[@http-equiv='refresh']/@content")
        return found[0].partition("url=")[2] if found else None

    def texts(self, path: str) -> list[str]:
        return [" ".join(each.text_content().split()) for each in self.root.xpath(f"//{path}")]


def path_of(session: Any) -> str:
    return f"/pay/{session if isinstance(session, str) else session.VID}"


def opened(server: Server, session: Any, query: str = "", **headers: str) -> Page:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Page(server.get(path_of(session) + query, named))


def send(server: Server, session: Any, values: Mapping[str, str], **headers: str) -> Page:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    form = {"Content-Type": "application/x-www-form-urlencoded"} | named
    return Page(server.request("POST", path_of(session), urlencode(values).encode(), form))
