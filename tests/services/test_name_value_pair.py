"""Service NameValuePair: which classes carry pairs, and which names a merchant has used (account §12)."""

from __future__ import annotations

import pytest

from tests.conftest import Client
from tests.services import shop
from tests.services.wire import Wire

CLASSES = [
    "Account", "AutoBill", "AutoBillItem", "BillingPlan", "Chargeback", "CurrencyAmount", "Event", "GiftCardStatus",
    "PaymentMethod", "PaymentProvider", "Product", "RatePlan", "Refund", "SeasonSet", "TimeInterval", "Transaction",
    "TransactionItem", "WebSession",
]  # fmt: skip


def names(client: Client, object_class: str) -> list[str]:
    return list(client("NameValuePair").fetchNameValueNames(type=object_class).names)


def pairs(*given: str) -> list[dict[str, str]]:
    return [{"name": name, "value": "1"} for name in given]


def test_the_classes_are_listed_sorted(shared: Client) -> None:
    assert list(shared("NameValuePair").fetchNameValueTypes().types) == CLASSES


@pytest.mark.parametrize("object_class", CLASSES)
def test_a_class_without_pairs_has_no_names(shared: Client, object_class: str) -> None:
    assert names(shared, object_class) == []


def test_the_names_of_a_class_are_distinct_and_sorted_by_code_point(client: Client) -> None:
    shop.account(client, nameValues=pairs("b", "Z", "a"))
    shop.account(client, nameValues=pairs("a", "ä", "vin:Division", "_x"))
    shop.product(client, nameValues=pairs("of a product"))

    assert names(client, "Account") == ["Z", "_x", "a", "b", "vin:Division", "ä"]
    assert names(client, "Product") == ["of a product"]


def test_names_stay_known_after_the_pair_is_removed_or_changed(client: Client) -> None:
    account = shop.account(client, nameValues=pairs("gone"))

    client("Account").update(account={"VID": account.VID, "nameValues": [{"name": "gone", "value": ""}]})

    assert shop.names(client("Account").fetchByVid(vid=account.VID).account) == {}
    assert names(client, "Account") == ["gone"]


def test_a_refused_call_leaves_no_names(client: Client) -> None:
    client("Account").expecting(400).update(
        account={"merchantAccountId": "a", "nameValues": pairs("new"), "defaultCurrency": "???"}
    )

    assert names(client, "Account") == []


def test_the_names_of_every_kind_of_object_in_a_subscription_are_known(client: Client) -> None:
    product = shop.product(client, nameValues=pairs("on product"))
    plan = shop.plan(client, nameValues=pairs("on plan"))
    shop.subscribe(
        client,
        shop.card(nameValues=pairs("on method", "CVN")),
        nameValues=pairs("on autobill"),
        billingPlan=shop.reference(plan),
        items=[{"index": 0, "product": shop.reference(product), "nameValues": pairs("on item")}],
    )

    assert names(client, "Product") == ["on product"]
    assert names(client, "BillingPlan") == ["on plan"]
    assert names(client, "PaymentMethod") == ["on method"]
    assert names(client, "AutoBill") == ["on autobill"]
    assert names(client, "AutoBillItem") == ["on item"]
    assert "vin:AutoBillVID" in names(client, "Transaction")


@pytest.mark.parametrize(
    "object_class", [" ", "account", "Address", "MigrationTransaction", "Vindicia::Soap::Account"]
)
def test_another_class_is_refused(shared_wire: Wire, object_class: str) -> None:
    reply = shared_wire.call("NameValuePair", "fetchNameValueNames", f"<type>{object_class}</type>")

    assert (reply.code, reply.text) == (400, f'type "{object_class}" is not a class with name-value pairs.')
    assert not reply.has("names")


@pytest.mark.parametrize("form", ["", "<type/>"])
def test_the_class_has_to_be_named(shared_wire: Wire, form: str) -> None:
    reply = shared_wire.call("NameValuePair", "fetchNameValueNames", form)

    assert (reply.code, reply.text) == (400, "Missing required parameter 'type'.")
