"""One subscription over half a year: a free month, a decline, a cheque, and the credit it left (billing-engine §16).

Plan ``tri``: a free month, two at 5.00, then 10.00 a month. Items ``basic`` 2.00, and ``modem`` 15.00 billed once, a
month after the start. Started on 31 January 2024; without taxes and notices.
"""

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
Rights = Callable[[Any], list[Any]]


class Story:
    """The subscription ``S1`` and what a merchant sees of it."""

    def __init__(self, client: Client, sandbox: Sandbox, check: Check, rights: Rights) -> None:
        self.client, self.sandbox, self._check, self._rights = client, sandbox, check, rights
        sandbox.set_clock("2024-01-31T10:00:00")
        entitlement = [{"id": "play"}]
        basic = shop.product(client, "2.00", merchantProductId="basic", merchantEntitlementIds=entitlement)
        modem = shop.product(client, "15.00", merchantProductId="modem")
        self.plan = shop.plan(client, *self._periods("5.00"), merchantBillingPlanId="tri")
        order = shop.order(
            client,
            shop.card(),
            merchantAutoBillId="S1",
            billingPlan=shop.reference(self.plan),
            items=[
                {"index": 0, "product": shop.reference(basic)},
                {"index": 1, "product": shop.reference(modem), "cycles": 1, "startDate": "1 month"},
            ],
        )
        self.created = shop.update(client, order, validateForFuturePayment=True)
        self.autobill = self.created.autobill

    @staticmethod
    def _periods(second: str) -> list[dict[str, Any]]:
        return [
            shop.month("10.00", cycles=1, free=True),
            shop.month(second, cycles=2),
            shop.month("10.00"),
        ]

    def change_price(self, second: str) -> None:
        self.client("BillingPlan").update(
            billingPlan={"VID": self.plan.VID, "periods": self._periods(second)}
        )

    def comes(self, moment: str) -> None:
        """The day comes and its billing run."""
        self.sandbox.bill_on(moment)
        self._check()

    def invoices(self) -> list[str]:
        self._check()
        return list(shop.states(self.client, self.autobill).values())

    def last(self) -> Any:
        """The latest transaction: amount, status, cycle, retry number."""
        made = shop.transactions(self.client, self.autobill)[-1]
        return made.amount, made.statusLog[0].status, made.autoBillCycle, made.retryNumber

    def lines(self) -> list[Any]:
        made = shop.transactions(self.client, self.autobill)[-1]
        return [(line.sku or line.name, line.total) for line in made.transactionItems]

    def now(self) -> tuple[str, str]:
        return shop.standing(shop.fetched(self.client, self.autobill))

    def next(self) -> Any:
        billing = shop.fetched(self.client, self.autobill).nextBilling
        return billing.timestamp.date().isoformat()[5:], billing.amount

    def play_ends(self) -> str | None:
        (right,) = [right for right in self._rights(self.autobill) if right.id == "play"]
        return right.end.strftime("%m-%d %H:%M:%S") if right.end is not None else None

    def good_to(self) -> str:
        text: str = shop.fetched(self.client, self.autobill).endTimestamp.strftime("%m-%d %H:%M:%S")
        return text


@pytest.fixture
def story(client: Client, sandbox: Sandbox, books_are_right: Check, entitlements: Rights) -> Story:
    return Story(client, sandbox, books_are_right, entitlements)


def _to_the_decline(story: Story) -> None:
    story.comes("2024-02-29T08:00:00")
    story.change_price("6.00")
    story.comes("2024-03-31T08:00:00")
    story.sandbox.script({"authCode": "302"}, {"authCode": "302"})
    story.comes("2024-04-30T08:00:00")


def test_31_january_is_free_and_the_card_is_proven(story: Story) -> None:
    assert story.created.authStatus.status == "AuthorizedForValidation"
    assert story.invoices() == ["Paid", "Open"]
    assert story.last() == (0, "Captured", 0, 0)
    assert story.now() == ("Active", "Free/Trial")
    assert story.play_ends() is None
    assert story.good_to() == "02-28 23:59:59"
    assert story.next() == ("02-29", 22)


def test_29_february_bills_the_plan_basic_and_the_modem(story: Story) -> None:
    story.comes("2024-02-29T08:00:00")
    assert story.last() == (22, "Captured", 1, 0)
    assert story.lines() == [("tri", 5), ("basic", 2), ("modem", 15), ("Total Tax", 0)]
    assert story.invoices() == ["Paid", "Paid", "Open"]
    assert story.now() == ("Active", "Good Standing")
    assert story.good_to() == "03-30 23:59:59"
    assert story.next() == ("03-31", 7)


def test_31_march_follows_the_changed_price_and_leaves_the_modem_out(story: Story) -> None:
    story.comes("2024-02-29T08:00:00")
    story.change_price("6.00")
    assert story.next() == ("03-31", 8)
    story.comes("2024-03-31T08:00:00")
    assert story.last() == (8, "Captured", 2, 0)
    assert story.lines() == [("tri", 6), ("basic", 2), ("Total Tax", 0)]
    assert story.next() == ("04-30", 12)


def test_30_april_is_declined(story: Story) -> None:
    _to_the_decline(story)
    assert story.last() == (12, "Cancelled", 3, 0)
    assert story.invoices() == ["Paid", "Paid", "Paid", "Due", "Open"]
    assert story.now() == ("Active", "In Retry")
    assert story.play_ends() == story.good_to() == "05-20 23:59:59"
    assert story.next() == ("05-03", 12)
    story.comes("2024-05-01T08:00:00")
    assert story.invoices()[3] == "Overdue"


def test_5_may_a_cheque_pays_and_leaves_credit_that_31_may_uses(story: Story) -> None:
    _to_the_decline(story)
    story.comes("2024-05-03T08:00:00")
    assert story.last() == (12, "Cancelled", 3, 1)
    assert story.next() == ("05-07", 12)
    story.sandbox.set_clock("2024-05-05T09:12:00")
    paid = shop.pay(story.client, story.autobill, "20.00", shop.cheque("chk-881"), note="cheque 881")
    assert (paid.summary, shop.names(paid.transaction)["vin:InvoiceId"]) == ("Success", "S1-00000003")
    assert story.invoices() == ["Paid", "Paid", "Paid", "Paid", "Open"]
    assert story.now() == ("Active", "Good Standing")
    assert (story.play_ends(), story.good_to()) == (None, "05-30 23:59:59")
    account = story.client("Account").fetchByVid(vid=story.autobill.account.VID).account
    assert shop.credit(account) == [(D("8.00"), "USD")]
    assert story.next() == ("05-31", 4)
    story.comes("2024-05-31T08:00:00")
    assert story.last() == (4, "Captured", 4, 0)
    assert story.lines()[-2:] == [("Overpayment", -8), ("Total Tax", 0)]
    assert story.good_to() == "06-29 23:59:59"
    assert story.next() == ("06-30", 12)
    account = story.client("Account").fetchByVid(vid=story.autobill.account.VID).account
    assert shop.credit(account) == []


def test_variant_b_a_new_card_after_a_hard_decline_pays_and_the_schedule_stays(story: Story) -> None:
    story.comes("2024-02-29T08:00:00")
    story.comes("2024-03-31T08:00:00")
    story.sandbox.script({"authCode": "502"})
    story.comes("2024-04-30T08:00:00")
    assert story.now() == ("Active", "Unusable PaymentMethod")
    assert shop.fetched(story.client, story.autobill).nextBilling is None
    story.comes("2024-05-07T08:00:00")
    assert story.last() == (12, "Cancelled", 3, 0)
    story.sandbox.set_clock("2024-05-10T10:00:00")
    new_card = shop.reference(story.autobill) | {"paymentMethod": shop.card(shop.OTHER_CARD)}
    shop.update(story.client, new_card)
    story.comes("2024-05-10T11:00:00")
    assert story.last() == (12, "Captured", 3, 1)
    assert story.now() == ("Active", "Good Standing")
    assert story.next() == ("05-31", 12)


def test_variant_d_a_modem_in_the_free_month_is_never_paid(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-31T10:00:00")
    modem = shop.product(client, "15.00")
    plan = shop.plan(client, *Story._periods("5.00"))
    autobill = shop.subscribe(
        client,
        billingPlan=shop.reference(plan),
        items=[
            {"product": shop.reference(shop.product(client, "2.00"))},
            {"product": shop.reference(modem), "cycles": 1},
        ],
    ).autobill
    assert [item.cyclesRemaining for item in autobill.items] == [None, 0]
    assert autobill.items[1].removedDate.date().isoformat() == "2024-02-29"
    sandbox.bill_on("2024-02-29T08:00:00")
    assert shop.transactions(client, autobill)[-1].amount == 7


def test_variant_e_a_partial_cheque_lowers_the_retry(story: Story) -> None:
    _to_the_decline(story)
    story.comes("2024-05-03T08:00:00")
    story.sandbox.set_clock("2024-05-05T09:12:00")
    paid = shop.pay(story.client, story.autobill, "5.00").transaction
    assert story.invoices()[3] == "Overdue"
    assert story.now() == ("Active", "In Retry")
    assert story.next() == ("05-07", 7)
    story.comes("2024-05-07T08:00:00")
    assert story.last() == (7, "Captured", 3, 2)
    payment = f"Payment {paid.merchantTransactionId}"
    assert story.lines() == [("tri", 10), ("basic", 2), (payment, -5), ("Total Tax", 0)]
    assert story.now() == ("Active", "Good Standing")
