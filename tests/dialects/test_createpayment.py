"""CreatePayment: every parameter, format and status of its text (dialects §3)."""

from __future__ import annotations

import csv
import io
import uuid
from base64 import b64encode
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from cashbox_service.dialects.createpayment.schema import CardType
from cashbox_service.dialects.media import jsv
from cashbox_service.domain.collection import CollectionMethod
from tests.conftest import Client, _new_merchant
from tests.dialects.callers import CreatePayment, payment
from tests.servers import Server
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.soap_client import Login

DONE = 1

Check = Callable[[], None]


def taken(client: Client, attempt: Any) -> list[Any]:
    """The transactions of the attempt's account as SOAP tells them."""
    answer = (
        client("Transaction")
        .expecting(None)
        .fetchByAccount(
            account={"merchantAccountId": attempt["accountRef"]}, page=0, pageSize=100, includeChildren=False
        )
    )
    return list(answer.transactions or [])


def refused(createpayment: CreatePayment, **members: Any) -> str:
    """The only sentence of a payment that does not validate."""
    answer = createpayment.post(createpayment.attempt(), payment("5.00") | members)
    assert answer.status == 400
    (sentence,) = answer.json()["errors"]
    assert set(answer.json()) == {"errors"}
    return str(sentence)


def missing(createpayment: CreatePayment, name: str) -> str:
    """The sentence of a payment without a member."""
    body = payment("5.00")
    del body[name]
    answer = createpayment.post(createpayment.attempt(), body)
    assert answer.status == 400
    return str(answer.json()["errors"][0])


# --- the parameters -------------------------------------------------------------------------------------------------


def test_id_is_the_guid_of_an_attempt(createpayment: CreatePayment) -> None:
    attempt = createpayment.attempt()
    assert str(uuid.UUID(attempt["id"])) == attempt["id"]
    upper = {"id": attempt["id"].upper()}
    assert createpayment.pay(upper, "5.00")["result"]["originatingAttemptId"] == attempt["id"]
    for unknown in (str(uuid.uuid4()), "5", "x" * 300):
        answer = createpayment.post({"id": unknown}, payment("5.00"))
        assert answer.status == 404
        assert list(answer.json()) == ["errors"]


def test_paymenttoken_is_required_and_has_to_be_known(createpayment: CreatePayment) -> None:
    assert missing(createpayment, "paymentToken") == "paymentToken is required."
    assert refused(createpayment, paymentToken="") == "paymentToken must not be empty."
    assert refused(createpayment, paymentToken="nothing") == "PaymentToken is not known."
    assert refused(createpayment, paymentToken="sbx-4111111111111112") == "PaymentToken is not known."
    assert refused(createpayment, paymentToken="sbx-41111-what") == "PaymentToken is not known."
    assert refused(createpayment, paymentToken="t" * 256) == "PaymentToken is longer than 255 characters."


@pytest.mark.parametrize("by", ["VID", "merchantPaymentMethodId", "externalToken"])
def test_paymenttoken_may_name_a_stored_payment_method(
    createpayment: CreatePayment, client: Client, by: str
) -> None:
    method = shop.card(merchantPaymentMethodId=shop.new_id("pm"), externalToken=shop.new_id("vault"))
    account = shop.account(client, paymentMethods=[method])
    stored = account.paymentMethods[0]
    attempt = createpayment.attempt(accountRef=account.merchantAccountId)
    assert createpayment.outcome(attempt, "5.00", paymentToken=stored[by]) == DONE
    assert taken(client, attempt)[0].sourcePaymentMethod.VID == stored.VID


@pytest.mark.parametrize("amount", ["0", "-5", "0.001", "1000000000001"])
def test_paymentamount_has_to_be_payable(createpayment: CreatePayment, amount: str) -> None:
    assert refused(createpayment, paymentAmount=amount).startswith("PaymentAmount ")


def test_paymentamount_is_required_and_a_number(createpayment: CreatePayment) -> None:
    assert missing(createpayment, "paymentAmount") == "paymentAmount is required."
    assert refused(createpayment, paymentAmount="many") == "paymentAmount is not a number."


def test_conveniencefee_is_a_second_item_and_never_applied(
    createpayment: CreatePayment, client: Client, books_are_right: Check
) -> None:
    attempt = createpayment.attempt("100.00")
    result = createpayment.pay(attempt, "40.00", convenienceFee="2.50")["result"]
    assert (result["amountApplied"], result["paymentProcessingOutcome"]) == (40, DONE)
    (made,) = taken(client, attempt)
    assert made.amount == Decimal("42.50")
    items = [(item.name, item.price) for item in made.transactionItems if item.name != "Total Tax"]
    assert items == [("Generic item", Decimal("40.00")), ("Convenience fee", Decimal("2.50"))]
    shown = createpayment.shown(attempt)
    assert (shown["balance"], shown["payments"][0]["convenienceFee"]) == (60, Decimal("2.5"))
    assert refused(createpayment, convenienceFee="-1") == "ConvenienceFee must not be negative."
    assert refused(createpayment, convenienceFee="0.001").startswith("ConvenienceFee ")
    books_are_right()


def test_cardtype_is_one_of_the_text(createpayment: CreatePayment) -> None:
    assert [one.value for one in CardType] == [
        "visa", "master", "american_express", "discover", "jcb", "diners_club", "dankort",
    ]  # fmt: skip
    attempt = createpayment.attempt()
    for card_type in (*CardType, "VISA"):
        assert createpayment.outcome(attempt, "1.00", cardType=card_type) & DONE, card_type
        attempt = createpayment.attempt()
    assert missing(createpayment, "cardType") == "cardType is required."
    assert refused(createpayment, cardType="maestro").startswith("cardType is not one of 'visa', ")
    assert refused(createpayment, cardType="") == "CardType is required for CC and DC."


def test_lastfour_is_four_digits(createpayment: CreatePayment) -> None:
    assert missing(createpayment, "lastFour") == "lastFour is required."
    assert refused(createpayment, lastFour="11111") == "lastFour is longer than 4 characters."
    for wrong in ("", "111", "abcd"):
        assert refused(createpayment, lastFour=wrong) == "LastFour is not four digits."


def test_fingerprint_must_be_present(createpayment: CreatePayment) -> None:
    assert missing(createpayment, "fingerprint") == "fingerprint is required."
    assert refused(createpayment, fingerprint="f" * 256) == "fingerprint is longer than 255 characters."


@pytest.mark.parametrize("method", list(CollectionMethod))
def test_paymentmethod_is_one_of_the_text(createpayment: CreatePayment, client: Client, method: str) -> None:
    types = {
        "CC": "CreditCard",
        "DC": "CreditCard",
        "EC": "ECP",
        "CP": "Boleto",
        "OTHER": "MerchantAcceptedPayment",
    }
    attempt = createpayment.attempt()
    empty = {} if method in ("CC", "DC") else {"cardType": "", "lastFour": "", "fingerprint": ""}
    createpayment.pay(attempt, "5.00", paymentMethod=method, **empty)
    (made,) = taken(client, attempt)
    assert made.sourcePaymentMethod.type == types[method]


def test_paymentmethod_defaults_to_cc(createpayment: CreatePayment) -> None:
    assert [one.value for one in CollectionMethod] == ["CC", "DC", "EC", "CP", "OTHER"]
    attempt = createpayment.attempt()
    createpayment.pay(attempt, "5.00")
    assert createpayment.shown(attempt)["payments"][0]["paymentMethod"] == "CC"
    assert refused(createpayment, paymentMethod="XX").startswith("paymentMethod is not one of 'CC', ")


def test_isfeepayment_pays_the_fees_first(
    createpayment: CreatePayment, client: Client, sandbox: Sandbox, books_are_right: Check
) -> None:
    assert missing(createpayment, "isFeePayment") == "isFeePayment is required."
    assert refused(createpayment, isFeePayment="perhaps") == "isFeePayment is neither true nor false."
    sandbox.settings(feeGateway="sandbox")
    attempt = createpayment.attempt("100.00", fees="10.00")
    assert (attempt["amount"], attempt["fees"], attempt["balance"]) == (100, 10, 110)
    assert createpayment.pay(attempt, "4.00", isFeePayment=True)["result"]["amountApplied"] == 4
    assert createpayment.pay(attempt, "26.00", isFeePayment=True)["result"]["amountApplied"] == 26
    amounts = sorted(one.amount for one in taken(client, attempt))
    assert amounts == [Decimal("4.00"), Decimal("6.00"), Decimal("20.00")], "6 of fees, and then 20"
    assert createpayment.pay(attempt, "30.00", isFeePayment=True)["result"]["amountApplied"] == 30
    shown = createpayment.shown(attempt)
    assert (shown["balance"], len(shown["payments"])) == (50, 3)
    sandbox.bill()
    assert {one.statusLog[0].status for one in taken(client, attempt)} == {"Captured"}
    books_are_right()


def test_gatewayname_picks_a_processor(createpayment: CreatePayment, client: Client) -> None:
    attempt = createpayment.attempt()
    for name in ("sandbox", "SANDBOX", "Test"):
        assert createpayment.outcome(attempt, "5.00", gatewayName=name) & DONE
        attempt = createpayment.attempt()
    createpayment.pay(attempt, "5.00", gatewayName="Vindicia", paymentMethod="OTHER")
    assert taken(client, attempt)[0].paymentProcessor == "Vindicia"


@pytest.mark.parametrize("name", ["firstName", "lastName"])
def test_firstname_and_lastname_of_the_payor_are_required(createpayment: CreatePayment, name: str) -> None:
    payor = {"firstName": "Ada", "lastName": "Reader"}
    assert refused(createpayment, payor={**payor, name: None}) == f"payor.{name} is required."
    assert refused(createpayment, payor={**payor, name: ""}) == f"payor.{name} must not be empty."
    assert missing(createpayment, "payor") == "payor is required."
    assert refused(createpayment, payor="Ada") == "payor must be an object."


PAYOR = {
    "firstName": "Ada",
    "lastName": "Reader",
    "address": "303 Twin Dolphin Drive",
    "address2": "Suite 200",
    "city": "Redwood City",
    "state": "CA",
    "country": "US",
    "zip": "94065",
    "email": "ada@example.org",
    "phone": "+1 (650) 555-0100",
    "note": "paid at the counter",
}
KEPT_AS = {"address": "addr1", "address2": "addr2", "city": "city", "state": "district", "country": "country",
           "zip": "postalCode", "phone": "phone"}  # fmt: skip


@pytest.mark.parametrize("name", list(PAYOR))
def test_member_of_the_payor_is_kept(
    createpayment: CreatePayment, client: Client, environment: Any, merchant: Login, name: str
) -> None:
    attempt = createpayment.attempt()
    createpayment.pay(attempt, "5.00", payor=PAYOR)
    (made,) = taken(client, attempt)
    if name in KEPT_AS:
        assert made.shippingAddress[KEPT_AS[name]] == PAYOR[name]
    elif name == "note":
        assert made.note == PAYOR[name]
    elif name == "email":
        with environment.open(environment.merchant(merchant.login)).uow as uow:
            assert uow.transactions.by_vid(made.VID).particulars["email"] == PAYOR[name]
    else:
        assert made.sourcePaymentMethod.accountHolderName == "Ada Reader"
    if name == "phone":
        assert made.sourcePhoneNumber == "16505550100"


DEFAULTS = {
    "address": ("addr1", "Not supplied", "payorAddress"),
    "city": ("city", "Not supplied", "payorCity"),
    "state": ("district", "NA", "payorState"),
    "country": ("country", "US", "payorCountry"),
}


@pytest.mark.parametrize("name", list(DEFAULTS))
def test_default_is_inserted_for_what_the_payor_does_not_supply(
    createpayment: CreatePayment, client: Client, sandbox: Sandbox, name: str
) -> None:
    kept_as, default, setting = DEFAULTS[name]
    attempt = createpayment.attempt()
    createpayment.pay(attempt, "5.00", payor={"firstName": "Ada", "lastName": "Reader", name: ""})
    sandbox.settings(**{setting: "CA"})
    createpayment.pay(attempt, "5.00")
    before, after = taken(client, attempt)
    assert (before.shippingAddress[kept_as], after.shippingAddress[kept_as]) == (default, "CA")
    assert before.shippingAddress.addr2 is None
    assert before.shippingAddress.postalCode is None


def test_default_email_is_inserted(
    createpayment: CreatePayment, client: Client, environment: Any, merchant: Login
) -> None:
    attempt = createpayment.attempt()
    createpayment.pay(attempt, "5.00")
    (made,) = taken(client, attempt)
    with environment.open(environment.merchant(merchant.login)).uow as uow:
        assert uow.transactions.by_vid(made.VID).particulars["email"] == "none@example.invalid"


# --- the answer -----------------------------------------------------------------------------------------------------


def test_result_has_the_members_of_the_text(createpayment: CreatePayment) -> None:
    attempt = createpayment.attempt()
    answer = createpayment.pay(attempt, "5.00")
    assert list(answer) == ["result", "errors"]
    assert list(answer["result"]) == [
        "paymentId", "originatingAttemptId", "amountApplied", "paymentProcessingOutcome", "isSuccessful",
        "tsysMappedGatewayResponse",
    ]  # fmt: skip


def test_paymentid_is_a_guid_and_absent_when_nothing_was_tried(createpayment: CreatePayment) -> None:
    attempt = createpayment.attempt()
    result = createpayment.pay(attempt, "5.00")["result"]
    assert createpayment.shown(attempt)["payments"][0]["paymentId"] == str(uuid.UUID(result["paymentId"]))
    assert "paymentId" not in createpayment.pay(attempt, "5.00", fingerprint="")["result"]


def test_originatingattemptid_is_that_of_the_attempt(createpayment: CreatePayment) -> None:
    attempt = createpayment.attempt()
    assert createpayment.pay(attempt, "5.00")["result"]["originatingAttemptId"] == attempt["id"]


def test_amountapplied_issuccessful_and_outcome_of_a_payment(createpayment: CreatePayment) -> None:
    attempt = createpayment.attempt()
    good = createpayment.pay(attempt, "5.25")["result"]
    assert (good["amountApplied"], good["isSuccessful"], good["paymentProcessingOutcome"]) == (5.25, True, 1)
    bad = createpayment.pay(attempt, "5.25", card="4000000000000002")["result"]
    assert (bad["amountApplied"], bad["isSuccessful"], bad["paymentProcessingOutcome"]) == (0, False, 64)


def test_tsysmappedgatewayresponse_is_the_code_of_the_processor(createpayment: CreatePayment) -> None:
    attempt = createpayment.attempt()
    for card, code in (("4111111111111111", "T00"), ("4000000000000002", "303"), ("6011555555555553", "302")):
        result = createpayment.pay(attempt, "5.00", card=card)["result"]
        assert result["tsysMappedGatewayResponse"] == code
    assert createpayment.pay(attempt, "5.00", fingerprint="")["result"]["tsysMappedGatewayResponse"] == ""


def test_errors_hold_one_sentence_per_flag_of_trouble(createpayment: CreatePayment) -> None:
    attempt = createpayment.attempt()
    assert createpayment.pay(attempt, "5.00")["errors"] == []
    assert createpayment.pay(attempt, "5.00", card="4111111111111111-avsN-cvnN")["errors"] == [
        "The payment was declined.",
        "The address check failed.",
        "The check of the card verification number failed.",
    ]


# --- the formats ----------------------------------------------------------------------------------------------------


def in_jsv(**members: Any) -> bytes:
    return jsv.dumps(payment("5.00") | members).encode()


def in_xml() -> bytes:
    given = payment("5.00")
    inner = "".join(
        f"<{name[0].upper()}{name[1:]}>{value}</{name[0].upper()}{name[1:]}>"
        for name, value in given.items()
        if name != "payor"
    )
    payor = "<Payor><FirstName>Ada</FirstName><LastName>Reader</LastName></Payor>"
    return f"<CreatePayment>{inner}{payor}</CreatePayment>".encode()


def in_csv() -> bytes:
    given = payment("5.00")
    flat = {name: value for name, value in given.items() if name != "payor"}
    flat |= {"Payor.FirstName": "Ada", "Payor.LastName": "Reader"}
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([name[0].upper() + name[1:] for name in flat])
    writer.writerow(flat.values())
    return written.getvalue().encode()


BODIES: dict[str, Callable[[], bytes]] = {"text/jsv": in_jsv, "application/xml": in_xml, "text/csv": in_csv}


@pytest.mark.parametrize("content_type", list(BODIES))
def test_request_is_read_and_answered_in_its_format(createpayment: CreatePayment, content_type: str) -> None:
    attempt = createpayment.attempt()
    answer = createpayment.post(attempt, BODIES[content_type](), content_type=content_type)
    assert (answer.status, answer.headers["content-type"]) == (200, f"{content_type}; charset=utf-8")
    result = read(content_type, answer.body)
    assert result["amountapplied"] == "5.00"
    assert result["paymentprocessingoutcome"] == "1"
    assert result["issuccessful"].lower() == "true"
    assert result["originatingattemptid"] == attempt["id"]


def read(content_type: str, body: bytes) -> dict[str, str]:
    """The members of the result by their names in small letters."""
    if content_type == "text/jsv":
        found = jsv.loads(body.decode())["result"]
    elif content_type == "application/xml":
        root = etree.fromstring(body)
        assert root.tag == "CreatePaymentResult"
        assert [child.tag for child in root] == ["Result", "Errors"]
        found = {str(one.tag): one.text for one in root[0]}
    else:
        names, values = csv.reader(io.StringIO(body.decode()))
        found = dict(zip(names, values, strict=True))
        assert names[-1] == "Errors"
    return {name.lower(): value or "" for name, value in found.items()}


def test_jsv_request_of_the_text_is_read(createpayment: CreatePayment) -> None:
    body = """{
	paymentToken: sbx-4111111111111111,
	paymentAmount: 5,
	convenienceFee: 0,
	payor:
	{
		firstName: String,
		lastName: String,
		address: String,
		address2: String,
		city: String,
		state: String,
		country: String,
		zip: String,
		email: String,
		phone: String,
		note: String
	},
	cardType: visa,
	lastFour: 1111,
	fingerprint: String,
	paymentMethod: CC,
	isFeePayment: False,
	gatewayName: sandbox
}"""
    answer = createpayment.post(
        createpayment.attempt(), body.encode(), content_type="text/jsv", headers={"Accept": "text/jsv"}
    )
    assert jsv.loads(answer.body.decode())["result"]["isSuccessful"] == "True"


@pytest.mark.parametrize(
    ("path", "accept", "answered"),
    [
        (".jsv", None, "text/jsv"),
        (".json", "text/csv", "application/json"),
        (".xml", None, "application/xml"),
        (".csv", None, "text/csv"),
        ("?format=jsv", "text/csv", "text/jsv"),
        (".xml?format=csv", None, "text/csv"),
        ("", "text/jsv", "text/jsv"),
        ("", None, "application/json"),
    ],
)
def test_answer_is_in_the_format_that_is_asked_for(
    createpayment: CreatePayment, path: str, accept: str | None, answered: str
) -> None:
    attempt = createpayment.attempt()
    headers = {} if accept is None else {"Accept": accept}
    answer = createpayment.send(
        "POST", f"/collectionattempts/{attempt['id']}/payments{path}", payment("5.00"), headers=headers
    )
    assert (answer.status, answer.headers["content-type"]) == (200, f"{answered}; charset=utf-8")
    shown = createpayment.send("GET", f"/collectionattempts/{attempt['id']}{path}", headers=headers)
    assert (shown.status, shown.headers["content-type"]) == (200, f"{answered}; charset=utf-8")


@pytest.mark.parametrize(
    ("content_type", "body", "sentence"),
    [
        ("application/json", b"{", "The body is not JSON: line 1, column 2."),
        ("text/jsv", b"{a", "The body is not JSV: a colon is missing, at character 3."),
        ("text/csv", b"a", "The body is not CSV of a line of names and a line of values."),
        ("application/xml", b"<a", "The body is refused: Malformed request: not well-formed XML"),
    ],
)
def test_400_for_a_body_that_cannot_be_read(
    createpayment: CreatePayment, content_type: str, body: bytes, sentence: str
) -> None:
    answer = createpayment.post(
        createpayment.attempt(), body, content_type=content_type, headers={"Accept": "application/json"}
    )
    assert answer.status == 400
    assert answer.json()["errors"][0].startswith(sentence)


# --- attempts -------------------------------------------------------------------------------------------------------


def test_attempt_is_an_invoice_of_its_account(createpayment: CreatePayment, client: Client) -> None:
    account = shop.account(client).merchantAccountId
    attempt = createpayment.attempt("100.00", accountRef=account, currency="EUR", fees="5.00")
    assert (attempt["accountRef"], attempt["currency"], attempt["status"]) == (account, "EUR", "Due")
    answer = createpayment.send("POST", "/collectionattempts", {"amount": 1})
    assert answer.headers["location"].endswith(f"/collectionattempts/{answer.json()['id']}")
    createpayment.pay(attempt, "105.00")
    assert (createpayment.shown(attempt)["status"], createpayment.shown(attempt)["balance"]) == ("Paid", 0)


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({}, "amount is required."),
        ({"amount": "0"}, 'Amount "0" must be more than nothing.'),
        ({"amount": "1.001"}, 'Amount "1.001" has more decimals than the 2 of USD.'),
        ({"amount": 1, "currency": "XXQ"}, 'Currency "XXQ" is not a currency.'),
        ({"amount": 1, "fees": "-1"}, 'Fees "-1" must be more than nothing.'),
        ({"amount": 1, "accountRef": "nobody"}, 'No match found for AccountRef "nobody"'),
    ],
)
def test_attempt_that_cannot_be_made(createpayment: CreatePayment, members: Any, sentence: str) -> None:
    answer = createpayment.send("POST", "/collectionattempts", members)
    assert (answer.status, answer.json()) == (400, {"errors": [sentence]})


# --- credentials ----------------------------------------------------------------------------------------------------


def test_key_or_login_lets_in(createpayment: CreatePayment, server: Server, merchant: Login) -> None:
    attempt = createpayment.attempt()
    path = f"/collectionattempts/{attempt['id']}"
    login = b64encode(f"{merchant.login}:{merchant.password}".encode()).decode()
    assert server.get(path, {"Authorization": f"Basic {login}"}).status == 200
    assert server.get(path, {"Authorization": f"Bearer {createpayment.key}"}).status == 200
    wrong = b64encode(f"{merchant.login}:wrong".encode()).decode()
    for headers in (
        {},
        {"X-Api-Key": "x"},
        {"Authorization": f"Basic {wrong}"},
        {"Authorization": "Basic ?"},
    ):
        answer = server.get(path, headers)
        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith("Basic ")
        assert list(answer.json()) == ["errors"]


def test_attempt_of_another_merchant_is_not_found(createpayment: CreatePayment, server: Server) -> None:
    from cashbox_service.app.operating.merchant_keys import KeyPurpose
    from tests.dialects.callers import new_key

    attempt = createpayment.attempt()
    stranger = CreatePayment(server, new_key(server, _new_merchant(server), KeyPurpose.CREATE_PAYMENT).key)
    assert stranger.send("GET", f"/collectionattempts/{attempt['id']}").status == 404
    assert stranger.post(attempt, payment("5.00")).status == 404


# --- repeats --------------------------------------------------------------------------------------------------------


def test_repeat_under_the_same_key_moves_no_money(createpayment: CreatePayment, client: Client) -> None:
    attempt, body = createpayment.attempt(), payment("5.00")
    first = createpayment.post(attempt, body, headers={"Idempotency-Key": "k-1"})
    again = createpayment.post(attempt, body, headers={"Idempotency-Key": "k-1"})
    assert first.body == again.body
    assert len(taken(client, attempt)) == 1
    other = createpayment.post(attempt, body | {"paymentAmount": "6.00"}, headers={"Idempotency-Key": "k-1"})
    assert (other.status, other.json()) == (
        409,
        {"errors": ["Idempotency-Key was used before for another payment."]},
    )
    long = createpayment.post(attempt, body, headers={"Idempotency-Key": "k" * 256})
    assert long.status == 400


def test_refused_payment_does_not_use_its_key_up(createpayment: CreatePayment) -> None:
    attempt = createpayment.attempt()
    assert createpayment.outcome(attempt, "5.00", fingerprint="", key="k-2") == 16777216
    assert createpayment.outcome(attempt, "5.00", key="k-2") == DONE


def test_declined_payment_is_answered_again_as_declined(createpayment: CreatePayment, client: Client) -> None:
    attempt, body = createpayment.attempt(), payment("5.00", card="4000000000000002")
    for _ in range(2):
        answer = createpayment.post(attempt, body, headers={"Idempotency-Key": "k-3"})
        assert answer.json()["result"]["paymentProcessingOutcome"] == 64
    assert len(taken(client, attempt)) == 1
