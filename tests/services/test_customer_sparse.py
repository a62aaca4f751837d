"""Sparse response descriptions of credit, tokens, families and gift cards (conventions §8)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.servers import Server
from tests.services import customer_requests, shop
from tests.services.sandbox import Sandbox
from tests.services.sparse import Sparse, shape
from tests.services.wire import Wire
from tests.soap_client import Login, ServiceClient

PERIOD = "<endTimestamp>2099-01-01T00:00:00Z</endTimestamp>"
MONEY = {"currencyAmounts": {"amount": "", "currency": ""}}

CALLS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("Account", "fetchFamily", "<account><VID>{childVid}</VID></account>", {"parent": {"name": ""}}),
    ("Account", "fetchFamily", "<account><VID>{childVid}</VID></account>", {"child": ["emailAddress"]}),
    ("Account", "fetchFamily", "<account><VID>{parentVid}</VID></account>", {"parent": {"credit": MONEY}}),
    ("Account", "fetchAllCreditHistory", PERIOD, {"creditEventLogs": {"type": "", "credit": MONEY}}),
    ("AutoBill", "fetchAllCreditHistory", PERIOD, {"creditEventLogs": ["timeStamp"]}),
    (
        "AutoBill",
        "fetchAllCreditHistory",
        PERIOD,
        {"creditEventLogs": {"credit": {"timeIntervals": ["days"]}}},
    ),
    (
        "Account",
        "tokenBalance",
        "<account><VID>{accountVid}</VID></account>",
        {"tokenAmounts": {"token": {}}},
    ),
    ("Token", "fetch", "<token><VID>{tokenVid}</VID></token>", {"token": ["description"]}),
    ("GiftCard", "statusInquiry", "<giftcard><VID>{cardVid}</VID></giftcard>", {"giftcard": ["sku"]}),
    (
        "GiftCard",
        "statusInquiry",
        "<giftcard><VID>{cardVid}</VID></giftcard>",
        {"giftcard": {"status": {"status": ""}, "product": {"status": ""}}},
    ),
)


@pytest.fixture(scope="module")
def asking(server: Server, module_merchant: Login) -> tuple[Wire, dict[str, str]]:
    def client(service: str) -> ServiceClient:
        return ServiceClient(server, module_merchant, service)

    account = shop.account(client)
    bill = shop.subscribe(client, shop.card(), account=shop.reference(account)).autobill
    ids = customer_requests.ids(client, account, bill, Sandbox(server, module_merchant))
    return Wire(server, module_merchant), ids | {"accountVid": account.VID, "billVid": bill.VID}


@pytest.mark.parametrize(("service", "operation", "arguments", "description"), CALLS)
@pytest.mark.parametrize("nothing", [False, True])
def test_only_what_is_asked_for_is_told(
    asking: tuple[Wire, dict[str, str]],
    service: str,
    operation: str,
    arguments: str,
    description: dict[str, Any],
    nothing: bool,
) -> None:
    wire, ids = asking
    asked = json.dumps({} if nothing else description)

    complete = wire.call(service, operation, arguments.format(**ids))
    sparse = wire.call(service, operation, arguments.format(**ids), asked)

    assert (complete.code, sparse.code) == (200, 200)
    assert shape(sparse.body) == Sparse(service, operation).expected(complete.body, asked)
