"""Push messages from their cause to a listener: which ones come, what they say, and who gets none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import select

from cashbox_service.app.environment import Environment
from cashbox_service.redaction import is_card_number
from cashbox_service.store.entities import OutboxEvent, PushMessage
from tests.conftest import Client
from tests.listener import Received, listening
from tests.services import shop
from tests.services.pushing import Push
from tests.services.sandbox import Sandbox
from tests.soap_client import Login

NOW = "2024-01-15T12:00:00"
CLASSES = ("accounts", "autobills", "entitlement", "transactions", "adjustments")


@pytest.fixture
def push(sandbox: Sandbox) -> Iterator[Push]:
    sandbox.set_clock(NOW)
    with listening() as listener:
        made = Push(sandbox, listener)
        made.make_key()
        yield made


def names(received: list[Received]) -> list[tuple[str, str]]:
    return [one.name for one in received]


def of(received: list[Received], class_name: str, event: str) -> list[Received]:
    return [one for one in received if one.name == (class_name, event)]


def test_a_subscription_by_card_tells_of_all_that_it_brings_about(
    client: Client, push: Push, sandbox: Sandbox
) -> None:
    push.subscribe(*CLASSES)
    product = shop.product(client, merchantEntitlementIds=[{"id": "reading", "description": "Reading"}])
    bill = shop.subscribe(client, items=[{"index": 0, "product": shop.reference(product)}]).autobill
    received = push.deliver()
    assert sorted(names(received)) == [
        ("accounts", "create"),
        ("autobills", "start"),
        ("entitlement", "start"),
    ]
    started = of(received, "autobills", "start")[0]
    assert started.header["autobill_vid"] == bill.VID == started.content["VID"]
    assert (started.content["status"], started.content["billingState"]) == ("Processing", "Unbilled")
    method = started.content["account"]["paymentMethods"][0]
    assert method["creditCard"]["account"] == "411111XXXXXX1111"
    item = started.content["items"][0]
    assert item["product"]["merchantEntitlementIds"] == [{"id": "reading", "description": "Reading"}]
    assert (item["quantity"], started.content["subscriptionBalance"]) == ("1", 0)
    entitled = of(received, "entitlement", "start")[0].content
    assert entitled == {
        "merchantAutobillId": bill.merchantAutoBillId,
        "merchantBillingPlanId": "",
        "merchantAutoBillItemId": "",
        "merchantEntitlementId": ["reading"],
        "merchantAccountId": started.content["account"]["merchantAccountId"],
        "entitlementSource": "Product",
        "merchantProductId": product.merchantProductId,
        "autoBillItemVid": item["VID"],
        "startTimestamp": entitled["startTimestamp"],
        "endTimestamp": "",
    }
    sandbox.bill()
    (charged,) = push.deliver()  # a bill counts as charged once its money is taken
    assert charged.name == ("transactions", "attempt succeeded")
    assert [one["status"] for one in charged.content["statusLog"]] == ["Captured", "Authorized", "New"]
    assert charged.content["amount"] == "10.00"
    assert sorted(one["total"] for one in charged.content["transactionItems"])[-1] == 10
    assert charged.header["transaction_vid"] == charged.content["VID"]


def test_the_header_names_merchant_event_time_and_version(
    client: Client, push: Push, merchant: Login
) -> None:
    push.subscribe("accounts", soapVersion="20.0")
    account = shop.account(client, name="Grete Größe")
    (received,) = push.deliver()
    header = received.header
    assert header["merchant_vid"] == merchant.vid
    assert header["merchant_customer_vid"] == account.VID
    assert header["soap_version"] == "20_0"
    assert header["event_timestamp"].startswith("2024-01-15 12:0")
    assert header["submitted"][-5:] in ("-0800", "-0700")  # real time, wherever the merchant's clock stands
    assert not header["submitted"].startswith("2024-01-15")
    assert len(header["author_id"]) == len(header["message_id"]) == 40
    assert received.content["name"] == "Grete Größe"
    assert "externalId" not in received.content
    assert received.headers["user-agent"].startswith("cashbox-service/")


def test_both_formats_say_the_same_and_are_signed(client: Client, push: Push) -> None:
    push.subscribe("accounts", format="form", path="/form", user="cash", password="box+/=")
    push.subscribe("accounts", format="json", path="/json")
    shop.account(client, name="100 % & more = Größe+")
    received = {one.path: one for one in push.deliver()}
    form, json_ = received["/form"], received["/json"]
    assert form.content == json_.content
    assert form.headers["content-type"] == "application/x-www-form-urlencoded"
    assert form.headers["authorization"] == "Basic Y2FzaDpib3grLz0="
    assert "authorization" not in json_.headers


def test_a_change_of_an_account_tells_what_was_before(client: Client, push: Push) -> None:
    account = shop.account(client, company="Reading Ltd.", shippingAddress=shop.address(city="Reno"))
    push.subscribe("accounts")
    changed = {
        "VID": account.VID,
        "emailAddress": "new@example.org",
        "company": "",
        "shippingAddress": {"city": "Oakland"},
    }
    client("Account").update(account=changed)
    client("Account").update(account={"VID": account.VID, "name": account.name})
    (received,) = push.deliver()
    content = received.content
    assert received.name == ("accounts", "data change")
    assert content["account"]["emailAddress"] == "new@example.org"
    assert content["account"]["shippingAddress"]["city"] == "Oakland"
    old = {name: value for name, value in content.items() if name.startswith("old_")}
    assert old.pop("old_shippingAddress")["city"] == "Reno"
    assert old == {"old_emailAddress": "ada@example.org", "old_company": "Reading Ltd."}


def test_an_address_that_changes_by_itself_changes_its_account(client: Client, push: Push) -> None:
    account = shop.account(client, shippingAddress=shop.address(city="Reno"))
    push.subscribe("accounts")
    client("Address").update(address={"VID": account.shippingAddress.VID, "city": "Oakland"})
    (received,) = push.deliver()
    assert received.content["old_shippingAddress"]["city"] == "Reno"


def test_refunds_are_told_of_when_accepted_and_when_done(
    client: Client, push: Push, sandbox: Sandbox
) -> None:
    bill = shop.subscribe(client, shop.card()).autobill
    push.subscribe("adjustments")
    (paid,) = shop.transactions(client, bill)
    client("Refund").perform(refunds=[{"transaction": {"VID": paid.VID}, "amount": "4.00"}])
    sandbox.bill()
    received = push.deliver()
    assert [one.content["status"] for one in received] == ["Processing", "Complete"]
    assert [one.header["refund_status_id"] for one in received] == ["7", "8"]
    assert received[0].content["transaction"]["VID"] == paid.VID
    assert received[0].content["amountIncludesTax"] in (0, 1)


def test_the_end_of_an_autobill_and_a_declined_charge_are_told(
    client: Client, push: Push, sandbox: Sandbox
) -> None:
    bill = shop.subscribe(client, shop.card()).autobill
    sandbox.bill()
    push.subscribe("autobills", "transactions")
    sandbox.script({"authCode": "501"})
    sandbox.advance(31)
    client("AutoBill").cancel(autobill=shop.reference(bill), disentitle=True, force=True)
    stopped, failed = sorted(push.deliver(), key=lambda one: one.name)
    assert names([stopped, failed]) == [("autobills", "stop"), ("transactions", "attempt failed")]
    assert [one["status"] for one in failed.content["statusLog"]] == ["Cancelled", "New"]
    assert failed.content["statusLog"][0]["creditCardStatus"]["authCode"] == "501"
    assert stopped.content["status"] == "Cancelled"
    assert stopped.content["items"][0]["removedDate"].startswith("2024-02-15T00:00:00")


def test_only_what_was_asked_for_is_told(client: Client, push: Push) -> None:
    push.subscribe("transactions", path="/a", without=["attempt succeeded"], also=["captured"])
    push.subscribe("transactions", path="/b")
    client("Transaction").authCapture(
        transaction={
            "merchantTransactionId": shop.new_id("sale"),
            "account": shop.reference(shop.account(client)),
            "amount": "5.00",
            "currency": "USD",
            "sourcePaymentMethod": shop.card(),
            "transactionItems": [{"sku": "x", "name": "X", "price": "5.00", "quantity": "1"}],
        },
        sendEmailNotification=False,
        ignoreAvsPolicy=False,
        ignoreCvnPolicy=False,
        dryrun=False,
        minChargebackProbability=100,
    )
    received = push.deliver()
    assert [(one.path, *one.name) for one in received] == [("/b", "transactions", "attempt succeeded")]
    assert received[0].content["statusLog"][0]["status"] == "Authorized"


def test_dry_runs_and_refused_calls_tell_nothing(client: Client, push: Push) -> None:
    push.subscribe(*CLASSES)
    account = shop.account(client)
    push.deliver()
    order = shop.order(client, shop.card(), account=shop.reference(account))
    shop.update(client, order, dryrun=True)
    shop.update(client, order | {"currency": "XXX"}, expecting=400)
    client("PaymentMethod").validate(paymentMethod=shop.card(), minChargebackProbability=100)
    assert push.deliver() == []


def test_nobody_hears_of_another_merchants_customers(
    client: Client, push: Push, shared: Client, module_merchant: Login, server: Any
) -> None:
    push.subscribe(*CLASSES)
    others = Push(Sandbox(server, module_merchant), push.listener)
    shop.subscribe(shared, shop.card())
    assert push.deliver() == []
    status, _ = Sandbox(server, module_merchant).ask("POST", "/sandbox/push/deliveries/x/redeliver")
    assert status == 400
    assert others.deliveries("waiting") == []


def test_no_card_number_lies_in_a_message_or_the_outbox(
    client: Client, push: Push, environment: Environment, merchant: Login, sandbox: Sandbox
) -> None:
    push.subscribe(*CLASSES, "payment methods")
    account = shop.account(
        client, name=f"{shop.CARD[:4]} {shop.CARD[4:8]} {shop.CARD[8:12]} {shop.CARD[12:]}"
    )
    bill = shop.subscribe(client, shop.card(), account=shop.reference(account)).autobill
    method = shop.card(shop.OTHER_CARD, nameValues=[{"name": "CVN", "value": "123"}])
    client("Account").updatePaymentMethod(
        account=shop.reference(account),
        paymentMethod=method,
        updateBehavior="Validate",
        updateScopeOnAccount="AllActive",
        updateScopeOnChildren="None",
    )
    sandbox.advance(31)
    assert bill is not None
    with closing(environment.open(environment.merchant(merchant.login))) as work:
        mine = work.merchant.vid
        messages = work.uow.session.scalars(select(PushMessage).where(PushMessage.merchant_vid == mine)).all()
        events = work.uow.session.scalars(select(OutboxEvent).where(OutboxEvent.merchant_vid == mine)).all()
    assert len(messages) > 5
    stored = [one.content or one.body or "" for one in messages] + [str(one.payload) for one in events]
    for text in stored:
        assert '"CVN"' not in text
        compact = text.replace(" ", "")
        assert shop.CARD not in compact
        assert shop.OTHER_CARD not in compact
    assert is_card_number(shop.CARD)
