"""Calls that are sent at the same moment, each over a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle

from lxml import etree

from tests.servers import Server
from tests.soap_client import Login, envelope


@dataclass(frozen=True)
class Outcome:
    """Code, text and parts of one answer."""

    code: str
    text: str
    answer: etree._Element

    def part(self, path: str) -> str | None:
        return self.answer.findtext(f".//{path}")


class Race:
    """Sends calls of one merchant at once, in turn to each of some server processes over one database."""

    def __init__(self, merchant: Login, *servers: Server) -> None:
        self._merchant = merchant
        self._servers = servers

    def __call__(self, service: str, operation: str, calls: Sequence[str]) -> list[Outcome]:
        """The answers in the order of ``calls``, which are the XML behind auth and srd."""
        start = threading.Barrier(len(calls))

        def send(server: Server, arguments: str) -> Outcome:
            body = envelope(self._merchant, service, operation, arguments)
            start.wait()
            answer = etree.fromstring(server.post(body).body)
            found = [answer.findtext(f".//{name}") for name in ("returnCode", "returnString")]
            return Outcome(found[0] or "", found[1] or "", answer)

        with ThreadPoolExecutor(len(calls)) as threads:
            return list(threads.map(send, cycle(self._servers), calls))


def codes(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """How often each code was answered."""
    found = [outcome.code for outcome in outcomes]
    return {code: found.count(code) for code in sorted(set(found))}
