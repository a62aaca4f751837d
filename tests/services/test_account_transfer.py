"""Account.transfer: two accounts become one (account §8)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.services import chargebacks, sales, shop
from tests.services.conftest import MakeToken
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.services.test_account_credit import grant, history, money
from tests.services.test_account_family import add, family, fetched

D = Decimal


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Any:
    sandbox.set_clock("2024-03-15T10:00:00")
    yield
    books_are_right()


def merge(client: Client, target: Any, source: Any, expecting: int = 200) -> Any:
    return (
        client("Account")
        .expecting(expecting)
        .transfer(targetAccount=shop.reference(target), sourceAccount=shop.reference(source))
    )


def exemption(number: str, *, active: bool) -> dict[str, Any]:
    return {"region": "GB", "exemptionId": number, "active": active}


def test_everything_goes_over_and_an_empty_shell_stays(client: Client, make_token: MakeToken) -> None:
    coin = make_token("coin")
    target = shop.account(
        client,
        paymentMethods=[shop.card(shop.OTHER_CARD)],
        nameValues=[{"name": "both", "value": "target"}],
        taxExemptions=[exemption("1", active=False)],
        tokenBalances=[{"token": {"merchantTokenId": coin}, "amount": 5}],
    )
    source = shop.account(
        client,
        paymentMethods=[shop.card(), shop.paypal()],
        nameValues=[{"name": "both", "value": "source"}, {"name": "own", "value": "1"}],
        taxExemptions=[exemption("1", active=True), exemption("2", active=False)],
        tokenBalances=[{"token": {"merchantTokenId": coin}, "amount": 7}],
    )
    bill = shop.subscribe(
        client, shop.reference(source.paymentMethods[0]), account=shop.reference(source)
    ).autobill
    sale = sales.authorize(client, sales.order(shop.reference(source)))
    assert sales.captured(client, sale) == [200]
    dispute = chargebacks.update(client, chargebacks.of(sale))
    grant(client, source, money("3.00"))

    merged = merge(client, target, source).mergedAccount

    assert merged.VID == target.VID
    methods = [method.VID for method in (*target.paymentMethods, *source.paymentMethods)]
    assert [method.VID for method in merged.paymentMethods] == methods
    assert shop.names(merged) == {"both": "target", "own": "1"}
    exemptions = {entry.exemptionId: entry.active for entry in merged.taxExemptions}
    assert exemptions == {"1": True, "2": False}
    assert [part.amount for part in merged.tokenBalances] == [12]
    assert shop.credit(merged) == [(D("3.00"), "USD")]
    assert [entry.type for entry in history(client, target)] == ["Grant"]
    moved = client("AutoBill").fetchByAccount(account=shop.reference(target)).autobills[0]
    assert (moved.VID, shop.names(moved)) == (
        bill.VID,
        {
            "VIN_MERCHANT_CUSTOMER_ID_UPDATED_FROM": source.merchantAccountId,
            "VIN_MERCHANT_CUSTOMER_ID_UPDATED_DATE": "2024-03-15",
        },
    )
    sold = client("Transaction").fetchByAccount(account=shop.reference(target)).transactions
    assert sale.transaction.VID in [one.VID for one in sold]
    disputes = client("Chargeback").fetchByAccount(account=shop.reference(target)).chargebacks
    assert [one.VID for one in disputes] == [dispute.VID]

    shell = fetched(client, source)
    assert (shell.merchantAccountId, shell.name, shell.emailAddress) == (
        source.merchantAccountId,
        source.name,
        source.emailAddress,
    )
    assert not shell.paymentMethods
    assert not shell.nameValues
    assert not shell.taxExemptions
    assert not shell.tokenBalances
    assert history(client, source) == []
    assert not client("AutoBill").fetchByAccount(account=shop.reference(source)).autobills


def test_billing_goes_on_for_the_target_with_the_credit_of_both(client: Client, sandbox: Sandbox) -> None:
    bill = shop.subscribe(client, shop.card()).autobill
    target = shop.account(client)
    grant(client, target, money("3.00"))
    grant(client, bill.account, money("4.00"))
    merge(client, target, bill.account)

    sandbox.bill_on("2024-04-15T10:00:00")

    paid = shop.transactions(client, bill)[-1]
    assert (paid.amount, paid.account.VID, shop.log(paid)[0]) == (D("3.00"), target.VID, "Captured")
    assert fetched(client, target).credit is None


def test_cheques_of_the_same_number_do_not_keep_two_accounts_apart(client: Client) -> None:
    bills = [shop.subscribe(client, shop.invoiced()).autobill for _ in range(2)]
    number = shop.new_id("cheque")
    for index, bill in enumerate(bills):
        shop.pay(client, bill, "5.00", shop.cheque(number, merchantPaymentMethodId=f"{number}-{index}"))

    merge(client, bills[0].account, bills[1].account)

    owners = {shop.fetched(client, bill).account.VID for bill in bills}
    assert owners == {bills[0].account.VID}
    client("Account").reversePayment(account=shop.reference(bills[0].account), paymentId=number)
    client("Account").reversePayment(
        account=shop.reference(bills[0].account), invoiceId=shop.invoices(client, bills[1])[0]
    )


def test_children_of_the_source_follow_it_and_its_own_link_is_cut(client: Client) -> None:
    parent, source, child, target = (shop.account(client) for _ in range(4))
    add(client, source, child)
    merge(client, target, source)
    assert family(client, child) == (target.VID, [child.VID])
    assert family(client, source) == (source.VID, [])

    lone = shop.account(client)
    add(client, parent, lone)
    merge(client, target, lone)
    assert family(client, lone) == (lone.VID, [])


def test_a_child_may_take_over_its_parent_with_its_brothers(client: Client) -> None:
    parent, first, second = (shop.account(client) for _ in range(3))
    add(client, parent, first, second)
    merge(client, first, parent)
    assert family(client, second) == (first.VID, [second.VID])
    assert family(client, parent) == (parent.VID, [])


def test_nothing_is_merged_when_families_conflict_or_one_is_missing(client: Client) -> None:
    grandparent, target, source, child = (shop.account(client) for _ in range(4))
    add(client, grandparent, target)
    add(client, source, child)
    grant(client, source, money("1.00"))

    refused = merge(client, target, source, 400)
    assert shop.text(refused) == "sourceAccount has children, and targetAccount is itself a child."
    assert shop.text(merge(client, source, source, 400)) == "targetAccount and sourceAccount are the same."
    missing = client("Account").expecting(404)
    missing.transfer(targetAccount={"VID": "0" * 40}, sourceAccount=shop.reference(source))

    assert shop.credit(fetched(client, source)) == [(D("1.00"), "USD")]
    assert family(client, child) == (source.VID, [child.VID])
