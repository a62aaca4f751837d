"""AutoBills whose customer approves the first payment on a page of the processor (autobill §5.2, §6.22 – §6.24)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.servers import Server
from tests.services import changes, customers, sales, shop
from tests.services.conftest import Right
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

D = Decimal
TEN = D("10.00")
NOT_WAITING = "PayPal tx needs to be in AuthPending dispsosition Disposition AuthorizationPending 1({})"
WAITING = ("Pending Activation", "Unbilled")
GOOD = ("Active", "Good Standing")


@pytest.fixture(autouse=True)
def _audited(books_are_right: Callable[[], None], sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-04-15T12:00:00")
    yield
    books_are_right()


def ordered(client: Client, method: dict[str, Any] | None = None, **fields: Any) -> Any:
    return shop.subscribe(client, method or sales.paypal_page(), **fields)


def finalize(client: Client, answer: Any, success: bool = True, code: int = 200) -> Any:
    """The customer came back from PayPal, with the answer of update or with a transaction of its."""
    vid = answer.initialTransaction.VID if "initialTransaction" in answer else answer.VID
    return client("AutoBill").expecting(code).finalizePayPalAuth(payPalTransactionId=vid, success=success)


def states(client: Client, autobill: Any) -> list[str]:
    return list(shop.states(client, autobill).values())


def test_the_customer_is_sent_to_a_page_and_nothing_is_billed_before(
    client: Client, server: Server, sandbox: Sandbox, entitlements: Callable[[Any], list[Right]]
) -> None:
    answer = ordered(client)
    bill = answer.autobill
    assert shop.standing(bill) == WAITING
    assert answer.authStatus.status == "AuthorizationPending"
    assert answer.authStatus.payPalStatus.redirectUrl == customers.page(answer.initialTransaction)
    assert answer.initialTransaction.amount == TEN
    assert (bill.nextBilling, bill.endTimestamp) == (None, None)
    assert "10.00 USD" in customers.looks_at(server, answer.initialTransaction)
    sandbox.advance(2)
    assert shop.standing(shop.fetched(client, bill)) == WAITING
    assert states(client, bill) == ["Open"]
    assert entitlements(bill) == []


def test_once_he_agreed_the_first_cycle_is_billed_and_the_next_ones_without_him(
    client: Client, server: Server, sandbox: Sandbox
) -> None:
    answer = ordered(client)
    customers.decide(server, answer.initialTransaction)
    done = finalize(client, answer)
    assert done.authStatus.status == "Authorized"
    assert shop.standing(done.autobill) == GOOD
    assert done.autobill.paymentMethod.paypal.referenceId.startswith("B-")
    assert done.autobill.nextBilling.timestamp.date().isoformat() == "2024-05-15"
    assert states(client, done.autobill) == ["Paid", "Open"]
    sandbox.advance(31)
    made = shop.transactions(client, done.autobill)
    assert [(one.amount, one.autoBillCycle) for one in made] == [(TEN, 0), (TEN, 1)]
    assert shop.log(made[0]) == ["Captured", "Authorized", "AuthorizationPending", "New"]
    assert shop.log(made[1]) == ["Captured", "New"]


def test_finalising_twice_is_refused(client: Client, server: Server) -> None:
    answer = ordered(client)
    customers.decide(server, answer.initialTransaction)
    finalize(client, answer)
    assert shop.text(finalize(client, answer, code=400)) == NOT_WAITING.format(3)


@pytest.mark.parametrize("where", ["at PayPal", "at the shop"])
def test_a_customer_who_refuses_leaves_the_autobill_pending(
    client: Client, server: Server, sandbox: Sandbox, where: str
) -> None:
    answer = ordered(client)
    customers.decide(server, answer.initialTransaction, "agree" if where == "at the shop" else "refuse")
    done = finalize(client, answer, success=where == "at PayPal")
    assert (done.authStatus.status, done.autobill) == ("Cancelled", None)
    bill = shop.fetched(client, answer.autobill)
    assert shop.standing(bill) == WAITING
    sandbox.advance(3)
    assert states(client, bill) == ["Open"]


def test_he_can_try_again_with_a_new_update(client: Client, server: Server, sandbox: Sandbox) -> None:
    first = ordered(client)
    again = shop.update(client, shop.reference(first.autobill) | {"paymentMethod": sales.paypal_page()})
    assert again.authStatus.payPalStatus.redirectUrl != first.authStatus.payPalStatus.redirectUrl
    assert shop.text(finalize(client, first, code=400)).startswith("PayPal tx needs to be")
    waiting = shop.transactions(client, first.autobill)[-1]
    customers.decide(server, waiting)
    assert shop.standing(finalize(client, waiting).autobill) == GOOD
    sandbox.advance(1)


def test_or_pay_by_card_instead(client: Client) -> None:
    first = ordered(client)
    paid = shop.update(client, shop.reference(first.autobill) | {"paymentMethod": shop.card()})
    assert (paid.authStatus.status, shop.standing(paid.autobill)) == ("Authorized", GOOD)
    assert states(client, paid.autobill) == ["Paid", "Open"]


def test_other_changes_do_not_disturb_his_visit(client: Client, server: Server) -> None:
    answer = ordered(client)
    shop.update(client, shop.reference(answer.autobill) | {"customerAutoBillName": "Home"})
    assert states(client, answer.autobill) == ["Open"]
    customers.decide(server, answer.initialTransaction)
    assert shop.standing(finalize(client, answer).autobill) == GOOD


def test_what_nobody_approves_is_cancelled_after_thirty_days(client: Client, sandbox: Sandbox) -> None:
    answer = ordered(client)
    sandbox.advance(29)
    assert shop.standing(shop.fetched(client, answer.autobill)) == WAITING
    sandbox.advance(1)
    gone = shop.fetched(client, answer.autobill)
    assert shop.standing(gone) == ("Cancelled", "Billing Completed")
    assert gone.cancelReason.reason_code == "2"
    assert states(client, gone) == ["Closed"]


def test_an_approval_after_the_cancellation_takes_no_money(
    client: Client, server: Server, sandbox: Sandbox
) -> None:
    answer = ordered(client)
    client("AutoBill").cancel(autobill=shop.reference(answer.autobill), disentitle=True, force=False)
    customers.decide(server, answer.initialTransaction)
    done = finalize(client, answer)
    assert (done.authStatus.status, done.autobill) == ("Cancelled", None)
    assert shop.standing(shop.fetched(client, answer.autobill)) == ("Cancelled", "Billing Completed")


def test_before_the_start_a_visit_proves_the_payment_method(
    client: Client, server: Server, sandbox: Sandbox
) -> None:
    answer = ordered(client, startTimestamp="2024-05-01T00:00:00")
    assert answer.initialTransaction.amount == D("1.00")
    customers.decide(server, answer.initialTransaction)
    done = finalize(client, answer)
    assert done.authStatus.status == "AuthorizedForValidation"
    assert shop.standing(done.autobill) == WAITING
    assert done.autobill.nextBilling.timestamp.date().isoformat() == "2024-05-01"
    sandbox.advance(16)
    assert [one.amount for one in shop.transactions(client, done.autobill)] == [TEN]
    assert shop.standing(shop.fetched(client, done.autobill)) == GOOD


def test_a_free_month_begins_with_the_approval(client: Client, server: Server, sandbox: Sandbox) -> None:
    trial = shop.plan(client, shop.month(cycles=1, free=True), shop.month())
    answer = ordered(client, billingPlan=shop.reference(trial))
    customers.decide(server, answer.initialTransaction)
    assert shop.standing(finalize(client, answer).autobill) == ("Active", "Free/Trial")
    sandbox.advance(30)
    assert [one.amount for one in shop.transactions(client, answer.autobill)] == [0, TEN]


def test_a_carrier_takes_the_money_for_the_code_it_sent(client: Client, sandbox: Sandbox) -> None:
    answer = ordered(client, sales.carrier())
    asked = {"transactionVid": answer.initialTransaction.VID, "confirmationCode": "1234"}
    done = client("AutoBill").finalizeCarrierBilling(**asked)
    assert (done.authStatus.status, shop.standing(done.autobill)) == ("Captured", GOOD)
    assert "AuthorizationPending" not in shop.text(
        client("AutoBill").expecting(400).finalizeCarrierBilling(**asked)
    )


def test_a_hosted_page_tells_by_itself_what_the_customer_did(
    client: Client, server: Server, sandbox: Sandbox
) -> None:
    answer = ordered(client, sales.hosted_page())
    assert answer.initialTransaction.statusLog[0].hostedPageStatus.redirectUrl
    asked = {"transactionVid": answer.initialTransaction.VID}
    assert client("AutoBill").finalizeCustomerAction(**asked).authStatus.status == "AuthorizationPending"
    customers.decide(server, answer.initialTransaction)
    done = client("AutoBill").finalizeCustomerAction(**asked)
    assert shop.standing(done.autobill) == GOOD
    sandbox.advance(31)
    assert len(shop.transactions(client, done.autobill)) == 2


def test_the_batch_asks_for_customers_who_never_came_back(
    client: Client, server: Server, sandbox: Sandbox
) -> None:
    answer = ordered(client, sales.hosted_page())
    customers.decide(server, answer.initialTransaction)
    sandbox.advance(1)
    assert shop.standing(shop.fetched(client, answer.autobill)) == GOOD


def test_without_a_place_to_come_back_to_nothing_begins(client: Client) -> None:
    order = shop.order(client, {"type": "PayPal", "paypal": {"paypalEmail": "ada@example.org"}})
    assert shop.text(shop.update(client, order, expecting=400)) == "Authorization failed."


def test_a_running_autobill_is_not_put_on_what_needs_its_owner(client: Client) -> None:
    bill = changes.subscribed(client, shop.product(client))
    said = shop.update(client, shop.reference(bill) | {"paymentMethod": sales.paypal_page()}, expecting=400)
    assert "no billing agreement" in shop.text(said)


def test_a_dry_run_sends_nobody_anywhere(client: Client) -> None:
    answer = shop.update(client, shop.order(client, sales.paypal_page()), dryrun=True)
    assert (answer.authStatus, answer.initialTransaction.amount) == (None, TEN)


def test_a_sale_is_no_autobill(client: Client) -> None:
    sold = sales.sell(client, sales.order(sourcePaymentMethod=sales.paypal_page())).transaction
    said = client("AutoBill").expecting(400).finalizePayPalAuth(payPalTransactionId=sold.VID, success=True)
    assert shop.text(said).startswith("Unable to load transaction by VID")
