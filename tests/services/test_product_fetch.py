"""Product: the five fetch calls, their paging and their refusals (catalog §2.3, conventions §7)."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from tests.conftest import Client
from tests.servers import Server
from tests.services import shop
from tests.soap_client import Login, envelope

NO_VID = "0" * 40


def refusal(client: Client, code: int, operation: str, **arguments: Any) -> str:
    answer = getattr(client("Product").expecting(code), operation)(**arguments)
    text: str = answer["return"].returnString
    return text


def vids(answer: Any) -> list[str]:
    return [product.VID for product in answer.products]


def bare(
    server: Server, merchant: Login, operation: str, arguments: str = ""
) -> tuple[str | None, str | None]:
    """Code and text of a call as raw XML, for arguments that zeep insists on."""
    root = etree.fromstring(server.post(envelope(merchant, "Product", operation, arguments)).body)
    return root.findtext(".//returnCode"), root.findtext(".//returnString")


def test_vid_and_id_find_the_same_product(client: Client) -> None:
    product = shop.product(client)
    by_vid = client("Product").fetchByVid(vid=product.VID).product
    by_id = client("Product").fetchByMerchantProductId(merchantProductId=product.merchantProductId).product
    assert by_vid == by_id == product


def test_an_unknown_vid_is_404(client: Client) -> None:
    assert (
        refusal(client, 404, "fetchByVid", vid=NO_VID)
        == f'Unable to load product by VID "{NO_VID}" -  No match'
    )


def test_an_unknown_id_is_400(client: Client) -> None:
    text = refusal(client, 400, "fetchByMerchantProductId", merchantProductId="none & nowhere")
    assert text == 'Unable to load product by sku "none & nowhere":  No match'


@pytest.mark.parametrize(
    ("operation", "argument", "text"),
    [
        ("fetchByVid", "vid", "Missing required parameter 'vid'."),
        ("fetchByMerchantProductId", "merchantProductId", "Missing required parameter 'merchantProductId'."),
        ("fetchByMerchantEntitlementId", "merchantEntitlementId", "Must specify entitlement id."),
        ("fetchByAccount", "account", "Unable to load account by: No matches."),
    ],
)
def test_a_missing_or_empty_identifier_is_400(
    server: Server, module_merchant: Login, operation: str, argument: str, text: str
) -> None:
    assert bare(server, module_merchant, operation) == ("400", text)
    assert bare(server, module_merchant, operation, f'<{argument} xmlns=""></{argument}>') == ("400", text)


def test_pages_are_counted_from_0_and_hold_products_in_order_of_creation(client: Client) -> None:
    made = [shop.product(client).VID for _ in range(5)]
    assert vids(client("Product").fetchAll()) == made
    assert vids(client("Product").fetchAll(page=0, pageSize=2)) == made[:2]
    assert vids(client("Product").fetchAll(page=1, pageSize=2)) == made[2:4]
    assert vids(client("Product").fetchAll(page=2, pageSize=2)) == made[4:]
    assert vids(client("Product").fetchAll(pageSize=3)) == made[:3]
    assert vids(client("Product").fetchAll(page=0, pageSize=10000)) == made


def test_a_changed_product_keeps_its_place(client: Client) -> None:
    made = [shop.product(client) for _ in range(3)]
    client("Product").update(product={"VID": made[0].VID, "taxClassification": "DM"})
    assert vids(client("Product").fetchAll()) == [product.VID for product in made]


def test_a_page_past_the_end_is_404(client: Client) -> None:
    assert refusal(client, 404, "fetchAll") == "No products found."
    shop.product(client)
    assert refusal(client, 404, "fetchAll", page=1, pageSize=1) == "No products found."
    assert refusal(client, 404, "fetchAll", page=1) == "No products found."


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"page": -1}, 'page "-1" must not be negative.'),
        ({"pageSize": 0}, 'pageSize "0" must be greater than 0.'),
        ({"page": 0, "pageSize": -5}, 'pageSize "-5" must be greater than 0.'),
    ],
)
def test_pages_that_make_no_sense_are_400(client: Client, arguments: dict[str, int], text: str) -> None:
    assert refusal(client, 400, "fetchAll", **arguments) == text


def test_empty_page_arguments_take_their_defaults(client: Client, server: Server, merchant: Login) -> None:
    shop.product(client)
    assert bare(server, merchant, "fetchAll", '<page xmlns=""></page><pageSize xmlns=""/>') == ("200", "OK")


def test_a_page_that_is_no_number_is_named(server: Server, merchant: Login) -> None:
    assert bare(server, merchant, "fetchAll", '<page xmlns="">one</page>') == (
        "400",
        'Invalid Arguments - Item "Vindicia::Soap::Product.page" of type xsd:int has invalid value "one"!',
    )


def test_products_of_an_account_are_those_of_its_autobills_each_once(client: Client) -> None:
    magazine, paper, _unsold = (shop.product(client) for _ in range(3))
    account = shop.account(client)
    for items in ([magazine, paper], [magazine]):
        shop.subscribe(
            client,
            account=shop.reference(account),
            items=[{"product": shop.reference(product)} for product in items],
        )
    for named in ({"VID": account.VID}, {"merchantAccountId": account.merchantAccountId}):
        assert vids(client("Product").fetchByAccount(account=named)) == [magazine.VID, paper.VID]


def test_an_account_without_autobills_has_no_products(client: Client) -> None:
    account = shop.account(client)
    assert vids(client("Product").fetchByAccount(account=shop.reference(account), includeChildren=True)) == []


@pytest.mark.parametrize("named", [{"VID": NO_VID}, {"merchantAccountId": "nobody"}, {"name": "nobody"}])
def test_products_of_an_unknown_account_are_400(client: Client, named: dict[str, str]) -> None:
    text = refusal(client, 400, "fetchByAccount", account=named)
    assert text == "Unable to load account by: No matches."


def test_products_that_grant_an_entitlement_are_found_by_it(client: Client) -> None:
    one = shop.product(client, merchantEntitlementIds=[{"id": "read"}, {"id": "archive"}])
    other = shop.product(client, merchantEntitlementIds=[{"id": "read", "description": "the other"}])
    shop.product(client, merchantEntitlementIds=[{"id": "reader"}])
    found = client("Product").fetchByMerchantEntitlementId(merchantEntitlementId="read")
    assert vids(found) == [one.VID, other.VID]
    assert vids(client("Product").fetchByMerchantEntitlementId(merchantEntitlementId="archive")) == [one.VID]


def test_an_entitlement_that_no_product_grants_is_404(client: Client) -> None:
    text = refusal(client, 404, "fetchByMerchantEntitlementId", merchantEntitlementId="x-1")
    assert text == "Could not load product for entitlement id x-1."


def test_another_merchants_products_do_not_exist(
    client: Client, module_merchant: Login, server: Server
) -> None:
    product = shop.product(client)
    other = f'<vid xmlns="">{product.VID}</vid>'
    assert bare(server, module_merchant, "fetchByVid", other) == (
        "404",
        f'Unable to load product by VID "{product.VID}" -  No match',
    )
    assert bare(server, module_merchant, "fetchAll") == ("404", "No products found.")
