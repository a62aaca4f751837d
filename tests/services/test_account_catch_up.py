"""Account.updatePaymentMethod with CatchUp: what is unpaid is collected first (account §3.1, billing-engine §9.3)."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Client
from tests.servers import Server
from tests.services import shop
from tests.services.decrees import Decrees
from tests.services.sandbox import Sandbox
from tests.soap_client import Login

Check = Callable[[], None]

RETRY = "putAutoBillInRetryCycle"


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check, sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-01-15T12:00:00")
    yield
    books_are_right()


@pytest.fixture
def script(server: Server, merchant: Login) -> Callable[..., None]:
    """Orders the outcomes of the next requests to the processor."""

    def put(*outcomes: dict[str, Any]) -> None:
        credentials = b64encode(f"{merchant.login}:{merchant.password}".encode()).decode()
        headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
        body = json.dumps({"outcomes": list(outcomes)}).encode()
        answer = server.request("PUT", "/sandbox/processor", body, headers)
        assert answer.status == 200, answer.body

    return put


def owing(client: Client, account: Any, **fields: Any) -> Any:
    """An AutoBill that could not be billed: its card declines softly."""
    given = {"account": shop.reference(account)} | fields
    return shop.update(
        client, shop.order(client, shop.card(shop.SOFT_DECLINED), **given), immediateAuthFailurePolicy=RETRY
    ).autobill


def catch_up(
    client: Client, account: Any, method: dict[str, Any], expecting: int = 200, **options: Any
) -> Any:
    given = {
        "updateBehavior": "CatchUp",
        "updateScopeOnAccount": "AllDue",
        "updateScopeOnChildren": "None",
    } | options
    return (
        client("Account")
        .expecting(expecting)
        .updatePaymentMethod(account=shop.reference(account), paymentMethod=method, **given)
    )


def attempts(client: Client, autobill: Any) -> list[tuple[str, int]]:
    """Status and number of each attempt, oldest first."""
    return [(shop.log(one)[0], one.retryNumber) for one in shop.transactions(client, autobill)]


def methods(client: Client, account: Any) -> list[Any]:
    return list(client("Account").fetchByVid(vid=account.VID).account.paymentMethods)


def test_what_is_due_is_collected_with_the_new_card_at_once(client: Client) -> None:
    account = shop.account(client)
    bill = owing(client, account)

    answer = catch_up(client, account, shop.card(shop.OTHER_CARD))

    assert (answer.validated, answer.successes, answer.failures) == (True, [bill.merchantAutoBillId], [])
    now = shop.fetched(client, bill)
    assert shop.standing(now) == ("Active", "Good Standing")
    new = answer.account.paymentMethods[0]
    assert (new.creditCard.account, new.sortOrder) == ("545454XXXXXX1111", 0)
    assert now.paymentMethod.VID == new.VID
    assert shop.states(client, bill) == dict(zip(shop.invoices(client, bill), ["Paid", "Open"], strict=True))
    assert attempts(client, bill) == [("Cancelled", 0), ("Captured", 1)]
    paid = shop.transactions(client, bill)[1]
    assert (str(paid.amount), paid.sourcePaymentMethod.VID) == ("10.00", new.VID)
    assert now.nextBilling.timestamp.isoformat() == "2024-02-15T00:00:00-08:00"


def test_every_unpaid_cycle_is_collected_oldest_first_with_one_transaction_each(
    client: Client, sandbox: Sandbox
) -> None:
    account = shop.account(client)
    weekly = shop.reference(shop.plan(client, shop.month(type="Week")))
    bill = owing(client, account, billingPlan=weekly)
    sandbox.advance(days=16)
    unpaid = [number for number, state in shop.states(client, bill).items() if state in ("Due", "Overdue")]
    assert len(unpaid) == 3
    before = len(shop.transactions(client, bill))

    answer = catch_up(client, account, shop.card(shop.OTHER_CARD))

    assert (answer.successes, answer.failures) == ([bill.merchantAutoBillId], [])
    made = sorted(shop.transactions(client, bill), key=lambda one: one.merchantTransactionId)[before:]
    assert [shop.log(one)[0] for one in made] == ["Captured"] * 3
    assert [one.autoBillCycle for one in made] == [0, 1, 2]
    assert {shop.states(client, bill)[number] for number in unpaid} == {"Paid"}


def test_the_oldest_cycle_of_all_autobills_comes_first(client: Client, sandbox: Sandbox) -> None:
    account = shop.account(client)
    older = owing(client, account)
    sandbox.advance(days=1)
    younger = owing(client, account)

    answer = catch_up(client, account, shop.card(shop.OTHER_CARD))

    assert answer.successes == [older.merchantAutoBillId, younger.merchantAutoBillId]


@pytest.mark.parametrize(("number", "code"), [(shop.SOFT_DECLINED, "302"), (shop.HARD_DECLINED, "502")])
def test_when_every_attempt_fails_nothing_is_saved_and_nothing_has_happened(
    client: Client, number: str, code: str
) -> None:
    account = shop.account(client)
    bills = [owing(client, account) for _ in range(2)]
    before = [str(shop.fetched(client, bill)) for bill in bills]
    kept = str(methods(client, account))
    key = shop.new_id("card")

    answer = catch_up(client, account, shop.card(number, "204001", merchantPaymentMethodId=key), 402)

    assert answer["return"].returnString == f"Unable to authorize payment method: {code}"
    assert (answer.account, answer.validated, answer.successes) == (None, False, [])
    assert answer.failures == [bill.merchantAutoBillId for bill in bills]
    assert str(methods(client, account)) == kept
    client("PaymentMethod").expecting(404).fetchByMerchantPaymentMethodId(paymentMethodId=key)
    assert [str(shop.fetched(client, bill)) for bill in bills] == before
    assert [attempts(client, bill) for bill in bills] == [[("Cancelled", 0)], [("Cancelled", 0)]]


def test_an_edit_that_cannot_be_billed_leaves_the_payment_method_as_it_was(client: Client) -> None:
    account = shop.account(client)
    bill = owing(client, account)
    before = methods(client, account)[0]

    catch_up(client, account, {"VID": before.VID, "creditCard": {"expirationDate": "202001"}}, 402)

    assert str(methods(client, account)[0]) == str(before)
    assert attempts(client, bill) == [("Cancelled", 0)]


def test_an_edit_in_place_is_billed_for_its_own_autobills(client: Client) -> None:
    account = shop.account(client)
    bill = owing(client, account)
    old = methods(client, account)[0]

    answer = catch_up(
        client,
        account,
        shop.card(shop.OTHER_CARD) | {"VID": old.VID},
        updateScopeOnAccount="MatchingPaymentMethod",
    )

    assert answer.successes == [bill.merchantAutoBillId]
    assert [(method.VID, method.creditCard.account) for method in methods(client, account)] == [
        (old.VID, "545454XXXXXX1111")
    ]
    assert shop.standing(shop.fetched(client, bill)) == ("Active", "Good Standing")


def test_one_success_saves_the_payment_method_and_tells_who_failed(
    client: Client, script: Callable[..., None]
) -> None:
    account = shop.account(client)
    first, second, third = (owing(client, account) for _ in range(3))
    script({"authCode": "302"}, {"authCode": "T00"}, {"authCode": "302"})

    answer = catch_up(client, account, shop.card(shop.OTHER_CARD))

    assert (answer["return"].returnCode, answer.validated) == (200, True)
    assert answer.successes == [second.merchantAutoBillId]
    assert answer.failures == [first.merchantAutoBillId, third.merchantAutoBillId]
    new = answer.account.paymentMethods[0].VID
    for bill, state, made in (
        (first, "In Retry", [("Cancelled", 0), ("Cancelled", 1)]),
        (second, "Good Standing", [("Cancelled", 0), ("Captured", 1)]),
        (third, "In Retry", [("Cancelled", 0), ("Cancelled", 1)]),
    ):
        now = shop.fetched(client, bill)
        assert (now.paymentMethod.VID, now.billingState) == (new, state)
        assert attempts(client, bill) == made
        assert {one.sourcePaymentMethod.VID for one in shop.transactions(client, bill)[1:]} == {new}


def test_a_failed_cycle_keeps_the_later_ones_of_its_autobill_waiting(
    client: Client, sandbox: Sandbox, script: Callable[..., None]
) -> None:
    account = shop.account(client)
    weekly = shop.reference(shop.plan(client, shop.month(type="Week")))
    bill = owing(client, account, billingPlan=weekly)
    sandbox.advance(days=9)
    other = owing(client, account)
    before = len(shop.transactions(client, bill))
    script({"authCode": "302"})

    answer = catch_up(client, account, shop.card(shop.OTHER_CARD))

    assert (answer.successes, answer.failures) == ([other.merchantAutoBillId], [bill.merchantAutoBillId])
    assert [shop.log(one)[0] for one in shop.transactions(client, bill)[before:]] == ["Cancelled"]


@pytest.mark.parametrize(
    ("parts", "waived", "code", "text"),
    [
        ({"billingAddress": {"addr1": "AVS:N"}}, {}, 407, "Failed AVS policy evaluation"),
        ({"nameValues": [{"name": "CVN", "value": "201"}]}, {}, 408, "Failed CVN policy evaluation"),
        (
            {"billingAddress": {"addr1": "AVS:N"}, "nameValues": [{"name": "cvn", "value": "201"}]},
            {},
            409,
            "Failed AVS and CVN policy evaluation",
        ),
    ],
)
def test_policies_judge_the_first_approval_and_its_money_is_given_back(
    client: Client, parts: dict[str, Any], waived: dict[str, bool], code: int, text: str
) -> None:
    account = shop.account(client)
    bills = [owing(client, account) for _ in range(2)]
    before = [str(shop.fetched(client, bill)) for bill in bills]

    answer = catch_up(client, account, shop.card(shop.OTHER_CARD, **parts), code, **waived)

    assert (answer["return"].returnString, answer.validated, answer.successes) == (text, False, [])
    assert answer.failures == [bill.merchantAutoBillId for bill in bills]
    assert len(methods(client, account)) == 1
    assert [str(shop.fetched(client, bill)) for bill in bills] == before


def test_waived_policies_do_not_refuse(client: Client) -> None:
    account = shop.account(client)
    bill = owing(client, account)
    method = shop.card(shop.AVS_NO_MATCH, nameValues=[{"name": "CVN", "value": "201"}])

    answer = catch_up(client, account, method, ignoreAvsPolicy=True, ignoreCvnPolicy=True)

    assert answer.successes == [bill.merchantAutoBillId]
    status = next(
        entry for entry in shop.transactions(client, bill)[1].statusLog if entry.creditCardStatus.avsCode
    )
    assert (status.creditCardStatus.avsCode, status.creditCardStatus.cvnCode, status.vinAVS) == (
        "N",
        "N",
        "NoMatch",
    )


@pytest.mark.parametrize("scope", ["None", "AllDue", "AllActive"])
def test_with_nothing_due_in_scope_the_card_is_validated(client: Client, scope: str) -> None:
    account = shop.account(client)
    if scope == "None":
        owing(client, account)
    else:
        shop.subscribe(client, account=shop.reference(account))

    answer = catch_up(client, account, shop.card(shop.OTHER_CARD), updateScopeOnAccount=scope)

    assert (answer.validated, answer.successes, answer.failures) == (True, [], [])
    pattern = shop.reference(answer.account.paymentMethods[0])
    (validation,) = (
        client("Transaction").fetchByPaymentMethod(paymentMethod=pattern, page=0, pageSize=9).transactions
    )
    assert shop.log(validation)[0] == "AuthorizedForValidation"
    catch_up(client, account, shop.card(shop.HARD_DECLINED, "204001"), 402, updateScopeOnAccount=scope)


def test_what_credit_covers_proves_nothing_and_is_settled_after_the_card_was(client: Client) -> None:
    account = shop.account(client)
    bill = owing(client, account)
    shop.pay(client, bill, "4.00")

    answer = catch_up(client, account, shop.card(shop.OTHER_CARD))

    assert answer.successes == [bill.merchantAutoBillId]
    assert shop.transactions(client, bill)[-1].amount == Decimal("6.00")


def test_where_credit_covers_everything_the_card_is_checked_like_any_other(client: Client) -> None:
    account = shop.account(client)
    bill = owing(client, account)
    amount = {"amount": "50.00", "currency": "USD"}
    client("Account").grantCredit(account=shop.reference(account), credit={"currencyAmounts": [amount]})

    catch_up(client, account, shop.card(shop.HARD_DECLINED), 402)
    answer = catch_up(client, account, shop.card(shop.OTHER_CARD))

    assert (answer.validated, answer.successes, answer.failures) == (True, [bill.merchantAutoBillId], [])
    assert next(iter(shop.states(client, bill).values())) == "Paid"
    assert shop.credit(client("Account").fetchByVid(vid=account.VID).account) == [(Decimal("40.00"), "USD")]


def test_a_payment_method_that_cannot_be_charged_is_saved_as_with_validate(client: Client) -> None:
    account = shop.account(client)
    bill = owing(client, account)

    by_hand = catch_up(client, account, shop.invoiced())
    no_agreement = catch_up(client, account, shop.paypal(agreement=None), updateScopeOnAccount="None")

    assert (by_hand.validated, by_hand.successes, by_hand.failures) == (True, [], [])
    assert no_agreement.validated is False
    assert attempts(client, bill) == [("Cancelled", 0)]


def test_a_bank_deposit_on_its_way_counts_as_billed(client: Client, sandbox: Sandbox) -> None:
    account = shop.account(client)
    bill = owing(client, account)

    answer = catch_up(client, account, shop.bank_account())

    assert (answer.successes, answer.failures) == ([bill.merchantAutoBillId], [])
    assert attempts(client, bill)[1] == ("AuthorizedPending", 1)
    sandbox.advance(days=7)
    assert attempts(client, bill)[1] == ("Captured", 1)
    assert next(iter(shop.states(client, bill).values())) == "Paid"


def test_children_are_caught_up_with_by_a_scope_of_their_own(client: Client, decrees: Decrees) -> None:
    parent, child = shop.account(client), shop.account(client)
    decrees.adopt(parent, child)
    own, childs = owing(client, parent), owing(client, child)

    answer = catch_up(
        client,
        parent,
        shop.card(shop.OTHER_CARD),
        updateScopeOnAccount="None",
        updateScopeOnChildren="AllDue",
    )

    assert answer.successes == [childs.merchantAutoBillId]
    assert shop.fetched(client, own).billingState == "In Retry"
    assert shop.standing(shop.fetched(client, childs)) == ("Active", "Good Standing")


def test_an_autobill_that_has_ended_is_neither_billed_nor_switched(client: Client, decrees: Decrees) -> None:
    account = shop.account(client)
    ended = owing(client, account)
    decrees.end(ended, "Cancelled")
    made = attempts(client, ended)

    answer = catch_up(client, account, shop.card(shop.OTHER_CARD), 261)

    assert answer["return"].returnString == "Payment method saved but not replaced on all autobills"
    assert (answer.validated, answer.successes, answer.failures) == (True, [], [])
    assert attempts(client, ended) == made
