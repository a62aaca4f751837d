"""Two weeks of a shop that sells books one by one: paid at once, on shipping, over PayPal, by bank, with credit.

The shop reads every evening which sales changed, as a merchant's program does; at the end what it has read, what the
processor holds and what the ledger says are the same money.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from cashbox_service.app.environment import Environment
from tests.reliability.processor_books import ProcessorBooks
from tests.servers import Server
from tests.services import customers, sales, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.soap_client import Login

D = Decimal
Check = Callable[[], None]
Balance = Callable[[str], Decimal]

STATE = {
    "country": "US",
    "district": "CA",
    "rate": "0.065",
    "jurisdiction": "STATE_06",
    "name": "CA SALES TAX",
}
VAT = {"country": "GB", "rate": "0.2", "inclusive": True, "jurisdiction": "COUNTRY_78295", "name": "VAT"}


@dataclass
class Changes:
    """What the shop knows of its sales from reading changes alone: status and amount by id."""

    client: Client
    known: dict[str, tuple[str, Decimal]] = field(default_factory=dict)

    def read(self) -> list[str]:
        """Everything that changed since the last time; the ids in the order they came."""
        came: list[str] = []
        while batch := self.client("Transaction").fetchDelta(pageSize=3).transactions:
            for one in batch:
                self.known[one.merchantTransactionId] = (one.statusLog[0].status, one.amount)
                came.append(one.merchantTransactionId)
        return came

    def status(self, answer: Any) -> str:
        return self.known[answer.transaction.merchantTransactionId][0]

    @property
    def taken(self) -> Decimal:
        return sum((amount for status, amount in self.known.values() if status == "Captured"), D(0))


@pytest.fixture
def balance(environment: Environment, merchant: Login) -> Balance:
    """What the ledger says of an account, debits less credits."""

    def of(account: str) -> Decimal:
        with closing(environment.open(environment.merchant(merchant.login))) as work:
            return sum(
                (
                    posting.amount
                    for entry in work.uow.ledger.everything()
                    for posting in entry.postings
                    if posting.account == account
                ),
                D(0),
            )

    return of


def test_a_fortnight_of_sales_is_the_same_money_everywhere(
    client: Client,
    server: Server,
    sandbox: Sandbox,
    environment: Environment,
    merchant: Login,
    books_are_right: Check,
    balance: Balance,
) -> None:
    sandbox.set_clock("2024-03-01T09:00:00")
    sandbox.tax(STATE, VAT)
    changes, processor = Changes(client), ProcessorBooks(environment, merchant)
    californian = shop.account(client, shippingAddress=shop.address(), paymentMethods=[shop.card()])

    # Friday: a sale that is paid at once, two pre-orders, and one buyer who is sent to PayPal.
    at_once = sales.sell(client, sales.order(californian, sourcePaymentMethod=None))
    shipped, forgotten = (
        sales.authorize(client, sales.order(californian, sourcePaymentMethod=None)) for _ in range(2)
    )
    over_paypal = sales.sell(client, sales.order(sourcePaymentMethod=sales.paypal_page()))
    assert [one.transaction.amount for one in (at_once, shipped, over_paypal)] == [
        D("21.30"),
        D("21.30"),
        D("20.00"),
    ]
    sandbox.bill()
    assert len(set(changes.read())) == 4
    assert (changes.status(at_once), changes.status(shipped)) == ("Captured", "Authorized")
    books_are_right()

    # Saturday: the PayPal buyer wants it sent to England, where the price contains the tax.
    sandbox.advance(1)
    customers.decide(server, over_paypal.transaction, name="Ada", city="Leeds", country="GB")
    priced = client("Transaction").addressAndSalesTaxFromPayPalOrder(
        payPalTransactionId=over_paypal.transaction.VID
    )
    assert (priced.totalTax, priced.totalAmount) == (D("3.33"), D("20.00"))
    client("Transaction").finalizePayPalAuth(payPalTransactionId=over_paypal.transaction.VID, success=True)
    sandbox.bill()
    assert changes.read() == [over_paypal.transaction.merchantTransactionId]
    assert changes.status(over_paypal) == "Captured"

    # Monday: one pre-order is shipped; a cheque by bank bounces, another customer's address does not match.
    sandbox.advance(2)
    assert sales.captured(client, shipped) == [200]
    bounced = sales.sell(client, sales.order(sourcePaymentMethod=shop.bank_account("123459999")))
    unlike = sales.sell(client, sales.order(sourcePaymentMethod=shop.card(shop.AVS_NO_MATCH)), expecting=407)
    sandbox.bill()
    changes.read()
    assert [changes.status(one) for one in (shipped, bounced, unlike)] == [
        "Captured",
        "Cancelled",
        "Cancelled",
    ]
    books_are_right()

    # Next Monday: the other pre-order has lapsed, and is asked for anew when it is shipped at last.
    sandbox.advance(7)
    assert changes.read() == [forgotten.transaction.merchantTransactionId]
    assert changes.status(forgotten) == "Cancelled"
    result = client("Transaction").capture(transactions=[shop.reference(forgotten.transaction)]).results[0]
    assert result.originalMerchantTransactionId == forgotten.transaction.merchantTransactionId
    sandbox.bill()
    assert changes.read() == [result.merchantTransactionId]

    # Thursday: a customer with credit buys, changes his mind, and buys again.
    sandbox.advance(3)
    regular = shop.account(client)
    sales.grant(client, regular, "25.00")
    granted = balance("cash")
    minded = sales.sell(client, sales.order(regular, transactionItems=[sales.item("Atlas", "30.00", "1")]))
    assert (minded.transaction.amount, sales.credit(client, regular)) == (D("5.00"), D(0))
    assert sales.cancelled(client, minded) == [200]
    assert (sales.credit(client, regular), balance("cash")) == (D("25.00"), granted)
    by_credit = sales.sell(client, sales.order(regular, sourcePaymentMethod=None))
    assert (by_credit.transaction.amount, sales.credit(client, regular)) == (D(0), D("5.00"))
    sandbox.bill()
    changes.read()
    assert (changes.status(minded), changes.status(by_credit)) == ("Cancelled", "Captured")
    assert changes.read() == []

    # 21.30 three times by card, 20.00 over PayPal, and the cheque of 35.00 that made the credit.
    assert sum(processor.held, D(0)) == D("83.90")
    assert sum(charge.captures for charge in processor.charges) == len(processor.held)
    assert changes.taken == D("83.90") + D("35.00")
    assert balance("cash") == changes.taken
    assert balance("tax payable") == -(3 * D("1.30") + D("3.33"))
