"""PaymentMethod.update: a payment method created or changed by its ids, and put on AutoBills (payment-method §3.1)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Client
from tests.services import shop
from tests.services.decrees import Decrees
from tests.services.wire import Wire

MISSING_ACCOUNT = "Payment method saved but missing associated account - unable to replace on autobills "
UNKNOWN = "0" * 40


def save(client: Client, method: dict[str, Any], expecting: int = 200, **options: Any) -> Any:
    given = {"validate": False, "minChargebackProbability": 100, "replaceOnAllAutoBills": False} | options
    return client("PaymentMethod").expecting(expecting).update(paymentMethod=method, **given)


def method_of(client: Client, autobill: Any) -> str:
    """The VID of the payment method that the AutoBill bills."""
    vid: str = shop.fetched(client, autobill).paymentMethod.VID
    return vid


def test_a_new_id_creates_and_a_known_one_changes(shared: Client) -> None:
    key = shop.new_id("method")

    first = save(shared, shop.card(merchantPaymentMethodId=key))
    second = save(shared, {"merchantPaymentMethodId": key, "accountHolderName": "Ada"})

    assert (first.created, second.created) == (True, False)
    assert second.paymentMethod.VID == first.paymentMethod.VID
    assert (first.validated, first.score, first.scoreCodes, first.authStatus) == (False, -1, [], None)
    assert (first["return"].returnString, first.paymentMethod.active, first.paymentMethod.type) == (
        "OK",
        True,
        "CreditCard",
    )


def test_a_payment_method_without_any_id_is_new_every_time(shared: Client) -> None:
    one, other = (save(shared, shop.card()) for _ in range(2))

    assert (one.created, other.created) == (True, True)
    assert one.paymentMethod.VID != other.paymentMethod.VID
    assert one.paymentMethod.creditCard.VID == other.paymentMethod.creditCard.VID


def test_a_vid_may_give_the_payment_method_another_merchant_id(shared: Client) -> None:
    before = save(shared, shop.card(merchantPaymentMethodId=shop.new_id("old"))).paymentMethod
    key = shop.new_id("new")

    save(shared, {"VID": before.VID, "merchantPaymentMethodId": key})

    found = shared("PaymentMethod").fetchByMerchantPaymentMethodId(paymentMethodId=key).paymentMethod
    assert found.VID == before.VID
    shared("PaymentMethod").expecting(404).fetchByMerchantPaymentMethodId(
        paymentMethodId=before.merchantPaymentMethodId
    )


def test_a_vid_with_the_merchant_id_of_another_payment_method_is_refused(shared: Client) -> None:
    one, other = (
        save(shared, shop.card(merchantPaymentMethodId=shop.new_id("m"))).paymentMethod for _ in range(2)
    )

    answer = save(shared, {"VID": one.VID, "merchantPaymentMethodId": other.merchantPaymentMethodId}, 400)

    assert answer["return"].returnString == "VID and merchantPaymentMethodId belong to different objects."


@pytest.mark.parametrize("validate", [False, True])
def test_an_unknown_vid_is_not_found_and_never_creates(shared: Client, validate: bool) -> None:
    key = shop.new_id("method")

    answer = save(shared, shop.card(VID=UNKNOWN, merchantPaymentMethodId=key), 404, validate=validate)

    assert answer["return"].returnString == f'No match found for VID "{UNKNOWN}"'
    assert (answer.paymentMethod, answer.created, answer.validated) == (None, False, False)
    shared("PaymentMethod").expecting(404).fetchByMerchantPaymentMethodId(paymentMethodId=key)


def test_an_unknown_vid_of_the_billing_address_is_not_found(shared: Client) -> None:
    answer = save(shared, shop.card(billingAddress={"VID": UNKNOWN}), 404)

    assert answer["return"].returnString == f'No match found for VID "{UNKNOWN}"'


@pytest.mark.parametrize("arguments", ["", "<paymentMethod/>"])
def test_update_needs_a_payment_method(shared_wire: Wire, arguments: str) -> None:
    reply = shared_wire.call("PaymentMethod", "update", arguments)

    assert (reply.code, reply.text) == (400, "Missing required parameter 'paymentMethod'.")
    assert [str(part.tag) for part in reply.body] == ["return", "created", "validated"]
    assert (reply.value("created"), reply.value("validated")) == ("0", "0")


def test_absent_flags_and_limits_have_their_defaults(shared_wire: Wire) -> None:
    details = "<merchantAcceptedPayment><paymentType>c</paymentType></merchantAcceptedPayment>"
    method = f"<type>MerchantAcceptedPayment</type>{details}"

    for options in ("", "<validate/><minChargebackProbability/><replaceOnAllAutoBills/><sourceIp/>"):
        reply = shared_wire.call(
            "PaymentMethod", "update", f"<paymentMethod>{method}</paymentMethod>{options}"
        )
        assert (reply.code, reply.value("created"), reply.value("validated"), reply.value("score")) == (
            200,
            "1",
            "0",
            "-1",
        )


@pytest.mark.parametrize("limit", [-1, 101])
def test_a_risk_limit_is_a_percentage(shared: Client, limit: int) -> None:
    answer = save(shared, shop.card(), 400, minChargebackProbability=limit)

    assert answer["return"].returnString == f'minChargebackProbability "{limit}" is not between 0 and 100.'


def test_a_retired_payment_method_is_hidden_from_its_account_but_found_by_its_ids(shared: Client) -> None:
    account = shop.account(
        shared, paymentMethods=[shop.card(merchantPaymentMethodId=shop.new_id("m")), shop.paypal()]
    )
    card, paypal = account.paymentMethods

    save(shared, {"VID": card.VID, "active": False})

    shown = shared("Account").fetchByVid(vid=account.VID).account.paymentMethods
    assert [(method.VID, method.sortOrder) for method in shown] == [(paypal.VID, 0)]
    listed = shared("PaymentMethod").fetchByAccount(account=shop.reference(account)).paymentMethods
    assert [method.VID for method in listed] == [paypal.VID]
    assert shared("PaymentMethod").fetchByVid(vid=card.VID).paymentMethod.active is False
    key = card.merchantPaymentMethodId
    assert (
        shared("PaymentMethod").fetchByMerchantPaymentMethodId(paymentMethodId=key).paymentMethod.VID
        == card.VID
    )


def test_a_payment_method_that_comes_back_is_put_last(shared: Client) -> None:
    account = shop.account(shared, paymentMethods=[shop.card(), shop.paypal()])
    card, paypal = account.paymentMethods
    save(shared, {"VID": card.VID, "active": False})

    save(shared, {"VID": card.VID, "active": True})

    shown = shared("Account").fetchByVid(vid=account.VID).account.paymentMethods
    assert [(method.VID, method.sortOrder) for method in shown] == [(paypal.VID, 0), (card.VID, 1)]


@pytest.mark.parametrize(("position", "order"), [(0, "cab"), (1, "acb"), (2, "abc"), (9, "abc"), (-3, "cab")])
def test_a_new_position_moves_the_others(shared: Client, position: int, order: str) -> None:
    account = shop.account(shared, paymentMethods=[shop.paypal() for _ in "abc"])
    by_vid = {method.VID: letter for method, letter in zip(account.paymentMethods, "abc", strict=True)}

    save(shared, {"VID": account.paymentMethods[2].VID, "sortOrder": position})

    shown = shared("Account").fetchByVid(vid=account.VID).account.paymentMethods
    assert "".join(by_vid[method.VID] for method in shown) == order
    assert [method.sortOrder for method in shown] == [0, 1, 2]


def test_an_update_that_stands_alone_attaches_to_no_account(shared: Client) -> None:
    method = save(shared, shop.card()).paymentMethod

    answer = (
        shared("Account")
        .expecting(404)
        .fetchByPaymentMethod(paymentMethod={"VID": method.VID}, page=0, pageSize=10)
    )

    assert answer["return"].returnString == "No accounts found for payment method."


def test_replacing_on_autobills_of_nobody_saves_and_says_228(shared: Client) -> None:
    key = shop.new_id("method")

    answer = save(shared, shop.card(merchantPaymentMethodId=key), 228, replaceOnAllAutoBills=True)

    assert answer["return"].returnString == MISSING_ACCOUNT
    assert (answer.created, answer.paymentMethod.merchantPaymentMethodId) == (True, key)
    shared("PaymentMethod").fetchByMerchantPaymentMethodId(paymentMethodId=key)
    again = save(
        shared, {"merchantPaymentMethodId": key, "accountHolderName": "Ada"}, 228, replaceOnAllAutoBills=True
    )
    assert (again.created, again.paymentMethod.accountHolderName) == (False, "Ada")


@pytest.fixture
def two_cards(client: Client) -> Any:
    """An account with two cards; the first is billed by two AutoBills."""
    account = shop.account(client, paymentMethods=[shop.card(), shop.card(shop.OTHER_CARD)])
    first = shop.reference(account.paymentMethods[0])
    bills = [shop.subscribe(client, first, account=shop.reference(account)).autobill for _ in range(2)]
    return account, bills


def test_without_the_flag_no_autobill_switches(client: Client, two_cards: Any) -> None:
    account, bills = two_cards
    first, second = account.paymentMethods

    save(client, {"VID": second.VID, "accountHolderName": "Ada"})

    assert [method_of(client, bill) for bill in bills] == [first.VID, first.VID]


def test_with_the_flag_every_active_autobill_of_the_account_switches(client: Client, two_cards: Any) -> None:
    account, bills = two_cards
    second = account.paymentMethods[1]

    answer = save(client, {"VID": second.VID}, replaceOnAllAutoBills=True)

    assert (answer["return"].returnCode, answer["return"].returnString) == (200, "OK")
    assert [method_of(client, bill) for bill in bills] == [second.VID, second.VID]


def test_an_edited_payment_method_is_changed_for_its_autobills_without_any_flag(
    client: Client, two_cards: Any
) -> None:
    account, bills = two_cards

    save(client, {"VID": account.paymentMethods[0].VID, "creditCard": {"expirationDate": "204512"}})

    assert shop.fetched(client, bills[0]).paymentMethod.creditCard.expirationDate == "204512"


@pytest.mark.parametrize(
    ("status", "code", "text"),
    [
        ("Expired", 261, "Payment method saved but not replaced on all autobills"),
        ("Cancelled", 200, "OK"),
        ("Pending Cancel", 200, "OK"),
    ],
)
def test_an_autobill_that_has_ended_does_not_switch(
    client: Client, decrees: Decrees, two_cards: Any, status: str, code: int, text: str
) -> None:
    account, (ended, active) = two_cards
    first, second = account.paymentMethods
    decrees.end(ended, status)

    answer = save(client, {"VID": second.VID}, code, replaceOnAllAutoBills=True)

    assert (answer["return"].returnString, answer.paymentMethod.VID) == (text, second.VID)
    assert [method_of(client, bill) for bill in (ended, active)] == [first.VID, second.VID]
    assert save(client, {"VID": first.VID}, 200, replaceOnAllAutoBills=True).created is False


@pytest.mark.parametrize(
    ("flag", "child_flag", "switched"),
    [(True, True, [True, True]), (True, False, [True, False]), (False, True, [False, False])],
)
def test_children_switch_only_along_with_the_account(
    client: Client, decrees: Decrees, flag: bool, child_flag: bool, switched: list[bool]
) -> None:
    parent = shop.account(client, paymentMethods=[shop.card(), shop.card(shop.OTHER_CARD)])
    child = shop.account(client)
    decrees.adopt(parent, child)
    first, second = parent.paymentMethods
    bills = [
        shop.subscribe(client, shop.reference(first), account=shop.reference(owner)).autobill
        for owner in (parent, child)
    ]

    save(client, {"VID": second.VID}, replaceOnAllAutoBills=flag, replaceOnAllChildAutoBills=child_flag)

    assert [method_of(client, bill) == second.VID for bill in bills] == switched
