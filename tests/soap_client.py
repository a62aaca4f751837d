"""A SOAP client for tests: zeep over the committed documents, as one merchant.

    client("AutoBill").makePayment(autobill={"VID": vid}, amount="5.00", currency="USD")

gives the response and fails the test unless the return code is 200; ``client("AutoBill").expecting(402)`` expects
another one. ``auth`` and an empty ``srd`` are added to every call.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

import requests
import zeep
from zeep.transports import Transport

from tests.servers import ROOT, Server

VERSION = "22.0"
FIRST_WITH_SRD = 9.0


@dataclass(frozen=True)
class Login:
    """A merchant's SOAP log-in."""

    login: str
    password: str
    vid: str = ""

    @property
    def auth(self) -> dict[str, str]:
        return {"version": VERSION, "login": self.login, "password": self.password}


@cache
def _session() -> requests.Session:
    return requests.Session()


@cache
def _described(service: str, version: str, url: str) -> zeep.Client:
    """The zeep client of a service; reading its WSDL takes long, so each is read once per test process.

    The documents of versions that have none in the repository are those that the server gives out.
    """
    committed = ROOT / "wsdl" / version / f"{service}.wsdl"
    document = str(committed) if committed.exists() else f"{url}/{version}/{service}.wsdl"
    return zeep.Client(document, transport=Transport(session=_session()))


def _own_url(server: Server, version: str) -> str:
    """The server to ask for documents; none for committed ones, which are the same for all servers."""
    return "" if (ROOT / "wsdl" / version).exists() else server.url


class ServiceClient:
    """One CashBox service as one merchant; operations are attributes."""

    def __init__(
        self, server: Server, login: Login, service: str, expected: int | None = 200, version: str = VERSION
    ) -> None:
        self._server = server
        self._login = login
        self._service = service
        self._version = version
        self._expected = expected
        described = _described(service, version, _own_url(server, version))
        namespace = f"http://soap.vindicia.com/v{version.replace('.', '_')}/{service}"
        binding = f"{{{namespace}}}{service}Binding"
        self._proxy = described.create_service(binding, f"{server.url}/soap.pl")

    def expecting(self, code: int | None) -> ServiceClient:
        """The same, for calls that must answer ``code``; None takes any."""
        return ServiceClient(self._server, self._login, self._service, code, self._version)

    def __getattr__(self, operation: str) -> Any:
        if operation.startswith("_"):
            raise AttributeError(operation)

        def call(**arguments: Any) -> Any:
            # zeep copies nested objects before it sends them: an entity fetched before can be sent back.
            response = self._proxy[operation](**(self._leading() | arguments))
            returned = response if "returnCode" in response else response["return"]
            if self._expected is not None:
                text = f"{self._service}.{operation}: {returned.returnCode} {returned.returnString}"
                assert returned.returnCode == self._expected, text
            return response

        return call

    def _leading(self) -> dict[str, Any]:
        """What every call begins with; versions before 9.0 have no sparse response description."""
        auth = self._login.auth | {"version": self._version}
        return {"auth": auth, "srd": ""} if float(self._version) >= FIRST_WITH_SRD else {"auth": auth}


def envelope(
    login: Login, service: str, operation: str, arguments: str, version: str = VERSION, srd: str = ""
) -> bytes:
    """A SOAP 1.1 request as bytes; ``arguments`` is the XML behind auth and srd."""
    namespace = f"http://soap.vindicia.com/v{version.replace('.', '_')}/{service}"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        f'<{operation} xmlns="{namespace}"><auth xmlns=""><version>{version}</version>'
        f"<login>{escape(login.login)}</login><password>{escape(login.password)}</password></auth>"
        f'<srd xmlns="">{escape(srd)}</srd>{arguments}</{operation}></soap:Body></soap:Envelope>'
    ).encode()
