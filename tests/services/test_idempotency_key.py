"""The optional idempotency key: a request that is sent again takes effect once (docs/idempotency.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Client
from tests.servers import Server
from tests.services import campaigns, shop
from tests.services.conftest import MakeToken
from tests.services.test_account_family import add
from tests.services.wire import Reply, reply
from tests.soap_client import Login, envelope

Send = Callable[..., Reply]


@pytest.fixture(autouse=True)
def _audited(books_are_right: Callable[[], None]) -> Any:
    yield
    books_are_right()


@pytest.fixture
def send(server: Server, merchant: Login) -> Send:
    """One call with an Idempotency-Key header, or with an evid."""

    def call(
        operation: str,
        arguments: str,
        *,
        key: str | None = None,
        evid: str | None = None,
        service: str = "Account",
    ) -> Reply:
        body = envelope(merchant, service, operation, arguments)
        if evid is not None:
            body = body.replace(b"</password>", f"</password><evid>{evid}</evid>".encode())
        headers = {"Content-Type": "text/xml; charset=utf-8"} | ({"Idempotency-Key": key} if key else {})
        answer = server.post(body, headers=headers)
        return reply(answer.status, answer.body)

    return call


@pytest.fixture
def account(client: Client) -> Any:
    return shop.account(client)


def money(account: Any, amount: str = "5.00") -> str:
    amounts = f"<currencyAmounts><amount>{amount}</amount></currencyAmounts>"
    return f"<account><VID>{account.VID}</VID></account><credit>{amounts}</credit>"


def tokens(account: Any, token: str, number: int) -> str:
    amount = f"<token><merchantTokenId>{token}</merchantTokenId></token><amount>{number}</amount>"
    return f"<account><VID>{account.VID}</VID></account><tokenAmounts>{amount}</tokenAmounts>"


def credit(client: Client, account: Any) -> list[str]:
    found = client("Account").fetchByVid(vid=account.VID).account
    return [str(amount) for amount, _ in shop.credit(found)]


def test_a_request_sent_again_takes_effect_once_and_is_answered_all_the_same(
    client: Client, account: Any, send: Send
) -> None:
    first = send("grantCredit", money(account), key="k-1")
    again = send("grantCredit", money(account, "5"), key="k-1")
    assert (first.code, again.code) == (200, 200)
    assert again.values("account/credit/currencyAmounts/VID") == first.values(
        "account/credit/currencyAmounts/VID"
    )
    assert credit(client, account) == ["5.00"]


def test_without_a_key_every_request_counts(client: Client, account: Any, send: Send) -> None:
    for _ in range(2):
        assert send("grantCredit", money(account), evid="correlation-1").code == 200
    assert credit(client, account) == ["5.00", "5.00"]


def test_the_evid_can_carry_the_key(client: Client, account: Any, send: Send) -> None:
    for evid in ("idempotency-key: k-1", "Idempotency-Key:k-1"):
        assert send("grantCredit", money(account), evid=evid).code == 200
    assert send("grantCredit", money(account), key="k-1").code == 200
    assert credit(client, account) == ["5.00"]


def test_the_same_key_with_another_request_is_refused(client: Client, account: Any, send: Send) -> None:
    send("grantCredit", money(account), key="k-1")
    for operation, arguments in (
        ("grantCredit", money(account, "6.00")),
        ("revokeCredit", money(account)),
        ("grantCredit", money(shop.account(client))),
    ):
        refused = send(operation, arguments, key="k-1")
        assert (refused.code, refused.text) == (
            400,
            'Idempotency key "k-1" was used for another request before',
        )
    assert credit(client, account) == ["5.00"]


def test_a_refused_request_uses_no_key_up(
    client: Client, account: Any, send: Send, make_token: MakeToken
) -> None:
    coin = make_token("coin")
    assert send("decrementTokens", tokens(account, coin, 3), key="k-1").code == 401
    assert send("incrementTokens", tokens(account, coin, 5), key="k-2").code == 200
    assert send("decrementTokens", tokens(account, coin, 3), key="k-1").code == 200
    assert send("decrementTokens", tokens(account, coin, 3), key="k-1").value("tokenAmounts/amount") == "2"


def test_all_calls_that_add_up_take_a_key(client: Client, send: Send, make_token: MakeToken) -> None:
    parent, child, coin = shop.account(client), shop.account(client), make_token("coin")
    add(client, parent, child)
    bill = shop.subscribe(client, shop.card(), account=shop.reference(child)).autobill
    of_bill = money(parent).replace("account", "autobill").replace(parent.VID, bill.VID)
    movement = tokens(parent, coin, 4).replace("tokenAmounts", "tokenAmount")
    movement = movement.replace("<tokenAmount>", "<transactions><tokenAmount>") + "</transactions>"
    moved = f"<fromAccount><VID>{parent.VID}</VID></fromAccount><toAccount><VID>{child.VID}</VID></toAccount>"
    moved += money(parent, "1.00").partition("</account>")[2]
    calls = [
        ("Account", "grantCredit", money(parent, "9.00")),
        ("Account", "revokeCredit", money(parent, "2.00")),
        ("Account", "transferCredit", moved),
        ("Account", "incrementTokens", tokens(parent, coin, 5)),
        ("Account", "decrementTokens", tokens(parent, coin, 2)),
        ("Account", "tokenTransaction", movement),
        ("AutoBill", "grantCredit", of_bill),
        ("AutoBill", "revokeCredit", of_bill.replace("5.00", "3.00")),
    ]
    for number, (service, operation, arguments) in enumerate(calls):
        for _ in range(2):
            answer = send(operation, arguments, service=service, key=f"k-{number}")
            assert answer.code == 200, answer.text

    assert (credit(client, parent), credit(client, child)) == (["6.00"], ["1.00"])
    assert [str(one) for one, _ in shop.credit(shop.fetched(client, bill))] == ["2.00"]
    balance = client("Account").tokenBalance(account=shop.reference(parent))
    assert [part.amount for part in balance.tokenAmounts] == [7]


def test_entitlements_and_charges_take_a_key_too(client: Client, send: Send) -> None:
    bill = shop.subscribe(client, shop.card()).autobill
    of_account = f"<account><VID>{bill.account.VID}</VID></account>"
    of_bill = f"<autobill><VID>{bill.VID}</VID></autobill>"
    until = (
        "<merchantEntitlementId>pass</merchantEntitlementId><endTimestamp>2090-01-01T00:00:00Z</endTimestamp>"
    )
    charge = (
        "<description>Fee</description><taxClassification>Service</taxClassification><amount>5.00</amount>"
    )
    calls = [
        ("Account", "grantEntitlement", f"{of_account}<entitlement>{until}</entitlement>"),
        (
            "Account",
            "extendEntitlementByInterval",
            f"{of_account}<merchantEntitlementId>pass</merchantEntitlementId><interval><days>2</days></interval>",
        ),
        ("AutoBill", "addCharge", f"{of_bill}{charge}<currency>USD</currency>"),
        (
            "AutoBill",
            "delayBillingByDays",
            f"{of_bill}<delayDays>3</delayDays><movePermanently>1</movePermanently>",
        ),
    ]
    for number, (service, operation, arguments) in enumerate(calls):
        for _ in range(2):
            answer = send(operation, arguments, service=service, key=f"k-{number}")
            assert answer.code == 200, answer.text

    rights = client("Account").fetchByVid(vid=bill.account.VID).account.entitlements
    assert [right.endTimestamp.astimezone(UTC).isoformat() for right in rights] == [
        "2090-01-03T00:00:00+00:00"
    ]
    coming = shop.fetched(client, bill).nextBilling
    assert (coming.amount, coming.timestamp - bill.nextBilling.timestamp) == (
        Decimal("15.00"),
        timedelta(days=3),
    )


def test_a_campaign_that_is_added_again_with_its_key_is_redeemed_once(client: Client, send: Send) -> None:
    bill = shop.subscribe(client, shop.card()).autobill
    _, (code,) = campaigns.coupons(client)
    added = f"<autobill><VID>{bill.VID}</VID></autobill><campaignCode>{code}</campaignCode>"
    for _ in range(2):
        answer = send("addCampaign", added, service="AutoBill", key="k")
        assert (answer.code, answer.value("autobill/nextBilling/amount")) == (200, "5.00"), answer.text
    assert send("addCampaign", added, service="AutoBill", key="other").code == 400


def test_a_key_belongs_to_its_merchant_and_has_an_end(account: Any, send: Send) -> None:
    refused = send("grantCredit", money(account), key="k" * 256)
    assert refused.code == 400
    assert "Idempotency-Key" in refused.text


def test_the_evid_of_an_older_version_can_carry_the_key(
    client: Client, account: Any, server: Server, merchant: Login
) -> None:
    body = envelope(merchant, "Account", "grantCredit", money(account), version="8.0")
    body = body.replace(b"</password>", b"</password><evid>idempotency-key: k-1</evid>")
    body = body.replace(b'<srd xmlns=""></srd>', b"")
    for _ in range(2):
        answer = server.post(body)
        assert reply(answer.status, answer.body).code == 200
    assert credit(client, account) == ["5.00"]
