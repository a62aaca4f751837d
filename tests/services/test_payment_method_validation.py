"""Proving a payment method: PaymentMethod.update with validate, and PaymentMethod.validate (payment-method §3, §5)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Client
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.wire import Wire

LUHN = (
    "Data validation error Failed to create Payment-Type-Specific Payment Record: "
    "Credit Card conversion failed: Credit Card failed Luhn check. "
)
OPERATIONS = ("update", "validate")

APPROVED = (
    "4111111111111111", "5454541111111111", "4485983356242217", "4112344112344113", "4408041234567893",
    "4113900000000007", "4242424242424242", "5555555555554444", "378282246310005", "6011111111111117",
)  # fmt: skip
DECLINED = (
    ("4555555555555550", "502"),
    ("6011555555555553", "302"),
    ("5255555555555550", "303"),
    ("4000000000000002", "303"),
    ("4000000000000069", "522"),
    ("4000000000000119", "301"),
)


def ask(client: Client, operation: str, method: dict[str, Any], expecting: int = 200, **options: Any) -> Any:
    given: dict[str, Any] = {"minChargebackProbability": 100} | options
    if operation == "update":
        given |= {"validate": True, "replaceOnAllAutoBills": False}
    return getattr(client("PaymentMethod").expecting(expecting), operation)(paymentMethod=method, **given)


def stored(client: Client, key: str) -> bool:
    answer = client("PaymentMethod").expecting(None).fetchByMerchantPaymentMethodId(paymentMethodId=key)
    return bool(answer["return"].returnCode == 200)


def named(method: dict[str, Any]) -> tuple[dict[str, Any], str]:
    key = shop.new_id("method")
    return method | {"merchantPaymentMethodId": key}, key


@pytest.mark.parametrize("number", APPROVED)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_these_cards_are_approved(shared: Client, operation: str, number: str) -> None:
    answer = ask(shared, operation, shop.card(number))

    assert answer["return"].returnString == "OK"
    assert (answer.validated, answer.score, answer.scoreCodes) == (True, -1, [])
    status = answer.authStatus
    assert (status.status, status.paymentMethodType) == ("AuthorizedForValidation", "CreditCard")
    assert status.creditCardStatus.authCode == "T00"
    assert (status.creditCardStatus.avsCode, status.creditCardStatus.cvnCode, status.vinAVS) == (
        None,
        None,
        None,
    )


@pytest.mark.parametrize(("number", "code"), DECLINED)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_these_cards_are_declined_and_nothing_is_stored(
    shared: Client, operation: str, number: str, code: str
) -> None:
    method, key = named(shop.card(number))

    answer = ask(shared, operation, method, 402)

    assert answer["return"].returnString == f"Unable to authorize payment method: {code}"
    assert answer.validated is False
    assert (answer.authStatus.status, answer.authStatus.creditCardStatus.authCode) == ("Cancelled", code)
    assert answer.score == -1
    if operation == "update":
        assert (answer.created, answer.paymentMethod) == (False, None)
    else:
        assert answer.avsCvnPolicyEvaluationDetails is None
    assert not stored(shared, key)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_number_that_fails_the_check_digit_never_reaches_the_processor(
    shared: Client, operation: str
) -> None:
    answer = ask(shared, operation, shop.card("1111111111111111"), 400)

    assert (answer["return"].returnString, answer.validated, answer.authStatus) == (LUHN, False, None)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_expired_card_is_declined(shared: Client, operation: str) -> None:
    assert (
        ask(shared, operation, shop.card(expiry="202001"), 402).authStatus.creditCardStatus.authCode == "522"
    )


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_code_may_be_ordered_by_name_value_pair(shared: Client, operation: str) -> None:
    ordered = shop.card(nameValues=[{"name": "vin:TestAuthCode", "value": "530"}])

    answer = ask(shared, operation, ordered, 402)

    assert answer["return"].returnString == "Unable to authorize payment method: 530"


NOTHING: dict[str, Any] = {}
POLICIES = [
    # number, address line, CVN, waived, code, text
    (shop.AVS_NO_MATCH, None, None, NOTHING, 407, "Failed AVS policy evaluation"),
    (shop.CARD, "AVS:N", None, NOTHING, 407, "Failed AVS policy evaluation"),
    (shop.CARD, "AVS:A", None, NOTHING, 200, "OK"),
    (shop.CARD, "AVS:U", None, NOTHING, 200, "OK"),
    (shop.CARD, None, "201", NOTHING, 408, "Failed CVN policy evaluation"),
    (shop.CARD, None, "200", NOTHING, 200, "OK"),
    (shop.CARD, None, "202", NOTHING, 200, "OK"),
    (shop.CARD, "AVS:N", "201", NOTHING, 409, "Failed AVS and CVN policy evaluation"),
    (shop.CARD, "AVS:N", "201", {"ignoreAvsPolicy": True}, 408, "Failed CVN policy evaluation"),
    (shop.CARD, "AVS:N", "201", {"ignoreCvnPolicy": True}, 407, "Failed AVS policy evaluation"),
    (shop.CARD, "AVS:N", "201", {"ignoreAvsPolicy": True, "ignoreCvnPolicy": True}, 200, "OK"),
]


def checked(number: str, address: str | None, cvn: str | None) -> dict[str, Any]:
    """A card with what triggers the checks."""
    method = shop.card(number)
    if address is not None:
        method["billingAddress"] = {"addr1": address}
    if cvn is not None:
        method["nameValues"] = [{"name": "CVN", "value": cvn}]
    return method


@pytest.mark.parametrize(("number", "address", "cvn", "waived", "code", "text"), POLICIES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_policies_judge_what_the_processor_found(
    shared: Client,
    operation: str,
    number: str,
    address: str | None,
    cvn: str | None,
    waived: dict[str, bool],
    code: int,
    text: str,
) -> None:
    method, key = named(checked(number, address, cvn))

    answer = ask(shared, operation, method, code, **waived)

    assert answer["return"].returnString == text
    assert answer.validated is (code == 200)
    status = answer.authStatus
    assert status.status == ("AuthorizedForValidation" if code == 200 else "Cancelled")
    assert status.creditCardStatus.authCode == "T00"
    assert stored(shared, key) is (code == 200 and operation == "update")
    if operation == "validate":
        details = answer.avsCvnPolicyEvaluationDetails
        assert (details.returnCode, details.returnString) == (str(code), text)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_codes_of_the_checks_are_told(shared: Client, operation: str) -> None:
    answer = ask(shared, operation, checked(shop.CARD, "AVS:A", "203"))

    card = answer.authStatus.creditCardStatus
    assert (card.avsCode, card.cvnCode, answer.authStatus.vinAVS) == ("A", "S", "PartialMatch")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_strict_merchant_refuses_a_card_that_was_not_checked(
    client: Client, sandbox: Sandbox, operation: str
) -> None:
    sandbox.settings(avsCvnRequired=True)

    answer = ask(client, operation, shop.card(), 410)
    assert answer["return"].returnString == "AVS and CVN policy evaluation could not be performed"
    assert ask(client, operation, checked(shop.CARD, None, "200")).validated is True
    assert ask(client, operation, shop.card(), ignoreAvsPolicy=True, ignoreCvnPolicy=True).validated is True


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("method", "part"),
    [
        (shop.bank_account(), "ecpStatus"),
        (
            {
                "type": "DirectDebit",
                "accountHolderName": "J",
                "directDebit": {"account": "NL91ABNA0417164300"},
            },
            "directDebitStatus",
        ),
    ],
)
def test_bank_accounts_are_validated(
    shared: Client, operation: str, method: dict[str, Any], part: str
) -> None:
    answer = ask(shared, operation, method)

    assert answer.validated is True
    assert answer.authStatus.status == "AuthorizedForValidation"
    assert answer.authStatus[part].authCode == "T00"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_unknown_bank_is_declined(shared: Client, operation: str) -> None:
    method = {"type": "ECP", "ecp": {"account": "123456789", "routingNumber": "000000000"}}

    answer = ask(shared, operation, method, 402)

    assert answer["return"].returnString == "Unable to authorize payment method: 750"
    assert answer.authStatus.ecpStatus.authCode == "750"


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(("method", "validated"), [(shop.invoiced(), True), (shop.paypal(), False)])
def test_other_types_are_taken_without_asking_anybody(
    shared: Client, operation: str, method: dict[str, Any], validated: bool
) -> None:
    method, key = named(method)

    answer = ask(shared, operation, method)

    assert (answer.validated, answer.authStatus) == (validated, None)
    assert stored(shared, key) is (operation == "update")


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("number", [shop.CARD, shop.HARD_DECLINED])
def test_a_failed_validation_leaves_a_stored_payment_method_as_it_was(
    shared: Client, operation: str, number: str
) -> None:
    before = (
        shared("PaymentMethod")
        .update(
            paymentMethod=shop.card(shop.OTHER_CARD),
            validate=False,
            minChargebackProbability=100,
            replaceOnAllAutoBills=False,
        )
        .paymentMethod
    )

    ask(shared, operation, shop.card(number) | {"VID": before.VID}, 200 if number == shop.CARD else 402)

    after = shared("PaymentMethod").fetchByVid(vid=before.VID).paymentMethod
    changed = operation == "update" and number == shop.CARD
    assert (after.creditCard.account != before.creditCard.account) is changed


@pytest.mark.parametrize(
    ("method", "validated"), [(shop.card(), True), (shop.invoiced(), True), (shop.paypal(), False)]
)
def test_a_stored_payment_method_is_validated_by_its_id_alone(
    shared: Client, method: dict[str, Any], validated: bool
) -> None:
    method, key = named(method)
    shared("PaymentMethod").update(
        paymentMethod=method, validate=False, minChargebackProbability=100, replaceOnAllAutoBills=False
    )

    assert ask(shared, "validate", {"merchantPaymentMethodId": key}).validated is validated


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_unknown_vid_is_not_validated(shared: Client, operation: str) -> None:
    answer = ask(shared, operation, {"VID": "0" * 40}, 404)

    assert answer["return"].returnString == f'No match found for VID "{"0" * 40}"'
    assert answer.validated is False


@pytest.mark.parametrize("form", ["", "<paymentMethod/>"])
def test_validate_needs_a_payment_method(shared_wire: Wire, form: str) -> None:
    reply = shared_wire.call("PaymentMethod", "validate", form)

    assert (reply.code, reply.text) == (400, "Missing required parameter 'paymentMethod'.")
    assert [str(part.tag) for part in reply.body] == ["return", "validated"]


def test_a_validation_is_kept_as_a_transaction_that_is_never_captured(
    client: Client, sandbox: Sandbox
) -> None:
    method = ask(
        client, "update", shop.card(currency="EUR", nameValues=[{"name": "CVN", "value": "200"}])
    ).paymentMethod

    sandbox.advance(days=3)

    (transaction,) = (
        client("Transaction")
        .fetchByPaymentMethod(paymentMethod=shop.reference(method), page=0, pageSize=10)
        .transactions
    )
    assert shop.log(transaction) == ["AuthorizedForValidation", "New"]
    assert (str(transaction.amount), transaction.currency) == ("1.00", "EUR")
    (line,) = transaction.transactionItems
    assert (line.name, line.price) == ("For Validation Only - no charge to you", Decimal("1.00"))
    assert (transaction.paymentProcessor, transaction.account) == ("Test", None)
    assert transaction.statusLog[0].creditCardStatus.cvnCode == "M"
    assert transaction.sourcePaymentMethod.VID == method.VID


def test_validate_leaves_no_transaction(client: Client) -> None:
    method, key = named(shop.card())
    client("PaymentMethod").update(
        paymentMethod=method, validate=False, minChargebackProbability=100, replaceOnAllAutoBills=False
    )

    ask(client, "validate", {"merchantPaymentMethodId": key})

    answer = client("Transaction").fetchByPaymentMethod(
        paymentMethod={"merchantPaymentMethodId": key}, page=0, pageSize=10
    )
    assert answer.transactions == []
