"""Push messages from their cause to a listener: which ones come, what they say, and who gets none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import select

from cashbox_service.app.customers import accounts
from cashbox_service.app.customers.drafts import AccountDraft
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
        ("accounts", "data change"),
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
    mine = push.subscribe(*CLASSES)
    others = Push(Sandbox(server, module_merchant), push.listener)
    shop.subscribe(shared, shop.card())
    assert push.deliver() == []
    shop.account(client)
    (received,) = push.deliver()
    message_id = received.header["message_id"]
    assert others.ask("POST", f"/deliveries/{message_id}/redeliver")[0] == 400
    assert others.ask("DELETE", f"/{mine[0]}")[0] == 400
    assert others.ask("GET", f"/deliveries?subscription={mine[0]}") == (200, {"deliveries": []})
    assert others.ask("GET", "") == (200, {"subscriptions": []})
    assert push.ask("POST", f"/deliveries/{message_id}/redeliver")[0] == 200
    (again,) = push.deliver()
    assert again.text == received.text


def test_a_payment_by_hand_and_a_new_card_are_told_of(client: Client, push: Push, sandbox: Sandbox) -> None:
    bill = shop.subscribe(client, shop.invoiced()).autobill
    sandbox.bill()
    push.subscribe("transactions", "accounts")
    shop.pay(client, bill, "10.00")
    (paid,) = push.deliver()
    assert paid.name == ("transactions", "attempt succeeded")
    assert paid.content["statusLog"][0]["status"] == "Captured"
    assert paid.content["transactionItems"][0]["price"] == "10.00"
    assert paid.content["account"]["merchantAccountId"] == bill.account.merchantAccountId
    shop.update(client, {"VID": bill.VID, "paymentMethod": shop.card()})
    shop.update(client, {"VID": bill.VID, "paymentMethod": shop.card()})
    (changed,) = push.deliver()
    assert changed.name == ("accounts", "data change")
    methods = {one["type"]: one for one in changed.content["account"]["paymentMethods"]}
    assert methods["CreditCard"]["creditCard"]["bin"] == "411111"


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


def test_rights_that_run_out_by_themselves_are_told_of_once(
    client: Client, push: Push, sandbox: Sandbox
) -> None:
    account = shop.account(client)
    push.subscribe("entitlement")
    for name, end in (("short", "2024-01-16T06:00:00"), ("long", "2025-01-16T06:00:00"), ("taken", None)):
        given = {"merchantEntitlementId": name, "endTimestamp": end}
        client("Account").grantEntitlement(account=shop.reference(account), entitlement=given)
    assert [one.content["endTimestamp"] for one in push.deliver()][::2] == ["2024-01-16 06:00:00", ""]
    client("Account").revokeEntitlement(
        account=shop.reference(account), entitlement={"merchantEntitlementId": "taken"}
    )
    sandbox.advance(2)
    sandbox.advance(2)
    stopped = push.deliver()
    assert [one.name for one in stopped] == [("entitlement", "stop")] * 2
    assert [one.content["merchantEntitlementId"] for one in stopped] == [["taken"], ["short"]]
    assert [one.content["entitlementSource"] for one in stopped] == ["Account", "Account"]
    assert stopped[1].header["event_timestamp"] == "2024-01-16 06:00:00"
    assert int(stopped[0].header["x_el_id"]) < int(stopped[1].header["x_el_id"])


def test_extensions_are_told_of_to_those_who_asked(client: Client, push: Push, sandbox: Sandbox) -> None:
    bill = shop.subscribe(client, shop.card()).autobill
    push.subscribe("autobills", also=["data change"])
    push.subscribe("transactions", without=["attempt succeeded"], also=["captured"])
    push.subscribe("adjustments", also=["chargeback"])
    push.subscribe("payment methods")
    sandbox.bill()
    (paid,) = shop.transactions(client, bill)
    changed = {"VID": bill.VID, "customerAutoBillName": "Reader", "paymentMethod": shop.card(expiry="203912")}
    shop.update(client, changed)
    shop.update(client, {"VID": bill.VID, "customerAutoBillName": "Reader"})
    sandbox.dispute(paid)
    received = {one.name: one for one in push.deliver()}
    assert received["transactions", "captured"].content["VID"] == paid.VID
    assert received["autobills", "data change"].content["customerAutoBillName"] == "Reader"
    assert received["payment methods", "data change"].content["creditCard"]["expirationDate"] == "203912"
    disputed = received["adjustments", "chargeback"]
    assert disputed.content["merchantTransactionId"] == paid.merchantTransactionId
    assert disputed.header["chargeback_vid"] == disputed.content["VID"]


def test_the_subscriptions_of_a_merchant_outlive_a_reset(
    client: Client, push: Push, sandbox: Sandbox
) -> None:
    (kept,) = push.subscribe("accounts")
    (gone,) = push.subscribe("accounts")
    assert push.ask("DELETE", f"/{gone}") == (200, {"removed": gone})
    shop.account(client)
    assert sandbox.ask("POST", "/sandbox/reset")[0] == 200
    assert push.deliver() == []
    shop.account(client)
    (received,) = push.deliver()
    assert received.name == ("accounts", "create")
    _, listed = push.ask("GET", "")
    assert [one["id"] for one in listed["subscriptions"]] == [kept]


def test_a_subscription_that_makes_no_sense_is_refused(push: Push) -> None:
    sound = {"class": "accounts", "endpoint": "https://shop.example/"}
    for wish, problem in (
        ({"class": "accounts"}, "Missing required parameter 'endpoint'."),
        ({"endpoint": "https://shop.example/"}, "Missing required parameter 'class'."),
        (sound | {"endpoint": 7}, "endpoint"),
        (sound | {"endpoint": "http://10.1.1.1/"}, "must be an https URL"),
        (sound | {"retryCount": "x"}, "retryCount"),
        (sound | {"without": "create"}, "without"),
        (sound | {"colour": "red"}, "colour"),
    ):
        status, answer = push.ask("POST", "", wish)
        assert status == 400
        assert problem in answer["error"]
    assert push.ask("GET", "") == (200, {"subscriptions": []})


def test_a_message_that_cannot_be_written_fails_nobodys_call(
    client: Client, push: Push, environment: Environment, merchant: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = shop.account(client)
    push.subscribe("accounts")

    def broken(*_: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(type(environment.contents), "show", broken)
    with closing(environment.open(environment.merchant(merchant.login))) as work:
        accounts.update(work, AccountDraft(vid=account.VID, name="New"))
    (failed,) = push.deliveries("failed")
    assert (failed["event"], failed["attempts"]) == ("data change", [])
    assert client("Account").fetchByVid(vid=account.VID).account.name == "New"
