"""Customers sign documents on the merchant's pages, once each (notifications §3)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from cashbox_service.app.environment import Environment
from cashbox_service.store.entities import ElectronicSignature
from tests.conftest import _new_merchant
from tests.servers import Server
from tests.services import sales, shop
from tests.services.shop import Client
from tests.services.test_account_transfer import merge
from tests.services.wire import Wire
from tests.soap_client import Login, ServiceClient
from tests.unit.test_signature_block import submitted

TERMS = "https://shop.example/terms"
SIGNED = "https://shop.example/signed"
AT = datetime(2024, 3, 15, 17, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def owner(server: Server, module_merchant: Login) -> Client:
    return lambda service: ServiceClient(server, module_merchant, service)


@pytest.fixture(scope="module")
def sold(owner: Client) -> Any:
    """A sale that is to be signed for."""
    return sales.authorize(owner, sales.order(shop.reference(shop.account(owner, name="Ada")))).transaction


def block(client: Client, uri: str = TERMS, **options: str) -> str:
    answer = client("ElectronicSignature").getSignatureBlock(
        vindiciaUriBase=uri, formTarget=SIGNED, **({"noscript": ""} | options)
    )
    markup: str = answer.signatureBlock
    return markup


def signature(sold: Any, **fields: Any) -> dict[str, Any]:
    given = {
        "uri": TERMS,
        "sourceIp": "192.0.2.7",
        "timestamp": AT,
        "account": shop.reference(sold.account),
        "transaction": shop.reference(sold),
        "description": "Terms of sale",
    }
    return given | fields


def sign(client: Client, sold: Any, form_data: str, **fields: Any) -> Any:
    return client("ElectronicSignature").sign(signature=signature(sold, **fields), formData=form_data)


def agreed(markup: str, **changes: str) -> str:
    return submitted(markup, **({"agree": "1", "name": "Ada Reader"} | changes))


@pytest.fixture
def kept(environment: Environment, module_merchant: Login) -> Iterator[Any]:
    """What is stored of a signature, by its VID."""
    with closing(environment.open(environment.merchant(module_merchant.login))) as work:
        yield lambda vid: work.uow.session.scalars(
            select(ElectronicSignature).where(ElectronicSignature.vid == vid)
        ).one()


def test_a_signature_is_kept_with_its_account_and_sale(owner: Client, sold: Any, kept: Any) -> None:
    answer = sign(owner, sold, agreed(block(owner, noscript="Please sign")))
    assert (answer.signatureOk, answer.signatureBlock) == (True, None)
    told = answer.signature
    assert (told.uri, told.sourceIp, told.timestamp, told.description) == (
        TERMS,
        "192.0.2.7",
        AT,
        "Terms of sale",
    )
    assert (told.account.VID, told.transaction.VID) == (sold.account.VID, sold.VID)
    assert (kept(told.VID).signed_by, kept(told.VID).account_vid) == ("Ada Reader", sold.account.VID)


def test_parts_that_are_not_asked_for_are_left_out(shared_wire: Wire, owner: Client, sold: Any) -> None:
    form = agreed(block(owner)).replace("&", "&amp;")
    asked = (
        f"<signature><uri>{TERMS}</uri><timestamp>2024-01-01T00:00:00Z</timestamp>"
        f"<account><VID>{sold.account.VID}</VID></account><transaction><VID>{sold.VID}</VID></transaction></signature>"
        f"<formData>{form}</formData>"
    )
    srd = '{"signature": {"account": ["name"]}}'
    reply = shared_wire.call("ElectronicSignature", "sign", asked, srd)
    assert reply.children("signature") == ["VID", "uri", "timestamp", "account", "transaction"]
    assert reply.children("signature/account") == ["VID", "merchantAccountId", "name"]
    assert reply.value("signature/transaction/VID") == sold.VID
    assert not reply.has("signature/transaction/statusLog")
    assert (reply.value("signatureBlock"), reply.value("signatureOk")) == ("", "1")


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"agree": "0"}, {}),
        ({"name": " "}, {}),
        ({"mac": "0" * 64}, {}),
        ({"mac": "ü"}, {}),
        ({"uri": "https://shop.example/other"}, {"uri": "https://shop.example/other"}),
        ({"target": "https://thief.example/"}, {}),
        ({"nonce": "1"}, {}),
        ({}, {"uri": "https://shop.example/other"}),
    ],
    ids=[
        "not agreed",
        "no name",
        "wrong mac",
        "strange mac",
        "other uri",
        "other target",
        "other nonce",
        "not this document",
    ],
)
def test_a_form_that_does_not_count_comes_back_as_a_fresh_block(
    owner: Client, sold: Any, changes: dict[str, str], fields: dict[str, str]
) -> None:
    answer = sign(owner, sold, agreed(block(owner), **changes), **fields)
    assert (answer.signatureOk, answer.signature) == (False, None)
    fresh = answer.signatureBlock
    assert "thief" not in fresh
    assert ('value="Ada Reader"' in fresh) is (changes.get("name") is None)
    again = sign(owner, sold, agreed(fresh), **fields)
    assert again.signatureOk is True


def test_a_block_counts_once(owner: Client, sold: Any) -> None:
    form = agreed(block(owner))
    assert sign(owner, sold, form).signatureOk
    again = sign(owner, sold, form)
    assert (again.signatureOk, again.signature) == (False, None)
    assert SIGNED in again.signatureBlock
    assert sign(owner, sold, agreed(again.signatureBlock)).signatureOk


def test_a_block_counts_once_for_callers_at_the_same_moment(owner: Client, sold: Any) -> None:
    form = agreed(block(owner))
    with ThreadPoolExecutor(4) as callers:
        answers = list(callers.map(lambda _: sign(owner, sold, form).signatureOk, range(4)))
    assert sorted(answers) == [False, False, False, True]


def test_blocks_and_customers_of_one_merchant_are_nothing_to_another(
    server: Server, owner: Client, sold: Any
) -> None:
    login = _new_merchant(server)

    def other(service: str) -> ServiceClient:
        return ServiceClient(server, login, service)

    theirs = sales.authorize(other, sales.order(shop.reference(shop.account(other)))).transaction
    assert sign(other, theirs, agreed(block(owner))).signatureOk is False
    for fields in ({"account": shop.reference(sold.account)}, {"transaction": shop.reference(sold)}):
        answer = (
            other("ElectronicSignature")
            .expecting(404)
            .sign(signature=signature(theirs, **fields), formData=agreed(block(other)))
        )
        assert (answer.signatureOk, answer.signatureBlock, answer.signature) == (False, None, None)


def test_signatures_go_over_with_a_merged_account(owner: Client, kept: Any) -> None:
    source, target = shop.account(owner), shop.account(owner)
    sold = sales.authorize(owner, sales.order(shop.reference(source))).transaction
    made = sign(owner, sold, agreed(block(owner))).signature
    merge(owner, target, source)
    assert kept(made.VID).account_vid == target.VID
