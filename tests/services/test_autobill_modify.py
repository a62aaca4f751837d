"""AutoBill.modify: its restrictions, its dry run, its events, and what answers and history show (autobill §6.35)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from cashbox_service.app.environment import Environment
from tests.services import changes, shop
from tests.services.decrees import Decrees
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.services.wire import Wire
from tests.soap_client import Login

D = Decimal
UNKNOWN = "0" * 40
PREFIX = "Unable to modify AutoBill: "


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Iterator[None]:
    sandbox.set_clock("2024-04-01T10:00:00")
    yield
    books_are_right()


@pytest.fixture
def events(environment: Environment, merchant: Login) -> Callable[[Any], list[str]]:
    """What was recorded of an AutoBill, oldest first."""

    def of(autobill: Any) -> list[str]:
        with closing(environment.open(environment.merchant(merchant.login))) as work:
            return [event.type for event in work.uow.autobills.events_of(autobill.VID)]

    return of


def refused(client: Client, autobill: Any, *items: Any, code: int = 400, **rest: Any) -> str:
    """The text of the refusal; nothing may have changed."""
    before = shop.fetched(client, autobill), shop.states(client, autobill)
    said = shop.text(changes.modify(client, autobill, *items, expecting=code, **rest))
    assert (shop.fetched(client, autobill), shop.states(client, autobill)) == before
    return said


def test_an_autobill_paid_by_hand_cannot_be_modified(client: Client) -> None:
    bill = changes.subscribed(client, shop.product(client), method=shop.invoiced())
    said = refused(client, bill, changes.removing(bill["items"][0]))
    assert said == f"{PREFIX}The AutoBill is paid by a MerchantAcceptedPayment."


def test_an_ended_autobill_cannot_be_modified(client: Client, decrees: Decrees) -> None:
    bill = changes.subscribed(client, shop.product(client))
    decrees.end(bill, "Expired")
    said = refused(client, bill, changes.removing(bill["items"][0]))
    assert said == f"{PREFIX}AutoBill is in an inactive state Expired"


def test_an_autobill_with_an_unpaid_balance_cannot_be_modified(client: Client, sandbox: Sandbox) -> None:
    bill = changes.subscribed(client, shop.product(client))
    sandbox.script({"authCode": "302"})
    sandbox.advance(30)
    said = refused(client, bill, changes.removing(bill["items"][0]))
    assert said == f"{PREFIX}AutoBill {bill.merchantAutoBillId} has an unpaid balance."


@pytest.mark.parametrize("when", ["", "tomorrow", "today ", "Today", "nextbill"])
def test_it_takes_effect_today_or_with_the_next_bill(client: Client, when: str) -> None:
    bill = changes.subscribed(client, shop.product(client))
    removal = changes.removing(bill["items"][0])
    if when.strip().lower() in ("today", "nextbill"):
        changes.modify(client, bill, removal, effective=when, dryrun=True)
    else:
        assert "effectiveDate" in refused(client, bill, removal, effective=when)


def test_there_is_something_to_modify(client: Client) -> None:
    plan = shop.plan(client)
    bill = changes.subscribed(client, shop.product(client), billingPlan=shop.reference(plan))
    assert "Nothing to modify" in refused(client, bill)
    assert "has already" in refused(client, bill, plan=plan)


def test_a_plan_is_never_made(client: Client) -> None:
    bill = changes.subscribed(client, shop.product(client))
    own_id = shop.new_id("plan")
    full = {"merchantBillingPlanId": own_id, "periods": [shop.month()]}
    call = {"autobill": shop.reference(bill), "billProratedPeriod": True, "effectiveDate": "today"}
    answer = client("AutoBill").expecting(400).modify(**call, changeBillingPlanTo=full)
    expected = f'{PREFIX}changeBillingPlanTo.merchantBillingPlanId "{own_id}" is not a billing plan.'
    assert shop.text(answer) == expected
    client("AutoBill").expecting(404).modify(**call, changeBillingPlanTo={"VID": UNKNOWN})
    nameless = client("AutoBill").expecting(400).modify(**call, changeBillingPlanTo={"description": "Yearly"})
    assert shop.text(nameless) == f"{PREFIX}changeBillingPlanTo names no billing plan."
    client("BillingPlan").expecting(404).fetchByMerchantBillingPlanId(merchantBillingPlanId=own_id)


def test_an_added_item_is_new_and_its_product_is_not(client: Client) -> None:
    product = shop.product(client)
    bill = changes.subscribed(client, product)
    item, sku = bill["items"][0], shop.new_id("sku")
    assert "must be new" in refused(client, bill, changes.adding(product, VID=item.VID))
    made = {"merchantProductId": sku, "prices": [{"amount": "1.00", "currency": "USD"}]}
    said = refused(client, bill, {"addAutoBillItem": {"product": made}})
    assert said == f'{PREFIX}Unable to load product by sku "{sku}":  No match'
    assert "product" in refused(client, bill, {"addAutoBillItem": {"quantity": 1}})
    unknown = {"addAutoBillItem": {"product": {"VID": UNKNOWN}}}
    assert UNKNOWN in refused(client, bill, unknown, code=404)


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ({"quantity": 0}, "items.quantity"),
        ({"amount": "-0.01"}, "items.amount"),
        ({"amount": "1.00", "currency": "EUR"}, "items.currency"),
        ({"cycles": 0}, "items.cycles"),
        ({"startDate": "soon"}, "startDate"),
        ({"campaignCode": "SPRING"}, "SPRING"),
        ({"merchantAutoBillItemId": "first"}, "merchantAutoBillItemId"),
    ],
)
def test_an_added_item_keeps_to_the_rules_of_items(client: Client, part: dict[str, Any], named: str) -> None:
    product = shop.product(client)
    items = [{"product": shop.reference(product), "merchantAutoBillItemId": "first"}]
    bill = shop.subscribe(client, items=items).autobill
    assert named in refused(client, bill, changes.adding(product, **part))


def test_a_product_without_a_price_in_the_currency_cannot_be_added(client: Client) -> None:
    bill = changes.subscribed(client, shop.product(client))
    assert "USD" in refused(client, bill, changes.adding(shop.product(client, currency="EUR")))


def test_an_edit_stands_alone(client: Client) -> None:
    product = shop.product(client)
    bill = changes.subscribed(client, product, product)
    edit = changes.editing(bill["items"][0], quantity=2)
    text = f"{PREFIX}editAutoBillItem must be the only modification."
    assert refused(client, bill, edit, changes.removing(bill["items"][1])) == text
    assert refused(client, bill, edit | changes.adding(product)) == text
    assert refused(client, bill, edit, plan=shop.plan(client)) == text


def test_an_item_is_told_by_vid_index_id_or_product_and_never_guessed(client: Client) -> None:
    one, other = shop.product(client), shop.product(client)
    entries = [
        {"product": shop.reference(one), "merchantAutoBillItemId": "first"},
        {"product": shop.reference(one)},
        {"product": shop.reference(other)},
    ]
    bill = shop.subscribe(client, items=entries).autobill
    for named in (
        {"VID": bill["items"][0].VID},
        {"index": 0},
        {"merchantAutoBillItemId": "first"},
        {"product": {"merchantProductId": other.merchantProductId}},
    ):
        changes.modify(client, bill, {"removeAutoBillItem": named}, dryrun=True)
    several = refused(client, bill, {"removeAutoBillItem": {"product": shop.reference(one)}})
    assert several == f'{PREFIX}removeAutoBillItem.product "{one.VID}" names several items of the AutoBill.'
    assert "names no item" in refused(client, bill, {"removeAutoBillItem": {"index": 7}})
    assert "names no item" in refused(client, bill, {"removeAutoBillItem": {"merchantAutoBillItemId": "x"}})
    assert "names no item" in refused(client, bill, {"removeAutoBillItem": {"quantity": 1}})
    assert UNKNOWN in refused(client, bill, {"removeAutoBillItem": {"VID": UNKNOWN}}, code=404)
    removal = changes.removing(bill["items"][2])
    assert bill["items"][2].VID in refused(client, bill, removal, removal, code=404)


def test_nobody_to_charge(client: Client) -> None:
    gratis = [{"product": shop.reference(shop.product(client, None))}]
    bill = shop.update(client, shop.order(client, items=gratis)).autobill
    said = refused(client, bill, changes.adding(shop.product(client)), code=405)
    assert said == "Account has no default payment method"


def test_half_an_approval_is_none(client: Client, sandbox: Sandbox) -> None:
    bill = changes.subscribed(client, shop.product(client))
    sandbox.script({"authCode": "100", "approvedAmount": "4.00"})
    refused(client, bill, changes.adding(shop.product(client)), code=402)


def test_a_dry_run_computes_everything_and_stores_nothing(
    client: Client, sandbox: Sandbox, events: Callable[[Any], list[str]]
) -> None:
    one, other = shop.product(client, "30.00"), shop.product(client, "60.00")
    bill = changes.subscribed(client, one)
    sandbox.advance(15)
    before, seen = shop.fetched(client, bill), events(bill)
    replacing = changes.replacing(bill["items"][0], other)
    tried = changes.modify(client, bill, replacing, dryrun=True)
    assert tried.autobill.status == "Dryrun"
    assert (tried.transaction.amount, tried.transaction.VID) == (D("15.00"), None)
    assert tried.transaction.merchantTransactionId is None
    assert [item.VID is None for item in tried.autobill["items"]] == [False, True]
    assert tried.autobill.nextBilling.amount == D("60.00")
    back = changes.modify(client, bill, changes.removing(bill["items"][0]), dryrun=True)
    assert [(one.amount, one.VID, one.merchantRefundId) for one in back.refunds] == [(D("15.00"), None, None)]
    assert (shop.fetched(client, bill), events(bill)) == (before, seen)
    assert len(shop.transactions(client, bill)) == 1
    done = changes.modify(client, bill, replacing)
    assert changes.lines(done.transaction) == changes.lines(tried.transaction)


def test_a_dry_run_needs_no_payment_method(client: Client) -> None:
    gratis = [{"product": shop.reference(shop.product(client, None))}]
    bill = shop.update(client, shop.order(client, items=gratis)).autobill
    tried = changes.modify(client, bill, changes.adding(shop.product(client)), dryrun=True)
    assert tried.transaction.amount == D("10.00")


def test_a_change_is_recorded_under_its_own_names_alone(
    client: Client, sandbox: Sandbox, events: Callable[[Any], list[str]]
) -> None:
    trial = shop.plan(client, shop.month(cycles=1, free=True), shop.month())
    bill = changes.subscribed(client, shop.product(client), billingPlan=shop.reference(trial))
    seen = len(events(bill))
    changes.modify(client, bill, changes.adding(shop.product(client)), plan=shop.plan(client))
    assert events(bill)[seen:] == ["MODIFICATION", "CHANGE_PLAN", "NON_RECURRING_TRANSACTION"]
    asked = {"timestamp": "2024-04-01T00:00:00", "page": 0, "pageSize": 10}
    assert client("AutoBill").fetchDeltaSince(**asked, selectEvents=["CHANGE_PLAN"]).autobills
    seen = len(events(bill))
    changes.modify(client, bill, changes.removing(bill["items"][0]), effective="nextBill")
    assert events(bill)[seen:] == ["MODIFICATION"]
    sandbox.advance(15)
    seen = len(events(bill))
    changes.modify(client, bill, changes.removing(shop.fetched(client, bill)["items"][1]))
    assert events(bill)[seen:] == ["MODIFICATION", "NON_RECURRING_TRANSACTION", "REFUND"]


def test_products_of_a_change_grant_their_credit_and_an_edit_grants_none(client: Client) -> None:
    credit = {"currencyAmounts": [{"amount": "2.00", "currency": "USD"}]}
    giving = shop.product(client, "30.00", creditGranted=credit)
    bill = changes.subscribed(client, shop.product(client))
    added = changes.modify(client, bill, changes.adding(giving)).autobill
    assert shop.credit(added) == [(D("2.00"), "USD")]
    edited = changes.modify(client, bill, changes.editing(added["items"][1], quantity=2)).autobill
    assert shop.credit(edited) == []  # used for the edit, and not granted again


def test_what_a_sparse_answer_leaves_out(client: Client, wire: Wire) -> None:
    bill = changes.subscribed(client, shop.product(client))
    arguments = (
        f"<autobill><VID>{bill.VID}</VID></autobill><billProratedPeriod>1</billProratedPeriod>"
        "<effectiveDate>today</effectiveDate><autoBillItemModifications><removeAutoBillItem><index>0</index>"
        "</removeAutoBillItem></autoBillItemModifications>"
    )
    srd = '{"autobill":{"status":""},"refunds":{"amount":""},"transaction":{"amount":""}}'
    reply = wire.call("AutoBill", "modify", arguments, srd)
    assert reply.children("autobill") == ["VID", "merchantAutoBillId", "status"]
    assert reply.children("refunds") == ["VID", "merchantRefundId", "amount"]
    assert reply.children("transaction") == ["VID", "amount", "merchantTransactionId"]


def test_the_history_tells_every_change_of_items_and_plans(client: Client, sandbox: Sandbox) -> None:
    first, second, plan, other = (
        shop.product(client, "30.00"),
        shop.product(client, "60.00"),
        shop.plan(client),
        shop.plan(client, shop.month("1.00")),
    )
    bill = changes.subscribed(client, first, billingPlan=shop.reference(plan))
    sandbox.advance(15)
    changed = changes.modify(client, bill, changes.replacing(bill["items"][0], second)).autobill
    changes.modify(client, bill, changes.editing(changed["items"][1], quantity=3), effective="nextBill")
    changes.modify(client, bill, plan=other, effective="nextBill")
    told = client("AutoBill").fetchBillingItemHistory(autobill=shop.reference(bill))
    assert told.autobill.VID == bill.VID
    records = told.autoBillItemHistory
    assert [
        (one.action, one.autoBillItem.product.merchantProductId, one.autoBillItem.quantity) for one in records
    ] == [
        ("Add", first.merchantProductId, 1),
        ("Remove", first.merchantProductId, 1),
        ("Add", second.merchantProductId, 1),
        ("Edit", second.merchantProductId, 3),
    ]
    assert records[0].effectiveDate == bill.startTimestamp
    assert records[1].actionDate == records[1].effectiveDate
    assert records[2].autoBillItem.transitionedFromAutoBillItemVid == bill["items"][0].VID
    assert records[3].effectiveDate.isoformat() == "2024-05-01T00:00:00-07:00"
    spans = [
        (one.merchantBillingPlanId, one.startDate.date().isoformat(), one.endDate and one.endDate.date())
        for one in told.billingPlanHistory
    ]
    assert [span[:2] for span in spans] == [
        (plan.merchantBillingPlanId, "2024-04-01"),
        (other.merchantBillingPlanId, "2024-05-01"),
    ]
    assert [span[2] and span[2].isoformat() for span in spans] == ["2024-05-01", None]


def test_a_plan_that_never_took_effect_is_not_in_the_history(client: Client, sandbox: Sandbox) -> None:
    plans = [shop.plan(client, shop.month(f"{price}.00")) for price in (1, 2, 3)]
    bill = changes.subscribed(client, shop.product(client), billingPlan=shop.reference(plans[0]))
    changes.modify(client, bill, plan=plans[1], effective="nextBill")
    sandbox.advance(5)
    changes.modify(client, bill, plan=plans[2])
    told = client("AutoBill").fetchBillingItemHistory(autobill=shop.reference(bill)).billingPlanHistory
    assert [one.merchantBillingPlanId for one in told] == [
        plans[0].merchantBillingPlanId,
        plans[2].merchantBillingPlanId,
    ]


def test_changes_by_update_are_in_the_history_too(client: Client) -> None:
    product, plan = shop.product(client), shop.plan(client, shop.month("1.00"))
    bill = changes.subscribed(client, product)
    shop.update(
        client,
        {
            "VID": bill.VID,
            "billingPlan": shop.reference(plan),
            "items": [
                {"VID": bill["items"][0].VID, "quantity": 2},
                {"product": shop.reference(shop.product(client))},
            ],
        },
    )
    told = client("AutoBill").fetchBillingItemHistory(autobill=shop.reference(bill))
    assert [one.action for one in told.autoBillItemHistory] == ["Add", "Edit", "Add"]
    assert [one.effectiveDate.date().isoformat() for one in told.autoBillItemHistory] == [
        "2024-04-01",
        "2024-05-01",
        "2024-05-01",
    ]
    assert told.billingPlanHistory[1].merchantBillingPlanId == plan.merchantBillingPlanId


def test_an_autobill_is_the_only_step_of_its_upgrades(client: Client) -> None:
    bill = changes.subscribed(client, shop.product(client))
    by_vid = client("AutoBill").fetchUpgradeHistoryByVid(vid=bill.VID)
    by_id = client("AutoBill").fetchUpgradeHistoryByMerchantAutoBillId(
        merchantAutoBillId=bill.merchantAutoBillId
    )
    for answer in (by_vid, by_id):
        (step,) = answer.upgradeHistorySteps
        assert (step.vid, step.startTimestamp, step.endTimestamp) == (bill.VID, bill.startTimestamp, None)
