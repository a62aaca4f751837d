"""Account.makePayment and reversePayment: over all AutoBills of an account (account §3.3, §3.4)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

D = Decimal
Check = Callable[[], None]
UNKNOWN = "0" * 40


class Household:
    """An account with two AutoBills paid by hand: ``first`` owes 10.00 since 20 March, ``second`` since 10 March."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.account = shop.account(client)
        self.first = self._autobill("2024-03-20")
        self.second = self._autobill("2024-03-10")

    def _autobill(self, start: str) -> Any:
        return shop.subscribe(
            self.client,
            shop.invoiced(),
            account=shop.reference(self.account),
            startTimestamp=f"{start}T00:00:00-07:00",
        ).autobill

    def number(self, which: Any, index: int) -> str:
        return f"{which.merchantAutoBillId}-{index:08d}"

    def pay(self, amount: str, method: Any = None, expecting: int = 200, **rest: Any) -> Any:
        given: dict[str, Any] = {"invoiceId": ""}
        return (
            self.client("Account")
            .expecting(expecting)
            .makePayment(
                account=shop.reference(self.account),
                paymentMethod=method or shop.cheque(),
                amount=amount,
                **(given | rest),
            )
        )

    def paid(self, answer: Any) -> list[str]:
        return shop.names(answer.transaction)["vin:InvoiceId"].split(",")

    def states(self) -> dict[str, str]:
        """The state of each AutoBill's first invoice."""
        return {
            name: next(iter(shop.states(self.client, autobill).values()))
            for name, autobill in (("first", self.first), ("second", self.second))
        }

    def credit(self) -> dict[str, list[tuple[Decimal, str]]]:
        return {
            "account": shop.credit(self.client("Account").fetchByVid(vid=self.account.VID).account),
            "first": shop.credit(shop.fetched(self.client, self.first)),
            "second": shop.credit(shop.fetched(self.client, self.second)),
        }


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check, sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-04-05T12:00:00")
    yield
    books_are_right()


@pytest.fixture
def household(client: Client) -> Household:
    return Household(client)


def test_the_oldest_unpaid_invoice_of_the_account_is_paid(household: Household) -> None:
    answer = household.pay("10.00")
    assert answer.summary == "Success"
    assert household.paid(answer) == [household.number(household.second, 0)]
    assert household.states() == {"first": "Due", "second": "Paid"}
    assert answer.transaction.merchantAutobillIdentifier == household.second.merchantAutoBillId


def test_any_invoice_of_the_account_may_be_named(household: Household) -> None:
    target = household.number(household.first, 0)
    assert household.paid(household.pay("4.00", invoiceId=target)) == [target]
    ahead = household.number(household.first, 1)
    assert household.paid(household.pay("4.00", invoiceId=ahead)) == [ahead]


@pytest.mark.parametrize("disposition", ["applytoOldestInvoice", "applyToOldestInvoice", None])
def test_excess_goes_to_the_other_invoices_and_then_to_the_account(
    household: Household, disposition: str | None
) -> None:
    answer = household.pay("25.00", overageDisposition=disposition)
    assert household.paid(answer) == [
        household.number(household.second, 0),
        household.number(household.first, 0),
    ]
    assert household.credit() == {"account": [(D("5.00"), "USD")], "first": [], "second": []}


def test_excess_stays_with_the_autobill_of_the_invoice(household: Household) -> None:
    answer = household.pay("25.00", overageDisposition="applyToThisAutoBill")
    assert household.paid(answer) == [household.number(household.second, 0)]
    assert household.credit() == {"account": [], "first": [], "second": [(D("15.00"), "USD")]}


def test_excess_as_credit_belongs_to_the_account(household: Household) -> None:
    answer = household.pay("25.00", overageDisposition="applyToCredit")
    assert household.paid(answer) == [household.number(household.second, 0)]
    assert household.credit() == {"account": [(D("15.00"), "USD")], "first": [], "second": []}
    (grant,) = (
        household.client("Account").fetchByVid(vid=household.account.VID).account.credit.currencyAmounts
    )
    assert (grant.description, grant.source, grant.grantedByCashbox) == ("Overpayment", "Payment", True)
    assert grant.autoBillVID is None


def test_nothing_to_pay(client: Client) -> None:
    account = shop.account(client)
    autobill = shop.subscribe(client, account=shop.reference(account)).autobill
    answer = (
        client("Account")
        .expecting(400)
        .makePayment(account=shop.reference(account), paymentMethod=shop.cheque(), amount=5, invoiceId="")
    )
    assert shop.text(answer) == (
        "Failed to make payment: No Transaction Billing objects which can accept payment were found for "
        f"Account {account.merchantAccountId}"
    )
    assert list(shop.states(client, autobill).values()) == ["Paid", "Open"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"amount": "0"}, "Amount must be greater than zero."),
        ({"amount": "5", "currency": "EUR"}, "Currency EUR does not match invoice currency USD."),
        ({"amount": "5", "invoiceId": "none-00000000"}, "Invoice none-00000000 not found."),
    ],
)
def test_what_is_refused(household: Household, arguments: dict[str, Any], text: str) -> None:
    given = dict(arguments)
    answer = household.pay(given.pop("amount"), expecting=400, **given)
    assert shop.text(answer) == f"Failed to make payment: {text}"
    assert household.states() == {"first": "Due", "second": "Due"}


def test_an_invoice_of_another_account_is_not_there(household: Household) -> None:
    stranger = shop.subscribe(household.client, shop.invoiced()).autobill
    wrong = household.number(stranger, 0)
    answer = household.pay("5.00", expecting=400, invoiceId=wrong)
    assert shop.text(answer) == f"Failed to make payment: Invoice {wrong} not found."


def test_a_paid_invoice_takes_nothing(household: Household) -> None:
    household.pay("10.00")
    wrong = household.number(household.second, 0)
    answer = household.pay("5.00", expecting=400, invoiceId=wrong)
    assert (
        shop.text(answer) == f"Failed to make payment: Invoice {wrong} cannot accept payment in state Paid."
    )


@pytest.mark.parametrize(
    ("account", "code", "text"),
    [
        ({"VID": UNKNOWN}, 404, f'No match found for VID "{UNKNOWN}"'),
        ({"merchantAccountId": "nobody"}, 404, 'No match found for merchantAccountId "nobody"'),
    ],
)
def test_an_unknown_account(client: Client, account: dict[str, str], code: int, text: str) -> None:
    service = client("Account").expecting(code)
    paid = service.makePayment(account=account, paymentMethod=shop.cheque(), amount=5, invoiceId="")
    assert shop.text(paid) == text
    assert shop.text(service.reversePayment(account=account, paymentId="x")) == text


def test_no_account_at_all(client: Client) -> None:
    service = client("Account").expecting(400)
    paid = service.makePayment(account={}, paymentMethod=shop.cheque(), amount=5, invoiceId="")
    assert shop.text(paid) == "Failed to make payment: Account not specified."
    assert shop.text(service.reversePayment(account={}, paymentId="x")) == "Account not specified."


def test_a_declined_card_is_a_failure_and_no_error(household: Household) -> None:
    answer = household.pay("10.00", shop.card(shop.SOFT_DECLINED))
    assert (shop.text(answer), answer.summary) == ("OK", "Failure")
    assert household.states() == {"first": "Due", "second": "Due"}


def test_a_repeated_payment_id_is_refused(household: Household) -> None:
    household.pay("1.00", shop.cheque("chk-1"))
    again = shop.cheque("chk-1", merchantPaymentMethodId="other")
    assert "has been used before" in shop.text(household.pay("1.00", again, expecting=400))


def test_a_card_payment_is_kept_on_the_account(household: Household) -> None:
    answer = household.pay("20.00", shop.card())
    assert (answer.summary, shop.log(answer.transaction)) == ("Success", ["Authorized", "New"])
    assert household.states() == {"first": "Paid", "second": "Paid"}
    stored = household.client("Account").fetchByVid(vid=household.account.VID).account
    assert answer.transaction.sourcePaymentMethod.VID in [method.VID for method in stored.paymentMethods]


def test_it_shows_in_the_history_of_the_account(household: Household) -> None:
    paid = household.pay("10.00").transaction
    history = household.client("Transaction").fetchByAccount(
        account=shop.reference(household.account), includeChildren=False
    )
    assert paid.VID in [one.VID for one in history.transactions]


def test_a_reversal_undoes_it_on_every_autobill(household: Household) -> None:
    paid = household.pay("25.00", shop.cheque("chk-1"), note="till 3").transaction
    household.client("Account").reversePayment(
        account=shop.reference(household.account), paymentId="chk-1", note="bounced"
    )
    assert household.states() == {"first": "Overdue", "second": "Overdue"}
    assert household.credit() == {"account": [], "first": [], "second": []}
    again = household.client("Transaction").fetchByVid(vid=paid.VID).transaction
    assert (shop.log(again), again.note) == (["Refunded", "Captured", "New"], "till 3\nbounced")


def test_a_reversal_by_invoice_takes_the_newest_payment(household: Household) -> None:
    target = household.number(household.first, 0)
    household.pay("3.00", invoiceId=target)
    household.pay("4.00", invoiceId=target)
    service = household.client("Account")
    service.reversePayment(account=shop.reference(household.account), invoiceId=target)
    assert shop.due(household.client, household.first, target) == 7
    service.reversePayment(account=shop.reference(household.account), invoiceId=target, indexNumber=1)
    assert shop.due(household.client, household.first, target) == 10


@pytest.mark.parametrize(
    ("named", "text"),
    [
        ({}, "Must specify paymentId or invoiceId."),
        ({"paymentId": "nothing"}, "Payment not found."),
        ({"invoiceId": "nothing-00000000"}, "Payment not found."),
    ],
)
def test_a_reversal_of_what_is_not_there(household: Household, named: dict[str, Any], text: str) -> None:
    answer = (
        household.client("Account")
        .expecting(400)
        .reversePayment(account=shop.reference(household.account), **named)
    )
    assert shop.text(answer) == text


def test_only_payments_of_this_account_can_be_reversed(household: Household) -> None:
    other = Household(household.client)
    other.pay("10.00", shop.cheque("chk-1"))
    service = household.client("Account").expecting(400)
    answer = service.reversePayment(account=shop.reference(household.account), paymentId="chk-1")
    assert shop.text(answer) == "Payment not found."


def test_a_payment_on_an_autobill_can_be_reversed_on_the_account(household: Household) -> None:
    shop.pay(household.client, household.first, "10.00", shop.cheque("chk-1"))
    household.client("Account").reversePayment(account=shop.reference(household.account), paymentId="chk-1")
    assert household.states()["first"] == "Overdue"


def test_a_card_payment_cannot_be_reversed(household: Household) -> None:
    household.pay("10.00", shop.card())
    answer = (
        household.client("Account")
        .expecting(400)
        .reversePayment(
            account=shop.reference(household.account), invoiceId=household.number(household.second, 0)
        )
    )
    assert shop.text(answer) == "Only MerchantAcceptedPayment payments may be reversed."
