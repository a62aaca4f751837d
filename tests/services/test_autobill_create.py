"""AutoBill.update on a new AutoBill: what is billed in the call, by start date and payment method (autobill §5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

D = Decimal
Check = Callable[[], None]
Rights = Callable[[Any], list[Any]]


def day(moment: datetime) -> date:
    """The Pacific day of a moment in an answer."""
    return moment.date()


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check) -> Any:
    yield
    books_are_right()


@pytest.fixture(autouse=True)
def _noon(sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-15T12:00:00")


def test_a_card_is_authorized_for_the_first_bill_inside_the_call(client: Client) -> None:
    answer = shop.subscribe(client)
    assert shop.standing(answer.autobill) == ("Active", "Good Standing")
    assert answer.authStatus.status == "Authorized"
    assert answer.authStatus.creditCardStatus.authCode == "T00"
    first = answer.initialTransaction
    assert (first.amount, first.currency, first.paymentProcessor) == (D("10.00"), "USD", "Test")
    assert shop.log(first) == ["Authorized", "New"]
    assert (answer.score, answer.scoreCodes) == (-1, [])


def test_the_first_transaction_names_its_autobill_and_cycle(client: Client) -> None:
    answer = shop.subscribe(client)
    first, autobill = answer.initialTransaction, answer.autobill
    assert first.paymentProcessorTransactionId == first.merchantTransactionId
    assert (first.autoBillCycle, first.billingPlanCycle, first.retryNumber) == (0, 0, 0)
    assert (first.autobillVID, first.merchantAutobillIdentifier) == (
        autobill.VID,
        autobill.merchantAutoBillId,
    )
    assert day(first.originalActivityDate) == date(2024, 1, 15)
    assert shop.names(first) == {
        "vin:AutoBillVID": autobill.VID,
        "vin:MerchantAutoBillIdentifier": autobill.merchantAutoBillId,
        "vin:OriginalActivityDate": "2024-01-15 00:00:00",
        "vin:RetryNumber": "0",
        "vin:BillingCycle": "0",
    }


def test_the_plan_line_comes_first_and_the_tax_line_last(client: Client) -> None:
    plan = shop.plan(client, shop.month("5.00"), description="Monthly fee")
    sku = shop.product(client, "2.50")
    answer = shop.subscribe(
        client,
        billingPlan=shop.reference(plan),
        items=[{"index": 0, "product": shop.reference(sku), "quantity": 3}],
    )
    lines = answer.initialTransaction.transactionItems
    assert [(line.indexNumber, line.sku, line.name, line.total) for line in lines] == [
        (1, plan.merchantBillingPlanId, "Monthly fee", D("5.00")),
        (2, sku.merchantProductId, "Magazine", D("7.50")),
        (3, "Total Tax", "Total Tax", D("0.00")),
    ]
    assert all(day(line.servicePeriodStartDate) == date(2024, 1, 15) for line in lines)
    assert all(day(line.servicePeriodEndDate) == date(2024, 2, 14) for line in lines)
    assert lines[1].quantity == 3
    assert lines[1].price == D("2.50")
    assert lines[1].subtotal == D("7.50")
    assert answer.initialTransaction.amount == D("12.50")


def test_the_autobill_is_good_to_the_end_of_the_period_and_shows_the_next_billing(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    assert autobill.endTimestamp.isoformat() == "2024-02-14T23:59:59-08:00"
    assert autobill.nextBilling.amount == D("10.00")
    assert autobill.nextBilling.timestamp.isoformat() == "2024-02-15T00:00:00-08:00"
    assert autobill.nextBilling.VID is None
    assert [line.total for line in autobill.nextBilling.transactionItems] == [D("10.00")]
    assert autobill.nextBilling.transactionItems[0].indexNumber is None


def test_values_that_were_not_sent_are_answered_with_their_defaults(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    assert (autobill.minimumCommitment, autobill.warnOnExpiration, autobill.subscriptionBalance) == (
        0,
        False,
        0,
    )
    assert (autobill.statementFormat, autobill.billingDay) == ("DoNotSend", 15)
    assert autobill.items[0].quantity == 1
    assert autobill.cancelReason is None


def test_the_account_is_echoed_sparsely_and_the_plan_in_full(client: Client) -> None:
    answer = shop.subscribe(client)
    account = answer.autobill.account
    assert account.name == "Ada Reader"
    assert account.paymentMethods == []
    assert account.warnBeforeAutobilling is None
    assert answer.autobill.billingPlan.periods[0].type == "Month"


def test_invoice_0_is_paid_and_the_next_one_open(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    number = autobill.merchantAutoBillId
    assert shop.states(client, autobill) == {f"{number}-00000000": "Paid", f"{number}-00000001": "Open"}


def test_without_an_id_the_vid_becomes_the_id(client: Client) -> None:
    autobill = shop.subscribe(client, merchantAutoBillId=None).autobill
    assert autobill.merchantAutoBillId == autobill.VID


def test_account_plan_product_and_card_are_made_on_the_way(client: Client) -> None:
    account, plan, sku = shop.new_id("account"), shop.new_id("plan"), shop.new_id("sku")
    product = {"merchantProductId": sku, "prices": [{"amount": "3.00", "currency": "USD"}]}
    autobill = shop.subscribe(
        client,
        account={"merchantAccountId": account, "name": "Grace"},
        billingPlan={"merchantBillingPlanId": plan, "periods": [shop.month("4.00")]},
        items=[{"product": product}],
    ).autobill
    assert autobill.account.merchantAccountId == account
    stored = client("Account").fetchByVid(vid=autobill.account.VID).account
    assert [method.VID for method in stored.paymentMethods] == [autobill.paymentMethod.VID]
    assert client("Product").fetchByMerchantProductId(merchantProductId=sku).product.prices[0].amount == 3
    assert autobill.nextBilling.amount == 7


def test_the_primary_products_plan_is_used_when_none_is_named(client: Client) -> None:
    plan = shop.plan(client, shop.month("6.00"))
    product = shop.product(client, None, defaultBillingPlan=shop.reference(plan))
    autobill = shop.subscribe(client, billingPlan=None, items=[{"product": shop.reference(product)}]).autobill
    assert autobill.billingPlan.VID == plan.VID
    explicit = shop.plan(client, shop.month("9.00"))
    other = shop.subscribe(
        client, billingPlan=shop.reference(explicit), items=[{"product": shop.reference(product)}]
    ).autobill
    assert other.billingPlan.VID == explicit.VID


def test_the_accounts_first_payment_method_is_used_when_none_is_named(client: Client) -> None:
    account = shop.account(client, paymentMethods=[shop.card(shop.OTHER_CARD), shop.card()])
    answer = shop.update(client, shop.order(client, account=shop.reference(account)))
    assert answer.autobill.paymentMethod.creditCard.lastDigits == shop.OTHER_CARD[-4:]
    assert answer.initialTransaction.amount == 10


def test_the_accounts_currency_is_the_default(client: Client) -> None:
    account = shop.account(client, defaultCurrency="EUR")
    product = shop.product(client, "8.00", currency="EUR")
    answer = shop.subscribe(
        client, account=shop.reference(account), currency=None, items=[{"product": shop.reference(product)}]
    )
    assert answer.autobill.currency == "EUR"
    assert answer.initialTransaction.amount == 8


def test_dollars_are_the_default_where_nobody_says_otherwise(client: Client) -> None:
    assert shop.subscribe(client, currency=None).autobill.currency == "USD"


@pytest.mark.parametrize(
    ("start", "initial_auth", "billed"),
    [
        ("2024-01-15T12:00:00", None, True),
        ("2024-01-16T12:59:00", None, True),
        ("2024-01-16T13:01:00", None, False),
        ("2024-01-16T12:59:00", "AuthImminentBilling", True),
        ("2024-01-16T12:59:00", "DelayFullAuthToInitialBillingDate", False),
        ("2024-01-16T13:01:00", "DelayFullAuthToInitialBillingDate", False),
        ("2024-03-01T00:00:00", None, False),
    ],
)
def test_a_start_within_25_hours_is_billed_in_the_call(
    client: Client, start: str, initial_auth: str | None, billed: bool
) -> None:
    order = shop.order(client, shop.card(), startTimestamp=f"{start}-08:00")
    answer = shop.update(client, order, initialAuth=initial_auth)
    if billed:
        assert shop.standing(answer.autobill) == ("Active", "Good Standing")
        assert answer.initialTransaction.amount == 10
        assert shop.invoices(client, answer.autobill, "Paid")
    else:
        assert shop.standing(answer.autobill) == ("Pending Activation", "Unbilled")
        assert (answer.initialTransaction, answer.authStatus) == (None, None)
        assert answer.autobill.endTimestamp is None
        assert shop.states(client, answer.autobill) == {f"{order['merchantAutoBillId']}-00000000": "Open"}
        assert answer.autobill.nextBilling.amount == 10
        assert day(answer.autobill.nextBilling.timestamp).isoformat() == start[:10]


def test_an_imminent_start_entitles_from_the_start_on(client: Client, entitlements: Rights) -> None:
    product = shop.product(client, merchantEntitlementIds=[{"id": "read"}])
    start = "2024-01-16T08:00:00-08:00"
    autobill = shop.subscribe(
        client, startTimestamp=start, items=[{"product": shop.reference(product)}]
    ).autobill
    assert autobill.startTimestamp.isoformat() == start
    assert [(right.id, right.start.isoformat(), right.end) for right in entitlements(autobill)] == [
        ("read", start, None)
    ]


def test_a_start_in_the_past_bills_the_first_cycle_now_and_the_others_with_the_next_run(
    client: Client, sandbox: Sandbox
) -> None:
    answer = shop.subscribe(client, startTimestamp="2023-11-10T09:00:00-08:00")
    lines = answer.initialTransaction.transactionItems
    assert day(lines[0].servicePeriodStartDate) == date(2023, 11, 10)
    assert day(lines[0].servicePeriodEndDate) == date(2023, 12, 9)
    assert list(shop.states(client, answer.autobill).values()) == ["Paid", "Open"]
    sandbox.bill()
    assert list(shop.states(client, answer.autobill).values()) == ["Paid", "Paid", "Paid", "Open"]
    made = shop.transactions(client, answer.autobill)
    assert [transaction.autoBillCycle for transaction in made] == [0, 1, 2]
    assert [day(one.originalActivityDate).isoformat() for one in made] == [
        "2023-11-10",
        "2023-12-10",
        "2024-01-10",
    ]
    assert shop.fetched(client, answer.autobill).endTimestamp.isoformat() == "2024-02-09T23:59:59-08:00"


def test_a_future_start_is_billed_on_its_day(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, startTimestamp="2024-02-01T06:00:00-08:00").autobill
    sandbox.bill_on("2024-01-31T23:00:00")
    assert shop.standing(shop.fetched(client, autobill)) == ("Pending Activation", "Unbilled")
    sandbox.bill_on("2024-02-01T07:00:00")
    started = shop.fetched(client, autobill)
    assert shop.standing(started) == ("Active", "Good Standing")
    assert started.endTimestamp.isoformat() == "2024-02-29T23:59:59-08:00"
    assert [shop.log(one) for one in shop.transactions(client, autobill)] == [["Captured", "New"]]


def test_a_free_first_period_charges_nothing(client: Client) -> None:
    plan = shop.plan(client, shop.month("5.00", cycles=1, free=True), shop.month("5.00"))
    answer = shop.subscribe(client, billingPlan=shop.reference(plan))
    assert shop.standing(answer.autobill) == ("Active", "Free/Trial")
    assert answer.authStatus is None
    first = answer.initialTransaction
    assert (first.amount, first.paymentProcessor) == (0, "Vindicia")
    assert shop.log(first) == ["Captured", "New"]
    assert first.statusLog[0].creditCardStatus.authCode == "VIN_900"
    assert shop.names(first)["vin:payment_processor"] == "Vindicia"
    assert list(shop.states(client, answer.autobill).values()) == ["Paid", "Open"]
    assert answer.autobill.nextBilling.amount == 15


def test_a_price_of_0_is_good_standing_and_not_a_trial(client: Client) -> None:
    answer = shop.subscribe(client, items=[{"product": shop.reference(shop.product(client, "0.00"))}])
    assert shop.standing(answer.autobill) == ("Active", "Good Standing")
    assert answer.initialTransaction.amount == 0


def test_nothing_due_and_nobody_to_charge_is_saved_without_payment_method(client: Client) -> None:
    plan = shop.plan(client, shop.month(cycles=1, free=True), shop.month())
    answer = shop.update(client, shop.order(client, billingPlan=shop.reference(plan)))
    assert answer.autobill.paymentMethod is None
    assert answer.autobill.status == "Active"


def test_validation_for_the_future_is_made_when_nothing_is_due(client: Client) -> None:
    plan = shop.plan(client, shop.month(cycles=1, free=True), shop.month())
    order = shop.order(client, shop.card(), billingPlan=shop.reference(plan))
    answer = shop.update(client, order, validateForFuturePayment=True)
    assert answer.authStatus.status == "AuthorizedForValidation"
    assert answer.initialTransaction.amount == 0
    assert len(shop.transactions(client, answer.autobill)) == 1


def test_validation_for_the_future_is_made_for_a_future_start(client: Client) -> None:
    order = shop.order(client, shop.card(), startTimestamp="2024-03-01T00:00:00-08:00")
    answer = shop.update(client, order, validateForFuturePayment=True)
    assert answer.authStatus.status == "AuthorizedForValidation"
    assert answer.initialTransaction is None
    assert answer.autobill.status == "Pending Activation"


def test_nothing_is_saved_when_the_validation_fails(client: Client) -> None:
    order = shop.order(client, shop.card(shop.HARD_DECLINED), startTimestamp="2024-03-01T00:00:00-08:00")
    answer = shop.update(client, order, expecting=402, validateForFuturePayment=True)
    assert answer.authStatus.status == "Cancelled"
    assert answer.authStatus.creditCardStatus.authCode == "502"
    assert answer.autobill is None
    client("AutoBill").expecting(400).fetchByMerchantAutoBillId(
        merchantAutoBillId=order["merchantAutoBillId"]
    )


def test_the_flag_is_ignored_when_an_amount_is_charged(client: Client) -> None:
    answer = shop.update(client, shop.order(client, shop.card()), validateForFuturePayment=True)
    assert answer.authStatus.status == "Authorized"


def test_an_invoiced_customer_owes_the_first_invoice(client: Client) -> None:
    answer = shop.subscribe(client, shop.invoiced(), invoiceTerms=30)
    assert shop.standing(answer.autobill) == ("Active", "Good Standing")
    assert (answer.authStatus, answer.initialTransaction) == (None, None)
    assert list(shop.states(client, answer.autobill).values()) == ["Due", "Open"]
    assert shop.transactions(client, answer.autobill) == []
    assert answer.autobill.endTimestamp.isoformat() == "2024-02-14T23:59:59-08:00"
    assert answer.autobill.invoiceTerms == 30


def test_a_bank_account_is_served_while_its_deposit_is_on_the_way(client: Client, sandbox: Sandbox) -> None:
    answer = shop.subscribe(client, shop.bank_account())
    assert shop.standing(answer.autobill) == ("Active", "Good Standing")
    assert answer.authStatus.status == "AuthorizedPending"
    assert list(shop.states(client, answer.autobill).values()) == ["Due", "Open"]
    sandbox.advance(1)
    sandbox.advance(10)
    assert shop.log(shop.transactions(client, answer.autobill)[0]) == ["Captured", "AuthorizedPending", "New"]
    assert list(shop.states(client, answer.autobill).values()) == ["Paid", "Open"]


def test_paypal_with_an_agreement_is_charged_at_once(client: Client) -> None:
    answer = shop.subscribe(client, shop.paypal())
    assert shop.standing(answer.autobill) == ("Active", "Good Standing")
    assert answer.initialTransaction.amount == 10


def test_the_authorized_first_bill_is_captured_with_the_next_batch(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client).autobill
    sandbox.bill()
    assert shop.log(shop.transactions(client, autobill)[0]) == ["Captured", "Authorized", "New"]


def test_start_and_dates_are_cut_to_seconds(client: Client) -> None:
    answer = shop.subscribe(client, startTimestamp="2024-01-15T09:30:15.75-08:00")
    assert answer.autobill.startTimestamp.isoformat() == "2024-01-15T09:30:15-08:00"


def test_an_item_may_override_its_price_and_start_later(client: Client) -> None:
    basic, modem = shop.product(client, "10.00"), shop.product(client, "15.00")
    answer = shop.subscribe(
        client,
        items=[
            {"product": shop.reference(basic), "amount": "4.00"},
            {
                "product": shop.reference(modem),
                "startDate": "1 month",
                "cycles": 1,
                "merchantAutoBillItemId": "modem",
            },
        ],
    )
    assert answer.initialTransaction.amount == 4
    assert answer.autobill.nextBilling.amount == 19
    first, second = answer.autobill.items
    assert (first.index, first.amount, first.currency) == (0, 4, "USD")
    assert (second.index, second.startDate) == (1, "2024-02-15T00:00:00-08:00")
    assert (second.cycles, second.cyclesRemaining, second.merchantAutoBillItemId) == (1, 1, "modem")
    assert answer.autobill.startTimestamp - timedelta(seconds=1) < first.addedDate
