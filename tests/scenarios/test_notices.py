"""Customers are told at the right time: ahead of a bill, after a charge, after a failure, before an end."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Client
from tests.services import campaigns, shop
from tests.services.sandbox import Sandbox


@pytest.fixture(autouse=True)
def _january(sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-31T10:00:00")


def told(steps: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Day and kind of each notice."""
    return [(step["on"], step["notice"]) for step in steps if step["what"] == "notice"]


def warned(client: Client, **plan: Any) -> dict[str, Any]:
    """An order of a customer who is warned three days before each bill of 5.00 and 2.00."""
    made = shop.plan(client, shop.month("5.00"), prenotifyDays=3, **plan)
    return {
        "account": shop.reference(shop.account(client, warnBeforeAutobilling=True)),
        "billingPlan": shop.reference(made),
        "items": [{"index": 0, "product": shop.reference(shop.product(client, "2.00"))}],
    }


def next_amount(client: Client, autobill: Any) -> Decimal:
    amount: Decimal = shop.fetched(client, autobill).nextBilling.amount
    return amount


def test_a_bill_is_announced_some_days_ahead_and_its_charge_is_confirmed(
    client: Client, sandbox: Sandbox
) -> None:
    shop.subscribe(client, **warned(client))
    assert told(sandbox.advance(60)) == [
        ("2024-02-26", "preBilling"),
        ("2024-02-29", "success"),
        ("2024-03-28", "preBilling"),
        ("2024-03-31", "success"),
    ]


def test_the_announced_price_is_kept_and_a_later_change_counts_from_the_next_cycle(
    client: Client, sandbox: Sandbox
) -> None:
    order = warned(client)
    autobill = shop.subscribe(client, **order).autobill
    raised = {
        "product": {
            "VID": order["items"][0]["product"]["VID"],
            "prices": [{"amount": "3.00", "currency": "USD"}],
        }
    }
    sandbox.advance(25)
    client("Product").update(**raised)  # 25 February: before the notice, so that the notice names it
    assert next_amount(client, autobill) == Decimal("8.00")
    sandbox.advance(1)
    raised["product"]["prices"] = [{"amount": "4.00", "currency": "USD"}]
    client("Product").update(**raised)  # 26 February: the customer was told 8.00 this morning
    assert next_amount(client, autobill) == Decimal("8.00")
    sandbox.advance(3)
    assert shop.transactions(client, autobill)[-1].amount == Decimal("8.00")
    assert next_amount(client, autobill) == Decimal("9.00")


def test_a_customer_who_is_not_to_be_warned_is_not_and_no_price_is_frozen(
    client: Client, sandbox: Sandbox
) -> None:
    order = warned(client) | {"account": shop.reference(shop.account(client))}
    autobill = shop.subscribe(client, **order).autobill
    assert told(sandbox.advance(27)) == []
    raised = [{"amount": "3.00", "currency": "USD"}]
    client("Product").update(product={"VID": order["items"][0]["product"]["VID"], "prices": raised})
    sandbox.advance(2)
    assert shop.transactions(client, autobill)[-1].amount == Decimal("8.00")


def test_the_first_bill_of_a_period_may_go_unannounced(client: Client, sandbox: Sandbox) -> None:
    plan = shop.plan(
        client,
        shop.month("1.00", cycles=1),
        shop.month("5.00", doNotNotifyFirstBill=True),
        prenotifyDays=3,
    )
    shop.subscribe(client, **(warned(client) | {"billingPlan": shop.reference(plan)}))
    assert told(sandbox.advance(60)) == [
        ("2024-02-29", "success"),
        ("2024-03-28", "preBilling"),
        ("2024-03-31", "success"),
    ]


def test_failures_are_told_by_their_kind(client: Client, sandbox: Sandbox) -> None:
    shop.subscribe(client)
    sandbox.bill()
    sandbox.script(
        {"operation": "authorize", "authCode": "302"},
        {"operation": "authorize", "authCode": "302", "hard": True},
    )
    assert told(sandbox.advance(35)) == [("2024-02-29", "failureSoftFail"), ("2024-03-03", "failureHardFail")]


def test_the_end_of_a_finite_plan_is_warned_of_if_the_customer_wants_it(
    client: Client, sandbox: Sandbox
) -> None:
    plan = shop.plan(client, shop.month("5.00", cycles=2, expireWarningDays=5))
    for wanted, expected in (
        (True, [("2024-02-29", "success"), ("2024-03-25", "expirationWarning")]),
        (False, []),
    ):
        shop.subscribe(client, billingPlan=shop.reference(plan), warnOnExpiration=wanted)
        if not wanted:
            break
        assert told(sandbox.advance(70)) == expected
    assert "expirationWarning" not in {kind for _, kind in told(sandbox.advance(70))}


def test_an_invoice_is_sent_as_its_payer_wants_it(client: Client, sandbox: Sandbox) -> None:
    shop.subscribe(client, shop.invoiced(), statementFormat="Inline")
    shop.subscribe(client, shop.invoiced(), statementFormat="DoNotSend")
    assert only("invoice", sandbox.advance(30)) == ["2024-02-29"]


def test_a_notice_is_given_once_and_never_for_what_was_cancelled(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, **warned(client)).autobill
    assert told(sandbox.advance(26)) == [("2024-02-26", "preBilling")]
    assert told(sandbox.bill()) == []
    client("AutoBill").cancel(autobill=shop.reference(autobill), disentitle=False, force=True)
    assert told(sandbox.advance(60)) == []


def owing(client: Client, **fields: Any) -> Any:
    """A subscription by invoice, whose first bill is of 31 January and due fourteen days later."""
    terms = {"statementFormat": "Inline", "invoiceTerms": 14} | fields
    return shop.subscribe(client, shop.invoiced(), **terms).autobill


def only(kind: str, steps: list[dict[str, Any]]) -> list[str]:
    """The days on which notices of a kind were given."""
    return [day for day, one in told(steps) if one == kind]


def one_bill(client: Client) -> dict[str, str]:
    """A plan that bills twice, so that a last invoice is left."""
    return shop.reference(shop.plan(client, shop.month("5.00", cycles=1)))


def test_an_unpaid_invoice_is_reminded_of_on_the_dunning_days_after_its_due_date(
    client: Client, sandbox: Sandbox
) -> None:
    autobill = owing(client, billingPlan=one_bill(client))
    steps = sandbox.advance(90)  # due on 14 February, of a leap year
    assert only("dunning", steps) == ["2024-02-21", "2024-02-28", "2024-03-15"]
    reminded = [step for step in steps if step.get("notice") == "dunning"]
    assert {step["invoice"] for step in reminded} == {shop.invoices(client, autobill)[0]}


def test_reminders_end_with_the_payment_and_go_on_when_it_is_taken_back(
    client: Client, sandbox: Sandbox
) -> None:
    autobill = owing(client, billingPlan=one_bill(client))
    invoice_id = shop.invoices(client, autobill)[0]
    assert only("dunning", sandbox.advance(21)) == ["2024-02-21"]
    shop.pay(client, autobill, "4.00", invoiceId=invoice_id)
    assert only("dunning", sandbox.advance(7)) == ["2024-02-28"]  # a part of it is still owed
    cheque = shop.cheque("rest")
    shop.pay(client, autobill, "11.00", cheque, invoiceId=invoice_id)
    client("AutoBill").reversePayment(
        autobill=shop.reference(autobill), paymentId="rest", timestamp=sandbox.now()
    )
    assert only("dunning", sandbox.advance(30)) == ["2024-03-15"]
    shop.pay(client, autobill, "11.00", invoiceId=invoice_id)
    assert only("dunning", sandbox.advance(60)) == []


def test_dunning_days_are_the_merchants_and_a_late_run_gives_one_reminder(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.settings(dunningDays=[1, 3, 5])
    owing(client, billingPlan=one_bill(client))
    assert only("dunning", sandbox.advance(15)) == ["2024-02-15"]
    assert only("dunning", sandbox.bill_on("2024-02-25T08:00:00")) == ["2024-02-25"]
    assert only("dunning", sandbox.advance(60)) == []


def test_who_gets_no_invoices_and_who_pays_by_card_is_not_reminded(client: Client, sandbox: Sandbox) -> None:
    owing(client, statementFormat="DoNotSend", billingPlan=one_bill(client))
    sandbox.script(*[{"operation": "authorize", "authCode": "302"}] * 8)
    shop.update(client, shop.order(client, shop.card()), immediateAuthFailurePolicy="putAutoBillInRetryCycle")
    assert only("dunning", sandbox.advance(90)) == []


def test_a_debt_is_reminded_of_after_the_subscription_was_cancelled(client: Client, sandbox: Sandbox) -> None:
    autobill = owing(client)
    sandbox.advance(20)
    client("AutoBill").cancel(autobill=shop.reference(autobill), disentitle=True, force=True)
    assert only("dunning", sandbox.advance(90)) == ["2024-02-21", "2024-02-28", "2024-03-15"]
    client("AutoBill").writeOffInvoice(
        autobill=shop.reference(autobill), invoiceId=shop.invoices(client, autobill)[0]
    )


def test_a_debt_that_was_given_up_is_not_reminded_of(client: Client, sandbox: Sandbox) -> None:
    autobill = owing(client, billingPlan=one_bill(client))
    sandbox.advance(21)
    client("AutoBill").writeOffInvoice(
        autobill=shop.reference(autobill), invoiceId=shop.invoices(client, autobill)[0]
    )
    assert only("dunning", sandbox.advance(60)) == []


def test_every_unpaid_invoice_has_its_own_reminders(client: Client, sandbox: Sandbox) -> None:
    sandbox.settings(dunningDays=[7])
    owing(client)
    assert only("dunning", sandbox.advance(60)) == ["2024-02-21", "2024-03-21"]


def test_time_credit_that_puts_a_bill_off_is_told(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client).autobill
    credit = {"timeIntervals": [{"days": 10}]}
    client("AutoBill").grantCredit(autobill=shop.reference(autobill), credit=credit)
    assert told(sandbox.advance(45)) == [("2024-02-29", "billingDelay"), ("2024-03-10", "success")]


def test_free_time_that_puts_a_bill_off_is_told_to_whom_expects_the_bill(
    client: Client, sandbox: Sandbox
) -> None:
    template = {
        "product": {},
        "templateType": "BillingDelay",
        "from": "a@example.com",
        "textMessage": "Later",
    }
    client("EmailTemplate").update(template=template)
    spring = campaigns.promotion(client, **campaigns.free(1, "Month"))
    shop.update(client, shop.order(client, shop.card()), campaignCode=spring.promotionCode)
    running = shop.subscribe(client).autobill
    assert sandbox.mails() == []
    shop.update(client, shop.reference(running), campaignCode=spring.promotionCode)
    assert [(one["kind"], one["autobill"]) for one in sandbox.mails()] == [
        ("billingDelay", running.merchantAutoBillId)
    ]
