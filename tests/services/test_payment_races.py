"""Something else happens while a processor is being asked, or its answer is lost: no money is booked twice or lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from cashbox_service.app.collection import janitor
from cashbox_service.app.environment import Environment
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.soap_client import Login

D = Decimal
Check = Callable[[], None]
RETRY = "putAutoBillInRetryCycle"
SLOW = {"latencySeconds": 1.0}


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check, sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-04-15T12:00:00")
    yield
    books_are_right()


@pytest.fixture
def settle_open_attempts(environment: Environment, merchant: Login) -> Callable[[], int]:
    """Lets the janitor ask at once what became of requests without an answer."""
    return lambda: janitor.run(environment, environment.merchant(merchant.login), patience=timedelta(0))


def _states(client: Client, autobill: Any) -> list[str]:
    return list(shop.states(client, autobill).values())


def _unpaid(client: Client, sandbox: Sandbox) -> Any:
    """An AutoBill whose first bill was declined once, on the day of its retry."""
    sandbox.script({"authCode": "302"})
    autobill = shop.update(client, shop.order(client, shop.card()), immediateAuthFailurePolicy=RETRY).autobill
    sandbox.set_clock("2024-04-18T12:00:00")
    return autobill


def _meanwhile(slow: Callable[[], Any], quick: Callable[[], Any]) -> tuple[Any, Any]:
    """``quick`` while ``slow`` waits for the processor."""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(slow)
        time.sleep(0.4)
        done = quick()
        return running.result(), done


def test_a_cheque_during_a_retry_pays_and_the_retry_becomes_credit(client: Client, sandbox: Sandbox) -> None:
    autobill = _unpaid(client, sandbox)
    sandbox.script(SLOW)
    _meanwhile(sandbox.bill, lambda: shop.pay(client, autobill, "10.00"))
    assert _states(client, autobill) == ["Paid", "Open"]
    now = shop.fetched(client, autobill)
    assert shop.standing(now) == ("Active", "Good Standing")
    assert shop.credit(now) == [(D("10.00"), "USD")]
    assert [shop.log(one)[0] for one in shop.transactions(client, autobill)] == [
        "Cancelled",
        "Captured",
        "Captured",
    ]


def test_a_partial_cheque_during_a_retry_leaves_its_part_as_credit(client: Client, sandbox: Sandbox) -> None:
    autobill = _unpaid(client, sandbox)
    sandbox.script(SLOW)
    _meanwhile(sandbox.bill, lambda: shop.pay(client, autobill, "4.00"))
    assert _states(client, autobill) == ["Paid", "Open"]
    assert shop.credit(shop.fetched(client, autobill)) == [(D("4.00"), "USD")]


def test_credit_that_a_retry_held_back_stays_when_a_cheque_was_first(
    client: Client, sandbox: Sandbox
) -> None:
    autobill = shop.subscribe(client).autobill
    ahead = f"{autobill.merchantAutoBillId}-00000001"
    shop.pay(client, autobill, "13.00", invoiceId=ahead, overageDisposition="applyToCredit")
    sandbox.bill_on("2024-05-15T08:00:00")
    sandbox.script({"authCode": "302"})
    sandbox.bill_on("2024-06-15T08:00:00")
    assert _states(client, autobill) == ["Paid", "Paid", "Due", "Open"]
    sandbox.set_clock("2024-06-18T12:00:00")
    sandbox.script(SLOW)
    _meanwhile(sandbox.bill, lambda: shop.pay(client, autobill, "10.00"))
    # The retry asked for 7.00 beside 3.00 of credit; the cheque had paid all of it.
    assert sorted(shop.credit(shop.fetched(client, autobill))) == [(D("3.00"), "USD"), (D("7.00"), "USD")]
    assert _states(client, autobill) == ["Paid", "Paid", "Paid", "Open"]


def test_a_cheque_during_a_card_payment_is_booked_first(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, shop.invoiced()).autobill
    sandbox.script(SLOW)
    by_card, by_cheque = _meanwhile(
        lambda: shop.pay(client, autobill, "10.00", shop.card()), lambda: shop.pay(client, autobill, "10.00")
    )
    assert (by_card.summary, by_cheque.summary) == ("Success", "Success")
    assert _states(client, autobill) == ["Paid", "Open"]
    account = client("Account").fetchByVid(vid=autobill.account.VID).account
    assert shop.credit(account) == [(D("10.00"), "USD")]
    assert "vin:InvoiceId" not in shop.names(by_card.transaction)


def test_an_invoice_written_off_during_a_retry_takes_no_money(client: Client, sandbox: Sandbox) -> None:
    autobill = _unpaid(client, sandbox)
    first = f"{autobill.merchantAutoBillId}-00000000"
    sandbox.script(SLOW)
    give_up = client("AutoBill").writeOffInvoice
    _meanwhile(sandbox.bill, lambda: give_up(autobill=shop.reference(autobill), invoiceId=first))
    assert _states(client, autobill) == ["Written Off", "Open"]
    assert shop.credit(shop.fetched(client, autobill)) == [(D("10.00"), "USD")]


def test_an_id_taken_while_the_card_is_asked_gives_the_money_back(client: Client, sandbox: Sandbox) -> None:
    account = shop.reference(shop.account(client))
    order = shop.order(client, shop.card(), account=account)
    sandbox.script(SLOW)
    slow, quick = _meanwhile(
        lambda: (
            client("AutoBill")
            .expecting(None)
            .update(
                autobill=order,
                immediateAuthFailurePolicy=None,
                validateForFuturePayment=False,
                minChargebackProbability=100,
            )
        ),
        lambda: shop.update(client, order | {"paymentMethod": shop.card(shop.OTHER_CARD)}),
    )
    stored = (
        client("AutoBill").fetchByMerchantAutoBillId(merchantAutoBillId=order["merchantAutoBillId"]).autobill
    )
    assert stored.VID == quick.autobill.VID
    assert slow["return"].returnCode == 200
    assert slow.autobill.VID == stored.VID
    paid = [
        one for one in shop.transactions(client, stored) if shop.log(one)[0] in ("Authorized", "Captured")
    ]
    assert [one.amount for one in paid] == [10]


def test_a_payment_whose_answer_is_lost_is_pending_until_it_is_known(
    client: Client, sandbox: Sandbox, settle_open_attempts: Callable[[], int]
) -> None:
    autobill = shop.subscribe(client, shop.invoiced()).autobill
    sandbox.script({"timeOut": "answer"})
    answer = shop.pay(client, autobill, "10.00", shop.card())
    assert (answer.summary, shop.log(answer.transaction)) == ("Pending", ["New"])
    assert _states(client, autobill) == ["Due", "Open"]
    assert settle_open_attempts() == 1
    assert shop.log(shop.transactions(client, autobill)[0]) == ["Authorized", "New"]
    assert _states(client, autobill) == ["Paid", "Open"]


def test_a_payment_that_never_arrived_is_cancelled_once_that_is_known(
    client: Client, sandbox: Sandbox, settle_open_attempts: Callable[[], int]
) -> None:
    autobill = shop.subscribe(client, shop.invoiced()).autobill
    sandbox.script({"timeOut": "request"})
    assert shop.pay(client, autobill, "10.00", shop.card()).summary == "Pending"
    settle_open_attempts()
    assert shop.log(shop.transactions(client, autobill)[0]) == ["Cancelled", "New"]
    assert _states(client, autobill) == ["Due", "Open"]


def test_a_first_bill_without_an_answer_saves_nothing_and_the_money_goes_back(
    client: Client,
    sandbox: Sandbox,
    settle_open_attempts: Callable[[], int],
    environment: Environment,
    merchant: Login,
) -> None:
    order = shop.order(client, shop.card())
    sandbox.script({"timeOut": "answer"})
    answer = shop.update(client, order, expecting=402, immediateAuthFailurePolicy=RETRY)
    assert answer.autobill is None
    client("AutoBill").expecting(400).fetchByMerchantAutoBillId(
        merchantAutoBillId=order["merchantAutoBillId"]
    )
    assert settle_open_attempts() == 1
    work = environment.open(environment.merchant(merchant.login))
    try:
        assert [attempt.state for attempt in work.uow.transactions.unsettled_attempts()] == []
    finally:
        work.close()


def test_a_renewal_without_an_answer_is_not_tried_again_before_it_is_known(
    client: Client, sandbox: Sandbox, settle_open_attempts: Callable[[], int]
) -> None:
    autobill = shop.subscribe(client).autobill
    sandbox.script({"timeOut": "answer"})
    sandbox.bill_on("2024-05-15T08:00:00")
    sandbox.bill()
    assert _states(client, autobill) == ["Paid", "Due", "Open"]
    assert [shop.log(one)[0] for one in shop.transactions(client, autobill)] == ["Captured", "New"]
    settle_open_attempts()
    assert _states(client, autobill) == ["Paid", "Paid", "Open"]
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")


def test_a_renewal_that_never_arrived_is_retried(
    client: Client, sandbox: Sandbox, settle_open_attempts: Callable[[], int]
) -> None:
    autobill = shop.subscribe(client).autobill
    sandbox.script({"timeOut": "request"})
    sandbox.bill_on("2024-05-15T08:00:00")
    settle_open_attempts()
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "In Retry")
    sandbox.advance(3)
    assert _states(client, autobill) == ["Paid", "Paid", "Open"]


def test_a_capture_that_fails_loses_the_money_again(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client).autobill
    assert _states(client, autobill) == ["Paid", "Open"]
    sandbox.script({"operation": "capture", "authCode": "302"})
    sandbox.bill()
    assert _states(client, autobill) == ["Due", "Open"]
    lost = shop.fetched(client, autobill)
    assert shop.standing(lost) == ("Active", "In Retry")
    assert lost.nextBilling.timestamp.isoformat() == "2024-04-18T00:00:00-07:00"
    assert shop.log(shop.transactions(client, autobill)[0]) == ["Cancelled", "Authorized", "New"]
    sandbox.advance(3)
    assert _states(client, autobill) == ["Paid", "Open"]
    assert shop.transactions(client, autobill)[-1].retryNumber == 1


def test_a_card_payment_whose_capture_fails_is_owed_again(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, shop.invoiced(), invoiceTerms=20).autobill
    shop.pay(client, autobill, "13.00", shop.card())
    sandbox.script({"operation": "capture", "authCode": "302"})
    sandbox.bill()
    assert _states(client, autobill) == ["Due", "Open"]
    assert shop.credit(client("Account").fetchByVid(vid=autobill.account.VID).account) == []
    assert shop.due(client, autobill, f"{autobill.merchantAutoBillId}-00000000") == 10


def test_a_renewal_that_is_approved_in_part_is_retried_for_the_rest(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client).autobill
    sandbox.script({"approvedAmount": "6.00"})
    sandbox.bill_on("2024-05-15T08:00:00")
    partly = shop.transactions(client, autobill)[-1]
    assert (partly.amount, partly.originalAmount) == (6, 10)
    now = shop.fetched(client, autobill)
    assert (shop.standing(now), now.nextBilling.amount) == (("Active", "In Retry"), 4)
    sandbox.advance(3)
    assert shop.transactions(client, autobill)[-1].amount == 4
    assert _states(client, autobill) == ["Paid", "Paid", "Open"]
