"""AutoBill.update on one that exists, field by field (autobill §6.1, "Changing an existing AutoBill")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

Check = Callable[[], None]
RETRY = "putAutoBillInRetryCycle"
FUTURE = "2024-03-01T00:00:00-08:00"


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check, sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-01-15T12:00:00")
    yield
    books_are_right()


def _change(client: Client, autobill: Any, *, expecting: int = 200, **fields: Any) -> Any:
    options = {
        name: fields.pop(name)
        for name in list(fields)
        if name in ("immediateAuthFailurePolicy", "validateForFuturePayment")
    }
    return shop.update(client, shop.reference(autobill) | fields, expecting=expecting, **options)


def _refused(client: Client, autobill: Any, **fields: Any) -> str:
    return shop.text(_change(client, autobill, expecting=400, **fields))


def _states(client: Client, autobill: Any) -> list[str]:
    return list(shop.states(client, autobill).values())


def test_the_answer_to_a_change_carries_no_money(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    answer = _change(client, autobill, customerAutoBillName="Home line")
    assert (answer.initialTransaction, answer.authStatus, answer.score) == (None, None, -1)
    assert answer.autobill.customerAutoBillName == "Home line"
    assert len(shop.transactions(client, autobill)) == 1


def test_it_is_found_by_id_as_well(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    changed = shop.update(
        client, {"merchantAutoBillId": autobill.merchantAutoBillId, "customerAutoBillName": "Home"}
    )
    assert changed.autobill.VID == autobill.VID
    assert shop.fetched(client, autobill).customerAutoBillName == "Home"


def test_what_is_not_sent_stays(client: Client) -> None:
    autobill = shop.subscribe(
        client, customerAutoBillName="Home", minimumCommitment=6, nameValues=[{"name": "a", "value": "1"}]
    ).autobill
    _change(client, autobill, sourceIp="192.0.2.1")
    now = shop.fetched(client, autobill)
    assert (now.customerAutoBillName, now.minimumCommitment, shop.names(now)) == ("Home", 6, {"a": "1"})
    assert (now.sourceIp, len(now.items)) == ("192.0.2.1", 1)


def test_an_empty_text_clears_and_an_empty_number_does_not(client: Client) -> None:
    autobill = shop.subscribe(client, customerAutoBillName="Home", minimumCommitment=6).autobill
    _change(client, autobill, customerAutoBillName="", minimumCommitment="")
    now = shop.fetched(client, autobill)
    assert (now.customerAutoBillName, now.minimumCommitment) == (None, 6)


def test_name_values_are_merged(client: Client) -> None:
    pairs = [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]
    autobill = shop.subscribe(client, nameValues=pairs).autobill
    _change(client, autobill, nameValues=[{"name": "b", "value": "3"}, {"name": "c", "value": "4"}])
    assert shop.names(shop.fetched(client, autobill)) == {"a": "1", "b": "3", "c": "4"}
    _change(client, autobill, nameValues=[{"name": "a", "value": ""}])
    assert shop.names(shop.fetched(client, autobill)) == {"b": "3", "c": "4"}


def test_terms_and_statement_fields_are_stored(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    fields = {
        "billingStatementIdentifier": "SHOP*READ",
        "minimumCommitment": 3,
        "merchantAffiliateId": "partner",
        "merchantAffiliateSubId": "banner",
        "warnOnExpiration": True,
        "statementFormat": "Inline",
        "statementOffset": 2,
        "statementTemplateId": "t1",
        "invoiceTerms": 30,
        "sourceIp": "192.0.2.7",
    }
    _change(client, autobill, expecting=200, **fields)
    now = shop.fetched(client, autobill)
    assert {name: now[name] for name in fields} == fields


def test_the_statement_text_and_the_affiliate_go_on_the_next_billing(
    client: Client, sandbox: Sandbox
) -> None:
    autobill = shop.subscribe(client).autobill
    _change(client, autobill, billingStatementIdentifier="SHOP*READ", merchantAffiliateId="partner")
    sandbox.bill_on("2024-02-15T08:00:00")
    charged = shop.transactions(client, autobill)[-1]
    assert (charged.billingStatementIdentifier, charged.merchantAffiliateId) == ("SHOP*READ", "partner")


def test_read_only_fields_are_ignored(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    _change(
        client,
        autobill,
        status="Cancelled",
        billingState="Unbilled",
        endTimestamp="2030-01-01T00:00:00-08:00",
        subscriptionBalance="99.00",
        billingOffset=5,
    )
    now = shop.fetched(client, autobill)
    assert shop.standing(now) == ("Active", "Good Standing")
    assert (now.endTimestamp, now.subscriptionBalance, now.billingOffset) == (autobill.endTimestamp, 0, None)


def test_the_id_may_be_changed_when_it_is_free(client: Client) -> None:
    autobill, other = shop.subscribe(client).autobill, shop.subscribe(client).autobill
    renamed = shop.new_id("bill")
    _change(client, autobill, merchantAutoBillId=renamed)
    assert shop.fetched(client, autobill).merchantAutoBillId == renamed
    client("AutoBill").expecting(400).fetchByMerchantAutoBillId(
        merchantAutoBillId=autobill.merchantAutoBillId
    )
    _refused(client, autobill, merchantAutoBillId=other.merchantAutoBillId)


def test_invoices_keep_the_id_they_were_made_with(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client).autobill
    old, renamed = autobill.merchantAutoBillId, shop.new_id("bill")
    _change(client, autobill, merchantAutoBillId=renamed)
    sandbox.bill_on("2024-02-15T08:00:00")
    assert shop.invoices(client, autobill) == [f"{old}-00000000", f"{old}-00000001", f"{renamed}-00000002"]


def test_the_account_cannot_be_changed(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    same = {"merchantAccountId": autobill.account.merchantAccountId}
    assert _change(client, autobill, account=same).autobill.account.VID == autobill.account.VID
    other = shop.account(client)
    for wrong in (
        shop.reference(other),
        {"merchantAccountId": other.merchantAccountId},
        {"merchantAccountId": "new"},
    ):
        assert "account" in _refused(client, autobill, account=wrong)


def test_an_account_is_not_named_by_the_ids_of_two(client: Client) -> None:
    text = "VID and merchantAccountId belong to different accounts."
    autobill, other = shop.subscribe(client).autobill, shop.account(client)
    both = shop.reference(autobill.account) | {"merchantAccountId": other.merchantAccountId}
    assert _refused(client, autobill, account=both) == text
    refused = shop.update(client, shop.order(client, account=both), expecting=400)
    assert shop.text(refused) == text
    assert shop.update(client, shop.order(client, account=both | {"merchantAccountId": "nobody's"}))


def test_the_currency_can_be_changed_only_before_anything_was_billed(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    assert _change(client, autobill, currency="USD").autobill.currency == "USD"
    assert "currency" in _refused(client, autobill, currency="EUR")
    product = shop.product(
        client, None, prices=[{"amount": "10.00", "currency": "USD"}, {"amount": "9.00", "currency": "EUR"}]
    )
    waiting = shop.subscribe(
        client, startTimestamp=FUTURE, items=[{"product": shop.reference(product)}]
    ).autobill
    changed = _change(client, waiting, currency="EUR").autobill
    assert (changed.currency, changed.nextBilling.amount, changed.nextBilling.currency) == ("EUR", 9, "EUR")


def test_the_same_plan_has_no_effect(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    changed = _change(client, autobill, billingPlan=shop.reference(autobill.billingPlan)).autobill
    assert changed.nextBilling.timestamp == autobill.nextBilling.timestamp


def test_another_plan_takes_effect_with_the_next_billing(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client).autobill
    yearly = shop.plan(client, shop.month("50.00", type="Year"))
    changed = _change(client, autobill, billingPlan=shop.reference(yearly)).autobill
    assert changed.billingPlan.VID == yearly.VID
    assert changed.nextBilling.timestamp.isoformat() == "2024-02-15T00:00:00-08:00"
    assert changed.nextBilling.amount == 60
    assert changed.endTimestamp == autobill.endTimestamp
    sandbox.bill_on("2024-02-15T08:00:00")
    charged = shop.transactions(client, autobill)[-1]
    assert (charged.amount, charged.autoBillCycle, charged.billingPlanCycle) == (60, 1, 0)
    now = shop.fetched(client, autobill)
    assert now.endTimestamp.isoformat() == "2025-02-14T23:59:59-08:00"
    assert now.nextBilling.timestamp.isoformat() == "2025-02-15T00:00:00-08:00"


def test_before_the_first_billing_the_plan_is_replaced_outright(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, startTimestamp=FUTURE).autobill
    free = shop.plan(client, shop.month(cycles=1, free=True), shop.month("5.00"))
    changed = _change(client, autobill, billingPlan=shop.reference(free)).autobill
    assert changed.nextBilling.amount == 0
    sandbox.bill_on("2024-03-01T08:00:00")
    now = shop.fetched(client, autobill)
    assert shop.standing(now) == ("Active", "Free/Trial")
    assert now.nextBilling.amount == 15


def test_a_plan_without_a_price_in_the_currency_is_refused(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    in_euro = shop.month() | {"prices": [{"amount": "5.00", "currency": "EUR"}]}
    assert "USD" in _refused(client, autobill, billingPlan=shop.reference(shop.plan(client, in_euro)))
    assert shop.fetched(client, autobill).billingPlan.VID == autobill.billingPlan.VID


def test_another_card_is_charged_from_then_on(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client).autobill
    changed = _change(client, autobill, paymentMethod=shop.card(shop.OTHER_CARD)).autobill
    assert changed.paymentMethod.creditCard.lastDigits == shop.OTHER_CARD[-4:]
    assert changed.paymentMethod.VID != autobill.paymentMethod.VID
    sandbox.bill_on("2024-02-15T08:00:00")
    charged = shop.transactions(client, autobill)[-1]
    assert charged.sourcePaymentMethod.VID == changed.paymentMethod.VID


def test_an_unpaid_balance_is_tried_with_the_new_card_at_the_next_run(
    client: Client, sandbox: Sandbox
) -> None:
    order = shop.order(client, shop.card(shop.HARD_DECLINED))
    autobill = shop.update(client, order, immediateAuthFailurePolicy=RETRY).autobill
    changed = _change(client, autobill, paymentMethod=shop.card()).autobill
    assert shop.standing(changed) == ("Active", "In Retry")
    assert changed.nextBilling.timestamp.isoformat() == "2024-01-15T00:00:00-08:00"
    sandbox.bill()
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")
    assert _states(client, autobill) == ["Paid", "Open"]
    assert shop.transactions(client, autobill)[-1].retryNumber == 1


def test_all_unpaid_cycles_are_collected_oldest_first_with_the_new_card(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.settings(graceDays=90)
    order = shop.order(client, shop.card(shop.HARD_DECLINED), startTimestamp="2023-11-15T00:00:00-08:00")
    autobill = shop.update(client, order, immediateAuthFailurePolicy=RETRY).autobill
    sandbox.bill()
    assert _states(client, autobill) == ["Due", "Due", "Due", "Open"]
    _change(client, autobill, paymentMethod=shop.card())
    sandbox.bill()
    assert _states(client, autobill) == ["Paid", "Paid", "Paid", "Open"]
    charged = [one for one in shop.transactions(client, autobill) if shop.log(one)[0] == "Captured"]
    assert [one.autoBillCycle for one in charged] == [0, 1, 2]


def test_a_new_card_can_be_validated_first(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    answer = _change(
        client, autobill, paymentMethod=shop.card(shop.OTHER_CARD), validateForFuturePayment=True
    )
    assert answer.authStatus.status == "AuthorizedForValidation"
    bad = shop.reference(autobill) | {"paymentMethod": shop.card(shop.HARD_DECLINED)}
    refused = shop.update(client, bad, expecting=402, validateForFuturePayment=True)
    assert refused.authStatus.status == "Cancelled"
    now = shop.fetched(client, autobill)
    assert now.paymentMethod.creditCard.lastDigits == shop.OTHER_CARD[-4:]


def test_from_card_to_payment_by_hand_with_the_next_invoice(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client).autobill
    _change(client, autobill, paymentMethod=shop.invoiced(), invoiceTerms=10)
    sandbox.bill_on("2024-02-15T08:00:00")
    assert _states(client, autobill) == ["Paid", "Due", "Open"]
    assert len(shop.transactions(client, autobill)) == 1
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")
    sandbox.bill_on("2024-02-26T08:00:00")
    assert _states(client, autobill) == ["Paid", "Overdue", "Open"]


def test_from_payment_by_hand_to_card_with_the_next_invoice(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, shop.invoiced(), invoiceTerms=60).autobill
    _change(client, autobill, paymentMethod=shop.card())
    sandbox.bill()
    assert _states(client, autobill) == ["Due", "Open"]
    assert shop.transactions(client, autobill) == []
    sandbox.bill_on("2024-02-15T08:00:00")
    assert _states(client, autobill) == ["Due", "Paid", "Open"]
    assert [one.autoBillCycle for one in shop.transactions(client, autobill)] == [1]


def test_an_unpaid_card_bill_is_not_charged_once_the_customer_pays_by_hand(
    client: Client, sandbox: Sandbox
) -> None:
    order = shop.order(client, shop.card(shop.SOFT_DECLINED))
    autobill = shop.update(client, order, immediateAuthFailurePolicy=RETRY).autobill
    _change(client, autobill, paymentMethod=shop.invoiced())
    sandbox.advance(10)
    assert len(shop.transactions(client, autobill)) == 1
    shop.pay(client, autobill, "10.00")
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")


def test_the_start_can_be_moved_while_it_is_ahead(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, startTimestamp=FUTURE).autobill
    changed = _change(client, autobill, startTimestamp="2024-02-20T00:00:00-08:00").autobill
    assert changed.startTimestamp.isoformat() == "2024-02-20T00:00:00-08:00"
    assert (changed.billingDay, changed.status) == (20, "Pending Activation")
    assert changed.nextBilling.timestamp.isoformat() == "2024-02-20T00:00:00-08:00"
    sandbox.bill_on("2024-02-20T08:00:00")
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")


def test_once_billed_another_start_is_ignored(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    changed = _change(client, autobill, startTimestamp="2024-02-20T00:00:00-08:00").autobill
    assert changed.startTimestamp == autobill.startTimestamp
    assert changed.nextBilling.timestamp == autobill.nextBilling.timestamp


@pytest.mark.parametrize(
    "start", ["2024-01-15T12:00:00-08:00", "2024-01-16T11:00:00-08:00", "2024-01-10T00:00:00-08:00"]
)
def test_a_start_moved_to_within_25_hours_is_billed_in_the_call(client: Client, start: str) -> None:
    autobill = shop.subscribe(client, startTimestamp=FUTURE).autobill
    answer = _change(client, autobill, startTimestamp=start)
    assert shop.standing(answer.autobill) == ("Active", "Good Standing")
    assert answer.authStatus.status == "Authorized"
    assert answer.autobill.VID == autobill.VID
    assert _states(client, autobill) == ["Paid", "Open"]
    assert [one.amount for one in shop.transactions(client, autobill)] == [10]


def test_a_start_moved_near_with_a_card_that_is_declined_changes_nothing(client: Client) -> None:
    autobill = shop.subscribe(client, shop.card(shop.SOFT_DECLINED), startTimestamp=FUTURE).autobill
    answer = _change(
        client, autobill, expecting=402, startTimestamp="2024-01-15T12:00:00-08:00", customerAutoBillName="x"
    )
    assert answer.authStatus.status == "Cancelled"
    now = shop.fetched(client, autobill)
    assert (now.status, now.startTimestamp.isoformat(), now.customerAutoBillName) == (
        "Pending Activation",
        FUTURE,
        None,
    )
    kept = _change(
        client, autobill, startTimestamp="2024-01-15T12:00:00-08:00", immediateAuthFailurePolicy=RETRY
    ).autobill
    assert shop.standing(kept) == ("Active", "In Retry")


def test_invoice_terms_move_the_due_date_of_the_next_invoice(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, shop.invoiced()).autobill
    _change(client, autobill, invoiceTerms=30)
    sandbox.bill_on("2024-02-20T08:00:00")
    assert _states(client, autobill) == ["Overdue", "Due", "Open"]
    assert "Pay By: 2024-03-16" in shop.invoice_text(
        client, autobill, f"{autobill.merchantAutoBillId}-00000001"
    )


def _in_february(client: Client, sandbox: Sandbox, method: Any = None) -> Any:
    """Billed on 15 January, next on 15 February; it is 4 February, 10:00."""
    autobill = shop.subscribe(client, method or shop.card()).autobill
    sandbox.advance(19)
    sandbox.set_clock("2024-02-04T10:00:00")
    return autobill


@pytest.mark.parametrize("day", [4, 5])
def test_a_billing_that_a_change_makes_due_within_25_hours_is_done_in_the_call(
    client: Client, sandbox: Sandbox, day: int
) -> None:
    autobill = _in_february(client, sandbox)
    answer = _change(client, autobill, specifiedBillingDay=day)
    assert (answer.authStatus.status, answer.initialTransaction) == ("Authorized", None)
    assert _states(client, autobill) == ["Paid", "Paid", "Open"]
    made = shop.transactions(client, autobill)[-1]
    assert (made.amount, made.autoBillCycle) == (10, 1)
    assert made.transactionItems[0].servicePeriodStartDate.date().isoformat() == "2024-02-15"
    assert answer.autobill.nextBilling.timestamp.date().isoformat() == f"2024-03-0{day}"
    sandbox.advance(5)
    assert len(shop.transactions(client, autobill)) == 2


def test_a_billing_further_off_waits_for_its_day(client: Client, sandbox: Sandbox) -> None:
    autobill = _in_february(client, sandbox)
    assert _change(client, autobill, specifiedBillingDay=6).authStatus is None
    assert _states(client, autobill) == ["Paid", "Open"]


def test_a_billing_made_due_waits_for_its_day_when_told_so(client: Client, sandbox: Sandbox) -> None:
    autobill = _in_february(client, sandbox)
    answer = shop.update(
        client,
        shop.reference(autobill) | {"specifiedBillingDay": 5},
        initialAuth="DelayFullAuthToInitialBillingDate",
    )
    assert answer.authStatus is None
    sandbox.advance(1)
    assert _states(client, autobill) == ["Paid", "Paid", "Open"]


def test_a_billing_made_due_with_a_card_that_is_declined_changes_nothing(
    client: Client, sandbox: Sandbox
) -> None:
    autobill = _in_february(client, sandbox)
    sandbox.script({"authCode": "302"})
    _change(client, autobill, expecting=402, specifiedBillingDay=5)
    assert shop.fetched(client, autobill).specifiedBillingDay is None
    assert _states(client, autobill) == ["Paid", "Open"]
    sandbox.script({"authCode": "302"})
    kept = _change(client, autobill, specifiedBillingDay=5, immediateAuthFailurePolicy=RETRY).autobill
    assert shop.standing(kept) == ("Active", "In Retry")
    assert _states(client, autobill) == ["Paid", "Due", "Open"]


def test_an_invoice_made_due_is_issued_in_the_call(client: Client, sandbox: Sandbox) -> None:
    autobill = _in_february(client, sandbox, shop.invoiced())
    _change(client, autobill, specifiedBillingDay=5)
    assert _states(client, autobill) == ["Overdue", "Open"]
    shop.pay(client, autobill, "10.00")
    _change(client, autobill, specifiedBillingDay=6)
    _change(client, autobill, specifiedBillingDay=5)
    assert _states(client, autobill) == ["Paid", "Due", "Open"]
