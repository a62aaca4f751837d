"""Customers who leave: to the end of what they paid, at once, with money back, inside a commitment, and in debt."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from cashbox_service.app.environment import Environment
from cashbox_service.ids import new_row_id
from cashbox_service.store.entities import AutoBillCharge
from tests.services import changes, refunds, sales, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.soap_client import Login

D = Decimal
Check = Callable[[], None]
Rights = Callable[[Any], list[Any]]
AddCharge = Callable[[Any, str], None]

LEAVING = ("Pending Cancel", "Billing Completed")
LEFT = ("Cancelled", "Billing Completed")
UNCOLLECTED = ("Cancelled", "Failed To Collect")
TAX = {"country": "US", "rate": "0.1", "jurisdiction": "COUNTRY_US", "name": "US TAX"}


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Check) -> Any:
    sandbox.set_clock("2024-04-01T10:00:00")
    yield
    books_are_right()


@pytest.fixture
def add_charge(environment: Environment, merchant: Login) -> AddCharge:
    """Puts a charge on the AutoBill's next bill."""

    def add(autobill: Any, price: str) -> None:
        with closing(environment.open(environment.merchant(merchant.login))) as work, work.writing():
            work.uow.autobills.add(
                AutoBillCharge(
                    row_id=new_row_id(),
                    autobill_vid=autobill.VID,
                    sku="delivery",
                    description="Delivery",
                    price=D(price),
                    quantity=D(1),
                    added_at=work.now,
                )
            )

    return add


def _cancel(client: Client, autobill: Any, expecting: int = 200, **options: Any) -> Any:
    given = {"disentitle": False, "force": False} | options
    return client("AutoBill").expecting(expecting).cancel(autobill=shop.reference(autobill), **given)


def _states(client: Client, autobill: Any) -> list[str]:
    return list(shop.states(client, autobill).values())


def _granting(client: Client, price: str = "10.00") -> list[dict[str, Any]]:
    product = shop.product(client, price, merchantEntitlementIds=[{"id": "read"}])
    return [{"product": shop.reference(product)}]


def _credit(client: Client, autobill: Any) -> list[tuple[Decimal, str]]:
    return shop.credit(client("Account").fetchByVid(vid=autobill.account.VID).account)


def _totals(transaction: Any) -> list[tuple[str, Decimal]]:
    return [(line.name, line.total) for line in transaction.transactionItems]


def test_a_paid_month_is_served_to_its_end_and_then_the_autobill_is_cancelled(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    autobill = shop.subscribe(client, items=_granting(client)).autobill
    sandbox.advance(9)

    done = _cancel(client, autobill, cancelReasonCode="103")

    left = done.autobill
    assert shop.standing(left) == LEAVING
    assert left.endTimestamp.isoformat() == "2024-04-30T23:59:59-07:00"
    assert (left.nextBilling, left["items"][0].removedDate.isoformat()) == (None, "2024-05-01T00:00:00-07:00")
    assert (left.cancelReason.reason_code, left.cancelReason.description) == (
        "103",
        "Merchant: Customer Dissatisfied",
    )
    assert (list(done.transactions), list(done.refunds), left.subscriptionBalance) == ([], [], 0)
    assert _states(client, autobill) == ["Paid", "Closed"]
    sandbox.advance(20)
    assert shop.standing(shop.fetched(client, autobill)) == LEAVING
    sandbox.advance(1)
    assert shop.standing(shop.fetched(client, autobill)) == LEFT
    assert [right.end.isoformat() for right in entitlements(autobill)] == ["2024-04-30T23:59:59-07:00"]
    assert len(shop.transactions(client, autobill)) == 1


def test_disentitling_ends_everything_now_and_refunds_nothing_by_itself(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    autobill = shop.subscribe(client, items=_granting(client)).autobill
    sandbox.set_clock("2024-04-10T15:00:00")

    done = _cancel(client, autobill, disentitle=True)

    assert shop.standing(done.autobill) == LEFT
    assert done.autobill.endTimestamp.isoformat().startswith("2024-04-10T15:00:0")
    assert done.autobill["items"][0].removedDate.isoformat() == "2024-04-10T00:00:00-07:00"
    assert done.autobill.cancelReason.description == "CashBox: Unspecified"
    ends = [right.end.replace(microsecond=0) for right in entitlements(autobill)]
    assert ends == [done.autobill.endTimestamp]
    assert list(done.refunds) == []


def test_the_unused_days_of_a_card_paid_month_go_back_to_the_card(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, items=_granting(client, "30.00")).autobill
    sandbox.advance(9)

    done = _cancel(client, autobill, disentitle=True, settle=True)

    (refund,) = done.refunds
    assert (refund.amount, refund.currency, refund.status) == (D("20.00"), "USD", "Processing")
    assert refund.refundDistributionStrategy == "None"
    assert list(done.transactions) == []
    refunds.carry_out(sandbox)
    assert refunds.later(client, refund).status == "Complete"
    assert done.autobill.subscriptionBalance == 0


def test_variant_c_of_the_worked_timeline_gives_back_money_first_and_then_the_credit_that_was_used(
    client: Client, sandbox: Sandbox
) -> None:
    """Tax 10 % on 12.00: the bill of 13.20 was covered by 6.80 of credit and 6.40 from the card."""
    home = shop.account(client, shippingAddress=shop.address())
    sandbox.set_clock("2024-05-01T10:00:00")
    sales.grant(client, home, "6.80")
    sandbox.tax(TAX)
    sandbox.set_clock("2024-05-31T10:00:00")
    plan = shop.plan(client, shop.month("10.00"))
    autobill = shop.subscribe(
        client,
        account=shop.reference(home),
        billingPlan=shop.reference(plan),
        items=_granting(client, "2.00"),
    ).autobill
    paid = shop.transactions(client, autobill)[-1]
    assert paid.amount == D("6.40")
    sandbox.advance(10)

    done = _cancel(client, autobill, disentitle=True, settle=True)

    (refund,) = done.refunds
    assert refund.amount == D("6.40")
    assert [part.amount for part in refund.credit.currencyAmounts] == [D("1.96")]
    assert (D("1.96"), "USD") in _credit(client, autobill)
    assert shop.standing(done.autobill) == LEFT
    assert _states(client, autobill) == ["Paid", "Closed"]


def test_a_month_that_credit_paid_alone_comes_back_as_credit(client: Client, sandbox: Sandbox) -> None:
    home = shop.account(client)
    sales.grant(client, home, "30.00")
    autobill = shop.subscribe(client, account=shop.reference(home), items=_granting(client, "30.00")).autobill
    assert _credit(client, autobill) == []
    sandbox.advance(14)

    done = _cancel(client, autobill, disentitle=True, settle=True)

    (refund,) = done.refunds
    assert refund.amount == 0
    assert _credit(client, autobill) == [(D("15.00"), "USD")]


def test_what_was_paid_by_cheque_becomes_credit_of_the_account(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, shop.invoiced(), items=_granting(client, "30.00")).autobill
    shop.pay(client, autobill, "30.00")
    sandbox.advance(19)

    done = _cancel(client, autobill, disentitle=True, settle=True)

    assert (list(done.refunds), list(done.transactions)) == ([], [])
    account = client("Account").fetchByVid(vid=autobill.account.VID).account
    (part,) = account.credit.currencyAmounts
    assert (part.amount, part.description) == (D("10.00"), "Settlement")


def test_credit_that_an_issued_invoice_used_returns_to_its_owner(client: Client, sandbox: Sandbox) -> None:
    home = shop.account(client)
    sales.grant(client, home, "30.00")
    autobill = shop.subscribe(
        client, shop.invoiced(), account=shop.reference(home), items=_granting(client, "30.00")
    ).autobill
    sandbox.advance(14)
    _cancel(client, autobill, disentitle=True, settle=True)
    assert _credit(client, autobill) == [(D("15.00"), "USD")]


def test_money_that_was_refunded_before_is_not_given_back_twice(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, items=_granting(client, "30.00")).autobill
    refunds.perform(client, refunds.of(shop.transactions(client, autobill)[0], "25.00"))
    sandbox.advance(9)

    done = _cancel(client, autobill, disentitle=True, settle=True)

    assert [refund.amount for refund in done.refunds] == [D("5.00")]


def test_money_that_the_bank_has_taken_back_is_not_given_back_again(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, items=_granting(client, "30.00")).autobill
    sandbox.advance(9)
    sandbox.dispute(shop.transactions(client, autobill)[0])

    done = _cancel(client, autobill, disentitle=True, settle=True)

    assert (list(done.refunds), _credit(client, autobill)) == ([], [])


def test_without_disentitling_everything_paid_is_used_and_nothing_goes_back(
    client: Client, sandbox: Sandbox
) -> None:
    autobill = shop.subscribe(client, items=_granting(client, "30.00")).autobill
    sandbox.advance(9)
    done = _cancel(client, autobill, settle=True)
    assert (shop.standing(done.autobill), list(done.refunds)) == (LEAVING, [])


def test_charges_that_were_to_come_are_charged_at_once_when_settled(
    client: Client, sandbox: Sandbox, add_charge: AddCharge
) -> None:
    autobill = shop.subscribe(client, items=_granting(client, "30.00")).autobill
    add_charge(autobill, "24.00")
    sandbox.advance(9)

    done = _cancel(client, autobill, disentitle=True, settle=True)

    (charge,) = done.transactions
    assert (charge.amount, shop.log(charge)) == (D("4.00"), ["Captured", "New"])
    assert _totals(charge) == [("Delivery", D(24)), ("Magazine", D(-20)), ("Total Tax", D(0))]
    assert charge.transactionItems[1].itemType == "ModificationRefund"
    assert (charge.billingPlanCycle, charge.autoBillCycle, charge.retryNumber) == (0, None, None)
    assert (list(done.refunds), done.autobill.subscriptionBalance) == ([], 0)


def test_a_refund_is_smaller_by_the_charges_that_were_to_come(
    client: Client, sandbox: Sandbox, add_charge: AddCharge
) -> None:
    sandbox.tax(TAX)
    home = shop.account(client, shippingAddress=shop.address())
    autobill = shop.subscribe(client, account=shop.reference(home), items=_granting(client, "30.00")).autobill
    add_charge(autobill, "3.00")
    sandbox.advance(9)

    done = _cancel(client, autobill, disentitle=True, settle=True)

    (detail,) = done.transactions
    assert (detail.amount, detail.statusLog[0].creditCardStatus.authCode) == (0, "VIN_900")
    assert [amount for _, amount in _totals(detail)] == [D("3.30"), D("-22.00"), D("-1.70")]
    assert [refund.amount for refund in done.refunds] == [D("18.70")]


def test_a_settling_charge_that_is_declined_stays_owed(
    client: Client, sandbox: Sandbox, add_charge: AddCharge
) -> None:
    autobill = shop.subscribe(client).autobill
    add_charge(autobill, "24.00")
    sandbox.script({"authCode": "302"})

    done = _cancel(client, autobill, settle=True)

    assert shop.standing(done.autobill) == LEAVING
    assert shop.log(done.transactions[0]) == ["Cancelled", "New"]
    assert done.autobill.subscriptionBalance == D("24.00")


def test_a_settling_charge_without_answer_is_found_out_later(
    client: Client, sandbox: Sandbox, add_charge: AddCharge
) -> None:
    autobill = shop.subscribe(client).autobill
    add_charge(autobill, "24.00")
    sandbox.script({"timeOut": "answer"})

    done = _cancel(client, autobill, settle=True)

    assert shop.log(done.transactions[0]) == ["New"]
    assert done.autobill.subscriptionBalance == D("24.00")


def test_without_settling_charges_and_credit_are_summed_up_in_the_balance(
    client: Client, sandbox: Sandbox, add_charge: AddCharge
) -> None:
    autobill = shop.subscribe(client).autobill
    add_charge(autobill, "7.50")
    assert _cancel(client, autobill).autobill.subscriptionBalance == D("7.50")
    other = shop.subscribe(client, shop.invoiced()).autobill
    shop.pay(client, other, "14.00", overageDisposition="applytoCredit")
    left = _cancel(client, other).autobill
    assert (left.subscriptionBalance, shop.credit(left)) == (D("-4.00"), [])


def test_a_customer_who_pays_by_hand_gets_the_last_charges_as_an_invoice(
    client: Client, sandbox: Sandbox, add_charge: AddCharge
) -> None:
    autobill = shop.subscribe(client, shop.invoiced(), invoiceTerms=10).autobill
    shop.pay(client, autobill, "10.00")
    add_charge(autobill, "24.00")

    done = _cancel(client, autobill, settle=True)

    assert list(done.transactions) == []
    assert _states(client, autobill) == ["Paid", "Closed", "Due"]
    last = shop.invoices(client, autobill)[-1]
    assert shop.due(client, autobill, last) == D("24.00")
    sandbox.advance(12)
    assert _states(client, autobill)[-1] == "Overdue"
    shop.pay(client, autobill, "24.00")
    assert _states(client, autobill)[-1] == "Paid"


def test_a_commitment_is_kept_unless_forced_and_the_fee_is_the_merchants_policy(
    client: Client, sandbox: Sandbox
) -> None:
    autobill = shop.subscribe(client, minimumCommitment=12).autobill
    refused = _cancel(client, autobill, expecting=400)
    assert shop.text(refused) == "AutoBill has not satisfied its minimum commitment; use force to cancel."
    assert shop.fetched(client, autobill).status == "Active"
    assert _cancel(client, autobill, force=True).autobill.subscriptionBalance == 0
    sandbox.settings(cancelFeePolicy="full")
    full = shop.subscribe(client, minimumCommitment=12).autobill
    done = _cancel(client, full, force=True, settle=True)
    assert [one.amount for one in done.transactions] == [D("110.00")]
    unsettled = shop.subscribe(client, minimumCommitment=12).autobill
    assert _cancel(client, unsettled, force=True).autobill.subscriptionBalance == D("110.00")
    sandbox.settings(cancelFeePolicy="prorate")
    sandbox.set_clock("2024-04-01T12:00:00")
    partly = shop.subscribe(client, minimumCommitment=12).autobill
    done = _cancel(client, partly, force=True, settle=True)
    # 110.00 for the 364 days left of the 365 that end with 31 March
    assert [one.amount for one in done.transactions] == [D("109.70")]


def test_the_last_committed_cycle_frees_the_customer(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, minimumCommitment=2).autobill
    sandbox.advance(29)
    _cancel(client, autobill, expecting=400)
    sandbox.advance(1)
    assert shop.standing(_cancel(client, autobill).autobill) == LEAVING


def test_a_customer_in_debt_is_served_no_longer_and_can_still_pay(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    autobill = shop.subscribe(client, items=_granting(client)).autobill
    sandbox.script({"authCode": "302"})
    sandbox.advance(30)
    assert shop.fetched(client, autobill).billingState == "In Retry"

    done = _cancel(client, autobill)

    assert shop.standing(done.autobill) == UNCOLLECTED
    assert done.autobill.endTimestamp.isoformat() == "2024-04-30T23:59:59-07:00"
    assert [right.end.date().isoformat() for right in entitlements(autobill)] == ["2024-05-01"]  # at once
    sandbox.advance(20)
    assert len(shop.transactions(client, autobill)) == 2
    assert _states(client, autobill) == ["Paid", "Overdue", "Closed"]
    shop.pay(client, autobill, "10.00")
    assert shop.standing(shop.fetched(client, autobill)) == LEFT


def test_an_invoice_that_is_due_counts_as_billed_and_stays_collectable(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    autobill = shop.subscribe(client, shop.invoiced(), items=_granting(client), invoiceTerms=5).autobill

    done = _cancel(client, autobill)

    assert shop.standing(done.autobill) == LEAVING
    assert done.autobill.endTimestamp.isoformat() == "2024-04-30T23:59:59-07:00"
    sandbox.advance(31)
    assert shop.standing(shop.fetched(client, autobill)) == LEFT
    assert [right.end.isoformat() for right in entitlements(autobill)] == ["2024-04-30T23:59:59-07:00"]
    assert _states(client, autobill) == ["Overdue", "Closed"]
    shop.pay(client, autobill, "10.00")
    assert _states(client, autobill) == ["Paid", "Closed"]


def test_one_that_never_began_is_over_when_it_would_have_begun(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    autobill = shop.subscribe(
        client, items=_granting(client), startTimestamp="2024-04-20T08:00:00-07:00"
    ).autobill

    done = _cancel(client, autobill)

    assert shop.standing(done.autobill) == LEAVING
    assert done.autobill.endTimestamp.isoformat() == "2024-04-20T23:59:59-07:00"
    assert done.autobill["items"][0].removedDate.isoformat() == "2024-04-20T00:00:00-07:00"
    sandbox.advance(18)
    assert shop.standing(shop.fetched(client, autobill)) == LEAVING
    sandbox.advance(1)
    assert shop.standing(shop.fetched(client, autobill)) == LEFT
    assert (entitlements(autobill), shop.transactions(client, autobill)) == ([], [])


def test_cancelling_again_changes_nothing_but_may_end_the_service_now(
    client: Client, sandbox: Sandbox, entitlements: Rights
) -> None:
    autobill = shop.subscribe(client, items=_granting(client, "30.00")).autobill
    _cancel(client, autobill, cancelReasonCode="100")
    again = _cancel(client, autobill, cancelReasonCode="101").autobill
    assert (shop.standing(again), again.cancelReason.reason_code) == (LEAVING, "100")
    sandbox.advance(9)
    done = _cancel(client, autobill, disentitle=True, settle=True)
    assert (shop.standing(done.autobill), done.autobill.cancelReason.reason_code) == (LEFT, "100")
    assert [refund.amount for refund in done.refunds] == [D("20.00")]
    sandbox.advance(1)
    once_more = _cancel(client, autobill, disentitle=True, settle=True)
    assert (list(once_more.refunds), list(once_more.transactions)) == ([], [])
    assert once_more.autobill.endTimestamp == done.autobill.endTimestamp


def test_a_payment_booked_ahead_becomes_credit_when_the_cycle_never_comes(
    client: Client, sandbox: Sandbox
) -> None:
    autobill = shop.subscribe(client).autobill
    shop.pay(client, autobill, "4.00", invoiceId=shop.invoices(client, autobill)[-1])
    _cancel(client, autobill)
    assert _credit(client, autobill) == [(D("4.00"), "USD")]


@pytest.mark.parametrize("charge", [None, "3.00", "50.00"])
def test_a_quote_is_what_cancelling_does_the_same_day(
    client: Client, sandbox: Sandbox, add_charge: AddCharge, charge: str | None
) -> None:
    autobill = shop.subscribe(client, items=_granting(client, "30.00")).autobill
    if charge is not None:
        add_charge(autobill, charge)
    sandbox.advance(9)
    before = _comparable(shop.fetched(client, autobill))

    quoted = client("AutoBill").settlementQuote(autobill=shop.reference(autobill))

    assert _comparable(shop.fetched(client, autobill)) == before
    done = _cancel(client, autobill, disentitle=True, settle=True)
    given_back = sum(refund.amount for refund in done.refunds)
    asked = sum(one.amount for one in done.transactions)
    assert (quoted.amount, quoted.currency) == (asked - given_back, "USD")
    assert [one.amount for one in quoted.refunds] == [one.amount for one in done.refunds]
    assert [_totals(one) for one in quoted.transactions] == [_totals(one) for one in done.transactions]
    assert {one.VID for one in (*quoted.refunds, *quoted.transactions)} <= {None}


def _comparable(autobill: Any) -> Mapping[str, Any]:
    return {name: autobill[name] for name in ("status", "billingState", "endTimestamp", "cancelReason")}


def test_a_quote_can_be_short_and_keeps_to_the_commitment(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, items=_granting(client, "30.00"), minimumCommitment=6).autobill
    sandbox.advance(9)
    named = shop.reference(autobill)
    refused = client("AutoBill").expecting(400).settlementQuote(autobill=named)
    assert refused.note == "AutoBill has not satisfied its minimum commitment; use force to cancel."
    short = client("AutoBill").settlementQuote(autobill=named, force=True, amountOnly=True)
    assert (short.amount, short.note) == (D("-20.00"), "Refund of 20.00 USD on cancellation.")
    assert (list(short.transactions), list(short.refunds)) == ([], [])


def test_all_autobills_of_an_account_stop_in_one_call(client: Client, sandbox: Sandbox) -> None:
    home = shop.account(client)
    owner: dict[str, Any] = {"account": shop.reference(home)}
    running, ended, other = (shop.subscribe(client, **owner).autobill for _ in range(3))
    stranger = shop.subscribe(client).autobill
    _cancel(client, ended, disentitle=True)
    stop = client("Account")
    flags = {"disentitle": False, "force": False}

    stop.stopAutoBilling(**owner, autobills=[shop.reference(running)], **flags)
    assert [shop.fetched(client, one).status for one in (running, other)] == ["Pending Cancel", "Active"]
    refused = stop.expecting(400).stopAutoBilling(
        **owner, autobills=[shop.reference(other), shop.reference(stranger)], **flags
    )
    assert shop.text(refused) == "Unable to load AutoBill:  ."
    assert shop.fetched(client, other).status == "Active"
    answer = client("Account").stopAutoBilling(**owner, autobills=[], **(flags | {"disentitle": True}))
    assert answer.account.VID == home.VID
    assert {shop.fetched(client, one).status for one in (running, ended, other)} == {"Cancelled"}
    assert shop.fetched(client, stranger).status == "Active"
    client("Account").stopAutoBilling(**owner, autobills=[], **flags)


def test_reasons_are_the_services_and_the_merchants_own(client: Client) -> None:
    service = client("AutoBill")
    known = {one.reason_code: one.description for one in service.fetchAllCancelReason().cancelReasons}
    assert list(known) == ["0", "1", "2", "3", "4", "5", *(str(code) for code in range(100, 108))]
    assert known["107"] == "Merchant:  Generic Cancel (Other)"
    code = f"moved{secrets.token_hex(3)}"
    service.updateCancelReason(cancelReason={"reason_code": code, "description": "Moved away"})
    free = service.updateCancelReason(cancelReason={"description": "Went on holiday"}).cancelReason
    assert free.reason_code == "1000"
    autobill = _cancel(client, shop.subscribe(client).autobill, cancelReasonCode=code).autobill
    assert autobill.cancelReason.description == "Moved away"
    service.updateCancelReason(cancelReason={"reason_code": code, "description": "Moved abroad"})
    assert shop.fetched(client, autobill).cancelReason.description == "Moved abroad"
    assert [one.reason_code for one in service.fetchAllCancelReason().cancelReasons][-2:] == ["1000", code]


def test_an_unknown_reason_cancels_nothing(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    refused = _cancel(client, autobill, expecting=400, cancelReasonCode="nowhere")
    assert shop.text(refused) == "Unable to find cancel reason nowhere."
    assert shop.fetched(client, autobill).status == "Active"


@pytest.mark.parametrize(("old", "new", "back"), [("30.00", "10.00", "4.67"), ("30.00", "60.00", "28.00")])
def test_what_was_exchanged_in_the_month_is_given_back_at_its_own_price(
    client: Client, sandbox: Sandbox, old: str, new: str, back: str
) -> None:
    autobill = changes.subscribed(client, shop.product(client, old))
    sandbox.advance(15)
    changes.modify(client, autobill, changes.replacing(autobill["items"][0], shop.product(client, new)))

    done = _cancel(client, autobill, disentitle=True, settle=True)

    # 16 April counts as used: 14 of the 15 days that the new one was paid for are left
    assert sum(refund.amount for refund in done.refunds) == D(back)
