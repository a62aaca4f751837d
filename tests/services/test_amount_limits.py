"""Amounts beyond what can be kept are refused by name, whether they were sent or come of what was sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Client
from tests.servers import Server
from tests.services import shop
from tests.soap_client import Login, ServiceClient

MOST = Decimal(1_000_000_000_000)
TOO_MUCH = [
    "1000000000000.01",
    "9223372036854.77",  # what the store can hold
    "9223372036854.775808",
    "9999999999999",
    "1" * 60,
]


@pytest.fixture(scope="module")
def bill(server: Server, module_merchant: Login) -> Any:
    return shop.subscribe(
        lambda service: ServiceClient(server, module_merchant, service), shop.invoiced()
    ).autobill


@pytest.mark.parametrize("amount", TOO_MUCH)
def test_a_payment_of_too_much_is_refused(shared: Client, bill: Any, amount: str) -> None:
    for service, owner in (
        ("AutoBill", {"autobill": shop.reference(bill)}),
        ("Account", {"account": shop.reference(bill.account)}),
    ):
        for method in (shop.card(), shop.cheque()):
            refused = (
                shared(service)
                .expecting(400)
                .makePayment(**owner, paymentMethod=method, amount=Decimal(amount), invoiceId="")
            )
            assert shop.text(refused) == f'Failed to make payment: amount "{amount}" is more than {MOST}.'


@pytest.mark.parametrize("amount", TOO_MUCH)
def test_an_item_of_too_much_is_refused(shared: Client, amount: str) -> None:
    item = {"index": 0, "product": shop.reference(shop.product(shared)), "amount": Decimal(amount)}
    refused = shop.update(shared, shop.order(shared, shop.invoiced(), items=[item]), expecting=400)
    assert shop.text(refused) == f'items.amount "{amount}" is more than {MOST}.'


def test_the_largest_amount_can_be_paid(client: Client) -> None:
    bill = shop.subscribe(client, shop.invoiced()).autobill
    shop.pay(client, bill, str(MOST), overageDisposition="applytoCredit")


@pytest.mark.parametrize("quantity", [10, 10**7])
def test_an_invoice_of_too_much_is_refused(shared: Client, quantity: int) -> None:
    item = {
        "index": 0,
        "product": shop.reference(shop.product(shared)),
        "amount": MOST,
        "quantity": quantity,
    }
    refused = shop.update(shared, shop.order(shared, shop.invoiced(), items=[item]), expecting=400)
    assert shop.text(refused) == f'amount "{MOST * quantity}.00" is too large.'
