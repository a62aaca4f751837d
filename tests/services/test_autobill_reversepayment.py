"""reversePayment: a payment that bounced is taken back, exactly as it had been booked (autobill §6.27)."""

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


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check, sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-04-15T12:00:00")
    yield
    books_are_right()


@pytest.fixture
def owing(client: Client) -> Any:
    """An AutoBill paid by hand whose first invoice of 10.00 is Due for ten days more."""
    return shop.subscribe(client, shop.invoiced(), invoiceTerms=10).autobill


def _number(autobill: Any, index: int) -> str:
    return f"{autobill.merchantAutoBillId}-{index:08d}"


def _states(client: Client, autobill: Any) -> list[str]:
    return list(shop.states(client, autobill).values())


def _reverse(client: Client, autobill: Any, expecting: int = 200, **named: Any) -> str:
    answer = (
        client("AutoBill").expecting(expecting).reversePayment(autobill=shop.reference(autobill), **named)
    )
    return shop.text(answer)


def _account_credit(client: Client, autobill: Any) -> list[tuple[Decimal, str]]:
    return shop.credit(client("Account").fetchByVid(vid=autobill.account.VID).account)


def _due(client: Client, autobill: Any, index: int) -> Decimal:
    return shop.due(client, autobill, _number(autobill, index))


def test_a_paid_invoice_is_due_again(client: Client, owing: Any) -> None:
    paid = shop.pay(client, owing, "10.00", shop.cheque("chk-1")).transaction
    assert _states(client, owing) == ["Paid", "Open"]
    assert _reverse(client, owing, paymentId="chk-1") == "OK"
    assert _states(client, owing) == ["Due", "Open"]
    assert _due(client, owing, 0) == 10
    assert shop.standing(shop.fetched(client, owing)) == ("Active", "Good Standing")
    again = client("Transaction").fetchByVid(vid=paid.VID).transaction
    assert shop.log(again) == ["Refunded", "Captured", "New"]
    assert again.amount == 10


def test_past_its_date_it_is_overdue_again(client: Client, owing: Any, sandbox: Sandbox) -> None:
    shop.pay(client, owing, "10.00", shop.cheque("chk-1"))
    sandbox.advance(15)
    assert _states(client, owing) == ["Paid", "Open"]
    _reverse(client, owing, paymentId="chk-1")
    assert _states(client, owing) == ["Overdue", "Open"]
    assert shop.standing(shop.fetched(client, owing)) == ("Active", "Overdue")


def test_a_partial_payment_is_owed_again(client: Client, owing: Any) -> None:
    shop.pay(client, owing, "4.00", shop.cheque("chk-1"))
    _reverse(client, owing, paymentId="chk-1")
    assert _states(client, owing) == ["Due", "Open"]
    assert _due(client, owing, 0) == 10


def test_a_prepayment_leaves_the_invoice_open(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    shop.pay(client, autobill, "6.00", shop.cheque("chk-1"), invoiceId=_number(autobill, 1))
    _reverse(client, autobill, paymentId="chk-1")
    assert _states(client, autobill) == ["Paid", "Open"]
    now = shop.fetched(client, autobill)
    assert (shop.standing(now), now.nextBilling.amount) == (("Active", "Good Standing"), 10)


def test_every_invoice_it_touched_is_owed_again_and_its_credit_is_gone(
    client: Client, sandbox: Sandbox
) -> None:
    autobill = shop.subscribe(client, shop.invoiced(), startTimestamp="2024-02-10T00:00:00-08:00").autobill
    sandbox.bill()
    before = _states(client, autobill)
    shop.pay(client, autobill, "42.00", shop.cheque("chk-1"))
    assert _states(client, autobill) == ["Paid", "Paid", "Paid", "Open"]
    assert _account_credit(client, autobill) == [(D("12.00"), "USD")]
    _reverse(client, autobill, paymentId="chk-1")
    assert _states(client, autobill) == before
    assert _account_credit(client, autobill) == []
    assert _due(client, autobill, 2) == 30


def test_only_what_was_allocated_comes_back(client: Client, owing: Any) -> None:
    shop.pay(client, owing, "3.00", shop.cheque("first"))
    shop.pay(client, owing, "5.00", shop.cheque("second"))
    shop.pay(client, owing, "9.00", shop.cheque("third"))
    assert _account_credit(client, owing) == [(D("7.00"), "USD")]
    _reverse(client, owing, paymentId="second")
    assert _due(client, owing, 0) == 5
    assert _account_credit(client, owing) == [(D("7.00"), "USD")]
    _reverse(client, owing, paymentId="third")
    assert _due(client, owing, 0) == 7
    assert _account_credit(client, owing) == []


def test_credit_that_was_spent_is_owed_on_the_subscription(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, shop.invoiced(), invoiceTerms=10).autobill
    shop.pay(client, autobill, "16.00", shop.cheque("chk-1"), overageDisposition="applytoCredit")
    sandbox.bill_on("2024-05-15T08:00:00")
    assert shop.credit(shop.fetched(client, autobill)) == []
    assert _due(client, autobill, 1) == 4
    _reverse(client, autobill, paymentId="chk-1")
    now = shop.fetched(client, autobill)
    assert now.subscriptionBalance == 6
    assert _states(client, autobill) == ["Overdue", "Due", "Open"]


def test_half_spent_credit_is_taken_back_as_far_as_it_is_there(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, shop.invoiced(), invoiceTerms=10).autobill
    shop.pay(client, autobill, "23.00", shop.cheque("chk-1"), overageDisposition="applytoCredit")
    sandbox.bill_on("2024-05-15T08:00:00")
    assert shop.credit(shop.fetched(client, autobill)) == [(D("3.00"), "USD")]
    _reverse(client, autobill, paymentId="chk-1")
    now = shop.fetched(client, autobill)
    assert (shop.credit(now), now.subscriptionBalance) == ([], 10)


def test_a_prepayment_that_became_credit_is_taken_back(client: Client, sandbox: Sandbox) -> None:
    product = shop.product(client, "10.00")
    autobill = shop.subscribe(client, items=[{"product": shop.reference(product)}]).autobill
    shop.pay(client, autobill, "10.00", shop.cheque("chk-1"), invoiceId=_number(autobill, 1))
    client("Product").update(
        product={"VID": product.VID, "prices": [{"amount": "7.00", "currency": "USD"}]},
        duplicateBehavior=None,
    )
    sandbox.bill_on("2024-05-15T08:00:00")
    assert shop.credit(shop.fetched(client, autobill)) == [(D("3.00"), "USD")]
    _reverse(client, autobill, paymentId="chk-1")
    now = shop.fetched(client, autobill)
    assert (shop.credit(now), now.subscriptionBalance) == ([], 0)
    assert _states(client, autobill) == ["Paid", "Due", "Open"]
    assert shop.standing(now) == ("Active", "In Retry")


def test_a_charged_cycle_that_is_unpaid_again_is_retried(client: Client, sandbox: Sandbox) -> None:
    order = shop.order(client, shop.card(shop.SOFT_DECLINED))
    autobill = shop.update(client, order, immediateAuthFailurePolicy="putAutoBillInRetryCycle").autobill
    sandbox.advance(1)
    shop.pay(client, autobill, "10.00", shop.cheque("chk-1"))
    sandbox.advance(10)
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")
    _reverse(client, autobill, paymentId="chk-1")
    lost = shop.fetched(client, autobill)
    # It counts as a failed attempt of 26 April: retries on the 3rd, 7th and 14th day after it, grace of 21 days.
    assert shop.standing(lost) == ("Active", "In Retry")
    assert lost.nextBilling.timestamp.isoformat() == "2024-04-29T00:00:00-07:00"
    assert lost.endTimestamp.isoformat() == "2024-05-16T23:59:59-07:00"
    sandbox.advance(8)
    tried = shop.transactions(client, autobill)
    days = [one.statusLog[0].timestamp.date().isoformat() for one in tried if one.paymentProcessor == "Test"]
    assert days == ["2024-04-15", "2024-04-29", "2024-05-03"]


def test_by_invoice_the_newest_payment_is_taken(client: Client, owing: Any) -> None:
    shop.pay(client, owing, "3.00")
    shop.pay(client, owing, "4.00")
    _reverse(client, owing, invoiceId=_number(owing, 0))
    assert _due(client, owing, 0) == 7
    _reverse(client, owing, invoiceId=_number(owing, 0))
    assert _due(client, owing, 0) == 10
    text = _reverse(client, owing, 400, invoiceId=_number(owing, 0))
    assert text == "Payment has already been reversed."


def test_by_invoice_and_index_counted_from_1_in_order_of_booking(client: Client, owing: Any) -> None:
    for amount in ("1.00", "2.00", "4.00"):
        shop.pay(client, owing, amount)
    _reverse(client, owing, invoiceId=_number(owing, 0), indexNumber=1)
    assert _due(client, owing, 0) == 4
    # Reversed payments keep their number.
    text = _reverse(client, owing, 400, invoiceId=_number(owing, 0), indexNumber=1)
    assert text == "Payment has already been reversed."
    _reverse(client, owing, invoiceId=_number(owing, 0), indexNumber=2)
    assert _due(client, owing, 0) == 6
    for index in (0, 4, -1):
        assert (
            _reverse(client, owing, 400, invoiceId=_number(owing, 0), indexNumber=index)
            == "Payment not found."
        )


def test_the_payment_id_wins_over_the_invoice(client: Client, owing: Any) -> None:
    shop.pay(client, owing, "3.00", shop.cheque("chk-1"))
    shop.pay(client, owing, "4.00", shop.cheque("chk-2"))
    _reverse(client, owing, paymentId="chk-1", invoiceId=_number(owing, 0), indexNumber=2)
    assert _due(client, owing, 0) == 6


def test_a_payment_is_reversed_as_a_whole_whichever_invoice_names_it(
    client: Client, sandbox: Sandbox
) -> None:
    autobill = shop.subscribe(client, shop.invoiced(), startTimestamp="2024-03-10T00:00:00-08:00").autobill
    sandbox.bill()
    shop.pay(client, autobill, "20.00")
    _reverse(client, autobill, invoiceId=_number(autobill, 1))
    assert [state in ("Due", "Overdue") for state in _states(client, autobill)] == [True, True, False]


@pytest.mark.parametrize("named", [{}, {"paymentId": ""}, {"indexNumber": 1}])
def test_without_payment_and_invoice(client: Client, owing: Any, named: dict[str, Any]) -> None:
    assert _reverse(client, owing, 400, **named) == "Must specify paymentId or invoiceId."


@pytest.mark.parametrize("named", [{"paymentId": "nothing"}, {"invoiceId": "nothing-00000000"}])
def test_a_payment_that_is_not_there(client: Client, owing: Any, named: dict[str, Any]) -> None:
    assert _reverse(client, owing, 400, **named) == "Payment not found."


def test_an_invoice_without_payment(client: Client, owing: Any) -> None:
    assert _reverse(client, owing, 400, invoiceId=_number(owing, 0)) == "Payment not found."


def test_a_payment_of_another_autobill_is_not_there(client: Client, owing: Any) -> None:
    other = shop.subscribe(client, shop.invoiced(), account=shop.reference(owing.account)).autobill
    shop.pay(client, other, "10.00", shop.cheque("chk-1"))
    assert _reverse(client, owing, 400, paymentId="chk-1") == "Payment not found."
    assert _reverse(client, other, paymentId="chk-1") == "OK"


def test_twice_is_refused(client: Client, owing: Any) -> None:
    shop.pay(client, owing, "5.00", shop.cheque("chk-1"))
    _reverse(client, owing, paymentId="chk-1")
    assert _reverse(client, owing, 400, paymentId="chk-1") == "Payment has already been reversed."
    assert _due(client, owing, 0) == 10


def test_a_card_payment_is_refunded_not_reversed(client: Client, owing: Any) -> None:
    shop.pay(client, owing, "5.00", shop.card())
    text = _reverse(client, owing, 400, invoiceId=_number(owing, 0))
    assert text == "Only MerchantAcceptedPayment payments may be reversed."
    assert _due(client, owing, 0) == 5


def test_a_recurring_charge_is_not_reversed(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    text = _reverse(client, autobill, 400, invoiceId=_number(autobill, 0))
    assert text == "Only MerchantAcceptedPayment payments may be reversed."


def test_time_and_note_are_kept(client: Client, owing: Any) -> None:
    paid = shop.pay(client, owing, "5.00", shop.cheque("chk-1"), note="till 3").transaction
    _reverse(client, owing, paymentId="chk-1", timestamp="2024-04-14T09:30:00-07:00", note="bounced")
    again = client("Transaction").fetchByVid(vid=paid.VID).transaction
    assert again.statusLog[0].timestamp.isoformat() == "2024-04-14T09:30:00-07:00"
    assert again.note == "till 3\nbounced"


def test_a_written_off_invoice_keeps_its_state(client: Client, owing: Any) -> None:
    shop.pay(client, owing, "4.00", shop.cheque("chk-1"))
    client("AutoBill").writeOffInvoice(autobill=shop.reference(owing), invoiceId=_number(owing, 0))
    _reverse(client, owing, paymentId="chk-1")
    assert _states(client, owing) == ["Written Off", "Open"]


def test_after_a_reversal_the_invoice_can_be_paid_again(client: Client, owing: Any) -> None:
    shop.pay(client, owing, "10.00", shop.cheque("chk-1"))
    _reverse(client, owing, paymentId="chk-1")
    shop.pay(client, owing, "10.00", shop.cheque("chk-2"))
    assert _states(client, owing) == ["Paid", "Open"]
    _reverse(client, owing, paymentId="chk-2")
    assert _states(client, owing) == ["Due", "Open"]
