"""The same card twice: on an account, on two accounts, and alone (payment-method §1.1)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Client
from tests.services import shop

WAYS = ("Account.update", "Account.updatePaymentMethod", "AutoBill.update", "Account.makePayment")


def add(
    client: Client, account: Any, method: dict[str, Any], way: str = "Account.updatePaymentMethod"
) -> None:
    """Bring a payment method to an account in one of the ways there are."""
    owner = shop.reference(account)
    if way == "Account.update":
        client("Account").update(account=owner | {"paymentMethods": [method]})
    elif way == "Account.updatePaymentMethod":
        client("Account").updatePaymentMethod(
            account=owner,
            paymentMethod=method,
            updateBehavior="Update",
            updateScopeOnAccount="None",
            updateScopeOnChildren="None",
        )
    elif way == "AutoBill.update":
        shop.subscribe(client, method, account=owner)
    else:
        shop.subscribe(client, shop.invoiced(), account=owner)
        client("Account").makePayment(
            account=owner, paymentMethod=method, amount="1.00", currency="USD", invoiceId=""
        )


def methods(client: Client, account: Any) -> list[Any]:
    """The cards of the account."""
    shown = client("Account").fetchByVid(vid=account.VID).account.paymentMethods
    return [method for method in shown if method.type == "CreditCard"]


@pytest.mark.parametrize("way", WAYS)
def test_a_card_that_the_account_has_means_the_payment_method_that_has_it(client: Client, way: str) -> None:
    account = shop.account(client, paymentMethods=[shop.card(accountHolderName="Old")])

    add(client, account, shop.card(accountHolderName="New"), way)

    (method,) = methods(client, account)
    assert (method.VID, method.accountHolderName) == (account.paymentMethods[0].VID, "New")


@pytest.mark.parametrize("way", WAYS)
def test_a_new_id_becomes_that_of_a_card_without_one(client: Client, way: str) -> None:
    account = shop.account(client, paymentMethods=[shop.card()])
    key = shop.new_id("card")

    add(client, account, shop.card(merchantPaymentMethodId=key), way)

    (method,) = methods(client, account)
    assert (method.VID, method.merchantPaymentMethodId) == (account.paymentMethods[0].VID, key)


@pytest.mark.parametrize("way", WAYS)
def test_a_further_id_finds_the_card_and_does_not_replace_its_own(client: Client, way: str) -> None:
    own, further = shop.new_id("own"), shop.new_id("further")
    account = shop.account(client, paymentMethods=[shop.card(merchantPaymentMethodId=own)])

    add(client, account, shop.card(merchantPaymentMethodId=further), way)

    (method,) = methods(client, account)
    assert (method.VID, method.merchantPaymentMethodId) == (account.paymentMethods[0].VID, own)
    for key in (own, further):
        found = client("PaymentMethod").fetchByMerchantPaymentMethodId(paymentMethodId=key).paymentMethod
        assert (found.VID, found.merchantPaymentMethodId) == (method.VID, own)


def test_a_further_id_can_be_used_like_the_first(client: Client) -> None:
    own, further = shop.new_id("own"), shop.new_id("further")
    account = shop.account(client, paymentMethods=[shop.card(merchantPaymentMethodId=own)])
    add(client, account, shop.card(merchantPaymentMethodId=further))

    add(client, account, {"merchantPaymentMethodId": further, "customerDescription": "the blue one"})
    bill = shop.subscribe(
        client, {"merchantPaymentMethodId": further}, account=shop.reference(account)
    ).autobill

    (method,) = methods(client, account)
    assert (method.merchantPaymentMethodId, method.customerDescription) == (own, "the blue one")
    assert bill.paymentMethod.VID == method.VID
    pattern = {"merchantPaymentMethodId": further}
    assert (
        len(client("Account").fetchByPaymentMethod(paymentMethod=pattern, page=0, pageSize=5).accounts) == 1
    )
    assert (
        len(
            client("Transaction").fetchByPaymentMethod(paymentMethod=pattern, page=0, pageSize=5).transactions
        )
        == 1
    )


def test_a_number_with_blanks_is_the_same_card(client: Client) -> None:
    account = shop.account(client, paymentMethods=[shop.card("4111111111111111")])

    add(client, account, shop.card("4111 1111-1111 1111"))

    assert len(methods(client, account)) == 1


def test_another_expiry_is_another_payment_method_of_the_same_card(client: Client) -> None:
    account = shop.account(client, paymentMethods=[shop.card(expiry="203812")])

    add(client, account, shop.card(expiry="204001"))

    new, old = methods(client, account)
    assert (new.creditCard.expirationDate, old.creditCard.expirationDate) == ("204001", "203812")
    assert new.creditCard.VID == old.creditCard.VID
    assert new.VID != old.VID


def test_a_retired_payment_method_is_left_alone(client: Client) -> None:
    account = shop.account(client, paymentMethods=[shop.card(accountHolderName="Old")])
    add(client, account, {"VID": account.paymentMethods[0].VID, "active": False})

    add(client, account, shop.card(accountHolderName="New"))

    (method,) = methods(client, account)
    assert method.VID != account.paymentMethods[0].VID
    old = client("PaymentMethod").fetchByVid(vid=account.paymentMethods[0].VID).paymentMethod
    assert (old.active, old.accountHolderName) == (False, "Old")


def test_a_retired_payment_method_does_not_come_back_beside_its_twin(client: Client) -> None:
    account = shop.account(client, paymentMethods=[shop.card()])
    old = account.paymentMethods[0]
    add(client, account, {"VID": old.VID, "active": False})
    add(client, account, shop.card())

    add(client, account, {"VID": old.VID, "active": True})

    (method,) = methods(client, account)
    assert method.VID != old.VID


def test_a_payment_method_of_nobody_is_not_put_beside_its_twin(client: Client) -> None:
    alone = (
        client("PaymentMethod")
        .update(
            paymentMethod=shop.card(),
            validate=False,
            minChargebackProbability=100,
            replaceOnAllAutoBills=False,
        )
        .paymentMethod
    )
    account = shop.account(client, paymentMethods=[shop.card()])

    add(client, account, {"VID": alone.VID})

    (method,) = methods(client, account)
    assert method.VID == account.paymentMethods[0].VID


@pytest.mark.parametrize("by", ["VID", "merchantPaymentMethodId"])
def test_a_payment_method_given_the_card_of_another_means_the_other(client: Client, by: str) -> None:
    cards = [
        shop.card(number, merchantPaymentMethodId=shop.new_id("m")) for number in (shop.CARD, shop.OTHER_CARD)
    ]
    account = shop.account(client, paymentMethods=cards)
    first, second = account.paymentMethods

    add(client, account, shop.card(customerDescription="changed") | {by: second[by]})

    after = methods(client, account)
    assert [(method.VID, method.customerDescription) for method in after] == [
        (first.VID, "changed"),
        (second.VID, None),
    ]
    assert [method.merchantPaymentMethodId for method in after] == [
        first.merchantPaymentMethodId,
        second.merchantPaymentMethodId,
    ]
    assert after[1].creditCard.account == "545454XXXXXX1111"


def test_one_request_with_a_card_twice_makes_one_payment_method(client: Client) -> None:
    keys = [shop.new_id("card") for _ in range(3)]

    account = shop.account(client, paymentMethods=[shop.card(merchantPaymentMethodId=key) for key in keys])

    (method,) = account.paymentMethods
    assert method.merchantPaymentMethodId == keys[0]
    for key in keys:
        found = client("PaymentMethod").fetchByMerchantPaymentMethodId(paymentMethodId=key).paymentMethod
        assert found.VID == method.VID


def test_the_vid_of_a_card_is_that_of_its_number_whoever_has_it(client: Client) -> None:
    one = shop.account(client, paymentMethods=[shop.card(), shop.card(shop.OTHER_CARD)])
    other = shop.account(client, paymentMethods=[shop.card(expiry="204001")])
    alone = (
        client("PaymentMethod")
        .update(
            paymentMethod=shop.card(),
            validate=False,
            minChargebackProbability=100,
            replaceOnAllAutoBills=False,
        )
        .paymentMethod
    )

    same = {method.creditCard.VID for method in (one.paymentMethods[0], other.paymentMethods[0], alone)}
    assert len(same) == 1
    assert one.paymentMethods[1].creditCard.VID not in same
    assert len({one.paymentMethods[0].VID, other.paymentMethods[0].VID, alone.VID}) == 3


def test_a_number_that_comes_back_has_its_vid_again(client: Client) -> None:
    account = shop.account(client, paymentMethods=[shop.card()])
    before = account.paymentMethods[0]

    seen = []
    for number in (shop.OTHER_CARD, shop.CARD):
        add(client, account, shop.card(number) | {"VID": before.VID})
        seen.append(methods(client, account)[0].creditCard.VID)

    assert seen[0] != before.creditCard.VID
    assert seen[1] == before.creditCard.VID


@pytest.mark.parametrize("by", ["VID", "merchantPaymentMethodId"])
def test_a_payment_method_of_another_account_is_refused(client: Client, by: str) -> None:
    owner = shop.account(client, paymentMethods=[shop.card(merchantPaymentMethodId=shop.new_id("card"))])
    other = shop.account(client)
    text = "Data validation error The payment method belongs to another account."
    method = {by: owner.paymentMethods[0][by]}

    answer = (
        client("Account")
        .expecting(400)
        .updatePaymentMethod(
            account=shop.reference(other),
            paymentMethod=method,
            updateBehavior="Update",
            updateScopeOnAccount="None",
            updateScopeOnChildren="None",
        )
    )
    assert answer["return"].returnString == text
    answer = (
        client("Account").expecting(400).update(account=shop.reference(other) | {"paymentMethods": [method]})
    )
    assert answer["return"].returnString == text
    assert methods(client, other) == []
