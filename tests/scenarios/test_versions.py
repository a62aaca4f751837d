"""One business story told in every version of the interface leaves the same things behind (conventions §1.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import _new_merchant
from tests.servers import Server
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.stored_state import State, stored_state
from tests.soap_client import Login, ServiceClient

D = Decimal
VERSIONS = ("3.6", "4.2", "4.3", "8.0", "18.0", "20.0", "22.0", "23.0")
REFERENCE = "22.0"
ADDRESS = {"addr1": "303 Twin Dolphin Drive", "city": "Redwood City", "district": "CA", "country": "US"}


@dataclass
class Teller:
    """A merchant whose program was written for one version."""

    server: Server
    version: str
    login: Login

    def __call__(self, service: str) -> ServiceClient:
        return ServiceClient(self.server, self.login, service, version=self.version)

    @property
    def number(self) -> float:
        return float(self.version)

    @property
    def sandbox(self) -> Sandbox:
        return Sandbox(self.server, self.login)

    def product(self) -> dict[str, Any]:
        texts = {"descriptions": [{"language": "EN", "description": "Magazine"}]}
        given = {"merchantProductId": "magazine", "merchantEntitlementIds": [{"id": "reading"}]}
        return given | (texts if self.number >= 4 else {"description": "Magazine"})

    def carrying(self, product: dict[str, Any]) -> dict[str, Any]:
        """The part of an AutoBill that says what is sold."""
        return {"items": [{"product": product}]} if self.number >= 4 else {"product": product}

    def subscribe(self, autobill: dict[str, Any]) -> Any:
        options: dict[str, Any] = {"minChargebackProbability": 100}
        if self.number < 9:
            options |= {"duplicateBehavior": "Fail", "validatePaymentMethod": False}
        return self("AutoBill").update(autobill=autobill, **options)

    def switch_card(self, account: dict[str, Any], method: dict[str, Any]) -> Any:
        scope: dict[str, Any] = {"replaceOnAllAutoBills": True}
        if self.number >= 21:
            scope = {"updateScopeOnAccount": "AllActive", "updateScopeOnChildren": "None"}
        if self.number < 4:
            scope["numCycles"] = 1
        return self("Account").updatePaymentMethod(
            account=account, paymentMethod=method, updateBehavior="Update", **scope
        )

    def week(self) -> dict[str, Any]:
        """A time credit of a week."""
        return {"weeks": 1} if self.number >= 4 else {"type": "Week", "amount": 1}

    def spending(self, account: dict[str, Any]) -> dict[str, Any]:
        """Two coins are spent."""
        spent = {
            "tokenAmount": {"token": {"merchantTokenId": "coins"}, "amount": -2},
            "description": "A poem",
            "authTimestamp": "2024-03-01T12:00:00-08:00",
        }
        return spent if self.number >= 4 else spent | {"account": account}

    def sell(self, transaction: dict[str, Any]) -> Any:
        more = {"minChargebackProbability": 100} if self.number >= 9 else {}
        return self("Transaction").authCapture(transaction=transaction, sendEmailNotification=False, **more)


def subscription(tell: Teller) -> Any:
    """A plan, a product, a customer with a card, and an AutoBill that joins them; the answer to its creation."""
    period = shop.month("10.00")
    plan = {"merchantBillingPlanId": "monthly", "description": "Monthly", "periods": [period]}
    tell("BillingPlan").update(billingPlan=plan)
    tell("Product").update(product=tell.product())
    card = shop.card(merchantPaymentMethodId="card", billingAddress=ADDRESS)
    customer = {
        "merchantAccountId": "ada",
        "name": "Ada Reader",
        "emailAddress": "ada@example.org",
        "shippingAddress": ADDRESS,
        "paymentMethods": [card],
        "nameValues": [{"name": "shelf", "value": "7"}],
    }
    assert tell("Account").update(account=customer).created
    return tell.subscribe(
        {
            "merchantAutoBillId": "bill",
            "account": {"merchantAccountId": "ada"},
            "billingPlan": {"merchantBillingPlanId": "monthly"},
            "paymentMethod": {"merchantPaymentMethodId": "card"},
            "currency": "USD",
            **tell.carrying({"merchantProductId": "magazine"}),
        }
    )


def told(server: Server, version: str) -> tuple[State, Teller]:
    """The whole story: subscribe, be billed, change the card, buy a book, get some money back, rename the AutoBill."""
    tell = Teller(server, version, _new_merchant(server))
    tell.sandbox.set_clock("2024-01-31T10:00:00")
    created = subscription(tell)
    if tell.number < 9:
        assert (created.created, created.firstBillAmount, created.firstBillingCurrency) == (
            True,
            D("10.00"),
            "USD",
        )
        assert created.firstBillDate.isoformat() == "2024-01-31"
    tell.sandbox.advance(31)
    other = shop.card(shop.OTHER_CARD, merchantPaymentMethodId="other card")
    tell.switch_card({"merchantAccountId": "ada"}, other)
    tell.sandbox.advance(31)
    sold = tell.sell(
        {
            "merchantTransactionId": "BOOK1",
            "account": {"merchantAccountId": "ada"},
            "sourcePaymentMethod": {"merchantPaymentMethodId": "card"},
            "currency": "USD",
            "transactionItems": [{"sku": "book", "name": "Book", "price": "10.00", "quantity": 2}],
        }
    )
    assert sold.transaction.amount == D("20.00")
    tell.sandbox.bill()
    refund = {
        "merchantRefundId": "REFUND1",
        "transaction": {"merchantTransactionId": "BOOK1"},
        "amount": "5.00",
    }
    assert tell("Refund").perform(refunds=[refund]).refunds[0].amount == D("5.00")
    tell.sandbox.bill()
    generous(tell)
    # A program that reads an object, changes one field and sends the whole back changes that field alone.
    bill = tell("AutoBill").fetchByMerchantAutoBillId(merchantAutoBillId="bill").autobill
    bill.customerAutoBillName = "At home"
    again = tell.subscribe(bill)
    if tell.number < 9:
        assert not again.created
    customer = tell("Account").fetchByMerchantAccountId(merchantAccountId="ada").account
    customer.company = "Readers"
    assert not tell("Account").update(account=customer).created
    ended = tell("AutoBill").cancel(autobill={"merchantAutoBillId": "bill"}, disentitle=False, force=True)
    assert ended.autobill.status == ("Cancelled" if tell.number < 9 else "Pending Cancel")
    return stored_state(server.database_url, tell.login.vid), tell


def generous(tell: Teller) -> None:
    """Credit, tokens and a family; and what the customer may read."""
    ada = {"merchantAccountId": "ada"}
    for credit in (
        {"currencyAmounts": [{"currency": "USD", "amount": "3.00"}]},
        {"timeIntervals": [tell.week()]},
    ):
        tell("AutoBill").grantCredit(autobill={"merchantAutoBillId": "bill"}, credit=credit, note="Sorry")
    tell("Token").update(token={"merchantTokenId": "coins", "description": "Coins"})
    coins = {"token": {"merchantTokenId": "coins"}, "amount": 5}
    tell("Account").incrementTokens(account=ada, tokenAmounts=[coins])
    left = tell("Account").tokenTransaction(account=ada, transactions=[tell.spending(ada)]).tokenAmounts
    assert [amount.amount for amount in left] == [3]
    tell("Account").update(account={"merchantAccountId": "bob", "name": "Bob Reader"})
    added = tell("Account").addChildren(parent=ada, child=[{"merchantAccountId": "bob"}], force=False)
    assert [child.merchantAccountId for child in added.childAdded] == ["bob"]
    rights = tell("Entitlement").fetchByAccount(account=ada, showAll=False).entitlements
    assert [(right.merchantEntitlementId, right.active) for right in rights] == [("reading", True)]


@pytest.fixture(scope="module")
def reference(server: Server) -> State:
    """What the story leaves behind in the version that the service was made for."""
    return told(server, REFERENCE)[0]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_same_story_leaves_the_same_rows_in_every_version(
    server: Server, reference: State, version: str
) -> None:
    state, tell = told(server, version)
    assert {name: len(rows) for name, rows in state.items()} == {
        name: len(rows) for name, rows in reference.items()
    }
    for name, rows in reference.items():
        assert state[name] == rows, name
    assert len(tell("Transaction").fetchByAutobill(autobill={"merchantAutoBillId": "bill"}).transactions) == 3


Read = Callable[[Any], Any]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_reads_what_another_one_wrote(server: Server, version: str) -> None:
    writer = Teller(server, REFERENCE, _new_merchant(server))
    writer.sandbox.set_clock("2024-01-31T10:00:00")
    subscription(writer)
    reader = Teller(server, version, writer.login)

    bill = reader("AutoBill").fetchByMerchantAutoBillId(merchantAutoBillId="bill").autobill

    product = bill["items"][0].product if reader.number >= 4 else bill.product
    text = product.descriptions[0].description if reader.number >= 4 else product.description
    assert (text, product.merchantProductId) == ("Magazine", "magazine")
    assert (bill.status, bill.currency, bill.billingDay) == ("Active", "USD", 31)
    assert bill.account.emailAddress == "ada@example.org"
    assert bill.paymentMethod.creditCard.account == "411111XXXXXX1111"
    sale = reader("Transaction").fetchByAutobill(autobill={"merchantAutoBillId": "bill"}).transactions[0]
    assert (sale.amount, sale.statusLog[0].status) == (D("10.00"), "Authorized")
    assert sale.transactionItems[0].quantity == 1


@pytest.mark.parametrize(
    ("version", "shown"),
    [
        ("3.6", "Suspended"),
        ("4.3", "Suspended"),
        ("8.0", "Suspended"),
        ("18.0", "Active"),
        ("22.0", "Active"),
    ],
)
def test_an_unusable_card_suspends_in_versions_without_billing_states(
    server: Server, version: str, shown: str
) -> None:
    tell = Teller(server, version, _new_merchant(server))
    tell.sandbox.set_clock("2024-01-31T10:00:00")
    subscription(tell)
    tell.switch_card(
        {"merchantAccountId": "ada"}, shop.card(shop.HARD_DECLINED, merchantPaymentMethodId="no good")
    )
    tell.sandbox.advance(31)

    bill = tell("AutoBill").fetchByMerchantAutoBillId(merchantAutoBillId="bill").autobill

    assert bill.status == shown
    if tell.number >= 9:
        assert bill.billingState == "Unusable PaymentMethod"
