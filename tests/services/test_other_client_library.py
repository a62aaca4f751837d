"""Clients made with suds, which passes arguments by position, in the versions its programs are written for."""

# suds carries no annotations
# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import _new_merchant
from tests.servers import Server
from tests.services import shop
from tests.soap_client import Login

suds_client = pytest.importorskip("suds.client", reason="suds-community is not installed")

VERSIONS = ("3.5", "3.6", "4.2", "8.0", "13.0", "18.0", "20.0", "22.0", "24.1")


class Program:
    """A merchant's program for one version, which reads the documents that the server gives out."""

    def __init__(self, server: Server, version: str, login: Login) -> None:
        self._server = server
        self._version = version
        self._login = login

    def client(self, service: str) -> Any:
        """As suds makes it; its service is called at the address in the document."""
        return suds_client.Client(f"{self._server.url}/{self._version}/{service}.wsdl", cache=None)

    def new(self, client: Any, type_name: str) -> Any:
        """An empty object of a type."""
        namespace = f"http://soap.vindicia.com/v{self._version.replace('.', '_')}/Vindicia"
        return client.factory.create(f"{{{namespace}}}{type_name}")

    def leading(self, client: Any) -> list[Any]:
        """The arguments that come first."""
        auth = self.new(client, "Authentication")
        auth.version, auth.login, auth.password = self._version, self._login.login, self._login.password
        return [auth, ""] if float(self._version) >= 9 else [auth]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_program_stores_a_customer_and_reads_it_back(server: Server, version: str) -> None:
    program = Program(server, version, _new_merchant(server))
    client = program.client("Account")
    account = program.new(client, "Account")
    account.merchantAccountId, account.name = "ada", "Ada Reader"
    method = program.new(client, "PaymentMethod")
    method.type, method.merchantPaymentMethodId = "CreditCard", "card"
    method.creditCard = program.new(client, "CreditCard")
    method.creditCard.account, method.creditCard.expirationDate = shop.CARD, shop.EXPIRY
    account.paymentMethods = [method]

    stored = client.service.update(*program.leading(client), account)

    assert (stored["return"].returnCode, stored.created) == ("200", True), stored
    found = client.service.fetchByMerchantAccountId(*program.leading(client), "ada")
    assert found.account.VID == stored.account.VID
    assert found.account.paymentMethods[0].creditCard.account == "411111XXXXXX1111"


@pytest.mark.parametrize("version", ["3.6", "8.0", "22.0"])
def test_a_program_is_told_why_it_is_refused(server: Server, version: str) -> None:
    program = Program(server, version, _new_merchant(server))
    client = program.client("AutoBill")

    answer = client.service.fetchByMerchantAutoBillId(*program.leading(client), "nobody")

    returned = answer if hasattr(answer, "returnCode") else answer["return"]
    assert returned.returnCode == "400"
    assert returned.returnString.startswith("Unable to find autobill by serial number nobody:")
