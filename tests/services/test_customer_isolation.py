"""Credit, tokens, families, gift cards and activities of one merchant do not exist for another (conventions §3.1)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import Client, _new_merchant
from tests.servers import Server
from tests.services import customer_requests, shop
from tests.services.sandbox import Sandbox
from tests.services.wire import Wire
from tests.soap_client import Login, ServiceClient

PERIOD = "<endTimestamp>2099-01-01T00:00:00Z</endTimestamp>"
MONEY = "<credit><currencyAmounts><amount>1.00</amount></currencyAmounts></credit>"
TOKENS = (
    "<tokenAmounts><token><merchantTokenId>{token}</merchantTokenId></token><amount>1</amount></tokenAmounts>"
)
ACCOUNT = "<account><VID>{accountVid}</VID></account>"
OWN = "<account><VID>{ownVid}</VID></account>"
BILL = "<autobill><VID>{billVid}</VID></autobill>"
CARD = "<giftcard><VID>{cardVid}</VID></giftcard>"
NOTE = "<activityType>Note</activityType><timestamp>2024-01-01T00:00:00Z</timestamp>"

CALLS = (
    ("Account", "grantCredit", ACCOUNT + MONEY),
    ("Account", "revokeCredit", ACCOUNT + MONEY),
    ("Account", "revokeCredit", OWN + MONEY.replace("</amount>", "</amount><VID>{grantVid}</VID>")),
    ("Account", "grantCredit", OWN + f"<credit>{TOKENS}</credit>"),
    ("Account", "fetchCreditHistory", ACCOUNT + PERIOD),
    ("Account", "tokenBalance", ACCOUNT),
    ("Account", "tokenBalance", OWN + "<tokens><VID>{tokenVid}</VID></tokens>"),
    ("Account", "incrementTokens", ACCOUNT + TOKENS),
    ("Account", "incrementTokens", OWN + TOKENS),
    ("Account", "decrementTokens", ACCOUNT + TOKENS),
    ("Account", "fetchFamily", ACCOUNT),
    (
        "Account",
        "addChildren",
        "<parent><VID>{ownVid}</VID></parent><child><VID>{loneVid}</VID></child><force>1</force>",
    ),
    (
        "Account",
        "removeChildren",
        "<parent><VID>{parentVid}</VID></parent><child><VID>{childVid}</VID></child>",
    ),
    (
        "Account",
        "transferCredit",
        "<fromAccount><VID>{parentVid}</VID></fromAccount><toAccount><VID>{childVid}</VID></toAccount>"
        + MONEY,
    ),
    (
        "Account",
        "transfer",
        "<targetAccount><VID>{ownVid}</VID></targetAccount><sourceAccount><VID>{accountVid}</VID></sourceAccount>",
    ),
    ("Account", "redeemGiftCard", OWN + CARD),
    ("AutoBill", "grantCredit", BILL + MONEY),
    ("AutoBill", "revokeCredit", BILL + MONEY),
    ("AutoBill", "fetchCreditHistory", BILL + PERIOD),
    ("AutoBill", "redeemGiftCard", BILL + CARD),
    ("GiftCard", "statusInquiry", CARD),
    ("GiftCard", "reverse", CARD),
    ("Token", "fetch", "<token><VID>{tokenVid}</VID></token>"),
    ("Token", "fetch", "<token><merchantTokenId>{token}</merchantTokenId></token>"),
    ("Token", "update", "<token><VID>{tokenVid}</VID><description>Thief</description></token>"),
    ("Activity", "record", f"<activities>{ACCOUNT}{NOTE}</activities>"),
)
READS = (
    ("Account", "fetchByVid", "<vid>{accountVid}</vid>"),
    ("Account", "fetchAllCreditHistory", PERIOD),
    ("Account", "fetchFamily", "<account><VID>{childVid}</VID></account>"),
    ("AutoBill", "fetchByVid", "<vid>{billVid}</vid>"),
    ("AutoBill", "fetchAllCreditHistory", PERIOD),
    ("Token", "fetch", "<token><VID>{tokenVid}</VID></token>"),
)


@pytest.fixture(scope="module")
def mine(server: Server, module_merchant: Login) -> tuple[Wire, dict[str, str]]:
    """The owner, and its ids of everything."""

    def client(service: str) -> ServiceClient:
        return ServiceClient(server, module_merchant, service)

    account = shop.account(client)
    bill = shop.subscribe(client, shop.card(), account=shop.reference(account)).autobill
    ids = customer_requests.ids(client, account, bill, Sandbox(server, module_merchant))
    return Wire(server, module_merchant), ids | {"accountVid": account.VID, "billVid": bill.VID}


@pytest.fixture(scope="module")
def thief(server: Server) -> tuple[Wire, Client]:
    login = _new_merchant(server)
    return Wire(server, login), lambda service: ServiceClient(server, login, service)


@pytest.fixture(scope="module")
def own_vid(thief: tuple[Wire, Client]) -> str:
    """An account of the other merchant's."""
    vid: str = shop.account(thief[1]).VID
    return vid


@pytest.mark.parametrize(("service", "operation", "arguments"), CALLS)
def test_what_is_anothers_is_not_found_and_not_changed(
    mine: tuple[Wire, dict[str, str]],
    thief: tuple[Wire, Client],
    own_vid: str,
    service: str,
    operation: str,
    arguments: str,
) -> None:
    owner, ids = mine
    read = _reader(owner, ids)
    before = read()

    reply = thief[0].call(service, operation, arguments.format(**ids, ownVid=own_vid))

    assert reply.code in (400, 404), reply.text
    assert [str(part.tag) for part in reply.body] == ["return"]
    assert read() == before


def test_histories_of_all_are_those_of_the_merchant(
    mine: tuple[Wire, dict[str, str]], thief: tuple[Wire, Client]
) -> None:
    for service in ("Account", "AutoBill"):
        assert mine[0].call(service, "fetchAllCreditHistory", PERIOD).has("creditEventLogs")
        assert not thief[0].call(service, "fetchAllCreditHistory", PERIOD).has("creditEventLogs")


def test_a_pin_leads_every_merchant_to_its_own_card(server: Server) -> None:
    wires = [Wire(server, _new_merchant(server)) for _ in range(2)]
    vids = {
        wire.call("GiftCard", "statusInquiry", "<giftcard><pin>4242</pin></giftcard>").value("giftcard/VID")
        for wire in wires
    }
    assert len(vids) == 2


def _reader(owner: Wire, ids: dict[str, str]) -> Callable[[], list[bytes]]:
    def read() -> list[bytes]:
        answers = [
            owner.call(service, operation, arguments.format(**ids)) for service, operation, arguments in READS
        ]
        assert {answer.code for answer in answers} == {200}
        return [answer.content.split(b"</soapId>")[1] for answer in answers]

    return read
