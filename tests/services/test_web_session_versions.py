"""Hosted forms of every version: the call is made as the version means it, its outputs are shown as it knows them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.conftest import Client
from tests.servers import Server
from tests.services import hosted, shop
from tests.soap_client import Login, ServiceClient


def program(server: Server, merchant: Login, version: str) -> Client:
    """The merchant's program for one version."""
    return lambda service: ServiceClient(server, merchant, service, version=version)


@pytest.mark.parametrize("version", ["3.6", "4.3", "8.0", "18.0"])
def test_a_subscription_begins_by_a_form_of_any_version(
    client: Client, server: Server, merchant: Login, version: str
) -> None:
    product, plan = shop.product(client), shop.plan(client)
    old = program(server, merchant, version)
    private = {
        "vin_Account_merchantAccountId": shop.new_id("account"),
        "vin_AutoBill_merchantAutoBillId": shop.new_id("bill"),
        "vin_AutoBill_currency": "USD",
        "BillingPlan_merchantBillingPlanId": plan.merchantBillingPlanId,
    }
    flag = "validateForFuturePayment" if version == "18.0" else "validatePaymentMethod"
    session = hosted.initialize(
        old, "AutoBill_Update", private, {f"AutoBill_Update_{flag}": "true"}, version=version
    )
    sold = "product" if version == "3.6" else "items_0_Product"
    hosted.post(
        server, session, hosted.CARD | {f"vin_AutoBill_{sold}_merchantProductId": product.merchantProductId}
    )

    done = hosted.finalize(old, session)

    assert done.apiReturn.returnCode in (200, "200")
    made = done.apiReturnValues.autoBillUpdate
    assert (made.created, made.autobill.status) == (True, "Active")
    if version != "18.0":
        assert (made.firstBillAmount, made.firstBillingCurrency) == (Decimal("10.00"), "USD")
    shown = client("WebSession").fetchByVid(vid=session.VID).session.apiReturnValues.autoBillUpdate
    assert (shown.autobill.VID, shown.initialTransaction.amount) == (made.autobill.VID, Decimal("10.00"))


@pytest.mark.parametrize("version", ["8.0", "20.0", "22.0"])
def test_a_card_replaces_the_old_one_on_all_autobills(
    client: Client, server: Server, merchant: Login, version: str
) -> None:
    bill = shop.subscribe(client).autobill
    old = program(server, merchant, version)
    session = hosted.initialize(
        old,
        "Account_UpdatePaymentMethod",
        {"vin_Account_VID": bill.account.VID, "vin_PaymentMethod_merchantPaymentMethodId": shop.new_id("pm")},
        {"Account_UpdatePaymentMethod_replaceOnAllAutoBills": "true"},
        version=version,
    )
    hosted.post(server, session, hosted.CARD)

    done = hosted.finalize(old, session)

    stored = done.apiReturnValues.accountUpdatePaymentMethod.account.paymentMethods[0]
    assert shop.fetched(client, bill).paymentMethod.VID == stored.VID


@pytest.mark.parametrize("version", ["8.0", "22.0"])
def test_a_parameter_of_a_wrong_type_fails_the_call_in_every_version(
    server: Server, merchant: Login, version: str
) -> None:
    old = program(server, merchant, version)
    session = hosted.initialize(
        old,
        "AutoBill_Update",
        {"vin_AutoBill_merchantAutoBillId": shop.new_id("bill")},
        {"AutoBill_Update_validatePaymentMethod": "perhaps"},
        version=version,
    )
    hosted.post(server, session, hosted.CARD)
    assert hosted.finalize(old, session).apiReturn.returnCode in (400, "400")
