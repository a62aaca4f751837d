"""The refund batch: what is paid back, what is cancelled instead, what fails, and what that undoes (§3)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.services import refunds, sales, shop
from tests.services.conftest import MakeToken
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

D = Decimal
Check = Callable[[], None]


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check, sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-04-15T12:00:00")
    yield
    books_are_right()


@pytest.fixture
def sold(client: Client, sandbox: Sandbox) -> Any:
    """Two books at 10.00, paid by card and captured."""
    answer = sales.sell(client, sales.order())
    sandbox.bill()
    return answer


def status(client: Client, refund: Any) -> str:
    return str(refunds.later(client, refund).status)


class TestCapturedMoney:
    def test_it_is_paid_back(self, client: Client, sandbox: Sandbox, sold: Any) -> None:
        asked = refunds.perform(client, refunds.of(sold, "5.00"))
        sandbox.bill()
        done = refunds.later(client, asked)
        assert (done.status, done.amount) == ("Complete", D("5.00"))
        assert done.referenceString
        assert sales.log(client, sold) == ["Refunded", "Captured", "Authorized", "New"]

    def test_parts_are_paid_back_one_by_one(self, client: Client, sandbox: Sandbox, sold: Any) -> None:
        for _ in range(2):
            asked = refunds.perform(client, refunds.of(sold, "5.00"))
            sandbox.bill()
            assert status(client, asked) == "Complete"
        assert sales.log(client, sold)[:3] == ["Refunded", "Refunded", "Captured"]

    def test_a_batch_that_runs_again_does_nothing(self, client: Client, sandbox: Sandbox, sold: Any) -> None:
        asked = refunds.perform(client, refunds.of(sold, "5.00"))
        sandbox.bill()
        first = refunds.later(client, asked)
        sandbox.bill()
        assert str(refunds.later(client, asked)) == str(first)

    def test_what_only_gives_back_credit_needs_no_processor(self, client: Client, sandbox: Sandbox) -> None:
        account = shop.account(client, paymentMethods=[shop.card()])
        sales.grant(client, account, "20.00")
        sold = sales.sell(client, sales.order(account))
        assert sold.transaction.amount == 0
        asked = refunds.perform(client, refunds.of(sold, strategy="RemainingBalance"))
        assert sales.credit(client, account) == 20
        sandbox.bill()
        assert (status(client, asked), asked.amount) == ("Complete", D(0))


class TestARefusalOfTheProcessor:
    @pytest.fixture(autouse=True)
    def _refusing(self, sandbox: Sandbox) -> None:
        sandbox.script({"operation": "refund", "authCode": "302"})

    def test_the_refund_fails_and_the_transaction_goes_back(
        self, client: Client, sandbox: Sandbox, sold: Any
    ) -> None:
        asked = refunds.perform(client, refunds.of(sold, "5.00", note="Late"))
        sandbox.bill()
        failed = refunds.later(client, asked)
        assert failed.status == "Failed"
        assert failed.note == f"{refunds.FAILED}Processor declined the refund with code 302"
        assert sales.log(client, sold) == ["Captured", "Refunded", "Captured", "Authorized", "New"]

    def test_beside_another_refund_it_stays_refunded(
        self, client: Client, sandbox: Sandbox, sold: Any
    ) -> None:
        wanted = [refunds.of(sold, "5.00"), refunds.of(sold, "6.00")]
        both = refunds.perform(client, *wanted)
        sandbox.bill()
        assert sorted(status(client, one) for one in both) == ["Complete", "Failed"]
        assert sales.log(client, sold)[0] == "Refunded"

    def test_its_money_can_be_refunded_again(self, client: Client, sandbox: Sandbox, sold: Any) -> None:
        refunds.perform(client, refunds.of(sold, "20.00"))
        sandbox.bill()
        again = refunds.perform(client, refunds.of(sold, "20.00"))
        sandbox.bill()
        assert status(client, again) == "Complete"

    def test_the_lines_forget_it(self, client: Client, sandbox: Sandbox, sold: Any) -> None:
        asked = refunds.perform(client, refunds.items(sold, refunds.line(1, "5.00")))
        assert asked.transaction.transactionItems[0].itemRefunds
        sandbox.bill()
        assert not sales.later(client, sold).transactionItems[0].itemRefunds

    def test_unspent_credit_is_taken_back(self, client: Client, sandbox: Sandbox) -> None:
        account = shop.account(client, paymentMethods=[shop.card()])
        sales.grant(client, account, "8.00")
        sold = sales.sell(client, sales.order(account))
        sandbox.bill()
        asked = refunds.perform(client, refunds.of(sold, strategy="RemainingBalance"))
        assert sales.credit(client, account) == 8
        sandbox.bill()
        assert (status(client, asked), sales.credit(client, account)) == ("Failed", D(0))

    def test_spent_credit_stays_and_is_not_given_back_twice(
        self, client: Client, sandbox: Sandbox, books_are_right: Check
    ) -> None:
        account = shop.account(client, paymentMethods=[shop.card()])
        sales.grant(client, account, "8.00")
        sold = sales.sell(client, sales.order(account))
        sandbox.bill()
        refunds.perform(client, refunds.of(sold, strategy="RemainingBalance"))
        sales.sell(client, sales.order(account, transactionItems=[sales.item(price="5.00", quantity="1")]))
        sandbox.bill()
        assert sales.credit(client, account) == 0
        books_are_right()
        again = refunds.perform(client, refunds.of(sold, strategy="RemainingBalance"))
        assert (again.amount, again.credit.currencyAmounts[0].amount) == (D("12.00"), D("3.00"))

    def test_tokens_return(self, client: Client, sandbox: Sandbox, make_token: MakeToken) -> None:
        coins = {"token": {"merchantTokenId": make_token("coins")}, "amount": 50}
        sold = sales.sell(client, sales.order(transactionItems=[sales.item(tokens=[coins])]))
        sandbox.bill()
        refunds.perform(client, refunds.of(sold, "20.00", tokenAction="CancelZeroBalance"))
        sandbox.bill()
        account = client("Account").fetchByVid(vid=sold.transaction.account.VID).account
        assert [entry.amount for entry in account.tokenBalances] == [50]


class TestMoneyThatWasNotTakenYet:
    @pytest.fixture
    def authorized(self, client: Client) -> Any:
        answer = sales.sell(client, sales.order())
        assert sales.log(client, answer) == ["Authorized", "New"]
        return answer

    def test_all_of_it_is_cancelled(self, client: Client, sandbox: Sandbox, authorized: Any) -> None:
        asked = refunds.perform(client, refunds.of(authorized, "20.00"))
        assert (asked.status, shop.log(asked.transaction)) == ("Processing", ["Authorized", "New"])
        sandbox.bill()
        assert status(client, asked) == "Complete"
        assert sales.log(client, authorized) == ["Cancelled", "Authorized", "New"]

    def test_so_are_parts_that_add_up(self, client: Client, sandbox: Sandbox, authorized: Any) -> None:
        made = refunds.perform(client, refunds.of(authorized, "5.00"), refunds.of(authorized, "15.00"))
        sandbox.bill()
        assert [status(client, one) for one in made] == ["Complete", "Complete"]
        assert sales.log(client, authorized) == ["Cancelled", "Authorized", "New"]

    def test_a_part_waits_for_the_capture(self, client: Client, sandbox: Sandbox, authorized: Any) -> None:
        asked = refunds.perform(client, refunds.of(authorized, "0.10"))
        assert sales.log(client, authorized) == ["Authorized", "New"]
        sandbox.bill()
        assert status(client, asked) == "Complete"
        assert sales.log(client, authorized) == ["Refunded", "Captured", "Authorized", "New"]

    def test_what_the_processor_will_not_cancel_is_captured_and_paid_back(
        self, client: Client, sandbox: Sandbox, authorized: Any
    ) -> None:
        sandbox.script({"operation": "void", "authCode": "302"})
        asked = refunds.perform(client, refunds.of(authorized, "20.00"))
        sandbox.bill()
        assert status(client, asked) == "Processing"
        sandbox.bill()
        assert status(client, asked) == "Complete"
        assert sales.log(client, authorized) == ["Refunded", "Captured", "Authorized", "New"]

    def test_a_part_of_what_cannot_be_captured_fails(
        self, client: Client, sandbox: Sandbox, authorized: Any
    ) -> None:
        sandbox.script({"operation": "capture", "authCode": "302"})
        asked = refunds.perform(client, refunds.of(authorized, "5.00"))
        sandbox.bill()
        failed = refunds.later(client, asked)
        assert (failed.status, failed.note) == (
            "Failed",
            f"{refunds.FAILED}Transaction is not in a refundable state",
        )
        assert sales.log(client, authorized) == ["Cancelled", "Authorized", "New"]

    def test_while_it_is_being_cancelled_nobody_else_ends_it(
        self, client: Client, sandbox: Sandbox, authorized: Any
    ) -> None:
        refunds.perform(client, refunds.of(authorized, "20.00"))
        assert sales.cancelled(client, authorized) == [400]
        assert sales.captured(client, authorized) != [200]
        sandbox.bill()
        assert sales.log(client, authorized) == ["Cancelled", "Authorized", "New"]

    def test_cancelling_the_sale_fails_a_part_that_waits(self, client: Client, authorized: Any) -> None:
        asked = refunds.perform(client, refunds.of(authorized, "5.00"))
        assert sales.cancelled(client, authorized) == [200]
        assert status(client, asked) == "Failed"

    def test_a_bank_deposit_on_its_way_is_stopped(self, client: Client, sandbox: Sandbox) -> None:
        sold = sales.sell(client, sales.order(sourcePaymentMethod=shop.bank_account()))
        assert sales.log(client, sold)[0] == "AuthorizedPending"
        asked = refunds.perform(client, refunds.of(sold, "20.00"))
        sandbox.bill()
        assert status(client, asked) == "Complete"
        assert sales.log(client, sold)[0] == "Cancelled"


class TestAnAutoBill:
    def test_it_goes_on_and_its_invoice_stays_paid(self, client: Client, sandbox: Sandbox) -> None:
        bill = shop.subscribe(client).autobill
        sandbox.bill()
        paid = shop.transactions(client, bill)[0]
        refunds.perform(client, refunds.of(paid, strategy="RemainingBalance"))
        sandbox.bill()
        assert list(shop.states(client, bill).values()) == ["Paid", "Open"]
        assert shop.standing(shop.fetched(client, bill)) == ("Active", "Good Standing")
        sandbox.advance(31)
        assert shop.log(shop.transactions(client, bill)[-1]) == ["Captured", "New"]

    def test_the_overage_of_a_payment_stays_credit(self, client: Client, sandbox: Sandbox) -> None:
        account = shop.account(client)
        bill = shop.subscribe(client, shop.invoiced(), account=shop.reference(account)).autobill
        paid = (
            client("Account")
            .makePayment(
                account=shop.reference(account),
                paymentMethod=shop.card(),
                amount=D("15.00"),
                invoiceId="",
                overageDisposition="applytoCredit",
            )
            .transaction
        )
        sandbox.bill()
        refunds.perform(client, refunds.of(paid, "15.00"))
        sandbox.bill()
        assert list(shop.states(client, bill).values()) == ["Paid", "Open"]
        assert sales.credit(client, account) == 5
