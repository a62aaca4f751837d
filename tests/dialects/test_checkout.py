"""The CheckOut function: every parameter and return value of its text (dialects §1)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest

from cashbox_service.dialects.checkout.errors import MESSAGES, WRONG_KEY, WRONG_SERVICE
from tests.conftest import Client, _new_merchant
from tests.dialects.callers import CARD, CLIENT, CheckOut, new_key, order, signed
from tests.servers import Server
from tests.services import shop
from tests.services.sandbox import Sandbox

Check = Callable[[], None]


def account_of(client: Client, ids: dict[str, str]) -> Any:
    """The account of a new client, as SOAP shows it."""
    return client("Account").fetchByMerchantAccountId(merchantAccountId=f"C{ids['ClientID']}").account


def taken(client: Client, ids: dict[str, str]) -> list[Any]:
    """The client's payments, validations left out."""
    answer = (
        client("Transaction")
        .expecting(None)
        .fetchByAccount(
            account={"merchantAccountId": f"C{ids['ClientID']}"}, page=0, pageSize=100, includeChildren=False
        )
    )
    return [one for one in answer.transactions or [] if one.statusLog[0].status != "AuthorizedForValidation"]


# --- the parameters -------------------------------------------------------------------------------------------------


def test_service_must_be_checkout(checkout: CheckOut) -> None:
    for wrong in ("Checkin", "", 5, None):
        at = datetime.now(UTC).strftime("%Y%m%d %H:%M")
        sig = signature(checkout, "" if wrong is None else wrong, at)
        asked: dict[str, Any] = signed(checkout.key, order()) | {
            "Service": wrong,
            "sig": sig,
            "timestamp": at,
        }
        assert checkout.send(asked).json() == {"message": WRONG_SERVICE}
    members = signed(checkout.key, order()) | {"Service": "CHECKOUT"}
    members["sig"] = signature(checkout, "CHECKOUT", members["timestamp"])
    assert checkout.send(members).json()["message"] == "success"


def signature(checkout: CheckOut, service: Any, timestamp: str) -> str:
    import hmac

    assert checkout.key.secret is not None
    signed_text = f"{checkout.key.key}{service}{timestamp}".encode()
    return hmac.new(checkout.key.secret.encode(), signed_text, "sha256").hexdigest()


@pytest.mark.parametrize("key", ["unknown", "", None, 5])
def test_apikey_has_to_be_known(checkout: CheckOut, key: Any) -> None:
    members = signed(checkout.key, order()) | {"apikey": key}
    assert checkout.send(members).json() == {"message": WRONG_KEY}


@pytest.mark.parametrize("sig", ["0" * 64, "", None, 5, "é"])
def test_sig_has_to_be_that_of_the_private_key(checkout: CheckOut, sig: Any) -> None:
    members = signed(checkout.key, order()) | {"sig": sig}
    assert checkout.send(members).json() == {"message": WRONG_KEY}


def test_sig_may_be_in_capitals(checkout: CheckOut) -> None:
    members = signed(checkout.key, order())
    assert checkout.send(members | {"sig": members["sig"].upper()}).json()["message"] == "success"


@pytest.mark.parametrize("minutes", [-5, 5])
def test_timestamp_may_be_five_minutes_off(checkout: CheckOut, minutes: int) -> None:
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    assert checkout.send(signed(checkout.key, order(), at)).json()["message"] == "success"


@pytest.mark.parametrize("minutes", [-7, 7, 60 * 24 * 365])
def test_timestamp_further_off_is_refused(checkout: CheckOut, minutes: int) -> None:
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    assert checkout.send(signed(checkout.key, order(), at)).json() == {"message": WRONG_KEY}


@pytest.mark.parametrize(
    "timestamp", ["2024-02-29 12:00", "20240230 12:00", "20240229 25:00", "now", "", None]
)
def test_timestamp_of_another_form_is_refused(checkout: CheckOut, timestamp: Any) -> None:
    members = signed(checkout.key, order()) | {"timestamp": timestamp}
    members["sig"] = signature(checkout, "CheckOut", timestamp or "")
    assert checkout.send(members).json() == {"message": WRONG_KEY}


def test_timestamp_window_is_real_time_under_a_test_clock(checkout: CheckOut, sandbox: Sandbox) -> None:
    sandbox.advance(40)
    assert checkout.call(order())["message"] == "success"


def test_object_is_json_text_or_the_object_itself(checkout: CheckOut) -> None:
    members: dict[str, Any] = dict(signed(checkout.key, order()))
    assert checkout.send(members).json()["message"] == "success"
    members["object"] = order()
    assert checkout.send(members).json()["message"] == "success"
    capitals = {name.upper(): value for name, value in signed(checkout.key, order()).items()}
    assert checkout.send(capitals).json()["message"] == "success"


def test_call_may_come_as_form_fields(checkout: CheckOut, server: Server) -> None:
    body = urlencode(signed(checkout.key, order())).encode()
    answer = server.request("POST", "/checkout", body, {"Content-Type": "application/x-www-form-urlencoded"})
    assert (answer.status, answer.json()["message"]) == (200, "success")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{", "object is not JSON: line 1, column 2."),
        ("5", "object must be an object."),
        ("[]", "object must be an object."),
        (order(AmountPaid=None), "object.AmountPaid is required."),
        (order(AmountPaid="much"), "object.AmountPaid is not a number."),
        (order(AmountPaid="0"), 'AmountPaid "0" must be more than nothing.'),
        (order(AmountPaid="1.234"), 'AmountPaid "1.234" has more decimals than the 2 of USD.'),
        (order(LastName=["a"]), "object.LastName is not text."),
    ],
)
def test_object_that_cannot_be_read_is_400(checkout: CheckOut, given: Any, message: str) -> None:
    answer = checkout.send(signed(checkout.key, given))
    assert (answer.status, answer.json()) == (400, {"message": message})


def test_object_is_required(checkout: CheckOut) -> None:
    members = signed(checkout.key, order())
    del members["object"]
    assert checkout.send(members).json() == {"message": "object is required."}
    answer = checkout.server.request("POST", "/checkout", b"{", {"Content-Type": "application/json"})
    assert (answer.status, list(answer.json())) == (400, ["message"])


def test_amountpaid_is_what_the_client_is_charged(checkout: CheckOut, client: Client) -> None:
    for amount in ("50.24", 50.24):
        ids = checkout.done(order(AmountPaid=amount))
        assert [one.amount for one in taken(client, ids)] == [Decimal("50.24")]


# --- success --------------------------------------------------------------------------------------------------------


def test_success_returns_the_ids_of_five_items(
    checkout: CheckOut, client: Client, books_are_right: Check
) -> None:
    answered = checkout.call(order())
    assert list(answered) == ["message", "ClientID", "Invoice", "Fee", "Recurring", "Payment"]
    assert all(isinstance(value, str) for value in answered.values())
    assert answered["Recurring"] == ""
    (made,) = taken(client, answered)
    assert made.merchantTransactionId == answered["Payment"]
    assert shop.log(made) == ["Captured", "New"]
    books_are_right()


def test_new_client_is_an_account_with_a_card(checkout: CheckOut, client: Client) -> None:
    where = {"Address": "303 Twin Dolphin Drive", "Address2": "Suite 200", "City": "Redwood City", "State": "CA",
             "Zip": "94065", "Country": "US", "Phone": "650-555-0100", "Company": "Reader & Co"}  # fmt: skip
    account = account_of(client, checkout.done(order(**where)))
    assert (account.name, account.company, account.emailAddress) == (
        "Ada Reader",
        "Reader & Co",
        "ada@example.org",
    )
    address = account.shippingAddress
    assert (address.addr1, address.addr2, address.city, address.district) == (
        "303 Twin Dolphin Drive", "Suite 200", "Redwood City", "CA",
    )  # fmt: skip
    assert (address.postalCode, address.country, address.phone) == ("94065", "US", "650-555-0100")
    (method,) = account.paymentMethods
    assert (method.creditCard.account, method.creditCard.expirationDate) == ("411111XXXXXX1111", "203812")


def test_clientid_is_charged_by_the_card_on_file_and_its_members_change_it(
    checkout: CheckOut, client: Client
) -> None:
    first = checkout.done(order())
    again = checkout.done({"ClientID": first["ClientID"], "AmountPaid": 5, "Company": "Reader & Co"})
    assert again["ClientID"] == first["ClientID"]
    account = account_of(client, first)
    assert (account.name, account.company) == ("Ada Reader", "Reader & Co")
    assert sorted(one.amount for one in taken(client, first)) == [Decimal("5.00"), Decimal("50.24")]


def test_clientid_with_another_card_is_charged_by_that_one(checkout: CheckOut, client: Client) -> None:
    first = checkout.done(order())
    other = {"CCNumber": "5454541111111111", "CCExp": "1239"}
    checkout.done({"ClientID": first["ClientID"], "AmountPaid": "6.00"} | other)
    newest = next(one for one in taken(client, first) if one.amount == Decimal("6.00"))
    assert newest.sourcePaymentMethod.creditCard.account == "545454XXXXXX1111"


def test_bank_account_is_debited(
    checkout: CheckOut, client: Client, sandbox: Sandbox, books_are_right: Check
) -> None:
    bank = {"RoutingNumber": "110000000", "AccountNumber": "123456789", "AccountType": "ConsumerChecking"}
    ids = checkout.done(CLIENT | bank | {"AmountPaid": "50.00"})
    assert taken(client, ids)[0].statusLog[0].status == "AuthorizedPending"
    sandbox.bill()
    assert taken(client, ids)[0].statusLog[0].status == "Captured"
    books_are_right()


def test_fee_is_billed_and_what_is_paid_above_it_is_credit(
    checkout: CheckOut, client: Client, books_are_right: Check
) -> None:
    ids = checkout.done(order(Amount="10.00", Quantity="3", Category="setup", AmountPaid="50.00"))
    credit = account_of(client, ids).credit
    assert [grant.amount for grant in credit.currencyAmounts] == [Decimal("20.00")]
    assert ids["Fee"].startswith(ids["Invoice"])
    books_are_right()


def test_less_than_the_fee_leaves_the_invoice_unpaid(checkout: CheckOut, books_are_right: Check) -> None:
    assert checkout.call(order(Amount="100.00", AmountPaid="1.00"))["message"] == "success"
    books_are_right()


@pytest.mark.parametrize(
    ("frequency", "days"), [("Monthly", 31), ("Quarterly", 92), ("Yearly", 366), (None, 31)]
)
def test_recurring_is_an_autobill_billed_one_period_later(
    checkout: CheckOut,
    client: Client,
    sandbox: Sandbox,
    books_are_right: Check,
    frequency: str | None,
    days: int,
) -> None:
    sandbox.set_clock("2024-01-15T12:00:00")
    ids = checkout.done(order(Recurring=True, Frequency=frequency, Amount="20.00", AmountPaid="20.00"))
    bill = client("AutoBill").fetchByMerchantAutoBillId(merchantAutoBillId=ids["Recurring"]).autobill
    assert bill.nextBilling.amount == Decimal("20.00")
    assert len(taken(client, ids)) == 1
    sandbox.advance(days)
    assert [one.amount for one in taken(client, ids)] == [Decimal("20.00")] * 2
    books_are_right()


def test_recurring_starts_one_period_after_the_start_date(
    checkout: CheckOut, client: Client, sandbox: Sandbox
) -> None:
    sandbox.set_clock("2024-01-15T12:00:00")
    ids = checkout.done(order(Recurring="true", StartDate="2024-01-20"))
    bill = client("AutoBill").fetchByMerchantAutoBillId(merchantAutoBillId=ids["Recurring"]).autobill
    assert bill.startTimestamp.date().isoformat() == "2024-02-20"


# --- the other return values ----------------------------------------------------------------------------------------


def test_messages_are_those_of_the_text() -> None:
    assert [message.text for message in MESSAGES.values()] == [
        "success",
        "Error with Creating Client",
        "NMI Error with Client",
        "Error with Creating Invoice",
        "Error with Creating Fee",
        "Error with Creating Recurring",
        "NMI Error with Processing Payment",
        "Error with Creating Payment Record but it has been processed",
    ]
    assert (WRONG_KEY, WRONG_SERVICE) == ("Error with apikey", "Error selecting service")


def test_error_with_apikey_and_error_selecting_service_stand_alone(checkout: CheckOut) -> None:
    assert checkout.send({}).json() == {"message": WRONG_KEY}
    key = new_key(checkout.server, _new_merchant(checkout.server), _other_purpose())
    assert checkout.send(signed(checkout.key, order()) | {"apikey": key.key}).json() == {"message": WRONG_KEY}


def _other_purpose() -> Any:
    from cashbox_service.app.operating.merchant_keys import KeyPurpose

    return KeyPurpose.MAKE_PAYMENT


@pytest.mark.parametrize(
    "wrong",
    [
        {"FirstName": None, "LastName": None},
        {"ClientID": "999999"},
        {"ClientID": "abc"},
        {"LastName": "x" * 256},
        {"City": "x" * 256},
    ],
)
def test_error_with_creating_client(checkout: CheckOut, wrong: dict[str, Any]) -> None:
    assert checkout.call(order(**wrong)) == {"message": "Error with Creating Client"}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"CCNumber": "4000000000000002"}, "303"),
        ({"CCNumber": "4555555555555550"}, "502"),
        ({"CCNumber": "4111111111111112"}, "201"),
        ({"CCExp": "0120"}, "522"),
        ({"CCExp": "99"}, "225"),
        ({"CCNumber": None}, "304"),
        ({"CCNumber": None, "AccountNumber": "1", "RoutingNumber": "1"}, "225"),
    ],
)
def test_nmi_error_with_client_has_a_response_code(
    checkout: CheckOut, wrong: dict[str, Any], code: str
) -> None:
    assert checkout.call(order(**wrong)) == {"message": "NMI Error with Client", "Response_code": code}


def test_nmi_error_with_client_when_the_processor_does_not_answer(
    checkout: CheckOut, sandbox: Sandbox
) -> None:
    sandbox.script({"timeOut": "request"})
    assert checkout.call(order()) == {"message": "NMI Error with Client", "Response_code": "0"}


def test_error_with_creating_invoice_returns_clientid(checkout: CheckOut, client: Client) -> None:
    answered = checkout.call(order(Currency="XXQ"))
    assert list(answered) == ["message", "ClientID"]
    assert answered["message"] == "Error with Creating Invoice"
    assert account_of(client, answered).name == "Ada Reader"


@pytest.mark.parametrize(
    "wrong",
    [
        {"Amount": "0"},
        {"Amount": "lots"},
        {"Quantity": "none"},
        {"Description": "x" * 256},
        {"Amount": "0.001"},
    ],
)
def test_error_with_creating_fee_returns_clientid_and_invoice(
    checkout: CheckOut, client: Client, wrong: dict[str, Any], books_are_right: Check
) -> None:
    answered = checkout.call(order(**wrong))
    assert list(answered) == ["message", "ClientID", "Invoice"]
    assert answered["message"] == "Error with Creating Fee"
    assert taken(client, answered) == []
    books_are_right()


@pytest.mark.parametrize(
    "wrong",
    [{"Frequency": "Daily"}, {"StartDate": "soon"}, {"StartDate": "2001-01-01"}, {"Recurring": "maybe"}],
)
def test_error_with_creating_recurring_returns_three_ids(
    checkout: CheckOut, client: Client, wrong: dict[str, Any], books_are_right: Check
) -> None:
    answered = checkout.call(order(**({"Recurring": True} | wrong)))
    assert list(answered) == ["message", "ClientID", "Invoice", "Fee"]
    assert answered["message"] == "Error with Creating Recurring"
    assert taken(client, answered) == []
    books_are_right()


def test_nmi_error_with_processing_payment_returns_a_code_and_four_ids(
    checkout: CheckOut, client: Client, sandbox: Sandbox, books_are_right: Check
) -> None:
    sandbox.script({"operation": "authorize", "authCode": "302"})
    answered = checkout.call(order())
    assert list(answered) == ["message", "Response_code", "ClientID", "Invoice", "Fee", "Recurring"]
    assert answered["message"] == "NMI Error with Processing Payment"
    assert answered["Response_code"] == "302"
    assert shop.log(taken(client, answered)[0]) == ["Cancelled", "New"]
    books_are_right()


# --- repeats --------------------------------------------------------------------------------------------------------


def test_repeat_answers_the_same_and_moves_no_money(checkout: CheckOut, client: Client) -> None:
    call = signed(checkout.key, order(Recurring=True))
    first, again = checkout.send(call).json(), checkout.send(call).json()
    assert first == again
    assert len(taken(client, first)) == 1


def test_repeat_of_a_failure_answers_the_same_failure(
    checkout: CheckOut, client: Client, sandbox: Sandbox
) -> None:
    declined = signed(checkout.key, order())
    sandbox.script({"operation": "authorize", "authCode": "302"})
    first, again = checkout.send(declined).json(), checkout.send(declined).json()
    assert first == again
    assert len(taken(client, first)) == 1
    broken = signed(checkout.key, order(Amount="lots"))
    assert checkout.send(broken).json() == checkout.send(broken).json()


def test_repeat_after_a_lost_answer_finishes_the_payment(
    checkout: CheckOut, client: Client, sandbox: Sandbox, books_are_right: Check
) -> None:
    call = signed(checkout.key, order())
    sandbox.script({"operation": "authorize", "timeOut": "answer"})
    first = checkout.send(call).json()
    assert (first["message"], first["Response_code"]) == ("NMI Error with Processing Payment", "0")
    again = checkout.send(call).json()
    assert again["message"] == "success"
    assert {name: again[name] for name in ("ClientID", "Invoice", "Fee")} == {
        name: first[name] for name in ("ClientID", "Invoice", "Fee")
    }
    assert [one.amount for one in taken(client, again)] == [Decimal("50.24")]
    books_are_right()


def test_two_orders_of_the_same_content_in_one_minute_are_one(checkout: CheckOut, client: Client) -> None:
    given = order()
    assert checkout.done(given) == checkout.done(given)


def test_client_of_another_merchant_is_not_found(checkout: CheckOut, server: Server) -> None:
    from cashbox_service.app.operating.merchant_keys import KeyPurpose

    ids = checkout.done(order())
    stranger = CheckOut(server, new_key(server, _new_merchant(server), KeyPurpose.CHECKOUT))
    answered = stranger.call({"ClientID": ids["ClientID"], "AmountPaid": 1} | CARD)
    assert answered == {"message": "Error with Creating Client"}


def test_card_number_is_in_no_answer(checkout: CheckOut) -> None:
    for given in (order(), order(CCExp="x"), json.dumps(order(AmountPaid="x"))):
        assert b"4111111111111111" not in checkout.send(signed(checkout.key, given)).body
