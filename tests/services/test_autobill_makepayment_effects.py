"""makePayment and the state of the AutoBill: recovery, what stays as it was, two payments at once (autobill §6.26)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

D = Decimal
Check = Callable[[], None]
Rights = Callable[[Any], list[Any]]
RETRY = "putAutoBillInRetryCycle"


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check, sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-04-15T12:00:00")
    yield
    books_are_right()


def _number(autobill: Any, index: int) -> str:
    return f"{autobill.merchantAutoBillId}-{index:08d}"


def _states(client: Client, autobill: Any) -> list[str]:
    return list(shop.states(client, autobill).values())


def _unpaid(client: Client, number: str, **fields: Any) -> Any:
    """An AutoBill whose first bill was declined."""
    order = shop.order(client, shop.card(number), **fields)
    return shop.update(client, order, immediateAuthFailurePolicy=RETRY).autobill


@pytest.mark.parametrize("number", [shop.SOFT_DECLINED, shop.HARD_DECLINED])
def test_a_cheque_heals_a_declined_cycle(
    client: Client, sandbox: Sandbox, entitlements: Rights, number: str
) -> None:
    product = shop.product(client, merchantEntitlementIds=[{"id": "read"}])
    autobill = _unpaid(client, number, items=[{"product": shop.reference(product)}])
    assert autobill.billingState in ("In Retry", "Unusable PaymentMethod")
    assert [right.end is None for right in entitlements(autobill)] == [False]
    sandbox.advance(1)
    shop.pay(client, autobill, "10.00")
    healed = shop.fetched(client, autobill)
    assert shop.standing(healed) == ("Active", "Good Standing")
    assert healed.endTimestamp.isoformat() == "2024-05-14T23:59:59-07:00"
    assert [right.end for right in entitlements(autobill)] == [None]
    assert healed.nextBilling.timestamp.isoformat() == "2024-05-15T00:00:00-07:00"
    assert healed.paymentMethod.VID == autobill.paymentMethod.VID
    sandbox.advance(20)
    assert len(shop.transactions(client, autobill)) == 2


def test_a_partial_payment_lowers_the_next_attempt(client: Client, sandbox: Sandbox) -> None:
    autobill = _unpaid(client, shop.SOFT_DECLINED)
    sandbox.advance(1)
    paid = shop.pay(client, autobill, "4.00").transaction
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "In Retry")
    assert shop.fetched(client, autobill).nextBilling.amount == 6
    sandbox.advance(2)
    retried = shop.transactions(client, autobill)[-1]
    assert (retried.amount, retried.retryNumber) == (6, 1)
    assert [(line.name, line.total) for line in retried.transactionItems][-2:] == [
        (f"Payment {paid.merchantTransactionId}", D("-4.00")),
        ("Total Tax", D("0.00")),
    ]
    assert _states(client, autobill) == ["Overdue", "Open"]


def test_paying_one_of_two_unpaid_cycles_does_not_heal(client: Client, sandbox: Sandbox) -> None:
    sandbox.settings(graceDays=60)
    autobill = _unpaid(client, shop.HARD_DECLINED)
    sandbox.advance(31)
    assert _states(client, autobill) == ["Overdue", "Due", "Open"]
    shop.pay(client, autobill, "10.00")
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Unusable PaymentMethod")
    shop.pay(client, autobill, "10.00")
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")
    assert _states(client, autobill) == ["Paid", "Paid", "Open"]


def test_an_overdue_customer_is_in_good_standing_once_nothing_is_overdue(
    client: Client, sandbox: Sandbox
) -> None:
    autobill = shop.subscribe(client, shop.invoiced(), invoiceTerms=20).autobill
    sandbox.advance(31)
    assert _states(client, autobill) == ["Overdue", "Due", "Open"]
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Overdue")
    shop.pay(client, autobill, "9.99")
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Overdue")
    shop.pay(client, autobill, "0.01")
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")


def test_what_is_overdue_by_hand_outlives_what_was_charged(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, shop.invoiced()).autobill
    shop.update(client, shop.reference(autobill) | {"paymentMethod": shop.card(shop.SOFT_DECLINED)})
    sandbox.advance(30)
    assert _states(client, autobill) == ["Overdue", "Due", "Open"]
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "In Retry")
    shop.pay(client, autobill, "10.00", shop.cheque("chk-1"), invoiceId=_number(autobill, 1))
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Overdue")
    client("AutoBill").reversePayment(autobill=shop.reference(autobill), paymentId="chk-1")
    lost = shop.fetched(client, autobill)
    assert shop.standing(lost) == ("Active", "In Retry")
    assert lost.nextBilling.timestamp.isoformat() == "2024-05-18T00:00:00-07:00"


def test_prepaying_an_open_invoice_changes_neither_state_nor_date(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    shop.pay(client, autobill, "10.00", invoiceId=_number(autobill, 1))
    now = shop.fetched(client, autobill)
    assert shop.standing(now) == ("Active", "Good Standing")
    assert now.nextBilling.timestamp == autobill.nextBilling.timestamp
    assert now.endTimestamp == autobill.endTimestamp


def test_an_autobill_that_has_not_started_can_be_prepaid(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, startTimestamp="2024-05-01T00:00:00-07:00").autobill
    shop.pay(client, autobill, "10.00", invoiceId=_number(autobill, 0))
    assert shop.standing(shop.fetched(client, autobill)) == ("Pending Activation", "Unbilled")
    sandbox.bill_on("2024-05-01T08:00:00")
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")
    assert _states(client, autobill) == ["Paid", "Open"]
    assert [one.amount for one in shop.transactions(client, autobill)] == [10, 0]


def test_one_payment_can_heal_several_autobills(client: Client) -> None:
    account = shop.reference(shop.account(client, paymentMethods=[shop.card(shop.SOFT_DECLINED)]))
    orders = [shop.order(client, account=account) for _ in range(2)]
    first, second = (
        shop.update(client, order, immediateAuthFailurePolicy=RETRY).autobill for order in orders
    )
    shop.pay(client, first, "20.00")
    assert [shop.standing(shop.fetched(client, one)) for one in (first, second)] == [
        ("Active", "Good Standing")
    ] * 2


def _at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    with ThreadPoolExecutor(len(calls)) as pool:
        return [done.result() for done in [pool.submit(call) for call in calls]]


def test_cheques_at_once_never_overpay_an_invoice(client: Client) -> None:
    autobill = shop.subscribe(client, shop.invoiced()).autobill
    answers = _at_once([lambda: shop.pay(client, autobill, "4.00") for _ in range(3)])
    assert [answer.summary for answer in answers] == ["Success"] * 3
    assert _states(client, autobill) == ["Paid", "Open"]
    assert shop.credit(client("Account").fetchByVid(vid=autobill.account.VID).account) == [(D("2.00"), "USD")]


def test_cards_and_cheques_at_once_never_overpay_an_invoice(client: Client) -> None:
    autobill = shop.subscribe(client, shop.invoiced()).autobill
    methods = [shop.card(), shop.cheque(), shop.card(shop.OTHER_CARD), shop.cheque()]

    def pay(method: dict[str, Any]) -> Any:
        return (
            client("AutoBill")
            .expecting(None)
            .makePayment(autobill=shop.reference(autobill), paymentMethod=method, amount=10)
        )

    answers = _at_once([lambda method=method: pay(method) for method in methods])  # type: ignore[misc]
    paid = [answer for answer in answers if answer["return"].returnCode == 200]
    # Whoever came after the invoice was paid found nothing to pay; nobody may have failed otherwise.
    assert all(
        "No Transaction Billing objects" in shop.text(answer) for answer in answers if answer not in paid
    )
    assert paid
    assert _states(client, autobill) == ["Paid", "Open"]
    credit = shop.credit(client("Account").fetchByVid(vid=autobill.account.VID).account)
    assert sum((amount for amount, _ in credit), D(0)) == 10 * (len(paid) - 1)


def test_the_same_cheque_twice_at_once_is_booked_once(client: Client) -> None:
    autobill = shop.subscribe(client, shop.invoiced()).autobill
    method = shop.cheque("chk-1")

    def pay() -> Any:
        return (
            client("AutoBill")
            .expecting(None)
            .makePayment(autobill=shop.reference(autobill), paymentMethod=method, amount=4)
        )

    codes = sorted(answer["return"].returnCode for answer in _at_once([pay] * 4))
    assert codes == [200, 400, 400, 400]
    assert shop.due(client, autobill, _number(autobill, 0)) == 6


def test_a_payment_beside_a_billing_run_is_never_lost(client: Client, sandbox: Sandbox) -> None:
    autobill = _unpaid(client, shop.SOFT_DECLINED)
    sandbox.set_clock("2024-04-18T12:00:00")
    _at_once([sandbox.bill, lambda: shop.pay(client, autobill, "10.00"), sandbox.bill])
    assert _states(client, autobill)[0] == "Paid"
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")
