"""Account.updatePaymentMethod: which AutoBills switch to the payment method (account §3.1, UpdateScope)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.conftest import Client
from tests.services import shop
from tests.services.decrees import Decrees

SWITCHED = {
    "None": set(),
    "MatchingPaymentMethod": set(),
    "AllDue": {"owing"},
    "AllDueAndMatching": {"owing"},
    "AllActive": {"paid", "owing", "future"},
}
NOT_REPLACED = "Payment method saved but not replaced on all autobills"


@dataclass
class Customer:
    """An account with three AutoBills on a card that declines softly now and then."""

    account: Any
    autobills: dict[str, Any]

    def on(self, client: Client, method: str) -> set[str]:
        """The AutoBills that bill the payment method with this VID."""
        billed = {name: shop.fetched(client, bill).paymentMethod.VID for name, bill in self.autobills.items()}
        return {name for name, vid in billed.items() if vid == method}


def customer(client: Client) -> Customer:
    account = shop.account(client, paymentMethods=[shop.card(), shop.card(shop.SOFT_DECLINED)])
    good, bad = account.paymentMethods
    owner = {"account": shop.reference(account)}
    later = datetime(2039, 1, 1, tzinfo=UTC)
    owing = shop.order(client, shop.reference(bad), **owner)
    return Customer(
        account,
        {
            "paid": shop.subscribe(client, shop.reference(good), **owner).autobill,
            "owing": shop.update(
                client, owing, immediateAuthFailurePolicy="putAutoBillInRetryCycle"
            ).autobill,
            "future": shop.subscribe(client, shop.reference(good), startTimestamp=later, **owner).autobill,
        },
    )


def put(client: Client, account: Any, method: dict[str, Any], expecting: int = 200, **options: Any) -> Any:
    given = {
        "updateBehavior": "Update",
        "updateScopeOnAccount": "None",
        "updateScopeOnChildren": "None",
    } | options
    return (
        client("Account")
        .expecting(expecting)
        .updatePaymentMethod(account=shop.reference(account), paymentMethod=method, **given)
    )


@pytest.mark.parametrize("scope", SWITCHED)
@pytest.mark.parametrize("behavior", ["Update", "Validate"])
def test_the_scope_says_which_autobills_switch(shared: Client, scope: str, behavior: str) -> None:
    owner = customer(shared)

    answer = put(shared, owner.account, shop.paypal() if behavior == "Update" else shop.card(shop.OTHER_CARD),
                 updateScopeOnAccount=scope, updateBehavior=behavior)  # fmt: skip

    new = answer.account.paymentMethods[0].VID
    assert owner.on(shared, new) == SWITCHED[scope]
    assert (answer.successes, answer.failures) == ([], [])


@pytest.mark.parametrize("scope", SWITCHED)
def test_the_scope_on_children_is_one_of_its_own(shared: Client, decrees: Decrees, scope: str) -> None:
    parent, child = customer(shared), customer(shared)
    decrees.adopt(parent.account, child.account)

    answer = put(shared, parent.account, shop.paypal(), updateScopeOnChildren=scope)

    new = answer.account.paymentMethods[0].VID
    assert (parent.on(shared, new), child.on(shared, new)) == (set(), SWITCHED[scope])
    assert new not in {method.VID for method in _methods(shared, child.account)}


def test_the_scope_on_the_account_does_not_reach_its_children(shared: Client, decrees: Decrees) -> None:
    parent, child = customer(shared), customer(shared)
    decrees.adopt(parent.account, child.account)

    answer = put(shared, parent.account, shop.paypal(), updateScopeOnAccount="AllActive")

    new = answer.account.paymentMethods[0].VID
    assert (parent.on(shared, new), child.on(shared, new)) == (SWITCHED["AllActive"], set())


def test_an_edit_in_place_is_seen_by_its_autobills_whatever_the_scope(shared: Client) -> None:
    owner = customer(shared)
    good = owner.account.paymentMethods[0]

    put(shared, owner.account, {"VID": good.VID, "creditCard": {"expirationDate": "204512"}})

    bill = shop.fetched(shared, owner.autobills["paid"])
    assert (bill.paymentMethod.VID, bill.paymentMethod.creditCard.expirationDate) == (good.VID, "204512")


def test_matching_autobills_are_those_of_the_edited_payment_method(shared: Client) -> None:
    owner = customer(shared)
    good, bad = owner.account.paymentMethods

    put(shared, owner.account, {"VID": good.VID}, updateScopeOnAccount="MatchingPaymentMethod")

    assert owner.on(shared, good.VID) == {"paid", "future"}
    put(shared, owner.account, {"VID": good.VID}, updateScopeOnAccount="AllDueAndMatching")
    assert owner.on(shared, good.VID) == {"paid", "future", "owing"}
    assert owner.on(shared, bad.VID) == set()


def test_a_card_the_account_has_already_is_switched_to_as_well(shared: Client) -> None:
    owner = customer(shared)

    put(shared, owner.account, shop.card(), updateScopeOnAccount="AllDue")

    assert owner.on(shared, owner.account.paymentMethods[0].VID) == {"paid", "owing", "future"}


@pytest.mark.parametrize("days", [0, 1, 40])
def test_a_switched_autobill_that_owes_is_billed_at_the_next_run(
    client: Client, sandbox: Any, books_are_right: Any, days: int
) -> None:
    owner = customer(client)
    owing = owner.autobills["owing"]

    put(client, owner.account, shop.card(shop.OTHER_CARD), updateScopeOnAccount="AllDue")
    assert shop.standing(shop.fetched(client, owing))[1] != "Good Standing"
    sandbox.advance(days) if days else sandbox.bill()

    assert shop.standing(shop.fetched(client, owing)) == ("Active", "Good Standing")
    books_are_right()


def test_an_autobill_in_scope_that_has_ended_cannot_switch(shared: Client, decrees: Decrees) -> None:
    owner = customer(shared)
    decrees.end(owner.autobills["owing"], "Cancelled")

    answer = put(shared, owner.account, shop.paypal(), 261, updateScopeOnAccount="AllDue")

    assert (answer["return"].returnString, answer.validated) == (NOT_REPLACED, False)
    new = answer.account.paymentMethods[0]
    assert new.type == "PayPal"
    assert owner.on(shared, new.VID) == set()


@pytest.mark.parametrize("scope", ["None", "MatchingPaymentMethod", "AllActive"])
def test_an_ended_autobill_outside_of_the_scope_does_not_matter(
    shared: Client, decrees: Decrees, scope: str
) -> None:
    owner = customer(shared)
    decrees.end(owner.autobills["owing"], "Cancelled")
    bad = owner.account.paymentMethods[1]

    assert (
        put(shared, owner.account, shop.paypal(), updateScopeOnAccount=scope)["return"].returnString == "OK"
    )
    assert (
        put(shared, owner.account, {"VID": bad.VID}, updateScopeOnAccount=scope)["return"].returnString
        == "OK"
    )
    assert owner.on(shared, bad.VID) >= {"owing"}


def _methods(client: Client, account: Any) -> list[Any]:
    return list(client("Account").fetchByVid(vid=account.VID).account.paymentMethods)
