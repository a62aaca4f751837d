"""Finding payment methods, and accounts by a payment method (payment-method §3.4, account §2.8)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Client
from tests.services import shop
from tests.services.decrees import Decrees
from tests.services.wire import Wire

UNKNOWN = "0" * 40
DEBIT = {"type": "DirectDebit", "accountHolderName": "J", "directDebit": {"account": "NL91ABNA0417164300"}}


def of_account(client: Client, account: Any, **options: Any) -> list[str]:
    answer = client("PaymentMethod").fetchByAccount(account=shop.reference(account), **options)
    return [method.VID for method in answer.paymentMethods]


def owners(client: Client, pattern: dict[str, Any], page: int = 0, size: int = 100) -> list[str]:
    """The VIDs of the accounts that have a payment method like this."""
    answer = client("Account").fetchByPaymentMethod(paymentMethod=pattern, page=page, pageSize=size)
    return [account.VID for account in answer.accounts]


def nobody(client: Client, pattern: dict[str, Any], page: int = 0) -> None:
    answer = (
        client("Account").expecting(404).fetchByPaymentMethod(paymentMethod=pattern, page=page, pageSize=100)
    )
    assert answer["return"].returnString == "No accounts found for payment method."
    assert answer.accounts == []


def test_a_payment_method_is_found_by_either_id(shared: Client) -> None:
    method = shop.account(
        shared, paymentMethods=[shop.card(merchantPaymentMethodId=shop.new_id("m"))]
    ).paymentMethods[0]

    by_vid = shared("PaymentMethod").fetchByVid(vid=method.VID).paymentMethod
    by_id = (
        shared("PaymentMethod")
        .fetchByMerchantPaymentMethodId(paymentMethodId=method.merchantPaymentMethodId)
        .paymentMethod
    )

    assert str(by_vid) == str(by_id) == str(method)


@pytest.mark.parametrize(
    ("operation", "parameter", "text"),
    [
        ("fetchByVid", "vid", "Unable to find requested PaymentMethod:  No matches."),
        (
            "fetchByMerchantPaymentMethodId",
            "paymentMethodId",
            "Unable to find requested PaymentMethod:  No match.",
        ),
    ],
)
def test_an_id_nobody_has_is_not_found(shared: Client, operation: str, parameter: str, text: str) -> None:
    answer = getattr(shared("PaymentMethod").expecting(404), operation)(**{parameter: UNKNOWN})

    assert (answer["return"].returnString, answer.paymentMethod) == (text, None)


@pytest.mark.parametrize(
    ("operation", "parameter"), [("fetchByVid", "vid"), ("fetchByMerchantPaymentMethodId", "paymentMethodId")]
)
@pytest.mark.parametrize("form", ["", "<{0}/>", "<{0}> </{0}>"])
def test_an_id_has_to_be_given(shared_wire: Wire, operation: str, parameter: str, form: str) -> None:
    reply = shared_wire.call("PaymentMethod", operation, form.format(parameter))

    assert (reply.code, reply.text) == (400, f"Missing required parameter '{parameter}'.")


def test_the_active_ones_of_an_account_come_by_order_of_preference(shared: Client) -> None:
    account = shop.account(
        shared, paymentMethods=[shop.card(), shop.paypal(active=False), shop.bank_account()]
    )
    card, bank = account.paymentMethods

    assert of_account(shared, account) == [card.VID, bank.VID]
    shared("PaymentMethod").update(
        paymentMethod={"VID": bank.VID, "sortOrder": 0},
        validate=False,
        minChargebackProbability=100,
        replaceOnAllAutoBills=False,
    )
    assert of_account(shared, account) == [bank.VID, card.VID]
    by_id = {"merchantAccountId": account.merchantAccountId}
    assert len(shared("PaymentMethod").fetchByAccount(account=by_id).paymentMethods) == 2


def test_those_of_children_come_when_asked_for(shared: Client, decrees: Decrees) -> None:
    parent, child = (shop.account(shared, paymentMethods=[shop.card()]) for _ in range(2))
    decrees.adopt(parent, child)
    own, childs = parent.paymentMethods[0].VID, child.paymentMethods[0].VID

    assert of_account(shared, parent) == of_account(shared, parent, includeChildren=False) == [own]
    assert of_account(shared, parent, includeChildren=True) == [own, childs]
    assert of_account(shared, child, includeChildren=True) == [childs]


@pytest.mark.parametrize("methods", [[], [shop.card(active=False)]])
def test_an_account_without_active_ones_has_none(shared: Client, methods: list[dict[str, Any]]) -> None:
    account = shop.account(shared, paymentMethods=methods)

    answer = shared("PaymentMethod").expecting(404).fetchByAccount(account=shop.reference(account))

    assert answer["return"].returnString == "No PaymentMethods found for account."


@pytest.mark.parametrize("reference", [{"VID": UNKNOWN}, {"merchantAccountId": "nobody"}])
def test_an_unknown_account_is_not_found(shared: Client, reference: dict[str, str]) -> None:
    answer = shared("PaymentMethod").expecting(404).fetchByAccount(account=reference)

    assert answer["return"].returnString == "Account not found."


@pytest.mark.parametrize("arguments", ["", "<account/>", "<account><name>x</name></account>"])
def test_an_account_has_to_be_given(shared_wire: Wire, arguments: str) -> None:
    reply = shared_wire.call("PaymentMethod", "fetchByAccount", arguments)

    assert (reply.code, reply.text) == (400, "Account parameter is required.")


ECP = {"type": "ECP", "ecp": {"account": "123456789", "routingNumber": "110000000"}}


@pytest.mark.parametrize(
    ("stored", "pattern"),
    [
        (shop.card(), {"type": "CreditCard", "creditCard": {"account": "4111 1111 1111 1111"}}),
        (ECP, ECP),
        (
            {"type": "PayPal", "paypal": {"paypalEmail": "Payer@example.org"}},
            {"type": "PayPal", "paypal": {"paypalEmail": "payer@EXAMPLE.org"}},
        ),
        ({"type": "PayPal", "paypal": {"paypalEmail": "p@example.org"}}, {"type": "PayPal"}),
        (
            {"type": "PayPal", "paypal": {"paypalEmail": "p@example.org"}},
            {"type": "PayPal", "paypal": {"payerId": "X"}},
        ),
    ],
)
def test_accounts_are_found_by_what_identifies_a_payment_method(
    client: Client, stored: dict[str, Any], pattern: dict[str, Any]
) -> None:
    one, other = (shop.account(client, paymentMethods=[stored, shop.invoiced()]) for _ in range(2))
    shop.account(client, paymentMethods=[shop.card(shop.OTHER_CARD), shop.bank_account("987654321"), DEBIT])
    retired = shop.account(client, paymentMethods=[stored | {"active": False}])

    found = [one.VID, other.VID, retired.VID]

    assert owners(client, pattern) == found
    assert [owners(client, pattern, number, 2) for number in (0, 1)] == [found[:2], found[2:]]
    nobody(client, pattern, page=1)


def test_an_account_appears_once_however_many_of_its_cards_match(client: Client) -> None:
    account = shop.account(client, paymentMethods=[shop.card(expiry="203812"), shop.card(expiry="204001")])

    assert owners(client, {"type": "CreditCard", "creditCard": {"account": shop.CARD}}) == [account.VID]


@pytest.mark.parametrize("key", ["VID", "merchantPaymentMethodId"])
def test_accounts_are_found_by_the_id_of_a_payment_method_before_anything_else(
    client: Client, key: str
) -> None:
    account = shop.account(client, paymentMethods=[shop.card(merchantPaymentMethodId=shop.new_id("m"))])
    shop.account(client, paymentMethods=[shop.card(shop.OTHER_CARD)])
    pattern = {key: account.paymentMethods[0][key]} | shop.card(shop.OTHER_CARD)

    assert owners(client, pattern) == [account.VID]
    nobody(client, {key: "nobody's"} | shop.card(shop.OTHER_CARD))


def test_the_routing_number_is_a_part_of_a_bank_account(client: Client) -> None:
    account = shop.account(client, paymentMethods=[ECP])
    other_bank = {"type": "ECP", "ecp": {"account": "123456789", "routingNumber": "021000021"}}

    nobody(client, other_bank)
    client("Account").update(
        account=shop.reference(account)
        | {"paymentMethods": [{"VID": account.paymentMethods[0].VID, "ecp": {"routingNumber": "021000021"}}]}
    )
    assert owners(client, other_bank) == [account.VID]
    nobody(client, ECP)


def test_a_changed_number_is_found_in_place_of_the_old_one(client: Client) -> None:
    account = shop.account(client, paymentMethods=[shop.card()])

    client("Account").update(
        account=shop.reference(account)
        | {
            "paymentMethods": [
                {"VID": account.paymentMethods[0].VID, "creditCard": {"account": shop.OTHER_CARD}}
            ]
        }
    )

    assert owners(client, shop.card(shop.OTHER_CARD)) == [account.VID]
    nobody(client, shop.card())


@pytest.mark.parametrize(
    "pattern",
    [
        {"type": "CreditCard"},
        {"type": "CreditCard", "creditCard": {"account": "411111XXXXXX1111"}},
        {"type": "CreditCard", "creditCard": {"lastDigits": "1111"}},
        {"creditCard": {"account": shop.CARD}},
        {"type": "ECP", "ecp": {"account": "123456789"}},
        {"type": "ECP", "ecp": {"routingNumber": "110000000"}},
        {"type": "Boleto"},
        {"type": "DirectDebit", "directDebit": {"account": "NL91ABNA0417164300"}},
        {"type": "MerchantAcceptedPayment", "merchantAcceptedPayment": {"paymentType": "Cheque"}},
        {"type": "Token", "token": {"merchantTokenId": "mile"}},
        {"accountHolderName": "Ada"},
    ],
)
@pytest.mark.parametrize("service", ["Account", "Transaction"])
def test_what_identifies_nothing_is_no_pattern(shared: Client, service: str, pattern: dict[str, Any]) -> None:
    answer = shared(service).expecting(400).fetchByPaymentMethod(paymentMethod=pattern, page=0, pageSize=100)

    assert answer["return"].returnString.startswith("The payment method cannot be searched for: ")


def test_a_fiscal_number_nobody_has_is_a_pattern_all_the_same(shared: Client) -> None:
    nobody(shared, {"type": "Boleto", "boleto": {"fiscalNumber": "123"}})


@pytest.mark.parametrize("service", ["Account", "Transaction"])
@pytest.mark.parametrize(
    ("paging", "text"),
    [
        ("<page>-1</page><pageSize>5</pageSize>", 'page "-1" must not be negative.'),
        ("<page>0</page><pageSize>0</pageSize>", 'pageSize "0" must be greater than 0.'),
        ("<page>0</page><pageSize>-7</pageSize>", 'pageSize "-7" must be greater than 0.'),
    ],
)
def test_a_page_that_makes_no_sense_is_refused(
    shared_wire: Wire, service: str, paging: str, text: str
) -> None:
    pattern = "<paymentMethod><type>PayPal</type></paymentMethod>"

    reply = shared_wire.call(service, "fetchByPaymentMethod", pattern + paging)

    assert (reply.code, reply.text) == (400, text)


@pytest.mark.parametrize("service", ["Account", "Transaction"])
@pytest.mark.parametrize("arguments", ["", "<paymentMethod/><page>0</page><pageSize>5</pageSize>"])
def test_a_pattern_has_to_be_given(shared_wire: Wire, service: str, arguments: str) -> None:
    reply = shared_wire.call(service, "fetchByPaymentMethod", arguments)

    assert (reply.code, reply.text) == (400, "Missing required parameter 'paymentMethod'.")


def test_absent_paging_means_the_first_hundred(client: Client, wire: Wire) -> None:
    account = shop.account(client, paymentMethods=[shop.paypal()])

    for paging in ("", "<page/><pageSize/>"):
        reply = wire.call(
            "Account", "fetchByPaymentMethod", f"<paymentMethod><type>PayPal</type></paymentMethod>{paging}"
        )
        assert reply.values("accounts/VID") == [account.VID]
