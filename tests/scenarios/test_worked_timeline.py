"""The worked timeline with its taxes, notices, added charge and credit, day by day (billing-engine §16).

Plan ``tri``: a free month, two at 5.00, then 10.00; items ``basic`` 2.00 and ``modem`` 15.00, once, a month after the
start; tax 10 % on all. Each step compares what a merchant sees: invoices, the last transaction, standing, the end of
the right to play, and the next bill.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

D = Decimal
Rights = Callable[[Any], list[Any]]


class Story:
    """The AutoBill ``S1`` on its way; every day that comes is followed by the audit."""

    def __init__(self, client: Client, sandbox: Sandbox, check: Callable[[], None], rights: Rights) -> None:
        self.client, self.sandbox, self._check, self._rights = client, sandbox, check, rights
        sandbox.set_clock("2024-01-31T10:00:00")
        sandbox.tax({"country": "US", "rate": "0.1", "name": "Sales tax"})
        account = shop.account(
            client, shippingAddress=shop.address(), warnBeforeAutobilling=True, merchantAccountId="jo"
        )
        play = [{"id": "play"}]
        basic = shop.product(client, "2.00", merchantProductId="basic", merchantEntitlementIds=play)
        modem = shop.product(client, "15.00", merchantProductId="modem")
        self.plan = shop.plan(client, *_periods("5.00"), merchantBillingPlanId="tri", prenotifyDays=3)
        order = shop.order(
            client,
            shop.card(),
            merchantAutoBillId="S1",
            account=shop.reference(account),
            billingPlan=shop.reference(self.plan),
            items=[
                {"index": 0, "product": shop.reference(basic)},
                {"index": 1, "product": shop.reference(modem), "cycles": 1, "startDate": "1 month"},
            ],
        )
        self.created = shop.update(client, order, validateForFuturePayment=True)
        self.bill = self.created.autobill

    def on(self, day: str) -> list[dict[str, Any]]:
        """The days up to that one come, each with its run; what happened on it."""
        today = self.sandbox.now()[:10]
        steps = self.sandbox.advance((date.fromisoformat(day) - date.fromisoformat(today)).days)
        self._check()
        return [step for step in steps if step["on"] == day]

    def seen(self) -> dict[str, Any]:
        now = shop.fetched(self.client, self.bill)
        last = shop.transactions(self.client, self.bill)[-1]
        (right,) = [one for one in self._rights(self.bill) if one.id == "play"]
        coming = now.nextBilling
        return {
            "invoices": list(shop.states(self.client, self.bill).values()),
            "last": (last.amount, shop.log(last)[0], last.autoBillCycle, last.retryNumber),
            "is": shop.standing(now),
            "plays": right.end.strftime("%m-%d %H:%M:%S") if right.end is not None else None,
            "good to": now.endTimestamp.strftime("%m-%d %H:%M:%S"),
            "next": (coming.timestamp.strftime("%m-%d"), coming.amount) if coming is not None else None,
        }

    def lines(self) -> list[tuple[str, Decimal]]:
        """The last transaction's lines without tax, and the sum of the taxes."""
        *lines, tax = shop.transactions(self.client, self.bill)[-1].transactionItems
        return [*((one.sku or one.name, one.subtotal) for one in lines), ("Total Tax", tax.total)]

    def decline(self, times: int) -> None:
        self.sandbox.script(*({"operation": "authorize", "authCode": "302"} for _ in range(times)))

    def to_april(self) -> None:
        self.on("2024-02-29")
        self.on("2024-03-31")


def _periods(second: str) -> list[dict[str, Any]]:
    return [
        shop.month("10.00", cycles=1, free=True),
        shop.month(second, cycles=2),
        shop.month("10.00"),
    ]


@pytest.fixture
def story(
    client: Client, sandbox: Sandbox, books_are_right: Callable[[], None], entitlements: Rights
) -> Story:
    return Story(client, sandbox, books_are_right, entitlements)


GOOD = ("Active", "Good Standing")


def test_half_a_year_as_it_is_written_down(story: Story) -> None:
    client, named = story.client, shop.reference(story.bill)
    assert story.created.authStatus.status == "AuthorizedForValidation"
    assert story.seen() == {
        "invoices": ["Paid", "Open"],
        "last": (0, "Captured", 0, 0),
        "is": ("Active", "Free/Trial"),
        "plays": None,
        "good to": "02-28 23:59:59",
        "next": ("02-29", D("24.20")),
    }

    (notice,) = story.on("2024-02-26")
    assert (notice["notice"], notice["invoice"]) == ("preBilling", "S1-00000001")
    story.on("2024-02-27")
    client("BillingPlan").update(billingPlan=shop.reference(story.plan) | {"periods": _periods("6.00")})
    assert story.seen()["next"] == ("02-29", D("24.20"))

    story.on("2024-02-29")
    assert story.lines() == [("tri", 5), ("basic", 2), ("modem", 15), ("Total Tax", D("2.20"))]
    assert story.seen() == {
        "invoices": ["Paid", "Paid", "Open"],
        "last": (D("24.20"), "Captured", 1, 0),
        "is": GOOD,
        "plays": None,
        "good to": "03-30 23:59:59",
        "next": ("03-31", D("8.80")),
    }
    billed = shop.transactions(client, story.bill)[-1].transactionItems[0]
    assert [
        one.date().isoformat() for one in (billed.servicePeriodStartDate, billed.servicePeriodEndDate)
    ] == ["2024-02-29", "2024-03-30"]

    story.on("2024-03-10")
    client("AutoBill").addCharge(
        autobill=named,
        description="Visit",
        taxClassification="OtherTaxable",
        amount=D("3.00"),
        currency="USD",
    )
    assert story.seen()["next"] == ("03-31", D("12.10"))
    story.on("2024-03-20")
    client("AutoBill").grantCredit(autobill=named, credit={"currencyAmounts": [{"amount": "4.00"}]})
    assert story.seen()["next"] == ("03-31", D("8.10"))

    story.on("2024-03-31")
    assert story.lines() == [
        ("tri", 6), ("basic", 2), ("Visit", 3), ("Credit", -4), ("Total Tax", D("1.10")),
    ]  # fmt: skip
    assert story.seen() == {
        "invoices": ["Paid", "Paid", "Paid", "Open"],
        "last": (D("8.10"), "Captured", 2, 0),
        "is": GOOD,
        "plays": None,
        "good to": "04-29 23:59:59",
        "next": ("04-30", D("13.20")),
    }
    history = client("AutoBill").fetchCreditHistory(
        autobill=named, timestamp=None, endTimestamp="2024-04-01T12:00:00-07:00", page=0, pageSize=9
    )
    used = history.creditEventLogs[-1]
    assert (used.type, used.credit.currencyAmounts[0].amount) == ("Consumption", D("4.00"))

    story.decline(2)
    story.on("2024-04-30")
    assert story.seen() == {
        "invoices": ["Paid", "Paid", "Paid", "Due", "Open"],
        "last": (D("13.20"), "Cancelled", 3, 0),
        "is": ("Active", "In Retry"),
        "plays": "05-20 23:59:59",
        "good to": "05-20 23:59:59",
        "next": ("05-03", D("13.20")),
    }
    story.on("2024-05-01")
    assert story.seen()["invoices"][3] == "Overdue"
    story.on("2024-05-03")
    assert (story.seen()["last"], story.seen()["next"]) == (
        (D("13.20"), "Cancelled", 3, 1),
        ("05-07", D("13.20")),
    )

    story.on("2024-05-05")
    paid = shop.pay(client, story.bill, "20.00")
    assert (paid.summary, paid.transaction.amount, shop.log(paid.transaction)) == (
        "Success", D("20.00"), ["Captured", "New"],
    )  # fmt: skip
    account = client("Account").fetchByMerchantAccountId(merchantAccountId="jo").account
    assert shop.credit(account) == [(D("6.80"), "USD")]
    now = story.seen()
    assert (now["invoices"][3], now["is"], now["plays"]) == ("Paid", GOOD, None)
    assert now["next"] == ("05-31", D("6.40"))

    assert not [step for step in story.on("2024-05-07") if step["what"] == "declined"]
    story.on("2024-05-31")
    assert story.seen() == {
        "invoices": ["Paid"] * 5 + ["Open"],
        "last": (D("6.40"), "Captured", 4, 0),
        "is": GOOD,
        "plays": None,
        "good to": "06-29 23:59:59",
        "next": ("06-30", D("13.20")),
    }

    story.on("2024-06-10")
    client("AutoBill").cancel(autobill=named, disentitle=False, force=False)
    assert story.seen() == {
        "invoices": ["Paid"] * 5 + ["Closed"],
        "last": (D("6.40"), "Captured", 4, 0),
        "is": ("Pending Cancel", "Billing Completed"),
        "plays": "06-29 23:59:59",
        "good to": "06-29 23:59:59",
        "next": None,
    }
    story.on("2024-06-30")
    now = story.seen()
    assert (now["is"], now["plays"]) == (("Cancelled", "Billing Completed"), "06-29 23:59:59")


def test_variant_a_nobody_pays(story: Story) -> None:
    story.to_april()
    story.decline(4)
    for day, left in (("2024-04-30", "05-03"), ("2024-05-03", "05-07"), ("2024-05-07", "05-14")):
        story.on(day)
        assert story.seen()["next"] == (left, D("13.20"))
    story.on("2024-05-14")
    assert (story.seen()["is"], story.seen()["next"]) == (("Active", "Grace Period"), None)
    story.on("2024-05-20")
    assert story.seen()["is"] == ("Active", "Grace Period")
    story.on("2024-05-21")
    now = story.seen()
    assert now["is"] == ("Cancelled", "Failed To Collect")
    assert (now["plays"], now["invoices"][3:]) == ("05-20 23:59:59", ["Overdue", "Closed"])
    ended = shop.fetched(story.client, story.bill)
    assert ended.cancelReason.reason_code == "5"
    own = f"{story.bill.merchantAutoBillId}-00000003"
    assert shop.due(story.client, story.bill, own) == D("13.20")


def test_variant_b_catching_up_with_a_new_card(story: Story) -> None:
    story.to_april()
    story.sandbox.script({"operation": "authorize", "authCode": "502"})
    story.on("2024-04-30")
    assert story.seen()["is"] == ("Active", "Unusable PaymentMethod")
    story.on("2024-05-10")
    account = {"VID": story.bill.account.VID}
    story.client("Account").updatePaymentMethod(
        account=account,
        paymentMethod=shop.card(shop.OTHER_CARD),
        updateBehavior="CatchUp",
        updateScopeOnAccount="AllDue",
        updateScopeOnChildren="None",
    )
    now = story.seen()
    assert (now["last"][0], *now["last"][2:]) == (D("13.20"), 3, 1)
    assert (now["is"], now["next"]) == (GOOD, ("05-31", D("13.20")))


def test_variant_e_a_part_is_paid_by_cheque(story: Story) -> None:
    story.to_april()
    story.decline(2)
    story.on("2024-05-03")
    story.on("2024-05-05")
    part = shop.pay(story.client, story.bill, "5.00").transaction.merchantTransactionId
    now = story.seen()
    assert (now["invoices"][3], now["is"], now["next"]) == (
        "Overdue", ("Active", "In Retry"), ("05-07", D("8.20")),
    )  # fmt: skip
    story.on("2024-05-07")
    assert story.seen()["last"] == (D("8.20"), "Captured", 3, 2)
    assert story.lines() == [("tri", 10), ("basic", 2), (f"Payment {part}", -5), ("Total Tax", D("1.20"))]


def test_credit_beyond_the_bill_pays_all_of_it_and_a_declined_attempt_uses_none(story: Story) -> None:
    named = shop.reference(story.bill)
    story.client("AutoBill").grantCredit(autobill=named, credit={"currencyAmounts": [{"amount": "30.00"}]})
    story.on("2024-02-29")
    now = story.seen()
    assert (now["last"], now["invoices"], now["next"]) == (
        (0, "Captured", 1, 0), ["Paid", "Paid", "Open"], ("03-31", D("1.90")),
    )  # fmt: skip
    assert shop.credit(shop.fetched(story.client, story.bill)) == [(D("5.80"), "USD")]
    story.decline(1)
    story.on("2024-03-31")
    assert story.seen()["last"] == (D("1.90"), "Cancelled", 2, 0)
    assert shop.credit(shop.fetched(story.client, story.bill)) == [(D("5.80"), "USD")]
    story.on("2024-04-03")
    assert story.seen()["last"] == (D("1.90"), "Captured", 2, 1)
    assert shop.credit(shop.fetched(story.client, story.bill)) == []


def test_variant_d_a_modem_in_the_free_month_is_never_paid(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-31T10:00:00")
    modem = shop.product(client, "15.00")
    plan = shop.plan(client, *_periods("5.00"))
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
