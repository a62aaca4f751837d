"""Customers in tests: what they do on the page of a processor that a sale sends them to.

back = customers.decide(server, answer)                    agrees; the address he is sent back to
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.servers import Answer, Server

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_PARTS = ("payPalStatus", "hostedPageStatus", "skrillStatus", "carrierBillingStatus", "boletoStatus")
_ADDRESSES = ("redirectUrl", "buyUrl", "uri")


def page(transaction: Any) -> str:
    """The address of the page, from the newest entry of the log."""
    entry = transaction.statusLog[0]
    part = next(entry[name] for name in _PARTS if entry[name] is not None)
    found: str = next(part[name] for name in _ADDRESSES if name in part)
    return found


def looks_at(server: Server, transaction: Any) -> str:
    """What the page says."""
    url = urlsplit(page(transaction))
    answer = server.get(f"{url.path}?{url.query}")
    assert answer.status == 200
    return answer.body.decode()


def decide(server: Server, transaction: Any, decision: str = "agree", **address: str) -> str | None:
    """Agree or refuse, with another address to ship to; where the browser is sent then."""
    return _send(server, transaction, decision, address).headers.get("location")


def hears(server: Server, transaction: Any, decision: str) -> str:
    """What the page answers to a decision where there is nowhere to send the browser."""
    return _send(server, transaction, decision, {}).body.decode()


def _send(server: Server, transaction: Any, decision: str, address: Mapping[str, str]) -> Answer:
    url = urlsplit(page(transaction))
    form = {"token": parse_qs(url.query)["token"][0], "decision": decision, **address}
    answer = server.request("POST", url.path, urlencode(form).encode(), _FORM)
    assert answer.status in (200, 303), answer.body
    return answer


def query(url: str | None) -> dict[str, str]:
    """The parameters of an address."""
    assert url is not None
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
