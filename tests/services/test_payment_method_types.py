"""What is kept and shown of each type of payment method (payment-method §1, §2): full numbers never come back."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Client
from tests.services import shop
from tests.services.wire import Wire

FAILED = "Data validation error Failed to create Payment-Type-Specific Payment Record: "
IBAN = "NL91ABNA0417164300"


def stored(client: Client, method: dict[str, Any]) -> Any:
    """The payment method after it was stored, as it is fetched again."""
    vid = save(client, method).paymentMethod.VID
    return client("PaymentMethod").fetchByVid(vid=vid).paymentMethod


def save(client: Client, method: dict[str, Any], expecting: int = 200, **options: Any) -> Any:
    given = {"validate": False, "minChargebackProbability": 100, "replaceOnAllAutoBills": False} | options
    return client("PaymentMethod").expecting(expecting).update(paymentMethod=method, **given)


def refusal(client: Client, method: dict[str, Any]) -> str:
    answer = save(client, method, 400)
    assert (answer.paymentMethod, answer.created, answer.validated) == (None, False, False)
    text: str = answer["return"].returnString
    return text


def present(record: Any) -> dict[str, Any]:
    """The fields of a record that were sent."""
    return {name: record[name] for name in dir(record) if record[name] not in (None, [])}


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("4111111111111111", "411111XXXXXX1111"),
        ("378282246310005", "378282XXXXX0005"),
        ("4111 1111 1111 1111", "411111XXXXXX1111"),
        ("4111-1111-1111-1111", "411111XXXXXX1111"),
        ("  5454541111111111 ", "545454XXXXXX1111"),
    ],
)
def test_a_card_number_is_shown_as_its_first_six_and_last_four(
    shared: Client, number: str, masked: str
) -> None:
    card = stored(shared, shop.card(number)).creditCard

    assert card.account == masked
    assert (card.bin, card.lastDigits, card.accountLength) == (masked[:6], masked[-4:], len(masked))
    assert card.expirationDate == shop.EXPIRY
    assert len(card.VID) == 40
    assert (card.accountHash, card.hashType, card.extendedCardAttributes) == (None, None, None)


def test_a_payment_method_has_no_merchant_id_unless_it_is_given_one(shared: Client) -> None:
    assert stored(shared, shop.card()).merchantPaymentMethodId is None
    named = shop.new_id("card")
    assert stored(shared, shop.card(merchantPaymentMethodId=named)).merchantPaymentMethodId == named


def test_all_common_fields_are_kept(shared: Client) -> None:
    fields: dict[str, Any] = {
        "accountHolderName": "Zoë Ω",
        "customerSpecifiedType": "TELCOBILL",
        "customerDescription": "the blue one",
        "currency": "GBP",
        "active": False,
        "externalToken": "tok-1",
    }

    method = stored(shared, shop.card(billingAddress={"addr1": "1 Main St"}, **fields))

    assert {name: method[name] for name in fields} == fields
    assert method.billingAddress.addr1 == "1 Main St"
    assert len(method.billingAddress.VID) == 40


@pytest.mark.parametrize("name", ["CVN", "cvn", "Cvn"])
def test_the_verification_number_is_never_stored_nor_returned(shared: Client, name: str) -> None:
    pairs = [{"name": name, "value": "123"}, {"name": "colour", "value": "blue"}]

    answer = save(shared, shop.card(nameValues=pairs), validate=True)

    assert shop.names(answer.paymentMethod) == {"colour": "blue"}
    again = shared("PaymentMethod").fetchByVid(vid=answer.paymentMethod.VID).paymentMethod
    assert shop.names(again) == {"colour": "blue"}
    assert name not in shared("NameValuePair").fetchNameValueNames(type="PaymentMethod").names


@pytest.mark.parametrize(
    "number", ["1111111111111111", "4111111111111112", "41111111111", "41111111111111111112", "abc"]
)
def test_a_card_number_that_fails_the_check_digit_is_refused_to_the_letter(
    shared: Client, number: str
) -> None:
    assert (
        refusal(shared, shop.card(number))
        == f"{FAILED}Credit Card conversion failed: Credit Card failed Luhn check. "
    )


@pytest.mark.parametrize("expiry", ["2038", "203813", "12/38", "2038-12", "203800"])
def test_an_expiry_has_to_be_year_and_month(shared: Client, expiry: str) -> None:
    assert refusal(shared, shop.card(expiry=expiry)) == (
        f"{FAILED}Credit Card conversion failed: expirationDate must have the form YYYYMM. "
    )


def test_a_card_that_has_expired_may_be_stored(shared: Client) -> None:
    assert stored(shared, shop.card(expiry="200001")).creditCard.expirationDate == "200001"


def test_an_electronic_cheque_shows_the_last_four_of_its_account(shared: Client) -> None:
    method = stored(
        shared,
        shop.bank_account("123456789")
        | {
            "ecp": {
                "account": "123456789",
                "routingNumber": "110000000",
                "accountType": "CorporateSavings",
                "bankName": "First Bank",
            }
        },
    )

    assert present(method.ecp) == {
        "account": "XXXXX6789",
        "routingNumber": "110000000",
        "accountType": "CorporateSavings",
        "lastDigits": "6789",
        "accountLength": 9,
        "allowedTransactionType": "All",
        "bankName": "First Bank",
    }


def test_a_direct_debit_is_masked_like_a_card(shared: Client) -> None:
    method = stored(
        shared,
        {
            "type": "DirectDebit",
            "accountHolderName": "Jan Jansen",
            "directDebit": {
                "account": "NL91 ABNA 0417 1643 00",
                "countryCode": "NL",
                "bankSortCode": "ABNA",
                "ribCode": "7",
            },
        },
    )

    assert present(method.directDebit) == {
        "account": "NL91ABXXXXXXXX4300",
        "lastDigits": "4300",
        "accountLength": 18,
        "countryCode": "NL",
        "bankSortCode": "ABNA",
        "ribCode": "7",
    }


def test_a_paypal_account_is_kept_with_its_agreement(shared: Client) -> None:
    details = {
        "paypalEmail": "payer@example.org",
        "payerId": "PAYER1234567A",
        "returnUrl": "https://example.org/back",
        "cancelUrl": "https://example.org/no",
        "requestReferenceId": True,
        "referenceId": "B-1AB23456CD789012E",
    }

    assert present(stored(shared, {"type": "PayPal", "paypal": details}).paypal) == details


@pytest.mark.parametrize(
    ("account", "masked", "last"),
    [("ThisIsMAP", "XXXXXsMAP", "sMAP"), ("", "XXX", None), (None, "XXX", None), ("12", "12", "12")],
)
def test_an_account_of_a_merchant_accepted_payment_shows_its_last_four(
    shared: Client, account: str | None, masked: str, last: str | None
) -> None:
    method = stored(shared, shop.invoiced(account=account))

    assert (method.merchantAcceptedPayment.account, method.merchantAcceptedPayment.lastDigits) == (
        masked,
        last,
    )


def test_a_merchant_accepted_payment_is_kept_with_its_moment_and_amount(shared: Client) -> None:
    moment = datetime(2020, 6, 1, 12, 30, tzinfo=UTC)
    details = {
        "amount": Decimal("14.9900000000000002131628207280300557613372802734375"),
        "currency": "USD",
        "timestamp": moment,
        "paymentId": "cheque-7",
        "note": "by post",
    }

    kept = stored(shared, shop.invoiced(**details)).merchantAcceptedPayment

    assert (kept.paymentType, kept.paymentId, kept.note) == ("Cheque", "cheque-7", "by post")
    assert (str(kept.amount), kept.currency) == ("14.99", "USD")
    assert kept.timestamp == moment


def test_the_moment_of_a_merchant_accepted_payment_is_now_unless_given(shared: Client) -> None:
    before = datetime.now(UTC).replace(microsecond=0)

    kept = stored(shared, shop.invoiced()).merchantAcceptedPayment

    assert before <= kept.timestamp <= datetime.now(UTC)


def test_a_moment_is_shown_in_pacific_time(shared_wire: Wire) -> None:
    details = "<paymentType>c</paymentType><timestamp>2020-06-01T12:30:00Z</timestamp>"
    method = (
        f"<type>MerchantAcceptedPayment</type><merchantAcceptedPayment>{details}</merchantAcceptedPayment>"
    )

    reply = shared_wire.call("PaymentMethod", "update", f"<paymentMethod>{method}</paymentMethod>")

    assert (reply.code, reply.text) == (200, "OK")
    assert reply.value("paymentMethod/merchantAcceptedPayment/timestamp") == "2020-06-01T05:30:00-07:00"


@pytest.mark.parametrize(
    ("method", "text"),
    [
        ({"type": "CreditCard"}, f"{FAILED}creditCard is missing"),
        (
            {"type": "CreditCard", "creditCard": {"expirationDate": "203812"}},
            f"{FAILED}creditCard.account is missing",
        ),
        ({"type": "ECP"}, f"{FAILED}ecp is missing"),
        ({"type": "ECP", "ecp": {"routingNumber": "110000000"}}, f"{FAILED}ecp.account is missing"),
        (
            {"type": "ECP", "ecp": {"account": "1234", "routingNumber": "123456789"}},
            f"{FAILED}ECP conversion failed: routingNumber is not valid",
        ),
        ({"type": "DirectDebit", "accountHolderName": "J"}, f"{FAILED}directDebit is missing"),
        (
            {"type": "DirectDebit", "directDebit": {"account": "12345678"}},
            f"{FAILED}accountHolderName is missing",
        ),
        (
            {
                "type": "DirectDebit",
                "accountHolderName": "J",
                "directDebit": {"account": "NL00ABNA0417164300"},
            },
            f"{FAILED}DirectDebit conversion failed: account is not a valid IBAN",
        ),
        ({"type": "MerchantAcceptedPayment"}, f"{FAILED}merchantAcceptedPayment is missing"),
        (
            {"type": "MerchantAcceptedPayment", "merchantAcceptedPayment": {"paymentType": ""}},
            f"{FAILED}MerchantAcceptedPayment conversion failed: paymentType is missing",
        ),
        (shop.card("411111XXXXXX1111"), f"{FAILED}the account is masked and matches no stored number"),
        ({}, "Missing required parameter 'paymentMethod'."),
        ({"merchantPaymentMethodId": "nobody's"}, "Invalid payment method type:  "),
        ({"type": "Skrill", "skrill": {}}, f"{FAILED}skrill is missing"),
        (shop.card(accountHolderName="x" * 256), f'accountHolderName "{"x" * 40}…" is too long.'),
        (shop.card(customerDescription="é" * 257), f'customerDescription "{"é" * 40}…" is too long.'),
        (shop.card(merchantPaymentMethodId="é" * 513), f'merchantPaymentMethodId "{"é" * 40}…" is too long.'),
        (shop.card(merchantPaymentMethodId="a/b"), 'merchantPaymentMethodId "a/b" must not contain a slash.'),
        (shop.card(currency="QQQ"), 'currency "QQQ" is not a currency.'),
        (shop.card(currency="_VT"), 'currency "_VT" is not a currency.'),
        (
            shop.invoiced(paymentType="x" * 65),
            f'merchantAcceptedPayment.paymentType "{"x" * 40}…" is too long.',
        ),
        (shop.invoiced(paymentId="x" * 256), f'merchantAcceptedPayment.paymentId "{"x" * 40}…" is too long.'),
        (shop.invoiced(account="x" * 256), 'merchantAcceptedPayment.account "" is too long.'),
        (shop.invoiced(currency="QQQ"), 'merchantAcceptedPayment.currency "QQQ" is not a currency.'),
        (shop.invoiced(amount=Decimal(-1)), 'merchantAcceptedPayment.amount "-1" must not be negative.'),
    ],
)
def test_what_cannot_be_stored_is_refused_in_words(shared: Client, method: dict[str, Any], text: str) -> None:
    assert refusal(shared, method) == text


def test_texts_may_be_as_long_as_their_limit(shared: Client) -> None:
    fields = {
        "accountHolderName": "ü" * 255,
        "customerDescription": "é" * 256,
        "merchantPaymentMethodId": shop.new_id("m") + "é" * 500,
    }

    method = stored(shared, shop.card(**fields))

    assert {name: method[name] for name in fields} == fields


def test_a_value_outside_of_the_types_is_refused_by_name(shared_wire: Wire) -> None:
    reply = shared_wire.call("PaymentMethod", "update", "<paymentMethod><type>Bitcoin</type></paymentMethod>")

    assert reply.code == 400
    assert reply.text == (
        'Invalid Arguments - Item "Vindicia::Soap::PaymentMethod.type" of type vin:PaymentMethodType '
        'has invalid value "Bitcoin"!'
    )


@pytest.mark.parametrize(
    ("created", "changed", "expected"),
    [
        (shop.card(), {"creditCard": {"expirationDate": "204001"}}, {"expirationDate": "204001"}),
        (shop.card(), {"creditCard": {"account": "411111XXXXXX1111"}}, {}),
        (
            shop.card(),
            {"creditCard": {"account": "411111xxxxxx1111", "expirationDate": "204001"}},
            {"expirationDate": "204001"},
        ),
        (shop.card(), {"creditCard": {"account": "4111 11** **** 1111"}}, {}),
        (
            shop.card(),
            {"creditCard": {"account": shop.OTHER_CARD}},
            {"account": "545454XXXXXX1111", "bin": "545454"},
        ),
        (shop.bank_account(), {"ecp": {"account": "XXXXX6789", "bankName": "Bank"}}, {"bankName": "Bank"}),
        (shop.bank_account(), {"ecp": {"account": "*****6789"}}, {}),
        (
            shop.bank_account(),
            {"ecp": {"accountType": "ConsumerSavings"}},
            {"accountType": "ConsumerSavings"},
        ),
        (
            shop.bank_account(),
            {"ecp": {"account": "55551234"}},
            {"account": "XXXX1234", "lastDigits": "1234", "accountLength": 8},
        ),
        (
            {"type": "ECP", "ecp": {"account": "1234567", "routingNumber": "110000000", "bankName": "x"}},
            {"ecp": {"bankName": "", "routingNumber": "", "accountType": None}},
            {"bankName": None},
        ),
        (
            {
                "type": "DirectDebit",
                "accountHolderName": "J",
                "directDebit": {"account": IBAN, "ribCode": "7"},
            },
            {"directDebit": {"account": "NL91ABXXXXXXXX4300", "ribCode": ""}},
            {"ribCode": None},
        ),
        (
            {
                "type": "PayPal",
                "paypal": {"paypalEmail": "a@example.org", "returnUrl": "https://a", "referenceId": "B-1"},
            },
            {"paypal": {"returnUrl": "", "referenceId": "B-2"}},
            {"returnUrl": None, "referenceId": "B-2"},
        ),
        (
            shop.invoiced(account="ThisIsMAP", note="old"),
            {"merchantAcceptedPayment": {"paymentType": "", "account": "XXXXXsMAP", "note": ""}},
            {"note": None},
        ),
        (
            shop.invoiced(account="ThisIsMAP"),
            {"merchantAcceptedPayment": {"paymentType": "Wire", "account": "Another"}},
            {"paymentType": "Wire", "account": "XXXther", "lastDigits": "ther", "accountLength": 7},
        ),
    ],
)
def test_sub_fields_that_are_not_given_stay(
    shared: Client, created: dict[str, Any], changed: dict[str, Any], expected: dict[str, Any]
) -> None:
    before = save(shared, created).paymentMethod
    part = next(name for name in changed)

    after = stored(shared, {"VID": before.VID} | changed)

    differing = {
        name: after[part][name] for name in dir(before[part]) if after[part][name] != before[part][name]
    }
    differing.pop("VID", None)
    assert differing == expected


@pytest.mark.parametrize(
    ("created", "changed"),
    [
        (shop.card(), {"creditCard": {"account": "545454XXXXXX1111"}}),
        (shop.card(), {"creditCard": {"account": "411111XXXXX1111"}}),
        (shop.bank_account(), {"ecp": {"account": "XXXXX1234"}}),
    ],
)
def test_a_mask_of_another_number_is_refused(
    shared: Client, created: dict[str, Any], changed: dict[str, Any]
) -> None:
    before = save(shared, created).paymentMethod

    text = refusal(shared, {"VID": before.VID} | changed)

    assert text == f"{FAILED}the account is masked and matches no stored number"
    assert str(shared("PaymentMethod").fetchByVid(vid=before.VID).paymentMethod) == str(before)


def test_the_mask_of_a_merchant_accepted_payment_may_be_sent_with_a_new_one(shared: Client) -> None:
    for account, last in (("XXX", None), ("XXXXXsMAP", "sMAP")):
        kept = stored(shared, shop.invoiced(account=account)).merchantAcceptedPayment
        assert (kept.account, kept.lastDigits) == (account, last)


def test_an_empty_account_clears_that_of_a_merchant_accepted_payment(shared: Client) -> None:
    before = save(shared, shop.invoiced(account="ThisIsMAP")).paymentMethod

    after = stored(shared, {"VID": before.VID} | shop.invoiced(account=""))

    kept = after.merchantAcceptedPayment
    assert (kept.account, kept.lastDigits, kept.accountLength) == ("XXX", None, None)


def test_the_type_of_a_payment_method_never_changes(shared: Client) -> None:
    before = save(shared, shop.card()).paymentMethod

    text = refusal(shared, {"VID": before.VID, "type": "ECP", "ecp": shop.bank_account()["ecp"]})

    assert text == "The type of a payment method cannot be changed."
    assert shared("PaymentMethod").fetchByVid(vid=before.VID).paymentMethod.type == "CreditCard"


def test_objects_of_other_types_are_ignored(shared: Client) -> None:
    method = stored(
        shared, shop.card() | {"ecp": shop.bank_account()["ecp"], "paypal": {"paypalEmail": "a@b"}}
    )

    assert (method.ecp, method.paypal) == (None, None)


def test_a_card_whose_number_only_the_processor_knows_is_stored_and_billed_by_its_token(
    client: Client,
) -> None:
    method = {"type": "CreditCard", "creditCard": {"expirationDate": shop.EXPIRY}, "externalToken": "pm_1"}

    autobill = shop.subscribe(client, method).autobill

    card = autobill.paymentMethod.creditCard
    assert (card.account, card.bin, card.VID, card.expirationDate) == (None, None, None, shop.EXPIRY)
    assert autobill.paymentMethod.externalToken == "pm_1"
    assert shop.log(shop.transactions(client, autobill)[0])[0] == "Authorized"


def test_a_token_that_stands_for_the_number_cannot_be_taken_away(client: Client) -> None:
    method = save(client, {"type": "CreditCard", "externalToken": "pm_1"}).paymentMethod

    text = refusal(client, {"VID": method.VID, "externalToken": ""})

    assert text == f"{FAILED}creditCard is missing"
    assert client("PaymentMethod").fetchByVid(vid=method.VID).paymentMethod.externalToken == "pm_1"
