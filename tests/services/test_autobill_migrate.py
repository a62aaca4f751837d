"""AutoBill.migrate: subscriptions that another system has billed so far (autobill §6.36)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.services import refunds, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.services.wire import Wire

D = Decimal
Rights = Callable[[Any], list[Any]]


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Iterator[None]:
    sandbox.set_clock("2024-06-10T10:00:00")
    yield
    books_are_right()


def _bill(
    cycle: int, plan: Any, amount: str = "10.00", status: str = "Captured", **fields: Any
) -> dict[str, Any]:
    """A transaction of the other system for one cycle."""
    month = cycle % 12 + 1
    given: dict[str, Any] = {
        "merchantTransactionId": shop.new_id("old"),
        "amount": amount,
        "currency": "USD",
        "autoBillCycle": cycle,
        "billingPlanCycle": cycle,
        "merchantBillingPlanId": plan.merchantBillingPlanId,
        "migrationTransactionItems": [{"sku": "magazine", "name": "Magazine", "price": amount}],
        "paymentMethod": shop.card(),
        "paymentProcessor": "Litle",
        "paymentProcessorTransactionId": shop.new_id("litle"),
        "statusLog": [
            {
                "status": status,
                "timestamp": f"2024-{month:02d}-15T08:00:00Z",
                "paymentMethodType": "CreditCard",
            }
        ],
    }
    return given | fields


def _order(client: Client, plan: Any, method: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    product = shop.product(client, merchantEntitlementIds=[{"id": "read"}])
    given = {
        "startTimestamp": "2024-01-15T00:00:00-08:00",
        "billingPlan": shop.reference(plan),
        "items": [{"index": 0, "product": shop.reference(product)}],
    }
    return shop.order(client, method or shop.card(), **(given | fields))


def _migrate(
    client: Client,
    order: dict[str, Any],
    *bills: dict[str, Any],
    following: str | None = "2024-06-15T00:00:00-07:00",
    expecting: int = 200,
    **rest: Any,
) -> Any:
    call = client("AutoBill").expecting(expecting)
    return call.migrate(
        autobill=order, nextPeriodStartDate=following, migrationTransactions=list(bills), **rest
    )


def _states(client: Client, autobill: Any) -> dict[str, str]:
    return {number[-2:]: state for number, state in shop.states(client, autobill).items()}


def test_billing_goes_on_where_the_other_system_stopped(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    plan = shop.plan(client)
    autobill = _migrate(client, _order(client, plan), _bill(3, plan), _bill(4, plan)).autobill
    assert shop.standing(autobill) == ("Active", "Good Standing")
    assert (autobill.nextBilling.timestamp.date().isoformat(), autobill.nextBilling.amount) == (
        "2024-06-15",
        D("10.00"),
    )
    assert autobill.endTimestamp.isoformat() == "2024-06-14T23:59:59-07:00"
    assert [(right.start.date().isoformat(), right.end) for right in entitlements(autobill)] == [
        ("2024-05-15", None)
    ]
    assert _states(client, autobill) == {"03": "Paid", "04": "Paid", "05": "Open"}
    sandbox.advance(5)
    made = shop.transactions(client, autobill)
    assert [(one.autoBillCycle, one.billingPlanCycle, one.amount) for one in made] == [
        (3, 3, D("10.00")),
        (4, 4, D("10.00")),
        (5, 5, D("10.00")),
    ]
    assert shop.names(made[0])["vin:BillingCycle"] == "3"
    assert _states(client, autobill)["05"] == "Paid"


def test_a_next_period_off_the_schedule_becomes_the_new_grid(client: Client, sandbox: Sandbox) -> None:
    plan = shop.plan(client)
    autobill = _migrate(
        client, _order(client, plan), _bill(4, plan), following="2024-06-20T00:00:00-07:00"
    ).autobill
    assert autobill.endTimestamp.isoformat() == "2024-06-19T23:59:59-07:00"
    rebills = (
        client("AutoBill").fetchFutureRebills(autobill=shop.reference(autobill), quantity=2).transactions
    )
    assert [one.timestamp.date().isoformat() for one in rebills] == ["2024-06-20", "2024-07-20"]


def test_a_plan_that_was_changed_keeps_its_own_count(client: Client, sandbox: Sandbox) -> None:
    plan = shop.plan(client, shop.month("1.00", cycles=2), shop.month("5.00"))
    first, second = _bill(8, plan, billingPlanCycle=0), _bill(9, plan, billingPlanCycle=1)
    autobill = _migrate(client, _order(client, plan), first, second).autobill
    assert autobill.nextBilling.amount == D("15.00")
    sandbox.advance(5)
    last = max(shop.transactions(client, autobill), key=lambda one: one.autoBillCycle)
    assert (last.autoBillCycle, last.billingPlanCycle, last.amount) == (10, 2, D("15.00"))


def test_what_was_due_in_the_meantime_is_billed_by_the_next_run(client: Client, sandbox: Sandbox) -> None:
    plan = shop.plan(client)
    autobill = _migrate(
        client, _order(client, plan), _bill(2, plan), following="2024-04-15T00:00:00-07:00"
    ).autobill
    assert shop.standing(autobill) == ("Active", "Good Standing")
    sandbox.bill()
    assert [one.autoBillCycle for one in shop.transactions(client, autobill)] == [2, 3, 4]


def test_one_that_nobody_paid_yet_waits_for_its_day(client: Client, sandbox: Sandbox) -> None:
    plan = shop.plan(client)
    order = _order(client, plan, startTimestamp="2024-06-15T00:00:00-07:00")
    autobill = _migrate(client, order).autobill
    assert shop.standing(autobill) == ("Pending Activation", "Unbilled")
    declined = _migrate(client, _order(client, plan), _bill(4, plan, status="Cancelled")).autobill
    assert declined.status == "Pending Activation"
    sandbox.advance(5)
    assert [shop.fetched(client, one).status for one in (autobill, declined)] == ["Active", "Active"]


@pytest.mark.parametrize(("code", "status", "reason"), [("103", "Cancelled", "103"), (None, "Expired", None)])
def test_a_finished_one_is_kept_for_its_history(
    client: Client, sandbox: Sandbox, entitlements: Rights, code: str | None, status: str, reason: str | None
) -> None:
    plan = shop.plan(client)
    autobill = _migrate(
        client, _order(client, plan), _bill(2, plan), following=None, cancelReasonCode=code
    ).autobill
    assert shop.standing(autobill) == (status, "Billing Completed")
    assert (autobill.nextBilling, autobill.endTimestamp.date().isoformat()) == (None, "2024-04-14")
    assert (autobill.cancelReason.reason_code if autobill.cancelReason else None) == reason
    assert [right.end.date().isoformat() for right in entitlements(autobill)] in ([], ["2024-04-14"])
    sandbox.advance(40)
    assert len(shop.transactions(client, autobill)) == 1


def test_a_customer_who_pays_by_hand_owes_the_periods_nobody_paid(client: Client, sandbox: Sandbox) -> None:
    plan = shop.plan(client)
    order = _order(client, plan, shop.invoiced(), invoiceTerms=20)
    cheque: dict[str, Any] = {"paymentMethod": shop.cheque(amount="10.00"), "paymentProcessor": "Vindicia"}
    paid = _bill(2, plan, **cheque)
    autobill = _migrate(client, order, paid).autobill
    assert _states(client, autobill) == {"02": "Paid", "03": "Overdue", "04": "Overdue", "05": "Open"}
    assert shop.standing(autobill) == ("Active", "Overdue")
    shop.pay(client, autobill, "20.00")
    assert _states(client, autobill) == {"02": "Paid", "03": "Paid", "04": "Paid", "05": "Open"}
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")


def test_without_any_transaction_every_period_since_the_start_is_owed(client: Client) -> None:
    plan = shop.plan(client)
    order = _order(client, plan, shop.invoiced(), invoiceTerms=30, startTimestamp="2024-04-15T00:00:00-07:00")
    autobill = _migrate(client, order).autobill
    assert _states(client, autobill) == {"00": "Overdue", "01": "Due", "02": "Open"}


def test_more_history_may_follow_and_changes_nothing_else(client: Client) -> None:
    plan = shop.plan(client)
    order = _order(client, plan)
    before = _migrate(client, order, _bill(4, plan)).autobill
    changed = order | {"customerAutoBillName": "Other"}
    after = _migrate(client, changed, _bill(1, plan), _bill(2, plan), following=None).autobill
    assert (after.VID, after.customerAutoBillName, shop.standing(after)) == (
        before.VID,
        None,
        shop.standing(before),
    )
    assert after.nextBilling.timestamp == before.nextBilling.timestamp
    assert sorted(one.autoBillCycle for one in shop.transactions(client, after)) == [1, 2, 4]
    refused = _migrate(client, order, _bill(4, plan), expecting=400)
    assert "was paid by another transaction already" in shop.text(refused)


def test_what_was_paid_elsewhere_can_be_settled_here(client: Client, sandbox: Sandbox) -> None:
    plan = shop.plan(client)
    autobill = _migrate(client, _order(client, plan), _bill(4, plan)).autobill
    done = client("AutoBill").cancel(
        autobill=shop.reference(autobill), disentitle=True, force=False, settle=True
    )
    back = sum(one.amount for one in done.refunds)
    account = client("Account").fetchByVid(vid=autobill.account.VID).account
    assert back + sum(amount for amount, _ in shop.credit(account)) == D("1.29")  # 4 of 31 days
    refunds.carry_out(sandbox)


def test_items_of_some_cycles_were_billed_with_the_ones_that_are_over(client: Client) -> None:
    plan = shop.plan(client)
    product = shop.reference(shop.product(client, "3.00"))
    items = [{"product": product}, {"product": product, "cycles": 2}, {"product": product, "cycles": 7}]
    autobill = _migrate(client, _order(client, plan, items=items), _bill(4, plan)).autobill
    assert [item.cyclesRemaining for item in autobill["items"]] == [None, 0, 2]
    assert autobill.nextBilling.amount == D("6.00")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"autoBillCycle": None}, "autoBillCycle"),
        ({"billingPlanCycle": None}, "billingPlanCycle"),
        ({"billingPlanCycle": 9}, "is more than autoBillCycle"),
        ({"merchantBillingPlanId": None}, "merchantBillingPlanId"),
        ({"merchantBillingPlanId": "no such plan"}, "no such plan"),
        ({"amount": "11.00"}, "which the items come to"),
        ({"autoBillCycle": -1}, "autoBillCycle"),
    ],
)
def test_a_history_that_makes_no_sense_stores_nothing(
    client: Client, change: dict[str, Any], said: str
) -> None:
    plan = shop.plan(client)
    order = _order(client, plan)
    refused = shop.text(_migrate(client, order, _bill(4, plan) | change, expecting=400))
    assert refused.startswith("Unable to migrate AutoBill: ")
    assert said in refused
    client("AutoBill").expecting(400).fetchByMerchantAutoBillId(
        merchantAutoBillId=order["merchantAutoBillId"]
    )


def test_a_transaction_needs_a_status_and_a_payment_method(client: Client, wire: Wire) -> None:
    plan = shop.plan(client)
    autobill = _migrate(client, _order(client, plan), _bill(4, plan)).autobill
    named = f"<autobill><VID>{autobill.VID}</VID></autobill>"
    told = (
        "<amount>1.00</amount><autoBillCycle>1</autoBillCycle><billingPlanCycle>1</billingPlanCycle>"
        f"<merchantBillingPlanId>{plan.merchantBillingPlanId}</merchantBillingPlanId>"
    )
    log = "<statusLog><status>Captured</status><paymentMethodType>CreditCard</paymentMethodType></statusLog>"
    for content, missing in ((told, "statusLog"), (told + log, "paymentMethod")):
        reply = wire.call(
            "AutoBill", "migrate", f"{named}<migrationTransactions>{content}</migrationTransactions>"
        )
        assert (reply.code, missing in reply.text) == (400, True), reply.text


def test_products_and_plans_must_exist(client: Client) -> None:
    plan = shop.plan(client)
    unknown = {"merchantBillingPlanId": shop.new_id("plan"), "periods": [shop.month("1.00")]}
    refused = _migrate(client, _order(client, plan, billingPlan=unknown), expecting=400)
    assert shop.text(refused).startswith("Unable to migrate AutoBill: ")
    items = [
        {"product": {"merchantProductId": shop.new_id("sku"), "prices": [{"amount": "1", "currency": "USD"}]}}
    ]
    _migrate(client, _order(client, plan, items=items), expecting=400)
    twice = _bill(4, plan)
    order = _order(client, plan)
    _migrate(client, order, twice)
    _migrate(client, order, twice | {"autoBillCycle": 3, "billingPlanCycle": 3}, expecting=400)


def test_a_sale_outside_of_the_cycles_belongs_to_the_autobill_alone(client: Client) -> None:
    plan = shop.plan(client)
    extra = _bill(0, plan, "4.00", type="NonRecurring", autoBillCycle=None, billingPlanCycle=None)
    autobill = _migrate(client, _order(client, plan), _bill(4, plan), extra).autobill
    assert [(one.amount, one.autoBillCycle) for one in shop.transactions(client, autobill)] == [
        (D("4.00"), None),
        (D("10.00"), 4),
    ]
