"""Requests written by hand, for tests that care how an element is sent: absent, nil, empty, or with a value.

reply = wire.call("Account", "update", "<account><VID>…</VID><name/></account>")
reply.code, reply.text, reply.value("account/name")
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

from tests.servers import Server
from tests.soap_client import VERSION, Login, envelope

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


@dataclass(frozen=True)
class Reply:
    """An answer with a Return. Paths are relative to the response element: ``account/paymentMethods/type``."""

    status: int
    content: bytes
    body: etree._Element

    @property
    def code(self) -> int:
        return int(self.value("return/returnCode") or 0)

    @property
    def text(self) -> str:
        return self.value("return/returnString") or ""

    def has(self, path: str) -> bool:
        return self.body.find(path) is not None

    def value(self, path: str) -> str | None:
        """The text of the first element there; None when there is none, "" when it is empty."""
        found = self.body.find(path)
        return None if found is None else found.text or ""

    def values(self, path: str) -> list[str]:
        return [element.text or "" for element in self.body.findall(path)]

    def children(self, path: str) -> list[str]:
        """The names of the elements inside the first element there, in order."""
        found = self.body.find(path)
        return [] if found is None else [str(child.tag) for child in found]


class Wire:
    """A merchant that writes its requests itself."""

    def __init__(self, server: Server, login: Login) -> None:
        self._server = server
        self._login = login

    def call(
        self, service: str, operation: str, arguments: str = "", srd: str = "", version: str = VERSION
    ) -> Reply:
        """``arguments`` is the XML behind auth and srd."""
        answer = self._server.post(envelope(self._login, service, operation, arguments, version, srd))
        return reply(answer.status, answer.body)


def reply(status: int, content: bytes) -> Reply:
    envelope_ = etree.fromstring(content, _PARSER)
    return Reply(status, content, envelope_[0][0])


def element(name: str, content: str | None) -> str:
    """``<name>content</name>``, escaped; nothing when there is no content."""
    return "" if content is None else f"<{name}>{escape(content)}</{name}>"
