"""A payment method that a call only names is used as it is: nothing of it is stored anew (payment-method §1.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from cashbox_service.store.entities import PaymentMethod
from tests.servers import Server
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client


@pytest.fixture(autouse=True)
def _audited(books_are_right: Callable[[], None], sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-04-15T12:00:00")
    yield
    books_are_right()


def versions(server: Server, autobill: Any) -> list[tuple[str, int]]:
    """The account's payment methods, with how often each was written."""
    with server.database.session() as session:
        rows = session.execute(
            select(PaymentMethod.vid, PaymentMethod.version)
            .where(PaymentMethod.account_vid == autobill.account.VID)
            .order_by(PaymentMethod.vid)
        )
        return [(vid, version) for vid, version in rows]


@pytest.mark.parametrize("by", ["VID", "merchantPaymentMethodId", "both"])
def test_paying_with_a_payment_method_by_its_name_leaves_it_alone(
    client: Client, server: Server, by: str
) -> None:
    stored = shop.card(merchantPaymentMethodId=shop.new_id("pm"))
    autobill = shop.subscribe(
        client, shop.invoiced(), account=shop.reference(shop.account(client, paymentMethods=[stored]))
    ).autobill
    method = (
        client("PaymentMethod")
        .fetchByMerchantPaymentMethodId(paymentMethodId=stored["merchantPaymentMethodId"])
        .paymentMethod
    )
    names = {"VID": method.VID, "merchantPaymentMethodId": method.merchantPaymentMethodId}
    named = names if by == "both" else {by: names[by]}
    before = versions(server, autobill)
    paid = shop.pay(client, autobill, "2.00", named | {"type": "CreditCard"})
    assert paid.summary == "Success"
    assert paid.transaction.sourcePaymentMethod.VID == method.VID
    assert versions(server, autobill) == before


def test_what_is_said_beside_the_name_is_stored(client: Client, server: Server) -> None:
    stored = shop.card(merchantPaymentMethodId=shop.new_id("pm"))
    autobill = shop.subscribe(
        client, shop.invoiced(), account=shop.reference(shop.account(client, paymentMethods=[stored]))
    ).autobill
    before = versions(server, autobill)
    named = {
        "merchantPaymentMethodId": stored["merchantPaymentMethodId"],
        "accountHolderName": "Grace Example",
    }
    assert shop.pay(client, autobill, "2.00", named).summary == "Success"
    assert versions(server, autobill) != before
    method = (
        client("PaymentMethod")
        .fetchByMerchantPaymentMethodId(paymentMethodId=stored["merchantPaymentMethodId"])
        .paymentMethod
    )
    assert method.accountHolderName == "Grace Example"
