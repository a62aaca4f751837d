"""AutoBill: finding them, with the literal answers for those that are not there (autobill §6.9 – §6.14)."""

from __future__ import annotations

from typing import Any

import pytest

from cashbox_service.soap.handlers.autobill import RETURNS
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

UNKNOWN = "0" * 40


def test_by_vid_and_by_id_it_is_the_same(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    by_vid = client("AutoBill").fetchByVid(vid=autobill.VID).autobill
    by_id = (
        client("AutoBill").fetchByMerchantAutoBillId(merchantAutoBillId=autobill.merchantAutoBillId).autobill
    )
    assert by_vid == by_id == autobill


def test_identifiers_are_trimmed(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    assert client("AutoBill").fetchByVid(vid=f"  {autobill.VID} ").autobill.VID == autobill.VID
    spaced = f" {autobill.merchantAutoBillId} "
    assert (
        client("AutoBill").fetchByMerchantAutoBillId(merchantAutoBillId=spaced).autobill.VID == autobill.VID
    )


@pytest.mark.parametrize("vid", [UNKNOWN, "nothing like a VID", 'quoted "name"'])
def test_an_unknown_vid(client: Client, vid: str) -> None:
    answer = client("AutoBill").expecting(400).fetchByVid(vid=vid)
    assert shop.text(answer) == f'Unable to load autobill by VID "{vid}":  .'


def test_an_unknown_id(client: Client) -> None:
    answer = client("AutoBill").expecting(400).fetchByMerchantAutoBillId(merchantAutoBillId="nobody-1")
    assert shop.text(answer) == "Unable to find autobill by serial number nobody-1: "


def test_an_empty_key(client: Client) -> None:
    answer = client("AutoBill").expecting(400).fetchByVid(vid="")
    assert shop.text(answer) == "Missing required parameter 'vid'."
    answer = client("AutoBill").expecting(400).fetchByMerchantAutoBillId(merchantAutoBillId="")
    assert shop.text(answer) == "Missing required parameter 'merchantAutoBillId'."


def test_of_an_account_oldest_first(client: Client) -> None:
    account = shop.reference(shop.account(client, paymentMethods=[shop.card()]))
    made = [shop.update(client, shop.order(client, account=account)).autobill.VID for _ in range(3)]
    answer = client("AutoBill").fetchByAccount(account=account, includeChildren=False)
    assert [one.VID for one in answer.autobills] == made


def test_of_an_account_in_pages(client: Client) -> None:
    account = shop.reference(shop.account(client, paymentMethods=[shop.card()]))
    made = [shop.update(client, shop.order(client, account=account)).autobill.VID for _ in range(3)]
    pages = [
        [
            one.VID
            for one in client("AutoBill").fetchByAccount(account=account, page=page, pageSize=2).autobills
        ]
        for page in range(3)
    ]
    assert pages == [made[:2], made[2:], []]


@pytest.mark.parametrize(("page", "size"), [(-1, 10), (0, 0), (0, -5)])
def test_pages_that_make_no_sense(client: Client, page: int, size: int) -> None:
    account = shop.reference(shop.account(client))
    answer = client("AutoBill").expecting(400).fetchByAccount(account=account, page=page, pageSize=size)
    assert shop.text(answer).startswith("Data validation error: ")


def test_of_an_account_without_any(client: Client) -> None:
    answer = client("AutoBill").fetchByAccount(account=shop.reference(shop.account(client)))
    assert answer.autobills == []


@pytest.mark.parametrize("account", [{"VID": UNKNOWN}, {"merchantAccountId": "nobody"}, {}])
def test_of_an_unknown_account(client: Client, account: dict[str, str]) -> None:
    answer = client("AutoBill").expecting(400).fetchByAccount(account=account)
    assert shop.text(answer) == "Unable to load account:  No match."


def test_of_an_account_and_a_product(client: Client) -> None:
    account = shop.reference(shop.account(client, paymentMethods=[shop.card()]))
    product = shop.product(client)
    items = [{"product": shop.reference(product)}]
    wanted = shop.update(client, shop.order(client, account=account, items=items)).autobill
    shop.update(client, shop.order(client, account=account))
    for named in (shop.reference(product), {"merchantProductId": product.merchantProductId}):
        found = client("AutoBill").fetchByAccountAndProduct(
            account=account, product=named, includeChildren=False
        )
        assert [one.VID for one in found.autobills] == [wanted.VID]
    other = client("AutoBill").fetchByAccountAndProduct(
        account=account, product=shop.reference(shop.product(client)), includeChildren=False
    )
    assert other.autobills == []


def test_items_that_are_over_do_not_count(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-15T12:00:00")
    account = shop.reference(shop.account(client))
    once, later = shop.reference(shop.product(client)), shop.reference(shop.product(client))
    items = [{"product": once, "cycles": 1}, {"product": later, "startDate": "6 months"}]
    autobill = shop.subscribe(client, account=account, items=items).autobill

    def found(product: dict[str, str]) -> list[str]:
        answer = client("AutoBill").fetchByAccountAndProduct(
            account=account, product=product, includeChildren=False
        )
        return [one.VID for one in answer.autobills]

    assert (found(once), found(later)) == ([autobill.VID], [autobill.VID])
    sandbox.bill_on("2024-02-15T12:00:00")
    assert (found(once), found(later)) == ([], [autobill.VID])


def test_of_an_account_and_an_unknown_product(client: Client) -> None:
    account = shop.reference(shop.account(client))
    service = client("AutoBill").expecting(400)
    for product in ({"VID": UNKNOWN}, {"merchantProductId": "nothing"}, {}):
        answer = service.fetchByAccountAndProduct(account=account, product=product, includeChildren=False)
        assert answer.autobills == []
    answer = service.fetchByAccountAndProduct(
        account={"VID": UNKNOWN}, product=shop.reference(shop.product(client)), includeChildren=False
    )
    assert shop.text(answer) == "Unable to load account:  No match."


def test_of_an_account_and_a_product_named_by_the_ids_of_two(client: Client) -> None:
    product, other = shop.product(client), shop.product(client)
    named = {"VID": product.VID, "merchantProductId": other.merchantProductId}
    answer = (
        client("AutoBill")
        .expecting(400)
        .fetchByAccountAndProduct(
            account=shop.reference(shop.account(client)), product=named, includeChildren=False
        )
    )
    assert shop.text(answer) == "VID and merchantProductId belong to different objects."


def test_by_email_whatever_its_case(client: Client) -> None:
    address = f"{shop.new_id('Ada')}@Example.org"
    accounts = [shop.account(client, emailAddress=address) for _ in range(2)]
    made = [shop.subscribe(client, account=shop.reference(account)).autobill.VID for account in accounts]
    found = client("AutoBill").fetchByEmail(email=address.upper())
    assert [one.VID for one in found.autobills] == made
    assert client("AutoBill").fetchByEmail(email="nobody@example.org").autobills == []


def test_by_email_needs_an_address(client: Client) -> None:
    answer = client("AutoBill").expecting(400).fetchByEmail(email="")
    assert shop.text(answer) == "Missing required parameter 'email'."


def test_another_merchants_autobill_does_not_exist(client: Client, server: Any) -> None:
    from tests.conftest import _new_merchant
    from tests.soap_client import ServiceClient

    autobill = shop.subscribe(client).autobill
    stranger = ServiceClient(server, _new_merchant(server), "AutoBill", 400)
    assert (
        shop.text(stranger.fetchByVid(vid=autobill.VID))
        == f'Unable to load autobill by VID "{autobill.VID}":  .'
    )
    stranger.fetchByMerchantAutoBillId(merchantAutoBillId=autobill.merchantAutoBillId)
    text = shop.text(stranger.fetchInvoiceNumbers(autobill=shop.reference(autobill)))
    assert text == "Unable to load AutoBill: "


_NAMED: dict[str, tuple[dict[str, Any], str]] = {
    "fetchInvoice": ({"invoiceId": "x-00000000", "asPDF": False}, "Unable to load AutoBill: "),
    "fetchInvoiceNumbers": ({}, "Unable to load AutoBill: "),
    "writeOffInvoice": ({"invoiceId": "x-00000000"}, "Unable to load AutoBill:  ."),
    "makePayment": ({"amount": 1, "paymentMethod": shop.cheque()}, "Unable to load AutoBill: "),
    "reversePayment": ({"paymentId": "x"}, "Unable to load AutoBill:  ."),
}


@pytest.mark.parametrize("operation", _NAMED)
@pytest.mark.parametrize("autobill", [{"VID": UNKNOWN}, {"merchantAutoBillId": "nobody"}])
def test_every_operation_on_an_autobill_that_is_not_there(
    client: Client, operation: str, autobill: dict[str, str]
) -> None:
    arguments, text = _NAMED[operation]
    answer = getattr(client("AutoBill").expecting(400), operation)(autobill=autobill, **arguments)
    assert shop.text(answer) == text


@pytest.mark.parametrize("operation", _NAMED)
def test_vid_and_id_of_two_autobills_are_a_contradiction(client: Client, operation: str) -> None:
    first, second = shop.subscribe(client).autobill, shop.subscribe(client).autobill
    arguments, _ = _NAMED[operation]
    both = {"VID": first.VID, "merchantAutoBillId": second.merchantAutoBillId}
    answer = getattr(client("AutoBill").expecting(400), operation)(autobill=both, **arguments)
    assert "VID and merchantAutoBillId belong to different objects." in shop.text(answer)


def test_an_id_that_belongs_to_nobody_does_not_hinder_the_vid(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    named = {"VID": autobill.VID, "merchantAutoBillId": "nobody"}
    assert len(client("AutoBill").fetchInvoiceNumbers(autobill=named).invoicenum) == 2


def test_every_operation_that_is_built_has_its_table() -> None:
    fetches = {
        "fetchByVid",
        "fetchByMerchantAutoBillId",
        "fetchByAccount",
        "fetchByAccountAndProduct",
        "fetchByEmail",
        "fetchByWebSessionVid",  # tests/services/test_web_sessions.py
    }
    assert fetches | {"update"} | set(_NAMED) == set(RETURNS)


def test_a_sparse_description_narrows_the_answer(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    answer = client("AutoBill").fetchByVid(
        vid=autobill.VID, srd='{"autobill":{"status":"","nextBilling":["amount"]}}'
    )
    narrow = answer.autobill
    assert (narrow.VID, narrow.merchantAutoBillId) == (autobill.VID, autobill.merchantAutoBillId)
    assert (narrow.status, narrow.billingState, narrow.items) == ("Active", None, [])
    assert (narrow.nextBilling.amount, narrow.nextBilling.currency) == (10, None)


def test_a_fetched_autobill_can_be_sent_back(client: Client, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-15T12:00:00")
    autobill = shop.subscribe(client, customerAutoBillName="Home").autobill
    again = shop.update(client, {name: autobill[name] for name in autobill}).autobill
    assert again == autobill
