"""AutoBill.update: everything that is refused, with its code and text (autobill §6.1, validation list)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.servers import Server
from tests.services import shop
from tests.services.shop import Client
from tests.soap_client import Login, ServiceClient, envelope

UNKNOWN = "0" * 40


@pytest.fixture
def client(server: Server, module_merchant: Login) -> Client:
    """One merchant for the whole module: nothing that is refused leaves a trace."""
    return lambda service: ServiceClient(server, module_merchant, service)


def _refused(client: Client, code: int, **fields: Any) -> str:
    """The text of the refusal; afterwards the AutoBill must not exist."""
    order = shop.order(client, shop.card(), **fields)
    answer = shop.update(client, order, expecting=code)
    assert answer.autobill is None
    if order.get("merchantAutoBillId"):
        found = (
            client("AutoBill")
            .expecting(None)
            .fetchByMerchantAutoBillId(merchantAutoBillId=order["merchantAutoBillId"])
        )
        assert found["return"].returnCode == 400
    text: str = answer["return"].returnString
    return text


def test_an_unknown_vid_is_404(client: Client) -> None:
    answer = shop.update(client, {"VID": UNKNOWN}, expecting=404)
    assert answer["return"].returnString == f'Unable to load autobill by VID "{UNKNOWN}":  .'


def test_an_unknown_vid_beside_a_new_id_creates_nothing(client: Client) -> None:
    order = shop.order(client, shop.card()) | {"VID": UNKNOWN}
    shop.update(client, order, expecting=404)


def test_without_account(client: Client) -> None:
    assert _refused(client, 400, account=None) == "Account not specified."
    assert _refused(client, 400, account={"name": "Nobody"}) == "Account not specified."


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"account": {"VID": UNKNOWN}}, f'No match found for VID "{UNKNOWN}"'),
        ({"billingPlan": {"VID": UNKNOWN}}, f"No BillingPlans found for Vid = {UNKNOWN}"),
        (
            {"items": [{"product": {"VID": UNKNOWN}}]},
            f'Unable to load product by VID "{UNKNOWN}" -  No match',
        ),
        ({"paymentMethod": {"VID": UNKNOWN}}, f'No match found for VID "{UNKNOWN}"'),
    ],
    ids=["account", "plan", "product", "payment method"],
)
def test_the_unknown_vid_of_a_nested_object_is_404(client: Client, fields: dict[str, Any], text: str) -> None:
    assert _refused(client, 404, **fields) == text


def test_a_product_given_by_an_unknown_sku_alone(client: Client) -> None:
    sku = shop.new_id("nowhere")
    text = _refused(client, 400, items=[{"product": {"merchantProductId": sku}}])
    assert text == f'Unable to load product by sku "{sku}":  No match'


def test_a_plan_that_cannot_be_made_is_told_with_the_prefix_of_its_service(client: Client) -> None:
    plan = {"merchantBillingPlanId": shop.new_id("plan")}
    text = _refused(client, 400, billingPlan=plan)
    assert text == "Unable to update BillingPlan: Unable to create BillingPlan without a Billing Period "


def test_without_a_plan_anywhere(client: Client) -> None:
    assert "billing plan" in _refused(client, 400, billingPlan=None)


def test_without_items(client: Client) -> None:
    assert _refused(client, 400, items=[]) == "AutoBill has no items."


def test_an_item_without_product(client: Client) -> None:
    assert "product" in _refused(client, 400, items=[{"index": 0}])


def test_two_items_with_the_same_index(client: Client) -> None:
    sku = shop.reference(shop.product(client))
    assert "items.index" in _refused(
        client, 400, items=[{"index": 1, "product": sku}, {"index": 1, "product": sku}]
    )


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ({"quantity": 0}, "items.quantity"),
        ({"quantity": -1}, "items.quantity"),
        ({"amount": "-0.01"}, "items.amount"),
        ({"amount": "1.00", "currency": "EUR"}, "items.currency"),
        ({"cycles": 0}, "items.cycles"),
        ({"cycles": -2}, "items.cycles"),
        ({"startDate": "soon"}, "startDate"),
        ({"startDate": "3 fortnights"}, "startDate"),
    ],
)
def test_an_item_that_breaks_a_rule(client: Client, part: dict[str, Any], named: str) -> None:
    sku = shop.reference(shop.product(client))
    assert named in _refused(client, 400, items=[{"product": sku} | part])


def test_a_product_without_a_price_in_the_currency(client: Client) -> None:
    euro = shop.reference(shop.product(client, currency="EUR"))
    assert "USD" in _refused(client, 400, items=[{"product": euro}])


def test_a_plan_period_without_a_price_in_the_currency(client: Client) -> None:
    period = shop.month() | {"prices": [{"amount": "5.00", "currency": "EUR"}]}
    assert "USD" in _refused(client, 400, billingPlan=shop.reference(shop.plan(client, period)))


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"billingDay": 0}, "billingDay"),
        ({"billingDay": 32}, "billingDay"),
        ({"specifiedBillingDay": 32}, "specifiedBillingDay"),
        ({"currency": "DOLLAR"}, "currency"),
        ({"currency": "XQQ"}, "currency"),
        ({"merchantAutoBillId": "a/b"}, "merchantAutoBillId"),
        ({"merchantAutoBillId": "x" * 257}, "merchantAutoBillId"),
        ({"minimumCommitment": -1}, "minimumCommitment"),
        ({"merchantAffiliateId": "x" * 129}, "merchantAffiliateId"),
        ({"nameValues": [{"name": "n" * 256, "value": "v"}]}, ""),
        ({"billingPlanCampaignCode": "SUMMER"}, "SUMMER"),
    ],
)
def test_a_field_that_breaks_a_rule(client: Client, fields: dict[str, Any], named: str) -> None:
    assert named in _refused(client, 400, **fields)


def test_a_statement_offset_on_an_invoiced_autobill(client: Client) -> None:
    order = shop.order(client, shop.invoiced(), statementFormat="Inline", statementOffset=3)
    assert "statementOffset" in shop.update(client, order, expecting=400)["return"].returnString


def test_a_statement_offset_that_reaches_the_notice(client: Client) -> None:
    plan = shop.reference(shop.plan(client, prenotifyDays=3))
    text = _refused(client, 400, billingPlan=plan, statementFormat="Attachment", statementOffset=3)
    assert "statementOffset" in text
    order = shop.order(client, shop.card(), billingPlan=plan, statementFormat="Attachment", statementOffset=2)
    assert shop.update(client, order).autobill.statementOffset == 2


def test_an_amount_in_the_payment_method_of_an_invoiced_autobill(client: Client) -> None:
    order = shop.order(client, shop.invoiced(amount="5.00"))
    assert "amount" in shop.update(client, order, expecting=400)["return"].returnString
    zero = shop.order(client, shop.invoiced(amount="0.00"))
    assert shop.update(client, zero).autobill.paymentMethod.type == "MerchantAcceptedPayment"


def test_a_card_that_fails_its_check_digit(client: Client) -> None:
    order = shop.order(client, shop.card("1111111111111111"))
    answer = shop.update(client, order, expecting=400)
    assert answer["return"].returnString == (
        "Data validation error Failed to create Payment-Type-Specific Payment Record: "
        "Credit Card conversion failed: Credit Card failed Luhn check. "
    )


def test_a_payment_method_of_a_stranger(client: Client) -> None:
    stranger = shop.account(client, paymentMethods=[shop.card()])
    order = shop.order(client, {"VID": stranger.paymentMethods[0].VID})
    assert "another account" in shop.update(client, order, expecting=400)["return"].returnString


def test_an_inactive_payment_method(client: Client) -> None:
    account = shop.account(
        client, paymentMethods=[shop.card(active=False, merchantPaymentMethodId=shop.new_id("pm"))]
    )
    method = (
        client("PaymentMethod")
        .update(
            paymentMethod=shop.card(active=False),
            validate=False,
            minChargebackProbability=100,
            replaceOnAllAutoBills=False,
        )
        .paymentMethod
    )
    order = shop.order(client, {"VID": method.VID}, account=shop.reference(account))
    assert "inactive" in shop.update(client, order, expecting=400)["return"].returnString


def test_an_unknown_campaign_code(client: Client) -> None:
    order = shop.order(client, shop.card())
    shop.update(client, order, expecting=400, campaignCode="SUMMER")


@pytest.mark.parametrize("probability", [-1, 101])
def test_a_risk_limit_that_is_no_percentage(client: Client, probability: int) -> None:
    order = shop.order(client, shop.card())
    answer = shop.update(client, order, expecting=400, minChargebackProbability=probability)
    assert "minChargebackProbability" in answer["return"].returnString


def test_a_limit_of_0_passes_without_a_risk_engine(client: Client) -> None:
    answer = shop.update(client, shop.order(client, shop.card()), minChargebackProbability=0)
    assert answer.score == -1


def test_a_suspended_plan_or_product_is_no_obstacle(client: Client) -> None:
    plan = shop.plan(client, status="Suspended")
    product = shop.product(client, status="Suspended")
    answer = shop.subscribe(
        client, billingPlan=shop.reference(plan), items=[{"product": shop.reference(product)}]
    )
    assert answer.autobill.status == "Active"


def _raw(server: Server, login: Login, arguments: str) -> str:
    return server.post(envelope(login, "AutoBill", "update", arguments)).body.decode()


def test_a_start_that_is_no_moment(server: Server, module_merchant: Login) -> None:
    arguments = '<autobill xmlns=""><startTimestamp>soon</startTimestamp></autobill>'
    text = _raw(server, module_merchant, arguments)
    assert ">400<" in text
    assert (
        'Invalid Arguments - Item "Vindicia::Soap::AutoBill.startTimestamp" of type xsd:dateTime '
        'has invalid value "soon"!'
    ) in text.replace("&quot;", '"')


def test_a_failure_policy_that_does_not_exist(server: Server, module_merchant: Login) -> None:
    arguments = '<immediateAuthFailurePolicy xmlns="">pray</immediateAuthFailurePolicy>'
    text = _raw(server, module_merchant, arguments)
    assert ">400<" in text
    assert "vin:ImmediateAuthFailurePolicy" in text


def test_without_an_autobill(server: Server, module_merchant: Login) -> None:
    text = _raw(server, module_merchant, "")
    assert "Missing required parameter 'autobill'." in text.replace("&apos;", "'").replace("&#39;", "'")
