"""Product.update: what is created, what is changed, what stays, what is refused (catalog §2, conventions §4, §5.3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from tests.conftest import Client
from tests.servers import Server
from tests.services import shop
from tests.soap_client import Login, envelope

D = Decimal


def refused(client: Client, code: int, product: Any) -> str:
    """The text with which the update is refused; a refusal still says that nothing was created."""
    answer = client("Product").expecting(code).update(product=product)
    assert answer.created is False
    assert answer.product is None
    text: str = answer["return"].returnString
    return text


def fetched(client: Client, product: Any) -> Any:
    return client("Product").fetchByVid(vid=product.VID).product


def post(server: Server, merchant: Login, product: str) -> Any:
    """Product.update as raw XML, for what zeep does not send; the answer's elements."""
    answer = server.post(envelope(merchant, "Product", "update", f'<product xmlns="">{product}</product>'))
    assert answer.status == 200
    root = etree.fromstring(answer.body)
    assert root.findtext(".//returnCode") == "200", answer.body
    return root.find(".//product")


def test_an_unknown_id_creates_and_a_known_one_changes(client: Client) -> None:
    sku = shop.new_id("sku")
    first = client("Product").update(product={"merchantProductId": sku, "taxClassification": "DM"})
    second = client("Product").update(product={"merchantProductId": sku, "taxClassification": "OR"})
    assert (first.created, second.created) == (True, False)
    assert second.product.VID == first.product.VID
    assert fetched(client, first.product).taxClassification == "OR"


def test_the_vid_alone_names_what_is_changed(client: Client) -> None:
    product = shop.product(client)
    answer = client("Product").update(product={"VID": product.VID, "billingStatementIdentifier": "PAPER"})
    assert answer.created is False
    assert answer.product.merchantProductId == product.merchantProductId
    assert answer.product.billingStatementIdentifier == "PAPER"


def test_an_id_nobody_uses_renames_the_product_that_the_vid_names(client: Client) -> None:
    product, sku = shop.product(client), shop.new_id("sku")
    answer = client("Product").update(product={"VID": product.VID, "merchantProductId": sku})
    assert (answer.created, answer.product.merchantProductId) == (False, sku)
    gone = (
        client("Product").expecting(400).fetchByMerchantProductId(merchantProductId=product.merchantProductId)
    )
    assert gone["return"].returnString == (
        f'Unable to load product by sku "{product.merchantProductId}":  No match'
    )


def test_vid_and_id_of_two_products_are_refused(client: Client) -> None:
    one, other = shop.product(client), shop.product(client)
    text = refused(client, 400, {"VID": one.VID, "merchantProductId": other.merchantProductId})
    assert text == "Unable to update Product: VID and merchantProductId belong to different objects."


def test_an_unknown_vid_never_creates(client: Client) -> None:
    sku, vid = shop.new_id("sku"), "0" * 40
    text = refused(client, 404, {"VID": vid, "merchantProductId": sku})
    assert text == f'Unable to load product by VID "{vid}" -  No match'
    client("Product").expecting(400).fetchByMerchantProductId(merchantProductId=sku)


def test_a_product_may_do_without_an_id_of_its_own(client: Client) -> None:
    """An id that is optional and not given stays empty (conventions §4.1)."""
    answers = [client("Product").update(product={"taxClassification": "DM"}) for _ in range(2)]
    assert [answer.created for answer in answers] == [True, True]
    assert [answer.product.merchantProductId for answer in answers] == [None, None]
    assert answers[0].product.VID != answers[1].product.VID
    found = [fetched(client, answer.product) for answer in answers]
    assert [one.VID for one in found] == [answer.product.VID for answer in answers]


def test_a_product_without_id_can_be_sold_and_named_later(client: Client) -> None:
    product = client("Product").update(product={"prices": [{"amount": "3.00"}]}).product
    answer = shop.subscribe(client, items=[{"product": shop.reference(product)}])
    assert answer.initialTransaction.amount == 3
    sku = shop.new_id("sku")
    renamed = client("Product").update(product={"VID": product.VID, "merchantProductId": sku}).product
    assert (renamed.VID, renamed.merchantProductId) == (product.VID, sku)


def test_the_id_is_trimmed_and_other_texts_are_kept_as_sent(client: Client) -> None:
    sku = shop.new_id("sku")
    made = (
        client("Product")
        .update(product={"merchantProductId": f"  {sku} ", "taxClassification": " DM "})
        .product
    )
    assert (made.merchantProductId, made.taxClassification) == (sku, " DM ")
    found = client("Product").fetchByMerchantProductId(merchantProductId=f"\n{sku} ").product
    assert found.VID == made.VID


def test_ids_differ_by_letter_case(client: Client) -> None:
    sku = shop.new_id("sku")
    lower = client("Product").update(product={"merchantProductId": sku})
    upper = client("Product").update(product={"merchantProductId": sku.upper()})
    assert (lower.created, upper.created) == (True, True)


def test_what_is_absent_stays_as_it_is(client: Client) -> None:
    product = shop.product(
        client,
        taxClassification="DM",
        billingStatementIdentifier="PAPER",
        merchantEntitlementIds=[{"id": "read"}],
        nameValues=[{"name": "a", "value": "1"}],
        creditGranted={"currencyAmounts": [{"amount": "1.00", "currency": "USD"}]},
    )
    client("Product").update(product={"VID": product.VID, "status": "Suspended"})
    found = fetched(client, product)
    assert found.status == "Suspended"
    for field in ("descriptions", "taxClassification", "nameValues", "merchantEntitlementIds", "prices"):
        assert found[field] == product[field]
    assert found.billingStatementIdentifier == "PAPER"
    assert found.creditGranted == product.creditGranted


def test_empty_text_clears_and_other_empty_elements_change_nothing(
    client: Client, server: Server, merchant: Login
) -> None:
    product = shop.product(
        client,
        status="Suspended",
        taxClassification="DM",
        billingStatementIdentifier="PAPER",
        endOfLifeTimestamp="2031-05-04T12:30:00Z",
        nameValues=[{"name": "a", "value": "1"}],
    )
    post(
        server,
        merchant,
        f"<VID>{product.VID}</VID><merchantProductId></merchantProductId><descriptions/><status></status>"
        "<taxClassification></taxClassification><defaultBillingPlan/><defaultRatePlan/><endOfLifeTimestamp/>"
        "<nameValues/><merchantEntitlementIds/><billingStatementIdentifier/><creditGranted/><prices/>"
        "<bundledProducts/>",
    )
    found = fetched(client, product)
    assert (found.taxClassification, found.billingStatementIdentifier) == (None, None)
    for field in (
        "merchantProductId",
        "descriptions",
        "status",
        "endOfLifeTimestamp",
        "prices",
        "nameValues",
    ):
        assert found[field] == product[field]


def test_nil_is_absent(client: Client, server: Server, merchant: Login) -> None:
    product = shop.product(client, taxClassification="DM")
    nil = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"'
    post(server, merchant, f"<VID>{product.VID}</VID><taxClassification {nil}/><status {nil}/>")
    found = fetched(client, product)
    assert (found.taxClassification, found.status) == ("DM", "Active")


def test_the_old_status_new_is_active(client: Client, server: Server, merchant: Login) -> None:
    product = shop.product(client, status="Suspended")
    answered = post(server, merchant, f"<VID>{product.VID}</VID><status>New</status>")
    assert answered.findtext("status") == "Active"


def test_lists_are_replaced_as_a_whole(client: Client) -> None:
    product = shop.product(
        client,
        descriptions=[
            {"language": "EN", "description": "Paper"},
            {"language": "DE", "description": "Zeitung"},
        ],
        prices=[{"amount": "1.00", "currency": "USD"}, {"amount": "2.00", "currency": "EUR"}],
        merchantEntitlementIds=[{"id": "read"}, {"id": "archive"}],
    )
    client("Product").update(
        product={
            "VID": product.VID,
            "descriptions": [{"language": "FR", "description": "Journal"}],
            "prices": [{"amount": "3.00", "currency": "USD"}],
            "merchantEntitlementIds": [{"id": "print"}],
        }
    )
    found = fetched(client, product)
    assert [(one.language, one.description) for one in found.descriptions] == [("FR", "Journal")]
    assert [(one.amount, one.currency) for one in found.prices] == [(D("3.00"), "USD")]
    assert [one.id for one in found.merchantEntitlementIds] == ["print"]


def test_name_values_are_merged_by_name_in_the_order_they_were_first_set(client: Client) -> None:
    product = shop.product(
        client,
        nameValues=[{"name": "a", "value": "1"}, {"name": "b", "value": "2"}, {"name": "c", "value": "3"}],
    )
    client("Product").update(
        product={
            "VID": product.VID,
            "nameValues": [
                {"name": "d", "value": "first"},
                {"name": "b", "value": ""},
                {"name": "a", "value": "ten"},
                {"name": "d", "value": "last"},
            ],
        }
    )
    assert [(pair.name, pair.value) for pair in fetched(client, product).nameValues] == [
        ("a", "ten"),
        ("c", "3"),
        ("d", "last"),
    ]


def test_a_plan_sent_along_is_created_and_later_changed_with_the_product(client: Client) -> None:
    own_id = shop.new_id("plan")
    plan = {"merchantBillingPlanId": own_id, "periods": [shop.month("4.00")]}
    product = shop.product(client, defaultBillingPlan=plan)
    assert client("BillingPlan").fetchByMerchantBillingPlanId(
        merchantBillingPlanId=own_id
    ).billingPlan.VID == (product.defaultBillingPlan.VID)
    changed = {"merchantBillingPlanId": own_id, "description": "Renamed"}
    answer = client("Product").update(product={"VID": product.VID, "defaultBillingPlan": changed}).product
    assert answer.defaultBillingPlan.description == "Renamed"
    found = client("BillingPlan").fetchByVid(vid=product.defaultBillingPlan.VID).billingPlan
    assert (found.description, found.periods[0].prices[0].amount) == ("Renamed", D("4.00"))


def test_a_product_that_was_fetched_can_be_sent_back_unchanged(client: Client) -> None:
    part = shop.product(client)
    product = shop.product(
        client,
        defaultBillingPlan={"merchantBillingPlanId": shop.new_id("plan"), "periods": [shop.month("4.00")]},
        bundledProducts=[shop.reference(part)],
        merchantEntitlementIds=[{"id": "read"}],
        creditGranted={"currencyAmounts": [{"amount": "1.00", "currency": "USD"}]},
    )
    answer = client("Product").update(product=fetched(client, product))
    assert answer.created is False
    assert fetched(client, product) == product


LONG = "x" * 256

REFUSALS = [
    pytest.param(
        {"merchantProductId": "a/b"}, 'merchantProductId "a/b" must not contain a slash.', id="slash"
    ),
    pytest.param(
        {"merchantProductId": "ü" * 129},
        f'merchantProductId "{"ü" * 40}…" is longer than 256 bytes.',
        id="257 bytes of id",
    ),
    pytest.param(
        {"defaultBillingPlan": {"merchantBillingPlanId": "no-such-plan"}},
        "Unable to create BillingPlan without a Billing Period ",
        id="plan without period",
    ),
    pytest.param(
        {"defaultBillingPlan": {"periods": [{"type": "Hour", "cycles": 0}]}},
        "Unable to load BillingPlanPeriod: Error: For this billing plan, the billing period type Hour is not valid",
        id="period type of the plan",
    ),
    pytest.param(
        {"prices": [{"amount": "1"}, {"amount": "2", "currency": "USD"}]},
        "Two prices have the same currency.",
        id="two prices",
    ),
    pytest.param(
        {"prices": [{"amount": "-1.00"}]}, 'prices.amount "-1.00" must not be negative.', id="negative price"
    ),
    pytest.param(
        {"prices": [{"amount": "1", "currency": "XXQ"}]},
        'prices.currency "XXQ" is not a currency.',
        id="unknown currency",
    ),
    pytest.param(
        {"prices": [{"amount": "1", "currency": "_VT"}]},
        "Missing required parameter 'prices.token'.",
        id="tokens of no type",
    ),
    pytest.param(
        {"descriptions": [{"language": "EN", "description": LONG}]},
        f'descriptions.description "{"x" * 40}…" is longer than 255 characters.',
        id="long description",
    ),
    pytest.param(
        {"nameValues": [{"name": "a", "value": LONG}]},
        f'nameValues.value "{"x" * 40}…" is longer than 255 characters.',
        id="long value",
    ),
    pytest.param(
        {"nameValues": [{"name": "", "value": "1"}]},
        'nameValues.name "" must not be empty.',
        id="value without name",
    ),
    pytest.param(
        {"merchantEntitlementIds": [{"id": "é" * 513}]},
        f'merchantEntitlementIds.id "{"é" * 40}…" is longer than 1024 bytes.',
        id="long entitlement",
    ),
    pytest.param(
        {"merchantEntitlementIds": [{"id": "a", "description": "é" * 1025}]},
        f'merchantEntitlementIds.description "{"é" * 40}…" is longer than 1024 characters.',
        id="long description of an entitlement",
    ),
    pytest.param(
        {"creditGranted": {"currencyAmounts": [{"amount": "0", "currency": "USD"}]}},
        'creditGranted.currencyAmounts.amount "0.00" must be greater than zero.',
        id="credit of nothing",
    ),
    pytest.param(
        {"creditGranted": {"timeIntervals": [{"days": -1}]}},
        'creditGranted.timeIntervals "" must be a positive length of time.',
        id="credit of negative time",
    ),
    pytest.param(
        {"defaultRatePlan": {"merchantRatePlanId": "r", "ratePlanModel": "UsageBased"}},
        "Missing required parameter 'ratedUnit'.",
        id="rate plan without unit",
    ),
]


@pytest.mark.parametrize(("fields", "detail"), REFUSALS)
def test_what_breaks_a_rule_is_refused_and_leaves_no_trace(
    shared_client: Client, fields: dict[str, Any], detail: str
) -> None:
    given = {"merchantProductId": shop.new_id("sku")} | fields
    assert refused(shared_client, 400, given) == f"Unable to update Product: {detail}"
    shared_client("Product").expecting(404).fetchAll()
    assert shared_client("BillingPlan").fetchAll().billingPlans == []


NOT_FOUND = [
    pytest.param(
        {"defaultBillingPlan": {"VID": "0" * 40}}, f'No match found for VID "{"0" * 40}"', id="plan"
    ),
    pytest.param(
        {"defaultRatePlan": {"VID": "0" * 40}}, f'No match found for VID "{"0" * 40}"', id="rate plan"
    ),
    pytest.param(
        {"defaultRatePlan": {"merchantRatePlanId": "none"}},
        'No match found for merchantRatePlanId "none"',
        id="rate plan by id",
    ),
    pytest.param(
        {"prices": [{"amount": "5", "token": {"merchantTokenId": "none"}}]},
        'No match found for merchantTokenId "none"',
        id="token of a price",
    ),
    pytest.param(
        {"creditGranted": {"tokenAmounts": [{"token": {"VID": "0" * 40}, "amount": 1}]}},
        f'No match found for VID "{"0" * 40}"',
        id="token of a credit",
    ),
]


@pytest.mark.parametrize(("fields", "detail"), NOT_FOUND)
def test_a_reference_to_nothing_is_not_found(
    shared_client: Client, fields: dict[str, Any], detail: str
) -> None:
    given = {"merchantProductId": shop.new_id("sku")} | fields
    assert refused(shared_client, 404, given) == f"Unable to update Product: {detail}"
    shared_client("Product").expecting(404).fetchAll()


def test_a_call_without_product_is_refused(server: Server, merchant: Login) -> None:
    answer = etree.fromstring(server.post(envelope(merchant, "Product", "update", "")).body)
    assert [answer.findtext(f".//{name}") for name in ("returnCode", "returnString", "created")] == [
        "400",
        "Unable to update Product: Missing required parameter 'product'.",
        "0",
    ]


def test_an_id_of_256_bytes_is_taken(client: Client) -> None:
    sku = (shop.new_id("sku") + "-" * 256)[:256]
    assert client("Product").update(product={"merchantProductId": sku}).product.merchantProductId == sku
    assert client("Product").fetchByMerchantProductId(merchantProductId=sku).product.merchantProductId == sku


@pytest.mark.parametrize("behaviour", ["Duplicate", "SucceedIgnore", "Fail"])
def test_the_duplicate_behaviour_is_accepted_and_ignored(client: Client, behaviour: str) -> None:
    product = shop.product(client)
    again = {"merchantProductId": product.merchantProductId, "taxClassification": "OR"}
    answer = client("Product").update(product=again, duplicateBehavior=behaviour)
    assert (answer.created, answer.product.VID) == (False, product.VID)
    assert fetched(client, product).taxClassification == "OR"


def test_a_value_outside_an_enumeration_is_named(client: Client, server: Server, merchant: Login) -> None:
    body = '<product xmlns=""><merchantProductId>x</merchantProductId><status>Gone</status></product>'
    answer = etree.fromstring(server.post(envelope(merchant, "Product", "update", body)).body)
    assert answer.findtext(".//returnCode") == "400"
    assert answer.findtext(".//returnString") == (
        'Invalid Arguments - Item "Vindicia::Soap::Product.status" of type vin:ProductStatus has invalid value "Gone"!'
    )
    assert answer.findtext(".//created") == "0"
