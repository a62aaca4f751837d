"""One account, paid through SOAP and all four dialects: every payment is seen by every other, the books are right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from cashbox_service.app.operating.merchant_keys import KeyPurpose
from tests.conftest import Client
from tests.dialects.callers import (
    CARD,
    CheckOut,
    CheckoutPmt,
    CreatePayment,
    MakePayment,
    new_key,
    part,
    payment,
)
from tests.servers import Server
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.soap_client import Login

Check = Callable[[], None]


class Interfaces:
    """All ways to pay, as one merchant, for one account."""

    def __init__(self, server: Server, merchant: Login, client: Client) -> None:
        self.client = client
        self.checkout = CheckOut(server, new_key(server, merchant, KeyPurpose.CHECKOUT))
        self.makepayment = MakePayment(server, new_key(server, merchant, KeyPurpose.MAKE_PAYMENT).key)
        self.createpayment = CreatePayment(server, new_key(server, merchant, KeyPurpose.CREATE_PAYMENT).key)
        self.checkoutpmt = CheckoutPmt(server, new_key(server, merchant, KeyPurpose.CHECKOUT_PAYMENTS).key)
        self.account: str = shop.account(client, merchantAccountId=shop.new_id("a")[:10]).merchantAccountId
        self.number = str(self.makepayment.transactions(self.account)["CustomerID"])

    def taken(self) -> list[Any]:
        """The account's payments as SOAP tells them."""
        answer = self.client("Transaction").fetchByAccount(
            account={"merchantAccountId": self.account}, page=0, pageSize=100, includeChildren=False
        )
        return [one for one in answer.transactions if one.statusLog[0].status != "AuthorizedForValidation"]

    def credit(self) -> Decimal:
        """The account's money credit as SOAP tells it."""
        account = self.client("Account").fetchByMerchantAccountId(merchantAccountId=self.account).account
        grants = account.credit.currencyAmounts if account.credit is not None else []
        return sum((grant.amount for grant in grants), Decimal(0))

    def soap(self, amount: str, invoice: str) -> None:
        """Account.makePayment by cheque."""
        self.client("Account").makePayment(
            account={"merchantAccountId": self.account},
            paymentMethod=shop.cheque(),
            amount=Decimal(amount),
            invoiceId=invoice,
        )


@pytest.fixture
def five(server: Server, merchant: Login, client: Client) -> Interfaces:
    return Interfaces(server, merchant, client)


def test_payments_of_all_interfaces_stand_in_one_history(
    five: Interfaces, client: Client, sandbox: Sandbox, books_are_right: Check
) -> None:
    sandbox.set_clock("2024-01-15T12:00:00")
    bill = shop.subscribe(
        client, shop.invoiced(), account={"merchantAccountId": five.account}, invoiceTerms=10
    ).autobill
    due = shop.invoices(client, bill)[0]
    attempt = five.createpayment.attempt("40.00", accountRef=five.account)
    checkout = five.checkoutpmt.checkout("30.00", AccountId=five.account)
    order = five.makepayment.make(five.account, "Order", "20.00")
    books_are_right()

    five.soap("4.00", due)
    assert five.createpayment.outcome(attempt, "15.00", convenienceFee="1.00") == 1
    five.checkoutpmt.paid(checkout, LineAmount="10.00", TotalTendAmount="20.00", SessionId="S-1")
    five.makepayment.paid("5.00", [part(order, "5.00")], CustomerID=five.number)
    five.checkout.done({"ClientID": five.number, "AmountPaid": "7.00"} | CARD)
    books_are_right()

    amounts = Counter(str(one.amount) for one in five.taken())
    assert amounts == Counter(["4.00", "16.00", "10.00", "5.00", "7.00"])
    balances = {name: one["Balance"] for name, one in five.makepayment.wholes(five.account).items()}
    assert balances[due] == 6
    assert balances[attempt["invoiceId"]] == 25 == five.createpayment.shown(attempt)["balance"]
    assert balances[order["InvoiceId"]] == 15
    assert five.checkoutpmt.shown(checkout)["Balance"] == 20

    five.makepayment.paid("70.00", CustomerID=five.number)
    assert five.createpayment.shown(attempt)["status"] == "Paid"
    assert five.checkoutpmt.shown(checkout)["Status"] == "Paid"
    assert shop.states(client, bill)[due] == "Paid"
    assert five.credit() == Decimal("4.00"), "of 70, after 6 + 25 + 20 + 15"
    assert five.createpayment.outcome(attempt, "1.00") == 1024
    assert five.checkoutpmt.refused(checkout)[0] == "LineAmount"
    books_are_right()


def test_soap_pays_reverses_and_refunds_what_dialects_made(
    five: Interfaces, client: Client, sandbox: Sandbox, books_are_right: Check
) -> None:
    attempt = five.createpayment.attempt("40.00", accountRef=five.account)
    checkout = five.checkoutpmt.checkout("30.00", AccountId=five.account)
    invoice = next(
        name for name, one in five.makepayment.wholes(five.account).items() if one["Balance"] == 30
    )
    five.soap("35.00", invoice)
    assert five.checkoutpmt.shown(checkout)["Status"] == "Paid"
    assert five.createpayment.shown(attempt)["balance"] == 35, "5 were left for the oldest unpaid"
    five.makepayment.paid("35.00", AccountNo=five.account, TransactionID="ref-1")
    assert five.createpayment.shown(attempt)["status"] == "Paid"
    client("Account").reversePayment(account={"merchantAccountId": five.account}, paymentId="ref-1")
    assert five.createpayment.shown(attempt)["balance"] == 35
    books_are_right()

    assert five.createpayment.outcome(attempt, "35.00", convenienceFee="2.00") == 1
    card = next(one for one in five.taken() if one.amount == Decimal("37.00"))
    refund = {
        "transaction": {"VID": card.VID},
        "amount": Decimal("37.00"),
        "merchantRefundId": shop.new_id("refund"),
    }
    client("Refund").perform(refunds=[refund])
    sandbox.bill()
    books_are_right()


def test_dispute_of_a_dialect_payment_is_kept_like_any_other(
    five: Interfaces, client: Client, sandbox: Sandbox, books_are_right: Check
) -> None:
    attempt = five.createpayment.attempt("40.00", accountRef=five.account)
    createbody = payment("40.00", fingerprint="f-1")
    five.createpayment.post(attempt, createbody)
    (made,) = five.taken()
    sandbox.dispute(made)
    assert (
        len(
            client("Chargeback")
            .fetchByMerchantTransactionId(merchantTransactionId=made.merchantTransactionId)
            .chargebacks
        )
        == 1
    )
    books_are_right()


def test_renewal_of_a_checkout_is_billed_beside_the_others(
    five: Interfaces, client: Client, sandbox: Sandbox, books_are_right: Check
) -> None:
    sandbox.set_clock("2024-01-15T12:00:00")
    ids = five.checkout.done(
        {"ClientID": five.number, "AmountPaid": "12.00", "Recurring": True, "Description": "Club"} | CARD
    )
    five.makepayment.paid("5.00", AccountNo=five.account)
    sandbox.advance(31)
    bill = client("AutoBill").fetchByMerchantAutoBillId(merchantAutoBillId=ids["Recurring"]).autobill
    assert list(shop.states(client, bill).values()) == ["Paid", "Open"]
    taken = sorted(one.amount for one in five.taken())
    assert taken == [Decimal("5.00"), Decimal("7.00"), Decimal("12.00")], "5 of the renewal were credit"
    assert five.credit() == 0
    books_are_right()
