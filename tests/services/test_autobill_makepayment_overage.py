"""makePayment with more than the invoice owes: where the rest goes (autobill §6.26, account §3.3)."""

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

OLDEST = ("applytoOldestInvoice", "applyToOldestInvoice", "APPLYTOOLDESTINVOICE", None, "")
THIS = ("applyToThisAutoBill", "applytothisautobill")
CREDIT = ("applytoCredit", "applyToCredit", "ApplyToCredit")


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check, sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-04-15T12:00:00")
    yield
    books_are_right()


class Family:
    """An account with two AutoBills paid by hand at 10.00 a month.

    ``first`` owes since 10 February, March and April, ``second`` since 20 February and March.
    """

    def __init__(self, client: Client, sandbox: Sandbox) -> None:
        self.client = client
        self.account = shop.account(client)
        self.first = self._autobill("2024-02-10")
        self.second = self._autobill("2024-02-20")
        sandbox.bill()

    def _autobill(self, start: str) -> Any:
        return shop.subscribe(
            self.client,
            shop.invoiced(),
            account=shop.reference(self.account),
            startTimestamp=f"{start}T00:00:00-08:00",
        ).autobill

    def number(self, which: Any, index: int) -> str:
        return f"{which.merchantAutoBillId}-{index:08d}"

    def unpaid(self) -> dict[str, list[int]]:
        """The running numbers of what is still unpaid."""
        return {
            name: [
                index
                for index, state in enumerate(shop.states(self.client, autobill).values())
                if state in ("Due", "Overdue")
            ]
            for name, autobill in (("first", self.first), ("second", self.second))
        }

    def credit(self) -> dict[str, list[tuple[Decimal, str]]]:
        account = self.client("Account").fetchByVid(vid=self.account.VID).account
        return {
            "account": shop.credit(account),
            "first": shop.credit(shop.fetched(self.client, self.first)),
            "second": shop.credit(shop.fetched(self.client, self.second)),
        }

    def allocated(self, paid: Any) -> list[str]:
        return shop.names(paid.transaction)["vin:InvoiceId"].split(",")


@pytest.fixture
def family(client: Client, sandbox: Sandbox) -> Family:
    made = Family(client, sandbox)
    assert made.unpaid() == {"first": [0, 1, 2], "second": [0, 1]}
    return made


NO_CREDIT: dict[str, list[Any]] = {"account": [], "first": [], "second": []}


@pytest.mark.parametrize("disposition", [*OLDEST, *THIS, *CREDIT])
def test_without_overage_the_disposition_has_no_effect(family: Family, disposition: str | None) -> None:
    paid = shop.pay(family.client, family.second, "10.00", overageDisposition=disposition)
    assert family.allocated(paid) == [family.number(family.second, 0)]
    assert family.credit() == NO_CREDIT
    part = shop.pay(family.client, family.second, "3.00", overageDisposition=disposition)
    assert family.allocated(part) == [family.number(family.second, 1)]
    assert family.unpaid() == {"first": [0, 1, 2], "second": [1]}


@pytest.mark.parametrize("disposition", OLDEST)
def test_overage_goes_to_the_oldest_invoices_of_the_account(family: Family, disposition: str | None) -> None:
    paid = shop.pay(family.client, family.second, "25.00", overageDisposition=disposition)
    # 20 February is the target; then 10 February, then 10 March with the last 5.00.
    assert family.allocated(paid) == [
        family.number(family.second, 0),
        family.number(family.first, 0),
        family.number(family.first, 1),
    ]
    assert family.unpaid() == {"first": [1, 2], "second": [1]}
    assert shop.due(family.client, family.first, family.number(family.first, 1)) == 5
    assert family.credit() == NO_CREDIT


def test_what_no_invoice_takes_becomes_credit_of_the_account(family: Family) -> None:
    paid = shop.pay(family.client, family.second, "60.00", overageDisposition="applytoOldestInvoice")
    assert len(family.allocated(paid)) == 5
    assert family.unpaid() == {"first": [], "second": []}
    assert family.credit() == {"account": [(D("10.00"), "USD")], "first": [], "second": []}


@pytest.mark.parametrize("disposition", THIS)
def test_overage_goes_to_the_other_invoices_of_this_autobill(family: Family, disposition: str) -> None:
    paid = shop.pay(family.client, family.second, "15.00", overageDisposition=disposition)
    assert family.allocated(paid) == [family.number(family.second, 0), family.number(family.second, 1)]
    assert family.unpaid() == {"first": [0, 1, 2], "second": [1]}
    assert family.credit() == NO_CREDIT


def test_this_autobill_takes_the_rest_as_its_credit(family: Family) -> None:
    shop.pay(family.client, family.second, "33.00", overageDisposition="applyToThisAutoBill")
    assert family.unpaid() == {"first": [0, 1, 2], "second": []}
    assert family.credit() == {"account": [], "first": [], "second": [(D("13.00"), "USD")]}


@pytest.mark.parametrize("disposition", CREDIT)
def test_all_overage_becomes_credit_of_this_autobill(family: Family, disposition: str) -> None:
    paid = shop.pay(family.client, family.second, "27.50", overageDisposition=disposition)
    assert family.allocated(paid) == [family.number(family.second, 0)]
    assert family.unpaid() == {"first": [0, 1, 2], "second": [1]}
    assert family.credit() == {"account": [], "first": [], "second": [(D("17.50"), "USD")]}


@pytest.mark.parametrize("disposition", [OLDEST[0], THIS[0]])
def test_overage_is_never_led_into_an_open_invoice(family: Family, disposition: str) -> None:
    paid = shop.pay(family.client, family.first, "100.00", overageDisposition=disposition)
    open_ones = {family.number(family.first, 3), family.number(family.second, 2)}
    assert not open_ones & set(family.allocated(paid))
    assert shop.fetched(family.client, family.first).nextBilling.timestamp.day == 10


def test_overage_of_a_named_invoice_goes_to_the_oldest_first(family: Family) -> None:
    target = family.number(family.first, 2)
    paid = shop.pay(family.client, family.first, "20.00", invoiceId=target)
    assert family.allocated(paid) == [target, family.number(family.first, 0)]


def test_overage_of_an_open_invoice_goes_to_unpaid_ones(family: Family) -> None:
    target = family.number(family.first, 3)
    paid = shop.pay(family.client, family.first, "15.00", invoiceId=target)
    assert family.allocated(paid) == [target, family.number(family.first, 0)]


def test_the_credit_says_where_it_came_from(family: Family) -> None:
    shop.pay(family.client, family.second, "11.00", overageDisposition="applytoCredit")
    (grant,) = shop.fetched(family.client, family.second).credit.currencyAmounts
    assert (grant.amount, grant.currency, grant.description) == (1, "USD", "Overpayment")
    assert (grant.source, grant.grantedByCashbox) == ("Payment", True)
    assert (grant.autoBillVID, grant.accountVID) == (family.second.VID, family.account.VID)


def test_overage_leaves_other_currencies_alone(client: Client, sandbox: Sandbox) -> None:
    account = shop.account(client)
    euro = shop.product(client, "9.00", currency="EUR")
    in_euro = shop.subscribe(
        client,
        shop.invoiced(),
        account=shop.reference(account),
        currency="EUR",
        items=[{"product": shop.reference(euro)}],
        startTimestamp="2024-03-01T00:00:00-08:00",
    ).autobill
    in_dollars = shop.subscribe(client, shop.invoiced(), account=shop.reference(account)).autobill
    shop.pay(client, in_dollars, "25.00")
    assert next(iter(shop.states(client, in_euro).values())) == "Due"
    stored = client("Account").fetchByVid(vid=account.VID).account
    assert shop.credit(stored) == [(D("15.00"), "USD")]


def test_overage_never_reaches_another_account(family: Family) -> None:
    stranger = shop.subscribe(
        family.client, shop.invoiced(), startTimestamp="2024-01-01T00:00:00-08:00"
    ).autobill
    shop.pay(family.client, family.first, "500.00")
    assert next(iter(shop.states(family.client, stranger).values())) == "Due"


def test_the_next_billing_uses_the_credit(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, shop.card()).autobill
    open_one = f"{autobill.merchantAutoBillId}-00000001"
    shop.pay(client, autobill, "16.00", invoiceId=open_one, overageDisposition="applytoCredit")
    assert shop.credit(shop.fetched(client, autobill)) == [(D("6.00"), "USD")]
    sandbox.bill_on("2024-05-15T08:00:00")
    assert shop.credit(shop.fetched(client, autobill)) == [(D("6.00"), "USD")]
    assert shop.fetched(client, autobill).nextBilling.amount == 4
    sandbox.bill_on("2024-06-15T08:00:00")
    charged = shop.transactions(client, autobill)[-1]
    assert charged.amount == 4
    assert ("Overpayment", D("-6.00")) in [(line.name, line.total) for line in charged.transactionItems]
    assert shop.credit(shop.fetched(client, autobill)) == []


def test_a_prepayment_that_turns_out_too_much_becomes_credit_on_the_day(
    client: Client, sandbox: Sandbox
) -> None:
    product = shop.product(client, "10.00")
    autobill = shop.subscribe(client, items=[{"product": shop.reference(product)}]).autobill
    shop.pay(client, autobill, "10.00", invoiceId=f"{autobill.merchantAutoBillId}-00000001")
    client("Product").update(
        product={"VID": product.VID, "prices": [{"amount": "7.00", "currency": "USD"}]},
        duplicateBehavior=None,
    )
    sandbox.bill_on("2024-05-15T08:00:00")
    assert shop.credit(shop.fetched(client, autobill)) == [(D("3.00"), "USD")]
    assert list(shop.states(client, autobill).values()) == ["Paid", "Paid", "Open"]
