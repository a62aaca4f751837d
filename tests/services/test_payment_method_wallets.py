"""Types whose number somebody else keeps, and the cards of military exchanges (payment-method §2.3, §3.2)."""

from __future__ import annotations

from typing import Any

import pytest
from zeep.helpers import serialize_object

from tests.conftest import Client
from tests.services import shop
from tests.services.conftest import MakeToken
from tests.services.sandbox import Sandbox
from tests.services.wire import Wire

FAILED = "Data validation error Failed to create Payment-Type-Specific Payment Record: "
STAR = "6019440000000004"
APPLE_DATA = '{"version": "EC_v1", "data": "c2VjcmV0"}'

PHONE = {
    "phoneType": "Mobile",
    "countryCode": "1",
    "areaCode": "650",
    "localNumber": "5550100",
    "extension": "7",
    "rawInput": "(650) 555-0100 x7",
}

OBJECTS: dict[str, tuple[str, dict[str, Any]]] = {
    "Amazon": ("amazon", {"billingAgreementId": "B01-123"}),
    "Skrill": (
        "skrill",
        {
            "billingAgreementId": "1tap",
            "payFromEmail": "ada@example.org",
            "paymentType": "WLT",
            "returnUrl": "https://shop.example/back",
            "cancelUrl": "https://shop.example/no",
        },
    ),
    "Boleto": ("boleto", {"fiscalNumber": "52998224725"}),
    "HostedPage": (
        "hostedPage",
        {
            "paymentProvider": {"name": "GlobalCollect"},
            "countryCode": "NL",
            "returnUrl": "https://shop.example/back",
            "language": "nl",
            "processorPaymentMethodId": "all",
            "billingAgreementId": "agreed",
        },
    ),
    "CarrierBilling": (
        "carrierBilling",
        {
            "phoneNumber": PHONE,
            "carrierId": "att",
            "paymentProvider": {"name": "BOKU"},
            "currency": "USD",
            "countryCode": "US",
        },
    ),
    "ApplePay": (
        "applePay",
        {"paymentInstrumentName": "Visa 1234", "paymentNetwork": "Visa", "transactionIdentifier": "ab12"},
    ),
    "ExternalBilling": (
        "ExternalBilling",
        {"BillReceiver": "Optima", "PaymentChannelId": "c-1", "FinancialAccountId": "f-1"},
    ),
}
"""What is sent of each type and comes back as it was."""

SECRET: dict[str, dict[str, Any]] = {
    "ApplePay": {"paymentData": APPLE_DATA},
    "CarrierBilling": {
        "encodedPhoneNumber": "never taken",
        "priceCriteria": {"description": "never kept", "dynamicTargetPrice": "1.00"},
    },
    "Amazon": {"buyerName": "read-only", "buyerEmail": "read-only", "physicalAddress": {"city": "read-only"}},
}
"""What is sent as well and never comes back."""

CHECKED = {"ApplePay": True, "Amazon": True, "ExternalBilling": True}
"""What validate=true answers; False for the others."""


def _method(type_: str, **changes: Any) -> dict[str, Any]:
    part, content = OBJECTS[type_]
    return {"type": type_, part: content | SECRET.get(type_, {})} | changes


def _save(client: Client, method: dict[str, Any], expecting: int = 200, **options: Any) -> Any:
    given = {"validate": False, "minChargebackProbability": 100, "replaceOnAllAutoBills": False} | options
    return client("PaymentMethod").expecting(expecting).update(paymentMethod=method, **given)


def _shown(client: Client, saved: Any, type_: str) -> dict[str, Any]:
    """The fields of the type's object, as it is fetched again, that were sent."""
    found = client("PaymentMethod").fetchByVid(vid=saved.paymentMethod.VID).paymentMethod
    assert found.type == type_
    return _filled(serialize_object(found[OBJECTS[type_][0]], dict))


def _filled(record: dict[str, Any]) -> dict[str, Any]:
    filled = {name: _filled(value) if isinstance(value, dict) else value for name, value in record.items()}
    return {name: value for name, value in filled.items() if value not in (None, [], {})}


@pytest.mark.parametrize("type_", OBJECTS)
def test_the_object_of_a_type_comes_back_without_its_secrets(shared: Client, type_: str) -> None:
    saved = _save(shared, _method(type_))
    assert _shown(shared, saved, type_) == OBJECTS[type_][1]


@pytest.mark.parametrize("type_", OBJECTS)
def test_other_changes_leave_the_object_as_it_is(shared: Client, type_: str) -> None:
    vid = _save(shared, _method(type_)).paymentMethod.VID
    changed = _save(shared, {"VID": vid, "accountHolderName": "Ada"})
    assert (changed.created, changed.paymentMethod.accountHolderName) == (False, "Ada")
    assert _shown(shared, changed, type_) == OBJECTS[type_][1]


@pytest.mark.parametrize("type_", OBJECTS)
def test_what_is_shown_may_be_sent_back(shared: Client, type_: str) -> None:
    saved = _save(shared, _method(type_))
    fetched = shared("PaymentMethod").fetchByVid(vid=saved.paymentMethod.VID).paymentMethod
    assert _shown(shared, _save(shared, fetched), type_) == OBJECTS[type_][1]


@pytest.mark.parametrize(
    ("type_", "sent", "text"),
    [
        ("Amazon", {"amazon": {"buyerName": "Ada"}}, "amazon.billingAgreementId is missing"),
        ("Amazon", {}, "amazon.billingAgreementId is missing"),
        ("Boleto", {"boleto": {"fiscalNumber": ""}}, "boleto.fiscalNumber is missing"),
        (
            "HostedPage",
            {"hostedPage": {"paymentProvider": {"name": ""}, "countryCode": "NL"}},
            "hostedPage.paymentProvider is missing",
        ),
        (
            "HostedPage",
            {"hostedPage": {"paymentProvider": {"name": "GMO"}, "countryCode": ""}},
            "hostedPage.countryCode is missing",
        ),
        ("CarrierBilling", {}, "carrierBilling is missing"),
        (
            "CarrierBilling",
            {"carrierBilling": {"phoneNumber": {"areaCode": "650", "localNumber": ""}}},
            "carrierBilling.phoneNumber.localNumber is missing",
        ),
        ("ApplePay", {"applePay": {"paymentNetwork": "Visa"}}, "applePay.paymentData is missing"),
        (
            "ApplePay",
            {"applePay": {"paymentData": "{"}},
            "ApplePay conversion failed: paymentData is not JSON",
        ),
        ("Token", {}, "token.merchantTokenId is missing"),
        (
            "ExternalBilling",
            {"ExternalBilling": {"BillReceiver": "CES", "PaymentChannelId": ""}},
            "ExternalBilling.PaymentChannelId is missing",
        ),
        ("MilitaryStar", {"militaryStar": {"cid": "123"}}, "militaryStar.account is missing"),
        (
            "MilitaryStar",
            {"militaryStar": {"account": STAR[:-1] + "7"}},
            "Credit Card conversion failed: Credit Card failed Luhn check. ",
        ),
    ],
)
def test_what_a_type_cannot_do_without_is_named(
    shared: Client, type_: str, sent: dict[str, Any], text: str
) -> None:
    refused = _save(shared, {"type": type_} | sent, 400)
    assert refused["return"].returnString == FAILED + text


def test_only_known_companies_bill_for_others(shared: Client) -> None:
    other = {"BillReceiver": "ACME", "PaymentChannelId": "c-1"}
    refused = _save(shared, {"type": "ExternalBilling", "ExternalBilling": other}, 400)
    assert refused["return"].returnString == (
        'ExternalBilling.BillReceiver "ACME" is not one of CES, Ensemble, Optima.'
    )


def test_a_part_of_a_phone_number_may_change(shared: Client) -> None:
    saved = _save(shared, _method("CarrierBilling"))
    change = {
        "carrierBilling": {"phoneNumber": {"areaCode": "415", "localNumber": "5550199", "extension": ""}}
    }
    changed = _save(shared, {"VID": saved.paymentMethod.VID} | change)
    expected = {name: value for name, value in PHONE.items() if name != "extension"}
    assert _shown(shared, changed, "CarrierBilling")["phoneNumber"] == expected | {
        "areaCode": "415",
        "localNumber": "5550199",
    }


def test_a_boleto_is_found_by_its_fiscal_number(client: Client) -> None:
    owner = shop.account(client, paymentMethods=[_method("Boleto")])
    found = client("Account").fetchByPaymentMethod(paymentMethod=_method("Boleto"), page=0, pageSize=10)
    assert [one.VID for one in found.accounts] == [owner.VID]


def test_tokens_of_a_known_type_pay(client: Client, make_token: MakeToken) -> None:
    coins = make_token("coin")
    saved = _save(client, {"type": "Token", "token": {"merchantTokenId": coins}}).paymentMethod
    assert (saved.token.merchantTokenId, saved.token.description, len(saved.token.VID)) == (
        coins,
        "Coins",
        40,
    )
    unknown = _save(client, {"type": "Token", "token": {"merchantTokenId": "nothing"}}, 404)
    assert unknown["return"].returnString == 'No match found for merchantTokenId "nothing"'


def _star(**fields: Any) -> dict[str, Any]:
    return {"type": "MilitaryStar", "militaryStar": {"account": STAR, "cid": "201"} | fields}


def test_a_military_star_card_is_masked_like_any_card_and_its_cid_is_gone(shared_wire: Wire) -> None:
    arguments = (
        "<paymentMethod><type>MilitaryStar</type>"
        f"<militaryStar><account>{STAR}</account><cid>987</cid></militaryStar></paymentMethod>"
    )
    reply = shared_wire.call("PaymentMethod", "update", arguments)
    shown = "paymentMethod/militaryStar/"
    assert reply.value(shown + "account") == "601944XXXXXX0004"
    assert (reply.value(shown + "accountLastDigits"), reply.value(shown + "accountLength")) == ("0004", "16")
    assert reply.children("paymentMethod/militaryStar") == [
        "account",
        "accountLastDigits",
        "accountLength",
        "VID",
    ]
    assert b">987<" not in reply.content
    assert STAR.encode() not in reply.content


def test_a_military_star_number_has_one_vid_and_its_mask_may_be_sent_back(shared: Client) -> None:
    one, other = (_save(shared, _star()).paymentMethod for _ in range(2))
    assert one.VID != other.VID
    assert one.militaryStar.VID == other.militaryStar.VID
    _save(shared, {"VID": one.VID, "militaryStar": {"account": "601944XXXXXX0004"}})
    _save(shared, {"VID": one.VID, "militaryStar": {"account": "601944XXXXXX0014"}}, 400)


def test_the_cid_is_checked_like_a_card_verification_number(client: Client) -> None:
    refused = _save(client, _star(), 408, validate=True)
    assert refused.authStatus.creditCardStatus.cvnCode == "N"
    assert refused.authStatus.paymentMethodType == "MilitaryStar"
    accepted = _save(client, _star(cid="200"), validate=True)
    assert (accepted.validated, accepted.authStatus.status) == (True, "AuthorizedForValidation")


@pytest.mark.parametrize("type_", OBJECTS)
def test_each_type_is_validated_as_far_as_it_can_be(client: Client, type_: str) -> None:
    saved = _save(client, _method(type_), validate=True)
    checked = client("PaymentMethod").validate(paymentMethod=_method(type_), minChargebackProbability=100)
    assert saved.validated is checked.validated is CHECKED.get(type_, False)
    assert (saved.authStatus is not None) is (type_ == "ApplePay")


@pytest.mark.parametrize("type_", ["Amazon", "Skrill", "HostedPage", "ApplePay", "ExternalBilling"])
def test_a_subscription_is_billed_by_agreement(client: Client, sandbox: Sandbox, type_: str) -> None:
    sandbox.set_clock("2024-01-31T10:00:00")
    autobill = shop.subscribe(client, _method(type_)).autobill
    sandbox.bill_on("2024-02-29T09:00:00")
    assert [shop.log(one)[0] for one in shop.transactions(client, autobill)] == ["Captured", "Captured"]


@pytest.mark.parametrize("type_", ["CarrierBilling", "HostedPage", "Skrill"])
def test_a_subscription_asks_the_customer_once_and_never_again(client: Client, type_: str) -> None:
    part, content = OBJECTS[type_]
    method = {"type": type_, part: {k: v for k, v in content.items() if k != "billingAgreementId"}}
    asked = shop.update(client, shop.order(client, method))
    assert shop.standing(asked.autobill) == ("Pending Activation", "Unbilled")
    assert asked.authStatus.status == "AuthorizationPending"
    nobody = shop.account(client, paymentMethods=[method])
    shop.update(client, shop.order(client, account=shop.reference(nobody)), expecting=405)
    autobill = shop.subscribe(client).autobill
    client("AutoBill").expecting(400).makePayment(
        autobill=shop.reference(autobill), paymentMethod=method, amount="1.00"
    )


def test_tokens_are_no_money(client: Client, make_token: MakeToken) -> None:
    method = {"type": "Token", "token": {"merchantTokenId": make_token("coin")}}
    refused = shop.update(client, shop.order(client, method), expecting=400)
    assert shop.text(refused) == "Payment method type Token is not supported here."


def test_a_payment_method_that_needs_the_customer_is_put_on_no_subscription(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.set_clock("2024-01-31T10:00:00")
    autobill = shop.subscribe(client).autobill
    saved = (
        client("Account")
        .expecting(261)
        .updatePaymentMethod(
            account=shop.reference(autobill.account),
            paymentMethod=shop.paypal(None),
            updateBehavior="Update",
            updateScopeOnAccount="AllActive",
            updateScopeOnChildren="None",
        )
    )
    first = saved.account.paymentMethods[0]
    assert first.type == "PayPal"
    assert shop.fetched(client, autobill).paymentMethod.type == "CreditCard"
    again = _save(client, {"VID": first.VID}, 261, replaceOnAllAutoBills=True)
    assert again.paymentMethod.VID == first.VID
    sandbox.bill_on("2024-02-29T09:00:00")
    assert shop.transactions(client, autobill)[-1].sourcePaymentMethod.type == "CreditCard"
